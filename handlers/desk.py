"""The commands of the office: its desk, a request or a talk opened, the volunteers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.text import N_
from handlers import handover, invitations, talking
from handlers.outcomes import begin, open_case, open_volunteer, settle
from handlers.rights import may_coordinate, may_talk
from handlers.turn import Denied, Tx
from storage import handovers
from storage.requests import Request


def open_request(tx: Tx, request: Request) -> None:
    """Show an officer a request and ask what to do with it.

    Raises:
        Denied: not somebody of the office.
    """
    if tx.person.role is None:
        raise Denied(
            N_("Only officers can open that. To see your own requests type *status*."),
            "open",
            f"request {request.code}",
        )
    talking.leave(tx)
    settle(tx, open_case(tx, request))


def _desk(tx: Tx, argument: str) -> None:
    del argument
    if tx.person.role is None:
        raise Denied(N_("The desk is for officers."), "desk", "desk")
    begin(tx, "desk")


def _talk(tx: Tx, argument: str) -> None:
    if not may_talk(tx.person):
        raise Denied(N_("Only officers can take a talk."), "talk", "handover")
    talking.leave(tx)
    handover.take_talk(tx, int(argument))


def _close(tx: Tx, argument: str) -> None:
    del argument
    talk = handovers.find_open(tx.connection, officer_id=tx.person.contact_id) if tx.person.role else None
    if talk is None:
        tx.say(N_("There is no talk to close."))
        tx.offer(N_("Main menu"), "menu")
        return
    handover.close_talk(tx, talk)


def _volunteers(tx: Tx, argument: str) -> None:
    """Show officers the volunteers; to others, what it is to become one."""
    del argument
    begin(tx, "volunteers" if may_coordinate(tx.person) else "volunteer_join")


def _volunteer(tx: Tx, argument: str) -> None:
    talking.leave(tx)
    settle(tx, open_volunteer(tx, int(argument)))


def _invite(tx: Tx, argument: str) -> None:
    del argument
    invitations.check_rights(tx)
    begin(tx, "invite")


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "desk": _desk,
        "talk": _talk,
        "close": _close,
        "volunteers": _volunteers,
        "volunteer": _volunteer,
        "invite": _invite,
    }
)

"""The commands of the office: its desk, a request or a talk opened, the volunteers, the events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.broadcast import read_kind
from flows.codes import find_code
from flows.text import N_
from handlers import (
    attendance,
    broadcast_control,
    broadcast_desk,
    broadcasts,
    guide_desk,
    handover,
    invitations,
    talking,
)
from handlers.outcomes import begin, settle
from handlers.rights import may_coordinate, may_talk
from handlers.turn import Denied, Tx
from handlers.views import open_broadcast, open_case, open_event, open_thread, open_visit, open_volunteer
from storage import handovers, visits
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
    if tx.conversation is None and may_coordinate(tx.person):
        tx.offer(N_("New broadcast"), "siaran baru")


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


def _visits(tx: Tx, argument: str) -> None:
    del argument
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers decide about visits."), "visits", "visits")
    begin(tx, "visits")


def _review(tx: Tx, argument: str) -> None:
    code = find_code(argument)
    talking.leave(tx)
    settle(tx, open_visit(tx, visits.find_visit(tx.connection, code=code) if code else None))


def _events(tx: Tx, argument: str) -> None:
    """Show officers and volunteers their lists of events; to others, whom events are for."""
    del argument
    if may_coordinate(tx.person):
        begin(tx, "event_desk")
    elif attendance.takes_part(tx):
        begin(tx, "events")
    else:
        talking.leave(tx)
        tx.say(N_("Events are for active volunteers. To become one, type *daftar relawan*."))
        tx.offer(N_("Become a volunteer"), "daftar relawan")
        tx.offer(N_("Main menu"), "menu")


def _event(tx: Tx, argument: str) -> None:
    talking.leave(tx)
    settle(tx, open_event(tx, int(argument)))


def _new_event(tx: Tx, argument: str) -> None:
    del argument
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers look after events."), "event announce", "event")
    begin(tx, "event_new")


def _new_broadcast(tx: Tx, argument: str) -> None:
    broadcasts.check_rights(tx, "compose")
    kind = read_kind(argument)
    begin(tx, "broadcast_new", {"kind": kind} if kind else {})


def _request_of_broadcast(tx: Tx, argument: str) -> None:
    broadcasts.check_rights(tx, "decide")
    talking.leave(tx)
    broadcast_desk.tell_request(tx, int(argument))


def _approve(tx: Tx, argument: str) -> None:
    number, _, seen = argument.partition(" ")
    broadcasts.check_rights(tx, "approve", f"broadcast {number}")
    talking.leave(tx)
    broadcasts.approve(tx, int(number), seen)


def _decline(tx: Tx, argument: str) -> None:
    number, _, seen = argument.partition(" ")
    broadcasts.check_rights(tx, "decline", f"broadcast {number}")
    if broadcasts.find_to_decide(tx, int(number)) is not None:
        begin(tx, "broadcast_decline", {"broadcast": int(number), "seen": seen})


def _new_guide(tx: Tx, argument: str) -> None:
    del argument
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers publish guides. To read them, type *panduan*."), "guide publish", "guide")
    begin(tx, "guide_new")


def _answer_guide(tx: Tx, argument: str) -> None:
    question = guide_desk.get_question(tx, int(argument))
    talking.leave(tx)
    settle(tx, open_thread(tx, question.guide_id, question.contact_id))


def _broadcasts(tx: Tx, argument: str) -> None:
    """Show officers the broadcasts, or one by its number."""
    talking.leave(tx)
    if argument:
        settle(tx, open_broadcast(tx, int(argument)))
    else:
        broadcast_control.tell_list(tx)


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "desk": _desk,
        "talk": _talk,
        "close": _close,
        "volunteers": _volunteers,
        "volunteer": _volunteer,
        "visits": _visits,
        "review": _review,
        "events": _events,
        "event": _event,
        "event_new": _new_event,
        "broadcast_new": _new_broadcast,
        "broadcast_request": _request_of_broadcast,
        "broadcast_approve": _approve,
        "broadcast_decline": _decline,
        "broadcasts": _broadcasts,
        "guide_new": _new_guide,
        "guide_answer": _answer_guide,
        "invite": _invite,
    }
)

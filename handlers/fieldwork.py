"""The commands of volunteers in the field: visits, and guides to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.text import N_
from handlers import guides, talking, visits
from handlers.outcomes import begin, settle
from handlers.rights import may_coordinate
from handlers.turn import Tx


def begin_visit(tx: Tx, given: Mapping[str, Json]) -> None:
    """Let an active volunteer report a visit; tell others how to become one."""
    talking.leave(tx)
    if visits.may_report(tx):
        settle(tx, talking.start(tx, "visit", given))
        return
    tx.say(N_("Visits are reported by volunteers. To become one, type *daftar relawan*."))
    tx.offer(N_("Become a volunteer"), "daftar relawan")
    tx.offer(N_("Main menu"), "menu")


def _visit(tx: Tx, argument: str) -> None:
    del argument
    begin_visit(tx, {})


def _guides(tx: Tx, argument: str) -> None:
    """Open the library, or one guide; for the office what stands behind it, and for others the help it always was."""
    if not argument and not guides.may_read(tx):
        begin(tx, "help")
    elif not argument:
        begin(tx, "guide_desk" if may_coordinate(tx.person) else "guides")
    elif may_coordinate(tx.person):
        begin(tx, "guide_case", {"guide": int(argument)})
    else:
        talking.leave(tx)
        guides.show(tx, int(argument))


def _seen_guide(tx: Tx, argument: str) -> None:
    guides.confirm(tx, int(argument))
    if tx.conversation is not None:
        settle(tx, talking.answer(tx, tx.conversation, None))


def _ask_about_guide(tx: Tx, argument: str) -> None:
    guide = guides.find_to_ask(tx, int(argument))
    if guide is not None:
        begin(tx, "guide_ask", {"guide": guide.id, "title": guide.title})


def _own_thread(tx: Tx, argument: str) -> None:
    talking.leave(tx)
    guides.tell_own_thread(tx, int(argument))


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "visit": _visit,
        "guides": _guides,
        "guide_seen": _seen_guide,
        "guide_ask": _ask_about_guide,
        "guide_talk": _own_thread,
    }
)

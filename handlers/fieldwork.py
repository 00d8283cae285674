"""The commands of volunteers in the field: visits, and recaps of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.text import N_
from handlers import recap, talking, visits
from handlers.outcomes import settle
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


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType({"visit": _visit, "recap": recap.show})

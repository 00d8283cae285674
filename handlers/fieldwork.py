"""The commands of volunteers in the field: visits, and requests they help with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.codes import find_code
from flows.text import N_
from handlers import helping, talking, visits
from handlers.outcomes import begin, open_task, settle
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


def _tasks(tx: Tx, argument: str) -> None:
    """Show a volunteer their tasks, or one of them."""
    if code := find_code(argument):
        talking.leave(tx)
        settle(tx, open_task(tx, code=code))
    elif helping.find_helper(tx) is not None:
        begin(tx, "tasks")
    else:
        talking.leave(tx)
        tx.say(N_("Tasks are for active volunteers. To become one, type *daftar relawan*."))
        tx.offer(N_("Become a volunteer"), "daftar relawan")
        tx.offer(N_("Main menu"), "menu")


def _help(tx: Tx, argument: str) -> None:
    """Let a volunteer take a request that is offered to them."""
    talking.leave(tx)
    request = helping.take(tx, find_code(argument) or argument)
    if request is not None:
        settle(tx, open_task(tx, request_id=request.id))


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType({"visit": _visit, "tasks": _tasks, "assist": _help})

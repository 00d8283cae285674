"""What a flow knows when it begins: captured here, stored with the conversation, read-only from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Facts, Journal, Json
from flows.content import Service
from flows.onboarding import NOTICE_VERSION
from flows.registry import LATE_PHOTOS, LESSON, NEW_BROADCAST, NEW_GUIDE, REQUEST, VISIT
from handlers import broadcasts, events, guide_desk
from handlers.drafts import list_drafts
from handlers.learning import begin_lesson, facts_of_learning
from handlers.request_views import title_of
from handlers.requests import list_for_desk
from handlers.rights import may_coordinate
from handlers.tips import facts_of_subscription
from handlers.turn import Tx
from handlers.visit_review import list_waiting
from handlers.visits import may_report
from handlers.volunteers import list_to_decide
from storage import handovers, helps, requests, volunteers

MOST_LISTED = 8  # a person's own requests in one list
MOST_TASKS = 20  # of each kind: taken, and offered
MOST_DRAFTS = 3  # offered in the menu
# Which of the things given at the start are answers already; in flows not named here none is, all are facts.
_PREFILLED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "onboarding": ("village",),
        "volunteer_join": ("village",),
        "recap_export": ("period",),
        "lessons_export": ("period",),
        LATE_PHOTOS: ("photos",),
        NEW_GUIDE: ("title", "text", "link"),
        NEW_BROADCAST: ("kind",),
    }
)
_NO_ANSWERS = frozenset(("amends", "review", "among"))  # of what a visit begins with


def facts_for(tx: Tx, flow: str, given: Facts) -> tuple[dict[str, Json], Journal]:
    """Capture the facts of a flow and the answers it is prefilled with."""
    journal: Journal = {}
    if flow.startswith(REQUEST):
        journal = _known(tx, tx.office.registry.services[flow.removeprefix(REQUEST)], given)
    elif flow == VISIT:
        journal = {key: value for key, value in given.items() if key not in _NO_ANSWERS}
    elif flow in _PREFILLED:
        journal = {key: given[key] for key in _PREFILLED[flow] if key in given}
    facts: dict[str, Json] = {"today": tx.office.local(tx.now).date().isoformat()}
    facts |= {key: value for key, value in given.items() if key not in journal}
    if journal:
        facts["given"] = list[Json](sorted(journal))
    if flow == NEW_BROADCAST and isinstance(answers := facts.pop("answers", None), dict):
        journal = dict(answers)  # to change one or another: all can be gone back to
    if flow.startswith(LESSON):
        facts |= begin_lesson(tx, flow.removeprefix(LESSON))
    elif flow in _CAPTURED:
        facts |= _CAPTURED[flow](tx, given)
    return facts, journal


def _known(tx: Tx, service: Service, given: Mapping[str, Json]) -> Journal:
    """Prefill what is known of the person, then what the message said."""
    known: Journal = {"village": tx.person.village} if tx.person.village else {}
    if tx.person.name and not service.anonymous:
        known["name"] = tx.person.name
    return {**known, **given}


def _row(tx: Tx, request: requests.Request) -> Json:
    title = title_of(tx, request)
    return [request.id, request.code, title.id, title.jv, request.state]


def _waiting(tx: Tx) -> list[Json]:
    if tx.person.role in (None, "village"):
        return []
    rows: list[Json] = []
    for talk in handovers.list_waiting(tx.connection, MOST_LISTED):
        place = tx.office.registry.places.find_code(talk.village) if talk.village else None
        rows.append([talk.id, talk.name or (place.full_name if place else f"#{talk.id}")])
    return rows


def _menu(tx: Tx, given: Facts) -> Facts:
    del given
    drafts = list_drafts(tx, MOST_DRAFTS)
    return {"drafts": drafts, "staff": tx.person.role is not None, "volunteer": may_report(tx)}


def _help(tx: Tx, given: Facts) -> Facts:
    del given
    office = may_coordinate(tx.person)
    return {"volunteer": may_report(tx), "office": office, "desk": tx.person.role is not None and not office}


def _my_requests(tx: Tx, given: Facts) -> Facts:
    del given
    rows = requests.list_of_contact(tx.connection, tx.person.contact_id, MOST_LISTED)
    return {"requests": [_row(tx, row) for row in rows]}


def _joining(tx: Tx, given: Facts) -> Facts:
    """Say how the person stands, and for which village an invitation was."""
    known = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    return {"state": known.state if known else None, "village": given.get("village")}


def _visits(tx: Tx, given: Facts) -> Facts:
    del given
    rows, waiting = list_waiting(tx)
    return {"visits": rows, "waiting": waiting}


def _tasks(tx: Tx, given: Facts) -> Facts:
    del given
    mine = helps.list_taken_by(tx.connection, tx.person.contact_id)[:MOST_TASKS]
    offered = helps.list_offered_to(tx.connection, tx.person.contact_id, MOST_TASKS)
    return {"mine": [_row(tx, row) for row in mine], "offered": [_row(tx, row) for row in offered]}


def _desk(tx: Tx, given: Facts) -> Facts:
    del given
    waiting = list_for_desk(tx)
    rows: list[Json] = [_row(tx, row) for row in waiting[:MOST_LISTED]]
    approvals: list[Json] = [[row.id, row.kind] for row in broadcasts.list_to_decide(tx)]
    office = may_coordinate(tx.person)
    return {
        "requests": rows,
        "open": len(waiting),
        "handovers": _waiting(tx),
        "broadcasts": approvals,
        "office": office,
    }


def _officer(tx: Tx, given: Facts) -> Facts:
    """Say when the office opens, where it is closed."""
    del given
    local = tx.office.local(tx.now)
    return {} if tx.office.hours.is_open(local) else {"opens": tx.voice.say(tx.office.hours.next_opening(local))}


def _now(tx: Tx, given: Facts) -> Facts:
    del given
    return {"now": tx.office.local(tx.now).isoformat()}


_CAPTURED: Mapping[str, Callable[[Tx, Facts], Facts]] = MappingProxyType(
    {
        "onboarding": lambda tx, _: {"notice": NOTICE_VERSION},
        "menu": _menu,
        "help": _help,
        "my_requests": _my_requests,
        "officer": _officer,
        "desk": _desk,
        "learn": lambda tx, _: facts_of_learning(tx),
        "subscribe": lambda tx, _: facts_of_subscription(tx),
        "volunteer_join": _joining,
        "volunteers": lambda tx, _: {"volunteers": list(list_to_decide(tx))},
        "visit_drafts": lambda tx, _: {"drafts": list_drafts(tx, MOST_LISTED, only=VISIT)},
        "visits": _visits,
        "tasks": _tasks,
        "events": lambda tx, _: {"events": events.list_for_volunteer(tx)},
        "event_desk": lambda tx, _: {"events": events.list_for_office(tx)},
        NEW_BROADCAST: broadcasts.new_facts,
        "event_new": _now,
        "event_case": _now,
        **guide_desk.FACTS,
    }
)

"""What a flow knows when it begins: captured here, stored with the conversation, read-only from then on."""

from __future__ import annotations

from collections.abc import Mapping

from flows.chat import Journal, Json
from flows.content import Service
from flows.registry import LATE_PHOTOS, NEW_GUIDE, REQUEST, VISIT
from handlers import events
from handlers.drafts import list_drafts
from handlers.guide_desk import FACTS as GUIDE_FACTS
from handlers.request_views import title_of
from handlers.requests import list_for_desk
from handlers.turn import Tx
from handlers.visit_review import list_waiting
from handlers.volunteers import list_to_decide
from storage import handovers, helps, requests, volunteers

MOST_LISTED = 8  # a person's own requests in one list


MOST_TASKS = 20  # of each kind: taken, and offered


MOST_DRAFTS = 3  # offered in the menu
_PREFILLED = {"onboarding": ("village",), "recap_export": ("period",)}  # answers that may be given from the start


def facts_for(tx: Tx, flow: str, given: Mapping[str, Json]) -> tuple[dict[str, Json], Journal]:
    """Capture the facts of a flow and the answers it is prefilled with."""
    today = tx.office.local(tx.now).date().isoformat()
    if flow.startswith(REQUEST):
        journal = _known(tx, tx.office.registry.services[flow.removeprefix(REQUEST)], given)
        return {"today": today, "given": list[Json](sorted(journal))}, journal
    facts: dict[str, Json] = {"today": today, **given}
    if flow == VISIT:
        journal = {key: value for key, value in given.items() if key not in ("amends", "review")}
        kept = {"amends": given["amends"]} if "amends" in given else {}
        return {"today": today, "given": list[Json](sorted(journal)), **kept}, journal
    if flow == LATE_PHOTOS:
        return {"today": today, "visits": given["visits"], "given": ["photos"]}, {"photos": given["photos"]}
    if flow == NEW_GUIDE:
        return {"today": today, "given": list[Json](sorted(given))}, dict(given)
    if flow in _PREFILLED:
        journal = {key: given[key] for key in _PREFILLED[flow] if key in given}
        return {**facts, "given": list[Json](sorted(journal))}, journal
    if flow == "menu":
        facts |= {"drafts": list_drafts(tx, MOST_DRAFTS), "staff": tx.person.role is not None}
    elif flow == "my_requests":
        facts["requests"] = [
            _row(tx, row) for row in requests.list_of_contact(tx.connection, tx.person.contact_id, MOST_LISTED)
        ]
    elif flow == "volunteer_join":
        known = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
        facts["state"] = known.state if known else None
    elif flow == "volunteers":
        facts["volunteers"] = list_to_decide(tx)
    elif flow == "visit_drafts":
        facts["drafts"] = list_drafts(tx, MOST_LISTED, only=VISIT)
    elif flow == "visits":
        facts["visits"], facts["waiting"] = list_waiting(tx)
    elif flow == "events":
        facts["events"] = events.list_for_volunteer(tx)
    elif flow == "event_desk":
        facts["events"] = events.list_for_office(tx)
    elif flow in ("event_new", "event_case"):
        facts["now"] = tx.office.local(tx.now).isoformat()
    elif flow in GUIDE_FACTS:
        facts |= GUIDE_FACTS[flow](tx, given)
    elif flow == "tasks":
        mine = helps.list_taken_by(tx.connection, tx.person.contact_id)[:MOST_TASKS]
        offered = helps.list_offered_to(tx.connection, tx.person.contact_id, MOST_TASKS)
        facts["mine"], facts["offered"] = [_row(tx, row) for row in mine], [_row(tx, row) for row in offered]
    elif flow == "desk":
        waiting = list_for_desk(tx)
        facts["requests"], facts["open"] = [_row(tx, row) for row in waiting[:MOST_LISTED]], len(waiting)
        facts["handovers"] = _waiting(tx)
    elif flow == "officer" and not tx.office.hours.is_open(tx.office.local(tx.now)):
        opening = tx.office.hours.next_opening(tx.office.local(tx.now))
        facts["opens"] = tx.voice.say(opening)
    return facts, {}


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

"""Use-cases of visits: an active volunteer reports one; they and the office may read it."""

from __future__ import annotations

import json
from datetime import date

from flows.codes import VISIT, make_code
from flows.outcomes import Visited
from flows.text import N_, Text, lines, paragraphs
from flows.visit import told
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, visits, volunteers
from storage.visits import Visit

_SHORT_CODES = 27**3
_TRIES = 5


def may_report(tx: Tx) -> bool:
    """Tell whether somebody reports visits: an active volunteer does."""
    found = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    return found is not None and found.state == "active"


def submit(tx: Tx, visited: Visited) -> None:
    """Keep a visit, say its number, and tell the office.

    Raises:
        Denied: not an active volunteer, or not any more.
    """
    if not may_report(tx):
        raise Denied(
            N_("Only active volunteers report visits. To become one, type *daftar relawan*."), "visit", "visit"
        )
    code = _add(tx, visited)
    visit = visits.find_visit(tx.connection, code)
    if visit is None:
        raise RuntimeError("a visit that was just added is not there")
    tx.say(
        paragraphs(
            N_("Thank you, the visit is noted. Its number: *{code}*", code=code), _summary(tx, visit),
            N_("To see it again, type the number. #onlinelebihasik"),
        )
    )  # fmt: skip
    volunteer = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    notice = paragraphs(
        N_("*Visit {code}* by {name}", code=code, name=volunteer.name if volunteer else "-"), _summary(tx, visit)
    )
    photos = _photos(visit)
    for officer in contacts.list_staff(tx.connection):
        if officer.role in ("admin", "officer") and officer.contact_id != tx.person.contact_id:
            tx.push(officer.contact_id, notice, photos=photos)


def show(tx: Tx, code: str) -> None:
    """Show a visit to its volunteer and to the office; to others that it exists is not said."""
    visit = visits.find_visit(tx.connection, code)
    if visit is None or (visit.contact_id != tx.person.contact_id and not may_coordinate(tx.person)):
        tx.say(N_("I find no visit of yours with that number."))
        return
    tx.say(paragraphs(N_("*Visit {code}*", code=code), _summary(tx, visit)))
    tx.photos += _photos(visit)


def _add(tx: Tx, visited: Visited) -> str:
    answers = visited.answers
    for attempt in range(_TRIES + 1):
        length = 3 if attempt < _TRIES else 4
        code = make_code(tx.office.random_below(_SHORT_CODES if length == 3 else _SHORT_CODES * 27), length, VISIT)
        added = visits.add_visit(
            tx.connection, code=code, contact_id=tx.person.contact_id, kind=visited.kind, village=str(answers["village"]),
            day=str(answers["day"]), people=int(str(answers["people"])),
            answers=json.dumps(dict(answers), ensure_ascii=False), now=tx.now,
        )  # fmt: skip
        if added:
            return code
    raise RuntimeError(f"no free visit code after {_TRIES + 1} tries: lengthen the codes")


def _summary(tx: Tx, visit: Visit) -> Text:
    kind = tx.office.registry.visit_kinds.get(visit.kind)
    if kind is None:  # a kind of an earlier release
        return visit.kind
    shown = told(kind, json.loads(visit.answers), tx.office.registry.places, date.fromisoformat(visit.day))
    return lines(kind.title, *(N_("*{label}:* {value}", label=label, value=value) for label, value in shown))


def _photos(visit: Visit) -> tuple[str, ...]:
    kept = json.loads(visit.answers).get("photos")
    return tuple(str(item) for item in kept) if isinstance(kept, list) else ()

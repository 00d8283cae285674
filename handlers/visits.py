"""Use-cases of visits: an active volunteer reports one, changes it and adds photos; they and the office may read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flows.chat import Json, Media
from flows.codes import VISIT, make_code
from flows.outcomes import PhotosAdded, Visited
from flows.text import N_, Both, Joined, Text, lines, paragraphs
from flows.visit import MOST_PHOTOS, told
from flows.visit_content import WOMEN
from flows.visit_review import STATES
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import visits, volunteers
from storage.visits import Event, Visit

LATE_DAYS = 7  # how long after its report photos of a visit are taken without asking for its number
MOST_RECENT = 3
_SHORT_CODES = 27**3
_TRIES = 5
_UNSEEN = ("photos",)  # of the answers: a visit sent twice is the same whatever came of its photos
_OPEN = ("received", "sent_back", "resubmitted")
_HISTORY: dict[str, Text] = {
    "send": N_("reported"),
    "amend": N_("changed"),
    "photos": N_("photos added"),
    "send_back": N_("sent back"),
    "approve": N_("approved"),
}


def may_report(tx: Tx) -> bool:
    """Tell whether somebody reports visits: an active volunteer does."""
    found = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    return found is not None and found.state == "active"


def submit(tx: Tx, visited: Visited) -> None:
    """Keep a visit or a change of one, and say its number; the office finds it in its list.

    Raises:
        Denied: not an active volunteer (any more), or not the volunteer of the visit that is changed.
    """
    if not may_report(tx):
        raise Denied(
            N_("Only active volunteers report visits. To become one, type *daftar relawan*."), "visit", "visit"
        )
    if visited.amends is not None:
        _amend(tx, visited, *visited.amends)
        return
    digest = _digest(visited)
    same = visits.find_same(tx.connection, tx.person.contact_id, digest)
    if same is not None:
        tx.say(paragraphs(N_("This visit is noted already: *{code}*", code=same.code), summary(tx, same)))
        return
    visit = _add(tx, visited, digest)
    tx.say(
        paragraphs(
            N_("Thank you, the visit is noted. Its number: *{code}*", code=visit.code),
            summary(tx, visit),
            N_("Photos to follow? Just send them. To change something, reply to this message or type the number.\n#onlinelebihasik"),
        )
    )  # fmt: skip


def show(tx: Tx, code: str) -> None:
    """Show a visit to its volunteer and to the office; to others that it exists is not said."""
    visit = visits.find_visit(tx.connection, code=code)
    if visit is None or (visit.contact_id != tx.person.contact_id and not may_coordinate(tx.person)):
        tx.say(N_("I find no visit of yours with that number."))
        return
    tell(tx, visit)
    if visit.contact_id == tx.person.contact_id and visit.state in _OPEN:
        tx.offer(N_("Change it"), f"amend {visit.code}")
    elif visit.contact_id != tx.person.contact_id and visit.state in visits.TO_REVIEW:
        tx.offer(N_("Approve or send back"), f"review {visit.code}")


def tell(tx: Tx, visit: Visit) -> None:
    """Say all about a visit, with its photos and what happened to it."""
    volunteer = volunteers.find_volunteer(tx.connection, visit.contact_id) if visit.contact_id is not None else None
    by_other = volunteer is not None and volunteer.contact_id != tx.person.contact_id
    if by_other:
        tx.about = visit.contact_id
    events = visits.list_events(tx.connection, visit.id)
    tx.say(
        paragraphs(
            N_("*Visit {code}*: {state}", code=visit.code, state=STATES[visit.state]),
            N_("By {name}", name=volunteer.name) if volunteer is not None and by_other else None,
            summary(tx, visit),
            N_("⚑ The location that was shared does not fit the village.") if visit.flagged else None,
            Joined(tuple(_history_line(event) for event in events)),
        )
    )
    tx.photos += photos_of(visit)


def summary(tx: Tx, visit: Visit) -> Text:
    """Give a visit's answers in words, a line each."""
    kind = tx.office.registry.visit_kinds.get(visit.kind)
    if kind is None:  # a kind of an earlier release
        return visit.kind
    day = date.fromisoformat(visit.day)
    shown: list[tuple[Text, Text]] = [(N_("Village"), village_of(tx, visit)), (N_("Day"), day)]
    shown += told(kind, json.loads(visit.answers), tx.office.registry.lessons, day)
    photos = len(photos_of(visit))
    return lines(
        N_("*{title}*", title=kind.title),
        *(N_("*{label}:* {value}", label=label, value=value) for label, value in shown),
        N_("*Photos:* {count}", count=photos) if photos else None,
    )


def title_of(tx: Tx, visit: Visit) -> Both:
    """Give the kind and village of a visit in a few words."""
    kind = tx.office.registry.visit_kinds.get(visit.kind)
    place = tx.office.registry.places.find_code(visit.village)
    village = place.name if place else visit.village
    return Both(f"{kind.short.id} {village}", f"{kind.short.jv} {village}") if kind else Both(visit.code, visit.code)


def village_of(tx: Tx, visit: Visit) -> str:
    """Give the name of a visit's village."""
    place = tx.office.registry.places.find_code(visit.village)
    return place.full_name if place else visit.village


def photos_of(visit: Visit) -> tuple[str, ...]:
    """List the photos of a visit by our ids."""
    kept = json.loads(visit.answers).get("photos")
    return tuple(str(item) for item in kept) if isinstance(kept, list) else ()


def find_own(tx: Tx, code: str, action: str) -> Visit | None:
    """Find a visit that its volunteer wants to change; says why not, where it cannot be.

    Raises:
        Denied: it is somebody else's, or the person is no active volunteer.
    """
    visit = visits.find_visit(tx.connection, code=code)
    if visit is None or visit.contact_id != tx.person.contact_id or not may_report(tx):
        raise Denied(N_("I find no visit of yours with that number."), action, f"visit {code}")
    if visit.state not in _OPEN and action == "amend":
        tx.say(N_("{code} is approved already. If something is wrong, please talk to an officer.", code=code))
        return None
    return visit


def list_late(tx: Tx) -> list[Visit]:
    """List the visits that photos sent just so may belong to, the newest first."""
    if not may_report(tx):
        return []
    recent = visits.list_recent(tx.connection, tx.person.contact_id, tx.now - timedelta(days=LATE_DAYS), MOST_RECENT)
    return [visit for visit in recent if len(photos_of(visit)) < MOST_PHOTOS]


def add_photos(tx: Tx, added: PhotosAdded) -> None:
    """Add photos to a visit of one's own, up to five; an approved visit stays approved.

    Raises:
        Denied: it is somebody else's, or the person is no active volunteer.
    """
    visit = visits.find_visit(tx.connection, visit_id=added.visit) if added.visit is not None else None
    if added.visit is None:
        tx.say(N_("All right, the photos belong to no visit."))
        return
    if visit is None or visit.contact_id != tx.person.contact_id or not may_report(tx):
        raise Denied(N_("I find no visit of yours with that number."), "photos", f"visit {added.visit}")
    answers = json.loads(visit.answers)
    answers["photos"] = merge_photos(answers.get("photos"), added.media)
    stored = json.dumps(answers, ensure_ascii=False)
    changed = visits.change_visit(
        tx.connection, visit.id, visit.version, (*_OPEN, "approved"), tx.now, answers=stored, version=visit.version + 1
    )
    if not changed:
        tx.say(N_("{code} has changed meanwhile. Please send the photos again.", code=visit.code))
        return
    visits.add_event(tx.connection, visit.id, tx.person.contact_id, "photos", visit.version + 1, tx.now, answers=stored)
    tx.say(N_("Thank you, {code} has {count} photos now.", code=visit.code, count=len(answers["photos"])))


def merge_photos(before: Json, media: tuple[str, ...]) -> list[Json]:
    """Put photos behind those that are there, each once, as many as a visit takes."""
    kept: list[Json] = [item for item in before if isinstance(item, str)] if isinstance(before, list) else []
    return [*kept, *(item for item in dict.fromkeys(media) if item not in kept)][:MOST_PHOTOS]


def photos_in(media: tuple[Media, ...]) -> tuple[str, ...]:
    """List the photos among files that were sent."""
    return tuple(item.id for item in media if item.kind == "photo")


def _amend(tx: Tx, visited: Visited, visit_id: int, version: int) -> None:
    visit = visits.find_visit(tx.connection, visit_id=visit_id)
    if visit is None or visit.contact_id != tx.person.contact_id:
        raise Denied(N_("I find no visit of yours with that number."), "amend", f"visit {visit_id}")
    digest = _digest(visited)
    same = visits.find_same(tx.connection, tx.person.contact_id, digest)
    values = _values(visited) | ({"digest": digest} if same is None else {})
    state = "resubmitted" if visit.state == "sent_back" else visit.state
    if not visits.change_visit(
        tx.connection, visit.id, version, _OPEN, tx.now, state=state, version=version + 1, **values
    ):
        tx.say(N_("{code} has changed meanwhile. Type its number to see how it stands.", code=visit.code))
        return
    visits.add_event(
        tx.connection, visit.id, tx.person.contact_id, "amend", version + 1, tx.now, answers=str(values["answers"])
    )
    changed = visits.find_visit(tx.connection, visit_id=visit.id) or visit
    tx.say(paragraphs(N_("Thank you, *{code}* is changed.", code=visit.code), summary(tx, changed)))


def _add(tx: Tx, visited: Visited, digest: str) -> Visit:
    for attempt in range(_TRIES + 1):
        length = 3 if attempt < _TRIES else 4
        code = make_code(tx.office.random_below(_SHORT_CODES if length == 3 else _SHORT_CODES * 27), length, VISIT)
        values = _values(visited)
        added = visits.add_visit(
            tx.connection, code=code, contact_id=tx.person.contact_id, digest=digest, now=tx.now, **values
        )
        if added is not None:
            visits.add_event(
                tx.connection, added, tx.person.contact_id, "send", 1, tx.now, answers=str(values["answers"])
            )
            visit = visits.find_visit(tx.connection, visit_id=added)
            if visit is None:
                raise RuntimeError("a visit that was just added is not there")
            return visit
    raise RuntimeError(f"no free visit code after {_TRIES + 1} tries: lengthen the codes")


def _values(visited: Visited) -> dict[str, Any]:
    answers: Mapping[str, Json] = visited.answers
    women = answers.get(WOMEN)
    return {
        "kind": visited.kind,
        "village": visited.village,
        "day": str(answers["day"]),
        "people": int(str(answers["people"])),
        "women": women if isinstance(women, int) else None,
        "flagged": visited.flagged,
        "answers": json.dumps(dict(answers), ensure_ascii=False),
    }


def _digest(visited: Visited) -> str:
    """Name what a visit says: sent again because no answer came through, it is the same."""
    said = {key: value for key, value in visited.answers.items() if key not in _UNSEEN and key != "review"}
    canonical = json.dumps([visited.kind, visited.village, said], sort_keys=True, ensure_ascii=False)
    return hashlib.blake2s(canonical.encode(), digest_size=16).hexdigest()


def _history_line(event: Event) -> Text:
    note = f": {event.note}" if event.note else ""
    return Joined(("•", event.at, "-", Joined((_HISTORY[event.action], note), "")), " ")

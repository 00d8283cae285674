"""Use-cases of events: the office announces, moves, calls off, sends material and notes who was there; all audited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from flows.chat import Json
from flows.event import CANCELLED, OVER, TO_COME, Row
from flows.outcomes import EventAnnounced, EventChanged
from flows.spelling import fold, similar
from flows.text import N_, Text, paragraphs
from handlers import event_rules
from handlers.event_texts import (
    WILL_YOU_COME,
    answer_buttons,
    headline,
    media_of,
    named,
    own_answer,
    told_to_office,
)
from handlers.rights import may_coordinate
from handlers.topics import EVENTS
from handlers.turn import Denied, Tx
from storage import contacts, events
from storage.events import Event

OPENS_BEFORE = timedelta(hours=1)  # from then on somebody can be noted as present
PAST_DAYS = 60
MOST_AHEAD, MOST_PAST = 8, 20  # in one list
MOST_PEOPLE = 8  # offered for one name
MOST_MATERIAL_CHARS, MOST_FILES = 3000, 10  # kept with one event
_CODES = 9_000  # of four digits without a leading zero, which would be left out in typing
_TRIES = 8  # with a new number each; then a digit more
_ALIKE = 0.7  # how like a name what was typed must be


def announce(tx: Tx, announced: EventAnnounced) -> None:
    """Keep a new event and write to every active volunteer.

    Raises:
        Denied: not an officer of the regency's office.
    """
    _check_office(tx, "event announce", "event")
    starts_at = _moment(tx, announced.day, announced.time)
    if starts_at <= tx.now:
        tx.say(N_("That time has gone by meanwhile. Nothing was announced; please begin again: *acara baru*."))
        return
    event = _add(tx, announced, starts_at)
    events.add_guests(tx.connection, event.id)
    guests = [guest.contact_id for guest in events.list_guests(tx.connection, event.id)]
    event_rules.note_told(tx, event, guests)
    _audit(tx, "announce", event)
    text = paragraphs(N_("*New event for volunteers*"), headline(event), event.about, WILL_YOU_COME)
    for guest in guests:
        tx.push(guest, text, answer_buttons(event), nameless=True, topic=EVENTS)
    tx.say(
        paragraphs(
            N_("*{title}* is announced. Volunteers invited: {count}.", title=event.title, count=len(guests)),
            N_("*Code for the room:* *{code}*", code=event.code),
            N_("Show the code only in the room, to those who have come. You find it again with *acara*."),
            _later(tx),
        )
    )


def change(tx: Tx, changed: EventChanged) -> None:
    """Do what an officer wants with an event.

    Raises:
        Denied: not an officer of the regency's office, or no such event.
    """
    event = get_event(tx, changed.event)
    if changed.action not in actions_for(tx, event):
        tx.say(N_("That cannot be done with *{title}* any more.", title=event.title))
        return
    match changed.action:
        case "move":
            _move(tx, event, changed)
        case "cancel":
            _cancel(tx, event, changed.note)
        case "material":
            _send_material(tx, event, changed)
        case "present":
            _note_present(tx, event, changed.person)


def get_event(tx: Tx, number: int) -> Event:
    """Find an event for somebody who looks after events.

    Raises:
        Denied: not an officer of the regency's office, or no such event.
    """
    _check_office(tx, "event", f"event {number}")
    event = events.find_event(tx.connection, number)
    if event is None:
        raise Denied(N_("There is no such event."), "event", f"event {number}")
    return event


def actions_for(tx: Tx, event: Event) -> list[str]:
    """List what can be done with an event now: it is moved or called off before it begins, material follows."""
    if event.state == "cancelled":
        return ["names"]
    begun = event.starts_at <= tx.now
    actions = ["names"]
    if event.starts_at - OPENS_BEFORE <= tx.now:
        actions.append("present")
    return [*actions, "material"] if begun else [*actions, "move", "cancel"]


def tell_office(tx: Tx, event: Event) -> None:
    """Show an officer an event: its code, its guests in numbers, its material."""
    tx.say(told_to_office(event, events.count_guests(tx.connection, event.id)))
    tx.photos += media_of(event)


def tell_names(tx: Tx, number: int) -> None:
    """Show an officer who was there, and who answered what.

    Raises:
        Denied: not an officer of the regency's office, or no such event.
    """
    event = get_event(tx, number)
    guests = events.list_guests(tx.connection, event.id)
    tx.say(paragraphs(headline(event), named(guests) if guests else N_("It has no guests yet.")))
    _audit(tx, "names", event)


def people_called(tx: Tx, typed: str) -> list[Json]:
    """List the volunteers whose name has what was typed in it, or else is like it."""
    people = events.list_people(tx.connection)
    wanted = fold(typed)
    found = [(number, name) for number, name in people if f" {wanted}" in f" {fold(name)}"]
    if not found:
        alike = similar(wanted, [fold(name) for _, name in people], least=_ALIKE, most=MOST_PEOPLE)
        found = [(number, name) for number, name in people if fold(name) in alike]
    return [[number, name] for number, name in found[:MOST_PEOPLE]]


def list_for_office(tx: Tx) -> list[Json]:
    """List the events to come, then those over or called off, as the facts of the officers' list."""
    _check_office(tx, "events", "events")
    ahead, past = list_around(tx, cancelled=True)
    rows = [_row(tx, event, CANCELLED if event.state == "cancelled" else TO_COME) for event in ahead]
    rows += [_row(tx, event, CANCELLED if event.state == "cancelled" else OVER) for event in past]
    return [row.to_json() for row in sorted(rows, key=lambda row: row.state != TO_COME)]


def list_for_volunteer(tx: Tx) -> list[Json]:
    """List the events to come with the volunteer's answers, then those gone by, as the facts of their list."""
    ahead, past = list_around(tx)
    answers = {
        event.id: "attended" if guest.attended_at else guest.answer
        for event, guest in events.list_as_guest(tx.connection, tx.person.contact_id)
    }
    rows = [replace(_row(tx, event, TO_COME), answer=answers.get(event.id)) for event in ahead]
    return [row.to_json() for row in (*rows, *(_row(tx, event, OVER) for event in past))]


def list_around(tx: Tx, *, cancelled: bool = False) -> tuple[Sequence[Event], Sequence[Event]]:
    """List the events of today and later, the soonest first, and those of the last 60 days, the latest first."""
    today = start_of_day(tx, tx.now)
    most = today + timedelta(days=400)
    ahead = events.list_events(tx.connection, today, most, cancelled=cancelled)
    past = events.list_events(
        tx.connection, today - timedelta(days=PAST_DAYS), today - timedelta(microseconds=1), cancelled=cancelled
    )
    return ahead[:MOST_AHEAD], past[::-1][:MOST_PAST]


def start_of_day(tx: Tx, moment: datetime) -> datetime:
    """Give the midnight at which the day of a moment began in the office's zone."""
    return datetime.combine(tx.office.local(moment).date(), time(), tx.office.zone)


def _move(tx: Tx, event: Event, changed: EventChanged) -> None:
    starts_at = _moment(tx, changed.day, changed.time)
    if starts_at <= tx.now:
        tx.say(N_("That time has gone by meanwhile. Nothing was changed; please choose another."))
        return
    if starts_at == event.starts_at:
        tx.say(N_("It begins then already. Nothing was changed."))
        return
    if not events.move_event(tx.connection, event.id, starts_at):
        tx.say(N_("*{title}* has been called off already.", title=event.title))
        return
    moved = replace(event, starts_at=starts_at)
    guests = events.list_to_tell(tx.connection, event.id)
    event_rules.note_told(tx, moved, [guest.contact_id for guest in guests])
    _audit(tx, "move", event)
    for guest in guests:
        text = paragraphs(
            N_("*An event has a new time*"),
            headline(moved),
            own_answer(guest),
            N_("Your answer stands. If it no longer fits, press another.") if guest.answer else WILL_YOU_COME,
        )
        tx.push(guest.contact_id, text, answer_buttons(moved), nameless=True, topic=EVENTS)
    tx.say(paragraphs(headline(moved), N_("The time is changed. Guests told: {count}.", count=len(guests)), _later(tx)))


def _cancel(tx: Tx, event: Event, reason: str) -> None:
    if not events.cancel_event(tx.connection, event.id):
        tx.say(N_("*{title}* has been called off already.", title=event.title))
        return
    guests = events.list_to_tell(tx.connection, event.id)
    _audit(tx, "cancel", event)
    text = paragraphs(N_("*An event is called off*"), headline(event), reason)
    for guest in guests:
        tx.push(guest.contact_id, text, nameless=True, topic=EVENTS)
    tx.say(
        paragraphs(
            N_("*{title}* is called off. Guests told: {count}.", title=event.title, count=len(guests)), _later(tx)
        )
    )


def _send_material(tx: Tx, event: Event, changed: EventChanged) -> None:
    """Keep material with what there is already, and send the new to those who came or wanted to."""
    kept = "\n".join(filter(None, (event.material, changed.note)))
    files = (*media_of(event), *changed.media)
    if len(kept) > MOST_MATERIAL_CHARS or len(files) > MOST_FILES:
        tx.say(N_("That is more than fits one event. Put the rest in one document, or behind one link."))
        return
    if not events.put_material(tx.connection, event.id, kept or None, json.dumps(files) if files else None):
        tx.say(N_("*{title}* has been called off already.", title=event.title))
        return
    _audit(tx, "material", event)
    readers = [
        guest.contact_id
        for guest in events.list_to_tell(tx.connection, event.id)
        if guest.attended_at or guest.answer == "coming"
    ]
    text = paragraphs(
        N_("*Material of {title}*", title=event.title), changed.note or None, N_("You find it again with *acara*.")
    )
    for reader in readers:
        tx.push(reader, text, photos=changed.media, nameless=True, topic=EVENTS)
    tx.say(paragraphs(N_("The material is kept and sent. Readers: {count}.", count=len(readers)), _later(tx)))


def _note_present(tx: Tx, event: Event, number: int) -> None:
    name = next((name for contact, name in events.list_people(tx.connection) if contact == number), None)
    if name is None:
        raise Denied(N_("There is no such volunteer."), "event present", f"event {event.id} contact {number}")
    if not events.attend(tx.connection, event.id, number, tx.now):
        tx.say(N_("{name} is noted as present already.", name=name))
        return
    contacts.add_audit(
        tx.connection,
        tx.person.contact_id,
        "event present",
        f"event {event.id} contact {number}",
        allowed=True,
        at=tx.now,
    )
    tx.say(N_("{name} is noted as present at *{title}*.", name=name, title=event.title))


def _add(tx: Tx, announced: EventAnnounced, starts_at: datetime) -> Event:
    for attempt in range(_TRIES + 1):
        scale = 1 if attempt < _TRIES else 10
        number = events.add_event(
            tx.connection, title=announced.title, place=announced.place, about=announced.about, starts_at=starts_at,
            code=str(1000 * scale + tx.office.random_below(_CODES * scale)), author_id=tx.person.contact_id, now=tx.now,
        )  # fmt: skip
        if number is not None:
            return get_event(tx, number)
    raise RuntimeError(f"no free event code after {_TRIES + 1} tries: lengthen the codes")


def _moment(tx: Tx, day: str, at: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), tx.office.zone)


def _row(tx: Tx, event: Event, state: str) -> Row:
    return Row(event.id, event.title, tx.office.local(event.starts_at), state)


def _later(tx: Tx) -> Text | None:
    """Say when people read it, where it is quiet now."""
    ends = tx.office.quiet.end_after(tx.office.local(tx.now))
    return N_("It is quiet time now: they read it from {at} on.", at=ends) if ends else None


def _check_office(tx: Tx, action: str, subject: str) -> None:
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers look after events."), action, subject)


def _audit(tx: Tx, action: str, event: Event) -> None:
    contacts.add_audit(
        tx.connection, tx.person.contact_id, f"event {action}", f"event {event.id}", allowed=True, at=tx.now
    )

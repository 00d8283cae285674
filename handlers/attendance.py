"""Use-cases of those who may come to events: seeing one, answering, and typing the code of the room."""

from __future__ import annotations

from flows.event import ANSWERED
from flows.text import N_, Text, lines, paragraphs
from handlers import event_rules
from handlers.event_texts import HOW_TO_ATTEND, answer_buttons, headline, media_of, told_to_guest
from handlers.events import OPENS_BEFORE, start_of_day
from handlers.turn import Denied, Tx
from storage import events, volunteers
from storage.events import Event

MOST_WRONG_CODES = 5  # of one person for one event, until it is moved: a code has 9,000 others
CODE_DIGITS = (4, 5)
_MOST_TOLD = 50


def takes_part(tx: Tx) -> bool:
    """Tell whether somebody is invited to events: an active volunteer is."""
    found = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    return found is not None and found.state == "active"


def tell_event(tx: Tx, number: int) -> None:
    """Show a volunteer an event, with their answer and the buttons to give one.

    Raises:
        Denied: not an active volunteer, or no such event.
    """
    event = _get_event(tx, number, "event")
    answerable = event.state == "announced" and tx.now < event.starts_at
    guest = events.find_guest(tx.connection, event.id, tx.person.contact_id)
    tx.say(told_to_guest(event, guest, answerable=answerable, awaited=_is_open(tx, event)))
    tx.photos += media_of(event)
    for label, command in answer_buttons(event) if answerable else ():
        tx.offer(label, command)
    if not answerable:
        tx.offer(N_("Events"), "acara")
        tx.offer(N_("Main menu"), "menu")


def answer(tx: Tx, argument: str) -> None:
    """Keep whether a volunteer comes; ``argument`` is the event's number and the answer.

    Raises:
        Denied: not an active volunteer, or no such event.
    """
    number, _, given = argument.partition(" ")
    event = _get_event(tx, int(number), "event answer")
    if event.state == "cancelled":
        tx.say(N_("*{title}* has been called off, so no answer is needed. Thank you!", title=event.title))
    elif event.starts_at <= tx.now:
        tx.say(
            paragraphs(
                N_("*{title}* has begun, so the answers stay as they are.", title=event.title),
                HOW_TO_ATTEND if _is_open(tx, event) else None,
            )
        )
    else:
        events.put_answer(tx.connection, event.id, tx.person.contact_id, given, tx.now)
        event_rules.note_told(tx, event, (tx.person.contact_id,))
        tx.say(paragraphs(headline(event), N_("Thank you, noted: *{answer}*.", answer=ANSWERED[given])))
        tx.offer(N_("Change my answer"), f"event {event.id}")
    tx.offer(N_("Events"), "acara")


def attend(tx: Tx, typed: str) -> None:
    """Note that a volunteer is there, by the code shown in the room.

    Raises:
        Denied: not an active volunteer.
    """
    if not takes_part(tx):
        raise _no_part("event attend", "event")
    code = _digits(typed)
    if not code:
        tx.say(HOW_TO_ATTEND)
        return
    me = tx.person.contact_id
    today = [(event, events.find_guest(tx.connection, event.id, me)) for event in _list_open(tx)]
    for event, guest in today:
        if guest is not None and guest.attended_at and (event.code == code or len(today) == 1):
            tx.say(
                N_(
                    "You are noted as present at *{title}* already, since {at}.",
                    title=event.title,
                    at=guest.attended_at,
                )
            )
            return
    waiting = [event for event, guest in today if guest is None or not guest.attended_at]
    tried = {event.id: guest.wrong_codes for event, guest in today if guest is not None}
    free = [event for event in waiting if tried.get(event.id, 0) < MOST_WRONG_CODES]
    found = next((event for event in free if event.code == code), None)
    if found is not None:
        events.attend(tx.connection, found.id, me, tx.now)
        tx.say(N_("Welcome! You are noted as present at *{title}*.", title=found.title))
    elif not waiting:
        tx.say(
            N_(
                "No event awaits you now. A code is good from an hour before the event begins until the end of that day."
            )
        )
    elif not free:
        tx.say(_LOCKED)
    else:
        for event in free:
            events.count_wrong_code(tx.connection, event.id, me)
        left = MOST_WRONG_CODES - 1 - min(tried.get(event.id, 0) for event in free)
        tx.say(
            N_("That is not the code of the room. Please look again; tries left today: {left}.", left=left)
            if left
            else _LOCKED
        )


_LOCKED = N_("Too many wrong codes. Please tell an officer in the room: they note you as present by your name.")


def hear_code(tx: Tx, text: str) -> bool:
    """Take bare digits for the code of a room, while an event of today awaits the person; says whether they were."""
    if len(text) not in CODE_DIGITS or not (text.isascii() and text.isdecimal()):
        return False
    if not _list_open(tx) or not takes_part(tx):
        return False
    attend(tx, text)
    return True


def told_data(tx: Tx) -> list[Text]:
    """Say what is stored about somebody as a guest of events."""
    kept = events.list_as_guest(tx.connection, tx.person.contact_id)[:_MOST_TOLD]
    return [
        lines(
            N_("*Event* {title}, {at}: {answer}", title=event.title, at=event.starts_at, answer=ANSWERED[guest.answer]),
            N_("You were there, noted {at}. Thank you!", at=guest.attended_at) if guest.attended_at else None,
        )
        for event, guest in kept
    ]


def _list_open(tx: Tx) -> list[Event]:
    """List the events whose code is good now: from an hour before they begin until the end of their day."""
    return events.list_events(tx.connection, start_of_day(tx, tx.now), tx.now + OPENS_BEFORE)


def _is_open(tx: Tx, event: Event) -> bool:
    return event in _list_open(tx)


def _get_event(tx: Tx, number: int, action: str) -> Event:
    if not takes_part(tx):
        raise _no_part(action, f"event {number}")
    event = events.find_event(tx.connection, number)
    if event is None:
        raise Denied(N_("There is no such event."), action, f"event {number}")
    return event


def _no_part(action: str, subject: str) -> Denied:
    return Denied(N_("Events are for active volunteers. To become one, type *daftar relawan*."), action, subject)


def _digits(typed: str) -> str:
    return str(int(number)) if (number := "".join(typed.split())).isdecimal() else ""

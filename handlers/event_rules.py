"""Reminders of events: a day before, and an hour before they begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from flows.text import N_, paragraphs
from handlers.event_texts import HOW_TO_ATTEND, WILL_YOU_COME, answer_buttons, headline, own_answer
from handlers.mail import Mail
from handlers.reminders import Due, Rule
from handlers.topics import EVENTS
from storage import events, reminded
from storage.events import Event

DAY_AHEAD = timedelta(hours=24)
DAY_TOO_LATE = timedelta(hours=3)  # before the start: from then on the hour's reminder is near enough
HOUR_AHEAD = timedelta(hours=1)
_BEFORE_START = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fence_of(event: Event) -> int:
    """Give the state of an event that a reminder belongs to: when it starts, in minutes. Moved, it is reminded of anew."""
    return (event.starts_at - _EPOCH) // timedelta(minutes=1)


def note_told(mail: Mail, event: Event, contact_ids: Iterable[int]) -> None:
    """Note that people have just heard of an event: a reminder whose moment has passed already would only repeat it."""
    ahead = event.starts_at - mail.now
    for rule in (rule for rule, moment in ((DAY, DAY_AHEAD), (HOUR, HOUR_AHEAD)) if ahead <= moment):
        for contact in contact_ids:
            reminded.is_first(mail.connection, rule.name, contact, event.id, fence_of(event), mail.now)


def _due(latest: timedelta, earliest: timedelta, *, unanswered: bool) -> Callable[[Mail], Iterable[Due]]:
    def find(mail: Mail) -> Iterable[Due]:
        first, last = mail.now + latest, mail.now + earliest
        for contact, event in events.list_to_remind(mail.connection, first, last, unanswered=unanswered):
            yield Due(contact, event.id, fence_of(event))

    return find


def _remind_day(mail: Mail, due: Due) -> None:
    event, guest = _read(mail, due)
    answered = guest.answer is not None
    text = paragraphs(
        N_("*Reminder of an event*"),
        headline(event),
        own_answer(guest) if answered else WILL_YOU_COME,
        HOW_TO_ATTEND if answered else None,
    )
    buttons = ((N_("Change my answer"), f"event {event.id}"),) if answered else answer_buttons(event)
    mail.write_to(due.contact_id, text, buttons, topic=EVENTS)


def _remind_hour(mail: Mail, due: Due) -> None:
    event, _ = _read(mail, due)
    text = paragraphs(N_("*It begins soon*"), headline(event), HOW_TO_ATTEND)
    mail.write_to(due.contact_id, text, topic=EVENTS)


def _read(mail: Mail, due: Due) -> tuple[Event, events.Guest]:
    event = events.find_event(mail.connection, due.subject)
    guest = events.find_guest(mail.connection, due.subject, due.contact_id)
    if event is None or guest is None:
        raise LookupError("an event or its guest is gone within one transaction")
    return event, guest


DAY = Rule("event_day", _due(DAY_TOO_LATE, DAY_AHEAD, unanswered=True), _remind_day)
HOUR = Rule("event_hour", _due(_BEFORE_START, HOUR_AHEAD, unanswered=False), _remind_hour)
RULES: tuple[Rule, ...] = (DAY, HOUR)

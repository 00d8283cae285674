"""How an event is told: to those who may come, and to the office."""

from __future__ import annotations

import json
from dataclasses import replace

from flows.event import ANSWERED, ANSWERS
from flows.text import N_, Text, lines, paragraphs
from storage.events import Counts, Event, Guest

WILL_YOU_COME = N_("Will you come? Press an answer; you can change it until it begins.")
HOW_TO_ATTEND = N_("When you are there, type *hadir*, a space and the code shown in the room.")


def headline(event: Event) -> Text:
    """Say what, when and where."""
    return lines(
        N_("*{title}*", title=event.title),
        N_("*When:* {at}", at=event.starts_at),
        N_("*Where:* {place}", place=event.place),
    )


def answer_buttons(event: Event) -> tuple[tuple[Text, str], ...]:
    """Give the buttons by which somebody answers: they stay good, so that an answer can be changed."""
    return tuple((label, f"rsvp {event.id} {answer}") for answer, label in ANSWERS.items())


def own_answer(guest: Guest | None) -> Text:
    """Say what somebody has answered."""
    return N_("Your answer: {answer}", answer=ANSWERED[guest.answer if guest else None])


def told_to_guest(event: Event, guest: Guest | None, *, answerable: bool, awaited: bool) -> Text:
    """Say all about an event to a volunteer, with what they answered; ``awaited``: its code is good now."""
    cancelled = event.state == "cancelled"
    attended = guest.attended_at if guest else None
    return paragraphs(
        headline(event),
        event.about,
        N_("It has been called off.") if cancelled else None,
        own_answer(guest) if answerable else None,
        WILL_YOU_COME if answerable else None,
        N_("You were there, noted {at}. Thank you!", at=attended) if attended else None,
        HOW_TO_ATTEND if awaited and not attended else None,
        lines(N_("*Material*"), event.material) if event.material or event.media else None,
    )


def told_to_office(event: Event, counts: Counts) -> Text:
    """Say all about an event to the office: its code, and the guests in numbers."""
    cancelled = event.state == "cancelled"
    return paragraphs(
        headline(event),
        event.about,
        N_("It has been called off.") if cancelled else N_("*Code for the room:* *{code}*", code=event.code),
        lines(
            N_("*Guests:* {count}", count=counts.guests),
            N_("*Coming:* {count}", count=counts.coming),
            N_("*Not sure yet:* {count}", count=counts.maybe),
            N_("*Not coming:* {count}", count=counts.not_coming),
            N_("*No answer yet:* {count}", count=counts.unanswered),
            N_("*Were there:* {count}", count=counts.attended),
        ),
        lines(N_("*Material*"), event.material) if event.material or event.media else None,
    )


def named(guests: list[Guest]) -> Text:
    """List the guests of an event by name: those who were there, then the others by what they answered."""
    groups: list[Text] = []
    there = [guest.name for guest in guests if guest.attended_at]
    if there:
        groups.append(lines(N_("*Were there:* {count}", count=len(there)), *there))
    headings = {
        "coming": N_("*Coming, not noted as present:* {count}"),
        "maybe": N_("*Not sure yet:* {count}"),
        "not_coming": N_("*Not coming:* {count}"),
        None: N_("*No answer yet:* {count}"),
    }
    for answer, heading in headings.items():
        names = [guest.name for guest in guests if guest.answer == answer and not guest.attended_at]
        if names:
            groups.append(lines(replace(heading, arguments={"count": len(names)}), *names))
    return paragraphs(*groups)


def media_of(event: Event) -> tuple[str, ...]:
    """Give our ids of the files that belong to an event's material."""
    return tuple(json.loads(event.media)) if event.media else ()

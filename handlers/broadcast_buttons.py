"""The buttons under a broadcast: what an officer chose, as labels in both languages and the commands they are pressed for."""

from __future__ import annotations

from collections.abc import Mapping

from flows.event import ANSWERS
from flows.outcomes import BroadcastComposed
from flows.text import N_, Text
from handlers.turn import Tx
from storage import events

_STOP_WORDS: Mapping[str, tuple[Text, str]] = {
    "system": (N_("No such notices"), "sistem"),
    "service": (N_("Stop service news"), "layanan"),
    "news": (N_("Stop news"), "berita"),
    "event": (N_("Stop events"), "acara"),
    "warning": (N_("Stop warnings"), "peringatan"),
}


def make_buttons(tx: Tx, composed: BroadcastComposed) -> list[list[str]]:
    """Give [label id, label jv, command] for each; what is not there any more has none."""
    buttons: list[tuple[Text, str]] = []
    for what, which in composed.buttons:
        if what == "service" and (service := tx.office.registry.services.get(which)) is not None:
            buttons.append((service.short, f"/start layanan-{which}"))
        elif what == "lesson" and (lesson := tx.office.registry.lessons.get(which)) is not None:
            buttons.append((lesson.short, f"lesson {which}"))
        elif what == "rsvp" and events.find_event(tx.connection, int(which)) is not None:
            buttons += [(label, f"rsvp {which} {answer}") for answer, label in ANSWERS.items()]
        elif what == "stop":
            label, word = _STOP_WORDS[composed.kind]
            buttons.append((label, f"stop {word}"))
    say = {language: tx.office.voices.of(language).say for language in ("id", "jv")}
    return [[say["id"](label), say["jv"](label), command] for label, command in buttons]

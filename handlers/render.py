"""Turns texts and questions into words of a language and into what a channel can show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from flows.chat import Question, Shown
from flows.days import WEEKDAYS
from flows.text import LANGUAGES, Both, Joined, Message, Text
from flows.words import REVIEW_ASK
from handlers.messages import Button, Outgoing, to_json

LOCALES = Path(__file__).parent.parent / "locales"
MOST_CHARS = 1500  # Twilio takes 1,600 in a Body, Telegram 4,096 (shared limits of the vendors' pages)
MOST_DATA_BYTES = 64  # Telegram's callback_data
_ENGLISH = Locale("en")
_INDONESIAN = Locale("id")


class TextError(Exception):
    """A catalogue is not right, or a text's arguments do not fit it."""


def read_catalogue(language: str, folder: Path = LOCALES) -> dict[str, str]:
    """Read a language's messages from its .po file.

    Raises:
        TextError: the file is missing.
    """
    path = folder / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        raise TextError(f"no catalogue for {language!r}: {path.name} is missing; run make messages")
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks one language: texts in, words out."""

    language: str
    messages: Mapping[str, str]
    zone: ZoneInfo

    def say(self, text: Text) -> str:
        """Put a text into words. A person's own words lose the mark of emphasis, so that they never become markup."""
        if isinstance(text, str):
            return text.replace("*", "∗")
        if isinstance(text, Message):
            pattern = self.messages.get(text.msgid, text.msgid)
            if not text.arguments:
                return pattern
            return pattern.format_map({name: self.say(value) for name, value in text.arguments.items()})
        if isinstance(text, Both):
            return text[self.language]
        if isinstance(text, Joined):
            return text.separator.join(filter(None, map(self.say, text.parts)))
        if isinstance(text, datetime):
            return self._moment(text)
        if isinstance(text, date):
            return self.day(text)
        return str(format_decimal(text, locale=_INDONESIAN)) if abs(text) >= 10_000 else str(text)

    def day(self, day: date) -> str:
        """Write a day out, as "Kemis, 17 Oktober 2026"."""
        if self.language == "en":
            return str(format_date(day, "EEEE, d MMMM y", locale=_ENGLISH))
        weekday = WEEKDAYS[day.weekday()][self.language]
        return f"{weekday}, {format_date(day, 'd MMMM y', locale=_INDONESIAN)}"

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H.%M} {local.tzname()}"


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices of all languages."""

    by_language: Mapping[str, Voice]

    def of(self, language: str) -> Voice:
        """Give the voice of a contact's language."""
        return self.by_language.get(language) or self.by_language["id"]


def load_voices(zone: ZoneInfo) -> Voices:
    """Read all catalogues."""
    return Voices({language: Voice(language, read_catalogue(language), zone) for language in LANGUAGES})


def show_question(
    question: Question, voice: Voice, conversation_id: int, undo: object = None
) -> tuple[Outgoing, Shown]:
    """Make the message that asks a question, and what is to be remembered of it.

    A button carries conversation, key (as a short digest) and option id: pressed late or forged, it is noticed.
    """
    options = tuple((option.id, voice.say(option.label), option.words) for option in question.options)
    shown = Shown(question.key, options, question.narrowed, question.held, undo, question.keeps)  # type: ignore[arg-type]  # JSON
    text = voice.say(question.prompt)
    if question.lines:
        listed = "\n".join(
            f"{number}. *{voice.say(label)}:* {voice.say(value)}"
            for number, (label, value) in enumerate(question.lines, start=1)
        )
        title, ask = f"*{text}*", voice.say(REVIEW_ASK)
        text = f"{title}\n\n{listed}\n\n{ask}"
    labels = _numbered(question, options)
    buttons = tuple(
        Button(label, button_data(conversation_id, question.key, option_id))
        for label, (option_id, _, _) in zip(labels, options, strict=True)
    )
    ask_location: Literal["location"] | None = "location" if question.wants in ("location", "village") else None
    return Outgoing(text, buttons, numbered=bool(question.lines), ask=ask_location), shown


def _numbered(question: Question, options: tuple[tuple[str, str, tuple[str, ...]], ...]) -> list[str]:
    """Label the buttons; a review's lines keep their numbers, since the text refers to them."""
    if not question.lines:
        return [label for _, label, _ in options]
    return [
        f"{number}. {label}" if number <= len(question.lines) else label
        for number, (_, label, _) in enumerate(options, start=1)
    ]


def button_data(conversation_id: int, key: str, option_id: str) -> str:
    """Make a button's data: at most 64 bytes."""
    data = f"{conversation_id}|{key[-12:]}|{option_id}"
    if len(data.encode()) > MOST_DATA_BYTES:
        raise TextError(f"the button data {data!r} is over {MOST_DATA_BYTES} bytes: shorten the option id")
    return data


def read_button(data: str) -> tuple[int, str, str] | None:
    """Read a button's data back: conversation, end of the key, option id; None if it is not of this form."""
    head, _, rest = data.partition("|")
    key, bar, option = rest.partition("|")
    if not head.isascii() or not head.isdecimal() or len(head) > 18 or not bar:
        return None
    return int(head), key, option


def dump_shown(shown: Shown) -> str:
    """Give the question shown the form it has in the database."""
    row: dict[str, object] = {"key": shown.key}
    if shown.options:
        row["options"] = shown.options
    if shown.narrowed:
        row["narrowed"] = True
    if shown.held is not None:
        row["held"] = shown.held
    if shown.undo is not None:
        row["undo"] = shown.undo
    if shown.keeps:
        row["keeps"] = sorted(shown.keeps)
    return to_json(row)


def load_shown(stored: str) -> Shown:
    """Read the question shown back."""
    row = json.loads(stored)
    return Shown(
        row["key"],
        tuple((option_id, label, tuple(words)) for option_id, label, words in row.get("options", ())),
        row.get("narrowed", False),
        row.get("held"),
        row.get("undo"),
        frozenset(row.get("keeps", ())),
    )


def fit(text: str) -> list[str]:
    """Cut a text into pieces that fit every channel, at empty lines, line ends or words."""
    pieces: list[str] = []
    while len(text) > MOST_CHARS:
        cut = (
            max(text.rfind("\n\n", 0, MOST_CHARS), 0)
            or max(text.rfind("\n", 0, MOST_CHARS), text.rfind(" ", 0, MOST_CHARS), 0)
            or MOST_CHARS
        )
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces

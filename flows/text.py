"""Texts that are not yet in a language: what flows hand out and render.py turns into words.

A plain ``str`` is a person's own words or other data and is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

LANGUAGES = ("id", "jv")


@dataclass(frozen=True, slots=True)
class Message:
    """An interface text: English msgid of the catalogues in ``locales/``, braces for arguments."""

    msgid: str
    arguments: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Both:
    """A content text with its two languages side by side, as a YAML file has it."""

    id: str
    jv: str

    def __getitem__(self, language: str) -> str:
        return self.jv if language == "jv" else self.id


@dataclass(frozen=True, slots=True)
class Joined:
    """Whole texts in a row, put together with a separator; never parts of one sentence."""

    parts: tuple[Text, ...]
    separator: str = "\n"


Text = str | int | date | datetime | Message | Both | Joined


def N_(msgid: str, **arguments: Text) -> Message:  # noqa: N802  the mark that message extraction looks for
    """Mark an interface text for translation and bind its arguments."""
    return Message(msgid, arguments)


def lines(*parts: Text | None) -> Joined:
    """Put texts under each other, leaving out those that are None."""
    return Joined(tuple(part for part in parts if part is not None))


def paragraphs(*parts: Text | None) -> Joined:
    """Put texts under each other with an empty line between, leaving out those that are None."""
    return Joined(tuple(part for part in parts if part is not None), "\n\n")


def as_both(value: Any) -> Both:
    """Read a ``{id: …, jv: …}`` mapping of a content file.

    Raises:
        ValueError: a language is missing, empty or not a text.
    """
    if not isinstance(value, Mapping):
        raise ValueError("a text needs its two languages: {id: …, jv: …}")
    for language in LANGUAGES:
        if not isinstance(value.get(language), str) or not value[language].strip():
            raise ValueError(f"the text has no '{language}'")
    if unknown := set(value) - set(LANGUAGES):
        raise ValueError(f"unknown language {min(unknown)!r}")
    return Both(value["id"].strip(), value["jv"].strip())

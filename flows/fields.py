"""The kinds of answers a question can take. Each reads a reply, keeps its meaning (not its words) and shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Generic, TypeVar

from flows.chat import SKIP, Field, Invalid, Json, Location, Narrow, Option, Reply, Stale
from flows.choices import choose, is_bare, reads_as, seen
from flows.days import read_day
from flows.text import N_, Text
from flows.words import DONE_LABEL, DONE_WORDS, LEAVE_OUT_WORDS, SKIP_LABEL, SKIP_WORDS, YES_WORDS

T = TypeVar("T")
NONE: frozenset[str] = frozenset()
PAGE = 8  # options a page: WhatsApp's list picker takes 10, two are for turning the page
DONE = "done"
GO_ON = Option(DONE, DONE_LABEL, DONE_WORDS)
TEXT_PLEASE = N_("Please answer in words.")
_LONGEST_NUMBER_CHARS = 40
_GAP = re.compile(r"\n{3,}")
# One number among words ("25 orang", "Rp 1.500.000,-"); with a second one ("2-3", "3 dari 5") it is not clear which is meant.
_NUMBER = re.compile(r"\D*?(?<![-−])(\d{1,3}(?:[. ]\d{3})+|\d+)(?:,(?:-|0+)(?!\d))?\D*")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in the person's own words, with a length limit in characters.

    ``lines`` keeps it in lines and paragraphs; ``refused`` are words that are no answer when they stand alone, as a "yes" is none
    to "what is broken?".
    """

    most: int = 300
    least: int = 2
    wants: str = "text"
    keeps: frozenset[str] = NONE
    lines: bool = False
    refused: tuple[str, ...] = ()

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> str:
        rows = (" ".join(row.split()) for row in (reply.text.splitlines() if self.lines else (reply.text,)))
        text = _GAP.sub("\n\n", "\n".join(rows)).strip()
        if not any(character.isalnum() for character in text):
            raise Invalid(TEXT_PLEASE)
        if reads_as(text, LEAVE_OUT_WORDS):
            raise Invalid(N_("This one is needed, it cannot be left out. Please write it in a few words."))
        if self.refused and is_bare(text, self.refused):
            raise Invalid(N_("Thank you. For this one I need a few words more than that, please."))
        if len(text) < self.least:
            raise Invalid(N_("That is a little short. Please write a few words more."))
        if len(text) > self.most:
            raise Invalid(
                N_(
                    "That is too long: at most {most} characters, please. Yours has {length}.",
                    most=self.most,
                    length=len(text),
                )
            )
        return text

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if not isinstance(raw, str) or not raw or len(raw) > self.most:
            raise Stale
        return raw

    def show(self, value: str) -> Text:
        """Set lines apart: in a review they may have numbers of their own."""
        return value if "\n" not in value else "".join(f"\n› {row}".rstrip() for row in value.split("\n"))


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both included."""

    least: int = 0
    most: int = 1_000_000
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> int:
        found = _NUMBER.fullmatch(reply.text[:_LONGEST_NUMBER_CHARS].strip())
        digits = "".join(c for c in found[1] if c.isdecimal()) if found else ""
        if not digits or len(digits) > 9:
            raise Invalid(N_("Please answer with a number, for example 3."))
        value = int(digits)
        if not self.least <= value <= self.most:
            raise Invalid(N_("Please give a number from {least} to {most}.", least=self.least, most=self.most))
        return value

    def dump(self, value: int) -> Json:
        return value

    def load(self, raw: Json) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.least <= raw <= self.most:
            raise Stale
        return raw

    def show(self, value: int) -> Text:
        return value


@dataclass(frozen=True, slots=True)
class Day:
    """A day, typed in any usual way, within a span of days around today (a fact of the conversation)."""

    today: date
    past_days: int = 3650
    future_days: int = 730
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> date:
        day = read_day(reply.text, self.today, forward=self.future_days >= self.past_days)
        if day is None:
            raise Invalid(N_("I do not recognise that date. For example: 17-10-2026, tomorrow, or Monday."))
        earliest, latest = self.today - timedelta(self.past_days), self.today + timedelta(self.future_days)
        if not earliest <= day <= latest:
            raise Invalid(N_("Please give a date from {earliest} to {latest}.", earliest=earliest, latest=latest))
        return day

    def dump(self, value: date) -> Json:
        return value.isoformat()

    def load(self, raw: Json) -> date:
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            raise Stale from None

    def show(self, value: date) -> Text:
        return value


@dataclass(frozen=True, slots=True)
class Pick:
    """One of several options; more than a page of them can be leafed through, and any can be typed from any page.

    ``hidden`` options are not shown but can be typed.
    """

    choices: tuple[Option, ...]
    per_page: int = PAGE
    hidden: tuple[Option, ...] = ()
    wants: str = "choice"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return page_of(self.choices, 1, self.per_page)

    def parse(self, reply: Reply) -> str:
        choice = reply.choice or choose(reply.text, seen(self.choices)) or choose(reply.text, seen(self.hidden))
        if choice is not None and choice.startswith("page:"):
            raise Narrow(N_("Please choose."), page_of(self.choices, int(choice[5:]), self.per_page))
        if choice is None or all(option.id != choice for option in (*self.choices, *self.hidden)):
            raise Invalid(N_("Please choose one: press it, or type its number or name."))
        return choice

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if not isinstance(raw, str) or all(option.id != raw for option in (*self.choices, *self.hidden)):
            raise Stale
        return raw

    def show(self, value: str) -> Text:
        return next(option.label for option in (*self.choices, *self.hidden) if option.id == value)


def page_of(choices: tuple[Option, ...], page: int, per_page: int) -> tuple[Option, ...]:
    """Cut one page out of many options and add the options that turn the page."""
    if len(choices) <= per_page + 2:
        return choices
    pages = -(-len(choices) // per_page)
    page = max(1, min(page, pages))
    cut = choices[(page - 1) * per_page : page * per_page]
    later = (
        (Option(f"page:{page + 1}", N_("Next page"), ("lanjut", "berikutnya", "lajeng", "lainnya")),)
        if page < pages
        else ()
    )
    earlier = (Option(f"page:{page - 1}", N_("Previous page"), ("sebelumnya", "saderengipun")),) if page > 1 else ()
    return (*cut, *later, *earlier)


def is_done(reply: Reply) -> bool:
    """Tell whether a reply ends what is collected in several messages: by the option, or by a word of it or a yes."""
    return reply.choice == DONE or (not reply.media and reads_as(reply.text, (*DONE_WORDS, *YES_WORDS)))


@dataclass(frozen=True, slots=True)
class Photos:
    """Up to ``most`` photos, one message each or an album; the value is our media ids."""

    most: int = 3
    wants: str = "photo"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> tuple[str, ...]:
        held = tuple(item for item in reply.held if isinstance(item, str)) if isinstance(reply.held, list) else ()
        held = held[: self.most]
        if held and is_done(reply):
            return held
        new = tuple(item.id for item in reply.media if item.kind == "photo")
        if not new and not held:
            raise Invalid(N_("Please send a photo."))
        held = (held + new)[: self.most]
        if len(held) == self.most:
            return held
        got = (
            N_("{count} photos received. Send another, or choose *go on*.", count=len(held))
            if new
            else N_("Please send another photo, or choose *go on*.")
        )
        raise Narrow(got, (GO_ON,), list(held))

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def load(self, raw: Json) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw or len(raw) > self.most:
            raise Stale
        return tuple(item if isinstance(item, str) else _stale() for item in raw)

    def show(self, value: tuple[str, ...]) -> Text:
        return N_("{count} photos", count=len(value))


@dataclass(frozen=True, slots=True)
class Point:
    """A shared location, kept to about one metre (five decimals)."""

    wants: str = "location"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> Location:
        if reply.location is None or not reply.location.is_on_earth:
            raise Invalid(N_("Please send the location: press the paper clip or the button, then choose Location."))
        return Location(round(reply.location.latitude, 5), round(reply.location.longitude, 5))

    def dump(self, value: Location) -> Json:
        return [value.latitude, value.longitude]

    def load(self, raw: Json) -> Location:
        if isinstance(raw, list) and len(raw) == 2:
            latitude, longitude = raw
            if isinstance(latitude, int | float) and isinstance(longitude, int | float):
                point = Location(float(latitude), float(longitude))
                if point.is_on_earth:
                    return point
        raise Stale

    def show(self, value: Location) -> Text:
        return f"{value.latitude:.5f}, {value.longitude:.5f}"


@dataclass(frozen=True, slots=True)
class Maybe(Generic[T]):
    """A field that may be skipped; the value is then None."""

    field: Field[T]

    @property
    def wants(self) -> str:
        return self.field.wants

    @property
    def keeps(self) -> frozenset[str]:
        return self.field.keeps

    def options(self) -> tuple[Option, ...]:
        return (*self.field.options(), Option(SKIP, SKIP_LABEL, SKIP_WORDS))

    def parse(self, reply: Reply) -> T | None:
        if reply.choice == SKIP or (reply.choice is None and reads_as(reply.text, SKIP_WORDS)):
            return self._number(reply) if reply.held is None else self._held(reply)
        return self.field.parse(reply)

    def _held(self, reply: Reply) -> T | None:
        """Take a skip behind half an answer as its end: photos that were sent are not thrown away."""
        try:
            return self.field.parse(replace(reply, choice=DONE, text=""))
        except (Invalid, Narrow):
            return None

    def _number(self, reply: Reply) -> T | None:
        """Read a "1" that chose the option to skip: to "how many?" it is an answer, if the field takes it."""
        if not reply.text.strip().isdecimal():
            return None
        try:
            return self.field.parse(replace(reply, choice=None))
        except (Invalid, Narrow):
            return None

    def dump(self, value: T | None) -> Json:
        return None if value is None else self.field.dump(value)

    def load(self, raw: Json) -> T | None:
        return None if raw is None else self.field.load(raw)

    def show(self, value: T | None) -> Text:
        return "-" if value is None else self.field.show(value)


def _stale() -> str:
    raise Stale

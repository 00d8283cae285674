"""Times of day as people type them: "09.00", "jam 9 pagi", "setengah sepuluh", "jam 1 siang", "jam setunggal siyang"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flows.chat import Invalid, Json, Narrow, Option, Reply, Stale
from flows.fields import NONE
from flows.quantities import read_number
from flows.spelling import fold
from flows.text import N_, Text

_LONGEST_CHARS = 60
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*[.:]\s*(\d{2})(?!\d)")
_UNTIL = re.compile(
    r"\s*[-–—]|\bs/?d\b|\b(?:sampai|sampe|hingga|ngantos|nganti|dumugi|tekan)\b"
)  # only the start counts
_HOURS = {
    "satu": 1, "siji": 1, "setunggal": 1, "dua": 2, "loro": 2, "kalih": 2, "tiga": 3, "telu": 3, "empat": 4, "papat": 4,
    "sekawan": 4, "kawan": 4, "lima": 5, "gangsal": 5, "enam": 6, "enem": 6, "nem": 6, "tujuh": 7, "pitu": 7, "delapan": 8,
    "wolu": 8, "sembilan": 9, "sanga": 9, "sepuluh": 10, "sedasa": 10, "sebelas": 11, "sewelas": 11, "rolas": 12,
}  # fmt: skip
HOUR_NUMBERS = {fold(word): hour for word, hour in _HOURS.items()}
_HALF = fold("setengah")  # half past the hour before
_MARKS = frozenset(map(fold, ("jam", "pukul", "pkl", "jm", "tabuh")))
_BEGINS = frozenset(map(fold, ("mulai", "wiwit")))
_NOISE = _MARKS | _BEGINS | frozenset(map(fold, ("wib", "tepat", "pas")))
# What hours of the clock face a part of the day has, and what they are in 24 hours.
_MORNING = {hour: hour for hour in range(1, 12)}
_NOON = {9: 9, 10: 10, 11: 11, 12: 12, 1: 13, 2: 14, 3: 15, 4: 16}
_AFTERNOON = {hour: hour + 12 for hour in range(1, 8)}
_NIGHT = {**{hour: hour + 12 for hour in range(6, 12)}, 12: 0, 1: 1, 2: 2, 3: 3}
_PARTS = {
    fold(word): hours
    for hours, words in (
        (_MORNING, ("pagi", "pg", "esuk", "isuk", "enjing", "subuh")),
        (_NOON, ("siang", "awan", "siyang")),
        (_AFTERNOON, ("sore", "sonten", "petang")),
        (_NIGHT, ("malam", "mlm", "malem", "bengi", "wengi", "dalu", "ndalu")),
    )
    for word in words
}
PARTS_OF_DAY = frozenset(_PARTS)
NIGHT = frozenset(word for word, hours in _PARTS.items() if hours is _NIGHT)
_MOST_WORDS = 5  # "jam setengah dua belas siang"
_WORDS_BEFORE = ("pagi", "dini hari", "enjing", "isuk", "esuk")  # before noon
_WORDS_AFTER = ("siang", "sore", "siyang", "sonten", "awan", "petang")
_UNCLEAR = range(1, 7)  # without a part of the day these may be before or after noon


def read_times(typed: str) -> tuple[time, ...]:
    """Read a time of day out of a short text; of a stretch of time, its start.

    Returns:
        The one time meant; two where it may be before or after noon ("jam 2"); none where it is no time.
    """
    text = _UNTIL.split(typed.strip().lower()[:_LONGEST_CHARS], maxsplit=1)[0]
    clock = _CLOCK.search(text)
    words = [word for word in fold(_CLOCK.sub(" ", text, count=1)).split() if word not in _NOISE]
    parts = [_PARTS[word] for word in words if word in _PARTS]
    words = [word for word in words if word not in _PARTS]
    half = words[:1] == [_HALF]
    words = words[half:]
    if clock is not None:
        hour, minute = int(clock[1]), int(clock[2])
    else:
        hour, taken = read_number(words, HOUR_NUMBERS) or (99, 0)
        minute, words = 0, words[taken:]
    if words or len(parts) > 1 or hour > 23 or minute > 59 or (half and clock is not None):
        return ()
    before = timedelta(minutes=30 if half else 0)
    moments = (datetime.combine(date.max, time(each, minute)) - before for each in _hours(hour, parts))
    return tuple(moment.time() for moment in moments)


def find_time(words: Sequence[str]) -> tuple[int, int] | None:
    """Find the first stretch of a sentence that names a time of day, no stretch of time; ``read_times`` reads it.

    Args:
        words: the folded words of the sentence, clock times ("09.00") as one word.

    Returns:
        Start and end of the stretch, the longest one from there, or None.
    """
    for start, word in enumerate(words):
        if not (
            word in _MARKS or word == _HALF or _CLOCK.fullmatch(word) or _is_hour_of_part(words[start : start + 2])
        ):
            continue
        for size in range(min(_MOST_WORDS, len(words) - start), 0, -1):
            stretch = words[start : start + size]
            typed = " ".join(stretch)
            if _BEGINS.isdisjoint(stretch) and _UNTIL.search(typed) is None and read_times(typed):
                return start, start + size
    return None


def _is_hour_of_part(words: Sequence[str]) -> bool:
    """Tell whether it is an hour without a mark before it: "9 pagi"."""
    return len(words) == 2 and words[1] in PARTS_OF_DAY and (words[0].isdecimal() or words[0] in HOUR_NUMBERS)


def _hours(hour: int, parts: list[dict[int, int]]) -> tuple[int, ...]:
    if hour in range(1, 13) and parts:
        return (parts[0][hour],) if hour in parts[0] else ()
    return (hour, hour + 12) if hour in _UNCLEAR else (hour,)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day to the minute; ``after`` is the time it must be later than, where the day is today."""

    after: time | None = None
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> time:
        found = read_times(reply.text) if reply.choice is None else _chosen(reply.choice)
        if not found:
            raise Invalid(
                N_("I do not recognise that time. For example: 09.00, 9 in the morning, or 1 in the afternoon.")
            )
        left = [each for each in found if not self._is_gone(each)]
        if not left:
            raise Invalid(N_("That time has gone by. Give a later one, or type *kembali* to choose another day."))
        if len(left) > 1:
            options = tuple(
                Option(f"{each:%H:%M}", f"{each:%H.%M}", _WORDS_AFTER if each.hour >= 12 else _WORDS_BEFORE)
                for each in left
            )
            raise Narrow(N_("Before noon or after?"), options)
        return left[0]

    def dump(self, value: time) -> Json:
        return f"{value:%H:%M}"

    def load(self, raw: Json) -> time:
        found = _chosen(str(raw))
        if not found or self._is_gone(found[0]):
            raise Stale
        return found[0]

    def show(self, value: time) -> Text:
        return f"{value:%H.%M}"

    def _is_gone(self, value: time) -> bool:
        return self.after is not None and value <= self.after


def _chosen(raw: str) -> tuple[time, ...]:
    try:
        return (time.fromisoformat(raw),)
    except ValueError:
        return ()

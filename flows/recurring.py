"""When something is to go out, as officers type it: "setiap hari jam 9", "tiap Senin dan Kamis 18.30", "saben tanggal 1", "besok jam 9".

Every word must be understood: what a broadcast would do other than its officer meant is worse than asking again. The words
are turned into a string of symbols, one each, and the ways of saying which days are patterns over these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Literal

from flows.days import find_day, read_day, weekday_of
from flows.periods import period_of
from flows.recurrence import (
    LAST,
    LONGEST_MONTH_DAYS,
    Days,
    EveryDay,
    EveryMonth,
    EveryMonthOn,
    EveryWeek,
    Once,
    Recurrence,
)
from flows.recurring_words import (
    AT_ONCE,
    DATE_MARKS,
    DAY_MARKS,
    EVERY,
    FROM,
    GONE,
    LATER_TODAY,
    MONTH,
    ORDINALS,
    THIS,
    TO,
    YEAR,
    cut_words,
    symbol_of,
    symbols_of,
)
from flows.times import NIGHT, PARTS_OF_DAY, find_time, read_times

_LONGEST_CHARS = 200
_WORKDAYS = (0, 1, 2, 3, 4)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-/.]\d{1,2}(?:[-/.](?:\d{4}|\d{2}))?")

# "minggu" is Sunday behind *hari* and among other weekdays; alone it may be the week, and is asked again.
_ONE = r"(?:d?w|ds|s(?=[a-]d?[ws])|(?<=[wsax-])s)"
_SOME = rf"{_ONE}(?:[a-]?{_ONE})*"
_WEEKDAY = r"(?:d?w|ds)"
_DAILY = re.compile(r"ed?")
_ON_WORKDAYS = re.compile(r"ed?j")
_WEEKLY = re.compile(rf"e(?:k|s(?=d))?d?({_SOME})|({_SOME})e[ks]")
_MONTHLY = re.compile(r"em?tn|e?tnem")
_AT_END_OF_MONTH = re.compile(r"e?lm(?:em)?|em(?:lm|[dt]l)|e[dt]le?m|[dt]lem")
_MONTHLY_ON = re.compile(rf"e{_WEEKDAY}[ol](?:e?m)?|{_WEEKDAY}[ol]em|em{_WEEKDAY}[ol]")
_EXCEPT = re.compile(rf"x(?:a?(?:d?h|{_SOME}))+")


class _Unclear(Exception):  # noqa: N818  nobody made a mistake
    """It is not understood, or may mean two things."""


def read_recurring(typed: str, now: datetime, otherwise: time) -> Recurrence | Literal["now"] | None:
    """Read when something is to go out.

    Args:
        typed: what the officer wrote, in either language.
        now: the time in the office's zone, from which "besok" is counted.
        otherwise: the time of day where none is said.

    Returns:
        The recurrence, never a single day gone by; "now"; None where it is not understood or may mean two things.
    """
    words = cut_words(typed) if len(typed) <= _LONGEST_CHARS else []
    if not words or not GONE.isdisjoint(words):
        return None
    if " ".join(words) in AT_ONCE:
        return "now"
    try:
        return _read(words, now, otherwise)
    except _Unclear:
        return None


def _read(words: list[str], now: datetime, otherwise: time) -> Recurrence:
    today = now.date()
    words, at = _take_time(words)
    words, until = _take_bound(words, TO, today)
    words, first = _take_bound(words, FROM, today)
    words, excluded, without_holidays = _take_exceptions(words)
    symbols = symbols_of(words)
    days = _read_days(words, symbols, timed=at is not None)
    if days is None:
        if until or first or excluded or without_holidays or (at is None and not LATER_TODAY.isdisjoint(words)):
            raise _Unclear
        return _read_once(words, now, at or otherwise)
    first = first or today
    if first < today or (until is not None and until < first):
        raise _Unclear
    return Recurrence(_without(days, excluded), at or otherwise, first, until, without_holidays or "j" in symbols)


def _read_once(words: list[str], now: datetime, at: time) -> Recurrence:
    day_words = [word for word in words if symbol_of(word) != "1"]
    taken, day = _read_day(day_words, now.date()) or (0, date.min)
    if taken < len(day_words) or datetime.combine(day, at) <= now.replace(tzinfo=None):
        raise _Unclear
    return Recurrence(Once(), at, day)


def _take_time(words: list[str]) -> tuple[list[str], time | None]:
    """Take out the time of day; a part of the day that stands elsewhere belongs to it ("tiap pagi jam 8")."""
    for night, following in pairwise(words):
        if night in NIGHT and weekday_of(following) is not None:
            raise _Unclear  # "malam Jumat" is Thursday evening for some, Friday evening for others
    stretch = find_time(words)
    spoken, rest = "", words
    if stretch is not None:
        start, end = stretch
        spoken = " ".join(words[start:end])
        rest = words[: start - (start > 0 and words[start - 1] in FROM)] + words[end:]
        if find_time(rest) is not None:
            raise _Unclear
    kept: list[str] = []
    for word in rest:
        if word not in PARTS_OF_DAY:
            kept.append(word)
            continue
        spoken += f" {word}"
        if kept and kept[-1] in EVERY:
            kept.append("hari")
        elif kept and symbol_of(kept[-1]) == "s":
            kept[-1:] = ["hari", kept[-1]]  # "minggu pagi" is no week
    if not spoken:
        return kept, None
    times = read_times(spoken)
    if len(times) != 1:
        raise _Unclear
    return kept, times[0]


def _take_bound(words: list[str], marks: frozenset[str], today: date) -> tuple[list[str], date | None]:
    """Take out the first or the last day; "Senin sampai Jumat" is none, it names weekdays."""
    for at, word in enumerate(words):
        if word not in marks:
            continue
        found = _read_end(words[at + 1 :], today) or _read_day(words[at + 1 :], today)
        if found is None:
            continue
        taken, day = found
        end = at + 1 + taken
        behind_weekday = at > 0 and weekday_of(words[at - 1]) is not None
        if not (word in TO and behind_weekday and weekday_of(words[end - 1]) is not None):
            return words[:at] + words[end:], day
    return words, None


def _read_end(words: Sequence[str], today: date) -> tuple[int, date] | None:
    """Read the end of this month or year that words begin with: how many they are, and the day."""
    if len(words) < 2 or symbol_of(words[0]) != "l" or words[1] not in MONTH | YEAR:
        return None
    taken = 3 if len(words) > 2 and words[2] in THIS else 2
    return taken, period_of("month" if words[1] in MONTH else "year", today).last


def _read_day(words: Sequence[str], today: date) -> tuple[int, date] | None:
    """Read the single day that words begin with: how many they are, and the day; a weekday before a date must be its own."""
    if words and words[0] in LATER_TODAY:
        return 1, today
    if len(words) > 2 and words[2] in THIS and (end := _read_end(words, today)):
        return end
    marked = int(bool(words) and words[0] in DAY_MARKS)
    weekday = weekday_of(words[marked]) if len(words) > marked else None
    named = 0 if weekday is None else marked + 1
    dated = named + (len(words) > named and words[named] in DATE_MARKS)
    for start in (dated, named, marked, 0):
        rest = words[start:]
        taken = _words_of_day(rest)
        day = read_day(" ".join(rest[:taken]), today, forward=True) if taken else None
        if day is not None:
            if start and weekday is not None and day.weekday() != weekday:
                raise _Unclear
            return start + taken, day
    return None


def _words_of_day(words: Sequence[str]) -> int:
    """Count the words at the beginning that name a day."""
    if words and _DATE.fullmatch(words[0]):
        return 1
    start, end = find_day(words) or (0, 0)
    return 0 if start else end


def _take_exceptions(words: list[str]) -> tuple[list[str], frozenset[int], bool]:
    """Take out what is left out: weekdays, and whether holidays are."""
    found = _EXCEPT.search(symbols_of(words))
    if found is None:
        return words, frozenset(), False
    start, end = found.span()
    return words[:start] + words[end:], _weekdays(words[start:end]), "h" in found[0]


def _read_days(words: list[str], symbols: str, *, timed: bool) -> Days | None:
    """Read how often, from all the words; None where they do not say that it is more than once."""
    if _DAILY.fullmatch(symbols):
        if symbols == "e" and not timed:
            raise _Unclear
        return EveryDay()
    if _ON_WORKDAYS.fullmatch(symbols):
        return EveryWeek(_WORKDAYS)
    if weekly := _WEEKLY.fullmatch(symbols):
        start, end = weekly.span(weekly.lastindex or 0)
        return EveryWeek(tuple(sorted(_weekdays(words[start:end]))))
    if _MONTHLY.fullmatch(symbols):
        return EveryMonth(int(words[symbols.index("n")]))
    if _AT_END_OF_MONTH.fullmatch(symbols):
        return EveryMonth(LONGEST_MONTH_DAYS)
    if _MONTHLY_ON.fullmatch(symbols):
        (weekday,) = _weekdays(words)
        return EveryMonthOn(next((ORDINALS[word] for word in words if word in ORDINALS), LAST), weekday)
    return None


def _weekdays(words: Sequence[str]) -> frozenset[int]:
    """List the weekdays of some words, also those between two with a "sampai"."""
    found: list[int] = []
    is_run = False
    for word in words:
        weekday = weekday_of(word)
        if weekday is None:
            is_run = is_run or symbol_of(word) == "-"
            continue
        while is_run and found[-1] != weekday:
            found.append((found[-1] + 1) % 7)
        found.append(weekday)
        is_run = False
    return frozenset(found)


def _without(days: Days, excluded: frozenset[int]) -> Days:
    if not excluded:
        return days
    if isinstance(days, EveryDay):
        days = EveryWeek(tuple(range(7)))
    if not isinstance(days, EveryWeek) or not excluded < {*days.weekdays}:
        raise _Unclear
    return EveryWeek(tuple(weekday for weekday in days.weekdays if weekday not in excluded))

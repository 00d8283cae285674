"""Days from one to another, as people type them: "tgl 1 sampai 20", "1-20 november", "25 oktober s/d 5 november 2026"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flows.days import MONTH_OF, YEAR
from flows.spelling import fold, folded

_UNTIL = tuple(
    tuple(fold(words).split())
    for words in ("sampai dengan", "sampai", "sampe", "sampek", "smp", "s/d", "sd", "hingga", "dumugi", "dugi", "ngantos", "nganti", "tekan")
)  # fmt: skip
_MONTHS = 12
_MARKS = folded("tgl tanggal tg")
_BEFORE = _MARKS | folded("dari mulai sejak saking wiwit")


@dataclass(frozen=True, slots=True)
class _End:
    """One end as typed: a day, a month, or both; ``named`` tells that the month stands in letters."""

    day: int | None
    month: int | None = None
    year: int | None = None
    named: bool = False


def find_span(words: Sequence[str], today: date) -> tuple[int, int, date, date] | None:
    """Find the first stretch of a sentence that names days from one to another; without a year it is the last one begun.

    Returns:
        Start and end of the stretch among the folded words, the first day and the last.
    """
    for start in range(len(words)):
        for at, first in _ends(words, start):
            after = _until(words, at)
            for end, last in _ends(words, at if after is None else after):
                marked = start > 0 and words[start - 1] in _MARKS
                fits = _fits_bare(first, last, marked=marked) if after is None else _fits(first, last)
                days = _days(first, last, today) if fits else None
                if days is not None:
                    return _begin(words, start), end, *days
    return None


def _ends(words: Sequence[str], at: int) -> Iterator[tuple[int, _End]]:
    """Read what may be one end, the longest first: where it stops, and what it says."""
    while at < len(words) and words[at] in _MARKS:
        at += 1
    one, two, three = (*words[at : at + 3], "", "", "")[:3]
    day = int(one) if one.isdecimal() and len(one) <= 2 else None
    year = int(three) if YEAR.fullmatch(three) else None
    if day is not None and two in MONTH_OF:
        yield from [(at + 3, _End(day, MONTH_OF[two], year, named=True))] if year else []
        yield at + 2, _End(day, MONTH_OF[two], named=True)
    elif day is not None and two.isdecimal() and len(two) <= 2 and int(two) <= _MONTHS:
        yield from [(at + 3, _End(day, int(two), year))] if year else []
        yield at + 2, _End(day, int(two))
    if day is not None:
        yield at + 1, _End(day)
    elif one in MONTH_OF:
        yield from [(at + 2, _End(None, MONTH_OF[one], int(two), named=True))] if YEAR.fullmatch(two) else []
        yield at + 1, _End(None, MONTH_OF[one], named=True)


def _until(words: Sequence[str], at: int) -> int | None:
    """Give where a word like *sampai* ends that stands here."""
    return next((at + len(until) for until in _UNTIL if tuple(words[at : at + len(until)]) == until), None)


def _fits(first: _End, last: _End) -> bool:
    """Tell whether the two are alike: two days or two months, and numbers for months only where both have them or a year tells."""
    numbered = last.month is not None and not last.named
    return (first.day is None) == (last.day is None) and (
        not numbered or first.month is not None or last.year is not None
    )


def _fits_bare(first: _End, last: _End, *, marked: bool) -> bool:
    """Tell whether two days with a dash between them, which a fold drops, are surely from one to the other.

    "1-20 november" is and "tgl 1-20"; "1-10" is a day of October.
    """
    if first.day is None or last.day is None or (first.month is not None and not (first.named or first.year)):
        return False
    if last.month is not None:
        return (last.named or last.year is not None) and (first.month is not None or first.day < last.day)
    return marked and first.month is None and last.day > max(first.day, _MONTHS)


def _days(first: _End, last: _End, today: date) -> tuple[date, date] | None:
    """Find the newest days that fit what was typed, begun by today unless a year says otherwise."""
    if first.month is not None and last.month is None:
        wraps = first.day is not None and last.day is not None and first.day > last.day
        last = replace(last, month=first.month % 12 + 1 if wraps else first.month)
    year = last.year or first.year
    now = today.year * 12 + today.month - 1
    for index in range(year * 12 + 23, year * 12 - 1, -1) if year else range(now + 12, now - 24, -1):
        ends = _made(index, last.day)
        if ends is None or last.month not in (None, ends.month) or last.year not in (None, ends.year):
            continue
        turns = int((first.day or 1) > (last.day or 31))  # into the next month: "25 sampai 5 november"
        back = turns if first.month is None else (ends.month - first.month) % 12
        begins = _made(index - back, first.day or 1)
        if begins is None or first.year not in (None, begins.year) or begins >= ends:
            continue
        if year or begins <= today:
            return begins, ends
    return None


def _made(index: int, day: int | None) -> date | None:
    """Make a day of a month counted from the year 0; without a day its last one."""
    try:
        if day is None:
            return date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(1)
        return date(index // 12, index % 12 + 1, day)
    except ValueError:
        return None


def _begin(words: Sequence[str], start: int) -> int:
    while start > 0 and words[start - 1] in _BEFORE:
        start -= 1
    return start

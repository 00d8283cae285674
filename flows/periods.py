"""Stretches of time that figures are given for: a day, an ISO week, a month, a year or some days; read, named, and gone back from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flows.days import YEAR, find_day, find_period, read_day
from flows.spans import find_span

# The same in both languages (the Javanese of Blitar uses the Indonesian names).
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_FORM = re.compile(r"(\d{4})(?:-(?:W(\d{2})|(\d{2})(?:-(\d{2}))?))?")
_SPAN = re.compile(r"(\d{4})(\d{2})(\d{2})\+(\d{1,4})")  # short: a button has room for 64 bytes
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends included."""

    unit: Literal["day", "week", "month", "year", "span"]
    first: date
    last: date

    @property
    def iso(self) -> str:
        """Give it as 2026-11-24, 2026-W48, 2026-11, 2026 or 20261101+20 (its first day and how many); ``read_period`` reads it back."""
        if self.unit == "span":
            return f"{self.first:%Y%m%d}+{self.length}"
        if self.unit == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.unit]]

    @property
    def name(self) -> str:
        """Say it as people do, alike in both languages: "Oktober 2026", "16–22 November 2026"."""
        if self.unit == "year":
            return str(self.first.year)
        if self.unit == "month":
            return f"{MONTHS[self.first.month - 1]} {self.first.year}"
        if self.unit == "day":
            return name_day(self.first)
        first, last = name_day(self.first), name_day(self.last)
        if self.first.month == self.last.month:
            return f"{self.first.day}–{last}"
        return f"{first.removesuffix(f' {self.last.year}')}–{last}"

    @property
    def length(self) -> int:
        """Count its days."""
        return (self.last - self.first).days + 1

    def has(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.first <= day <= self.last

    @property
    def in_months(self) -> Period:
        """Give the month in which a day lies or a week begins, for figures of whole months."""
        return self if self.unit in ("month", "year") else period_of("month", self.first)

    @property
    def before(self) -> Period:
        """Give the period before this one, as long as it."""
        if self.unit == "span":
            return Period("span", self.first - timedelta(self.length), self.first - timedelta(1))
        return period_of(self.unit, self.first - timedelta(1))


def period_of(unit: Literal["day", "week", "month", "year"], day: date) -> Period:
    """Give the day, week, month or year that a day lies in."""
    if unit == "day":
        return Period(unit, day, day)
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return Period(unit, monday, monday + timedelta(6))
    if unit == "year":
        return Period(unit, date(day.year, 1, 1), date(day.year, 12, 31))
    first = day.replace(day=1)
    return Period(unit, first, (first + timedelta(31)).replace(day=1) - timedelta(1))


def read_period(text: str) -> Period | None:
    """Read a period of the form 2026, 2026-11, 2026-W48, 2026-11-24 or 20261101+20."""
    if (span := _SPAN.fullmatch(text)) is not None:
        return _read_span(*(int(each) for each in span.groups()))
    found = _FORM.fullmatch(text)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    year, week, month, day = found.groups()
    try:
        if week is not None:
            return period_of("week", date.fromisocalendar(int(year), int(week), 1))
        if day is not None:
            return period_of("day", date(int(year), int(month), int(day)))
        return period_of("year" if month is None else "month", date(int(year), int(month or 1), 1))
    except ValueError:
        return None


def _read_span(year: int, month: int, day: int, length: int) -> Period | None:
    try:
        first = date(year, month, day)
        last = first + timedelta(length - 1)
    except (ValueError, OverflowError):
        return None
    in_time = first.year >= _FIRST_YEAR and last.year <= _LAST_YEAR
    return Period("span", first, last) if in_time and first < last else None


def find_stretch(words: list[str], today: date) -> tuple[int, int, Period] | None:
    """Find what names a period, a day or some days among folded words: "bulan lalu", "3 oktober", "2026", "1 sampai 20 oktober"."""
    if (span := find_span(words, today)) is not None:
        start, end, first, last = span
        return start, end, Period("span", first, last)
    if (found := find_period(words, today)) is not None:
        start, end, iso = found
        period = read_period(iso)
        return (start, end, period) if period else None
    if (stretch := find_day(words)) is not None:
        day = read_day(" ".join(words[slice(*stretch)]), today, forward=False)
        return (*stretch, period_of("day", day)) if day is not None else None
    year = next((at for at, word in enumerate(words) if YEAR.fullmatch(word)), None)
    return (year, year + 1, period_of("year", date(int(words[year]), 1, 1))) if year is not None else None


def name_day(day: date) -> str:
    """Write a day short: "3 Oktober 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

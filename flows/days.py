"""Days as people type them: "besok", "wingi", "tgl 3", "17-10", "Senin depan", "3 Oktober 2026"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from flows.spelling import fold

_SHIFTS = {
    "hari ini": 0, "sekarang": 0, "dinten niki": 0, "dinten menika": 0, "dina iki": 0, "saiki": 0, "sakniki": 0, "sapunika": 0,
    "besok": 1, "mbenjing": 1, "benjing": 1, "sesuk": 1, "mene": 1, "esok": 1,
    "lusa": 2, "emben": 2, "benjing emben": 2,
    "kemarin": -1, "kmrn": -1, "wingi": -1, "kala wingi": -1, "kolo wingi": -1, "tadi malam": -1, "kemarin lusa": -2, "wingi lusa": -2,
}  # fmt: skip
_WEEKDAYS = {
    "senin": 0, "senen": 0, "selasa": 1, "rabu": 2, "rebo": 2, "kamis": 3, "kemis": 3, "jumat": 4, "jemuwah": 4, "jemuah": 4,
    "jumuwah": 4, "sabtu": 5, "setu": 5, "sebtu": 5, "minggu": 6, "ahad": 6, "akad": 6,
}  # fmt: skip
_MONTHS = {
    "januari": 1, "jan": 1, "februari": 2, "pebruari": 2, "feb": 2, "maret": 3, "mar": 3, "april": 4, "apr": 4, "mei": 5,
    "juni": 6, "jun": 6, "juli": 7, "jul": 7, "agustus": 8, "agu": 8, "agt": 8, "ags": 8, "september": 9, "sep": 9, "sept": 9,
    "oktober": 10, "okt": 10, "november": 11, "nopember": 11, "nov": 11, "nop": 11, "desember": 12, "dhesember": 12, "des": 12,
}  # fmt: skip
_LONGEST_CHARS = 60
_LEAP_YEARS_APART = 8  # at most: 1896 and 1904, 2096 and 2104
_NUMERIC = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})(?:\s*[-/. ]\s*(\d{4}|\d{2}))?(?!\d)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NAMED = re.compile(r"(\d{1,2})\s+([a-z]+)(?:\s+(\d{4}))?")
_DAY_ONLY = re.compile(r"(?:tgl|tanggal|tangal)?\s*(\d{1,2})")


def read_day(typed: str, today: date, *, forward: bool) -> date | None:
    """Read a day out of a short text.

    Args:
        typed: what the person wrote.
        today: the day the conversation began, in the office's zone.
        forward: a day without a year or month is the next one to come; otherwise the last one gone by.
    """
    text = typed.strip().lower()[:_LONGEST_CHARS]
    folded = fold(text)
    shifts = {fold(words): shift for words, shift in _SHIFTS.items()}
    if folded in shifts:
        return today + timedelta(shifts[folded])
    if iso := _ISO.fullmatch(text):
        return _made(int(iso[1]), int(iso[2]), int(iso[3]))
    if numeric := _NUMERIC.search(text):
        return _nearest(int(numeric[1]), int(numeric[2]), numeric[3], today, forward=forward)
    months = {fold(name): number for name, number in _MONTHS.items()}
    if (named := _NAMED.search(folded)) and named[2] in months:
        return _nearest(int(named[1]), months[named[2]], named[3], today, forward=forward)
    weekdays = {fold(name): number for name, number in _WEEKDAYS.items()}
    for word in folded.split():
        if word in weekdays:
            ahead = (weekdays[word] - today.weekday()) % 7 or 7
            return today + timedelta(ahead if forward else ahead - 7)
    if alone := _DAY_ONLY.fullmatch(folded):
        return _in_month(int(alone[1]), today, forward=forward)
    return None


def _nearest(day: int, month: int, year: str | None, today: date, *, forward: bool) -> date | None:
    if year is not None:
        found = _made(int(year) + (2000 if len(year) == 2 else 0), month, day)
        if len(year) == 2 and not forward and found is not None and found > today:
            return _made(int(year) + 1900, month, day)
        return found
    step = 1 if forward else -1
    years = (today.year + step * away for away in range(_LEAP_YEARS_APART + 1))
    return _first((_made(each, month, day) for each in years), today, forward=forward)


def _in_month(day: int, today: date, *, forward: bool) -> date | None:
    step = 1 if forward else -1
    months = (today.year * 12 + today.month - 1 + step * away for away in range(3))  # no two months lack a day in a row
    return _first((_made(each // 12, each % 12 + 1, day) for each in months), today, forward=forward)


def _first(days: Iterable[date | None], today: date, *, forward: bool) -> date | None:
    """Find the first of the days that there is, and that lies in the direction meant."""
    there = (day for day in days if day is not None)
    return next((day for day in there if (day >= today if forward else day <= today)), None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

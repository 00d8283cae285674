"""Days and periods as people type them: "besok", "wingi", "tgl 3", "17-10", "Senin depan", "3 Oktober 2026", "wulan niki"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flows.spelling import fold
from flows.text import Both

# Of 0 (Monday) to 6, as people in Blitar say them: Babel's Javanese weekdays are Indonesian ones.
WEEKDAYS = (
    Both("Senin", "Senen"), Both("Selasa", "Selasa"), Both("Rabu", "Rebo"), Both("Kamis", "Kemis"), Both("Jumat", "Jemuwah"),
    Both("Sabtu", "Setu"), Both("Minggu", "Minggu"),
)  # fmt: skip
_SHIFTS = {
    "hari ini": 0, "sekarang": 0, "dinten niki": 0, "dinten menika": 0, "dina iki": 0, "saiki": 0, "sakniki": 0, "sapunika": 0,
    "barusan": 0, "tadi": 0, "tadi pagi": 0, "tadi siang": 0, "tadi sore": 0, "mau isuk": 0, "mau awan": 0, "mau bengi": 0, "wau enjing": 0,
    "td pagi": 0, "td siang": 0, "td sore": 0, "wau siyang": 0, "wau sonten": 0, "tadi mlm": 0, "td mlm": 0,
    "dinane iki": 0, "dino niki": 0, "hr ini": 0, "hri ini": 0, "dinten punika": 0, "nanti malam": 0, "mengko bengi": 0, "nanti sore": 0,
    "besok": 1, "mbenjing": 1, "benjing": 1, "sesuk": 1, "mene": 1, "esok": 1, "bsk": 1, "besuk": 1, "besok pagi": 1, "sesuk esuk": 1,
    "lusa": 2, "emben": 2, "benjing emben": 2,
    "kemarin": -1, "kmrn": -1, "wingi": -1, "kala wingi": -1, "kolo wingi": -1, "tadi malam": -1, "kemaren": -1, "kmren": -1, "kmarin": -1, "wingi sore": -1, "kemarin sore": -1, "kemarin lusa": -2, "wingi lusa": -2,
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
_PERIODS = {
    "minggu ini": ("week", 0), "minggu iki": ("week", 0), "minggu niki": ("week", 0), "minggu lalu": ("week", -1), "minggu kemarin": ("week", -1),
    "minggu wingi": ("week", -1), "minggu kepengker": ("week", -1), "pekan ini": ("week", 0), "pekan lalu": ("week", -1),
    "bulan ini": ("month", 0), "bln ini": ("month", 0), "wulan iki": ("month", 0), "wulan niki": ("month", 0), "sasi iki": ("month", 0),
    "sasi niki": ("month", 0), "wulan menika": ("month", 0), "bulan lalu": ("month", -1), "bln lalu": ("month", -1), "bulan kemarin": ("month", -1),
    "wulan wingi": ("month", -1), "sasi wingi": ("month", -1), "wulan kepengker": ("month", -1), "bln kmrn": ("month", -1), "sasi kepungkur": ("month", -1),
    "tahun ini": ("year", 0), "thn ini": ("year", 0), "taun iki": ("year", 0), "taun niki": ("year", 0), "tahun lalu": ("year", -1),
    "taun wingi": ("year", -1), "tahun kemarin": ("year", -1), "taun kepengker": ("year", -1),
}  # fmt: skip
_AFTER_WEEKDAY = frozenset(
    ["depan", "lalu", "kemarin", "wingi", "kepengker", "besok", "sesuk", "benjing", "ini", "iki", "niki"]
)
_SHIFT_OF = {fold(words): shift for words, shift in _SHIFTS.items()}
_WEEKDAY_OF = {fold(words): day for words, day in _WEEKDAYS.items()}
MONTH_OF = {fold(words): month for words, month in _MONTHS.items()}
_PERIOD_OF = {fold(words): period for words, period in _PERIODS.items()}
_PLAIN_MONTHS = {
    fold(words): month for words, month in _MONTHS.items() if len(words) > 4 or words in ("mei", "juni", "juli")
}
YEAR = re.compile(r"20\d\d")
_DATE_MARKS = ("tgl", "tangal", "tg", "tngl")
_DAY_MARKS = ("hari", "dina", "dinten", "hr", "malam", "malem")
_NO_DAY_ALONE = frozenset(
    fold(word) for word in ("sekarang", "saiki", "sakniki", "sapunika", "akad", "tadi", "barusan", "mene", "minggu")
)
_FIRST_WORDS = frozenset(phrase.split()[0] for phrase in (*_SHIFT_OF, *_WEEKDAY_OF, *_DATE_MARKS, *_DAY_MARKS))
_LONGEST_PHRASE_WORDS = 3
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
    if folded in _SHIFT_OF:
        return today + timedelta(_SHIFT_OF[folded])
    if iso := _ISO.fullmatch(text):
        return _made(int(iso[1]), int(iso[2]), int(iso[3]))
    if numeric := _NUMERIC.search(text):
        return _nearest(int(numeric[1]), int(numeric[2]), numeric[3], today, forward=forward)
    if (named := _NAMED.search(folded)) and named[2] in MONTH_OF:
        return _nearest(int(named[1]), MONTH_OF[named[2]], named[3], today, forward=forward)
    for word in folded.split():
        if word in _WEEKDAY_OF:
            ahead = (_WEEKDAY_OF[word] - today.weekday()) % 7 or 7
            return today + timedelta(ahead if forward else ahead - 7)
    if alone := _DAY_ONLY.fullmatch(folded):
        return _in_month(int(alone[1]), today, forward=forward)
    return None


def weekday_of(word: str) -> int | None:
    """Give the weekday that a folded word is, 0 (Monday) to 6."""
    return _WEEKDAY_OF.get(word)


def find_day(words: Sequence[str]) -> tuple[int, int] | None:
    """Find the first stretch of a sentence that names a day; ``read_day`` reads it.

    Args:
        words: the folded words of the sentence.

    Returns:
        Start and end of the stretch, the longest one from there, or None.
    """
    for start, first in enumerate(words):
        if first not in _FIRST_WORDS and not first.isdecimal():
            continue
        for size in range(min(_LONGEST_PHRASE_WORDS, len(words) - start), 0, -1):
            if _names_day(words[start : start + size]):
                return start, start + size
    return None


def find_period(words: Sequence[str], today: date) -> tuple[int, int, str] | None:
    """Find the first stretch of a sentence that names a week, month or year, and give it as 2026-W48, 2026-11 or 2026."""
    for start, first in enumerate(words):
        found = _PERIOD_OF.get(" ".join(words[start : start + 2]))
        if found is not None:
            return start, start + 2, _period(*found, today)
        month = _PLAIN_MONTHS.get(first)
        if month is not None and (start == 0 or not words[start - 1].isdecimal()):
            year = words[start + 1] if start + 1 < len(words) and YEAR.fullmatch(words[start + 1]) else ""
            of = int(year) if year else today.year - (month > today.month)
            return start, start + 1 + bool(year), f"{of}-{month:02}"
    return None


def _period(kind: str, shift: int, today: date) -> str:
    if kind == "week":
        year, week, _ = (today + timedelta(weeks=shift)).isocalendar()
        return f"{year}-W{week:02}"
    if kind == "year":
        return str(today.year + shift)
    months = today.year * 12 + today.month - 1 + shift
    return f"{months // 12}-{months % 12 + 1:02}"


def _names_day(plain: Sequence[str]) -> bool:
    phrase = " ".join(plain)
    if phrase in _NO_DAY_ALONE:
        return False
    if phrase in _SHIFT_OF:
        return True
    if len(plain) == 2 and plain[0].isdecimal() and plain[1].isdecimal():
        return int(plain[0]) <= 31 and int(plain[1]) <= 12 and len(plain[1]) == 2
    head, last = plain[0], plain[-1]
    if head in _DATE_MARKS and len(plain) > 1 and plain[1].isdecimal():
        return len(plain) == 2 or last in MONTH_OF
    if head.isdecimal() and len(plain) in (2, 3) and plain[1] in MONTH_OF:
        return len(plain) == 2 or YEAR.fullmatch(last) is not None
    if head in _DAY_MARKS and len(plain) == 2:
        return last in _WEEKDAY_OF
    if head in _WEEKDAY_OF:
        return len(plain) == 1 or (len(plain) == 2 and last in _AFTER_WEEKDAY and head != fold("minggu"))
    return False


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

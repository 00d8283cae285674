"""Recurrences: what they may be, how they are kept, and how they are said in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.recurrence import (
    LAST,
    Days,
    EveryDay,
    EveryMonth,
    EveryMonthOn,
    EveryWeek,
    Once,
    Recurrence,
    describe,
    dump_recurrence,
    load_recurrence,
    name_weekdays,
)
from handlers.render import load_voices

VOICES = load_voices(ZoneInfo("Asia/Jakarta"))
FIRST, UNTIL = date(2026, 11, 24), date(2026, 12, 31)  # a Tuesday, a Thursday
WEEKDAYS = st.frozensets(st.integers(0, 6), min_size=1).map(lambda found: EveryWeek(tuple(sorted(found))))
DAYS: st.SearchStrategy[Days] = st.one_of(
    st.just(Once()),
    st.just(EveryDay()),
    WEEKDAYS,
    st.integers(1, 31).map(EveryMonth),
    st.builds(EveryMonthOn, st.sampled_from((1, 2, 3, 4, LAST)), st.integers(0, 6)),
)
TIMES = st.times().map(lambda found: found.replace(second=0, microsecond=0))


@st.composite
def recurrences(draw: st.DrawFn, days: st.SearchStrategy[Days] = DAYS) -> Recurrence:
    chosen = draw(days)
    first = draw(st.dates(date(2010, 1, 1), date(2030, 12, 31)))
    later = st.none() if isinstance(chosen, Once) else st.none() | st.dates(first, date(2031, 12, 31))
    return Recurrence(chosen, draw(TIMES), first, draw(later), draw(st.booleans()))


@given(recurrences())
def test_what_is_kept_is_read_back(recurrence: Recurrence) -> None:
    kept = dump_recurrence(recurrence)
    assert load_recurrence(kept) == recurrence
    assert "\n" not in kept


def test_the_form_in_which_it_is_kept_stays() -> None:
    """Rows written by an earlier release must stay readable: a change of form is a change of this test."""
    kept = '{"days": "every_month_on", "nth": -1, "weekday": 0, "at": "09:00", "first": "2026-11-24", "until": "2026-12-31", "skip_holidays": true}'
    assert load_recurrence(kept) == Recurrence(EveryMonthOn(LAST, 0), time(9), FIRST, UNTIL, skip_holidays=True)
    assert dump_recurrence(load_recurrence(kept)) == kept
    rows: dict[Days, dict[str, Any]] = {
        Once(): {"days": "once"},
        EveryDay(): {"days": "every_day"},
        EveryWeek((0, 3)): {"days": "every_week", "weekdays": [0, 3]},
        EveryMonth(31): {"days": "every_month", "day": 31},
    }
    for days, row in rows.items():
        assert load_recurrence(json.dumps({**row, "at": "18:30", "first": "2026-11-24"})).days == days


@pytest.mark.parametrize(
    "kept",
    [
        "", "null", "[]", "7", "{}", '{"days": "every_year", "at": "09:00", "first": "2026-11-24"}', '{"days": "once", "at": "9", "first": "2026-11-24"}',
        '{"days": "once", "at": "09:00", "first": "tomorrow"}', '{"days": "every_month", "at": "09:00", "first": "2026-11-24"}',
        '{"days": "every_month", "day": 32, "at": "09:00", "first": "2026-11-24"}', '{"days": "every_week", "weekdays": 3, "at": "09:00", "first": "2026-11-24"}',
        '{"days": "every_month", "day": "x", "at": "09:00", "first": "2026-11-24"}', '{"days": "every_day", "at": 9, "first": "2026-11-24"}',
    ],
)  # fmt: skip
def test_what_is_no_recurrence_is_refused(kept: str) -> None:
    with pytest.raises(ValueError, match="not a recurrence"):
        load_recurrence(kept)


@pytest.mark.parametrize(
    "make",
    [
        lambda: EveryWeek(()), lambda: EveryWeek((3, 0)), lambda: EveryWeek((1, 1)), lambda: EveryWeek((7,)), lambda: EveryMonth(0), lambda: EveryMonth(32),
        lambda: EveryMonthOn(5, 0), lambda: EveryMonthOn(0, 0), lambda: EveryMonthOn(1, 7), lambda: Recurrence(EveryDay(), time(9, 0, 1), FIRST),
        lambda: Recurrence(EveryDay(), time(9, tzinfo=UTC), FIRST), lambda: Recurrence(EveryDay(), time(9), UNTIL, FIRST),
        lambda: Recurrence(Once(), time(9), FIRST, UNTIL),
    ],
)  # fmt: skip
def test_what_can_never_be_meant_cannot_be_made(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=":"):
        make()


@pytest.mark.parametrize(
    ("days", "indonesian", "javanese"),
    [
        (Once(), "sekali saja, Selasa, 24 November 2026 pukul 09.00", "sepisan kemawon, Selasa, 24 November 2026 jam 09.00"),
        (EveryDay(), "setiap hari pukul 09.00", "saben dinten jam 09.00"),
        (EveryWeek((0, 3)), "setiap Senin dan Kamis pukul 09.00", "saben dinten Senen lan Kemis jam 09.00"),
        (EveryWeek((0, 2, 4)), "setiap Senin, Rabu, dan Jumat pukul 09.00", "saben dinten Senen, Rebo, lan Jemuwah jam 09.00"),
        (EveryWeek((0, 1, 2, 3, 4)), "setiap Senin sampai Jumat pukul 09.00", "saben dinten Senen ngantos Jemuwah jam 09.00"),
        (EveryWeek((6,)), "setiap hari Minggu pukul 09.00", "saben dinten Minggu jam 09.00"),
        (EveryMonth(1), "setiap tanggal 1 pukul 09.00", "saben tanggal 1 jam 09.00"),
        (EveryMonth(28), "setiap tanggal 28 pukul 09.00", "saben tanggal 28 jam 09.00"),
        (EveryMonth(31), "setiap tanggal 31 (atau hari terakhir bulan itu) pukul 09.00", "saben tanggal 31 (utawi dinten pungkasan wulan menika) jam 09.00"),
        (EveryMonthOn(1, 0), "setiap Senin pertama dalam sebulan pukul 09.00", "saben wulan, dinten Senen kapisan jam 09.00"),
        (EveryMonthOn(4, 6), "setiap hari Minggu keempat dalam sebulan pukul 09.00", "saben wulan, dinten Minggu kaping sekawan jam 09.00"),
        (EveryMonthOn(LAST, 4), "setiap Jumat terakhir dalam sebulan pukul 09.00", "saben wulan, dinten Jemuwah pungkasan jam 09.00"),
    ],
)  # fmt: skip
def test_it_is_said_in_both_languages(days: Days, indonesian: str, javanese: str) -> None:
    text = describe(Recurrence(days, time(9), FIRST))
    assert VOICES.of("id").say(text) == indonesian
    assert VOICES.of("jv").say(text) == javanese


def test_its_end_and_the_holidays_left_out_are_said_too() -> None:
    for until, skip, indonesian, javanese in (
        (None, True, "setiap hari pukul 09.00, kecuali hari libur", "saben dinten jam 09.00, kajawi dinten prei"),
        (
            UNTIL,
            False,
            "setiap hari pukul 09.00, sampai Kamis, 31 Desember 2026",
            "saben dinten jam 09.00, ngantos Kemis, 31 Desember 2026",
        ),
        (
            UNTIL,
            True,
            "setiap hari pukul 09.00, sampai Kamis, 31 Desember 2026, kecuali hari libur",
            "saben dinten jam 09.00, ngantos Kemis, 31 Desember 2026, kajawi dinten prei",
        ),
    ):
        text = describe(Recurrence(EveryDay(), time(9), FIRST, until, skip))
        assert VOICES.of("id").say(text) == indonesian
        assert VOICES.of("jv").say(text) == javanese


def test_weekdays_are_named_in_a_row_only_where_none_lacks() -> None:
    assert name_weekdays((0, 1, 2)).id == "Senin sampai Rabu"
    assert name_weekdays((0, 1, 3)).id == "Senin, Selasa, dan Kamis"
    assert name_weekdays((5, 6)).id == "Sabtu dan Minggu"
    assert name_weekdays(tuple(range(7))).jv == "Senen ngantos Minggu"

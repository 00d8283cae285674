"""Days as people type them, in both languages, near the turn of months, years and leap years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.days import read_day

TUESDAY = date(2026, 11, 24)
WEEKDAYS = [
    ("Senin", "Senen"),
    ("selasa", "SELASA"),
    ("rabu", "Rebo"),
    ("Kamis", "kemis"),
    ("jum'at", "Jemuwah"),
    ("sabtu", "Setu"),
    ("minggu", "Ahad"),
]
MONTHS = [
    ("Januari", "jan"), ("Februari", "pebruari"), ("maret", "mar"), ("april", "apr"), ("mei", "Mei"), ("juni", "jun"), ("juli", "jul"), ("agustus", "agt"),
    ("september", "sept"), ("oktober", "okt"), ("november", "nopember"), ("desember", "dhesember"),
]  # fmt: skip


def next_one(typed: str, today: date = TUESDAY) -> date | None:
    return read_day(typed, today, forward=True)


def last_one(typed: str, today: date = TUESDAY) -> date | None:
    return read_day(typed, today, forward=False)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("hari ini", 0), ("Hari Ini", 0), ("sekarang", 0), ("dinten menika", 0), ("dinten niki", 0), ("dina iki", 0), ("saiki", 0), ("sapunika", 0),
        ("besok", 1), ("BESOK", 1), ("besoook", 1), ("mbenjing", 1), ("benjing", 1), ("sesuk", 1), ("lusa", 2), ("benjing emben", 2),
        ("kemarin", -1), ("kmrn", -1), ("wingi", -1), ("kala wingi", -1), ("kolo wingi", -1), ("tadi malam", -1), ("kemarin lusa", -2),
    ],
)  # fmt: skip
def test_days_near_today_mean_the_same_in_either_direction(typed: str, days: int) -> None:
    assert next_one(typed) == last_one(typed) == TUESDAY + timedelta(days)


@pytest.mark.parametrize(("number", "names"), list(enumerate(WEEKDAYS)))
def test_a_weekday_is_the_nearest_one(number: int, names: tuple[str, str]) -> None:
    for name in names:
        for typed in (name, f"hari {name}", f"dinten {name}", f"{name} depan"):
            coming, gone = next_one(typed), last_one(typed)
            assert coming is not None
            assert gone is not None
            assert coming.weekday() == gone.weekday() == number, typed
            assert 1 <= (coming - TUESDAY).days <= 7
            assert 0 <= (TUESDAY - gone).days <= 6


@pytest.mark.parametrize(("number", "names"), list(enumerate(MONTHS, start=1)))
def test_a_month_is_read_by_name(number: int, names: tuple[str, str]) -> None:
    for name in names:
        for typed in (
            f"3 {name} 2026",
            f"tgl 3 {name.upper()} 2026",
            f"tanggal 3 {name} 2026",
            f"Senin, 3 {name} 2026",
        ):
            assert next_one(typed) == last_one(typed) == date(2026, number, 3), typed


@pytest.mark.parametrize(
    ("typed", "coming", "gone"),
    [
        ("17-10", "2027-10-17", "2026-10-17"), ("17/10", "2027-10-17", "2026-10-17"), ("17.10", "2027-10-17", "2026-10-17"), ("17 10", "2027-10-17", "2026-10-17"),
        ("17 Oktober", "2027-10-17", "2026-10-17"), ("24-11", "2026-11-24", "2026-11-24"), ("25-11", "2026-11-25", "2025-11-25"), ("31-12", "2026-12-31", "2025-12-31"),
        ("1-1", "2027-01-01", "2026-01-01"), ("tgl 3", "2026-12-03", "2026-11-03"), ("tanggal 24", "2026-11-24", "2026-11-24"), ("30", "2026-11-30", "2026-10-30"),
        ("25", "2026-11-25", "2026-10-25"), ("17-10-2026", "2026-10-17", "2026-10-17"), ("17-10-26", "2026-10-17", "2026-10-17"), ("2026-10-17", "2026-10-17", "2026-10-17"),
        ("tanggal 17-10-2026 nggih", "2026-10-17", "2026-10-17"), ("17 / 10 / 2026", "2026-10-17", "2026-10-17"), ("7-8-1998", "1998-08-07", "1998-08-07"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_the_nearest(typed: str, coming: str, gone: str) -> None:
    assert (str(next_one(typed)), str(last_one(typed))) == (coming, gone)


@pytest.mark.parametrize(
    ("typed", "today", "coming", "gone"),
    [
        ("29-2-2028", "2026-11-24", "2028-02-29", "2028-02-29"),
        ("29-2-2027", "2026-11-24", None, None),
        ("29 Februari", "2027-12-01", "2028-02-29", "2024-02-29"),
        ("29 Februari", "2028-02-29", "2028-02-29", "2028-02-29"),
        ("29-2", "2026-11-24", "2028-02-29", "2024-02-29"),
        ("31", "2026-11-24", "2026-12-31", "2026-10-31"),
        ("31", "2027-01-31", "2027-01-31", "2027-01-31"),
        ("30", "2027-02-10", "2027-03-30", "2027-01-30"),
        ("31", "2027-03-10", "2027-03-31", "2027-01-31"),
        ("5", "2026-12-20", "2027-01-05", "2026-12-05"),
        ("25", "2027-01-03", "2027-01-25", "2026-12-25"),
        ("besok", "2026-12-31", "2027-01-01", "2027-01-01"),
        ("wingi", "2027-01-01", "2026-12-31", "2026-12-31"),
        ("1 Januari", "2026-12-31", "2027-01-01", "2026-01-01"),
        ("senin", "2026-12-31", "2027-01-04", "2026-12-28"),
    ],
)  # fmt: skip
def test_the_turn_of_months_years_and_leap_years(typed: str, today: str, coming: str | None, gone: str | None) -> None:
    expected = tuple(None if day is None else date.fromisoformat(day) for day in (coming, gone))
    assert (next_one(typed, date.fromisoformat(today)), last_one(typed, date.fromisoformat(today))) == expected


@pytest.mark.parametrize(
    "typed",
    ["", " ", "kapan-kapan", "0", "0-0", "32", "32-1", "31-4-2026", "17-13", "17-10-0000", "2026-13-01", "9999999", "😭", "x" * 5000, "tanggal", "-", "½", "3 Smarch"],
)  # fmt: skip
def test_what_is_no_day(typed: str) -> None:
    assert next_one(typed) is None
    assert last_one(typed) is None


@given(st.text(max_size=70), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.booleans())
def test_any_text_is_a_day_or_none(typed: str, today: date, forward: bool) -> None:
    found = read_day(typed, today, forward=forward)
    assert found is None or isinstance(found, date)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.booleans())
def test_a_whole_date_is_read_in_every_form_whatever_day_it_is(day: date, today: date, forward: bool) -> None:
    indonesian, javanese = MONTHS[day.month - 1]
    for typed in (
        f"{day:%d-%m-%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.day} {indonesian} {day.year}",
        f"{day.day} {javanese} {day.year}",
    ):
        assert read_day(typed, today, forward=forward) == day, typed


@given(st.integers(1, 31), st.integers(1, 12), st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_a_day_without_a_year_is_the_next_to_come_or_the_last_gone_by(day: int, month: int, today: date) -> None:
    coming, gone = next_one(f"{day}-{month}", today), last_one(f"{day}-{month}", today)
    if coming is None or gone is None:
        assert (day, month) in {(30, 2), (31, 2), (31, 4), (31, 6), (31, 9), (31, 11)}
        return
    assert (coming.day, coming.month, gone.day, gone.month) == (day, month, day, month)
    assert gone <= today <= coming


@pytest.mark.parametrize(
    ("typed", "coming", "gone"),
    [
        ("17-8-45", "2045-08-17", "1945-08-17"),
        ("17-8-26", "2026-08-17", "2026-08-17"),
        ("1-12-26", "2026-12-01", "1926-12-01"),
    ],
)
def test_a_short_year_of_the_past_is_no_year_to_come(typed: str, coming: str, gone: str) -> None:
    assert (str(next_one(typed)), str(last_one(typed))) == (coming, gone)

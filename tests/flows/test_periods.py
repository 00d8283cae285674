"""Periods: how people name them, how they are kept, and what lies before each."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.periods import find_stretch, period_of, read_period
from flows.spelling import fold

TODAY = date(2026, 11, 24)
UNITS = ("day", "week", "month", "year")


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("bulan lalu", "2026-10"),
        ("wulan niki", "2026-11"),
        ("oktober", "2026-10"),
        ("oktober 2025", "2025-10"),
        ("desember", "2025-12"),
        ("tahun lalu", "2025"),
        ("literasi 2025", "2025"),
        ("minggu lalu", "2026-W47"),
        ("kemarin", "2026-11-23"),
        ("3 oktober", "2026-10-03"),
        ("tgl 1 sampai 20", "20261101+20"),
        ("tanggal 1 sampai dengan 20", "20261101+20"),
        ("dari tgl 1 s/d tgl 20 november", "20261101+20"),
        ("1-20 november", "20261101+20"),
        ("1–20 Oktober 2025", "20251001+20"),
        ("1 - 10 november", "20261101+10"),
        ("tgl 1-20", "20261101+20"),
        ("tgl 1 sd 20 okt", "20261001+20"),
        ("saking tgl 5 dumugi 9 november", "20261105+5"),
        ("tanggal 3 ngantos 12", "20261103+10"),
        ("1 hingga 20 desember", "20251201+20"),
        ("tgl 28 sampai 30", "20261028+3"),
        ("25 oktober sampai 5 november", "20261025+12"),
        ("25 sampai 5 november", "20261025+12"),
        ("25 oktober - 5 november 2025", "20251025+12"),
        ("20 desember sampai 10 januari", "20251220+22"),
        ("1-10-2026 s/d 20-10-2026", "20261001+20"),
        ("1/10 sampai 20/10", "20261001+20"),
        ("januari sampai maret", "20260101+90"),
        ("oktober 2025 s.d. januari 2026", "20251001+123"),
    ],
)
def test_a_period_is_read_as_people_name_it(typed: str, iso: str) -> None:
    found = find_stretch(fold(typed).split(), TODAY)
    assert found is not None
    assert found[2].iso == iso


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("1-10", "2026-10-01"),
        ("tgl 1-10", "2026-11-01"),
        ("17-10-2026", "2026-10-17"),
        ("20 sampai 20 november", "2026-11-20"),
        ("3 oktober 25 orang", "2026-10-03"),
        ("oktober sampai rabu", "2026-10"),
    ],
)
def test_what_is_surely_no_span_is_read_as_before(typed: str, iso: str) -> None:
    found = find_stretch(fold(typed).split(), TODAY)
    assert found is not None
    assert found[2].iso == iso


@pytest.mark.parametrize("typed", ["rekap dari tgl 1 sampai 20 kademangan", "rekap 1-20 november kademangan"])
def test_a_span_leaves_the_other_words(typed: str) -> None:
    words = fold(typed).split()
    found = find_stretch(words, TODAY)
    assert found is not None
    assert [*words[: found[0]], *words[found[1] :]] == ["rekap", "kademangan"]


@pytest.mark.parametrize("typed", ["budi", "kademangan", "rw 05", ""])
def test_what_names_no_period_gives_none(typed: str) -> None:
    assert find_stretch(fold(typed).split(), TODAY) is None


@pytest.mark.parametrize(
    "form",
    [
        "",
        "26",
        "2026-13",
        "2026-00",
        "2026-W60",
        "2025-W53",
        "2026-02-30",
        "0000",
        "9999",
        "2026-11-",
        "v17",
        "20261101+0",
        "20261101+1",
        "20261301+5",
        "99991201+999",
    ],
)
def test_what_is_no_period_is_not_read(form: str) -> None:
    assert read_period(form) is None


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("2026", "2026"),
        ("2026-10", "Oktober 2026"),
        ("2026-W47", "16–22 November 2026"),
        ("2026-W40", "28 September–4 Oktober 2026"),
        ("2026-W53", "28 Desember 2026–3 Januari 2027"),
        ("2026-10-03", "3 Oktober 2026"),
        ("20261101+20", "1–20 November 2026"),
        ("20251220+22", "20 Desember 2025–10 Januari 2026"),
    ],
)
def test_a_period_has_a_short_name(form: str, name: str) -> None:
    period = read_period(form)
    assert period is not None
    assert period.name == name


@given(st.dates(date(2005, 1, 1), date(2095, 12, 31)), st.integers(2, 1000))
def test_a_span_is_kept_and_read_back_and_follows_one_as_long(day: date, length: int) -> None:
    span = read_period(f"{day:%Y%m%d}+{length}")
    assert span is not None
    assert (read_period(span.iso), span.length) == (span, length)
    assert (span.before.last + timedelta(1), span.before.length) == (span.first, length)


@given(st.dates(date(2001, 1, 10), date(2099, 12, 20)), st.sampled_from(UNITS))
def test_a_period_is_kept_and_read_back_and_follows_the_one_before(day: date, unit: str) -> None:
    period = period_of(unit, day)  # type: ignore[arg-type]  # one of the four
    assert period.has(day)
    assert read_period(period.iso) == period
    assert period.before.last + timedelta(1) == period.first
    assert period.before.unit == period.unit


@pytest.mark.parametrize(
    ("period", "months"),
    [("2026-11-30", "2026-11"), ("2026-W48", "2026-11"), ("2026-W49", "2026-11"), ("2026-W50", "2026-12"), ("2026-W53", "2026-12"), ("2026-10", "2026-10"), ("2026", "2026")],
)  # fmt: skip
def test_a_day_or_week_lies_in_a_month_and_longer_periods_stay(period: str, months: str) -> None:
    found = read_period(period)
    assert found is not None
    assert found.in_months.iso == months

"""Office hours: split days, holidays, the next opening, time that has passed; quiet hours; settings that are not understood."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.hours import Quiet, read_hours, read_quiet
from handlers.office import read_targets

ZONE = ZoneInfo("Asia/Jakarta")
HOURS = read_hours("1-4 07.30-12.00 13.00-15.30; 5 07.30-11.00", "2026-12-25, 2026-12-24")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T07:29", False),  # a Tuesday
        ("2026-11-24T07:30", True),
        ("2026-11-24T12:00", False),
        ("2026-11-24T13:00", True),
        ("2026-11-24T15:30", False),
        ("2026-11-27T10:59", True),  # a Friday
        ("2026-11-27T13:00", False),
        ("2026-11-28T09:00", False),  # a Saturday
        ("2026-12-24T09:00", False),  # a holiday, a Thursday
    ],
)
def test_the_office_is_open(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24T06:00", "2026-11-24T07:30"),
        ("2026-11-24T12:30", "2026-11-24T13:00"),
        ("2026-11-24T20:00", "2026-11-25T07:30"),
        ("2026-11-27T12:00", "2026-11-30T07:30"),
        ("2026-12-23T16:00", "2026-12-28T07:30"),  # over two holidays and a weekend
    ],
)
def test_it_opens_next(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    "wrong", ["Monday 8-16", "1-9 07.30-12.00", "1", "1 12.00-07.30", "1 7-x", "0 07.30-12.00", "4-2 07.30-12.00"]
)
def test_hours_that_are_not_understood_are_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="office hours"):
        read_hours(wrong)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-24T08:00", "2026-11-24T09:00", 60),
        ("2026-11-24T11:30", "2026-11-24T13:30", 60),  # the midday break does not count
        ("2026-11-24T15:00", "2026-11-25T08:00", 60),  # nor the night
        ("2026-11-27T10:30", "2026-11-30T08:00", 60),  # nor the weekend
        ("2026-12-23T15:00", "2026-12-28T08:00", 60),  # nor holidays
        ("2026-11-28T08:00", "2026-11-29T20:00", 0),
        ("2026-11-25T08:00", "2026-11-24T08:00", 0),
    ],
)
def test_only_office_time_passes(start: str, end: str, minutes: int) -> None:
    assert HOURS.elapsed(at(start), at(end)) == timedelta(minutes=minutes)


FIRST, LAST = (at(day).replace(tzinfo=None) for day in ("2026-11-01", "2027-01-31"))
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(ZONE))


@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_office_time_adds_up(moments: list[datetime]) -> None:
    first, middle, last = moments
    assert HOURS.elapsed(first, middle) + HOURS.elapsed(middle, last) == HOURS.elapsed(first, last)


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        ("20.00-06.00", "2026-11-24T19:59", None),
        ("20.00-06.00", "2026-11-24T20:00", "2026-11-25T06:00"),
        ("20.00-06.00", "2026-11-25T05:59", "2026-11-25T06:00"),
        ("20.00-06.00", "2026-11-25T06:00", None),
        ("12.00-13.00", "2026-11-25T12:30", "2026-11-25T13:00"),
        ("", "2026-11-25T00:00", None),
    ],
)
def test_quiet_hours_end(quiet: str, moment: str, end: str | None) -> None:
    assert read_quiet(quiet).end_after(at(moment)) == (None if end is None else at(end).astimezone(UTC))


@given(st.times(), st.times(), MOMENTS)
def test_a_quiet_ends_where_it_is_quiet_no_more(start: time, end: time, moment: datetime) -> None:
    quiet = Quiet(start, end)
    over = quiet.end_after(moment)
    if over is not None:
        assert moment < over <= moment + timedelta(days=1)
        assert quiet.end_after(over.astimezone(ZONE)) is None


@pytest.mark.parametrize("wrong", ["20.00", "20-x", "from 8 to 6"])
def test_quiet_hours_that_are_not_understood_are_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        read_quiet(wrong)


def test_targets_are_read_and_unknown_ones_named() -> None:
    assert read_targets("visits=1200, people = 30000") == {"visits": 1200, "people": 30000}
    for wrong in ("visits", "visits=many", "smiles=3"):
        with pytest.raises(ValueError, match="targets"):
            read_targets(wrong)

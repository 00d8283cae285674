"""The send window against a walk from minute to minute, also where clocks are put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handlers.hours import Quiet, read_quiet
from handlers.windows import SendWindow, read_window
from tests.handlers.test_recurrence import JAKARTA, TURNS, ZONES

A_MINUTE = timedelta(minutes=1)
TIMES = st.sampled_from([time(0), time(2), time(2, 30), time(3), time(7), time(20), time(23, 30)]) | st.times().map(
    lambda found: found.replace(second=0, microsecond=0)
)


@st.composite
def windows(draw: st.DrawFn) -> SendWindow:
    try:
        return SendWindow(draw(TIMES), draw(TIMES), Quiet(draw(TIMES), draw(TIMES)))
    except ValueError:
        assume(False)  # never open
        raise


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    near = st.builds(lambda turn, days: turn + timedelta(days), st.sampled_from(TURNS), st.integers(-3, 3))
    day = draw(near | st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    return datetime.combine(day, draw(st.times()), UTC).astimezone(draw(st.sampled_from(ZONES)))


def open_minutes(window: SendWindow) -> set[tuple[int, int]]:
    """By the clock face alone: each of its minutes belongs to a stretch or does not."""
    quiet = window.quiet
    return {
        divmod(hand, 60)
        for hand in range(24 * 60)
        if _within(hand, window.start, window.end, whole=True)
        and not _within(hand, quiet.start, quiet.end, whole=False)
    }


def _within(hand: int, start: time, end: time, *, whole: bool) -> bool:
    begins, ends = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    if begins == ends:
        return whole
    return (hand - begins) % (24 * 60) < (ends - begins) % (24 * 60)


@settings(max_examples=300)
@given(windows(), moments())
def test_it_opens_in_the_first_minute_that_is_within_it_and_not_quiet(window: SendWindow, moment: datetime) -> None:
    opens_at = window.opens_at(moment)
    assert opens_at >= moment
    assert opens_at.tzinfo is UTC
    zone = moment.tzinfo
    minutes = open_minutes(window)
    walking = moment.astimezone(UTC)
    while (walking.astimezone(zone).hour, walking.astimezone(zone).minute) not in minutes:
        walking = walking.replace(second=0, microsecond=0) + A_MINUTE
    assert opens_at == walking
    assert window.is_open(opens_at.astimezone(zone))


@given(windows(), moments())
def test_it_is_open_as_the_clock_face_says(window: SendWindow, moment: datetime) -> None:
    assert window.is_open(moment) == ((moment.hour, moment.minute) in open_minutes(window))
    assert (window.opens_at(moment) == moment) == window.is_open(moment)
    assert not window.is_open(moment) or window.quiet.end_after(moment) is None


@pytest.mark.parametrize(
    ("hours", "quiet", "moment", "opens"),
    [
        ("07.00-20.00", "20.00-06.00", "2026-11-24T07:00", "2026-11-24T07:00"),
        ("07.00-20.00", "20.00-06.00", "2026-11-24T19:59:59", "2026-11-24T19:59:59"),
        ("07.00-20.00", "20.00-06.00", "2026-11-24T20:00", "2026-11-25T07:00"),
        ("07.00-20.00", "20.00-06.00", "2026-11-25T06:59:59", "2026-11-25T07:00"),
        ("07.00-20.00", "", "2026-12-31T23:00", "2027-01-01T07:00"),
        ("07.00-20.00", "12.00-13.00", "2026-11-24T12:15", "2026-11-24T13:00"),
        ("07.00-20.00", "18.00-08.00", "2026-11-24T18:00", "2026-11-25T08:00"),
        ("", "20.00-06.00", "2026-11-24T22:00", "2026-11-25T06:00"),
        ("", "", "2026-11-24T22:00", "2026-11-24T22:00"),
        ("18.00-02.00", "20.00-01.00", "2026-11-24T22:00", "2026-11-25T01:00"),
    ],
)
def test_what_comes_too_late_goes_out_when_the_window_opens(hours: str, quiet: str, moment: str, opens: str) -> None:
    window = read_window(hours, read_quiet(quiet))
    local = datetime.fromisoformat(moment).replace(tzinfo=JAKARTA)
    assert window.opens_at(local) == datetime.fromisoformat(opens).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        (
            "02.30-10.00",
            "2026-03-28T22:00+01:00",
            "2026-03-29T03:00+02:00",
        ),  # put forward at 2: its hour would have begun
        ("02.00-03.00", "2026-03-28T03:00+01:00", "2026-03-30T02:00+02:00"),  # it has no such hour at all that day
        ("02.30-02.40", "2026-10-25T02:45+02:00", "2026-10-25T02:30+01:00"),  # put back at 3: the hour comes twice
        ("01.00-02.30", "2026-10-25T02:45+02:00", "2026-10-25T02:00+01:00"),
    ],
)
def test_it_keeps_to_the_clock_face_where_that_is_put_forward_or_back(hours: str, moment: str, opens: str) -> None:
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Berlin"))
    assert read_window(hours, read_quiet("")).opens_at(local) == datetime.fromisoformat(opens)


@pytest.mark.parametrize("wrong", ["07.00", "7-x", "all day", "07.00-25.00"])
def test_a_window_that_is_not_understood_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"send window: .* is not of the form '07.00-20.00'"):
        read_window(wrong, Quiet())


def test_a_window_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match=r"21.00-05.00 has no time outside the quiet hours"):
        read_window("21.00-05.00", Quiet(time(20), time(6)))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        SendWindow().opens_at(datetime(2026, 11, 24, 9))  # noqa: DTZ001  that is the fault

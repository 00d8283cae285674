"""The moments of recurrences against a plain count of local days, and a clock that jumps, stands still, goes back and restarts.

The oracle knows nothing of APScheduler: it goes from day to day with the calendar and asks the zone what a wall clock shows.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
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
    dump_recurrence,
    load_recurrence,
)
from handlers.recurrence import IN_TIME, Due, MissedRule, due_occurrence, next_after
from tests.flows.test_recurrence import DAYS

JAKARTA, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")
ZONES = [JAKARTA, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia"), ZoneInfo("America/Nuuk")]
RULES: tuple[MissedRule, ...] = ("once_now", "skip")
# Near them clocks are put forward or back, months and years end, February has 29 days, and Apia lacks a whole day.
TURNS = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 30), date(2012, 4, 1), date(2024, 2, 28),
         date(2026, 12, 31), date(2024, 3, 30), date(2027, 2, 27)]  # fmt: skip
TIMES = st.sampled_from(
    [time(2), time(2, 30), time(0), time(0, 30), time(23, 30), time(9), time(1, 59)]
) | st.times().map(lambda found: found.replace(second=0, microsecond=0))
NEAR = st.builds(lambda turn, days: turn + timedelta(days), st.sampled_from(TURNS), st.integers(-40, 5))
HOLIDAYS = st.frozensets(NEAR, max_size=12)


@st.composite
def near_turns(draw: st.DrawFn, days: st.SearchStrategy[Days] = DAYS) -> tuple[Recurrence, datetime]:
    """A recurrence, and a moment from which it is looked at."""
    chosen, first = draw(days), draw(NEAR)
    until = (
        None
        if isinstance(chosen, Once)
        else draw(st.none() | st.integers(0, 90).map(lambda more: first + timedelta(more)))
    )
    moment = datetime.combine(first, draw(st.times()), UTC) + timedelta(draw(st.integers(-20, 60)))
    return Recurrence(chosen, draw(TIMES), first, until, draw(st.booleans())), moment


def is_on(recurrence: Recurrence, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    match recurrence.days:
        case Once():
            return day == recurrence.first
        case EveryDay():
            return True
        case EveryWeek(weekdays):
            return day.weekday() in weekdays
        case EveryMonth(wanted):
            return day.day == min(wanted, last)
        case EveryMonthOn(nth, weekday):
            those = [each for each in range(1, last + 1) if date(day.year, day.month, each).weekday() == weekday]
            return day.day == those[nth - 1 if nth > 0 else nth]


def shows(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a wall clock of the zone shows."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_on(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment the wall clock shows this; where it never does, as much later as it was put forward, on that day."""
    before, after = ((wall + timedelta(days)).replace(tzinfo=UTC).astimezone(zone).utcoffset() for days in (-1, 1))
    assert before is not None
    assert after is not None
    moments = [wall.replace(tzinfo=UTC) - before, wall.replace(tzinfo=UTC) - after]
    exact = [each for each in moments if shows(each, zone) == wall]
    that_day = [each for each in moments if shows(each, zone).date() == wall.date()]
    return min(exact) if exact else next(iter(that_day), None)


def counted(recurrence: Recurrence, zone: ZoneInfo, holidays: frozenset[date], end: date) -> Iterator[datetime]:
    day = recurrence.first
    while day <= min(end, recurrence.until or end):
        if is_on(recurrence, day) and not (recurrence.skip_holidays and day in holidays):
            moment = moment_on(datetime.combine(day, recurrence.at), zone)
            if moment is not None:
                yield moment
        day += timedelta(1)


@settings(max_examples=600)
@given(near_turns(), st.sampled_from(ZONES), HOLIDAYS)
def test_the_next_occurrence_is_the_first_later_day_that_counts(
    chosen: tuple[Recurrence, datetime], zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    recurrence, moment = chosen
    end = max(moment.date(), recurrence.first) + timedelta(
        800
    )  # twelve holidays hide no more than a year of any of them
    expected = next((each for each in counted(recurrence, zone, holidays, end) if each > moment), None)
    found = next_after(recurrence, moment, zone, holidays)
    assert found == expected
    assert found is None or found.tzinfo is UTC


@given(near_turns(), st.sampled_from(ZONES), HOLIDAYS)
def test_from_one_to_the_next_none_is_left_out_and_none_comes_twice(
    chosen: tuple[Recurrence, datetime], zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    recurrence, _ = chosen
    moment: datetime | None = datetime.combine(recurrence.first, time(), UTC) - timedelta(2)
    found: list[datetime | None] = []
    while moment is not None and len(found) < 40:
        moment = next_after(recurrence, moment, zone, holidays)
        found.append(moment)
    end = recurrence.first + timedelta(365 * 6)
    assert found == [*islice(counted(recurrence, zone, holidays, end), 40), None][:40]
    days = [shows(each, zone).date() for each in found if each is not None]
    assert len(days) == len(set(days))


@pytest.mark.parametrize(
    ("zone", "first", "at", "expected"),
    [
        (BERLIN, "2026-03-28", "02:30", ["2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]),  # left out
        (BERLIN, "2026-10-24", "02:30", ["2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),  # comes twice
        (BERLIN, "2026-10-24", "03:00", ["2026-10-24T03:00+02:00", "2026-10-25T03:00+01:00", "2026-10-26T03:00+01:00"]),
        (ZONES[3], "2011-12-29", "09:00", ["2011-12-29T09:00-10:00", "2011-12-31T09:00+14:00", "2012-01-01T09:00+14:00"]),  # no 30th
        (ZONES[4], "2024-03-29", "23:30", ["2024-03-29T23:30-02:00", "2024-03-30T22:30-02:00", "2024-03-31T23:30-01:00"]),  # into the next day
        (JAKARTA, "2026-12-30", "00:00", ["2026-12-30T00:00+07:00", "2026-12-31T00:00+07:00", "2027-01-01T00:00+07:00"]),
    ],
)  # fmt: skip
def test_every_day_has_one_whatever_its_clock_does(zone: ZoneInfo, first: str, at: str, expected: list[str]) -> None:
    daily = Recurrence(EveryDay(), time.fromisoformat(at), date.fromisoformat(first))
    moments = counted(daily, zone, frozenset(), date.fromisoformat(first) + timedelta(4))
    assert list(islice(moments, 3)) == [datetime.fromisoformat(each) for each in expected]
    moment = datetime.fromisoformat(expected[0]) - timedelta(seconds=1)
    for each in expected:
        found = next_after(daily, moment, zone)
        assert found == datetime.fromisoformat(each)
        moment = found


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (EveryMonth(31), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
        (EveryMonth(30), ["2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30", "2024-05-30"]),
        (EveryMonth(29), ["2024-01-29", "2024-02-29", "2024-03-29", "2024-04-29", "2024-05-29"]),
        (EveryMonth(28), ["2024-01-28", "2024-02-28", "2024-03-28", "2024-04-28", "2024-05-28"]),
        (EveryMonthOn(1, 0), ["2024-01-01", "2024-02-05", "2024-03-04", "2024-04-01", "2024-05-06"]),
        (EveryMonthOn(4, 3), ["2024-01-25", "2024-02-22", "2024-03-28", "2024-04-25", "2024-05-23"]),
        (EveryMonthOn(LAST, 3), ["2024-01-25", "2024-02-29", "2024-03-28", "2024-04-25", "2024-05-30"]),
    ],
)
def test_months_end_right(days: Days, expected: list[str]) -> None:
    recurrence = Recurrence(days, time(9), date(2024, 1, 1))
    found = []
    moment = datetime(2024, 1, 1, tzinfo=JAKARTA)
    for _ in expected:
        later = next_after(recurrence, moment, JAKARTA)
        assert later is not None
        moment = later
        found.append(shows(moment, JAKARTA).date().isoformat())
    assert found == expected


def test_in_a_year_that_is_no_leap_year_february_ends_on_the_28th() -> None:
    for day in (29, 30, 31):
        found = next_after(
            Recurrence(EveryMonth(day), time(9), date(2026, 2, 1)), datetime(2026, 2, 1, tzinfo=UTC), JAKARTA
        )
        assert found == datetime(2026, 2, 28, 2, tzinfo=UTC)


def test_the_last_day_counts_and_nothing_comes_after_it() -> None:
    weekly = Recurrence(EveryWeek((0,)), time(9), date(2026, 11, 24), until=date(2026, 12, 7))
    last = next_after(weekly, datetime(2026, 11, 30, 2, tzinfo=UTC), JAKARTA)
    assert last == datetime(2026, 12, 7, 2, tzinfo=UTC)
    assert next_after(weekly, last, JAKARTA) is None


def test_a_holiday_is_left_out_and_not_moved() -> None:
    weekly = Recurrence(EveryWeek((4,)), time(9), date(2026, 12, 1), skip_holidays=True)
    christmas = frozenset({date(2026, 12, 25)})
    moment = datetime(2026, 12, 18, 2, tzinfo=UTC)
    assert next_after(weekly, moment, JAKARTA, christmas) == datetime(2027, 1, 1, 2, tzinfo=UTC)
    heedless = Recurrence(weekly.days, weekly.at, weekly.first)
    assert next_after(heedless, moment, JAKARTA, christmas) == datetime(2026, 12, 25, 2, tzinfo=UTC)
    once = Recurrence(Once(), time(9), date(2026, 12, 25), skip_holidays=True)
    assert next_after(once, moment, JAKARTA, christmas) is None


DAILY = Recurrence(EveryDay(), time(9), date(2026, 11, 1))
NINE = datetime(2026, 11, 24, 2, tzinfo=UTC)  # nine in the morning in Blitar
A_DAY = timedelta(1)


@pytest.mark.parametrize(
    ("late", "once_now", "skip"),
    [
        (-timedelta(seconds=1), Due(None, 0, NINE), Due(None, 0, NINE)),
        (timedelta(), Due(NINE, 0, NINE + A_DAY), Due(NINE, 0, NINE + A_DAY)),
        (timedelta(minutes=4, seconds=59), Due(NINE, 0, NINE + A_DAY), Due(NINE, 0, NINE + A_DAY)),
        (timedelta(minutes=5), Due(NINE, 0, NINE + A_DAY), Due(None, 1, NINE + A_DAY)),
        (timedelta(hours=3), Due(NINE, 0, NINE + A_DAY), Due(None, 1, NINE + A_DAY)),
        (3 * A_DAY, Due(NINE + 3 * A_DAY, 3, NINE + 4 * A_DAY), Due(NINE + 3 * A_DAY, 3, NINE + 4 * A_DAY)),
        (3 * A_DAY + timedelta(hours=1), Due(NINE + 3 * A_DAY, 3, NINE + 4 * A_DAY), Due(None, 4, NINE + 4 * A_DAY)),
    ],
)
def test_what_went_by_is_run_once_or_not_at_all_and_counted(late: timedelta, once_now: Due, skip: Due) -> None:
    assert due_occurrence(DAILY, NINE, NINE + late, "once_now", JAKARTA) == once_now
    assert due_occurrence(DAILY, NINE, NINE + late, "skip", JAKARTA) == skip


def test_where_nothing_is_left_nothing_is_due() -> None:
    once = Recurrence(Once(), time(9), date(2026, 11, 24))
    for rule in RULES:
        assert due_occurrence(once, None, NINE, rule, JAKARTA) == Due(None, 0, None)
        assert due_occurrence(once, NINE, NINE, rule, JAKARTA) == Due(NINE, 0, None)


def test_what_became_a_holiday_meanwhile_is_neither_run_nor_missed() -> None:
    weekdays = Recurrence(EveryDay(), time(9), date(2026, 11, 1), skip_holidays=True)
    declared = frozenset({date(2026, 11, 24)})
    for rule in RULES:
        assert due_occurrence(weekdays, NINE, NINE, rule, JAKARTA, declared) == Due(None, 0, NINE + A_DAY)
        assert due_occurrence(weekdays, NINE, NINE + A_DAY, rule, JAKARTA, declared) == Due(
            NINE + A_DAY, 0, NINE + 2 * A_DAY
        )
        assert due_occurrence(DAILY, NINE, NINE, rule, JAKARTA, declared) == Due(NINE, 0, NINE + A_DAY)


class Scheduler:
    """What a program would do: keep one text and one time, look at the clock, run, tell what was missed."""

    def __init__(
        self, recurrence: Recurrence, now: datetime, rule: MissedRule, zone: ZoneInfo, holidays: frozenset[date]
    ) -> None:
        self.rule, self.zone, self.holidays = rule, zone, holidays
        self.ran: list[tuple[datetime, datetime]] = []
        self.missed = 0
        self.kept = self._keep(recurrence, next_after(recurrence, now, zone, holidays))

    def look(self, now: datetime) -> Due:
        """All it knows is what it kept: every look is one after a restart."""
        row = json.loads(self.kept)
        recurrence = load_recurrence(row["recurrence"])
        next_at = None if row["next_at"] is None else datetime.fromisoformat(row["next_at"])
        due = due_occurrence(recurrence, next_at, now, self.rule, self.zone, self.holidays)
        if due.run_at is not None:
            self.ran.append((due.run_at, now))
        self.missed += due.missed
        self.kept = self._keep(recurrence, due.next_at)
        return due

    @staticmethod
    def _keep(recurrence: Recurrence, next_at: datetime | None) -> str:
        return json.dumps({"recurrence": dump_recurrence(recurrence), "next_at": next_at and next_at.isoformat()})


# How far the clock goes between two looks: a tick, a while, days away, back, or not at all.
STEPS = st.lists(
    st.sampled_from([timedelta(), timedelta(minutes=1), timedelta(hours=1), -timedelta(hours=2), -timedelta(days=3)])
    | st.timedeltas(timedelta(minutes=-90), timedelta(minutes=90))
    | st.timedeltas(-timedelta(days=40), timedelta(days=60)),
    max_size=30,
)


@settings(max_examples=400)
@given(near_turns(), st.sampled_from(ZONES), HOLIDAYS, st.sampled_from(RULES), STEPS, st.data())
def test_each_occurrence_is_run_once_or_missed_by_the_rule_whatever_the_clock_does(
    chosen: tuple[Recurrence, datetime], zone: ZoneInfo, holidays: frozenset[date], rule: MissedRule, steps: list[timedelta], data: st.DataObject
) -> None:  # fmt: skip
    recurrence, begin = chosen
    scheduler = Scheduler(recurrence, begin, rule, zone, holidays)
    clock = latest = begin
    for step in steps:
        clock += step
        if (next_at := json.loads(scheduler.kept)["next_at"]) is not None and data.draw(st.booleans()):
            clock = datetime.fromisoformat(next_at) + data.draw(
                st.sampled_from([-timedelta(seconds=1), timedelta(), IN_TIME, IN_TIME / 2])
            )
        due = scheduler.look(clock)
        latest = max(latest, clock)
        if due.missed or due.run_at is not None:
            assert clock == latest  # a clock that went back makes nothing due again
        assert due.next_at is None or due.next_at > clock
        if rule == "once_now" and due.missed:
            assert due.run_at is not None  # never missed without a run that stands for it

    passed = [
        each for each in counted(recurrence, zone, holidays, latest.date() + timedelta(2)) if begin < each <= latest
    ]
    runs = [run for run, _ in scheduler.ran]
    assert len(runs) == len(set(runs))
    assert runs == sorted(runs)
    assert set(runs) <= set(passed)
    assert len(runs) + scheduler.missed == len(passed)
    for run, now in scheduler.ran:
        assert run <= now
        assert rule == "once_now" or now - run < IN_TIME
    after = counted(recurrence, zone, holidays, latest.date() + timedelta(800))
    assert scheduler.look(latest).next_at == next((each for each in after if each > latest), None)


@given(near_turns(), st.sampled_from(ZONES), st.sampled_from(RULES))
def test_a_clock_that_ticks_every_few_minutes_misses_nothing(
    chosen: tuple[Recurrence, datetime], zone: ZoneInfo, rule: MissedRule
) -> None:
    recurrence, begin = chosen
    scheduler = Scheduler(recurrence, begin, rule, zone, frozenset())
    ticks = [begin + timedelta(minutes=4) * each for each in range(2 * 24 * 15)]
    assert all(later - earlier < IN_TIME for earlier, later in pairwise(ticks))
    for tick in ticks:
        scheduler.look(tick)
    assert scheduler.missed == 0
    expected = counted(recurrence, zone, frozenset(), ticks[-1].date() + timedelta(2))
    assert [run for run, _ in scheduler.ran] == [each for each in expected if begin < each <= ticks[-1]]


def test_a_clock_years_ahead_is_answered_at_once() -> None:
    due = due_occurrence(DAILY, NINE, NINE + 7_300 * A_DAY, "skip", JAKARTA)
    assert due == Due(NINE + 7_300 * A_DAY, 7_300, NINE + 7_301 * A_DAY)

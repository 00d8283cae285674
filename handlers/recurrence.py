"""The moments of a recurrence, and what is to be done with those that went by while nobody looked.

The days are APScheduler's: a trigger gives them on a wall clock that is never put forward or back. Each day's moment is then
found in the zone. So a time that a day lacks or has twice still comes once that day, which a trigger with a zone does not promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from flows.recurrence import LAST, SHORTEST_MONTH_DAYS, EveryDay, EveryMonth, EveryMonthOn, EveryWeek, Once, Recurrence

MissedRule = Literal["once_now", "skip"]
IN_TIME = timedelta(minutes=5)  # later by less than this is not missed: the clock ticks every minute, and may be busy
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_POSITIONS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", LAST: "last"}
_SHORTER = {29: "2", 30: "2", 31: "2,4,6,9,11"}  # the months that may lack a day


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now.

    Attributes:
        run_at: the occurrence to run, or None.
        missed: how many occurrences went by and are never run; to be told, if any.
        next_at: the next time to look, to be kept; None where there is none left.
    """

    run_at: datetime | None
    missed: int
    next_at: datetime | None


def next_after(
    recurrence: Recurrence, moment: datetime, zone: ZoneInfo, holidays: frozenset[date] = frozenset()
) -> datetime | None:
    """Give the first occurrence later than a moment, in UTC; None where none is left."""
    return next(_occurrences(recurrence, moment, zone, holidays), None)


def due_occurrence(
    recurrence: Recurrence,
    next_at: datetime | None,
    now: datetime,
    rule: MissedRule,
    zone: ZoneInfo,
    holidays: frozenset[date] = frozenset(),
) -> Due:
    """Say what is to be done now with what was to come at ``next_at``, and with all that came after it.

    Nothing is due before ``next_at``, whatever the clock said before. An occurrence that meanwhile became a holiday is
    neither run nor missed.

    Args:
        recurrence: what was chosen.
        next_at: the next time as kept.
        now: what the clock says.
        rule: of what went by, ``once_now`` runs the latest however late, and ``skip`` none unless it is still in time.
        zone: the office's.
        holidays: the office's.
    """
    if next_at is None or now < next_at:
        return Due(None, 0, next_at)
    due = [] if _is_left_out(recurrence, next_at.astimezone(zone).date(), holidays) else [next_at]
    coming = None
    for occurrence in _occurrences(recurrence, next_at, zone, holidays):
        if occurrence > now:
            coming = occurrence
            break
        due.append(occurrence)
    runs = bool(due) and (rule == "once_now" or now - due[-1] < IN_TIME)
    return Due(due[-1] if runs else None, len(due) - runs, coming)


def _occurrences(
    recurrence: Recurrence, moment: datetime, zone: ZoneInfo, holidays: frozenset[date]
) -> Iterator[datetime]:
    trigger = _days_of(recurrence)
    fired: datetime | None = None
    wall = datetime.combine(moment.astimezone(zone).date(), time(), UTC)
    while (fired := trigger.get_next_fire_time(fired, wall)) is not None:
        wall = fired
        occurrence = _moment_on(fired.date(), recurrence.at, zone)
        if occurrence is not None and occurrence > moment and not _is_left_out(recurrence, fired.date(), holidays):
            yield occurrence


def _days_of(recurrence: Recurrence) -> BaseTrigger:
    """Make the trigger that fires at the recurrence's time of each of its days, on a wall clock said to be in UTC."""
    at, until = recurrence.at, recurrence.until
    every_day: dict[str, Any] = {
        "hour": at.hour,
        "minute": at.minute,
        "timezone": UTC,
        "start_date": datetime.combine(recurrence.first, at, UTC),
        "end_date": None if until is None else datetime.combine(until, at, UTC),
    }
    match recurrence.days:
        case Once():
            return DateTrigger(every_day["start_date"], UTC)
        case EveryDay():
            return CronTrigger(**every_day)
        case EveryWeek(weekdays):
            return CronTrigger(day_of_week=",".join(_WEEKDAYS[each] for each in weekdays), **every_day)
        case EveryMonth(day) if day > SHORTEST_MONTH_DAYS:
            in_shorter = CronTrigger(month=_SHORTER[day], day="last", **every_day)
            return OrTrigger([CronTrigger(day=day, **every_day), in_shorter])
        case EveryMonth(day):
            return CronTrigger(day=day, **every_day)
        case EveryMonthOn(nth, weekday):
            return CronTrigger(day=f"{_POSITIONS[nth]} {_WEEKDAYS[weekday]}", **every_day)


def _moment_on(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """Give the moment of a day's time, in UTC; None where the zone left out the whole day.

    A time that comes twice is meant the first time. One that is left out comes as much later as the clock was put forward
    (02.30 becomes 03.30), or, where that would be the next day, as much earlier.
    """
    for fold in (0, 1):
        found = datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC)
        if found.astimezone(zone).date() == day:
            return found
    return None


def _is_left_out(recurrence: Recurrence, day: date, holidays: frozenset[date]) -> bool:
    return recurrence.skip_holidays and day in holidays

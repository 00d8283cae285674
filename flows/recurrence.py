"""When something goes out, once or again and again: on which days, at what time, from when to when.

A ``Recurrence`` is what an officer chose, in the office's own time; it knows no zone and no clock. The moments it gives are
computed in handlers/recurrence.py; what officers type is read in flows/recurring.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from flows.days import WEEKDAYS
from flows.text import N_, Both, Text

LAST = -1  # as a position in the month: the last
LONGEST_MONTH_DAYS = 31
SHORTEST_MONTH_DAYS = 28
_POSITIONS = (1, 2, 3, 4, LAST)
_RUN_DAYS = 3  # so many weekdays in a row are named by the first and the last


@dataclass(frozen=True, slots=True)
class Once:
    """On one day: the first."""


@dataclass(frozen=True, slots=True)
class EveryDay:
    """On each day."""


@dataclass(frozen=True, slots=True)
class EveryWeek:
    """On some weekdays of each week, 0 (Monday) to 6, in order."""

    weekdays: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what names no weekday, or one twice."""
        if not self.weekdays or list(self.weekdays) != sorted({*self.weekdays} & {*range(7)}):
            raise ValueError(f"weekdays: {self.weekdays!r} are not some of 0 (Monday) to 6 in order")


@dataclass(frozen=True, slots=True)
class EveryMonth:
    """On one day of each month; in a month that is too short for it, on the last."""

    day: int

    def __post_init__(self) -> None:
        """Refuse what no month has."""
        if not 1 <= self.day <= LONGEST_MONTH_DAYS:
            raise ValueError(f"day of the month: {self.day!r} is not 1 to {LONGEST_MONTH_DAYS}")


@dataclass(frozen=True, slots=True)
class EveryMonthOn:
    """On the first to fourth, or the ``LAST``, of a weekday (0 = Monday) in each month."""

    nth: int
    weekday: int

    def __post_init__(self) -> None:
        """Refuse what some months do not have."""
        if self.nth not in _POSITIONS or not 0 <= self.weekday < 7:
            raise ValueError(
                f"weekday of the month: ({self.nth!r}, {self.weekday!r}) is not 1 to 4 or {LAST}, and 0 to 6"
            )


Days = Once | EveryDay | EveryWeek | EveryMonth | EveryMonthOn


@dataclass(frozen=True, slots=True)
class Recurrence:
    """On which days, and at what time of them.

    Attributes:
        days: how often.
        at: the time of day, to the minute.
        first: the first day it may be; of ``Once`` the day itself.
        until: the last day it may be, or None.
        skip_holidays: a day that is a holiday of the office is left out; nothing moves to another day.
    """

    days: Days
    at: time
    first: date
    until: date | None = None
    skip_holidays: bool = False

    def __post_init__(self) -> None:
        """Refuse a time that is not to the minute, and an end before the beginning."""
        if self.at != self.at.replace(second=0, microsecond=0, tzinfo=None, fold=0):
            raise ValueError(f"time of day: {self.at!r} is not to the minute, in the office's own time")
        if self.until is not None and (self.until < self.first or isinstance(self.days, Once)):
            raise ValueError(f"last day: {self.until} is before the first, or stands with a single day")


def dump_recurrence(recurrence: Recurrence) -> str:
    """Give a recurrence the form in which it is kept: JSON in one text."""
    row: dict[str, Any] = {
        **_days_row(recurrence.days),
        "at": f"{recurrence.at:%H:%M}",
        "first": recurrence.first.isoformat(),
    }
    if recurrence.until is not None:
        row["until"] = recurrence.until.isoformat()
    if recurrence.skip_holidays:
        row["skip_holidays"] = True
    return json.dumps(row)


def load_recurrence(kept: str) -> Recurrence:
    """Read a recurrence back.

    Raises:
        ValueError: it is none.
    """
    try:
        row = json.loads(kept)
        until = row.get("until")
        return Recurrence(
            _read_days(row),
            time.fromisoformat(row["at"]),
            date.fromisoformat(row["first"]),
            None if until is None else date.fromisoformat(until),
            row.get("skip_holidays", False),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a recurrence: {kept[:200]!r}") from error


def _days_row(days: Days) -> dict[str, Any]:
    match days:
        case Once():
            return {"days": "once"}
        case EveryDay():
            return {"days": "every_day"}
        case EveryWeek(weekdays):
            return {"days": "every_week", "weekdays": list(weekdays)}
        case EveryMonth(day):
            return {"days": "every_month", "day": day}
        case EveryMonthOn(nth, weekday):
            return {"days": "every_month_on", "nth": nth, "weekday": weekday}


def _read_days(row: Mapping[str, Any]) -> Days:
    match row["days"]:
        case "once":
            return Once()
        case "every_day":
            return EveryDay()
        case "every_week":
            return EveryWeek(tuple(row["weekdays"]))
        case "every_month":
            return EveryMonth(row["day"])
        case "every_month_on":
            return EveryMonthOn(row["nth"], row["weekday"])
    raise ValueError(f"unknown days {row['days']!r}")


_ON = {
    1: N_("every month on the first {weekday} at {at}"),
    2: N_("every month on the second {weekday} at {at}"),
    3: N_("every month on the third {weekday} at {at}"),
    4: N_("every month on the fourth {weekday} at {at}"),
    LAST: N_("every month on the last {weekday} at {at}"),
}


def describe(recurrence: Recurrence) -> Text:
    """Say when it is, to be read on its own or behind "it goes out": "setiap Senin dan Kamis pukul 09.00"."""
    often = _describe_days(recurrence)
    if recurrence.until is None:
        return N_("{often}, except on holidays", often=often) if recurrence.skip_holidays else often
    if recurrence.skip_holidays:
        return N_("{often}, until {day}, except on holidays", often=often, day=recurrence.until)
    return N_("{often}, until {day}", often=often, day=recurrence.until)


def _describe_days(recurrence: Recurrence) -> Text:
    at = f"{recurrence.at:%H.%M}"
    match recurrence.days:
        case Once():
            return N_("once, on {day} at {at}", day=recurrence.first, at=at)
        case EveryDay():
            return N_("every day at {at}", at=at)
        case EveryWeek(weekdays):
            return N_("every {weekdays} at {at}", weekdays=name_weekdays(weekdays), at=at)
        case EveryMonth(day) if day > SHORTEST_MONTH_DAYS:
            return N_("every month on day {day} (or its last day) at {at}", day=day, at=at)
        case EveryMonth(day):
            return N_("every month on day {day} at {at}", day=day, at=at)
        case EveryMonthOn(nth, weekday):
            return replace(_ON[nth], arguments={"weekday": name_weekdays((weekday,)), "at": at})


def name_weekdays(weekdays: Sequence[int]) -> Both:
    """Name weekdays, given in order: "Senin dan Kamis", "Senin, Rabu, dan Jumat", "Senin sampai Jumat".

    Sunday alone is *hari Minggu* in Indonesian, since *setiap Minggu* is heard as every week.
    """
    if tuple(weekdays) == (6,):
        return Both("hari Minggu", "Minggu")
    names = [WEEKDAYS[weekday] for weekday in weekdays]
    if len(weekdays) >= _RUN_DAYS and weekdays[-1] - weekdays[0] == len(weekdays) - 1:
        return Both(f"{names[0].id} sampai {names[-1].id}", f"{names[0].jv} ngantos {names[-1].jv}")
    return Both(_listed([name.id for name in names], "dan"), _listed([name.jv for name in names], "lan"))


def _listed(names: Sequence[str], conjunction: str) -> str:
    if len(names) <= 2:
        return f" {conjunction} ".join(names)
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"

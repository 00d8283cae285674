"""When the office is open, how much of its time has passed, and when nobody is to be disturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_MOST_DAYS = 366  # beyond that no period of office time is measured


@dataclass(frozen=True, slots=True)
class Hours:
    """When the office is open.

    Attributes:
        spans: for each weekday (0 = Monday) the opening spans in office time; a split day has two.
        holidays: days on which it is closed.
    """

    spans: Mapping[int, Sequence[tuple[time, time]]]
    holidays: frozenset[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the office is open at a local time."""
        return any(start <= moment.time() < end for start, end in self._spans_on(moment.date()))

    def next_opening(self, moment: datetime) -> datetime:
        """Say when the office opens next after a local time; looks at most 30 days ahead."""
        for days in range(31):
            day = moment.date() + timedelta(days)
            for start, _ in sorted(self._spans_on(day)):
                opening = datetime.combine(day, start, moment.tzinfo)
                if opening > moment:
                    return opening
        return moment + timedelta(days=31)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Measure the office time between two local moments; looks at most a year back from the end."""
        if end <= start:
            return timedelta()
        first = max(start.date(), end.date() - timedelta(_MOST_DAYS))
        passed = timedelta()
        for days in range((end.date() - first).days + 1):
            day = first + timedelta(days)
            for opens, closes in self._spans_on(day):
                begins = max(datetime.combine(day, opens, start.tzinfo), start)
                ends = min(datetime.combine(day, closes, start.tzinfo), end)
                passed += max(ends - begins, timedelta())
        return passed

    def _spans_on(self, day: date) -> Sequence[tuple[time, time]]:
        return () if day in self.holidays else self.spans.get(day.weekday(), ())


def read_hours(text: str, holidays: str = "") -> Hours:
    """Read office hours from settings.

    Args:
        text: as ``1-4 07.00-12.00 13.00-15.30; 5 07.00-11.00``, weekdays 1 (Monday) to 7.
        holidays: ISO days, separated by commas or blanks.

    Raises:
        ValueError: says which part is not understood.
    """
    spans: dict[int, list[tuple[time, time]]] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        days, *ranges = part.split()
        first, _, last = days.partition("-")
        if not (
            first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first) <= 7 and ranges
        ):
            raise ValueError(f"office hours: {part!r} is not of the form '1-4 07.00-12.00 13.00-15.30'")
        for weekday in range(int(first) - 1, int(last or first)):
            spans.setdefault(weekday, []).extend(_span(each, part) for each in ranges)
    return Hours(spans, frozenset(date.fromisoformat(day) for day in holidays.replace(",", " ").split()))


def _span(text: str, part: str) -> tuple[time, time]:
    start, bar, end = text.partition("-")
    try:
        found = time.fromisoformat(start.replace(".", ":")), time.fromisoformat(end.replace(".", ":"))
    except ValueError:
        raise ValueError(f"office hours: {text!r} in {part!r} is not of the form '07.00-12.00'") from None
    if not bar or found[0] >= found[1]:
        raise ValueError(f"office hours: {text!r} in {part!r} ends before it begins")
    return found


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of every day, in office time, in which nobody is written to who did not write first; may go past midnight."""

    start: time = time(20)
    end: time = time(6)

    def end_after(self, moment: datetime) -> datetime | None:
        """Say when the quiet ends that a local moment is in, in UTC; None where it is in none."""
        now = moment.time()
        past_midnight = self.start > self.end
        inside = (now >= self.start or now < self.end) if past_midnight else self.start <= now < self.end
        if not inside:
            return None
        day = moment.date() + timedelta(days=1 if past_midnight and now >= self.start else 0)
        return datetime.combine(day, self.end, moment.tzinfo).astimezone(UTC)


def read_quiet(text: str) -> Quiet:
    """Read quiet hours from settings, as ``20.00-06.00``; nothing means none.

    Raises:
        ValueError: it is not of that form.
    """
    return Quiet(*read_span(text, "quiet hours", "20.00-06.00"))


def read_span(text: str, name: str, example: str) -> tuple[time, time]:
    """Read from when to when, as ``20.00-06.00``; nothing is from midnight to midnight.

    Args:
        text: as it stands in the settings.
        name: what it is, for the error.
        example: how it should look, likewise.

    Raises:
        ValueError: it is not of that form.
    """
    if not text.strip():
        return time(0), time(0)
    start, _, end = text.strip().partition("-")
    try:
        return time.fromisoformat(start.replace(".", ":")), time.fromisoformat(end.replace(".", ":"))
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not of the form {example!r}") from None

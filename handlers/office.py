"""What every use-case needs: content, voices, settings of the office and its clock, put together once at start."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.registry import Registry
from handlers.messages import Ability
from handlers.render import Voices


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
class Office:
    """Put together by bot/app.py; read-only."""

    registry: Registry
    voices: Voices
    abilities: Mapping[str, Ability]
    zone: ZoneInfo
    hours: Hours
    demo: bool = False  # only then may somebody on the web page be more than a villager
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    random_below: Callable[[int], int] = secrets.randbelow

    def local(self, moment: datetime) -> datetime:
        """Give a time in the office's zone."""
        return moment.astimezone(self.zone)

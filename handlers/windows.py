"""The hours of every day in which messages to many people go out, without the quiet hours; the rest waits for the next day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from handlers.hours import Quiet, read_span

_SOME_DAY = date(2000, 1, 1)
_MINUTE = timedelta(minutes=1)
_MOST_OPENINGS = 366  # a day has one
_MOST_DAYS = 3  # a day may lack the hours in which the window is open, when clocks are put forward


@dataclass(frozen=True, slots=True)
class SendWindow:
    """From when to when messages go out, in office time; may go past midnight, and is the whole day where both are the same.

    Raises:
        ValueError: there is no time that is not quiet.
    """

    start: time = time(7)
    end: time = time(20)
    quiet: Quiet = Quiet()  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        """Refuse a window that never opens."""
        if not any(self.is_open(datetime.combine(_SOME_DAY, edge, UTC)) for edge in (self.start, self.quiet.end)):
            raise ValueError(f"send window: {self.start:%H.%M}-{self.end:%H.%M} has no time outside the quiet hours")

    def is_open(self, moment: datetime) -> bool:
        """Tell whether messages go out at a local time."""
        now = moment.time()
        past_midnight = self.start >= self.end
        inside = (now >= self.start or now < self.end) if past_midnight else self.start <= now < self.end
        return inside and self.quiet.end_after(moment) is None

    def opens_at(self, moment: datetime) -> datetime:
        """Say when the first message may go out, not before a local moment, in UTC: at once, or when the window opens next."""
        zone = moment.tzinfo
        if zone is None:
            raise ValueError(f"{moment} has no zone")
        earliest = moment.astimezone(UTC)
        return min(
            turn
            for turn in (earliest, *self._turns(moment.date(), zone))
            if turn >= earliest and self.is_open(turn.astimezone(zone))
        )

    def finish_at(self, moment: datetime, needed: timedelta) -> datetime | None:
        """Say, to the minute and in UTC, when so much sending is over of which none lies outside; None if not within a year."""
        zone, left = moment.tzinfo, needed
        for _ in range(_MOST_OPENINGS):
            opens = self.opens_at(moment)
            closes = opens
            while closes - opens < left and self.is_open(closes.astimezone(zone)):
                closes += _MINUTE
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
            moment = closes.astimezone(zone)
        return None

    def _turns(self, first: date, zone: tzinfo) -> Iterator[datetime]:
        """Give the moments from a day on at which it may begin to be open: the edges, and where the clock is put forward or back."""
        for days in range(_MOST_DAYS):
            day = first + timedelta(days)
            for edge in (self.start, self.quiet.end):
                for fold in (0, 1):  # a time may come twice
                    yield datetime.combine(day, edge, zone).replace(fold=fold).astimezone(UTC)
            yield _clock_change(datetime.combine(day, time(), zone).astimezone(UTC), zone)


def _clock_change(begins: datetime, zone: tzinfo) -> datetime:
    """Find to the second when the zone's clock changes in the day after a moment; the end of that day where it does not."""
    offset = begins.astimezone(zone).utcoffset()
    same, other = 0, 24 * 60 * 60
    if (begins + timedelta(seconds=other)).astimezone(zone).utcoffset() != offset:
        while other - same > 1:
            middle = (same + other) // 2
            if (begins + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
                same = middle
            else:
                other = middle
    return begins + timedelta(seconds=other)


def read_window(text: str, quiet: Quiet) -> SendWindow:
    """Read the send window from settings, as ``07.00-20.00``; nothing means all day but the quiet hours.

    Raises:
        ValueError: it is not of that form, or lies within the quiet hours.
    """
    return SendWindow(*read_span(text, "send window", "07.00-20.00"), quiet)

"""How fast a sender may be, and how long it waits before it tries again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol


class Time(Protocol):
    """The part of an event loop that counts seconds."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> object: ...


class Pace:
    """Keeps to so many messages in any second; fewer than one a second means one in so many seconds."""

    def __init__(self, per_second: float) -> None:
        most = max(1, int(per_second))
        self._seconds = most / per_second
        self._left_at: deque[float] = deque(maxlen=most)

    def wait(self, now: float) -> float:
        """Say in how many seconds the next may leave."""
        full = len(self._left_at) == self._left_at.maxlen
        return self._left_at[0] + self._seconds - now if full else 0.0

    def leave(self, now: float) -> None:
        """Note that one leaves."""
        self._left_at.append(now)


def wait_before_retry(attempt: int) -> timedelta:
    """Say how long to wait before sending a row again.

    Doubles from 1 s and stops growing at 10 min.

    Raises:
        ValueError: attempt is below 1.
    """
    if attempt < 1:
        raise ValueError(f"attempt counts from 1, not {attempt}")
    return timedelta(seconds=min(2.0 ** min(attempt - 1, 10), 600.0))

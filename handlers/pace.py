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

    def wait(self, now: float, keep: int = 0) -> float:
        """Say in how many seconds the next may leave, with so many places kept free for others."""
        used = max(1, (self._left_at.maxlen or 1) - keep)
        return self._left_at[-used] + self._seconds - now if len(self._left_at) >= used else 0.0

    def leave(self, now: float) -> None:
        """Note that one leaves."""
        self._left_at.append(now)


class Recent:
    """Who was written to within the last so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at: dict[str, float] = {}
        self._order: deque[tuple[float, str]] = deque()

    def note(self, address: str, now: float) -> None:
        """Note that somebody is written to, and forget of whom that was long ago."""
        while self._order and self._order[0][0] <= now - self._seconds:
            at, old = self._order.popleft()
            if self._at.get(old) == at:
                del self._at[old]
        if self._seconds > 0:
            self._at[address] = now
            self._order.append((now, address))

    def wait(self, address: str, now: float) -> float:
        """Say in how many seconds it is so long ago."""
        at = self._at.get(address)
        return 0.0 if at is None else max(0.0, at + self._seconds - now)


class Bucket:
    """Lets messages leave evenly, so many a second: after a pause at most what is due in ``burst_seconds`` at once."""

    def __init__(self, per_second: float, burst_seconds: float) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second * burst_seconds)
        self._tokens, self._at = 1.0, 0.0

    def wait(self, now: float) -> float:
        """Say in how many seconds the next may leave."""
        self._tokens = min(self._most, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1.0 - self._tokens) / self._per_second)

    def leave(self) -> None:
        """Note that one leaves."""
        self._tokens -= 1.0


def wait_before_retry(attempt: int) -> timedelta:
    """Say how long to wait before sending a row again.

    Doubles from 1 s and stops growing at 10 min.

    Raises:
        ValueError: attempt is below 1.
    """
    if attempt < 1:
        raise ValueError(f"attempt counts from 1, not {attempt}")
    return timedelta(seconds=min(2.0 ** min(attempt - 1, 10), 600.0))

"""When a question that was answered wrongly is asked again: after 1, 3, 7 and 21 days, each time it is answered rightly."""

from __future__ import annotations

from datetime import date, timedelta

DAYS = (1, 3, 7, 21)


def step(box: int, *, right: bool, today: date) -> tuple[int, date | None]:
    """Give the next box and the day on which the question is due again; None where it need not be asked any more.

    Args:
        box: 0 for a question never answered wrongly, else how many waits have been given out.
        right: the answer.
        today: the day of the answer.
    """
    if not right:
        return 1, today + timedelta(DAYS[0])
    if box == 0 or box >= len(DAYS):
        return 0, None
    return box + 1, today + timedelta(DAYS[box])

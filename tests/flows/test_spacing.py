"""When a question is asked again: after 1, 3, 7 and 21 days, from the beginning after each wrong answer."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.spacing import DAYS, step

TODAY = date(2026, 11, 24)


def test_right_at_once_is_done() -> None:
    assert step(0, right=True, today=TODAY) == (0, None)


def test_the_waits_are_1_3_7_and_21_days() -> None:
    box, due = step(0, right=False, today=TODAY)
    waits = []
    while due is not None:
        waits.append((due - TODAY).days)
        box, due = step(box, right=True, today=TODAY)
    assert waits == [1, 3, 7, 21]
    assert box == 0


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_after_any_answers_it_is_done_or_due_later(answers: list[bool]) -> None:
    box, today, due = 0, TODAY, None
    for right in answers:
        box, due = step(box, right=right, today=today)
        assert 0 <= box <= len(DAYS)
        assert (due is None) == (box == 0)
        assert due is None or today < due <= today + timedelta(days=21)
        today = due or today
    if not answers[-1]:
        assert (box, due) == (1, today)

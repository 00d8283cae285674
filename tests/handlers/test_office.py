"""Office hours: split days, holidays, the next opening, and settings that are not understood."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.office import read_hours

ZONE = ZoneInfo("Asia/Jakarta")
HOURS = read_hours("1-4 07.30-12.00 13.00-15.30; 5 07.30-11.00", "2026-12-25, 2026-12-24")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T07:29", False),  # a Tuesday
        ("2026-11-24T07:30", True),
        ("2026-11-24T12:00", False),
        ("2026-11-24T13:00", True),
        ("2026-11-24T15:30", False),
        ("2026-11-27T10:59", True),  # a Friday
        ("2026-11-27T13:00", False),
        ("2026-11-28T09:00", False),  # a Saturday
        ("2026-12-24T09:00", False),  # a holiday, a Thursday
    ],
)
def test_the_office_is_open(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24T06:00", "2026-11-24T07:30"),
        ("2026-11-24T12:30", "2026-11-24T13:00"),
        ("2026-11-24T20:00", "2026-11-25T07:30"),
        ("2026-11-27T12:00", "2026-11-30T07:30"),
        ("2026-12-23T16:00", "2026-12-28T07:30"),  # over two holidays and a weekend
    ],
)
def test_it_opens_next(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    "wrong", ["Monday 8-16", "1-9 07.30-12.00", "1", "1 12.00-07.30", "1 7-x", "0 07.30-12.00", "4-2 07.30-12.00"]
)
def test_hours_that_are_not_understood_are_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="office hours"):
        read_hours(wrong)

"""Reminders about visits: once each, in waking hours, to those who want them."""

from __future__ import annotations

import pytest

from tests.handlers.test_visits import STEPS, reports
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.makes_volunteer("budi")
    world.employs("dewi")
    world.says("dewi", "stop rekap")  # the weekly recap is another test's
    return world


def told(office: World) -> list[str]:
    """Let the clock tick twice; what went out, in words."""
    return [message.text for message in (*office.ticks(), *office.ticks())]


def test_a_volunteer_without_a_visit_for_long_is_reminded_once_a_stretch(office: World) -> None:
    office.later(days=29)
    assert told(office) == []
    office.later(days=1)
    first = told(office)
    assert len(first) == 1
    assert "kunjungan" in first[0]
    office.later(days=29)
    assert told(office) == []
    office.later(days=1)
    assert len(told(office)) == 1


def test_a_visit_begins_the_stretch_anew(office: World) -> None:
    office.later(days=20)
    reports(office)
    office.says("dewi", "stop pengingat")
    office.later(days=20)
    assert told(office) == []
    office.later(days=15)
    assert len(told(office)) == 1


def test_a_visit_begun_and_not_sent_is_reminded_of_once(office: World) -> None:
    for text in STEPS[:6]:
        office.says("budi", text)
    office.later(hours=23)
    assert told(office) == []
    office.later(hours=1)
    assert len(told(office)) == 1
    office.presses("budi", "Lanjut")
    assert office.asks("budi") == "visit/topik"
    office.later(days=2)
    assert len(told(office)) == 1, "a question asked anew is another turn"


def test_a_visit_sent_back_is_reminded_of_until_it_is_changed(office: World) -> None:
    code = reports(office)
    office.says("dewi", f"review {code}")
    office.picks("dewi", "send_back")
    office.says("dewi", "Jam berapa?")
    office.says("dewi", "stop pengingat")
    office.later(days=3)
    assert [code in text for text in told(office)] == [True]
    office.later(days=3)
    assert told(office) == []


def test_the_office_hears_once_a_day_what_waits(office: World) -> None:
    reports(office)
    assert [("1 kunjungan" in text) for text in told(office)] == [True]
    office.later(hours=2)
    assert told(office) == []
    office.later(hours=22)
    assert len(told(office)) == 1
    office.presses("dewi", "Tinjau")
    assert office.asks("dewi") == "visits/visit"


def test_nobody_is_reminded_in_quiet_hours_nor_who_stopped(office: World) -> None:
    office.later(days=30, hours=11)  # 21.00
    assert told(office) == []
    office.says("budi", "stop")
    office.later(hours=12)
    assert told(office) == []


def test_paused_volunteers_are_left_in_peace(office: World) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET state = 'paused'")
    office.later(days=60)
    assert told(office) == []

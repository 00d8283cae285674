"""The sample data of the demo: what its officer and its volunteer find there is as if it had been sent by message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.sample import OFFICER, VOLUNTEER, WEB, fill
from flows.registry import VISIT
from tests.talk import REGISTRY, Talk
from tests.world import World

DEWI, AGUS = f"{WEB}:{OFFICER}", f"{WEB}:{VOLUNTEER}"


@pytest.fixture
def demo(world: World) -> World:
    with world.engine.begin() as connection:
        assert fill(connection, 3, seed=1) > 0
    now = datetime.now(UTC)
    world.office = replace(world.office, demo=True, clock=lambda: now)
    return world


def codes(demo: World, state: str = "%") -> list[str]:
    return [row[0] for row in demo.rows("SELECT code FROM visits WHERE state LIKE :state ORDER BY id", state=state)]


def test_the_officer_finds_visits_that_wait_and_opens_one(demo: World) -> None:
    demo.says(DEWI, "tinjau")
    waiting = codes(demo, "received")
    assert len(waiting) == 2
    assert [button.label.split()[0] for button in demo.last(DEWI).buttons[:2]] == waiting
    assert "Agus Santoso" in demo.presses(DEWI, waiting[0])
    demo.picks(DEWI, "approve")
    assert codes(demo, "received") == waiting[1:]


def test_the_officer_finds_figures_of_each_kind(demo: World) -> None:
    assert len(demo.rows("SELECT DISTINCT kind FROM visits")) == len(REGISTRY.visit_kinds) == 4
    month, visits, people = demo.rows(
        "SELECT substr(day, 1, 7), count(*), sum(people) FROM visits WHERE state = 'approved' GROUP BY 1 ORDER BY 1"
    )[0]
    said = demo.says(DEWI, f"rekap {month}").replace("*", "")
    assert f"Kunjungan: {visits}" in said
    assert f"Peserta: {people}" in said
    assert "Kunjungan: " in demo.says(DEWI, "rekap").replace("*", ""), "and for the month that runs"


def test_every_visit_opens_for_the_officer_and_its_volunteer(demo: World) -> None:
    every = codes(demo)
    assert len(every) == 12
    for code in every:
        for who in (DEWI, AGUS):
            said = demo.says(who, code)
            assert code in said
            assert "dilaporkan" in said, "its history is there"
    (back,) = codes(demo, "sent_back")
    assert "Berapa orang yang berhasil" in demo.says(AGUS, back)


def test_every_visit_is_kept_as_the_flow_keeps_one(demo: World) -> None:
    for stored, reported in demo.rows("SELECT answers, created_at FROM visits"):
        day = datetime.fromtimestamp(reported / 1_000_000, UTC).date().isoformat()
        answers = json.loads(stored)
        talk = Talk(REGISTRY.flows[VISIT], given=answers, today=day)
        assert talk.key == "review", f"nothing is left to ask about {answers}"
        assert talk.journal == answers

"""Dry runs: the numbers shown beforehand are those that happen; and when it would be finished."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.dry_run import DryRun, count
from handlers.filling import fill_step
from handlers.hours import read_hours
from handlers.messages import Ability
from handlers.office import Office
from handlers.windows import SendWindow
from storage import broadcasts, deliveries
from storage.audiences import Audience
from storage.db import open_engine
from tests.storage import people
from tests.storage.people import NOW, Who
from tests.talk import REGISTRY, VOICES
from tests.world import ZONE

WHATSAPP = Ability(80, 16, timedelta(hours=24), new_people_a_day=2)
ABILITIES = {"telegram": Ability(30, 16), "whatsapp": WHATSAPP}
TEMPLATED = {**ABILITIES, "whatsapp": replace(WHATSAPP, templates={"any_id": "HX1"})}
NOON_OF = datetime(2026, 11, 24, 12, tzinfo=ZONE)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def office_with(abilities: dict[str, Ability], now: datetime = NOW) -> Office:
    return Office(REGISTRY, VOICES, abilities, ZONE, read_hours("1-5 07.30-15.30"), clock=lambda: now)


def broadcast(connection: sa.Connection, audience: Audience, **values: object) -> broadcasts.Broadcast:
    number = broadcasts.add(
        connection, **{"kind": "news", "state": "waiting", "text_id": "Halo", "digest": "", "created_at": NOW,
        "audience": json.dumps(audience.to_json()), **values},
    )  # fmt: skip
    row = broadcasts.find(connection, number)
    assert row is not None
    return row


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people.who, max_size=12), people.audience, st.sampled_from((ABILITIES, TEMPLATED)))
def test_what_was_counted_is_what_is_added(
    engine: sa.Engine, crowd: list[Who], audience: Audience, abilities: dict[str, Ability]
) -> None:
    office = office_with(abilities)
    with people.undone(engine) as connection:
        people.add(connection, crowd)
        row = broadcast(connection, audience)
        counted = count(connection, office, row)
        assert broadcasts.begin(connection, row.id, NOW)
        while fill_step(connection, office, step=5):
            pass
        added = Counter(
            (channel, state, reason)
            for channel, state, reason in connection.execute(
                sa.text("SELECT channel, state, reason FROM deliveries WHERE broadcast_id = :b"), {"b": row.id}
            )
        )
    told: Counter[tuple[str | None, str, str | None]] = Counter()
    for group, number in counted.counts.items():
        told[group.channel, "skipped" if group.reason else "queued", group.reason] += number
    assert told == added
    assert counted.people == sum(number for (_, state, _), number in added.items() if state == "queued")
    assert sum(counted.by("channel").values()) == sum(counted.by("district").values()) == counted.people
    assert sum(counted.left_out.values()) == sum(
        number for (_, state, _), number in added.items() if state == "skipped"
    )


def crowd_of(many: int, channel: str, hours: int = 1) -> list[Who]:
    nothing: frozenset[str] = frozenset()
    one = Who("id", None, True, False, False, None, None, nothing, ((channel, hours, False),), nothing, None, nothing, nothing, frozenset())  # fmt: skip
    return [one] * many


def counted_at(engine: sa.Engine, now: datetime, crowd: list[Who], office: Office, **values: object) -> DryRun:
    with people.undone(engine) as connection:
        people.add(connection, crowd)
        return count(
            connection, replace(office, clock=lambda: now.astimezone(UTC)), broadcast(connection, Audience(), **values)
        )


def test_it_is_finished_at_four_fifths_of_the_limit_and_rolls_over_to_the_next_window(engine: sa.Engine) -> None:
    slow = {"telegram": Ability(1 / 60, 1)}  # 48 an hour
    office = replace(office_with(slow), window=SendWindow(time(8), time(16)))
    people_of = crowd_of(96, "telegram")
    assert counted_at(engine, NOON_OF, people_of, office).finishes_at == NOON_OF.replace(hour=14)
    evening = NOON_OF.replace(hour=15)
    assert counted_at(engine, evening, people_of, office).finishes_at == NOON_OF.replace(day=25, hour=9)
    night = NOON_OF.replace(hour=22)
    assert counted_at(engine, night, people_of, office).finishes_at == NOON_OF.replace(day=25, hour=10)
    assert counted_at(engine, night, people_of, office, urgent=True).finishes_at == NOON_OF.replace(day=25, hour=0)
    later = counted_at(engine, NOON_OF, people_of, office, start_at=NOON_OF.replace(day=26).astimezone(UTC))
    assert later.finishes_at == NOON_OF.replace(day=26, hour=14)


def test_over_the_tier_it_takes_days_and_templates_are_paid(engine: sa.Engine) -> None:
    office = office_with(TEMPLATED)
    counted = counted_at(engine, NOW, [*crowd_of(5, "whatsapp", 30), *crowd_of(2, "whatsapp")], office)
    assert (counted.people, counted.paid, dict(counted.over_tier)) == (7, 5, {"whatsapp": 3})
    assert counted.finishes_at == NOW + timedelta(days=2)
    untold = counted_at(engine, NOW, crowd_of(5, "whatsapp", 30), office_with(ABILITIES))
    assert (untold.people, untold.left_out) == (0, {"window": 5})


def test_whom_we_wrote_to_first_today_counts_against_the_tier(engine: sa.Engine) -> None:
    office = office_with(TEMPLATED)
    with people.undone(engine) as connection:
        ids = people.add(connection, crowd_of(2, "whatsapp", 30))
        deliveries.note_templates(connection, "whatsapp", [(ids[0], NOW - timedelta(hours=1))])
        assert dict(count(connection, office, broadcast(connection, Audience())).over_tier) == {"whatsapp": 1}

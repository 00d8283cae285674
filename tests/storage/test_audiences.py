"""Who belongs to an audience: every filter, together and left out again, against the same told in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.audiences import Audience, Way, select_counts, select_recipients
from storage.db import open_engine
from tests.storage import people
from tests.storage.people import NOW, Who, belongs, may_be_written_to, route

WAYS = [
    Way("telegram"),
    Way("whatsapp", timedelta(hours=24)),
    Way("web"),
]
WITH_TEMPLATE = [WAYS[0], Way("whatsapp", timedelta(hours=24), has_template=True)]
SETTINGS = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANYBODY = Who(
    "id", "35.05.01.2002", True, False, False, None, None, frozenset(), (("telegram", 1, False),), frozenset(), None,
    frozenset(), frozenset(), frozenset(),
)  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@SETTINGS
@given(st.lists(people.who, max_size=12), people.audience, st.sampled_from((WAYS, WITH_TEMPLATE)))
@example([ANYBODY], Audience(but=(Audience(channels=("telegram",)),)), WAYS)
@example([replace(ANYBODY, tips=("cakap", "paused"))], Audience(pillars=("cakap",)), WAYS)
@example([replace(ANYBODY, addresses=(("telegram", 24, False),))], Audience(inactive_days=1), WAYS)
def test_exactly_those_meant_are_selected_and_each_way_is_right(
    engine: sa.Engine, crowd: list[Who], audience: Audience, ways: list[Way]
) -> None:
    assert Audience.from_json(audience.to_json()) == audience
    expected = {
        number: route(each, audience, "news", ways)
        for number, each in enumerate(crowd)
        if may_be_written_to(each) and belongs(each, audience)
    }
    with people.undone(engine) as connection:
        ids = people.add(connection, crowd)
        rows = connection.execute(select_recipients(audience, "news", ways, NOW)).all()
        got = {ids.index(row.contact_id): (row.channel, row.reason) for row in rows}
        assert got == {number: (channel, reason) for number, (channel, reason, _) in expected.items()}
        assert {row.state for row in rows if row.reason} <= {"skipped"}
        counts: dict[Any, int] = {}
        for number, (channel, reason, template) in expected.items():
            who = crowd[number]
            key = (channel, who.language, (who.village or "")[:8], reason, template)
            counts[key] = counts.get(key, 0) + 1
        counted = {
            (*row[:4], bool(row[4])): row[5] for row in connection.execute(select_counts(audience, "news", ways, NOW))
        }
        assert counted == counts

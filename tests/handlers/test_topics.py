"""Messages nobody asked for: muted by topic, stopped altogether, and never in quiet hours."""

from __future__ import annotations

import pytest

from handlers.mail import Mail
from handlers.topics import EVENTS, OFFERS, Topic
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    return world


def writes(office: World, topic: Topic | None = OFFERS) -> int | None:
    """Write to Budi about a topic; returns the row, None where nothing was written."""
    contact = office.person("budi").contact_id
    with office.engine.begin() as connection:
        return Mail(connection, office.office, office.office.clock()).write_to(contact, "halo", topic=topic)


def test_each_message_says_how_to_mute_its_topic_and_the_words_do_it(office: World) -> None:
    assert writes(office)
    assert "stop permintaan" in office.value("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1")
    assert "langganan permintaan" in office.says("budi", "stop permintaan")
    assert writes(office) is None
    assert writes(office, EVENTS), "another topic still comes"
    office.says("budi", "langganan permintaan")
    assert writes(office)


def test_stop_mutes_every_topic_and_langganan_opens_all_again(office: World) -> None:
    office.says("budi", "stop acara")
    office.says("budi", "stop")
    assert writes(office) is None
    office.says("budi", "langganan")
    assert writes(office, EVENTS)


def test_in_quiet_hours_it_waits_for_their_end(office: World) -> None:
    office.later(hours=11)  # 21.00 in Blitar
    row = writes(office)
    state, due = office.rows("SELECT state, due_at FROM outbox WHERE id = :row", row=row)[0]
    hours = (due / 1e6 - office.office.clock().timestamp()) / 3600
    assert (state, hours) == ("queued", 9.0)


def test_an_answer_to_what_one_asked_belongs_to_no_topic(office: World) -> None:
    office.says("budi", "stop")
    assert writes(office, None)

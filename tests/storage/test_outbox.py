"""Which message of ours a person replies to, and which one a vendor tells of: never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import contacts, outbox
from storage.db import open_engine
from storage.erasure import erase_contact
from storage.outbox import REPLY

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = open_engine(database_url)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def sent(connection: sa.Connection, who: str, payload: str, vendor_id: str | None, channel: str = "telegram") -> int:
    """Note a message as sent; returns its row."""
    person = contacts.find_person(connection, channel, who) or contacts.add_person(connection, channel, who, None, NOON)
    row = outbox.add(connection, person.contact_id, channel, who, REPLY, payload, NOON, LATER)
    if vendor_id is not None:
        outbox.mark_sent(connection, [(row, NOON, vendor_id)])
    return row


def state(connection: sa.Connection, row: int) -> str:
    return str(connection.execute(sa.text("SELECT state FROM outbox WHERE id = :row"), {"row": row}).scalar())


def test_two_chats_with_the_same_message_id_are_never_confused(connection: sa.Connection) -> None:
    sent(connection, "sri", "to sri", "17")
    sent(connection, "agus", "to agus", "17")
    assert outbox.find_payload(connection, "telegram", "sri", "17") == "to sri"
    assert outbox.find_payload(connection, "telegram", "agus", "17") == "to agus"
    assert outbox.find_payload(connection, "telegram", "budi", "17") is None
    assert outbox.find_payload(connection, "whatsapp", "sri", "17") is None


def test_what_was_never_sent_is_not_found(connection: sa.Connection) -> None:
    sent(connection, "sri", "on its way", None)
    assert outbox.find_payload(connection, "telegram", "sri", "17") is None


def test_of_a_bot_that_begins_to_count_anew_the_newest_counts(connection: sa.Connection) -> None:
    for payload in ("of the old bot", "of the new bot"):
        sent(connection, "sri", payload, "17")
    assert outbox.find_payload(connection, "telegram", "sri", "17") == "of the new bot"


def test_what_was_forgotten_or_erased_is_not_found(connection: sa.Connection) -> None:
    sent(connection, "sri", "old words", "17")
    outbox.forget_texts(connection, LATER)
    assert outbox.find_payload(connection, "telegram", "sri", "17") is None
    sent(connection, "sri", "new words", "18")
    person = contacts.find_person(connection, "telegram", "sri")
    assert person is not None
    erase_contact(connection, person.contact_id, LATER)
    assert outbox.find_payload(connection, "telegram", "sri", "18") is None
    assert connection.execute(sa.text("SELECT count(*) FROM outbox WHERE vendor_id = '18'")).scalar() == 0


def test_a_vendor_that_tells_of_an_id_two_chats_have_changes_neither(connection: sa.Connection) -> None:
    rows = [sent(connection, who, "halo", "17") for who in ("sri", "agus")]
    assert not outbox.mark_delivery(connection, "telegram", "17", "read", None)
    assert [state(connection, row) for row in rows] == ["sent", "sent"]
    alone = sent(connection, "sri", "halo", "18")
    assert outbox.mark_delivery(connection, "telegram", "18", "read", None)
    assert state(connection, alone) == "read"


def test_the_message_is_found_by_its_index(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the size of its tables")
    asked: list[tuple[str, Any]] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    outbox.find_payload(connection, "telegram", "sri", "17")
    statement, parameters = asked[0]
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert "ix_outbox_vendor_id" in plan[0], plan

"""The one way in, over a real database: what fails, what comes twice, what comes at once."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa

from flows.chat import Chat, Waiting, play
from flows.fields import Words
from flows.outcomes import HandedOver, Nothing, Outcome
from handlers.inbox import SORRY, Inbox
from handlers.messages import Sending
from handlers.office import Office
from handlers.render import load_shown
from storage import handovers
from storage.contacts import add_person
from storage.db import Database
from tests.talk import REGISTRY, VOICES
from tests.world import World


def inbox_of(database: Database, office: Office) -> tuple[Inbox, list[Sending]]:
    """Make the real inbox over a database, and the list of what leaves after each commit."""
    sent: list[Sending] = []
    return Inbox(database, office, lambda sendings, _: sent.extend(sendings)), sent


@pytest.fixture
def office(database: Database) -> World:
    """An office over the same database as the inbox, in which Sri has arrived."""
    world = World(database.engine)
    world.arrives("sri")
    return world


async def test_a_mistake_of_ours_is_answered_with_an_apology_once(
    database: Database, office: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(chat: Chat) -> Outcome:
        await chat.ask("first", "?", Words())
        raise ZeroDivisionError

    registry = replace(REGISTRY, flows={**REGISTRY.flows, "help": broken})
    inbox, sent = inbox_of(database, replace(office.office, registry=registry))
    await inbox.receive(office.incoming("sri", "bantuan"))
    assert office.asks("sri") == "help/first"
    message = office.incoming("sri", "Sri Lestari")
    sent.clear()
    with caplog.at_level(logging.ERROR):
        await inbox.receive(message)
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == [
        "turn failed: ZeroDivisionError on telegram"
    ]
    assert office.asks("sri") == "", "the conversation that cannot go on is closed"
    assert [button.data for button in sent[0].message.buttons] == ["!menu", "!petugas"]
    assert sent[0].message.text == VOICES.of("id").say(SORRY)
    sent.clear()
    await inbox.receive(message)
    assert sent == [], "it is handled once"
    await inbox.receive(office.incoming("sri", "menu"))
    assert office.asks("sri") == "menu/choice"


async def test_a_mistake_at_the_first_message_is_answered_too(
    database: Database, office: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(chat: Chat) -> Outcome:
        return await asyncio.sleep(0, Nothing())

    registry = replace(REGISTRY, flows={**REGISTRY.flows, "onboarding": broken})
    inbox, sent = inbox_of(database, replace(office.office, registry=registry))
    with caplog.at_level(logging.ERROR):
        await inbox.receive(office.incoming("agus", "halo"))
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == ["turn failed: FlowError on telegram"]
    assert [sending.message.text for sending in sent] == [VOICES.of("id").say(SORRY)]


async def test_a_failing_database_is_told_to_the_vendor_and_nothing_is_stored(
    database: Database, office: World
) -> None:
    inbox, sent = inbox_of(database, office.office)
    message = office.incoming("sri", "surat domisili")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    with pytest.raises(sa.exc.DBAPIError):
        await inbox.receive(message)
    assert sent == []
    assert office.rows("SELECT * FROM inbound WHERE message_id = :id", id=message.message_id) == []
    assert office.asks("sri") == "menu/choice"
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    await inbox.receive(message)
    assert office.asks("sri") == "request:surat_domisili/go", "the vendor's next try is handled"
    assert len(sent) == 1


async def test_a_row_the_database_never_takes_is_our_mistake(
    database: Database, office: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Told to the vendor, such a message would come again and again, and hold up those behind it."""

    async def doubled(chat: Chat) -> Outcome:
        await chat.ask("about", "?", Words())
        return HandedOver("again")

    registry = replace(REGISTRY, flows={**REGISTRY.flows, "help": doubled})
    inbox, sent = inbox_of(database, replace(office.office, registry=registry))
    await inbox.receive(office.incoming("sri", "bantuan"))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX ux_about ON handovers (about)")
        agus = add_person(connection, "telegram", "agus", None, office.office.clock())
        handovers.open_handover(connection, agus.contact_id, "again", office.office.clock())
    sent.clear()
    with caplog.at_level(logging.ERROR):
        await inbox.receive(office.incoming("sri", "Sri Lestari"))
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == [
        "turn failed: IntegrityError on telegram"
    ]
    assert [sending.message.text for sending in sent] == [VOICES.of("id").say(SORRY)]
    assert office.asks("sri") == ""


async def test_messages_at_the_same_time_leave_one_consistent_conversation(database: Database, office: World) -> None:
    inbox, sent = inbox_of(database, office.office)
    await inbox.receive(office.incoming("sri", "surat domisili"))
    await inbox.receive(office.incoming("sri", "1"))
    before = office.person("sri").conversation
    assert before is not None
    sent.clear()
    texts = ["Sri Lestari", "untuk sekolah anak", "apa saja boleh", "dekat pasar"]
    await asyncio.gather(*(inbox.receive(office.incoming("sri", text)) for text in texts))
    after = office.person("sri").conversation
    assert after is not None
    assert after.turn == before.turn + len(texts), "each message was a turn of its own"
    assert len(sent) == len(texts)
    journal = json.loads(after.journal)
    given = [value for key, value in journal.items() if key not in json.loads(after.facts)["given"] and key != "go"]
    assert set(given) <= set(texts)
    assert len(set(given)) == len(given), "no message answered two questions"
    turn = play(REGISTRY.flows[after.flow], json.loads(after.facts), journal, load_shown(after.shown), None)
    assert isinstance(turn, Waiting)
    assert turn.question.key == load_shown(after.shown).key


async def test_first_messages_at_the_same_time_make_one_person(database: Database, office: World) -> None:
    inbox, sent = inbox_of(database, office.office)
    await asyncio.gather(*(inbox.receive(office.incoming("agus", text)) for text in ("halo", "p", "assalamualaikum")))
    assert len(sent) == 3
    assert office.value("SELECT count(*) FROM addresses WHERE address = 'agus'") == 1
    assert office.value("SELECT count(*) FROM conversations") == 2, "Sri's menu and the new one's first contact"
    assert office.asks("agus") == "onboarding/language"


async def test_a_repeat_at_the_same_time_is_handled_once(database: Database, office: World) -> None:
    inbox, sent = inbox_of(database, office.office)
    message = office.incoming("sri", "surat domisili")
    await asyncio.gather(*(inbox.receive(message) for _ in range(5)))
    assert len(sent) == 1
    assert office.asks("sri") == "request:surat_domisili/go"

"""Authors see how far their broadcasts are in a message that changes, and are told the end once, whoever counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import TelegramChannel, open_telegram
from handlers.broadcast_figures import Figures, reason_text
from handlers.broadcast_progress import list_watched, note, report
from handlers.hours import Quiet, read_hours
from handlers.messages import Outgoing
from handlers.office import Office
from handlers.outbox import Sender
from storage import broadcasts, deliveries
from storage.broadcasts import Broadcast
from storage.db import Database
from tests.fakes.telegram_server import TOKEN, FakeTelegram, serving
from tests.handlers.test_bulk import Post
from tests.talk import REGISTRY, VOICES
from tests.world import ABILITIES, TUESDAY_MORNING, ZONE, World


@pytest.fixture
def office(world: World) -> World:
    for who in ("sri", "budi", "tono", "wati"):
        world.arrives(who)
    world.employs("dewi")
    world.says("dewi", "menu")
    return world


def told(office: World, who: str = "dewi") -> list[str]:
    return [message.text for message in office.inboxes[who] if "Siaran" in message.text]


def changed(office: World, who: str = "dewi") -> list[str]:
    return [message.text for message in office.edited.get(who, [])]


def ticks(office: World, seconds: float = 10) -> list[Outgoing]:
    office.later(seconds=seconds)
    return office.reports()


def test_the_author_sees_one_message_that_changes_and_then_the_end(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    [first] = told(office)
    assert "*Siaran 1* (berita): sedang dikirim" in first
    assert "Masih menunggu: 5" in first
    assert [button.data for button in office.last("dewi").buttons] == [f"!siaran {number}"]
    office.delivers(number, "sri")
    ticks(office)
    assert len(told(office)) == 1, "no new message"
    assert "*Terkirim: 1*" in changed(office)[-1]
    office.delivers(number, "budi", state="failed", reason="blocked")
    office.delivers(number)
    ticks(office)
    assert "(berita): selesai" in changed(office)[-1]
    assert len(told(office)) == 2
    assert told(office)[-1].startswith("Siaran Anda nomor 1 sudah selesai.")
    assert "• 1: memblokir bot" in told(office)[-1]
    assert ticks(office) == []


def test_nothing_is_changed_where_the_figures_are_the_same_nor_before_ten_seconds(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    assert ticks(office) == []
    office.delivers(number, "sri")
    assert ticks(office, seconds=3) == []
    assert len(ticks(office, seconds=7)) == 1


def test_of_two_processes_that_counted_one_tells(office: World) -> None:
    number = office.broadcasts("dewi")
    office.delivers(number)
    with office.engine.begin() as connection:
        [seen] = [Broadcast(*row) for row in connection.execute(broadcasts.select_watched(office.office.clock()))]
        rows = [tuple(row) for row in connection.execute(deliveries.count_states(number))]
    sent = []
    for _ in range(2):
        with office.engine.begin() as connection:
            sent += note(connection, office.office, seen, rows)
    assert [sending.message.text.split("\n")[0] for sending in sent] == ["Siaran Anda nomor 1 sudah selesai."]


def test_a_count_that_another_process_overtook_is_thrown_away(office: World) -> None:
    number = office.broadcasts("dewi")
    with office.engine.begin() as connection:
        [seen] = [Broadcast(*row) for row in connection.execute(broadcasts.select_watched(office.office.clock()))]
        before = [tuple(row) for row in connection.execute(deliveries.count_states(number))]
    office.delivers(number, "sri")
    office.reports()
    figures = office.value("SELECT figures FROM broadcasts")
    with office.engine.begin() as connection:
        assert note(connection, office.office, seen, before) == []
    assert office.value("SELECT figures FROM broadcasts") == figures


def test_what_moved_on_while_it_was_counted_is_told_by_the_next_tick(office: World) -> None:
    number = office.broadcasts("dewi")
    with office.engine.begin() as connection:
        [seen] = [Broadcast(*row) for row in connection.execute(broadcasts.select_watched(office.office.clock()))]
        rows = [tuple(row) for row in connection.execute(deliveries.count_states(number))]
    office.delivers(number)
    with office.engine.begin() as connection:
        assert note(connection, office.office, seen, rows) == []
    ticks(office)
    assert "*Terkirim: 5*" in told(office)[-1]


def test_where_messages_cannot_be_changed_only_the_end_is_told(office: World) -> None:
    office.employs("whatsapp:rini", "Rini", "officer")
    office.says("whatsapp:rini", "menu")
    number = office.broadcasts("whatsapp:rini")
    ticks(office)
    office.delivers(number, "sri")
    ticks(office)
    assert told(office, "whatsapp:rini") == []
    office.delivers(number)
    ticks(office)
    assert len(told(office, "whatsapp:rini")) == 1
    assert changed(office, "whatsapp:rini") == []


def test_a_pause_by_itself_is_told_with_why_and_the_end_after_it_too(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    office.delivers(number, "sri", state="failed", reason="bad_request")
    office.rows(f"UPDATE broadcasts SET state = 'paused', reason = 'bad_request' WHERE id = {number} RETURNING 1")
    ticks(office)
    assert told(office)[-1].startswith("Siaran Anda nomor 1 perlu dilihat.")
    assert "pesannya sendiri ditolak" in told(office)[-1]
    assert ticks(office) == []
    office.presses("dewi", "Lihat siaran")
    office.picks("dewi", "resume")
    ticks(office)
    assert "sedang dikirim" in told(office)[-1], "a new message shows how far it is, where it is looked for now"
    office.delivers(number)
    ticks(office)
    assert told(office)[-1].startswith("Siaran Anda nomor 1 sudah selesai.")


def test_who_pauses_or_cancels_is_not_told_what_they_know(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    office.says("dewi", f"siaran {number}")
    office.picks("dewi", "pause")
    before = len(told(office))
    ticks(office)
    assert "dijeda" in changed(office)[-1]
    office.says("dewi", f"siaran {number}")
    office.picks("dewi", "cancel")
    office.picks("dewi", "yes")
    office.delivers(number)
    ticks(office)
    assert "(berita): dibatalkan" in changed(office)[-1]
    assert len(told(office)) == before + 1, "what was asked for, and nothing else"


def test_a_cancelled_one_is_counted_until_all_are_left_out(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    office.says("dewi", f"siaran {number}")
    office.picks("dewi", "cancel")
    office.picks("dewi", "yes")
    ticks(office)
    assert office.value("SELECT watched FROM broadcasts")
    office.delivers(number)
    ticks(office)
    assert not office.value("SELECT watched FROM broadcasts")
    assert Figures.from_rows([("skipped", "cancelled", 5)]).to_json() == office.value("SELECT figures FROM broadcasts")


def test_a_message_that_cannot_be_changed_any_more_is_given_up(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    office.delivers(number, "sri")
    office.reports()
    office.rows(
        "UPDATE outbox SET state = 'failed', reason = 'not_editable' WHERE id = (SELECT progress_outbox_id FROM broadcasts) RETURNING 1"
    )
    assert ticks(office) == []
    office.delivers(number)
    assert len(ticks(office)) == 1, "the end is told all the same"


@pytest.mark.parametrize("why", ["erased", "left"])
def test_an_author_who_is_gone_is_told_nothing(office: World, why: str) -> None:
    office.employs("andi", "Andi")
    number = office.broadcasts("dewi")
    if why == "left":
        office.rows(
            "UPDATE staff SET active = false WHERE contact_id = :id RETURNING 1", id=office.person("dewi").contact_id
        )
    else:
        office.rows("UPDATE broadcasts SET author_id = NULL RETURNING 1")
    office.delivers(number)
    assert ticks(office) == []
    assert not office.value("SELECT watched FROM broadcasts")


def test_it_says_how_fast_it_goes_and_when_it_is_done(office: World) -> None:
    number = office.broadcasts("dewi")
    ticks(office)
    office.delivers(number, "sri", "budi")
    ticks(office)
    assert "Kecepatan: 12 per menit" in changed(office)[-1]
    assert "Perkiraan selesai: Selasa, 24 November 2026 10.00 WIB" in changed(office)[-1]


@pytest.mark.parametrize(
    ("hour", "needed", "ends"),
    [
        (10, 1, "24 11.00"), (19, 2, "25 08.00"), (22, 1, "25 08.00"), (10, 10, "24 20.00"), (10, 25, "26 09.00"), (6, 0, "24 07.00"),
    ],
)  # fmt: skip
def test_a_broadcast_rests_outside_the_send_window(hour: int, needed: int, ends: str) -> None:
    office = quiet_office()
    now = datetime(2026, 11, 24, hour, tzinfo=ZONE).astimezone(UTC)
    found = office.window.finish_at(office.local(now), timedelta(hours=needed))
    assert found is not None
    assert f"{office.local(found):%d %H.%M}" == ends


@given(st.integers(0, 24 * 60 - 1), st.integers(0, 20 * 24 * 60))
def test_what_is_needed_is_sent_within_the_send_window(minute: int, needed: int) -> None:
    office = quiet_office()
    now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=minute)
    found = office.window.finish_at(office.local(now), timedelta(minutes=needed))
    assert found is not None
    open_minutes = sum(
        office.may_broadcast(now + timedelta(minutes=n)) for n in range(round((found - now) / timedelta(minutes=1)))
    )
    assert open_minutes == needed


def quiet_office() -> Office:
    return Office(REGISTRY, VOICES, ABILITIES, ZONE, read_hours(""), Quiet(), clock=lambda: TUESDAY_MORNING)


@pytest.mark.parametrize(
    "reason",
    ["stopped", "muted", "unreachable", "window", "cancelled", "erased", "blocked", "63016", "twilio_500", None],
)
def test_every_reason_has_words(reason: str | None) -> None:
    words = VOICES.of("id").say(reason_text(reason))
    assert words
    assert reason is None or words != reason


# Over real HTTP, with the senders.


@pytest.fixture
def fake() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
async def channel(fake: FakeTelegram, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    async with serving(fake) as url:
        opened = open_telegram(TOKEN, url, lambda media_id: next(tmp_path.glob(f"{media_id}.*"), None))
        yield opened
        await opened.close()


async def test_the_message_is_changed_at_telegram_and_again_after_a_restart(
    database: Database, fake: FakeTelegram, channel: TelegramChannel
) -> None:
    world = World(database.engine)
    world.employs("77")
    world.says("77", "menu")
    for who in ("1", "2", "3"):
        world.arrives(who)
    now = TUESDAY_MORNING
    office = replace(world.office, abilities={"telegram": channel.ability}, clock=lambda: now)
    with database.engine.begin() as connection:  # what was said so far has left
        connection.execute(sa.text("UPDATE outbox SET state = 'sent'"))
    number = world.broadcasts("77")
    await tick(database, office, channel)
    [first] = fake.calls("sendMessage")
    post = Post(database, office, {})
    assert await post.rows("SELECT vendor_id, state FROM outbox WHERE id = (SELECT progress_outbox_id FROM broadcasts)") == [(str(first["result"]["message_id"]), "sent")]  # fmt: skip
    for person in ("1", "2"):
        now += timedelta(seconds=10)
        await asyncio.to_thread(world.delivers, number, person)
        await tick(database, office, channel)
    edits = fake.calls("editMessageText")
    assert [edit["message_id"] for edit in edits] == [str(first["result"]["message_id"])] * 2
    assert "Terkirim: 2" in edits[-1]["shown"]
    assert "!siaran 1" in str(edits[-1]["reply_markup"])
    fake.forget(77)
    now += timedelta(seconds=10)
    await asyncio.to_thread(world.delivers, number, "3")
    await tick(database, office, channel)
    assert await post.rows("SELECT state, reason FROM outbox WHERE id = (SELECT progress_outbox_id FROM broadcasts)") == [("failed", "not_editable")]  # fmt: skip
    now += timedelta(seconds=10)
    await tick(database, office, channel)
    assert len(fake.calls("editMessageText")) == 2, "it is given up"


async def tick(database: Database, office: Office, channel: TelegramChannel) -> None:
    """Let a process start, look once, send what follows, and stop."""
    sender = Sender(channel, database, office.clock)
    task = asyncio.create_task(sender.run(alone=True))
    try:
        for each in await list_watched(database, office):
            for sending in await report(database, office, each):
                sender.take(sending)
        async with asyncio.timeout(20):
            while not sender.idle():
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

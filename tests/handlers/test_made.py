"""Files the program makes: after the commit, after a restart, never without an end, and no message without its file before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.text import N_
from handlers import files as files_module
from handlers.files import LOST, MOST_ATTEMPTS, NOT_MADE, Files
from handlers.made import Maker, ask_for
from handlers.mail import Mail
from handlers.media import Checked, MediaStore, Refused
from handlers.messages import ChannelError, ChannelRefused, Sending
from storage import media
from storage.db import Database
from storage.media import MADE
from tests.handlers.test_files import Vendor, jpeg
from tests.handlers.test_outbox import ListChannel, make_post, until
from tests.talk import VOICES
from tests.world import PHOTO, TUESDAY_MORNING, World

TABLE = Checked("document", "text/csv", b"desa;kunjungan\n", "csv")
NOTHING = N_("No requests.")


class Workshop:
    """An office whose program makes files, and Sri who asks for one. The clock is set by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.store = database, MediaStore(folder)
        self.now = TUESDAY_MORNING
        self.world = World(database.engine)
        self.world.office = replace(self.world.office, clock=lambda: self.now)
        self.world.arrives("sri")
        self.sri = self.world.person("sri").contact_id
        self.told: list[Sending] = []
        self.makers: dict[str, Maker] = {}
        self.made: list[str] = []

    def ask(self, maker: str = "recap", argument: str = "november") -> str:
        """Ask for a file in a transaction of its own."""
        with self.database.engine.begin() as connection:
            return self._ask(connection, maker, argument)

    def _ask(self, connection: sa.Connection, maker: str, argument: str) -> str:
        mail = Mail(connection, self.world.office, self.now)
        return ask_for(mail, self.sri, maker, argument, "document")

    def makes(self, outcome: Checked | Exception, maker: str = "recap") -> None:
        """Let a maker give or raise something."""

        async def make(argument: str) -> Checked:
            self.made.append(argument)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        self.makers[maker] = make

    def files(self, vendor: Callable[[], bytes] = jpeg) -> Files:
        """Make what brings files, as a process does at its start."""
        channels = {"telegram": Vendor(vendor)}
        after = lambda sent, _: self.told.extend(sent)  # noqa: E731
        return Files(channels, self.database, self.store, self.world.office, after, self.makers)

    async def bring(self) -> int:
        """Bring what is due, once; says how many there were."""
        return await self.files()._bring_waiting(MADE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Files]:
        """Run it as the process does. It must not end by itself."""
        files = self.files()
        task = asyncio.create_task(files.run())
        try:
            yield files
            assert not task.done(), task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def row(self, media_id: str) -> tuple[Any, ...]:
        query = "SELECT state, kind, reason, attempts FROM media WHERE id = :id"
        return tuple(self.world.rows(query, id=media_id)[0])

    async def until_state(self, media_id: str, state: str) -> None:
        await until(lambda: bool(self.row(media_id)[0] == state))

    def words(self) -> list[str]:
        return [sending.message.text for sending in self.told]


@pytest.fixture
async def workshop(database: Database, tmp_path: Path) -> Workshop:
    return Workshop(database, tmp_path / "media")


def said(text: Any) -> str:
    return VOICES.of("id").say(text)


async def test_a_file_is_made_after_the_commit_and_once(workshop: Workshop) -> None:
    workshop.makes(TABLE)
    connection = workshop.database.engine.connect()
    with connection.begin():
        media_id = workshop._ask(connection, "recap", "november")
        assert workshop.made == []
    connection.close()
    async with workshop.running() as files:
        await workshop.until_state(media_id, "stored")
        other = workshop.ask()
        files.wake()
        await workshop.until_state(other, "stored")
    assert workshop.made == ["november", "november"]
    assert workshop.row(media_id)[:2] == ("stored", "document")
    path = workshop.store.find(media_id)
    assert path is not None
    assert (path.suffix, path.read_bytes()) == (".csv", TABLE.content)
    assert workshop.told == []


async def test_what_a_turn_that_was_undone_asked_for_is_never_made(workshop: Workshop) -> None:
    workshop.makes(TABLE)
    connection = workshop.database.engine.connect()
    undone = connection.begin()
    workshop._ask(connection, "recap", "november")
    undone.rollback()
    connection.close()
    assert await workshop.bring() == 0
    assert workshop.made == []


async def test_what_was_being_made_when_the_process_ended_is_made_after_its_start(workshop: Workshop) -> None:
    begun = asyncio.Event()

    async def never_ready(argument: str) -> Checked:
        begun.set()
        await asyncio.Event().wait()
        return TABLE

    media_id = workshop.ask()
    workshop.makers["recap"] = never_ready
    async with workshop.running():
        await begun.wait()
    assert workshop.row(media_id)[0] == "waiting"
    workshop.makes(TABLE)
    async with workshop.running():
        await workshop.until_state(media_id, "stored")


@pytest.mark.parametrize(
    ("outcome", "reason", "words"),
    [
        (Refused("empty", NOTHING), "content", NOTHING),
        (ChannelRefused("gone"), "gone", NOT_MADE),
        (LookupError("Sri Wahyuni"), "fault", NOT_MADE),
    ],
)
async def test_who_asked_is_told_once_why_there_is_none(
    workshop: Workshop, outcome: Exception, reason: str, words: Any, caplog: pytest.LogCaptureFixture
) -> None:
    workshop.makes(outcome)
    workshop.makes(TABLE, "other")
    media_id = workshop.ask()
    async with workshop.running() as files:
        await workshop.until_state(media_id, "refused")
        other = workshop.ask("other")
        files.wake()
        await workshop.until_state(other, "stored")
    assert await workshop.bring() == 0
    assert workshop.made == ["november", "november"]
    assert workshop.row(media_id)[2] == reason
    assert [(sending.channel, sending.address) for sending in workshop.told] == [("telegram", "sri")]
    assert workshop.words() == [said(words)]
    assert "Sri Wahyuni" not in caplog.text
    assert ("LookupError" in caplog.text) is (reason == "fault")


async def test_a_maker_of_another_release_is_no_loop(workshop: Workshop) -> None:
    media_id = workshop.ask("chart")
    await workshop.bring()
    assert workshop.row(media_id)[:3] == ("refused", "document", "no_maker")
    assert workshop.words() == [said(NOT_MADE)]
    assert await workshop.bring() == 0


@pytest.mark.parametrize(
    "failure", [ChannelError("busy"), OSError("no space for Sri"), sa.exc.OperationalError("SELECT", {}, Exception())]
)
async def test_what_may_pass_is_tried_again_and_not_for_ever(
    workshop: Workshop, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    workshop.makes(failure)
    media_id = workshop.ask()
    begun = workshop.now
    while workshop.row(media_id)[0] == "waiting":
        if await workshop.bring():
            assert await workshop.bring() == 0, "tried again at once"
        workshop.now += timedelta(seconds=30)
    assert len(workshop.made) == MOST_ATTEMPTS
    assert timedelta(hours=1) < workshop.now - begun < timedelta(hours=2)
    assert workshop.words() == [said(NOT_MADE)]
    assert "Sri" not in caplog.text


async def test_a_disk_that_was_full_for_a_while_loses_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.makes(TABLE)
    media_id = workshop.ask()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(workshop.store, "write", full)
        await workshop.bring()
    assert workshop.row(media_id)[0] == "waiting"
    workshop.now += timedelta(minutes=1)
    await workshop.bring()
    assert workshop.row(media_id)[0] == "stored"


async def test_a_maker_that_never_comes_to_an_end_is_stopped(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "MAKING_SECONDS", 0.01)

    async def never_ready(argument: str) -> Checked:
        await asyncio.Event().wait()
        return TABLE

    workshop.makers["recap"] = never_ready
    media_id = workshop.ask()
    await workshop.bring()
    assert workshop.row(media_id) == ("waiting", "document", None, 1)


async def test_a_file_that_takes_long_holds_up_nobodys_photo(workshop: Workshop) -> None:
    ready = asyncio.Event()

    async def slow(argument: str) -> Checked:
        await ready.wait()
        return TABLE

    workshop.makers["recap"] = slow
    table = workshop.ask()
    workshop.world.says("sri", media=(PHOTO,))
    (photo,) = [str(row[0]) for row in workshop.world.rows("SELECT id FROM media WHERE channel = 'telegram'")]
    async with workshop.running():
        await workshop.until_state(photo, "stored")
        assert workshop.row(table)[0] == "waiting"
        ready.set()
        await workshop.until_state(table, "stored")


async def test_a_mistake_with_a_fetched_file_ends_nothing_either(workshop: Workshop) -> None:
    def mistaken() -> bytes:
        raise KeyError("ours")

    workshop.world.says("sri", media=(PHOTO,))
    await workshop.files(mistaken)._bring_waiting("telegram")
    assert workshop.world.rows("SELECT state, reason FROM media") == [("refused", "fault")]
    assert workshop.words() == [said(LOST)]


async def test_of_two_processes_that_find_no_file_one_tells(workshop: Workshop) -> None:
    workshop.makes(Refused("empty", NOTHING))
    workshop.ask()
    (row,) = await workshop.database.write(media.list_waiting, MADE, workshop.now, 10)
    await workshop.files()._bring(row)
    await workshop.files()._bring(row)
    assert workshop.words() == [said(NOTHING)]


async def test_whose_owner_was_erased_meanwhile_nothing_is_kept_or_said(workshop: Workshop) -> None:
    async def erased(argument: str) -> Checked:
        with workshop.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM media")
        return TABLE

    workshop.makers["recap"] = erased
    media_id = workshop.ask()
    await workshop.bring()
    assert workshop.store.find(media_id) is None
    assert workshop.told == []


# The message that takes the file along


def _write_with_file(connection: sa.Connection, workshop: Workshop) -> tuple[str, list[Sending]]:
    mail = Mail(connection, workshop.world.office, workshop.now)
    table = workshop._ask(connection, "recap", "november")
    mail.write_to(workshop.sri, NOTHING, media=(table,), file_name="rekap.csv")
    return table, mail.sendings


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The files of each message as the channel got it."""
    taken: list[tuple[str, ...]] = []
    send = ListChannel.send

    async def keep(channel: ListChannel, sending: Sending) -> str | None:
        taken.append(sending.message.media)
        return await send(channel, sending)

    monkeypatch.setattr(ListChannel, "send", keep)
    return taken


async def test_the_message_waits_for_its_file_also_over_a_restart(
    workshop: Workshop, database: Database, sent: list[tuple[str, ...]]
) -> None:
    await database.write(lambda connection: connection.execute(sa.text("DELETE FROM outbox")))
    table, sendings = await database.write(_write_with_file, workshop)
    post = make_post(database)
    async with post.running():
        for sending in sendings:
            post.sender.take(sending)
        await until(lambda: any(held.attempts == 2 for held in post.sender._held.values()))
        await post.time.pass_by(600)
        assert sent == []
    workshop.makes(TABLE)
    late = post.restarted()
    async with late.running():
        await until(lambda: any(held.attempts > 2 for held in late.sender._held.values()))
        assert sent == []
        await workshop.bring()
        await late.time.pass_by(600)
        assert await late.states() == [("sent", None)]
    assert sent == [(table,)]


async def test_without_a_file_in_the_end_the_words_leave_alone(
    workshop: Workshop, database: Database, sent: list[tuple[str, ...]]
) -> None:
    await database.write(lambda connection: connection.execute(sa.text("DELETE FROM outbox")))
    _, sendings = await database.write(_write_with_file, workshop)
    workshop.makes(LookupError("ours"))
    post = make_post(database)
    async with post.running():
        post.sender.take(sendings[0])
        await until(lambda: any(held.attempts == 2 for held in post.sender._held.values()))
        await workshop.bring()
        for sending in workshop.told:
            post.sender.take(sending)
        await post.time.pass_by(5)
        assert await post.states() == [("sent", None)] * 2
    assert sent == [(), ()]
    assert post.channel.taken == [said(NOTHING), said(NOT_MADE)]

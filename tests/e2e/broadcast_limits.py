"""A broadcast against a Telegram that enforces its limits, while villagers write; and what is found of it."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import sqlalchemy as sa

from bot.channels.telegram import TelegramChannel, open_telegram
from flows.registry import load_registry
from handlers.bulk import BURST_SECONDS
from handlers.hours import read_hours, read_quiet
from handlers.inbox import Inbox
from handlers.messages import ChannelError, Incoming, Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.render import load_voices
from handlers.windows import read_window
from storage import broadcasts, contacts
from storage.db import Database
from tests.fakes.telegram_server import TOKEN

ALWAYS = read_window("", read_quiet(""))  # they are to run at any hour
ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Jakarta")
TEXT = "Banjir di Kali Brantas"
WRITES_EVERY_SECONDS = 0.4
FIRST_ADDRESS = 5_550_000_000


@dataclass(slots=True)
class Reply:
    """One villager's message: when its turn was committed, when the reply came, and the broadcast's messages between."""

    address: str
    committed_at: float
    came_at: float = 0.0
    overtaken_by: int = 0

    @property
    def milliseconds(self) -> float:
        return (self.came_at - self.committed_at) * 1000


@dataclass(slots=True)
class Found:
    """What came of it.

    Attributes:
        bulk_per_second: messages of the broadcast in a second, from the first to the last; moments in which the machine
            gave this process no time at all, for longer than what a broadcast may make up for, are not counted.
        too_fast: how often Telegram asked to wait.
        replies: to people who had got nothing of late.
        distances: for people who wrote just after they got the broadcast: the seconds from it to the reply.
    """

    bulk_per_second: float
    too_fast: int
    replies: list[Reply] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)


class Watched:
    """The Telegram channel, counting how often it is told to wait."""

    name = "telegram"

    def __init__(self, channel: TelegramChannel) -> None:
        self._channel, self.ability, self.too_fast = channel, channel.ability, 0
        self.fetch, self.close = channel.fetch, channel.close

    async def send(self, sending: Sending) -> str | None:
        try:
            return await self._channel.send(sending)
        except ChannelError as error:
            self.too_fast += error.reason == "too_fast"
            raise


async def measure(url: str, seconds: float) -> Found:
    """Send a broadcast for some seconds while every 0.4 s somebody writes, in turn one who has just got it and one who has not."""
    async with _telegram() as telegram, aiohttp.ClientSession() as session:
        async with session.post(f"{telegram}/_faults", json={"per_second": 30, "per_chat_burst": 1}) as response:
            assert response.status == 200
        channel = Watched(open_telegram(TOKEN, telegram, lambda _: Path("none")))
        office = Office(
            load_registry(),
            load_voices(ZONE),
            {"telegram": channel.ability},
            ZONE,
            read_hours("1-5 07.30-15.30"),
            window=ALWAYS,
        )
        database = Database(url)
        outbox = Outbox({"telegram": channel}, database, office)
        inbox = Inbox(database, office, lambda sendings, _: outbox.take(sendings))
        people = int(seconds * 30) + 60
        await database.write(_arrive, people)
        await database.write(_begin)
        sending = asyncio.create_task(outbox.run())
        stalls: list[float] = []
        watching = asyncio.create_task(_note_stalls(stalls))
        written: list[Reply] = []
        just_got: list[Reply] = []
        entries: list[dict[str, Any]] = []
        odd = random.Random(7)
        writers = iter(range(people, 0, -1))  # the last are sent to last
        try:
            began = time.monotonic()
            while time.monotonic() < began + seconds:
                await asyncio.sleep(WRITES_EVERY_SECONDS * odd.uniform(0.5, 1.5))
                entries = await _journal(session, telegram)
                bulk = [entry["chat_id"] for entry in entries if entry["shown"].startswith(TEXT)]
                late = len(written) > len(just_got) and bool(bulk)
                address = bulk[-1] if late else str(FIRST_ADDRESS + next(writers))
                at = datetime.now(UTC)
                await inbox.receive(
                    Incoming("telegram", f"u{len(written) + len(just_got)}", address, at, text="status")
                )
                (just_got if late else written).append(Reply(address, time.monotonic()))
            await _until_idle(outbox)
        finally:
            for task in (sending, watching):
                task.cancel()
            await asyncio.gather(sending, watching, return_exceptions=True)
            entries = await _journal(session, telegram)
            await channel.close()
            await database.close()
    bulk_at = {entry["chat_id"]: entry["at"] for entry in entries if entry["shown"].startswith(TEXT)}
    reply_at = {entry["chat_id"]: entry["at"] for entry in entries if not entry["shown"].startswith(TEXT)}
    times = sorted(bulk_at.values())
    for reply in written:
        reply.came_at = reply_at[reply.address]
        reply.overtaken_by = sum(reply.committed_at < at < reply.came_at for at in times)
    distances = [reply_at[reply.address] - bulk_at[reply.address] for reply in just_got]
    return Found((len(times) - 1) / (times[-1] - times[0] - sum(stalls)), channel.too_fast, written, distances)


async def _note_stalls(stalls: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.01)
        late = time.monotonic() - began - BURST_SECONDS
        if late > 0:
            stalls.append(late)


def _arrive(connection: sa.Connection, people: int) -> None:
    now = datetime.now(UTC)
    for number in range(1, people + 1):
        added = contacts.add_person(connection, "telegram", str(FIRST_ADDRESS + number), None, now)
        contacts.add_consent(connection, added.contact_id, "test", "telegram", given=True, at=now)


def _begin(connection: sa.Connection) -> None:
    now = datetime.now(UTC)
    row = broadcasts.add(
        connection, kind="warning", state="scheduled", text_id=TEXT, digest="", urgent=True, created_at=now
    )
    assert broadcasts.begin(connection, row, now)


async def _until_idle(outbox: Outbox) -> None:
    async with asyncio.timeout(20):
        while not outbox.idle():
            await asyncio.sleep(0.01)


async def _journal(session: aiohttp.ClientSession, telegram: str) -> list[dict[str, Any]]:
    async with session.get(f"{telegram}/_journal", params={"after": 0}) as response:
        entries: list[dict[str, Any]] = await response.json()
        return entries


@asynccontextmanager
async def _telegram() -> AsyncIterator[str]:
    """Run Telegram as a process of its own, so that its clock and ours do not wait for each other."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.chaos_vendors", cwd=ROOT, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield f"http://127.0.0.1:{line.decode().split()[1]}"
    finally:
        process.kill()
        await process.wait()

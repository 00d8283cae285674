"""Turns through the whole inbox: from the raw update's JSON to the answered outgoing call, durable at every turn."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from telegram import Bot

from benchmarks.form import MESSAGES, NEEDS, QUESTIONS, StubRequest, raw_update
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_updates import decode, read_plain, read_update
from flows.chat import Chat, Option
from flows.fields import Pick, Whole, Words
from flows.outcomes import Nothing, Outcome
from flows.registry import load_registry
from handlers.hours import read_hours
from handlers.inbox import Inbox
from handlers.messages import Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.render import load_voices
from handlers.words import find_command
from storage import contacts
from storage.db import Database
from storage.migrate import migrate

ZONE = ZoneInfo("Asia/Jakarta")
IN_FLIGHT = 64


async def _form(chat: Chat) -> Outcome:
    """The same six messages as the peer's; the last is what is said at the end."""
    needs = tuple(Option(need, need) for need in NEEDS)
    await chat.ask("name", QUESTIONS[0], Words(), label="Nama")
    await chat.ask("village", QUESTIONS[1], Words(), label="Desa")
    await chat.ask("need", QUESTIONS[2], Pick(needs), label="Keperluan")
    await chat.ask("count", QUESTIONS[3], Whole(1, 99), label="Orang")
    await chat.ask("sure", QUESTIONS[4], Words(), label="Benar")
    chat.say(QUESTIONS[5])
    return Nothing()


@dataclass
class Bench:
    """An opened inbox whose outgoing calls are answered at the HTTP layer."""

    database: Database
    inbox: Inbox
    outbox: Outbox
    office: Office
    waiting: dict[int, asyncio.Future[None]]
    stub: StubRequest
    number: int = 0

    async def turn(self, person: int, text: str) -> None:
        """Take one raw update and return when its answer was answered."""
        self.number += 1
        raw = raw_update(self.number, person, text)
        done = self.waiting[person] = asyncio.get_running_loop().create_future()
        update = json.loads(raw)
        incoming = read_plain(update, datetime.now(UTC)) or decode(read_update(update), datetime.now(UTC))
        assert incoming is not None
        await self.inbox.receive(incoming)
        await done


@asynccontextmanager
async def open_bench(url: str, people: int) -> AsyncIterator[Bench]:
    """Make a database with people who have arrived, and an inbox over it."""
    await asyncio.to_thread(migrate, url)
    registry = load_registry()
    registry = replace(registry, flows={**registry.flows, "help": _form})
    waiting: dict[int, asyncio.Future[None]] = {}

    def answered(person: int) -> None:
        future = waiting.get(person)
        if future is not None and not future.done():
            future.set_result(None)

    stub = StubRequest(answered)
    channel = TelegramChannel(Bot("1:x", request=stub, get_updates_request=StubRequest()), lambda _: Path("x"))
    ability = replace(channel.ability, per_second=1e9, in_flight=IN_FLIGHT)
    channel.ability = ability  # type: ignore[misc]  # the vendor's 30 a second are not what is measured
    office = Office(registry, load_voices(ZONE), {"telegram": ability}, ZONE, read_hours("1-5 07.30-15.30"))
    database = Database(url)
    outbox = Outbox({"telegram": channel}, database, office)

    def after(sendings: list[Sending], removed: list[str]) -> None:
        del removed
        outbox.take(sendings)

    await database.write(_arrive, people)
    sender = asyncio.create_task(outbox.run())
    try:
        yield Bench(database, Inbox(database, office, after), outbox, office, waiting, stub)
        while not outbox.idle():
            await asyncio.sleep(0.01)
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        await database.close()


def _arrive(connection: sa.Connection, people: int) -> None:
    now = datetime.now(UTC)
    for person in range(1, people + 1):
        added = contacts.add_person(connection, "telegram", str(person), None, now)
        contacts.add_consent(connection, added.contact_id, "bench", "telegram", given=True, at=now)


async def throughput(url: str, people: int) -> tuple[float, float]:
    """Play the form with everybody, 64 turns in flight; returns turns a second and CPU microseconds a turn."""
    assert find_command("/bantuan") is not None
    async with open_bench(url, people) as bench:
        began, cpu = time.perf_counter(), time.process_time()
        for text in ("/bantuan", *MESSAGES[1:]):
            left = iter(range(1, people + 1))

            async def work(text: str, left: Iterator[int]) -> None:
                for person in left:
                    await bench.turn(person, text)

            await asyncio.gather(*(work(text, left) for _ in range(IN_FLIGHT)))
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        assert bench.stub.calls == bench.number, f"{bench.stub.calls} of {bench.number} turns were answered"
        return bench.number / took, spent / bench.number * 1e6


async def latency(url: str, per_second: int, seconds: int) -> tuple[float, float, float]:
    """Send turns at a steady rate (not waiting for answers); returns p50, p95 and p99 in milliseconds."""
    people = per_second * seconds // len(MESSAGES) + 1
    async with open_bench(url, people) as bench:
        texts = ("/bantuan", *MESSAGES[1:])
        times: list[float] = []
        busy: set[asyncio.Task[None]] = set()

        async def one(person: int, text: str) -> None:
            began = time.perf_counter()
            await bench.turn(person, text)
            times.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        schedule = [(person, text) for text in texts for person in range(1, people + 1)]
        for number, (person, text) in enumerate(schedule):
            pause = began + number / per_second - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            task = asyncio.create_task(one(person, text))
            busy.add(task)
            task.add_done_callback(busy.discard)
        await asyncio.gather(*busy)
        cuts = statistics.quantiles(times, n=100)
        return cuts[49], cuts[94], cuts[98]


def fresh_url(folder: str) -> str:
    """Give the address of a new SQLite file on disk."""
    return f"sqlite:///{tempfile.mkdtemp(dir=folder)}/bench.db"

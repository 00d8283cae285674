"""One process that fills and drains a broadcast and prints what it took, as JSON: run by benchmarks/broadcasts.py."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import uvloop

from bot.channels.telegram import open_telegram
from flows.registry import load_registry
from handlers.filling import fill_step
from handlers.hours import read_hours, read_quiet
from handlers.inbox import Inbox
from handlers.messages import Ability, Channel, ChannelRefused, Fetched, Incoming, Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.render import load_voices
from handlers.windows import read_window
from storage import broadcasts
from storage.db import Database

ALWAYS = read_window("", read_quiet(""))  # they are to run at any hour
ZONE = ZoneInfo("Asia/Jakarta")
ABILITY = Ability(per_second=100_000, in_flight=64)  # no limit that is reached
FIRST_ADDRESS = 5_000_000_000
TURN_EVERY_SECONDS = 0.02


class NoOp:
    """A channel that has sent at once."""

    name = "telegram"
    ability = ABILITY
    sent = 0

    async def send(self, sending: Sending) -> str | None:
        self.sent += 1
        return "1"

    async def fetch(self, ref: str) -> Fetched:
        raise ChannelRefused("file_gone")

    async def close(self) -> None: ...


def add_people(connection: sa.Connection, people: int) -> None:
    """Add people with one address each, in one statement a table."""
    numbers = (
        "generate_series(1, :people) AS n(i)"
        if connection.dialect.name == "postgresql"
        else "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people) SELECT i FROM n)"
    )
    connection.execute(
        sa.text(
            "INSERT INTO contacts (id, language, consent, created_at)"
            f" SELECT i, CASE WHEN i % 5 = 0 THEN 'jv' ELSE 'id' END, true, 1 FROM {numbers}"
        ),
        {"people": people},
    )
    connection.execute(
        sa.text(
            "INSERT INTO addresses (contact_id, channel, address, last_in_at)"
            " SELECT id, 'telegram', CAST(id + :first AS text), 1700000000000000 + id FROM contacts"
        ),
        {"first": FIRST_ADDRESS},
    )


def add_broadcast(connection: sa.Connection) -> int:
    """Begin a broadcast to everybody."""
    now = datetime.now(UTC)
    row = broadcasts.add(
        connection, kind="warning", state="scheduled", text_id="Sugeng rawuh", digest="", urgent=True, created_at=now
    )
    broadcasts.begin(connection, row, now)
    return row


def make_office(ability: Ability) -> Office:
    """Make an office with one channel."""
    return Office(
        load_registry(), load_voices(ZONE), {"telegram": ability}, ZONE, read_hours("1-5 07.30-15.30"), window=ALWAYS
    )


async def fill(database: Database, office: Office) -> dict[str, float]:
    """Add the recipients; the longest hold is from handing a step to the writer to the answer, its commit included."""
    holds: list[float] = []
    of_cpu: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    more = True
    while more:
        step, step_cpu = time.perf_counter(), time.process_time()
        more = await database.write(fill_step, office)
        holds.append(time.perf_counter() - step)
        of_cpu.append(time.process_time() - step_cpu)
    return {
        "fill_seconds": time.perf_counter() - began,
        "fill_cpu_seconds": time.process_time() - cpu,
        "hold_ms": statistics.median(holds) * 1000,
        "longest_hold_ms": max(holds) * 1000,
        "longest_hold_cpu_ms": max(of_cpu) * 1000,
    }


async def answer_meanwhile(database: Database, office: Office) -> dict[str, float]:
    """Take a villager's message every 20 ms while another audience of the same size is added; each is a whole turn."""
    inbox = Inbox(database, office, lambda sendings, removed: None)
    times: list[float] = []
    filling = asyncio.ensure_future(fill(database, office))
    for number in itertools.count():
        began = time.perf_counter()
        address = str(FIRST_ADDRESS + 1 + number % 1000)
        await inbox.receive(Incoming("telegram", f"u{number}", address, datetime.now(UTC), text="status"))
        times.append((time.perf_counter() - began) * 1000)
        if filling.done():
            break
        await asyncio.sleep(TURN_EVERY_SECONDS)
    cuts = statistics.quantiles(times, n=20)
    await filling
    return {"turns": len(times), "turn_p50_ms": cuts[9], "turn_p95_ms": cuts[18]}


@asynccontextmanager
async def sending(channel: Channel, database: Database, office: Office) -> AsyncIterator[None]:
    """Run an outbox."""
    task = asyncio.create_task(Outbox({"telegram": channel}, database, office).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def drain(channel: Channel, database: Database, office: Office) -> dict[str, float]:
    """Send until no broadcast runs; gives the time, the CPU and the most memory that was seen."""
    rss = 0.0
    began, cpu = time.perf_counter(), time.process_time()
    async with sending(channel, database, office):
        while await database.write(_is_running):
            rss = max(rss, _rss_mb())
            await asyncio.sleep(0.05)
    return {
        "drain_seconds": time.perf_counter() - began,
        "drain_cpu_seconds": time.process_time() - cpu,
        "rss_mb": rss,
    }


def _is_running(connection: sa.Connection) -> bool:
    return bool(connection.execute(sa.text("SELECT count(*) FROM broadcasts WHERE state = 'running'")).scalar())


def _count(connection: sa.Connection) -> int:
    return int(connection.execute(sa.text("SELECT count(*) FROM deliveries WHERE state = 'sent'")).scalar_one())


def _cancel_last(connection: sa.Connection) -> None:
    connection.execute(sa.text("UPDATE broadcasts SET state = 'cancelled' WHERE id = (SELECT max(id) FROM broadcasts)"))


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / (1 << 20)


async def whole(given: argparse.Namespace) -> dict[str, Any]:
    """Add an audience, add it again while turns are answered, and send the first: to nobody, or over HTTP."""
    channel: Channel = NoOp()
    if given.telegram:
        telegram = open_telegram("1:x", given.telegram, lambda _: Path("none"))
        telegram.ability = replace(ABILITY, in_flight=given.in_flight)  # type: ignore[misc]  # not its limits are measured
        channel = telegram
    office = make_office(channel.ability)
    database = Database(given.url)
    try:
        await database.write(add_people, given.people)
        await database.write(add_broadcast)
        found: dict[str, Any] = await fill(database, office)
        if given.turns:
            await database.write(add_broadcast)
            found |= await answer_meanwhile(database, office)
            await database.write(_cancel_last)
        found |= await drain(channel, database, office)
        assert await database.write(_count) == given.people
    finally:
        await channel.close()
        await database.close()
    return found


async def share(given: argparse.Namespace) -> dict[str, Any]:
    """Send what others send from too, until no broadcast runs."""
    channel = NoOp()
    office = make_office(channel.ability)
    database = Database(given.url)
    found = await drain(channel, database, office)
    await database.close()
    return {**found, "sent": channel.sent}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--people", type=int, default=0, help="none: send what there is")
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--telegram", default="")
    parser.add_argument("--in-flight", type=int, default=32)
    arguments = parser.parse_args()
    print(json.dumps(uvloop.run((whole if arguments.people else share)(arguments))))

"""Tips for 100,000 people due in the same minute: how long until each has its delivery, and what turns take meanwhile."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from benchmarks.turns import Bench, open_bench
from flows.registry import load_registry
from handlers.hours import Quiet
from handlers.messages import Ability
from handlers.office import Office
from handlers.tip_rounds import path, send_due

SUBSCRIBERS, SEEN, PEOPLE = 100_000, 10, 200
TEXTS = ("menu", "surat domisili", "batal", "status")
PAUSE_SECONDS = 0.005  # between a person's answer and the next message of anybody: some 100 turns a second


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; times in milliseconds but for the whole, in seconds."""

    seconds: float
    longest_step: float
    people: int
    deliveries: int
    turns: int
    p50: float
    p95: float


async def run(url: str) -> Figures:
    """Let 100,000 be due, each with ten lessons seen; people send messages one after another while the tips are added.

    The subscribers are on a channel that sends nothing here: their deliveries wait, as at Telegram's 30 a second they would.
    """
    async with open_bench(url, PEOPLE) as bench:
        await bench.database.write(_subscribe)
        office = _office(bench)
        times: list[float] = []
        talking = asyncio.create_task(_talk(bench, times))
        began, longest, after, first = time.perf_counter(), 0.0, None, True
        while first or after is not None:
            started, first = time.perf_counter(), False
            after = (await bench.database.write(send_due, office, after)).after
            longest = max(longest, time.perf_counter() - started)
        took = time.perf_counter() - began
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        people, rows = await bench.database.write(_count)
    cuts = statistics.quantiles(times, n=100)
    return Figures(took, longest * 1000, people, rows, len(times), cuts[49], cuts[94])


def _office(bench: Bench) -> Office:
    office = bench.office
    abilities = {**office.abilities, "other": Ability(per_second=30, in_flight=16)}
    return replace(office, abilities=abilities, quiet=Quiet(datetime.min.time(), datetime.min.time()))


async def _talk(bench: Bench, times: list[float]) -> None:
    number = 0
    while True:
        person, number = number % PEOPLE + 1, number + 1
        started = time.perf_counter()
        await bench.turn(person, TEXTS[number // PEOPLE % len(TEXTS)])
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)


def _subscribe(connection: sa.Connection) -> None:
    due = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp() * 1_000_000)
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1000001 UNION ALL SELECT i + 1 FROM n WHERE i < {1_000_000 + SUBSCRIBERS})"
    )
    lessons = [lesson.id for lesson in path(load_registry().lessons)][:SEEN]
    for statement in (
        f"INSERT INTO contacts (id, language, village, consent, created_at, apologies) {numbers} SELECT i, 'id', '35.05.03.2016', true, {due}, 0 FROM n",
        f"INSERT INTO addresses (contact_id, channel, address, last_in_at) {numbers} SELECT i, 'other', CAST(i AS TEXT), {due} FROM n",
        f"INSERT INTO subscriptions (contact_id, period, weekday, minute, pillar, state, next_at, changed_at, window_told, silent) {numbers} SELECT i, 'day', 0, 1110, '', 'on', {due}, {due}, false, 0 FROM n",
        *(f"INSERT INTO tips (contact_id, lesson, at) {numbers} SELECT i, '{lesson}', 1 FROM n" for lesson in lessons),
    ):
        connection.exec_driver_sql(statement)


def _count(connection: sa.Connection) -> tuple[int, int]:
    counted = "SELECT count(DISTINCT contact_id), count(*) FROM deliveries"
    people, rows = connection.exec_driver_sql(counted).one()
    return people, rows

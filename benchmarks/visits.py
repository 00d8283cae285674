"""Volunteers file visits all at once, beside villagers' turns: what a turn takes then, and whether all is there."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from benchmarks.turns import Bench, open_bench
from flows.places import load_places
from storage import contacts, volunteers

VOLUNTEERS, VISITS_EACH, VILLAGER_TURNS, SECONDS = 150, 5, 200, 60.0
VILLAGERS = 50
VILLAGER_TEXTS = ("menu", "surat domisili", "batal", "status")


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it: how many turns, their times in milliseconds, and the visits that are stored."""

    turns: int
    p50: float
    p95: float
    p99: float
    visits: int
    seconds: float


async def run(url: str) -> Figures:
    """File 150 x 5 visits within a minute beside 200 turns of villagers, durable at each turn.

    Each visit begins with one line of free text and takes eight messages; each person waits for an answer before the next
    message, and each message has its own random moment in the minute.
    """
    odd = random.Random(7)
    villages = [
        place.code for district in load_places().districts() for place in load_places().villages_of(district.code)
    ]
    names = {place: load_places().get(place).full_name for place in villages}
    times: list[float] = []
    async with open_bench(url, VOLUNTEERS + VILLAGERS) as bench:
        people = await bench.database.write(_volunteers)
        assert people == VOLUNTEERS
        began = time.perf_counter()
        await asyncio.gather(
            *(
                _talk(bench, person, _visits(odd, names), began, sorted(odd.uniform(0, SECONDS) for _ in range(8 * VISITS_EACH)), times)
                for person in range(1, VOLUNTEERS + 1)
            ),
            *(
                _talk(bench, VOLUNTEERS + 1 + number, _villager(number), began, sorted(odd.uniform(0, SECONDS) for _ in range(VILLAGER_TURNS // VILLAGERS)), times)
                for number in range(VILLAGERS)
            ),
        )  # fmt: skip
        took = time.perf_counter() - began
        visits = await bench.database.write(_count_visits)
        assert bench.stub.calls >= bench.number
    cuts = statistics.quantiles(times, n=100)
    return Figures(len(times), cuts[49], cuts[94], cuts[98], visits, took)


def _visits(odd: random.Random, names: dict[str, str]) -> list[str]:
    texts: list[str] = []
    for number in range(VISITS_EACH):
        village = names[odd.choice(list(names))]
        texts += [f"kunjungan {village} pendampingan {number + 10} orang kemarin", "lewati", "aktivasi IKD", f"{number} belum berhasil", "lewati", "lewati", "lewati", "ya"]  # fmt: skip
    return texts


def _villager(number: int) -> list[str]:
    return [VILLAGER_TEXTS[(number + at) % len(VILLAGER_TEXTS)] for at in range(VILLAGER_TURNS // VILLAGERS)]


async def _talk(
    bench: Bench, person: int, texts: list[str], began: float, moments: list[float], times: list[float]
) -> None:
    for text, moment in zip(texts, moments, strict=True):
        await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
        started = time.perf_counter()
        await bench.turn(person, text)
        times.append((time.perf_counter() - started) * 1000)


def _volunteers(connection: sa.Connection) -> int:
    now = datetime.now(UTC)
    for number in range(1, VOLUNTEERS + 1):
        person = contacts.find_person(connection, "telegram", str(number))
        assert person is not None
        volunteers.put_application(connection, person.contact_id, f"Relawan {number}", "HP", ["35.05.03.2016"], now)
        volunteers.change_state(
            connection, person.contact_id, ["applied"], "active", reason=None, by=person.contact_id, at=now
        )
    return number


def _count_visits(connection: sa.Connection) -> int:
    return int(connection.execute(sa.text("SELECT count(*) FROM visits")).scalar_one())

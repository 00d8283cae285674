"""Processes that send a broadcast, killed at seeded moments, against a Telegram that fails; and what is found afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from storage import broadcasts
from storage.tables import addresses, contacts

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STILL_SECONDS = 120.0  # without any message: then something hangs
FAULTS = {"too_fast": 0.002, "bad_gateway": 0.02, "drop_before": 0.01, "drop_after": 0.01}
BLOCKED_SHARE = 0.02
FIRST_ADDRESS = 5_550_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round is like."""

    seed: int
    people: int
    kills: int
    processes: int = 1
    per_second: float = 1000.0
    faulty: bool = True


@dataclass
class Round:
    """One round: a broadcast to everybody, its senders and their kills.

    Attributes:
        copies: how often each address got it.
        lost: addresses whose message was taken and whose sender was not told.
        doubts: after each kill, the contacts whose delivery was claimed.
    """

    plan: Plan
    url: str
    folder: Path
    copies: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    doubts: list[set[int]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.plan.seed)
        self._engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        self._taken = 0
        self._moved = asyncio.Event()

    async def play(self) -> None:
        """Send until the broadcast is done, through all kills."""
        async with self._telegram() as url, aiohttp.ClientSession() as session, AsyncExitStack() as stack:
            everybody = [str(FIRST_ADDRESS + number) for number in range(1, self.plan.people + 1)]
            if self.plan.faulty:
                self.blocked = set(self._dice.sample(everybody, max(1, int(len(everybody) * BLOCKED_SHARE))))
                faults = {**FAULTS, "seed": self.plan.seed, "blocked": sorted(self.blocked)}
                async with session.post(f"{url}/_faults", json=faults) as response:
                    assert response.status == 200, await response.text()
            await asyncio.to_thread(self._begin, everybody)
            following = asyncio.create_task(self._follow(session, url))
            stack.callback(following.cancel)
            senders = [await self._start(url) for _ in range(self.plan.processes)]
            try:
                await self._kill_at_moments(senders, url)
                await self._until_done()
            finally:
                for sender in senders:
                    sender.kill()
                    await sender.wait()
            await self._until_all_is_followed(session, url)
        self._engine.dispose()

    def rows(self, query: str) -> list[Any]:
        """Read rows with a query."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.text(query)))

    def _begin(self, everybody: list[str]) -> None:
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            ids = range(1, len(everybody) + 1)
            connection.execute(sa.insert(contacts), [{"id": each, "consent": True, "created_at": now} for each in ids])
            rows = [
                {"contact_id": each, "channel": "telegram", "address": address, "last_in_at": now}
                for each, address in zip(ids, everybody, strict=True)
            ]
            connection.execute(sa.insert(addresses), rows)
            row = broadcasts.add(
                connection, kind="warning", state="scheduled", text_id="Banjir di Kali Brantas", digest="", urgent=True,
                created_at=now,
            )  # fmt: skip
            assert broadcasts.begin(connection, row, now)

    async def _kill_at_moments(self, senders: list[asyncio.subprocess.Process], url: str) -> None:
        """Kill one of the senders each time so many messages have come, a little later, and start another."""
        for moment in sorted(self._dice.sample(range(self.plan.people * 17 // 20), self.plan.kills)):
            await self._until_taken(moment)
            await asyncio.sleep(self._dice.uniform(0, 0.05))  # anywhere between two beats
            number = self._dice.randrange(len(senders))
            assert senders[number].returncode is None, f"a sender ended by itself\n{self.log()}"
            senders[number].kill()
            await senders[number].wait()
            self.doubts.append(await asyncio.to_thread(self._list_claimed))
            senders[number] = await self._start(url)

    def _list_claimed(self) -> set[int]:
        return {row[0] for row in self.rows("SELECT contact_id FROM deliveries WHERE state = 'claimed'")}

    def log(self) -> str:
        """Read the end of what the senders wrote."""
        return (self.folder / "senders.log").read_text()[-3000:]

    async def _start(self, url: str) -> asyncio.subprocess.Process:
        with (self.folder / "senders.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.e2e.broadcast_sender", self.url, url, "--per-second", str(self.plan.per_second),
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL, stderr=log,
            )  # fmt: skip

    @asynccontextmanager
    async def _telegram(self) -> AsyncIterator[str]:
        with (self.folder / "vendors.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.e2e.chaos_vendors", "--seed", str(self.plan.seed), cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            assert process.stdout is not None
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
            yield f"http://127.0.0.1:{line.decode().split()[1]}"
        finally:
            process.kill()
            await process.wait()

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> None:
        while True:
            async with session.get(f"{url}/_journal", params={"after": self._taken}) as response:
                entries = await response.json()
            self._taken += len(entries)
            self._moved.set()

    async def _until_taken(self, moment: int) -> None:
        async with asyncio.timeout(STILL_SECONDS):
            while self._taken < moment:
                self._moved.clear()
                await self._moved.wait()

    async def _until_done(self) -> None:
        query = "SELECT count(*) FROM broadcasts WHERE state = 'done'"
        async with asyncio.timeout(STILL_SECONDS):
            while not (await asyncio.to_thread(self.rows, query))[0][0]:
                await asyncio.sleep(0.05)

    async def _until_all_is_followed(self, session: aiohttp.ClientSession, url: str) -> None:
        """Read the whole journal once more: only now is it known which answers were lost."""
        async with session.get(f"{url}/_journal", params={"after": 0}) as response:
            for entry in await response.json():
                address = entry["chat_id"]
                self.copies[address] = self.copies.get(address, 0) + 1
                if entry["answer_lost"]:
                    self.lost.add(address)

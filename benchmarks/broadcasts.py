"""Broadcasts: adding a million recipients, sending to them, memory, replies meanwhile, doubt at a kill; PostgreSQL and job queues beside."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import job_queues
from benchmarks.sending import add_broadcast, add_people, make_office
from handlers.filling import STEP, fill_step
from handlers.messages import Ability
from storage.migrate import migrate
from tests.conftest import Postgres, find_postgres
from tests.e2e import broadcast_limits, broadcast_load

HOME = Path(__file__).parent.parent
SMALL = 10_000
OVER_HTTP = 15_000
ON_POSTGRES = 40_000
KILLS = 8
LIMIT_SECONDS = 15.0


def run(folder: str, people: int) -> Iterator[str]:
    """Measure all, giving a line for each finding."""
    small = _sending(folder, "--people", str(SMALL))
    large = _sending(folder, "--people", str(people), "--turns")
    yield (
        f"{people:,} recipients added in steps of {STEP:,}: {large['fill_seconds']:.2f} s, {large['fill_cpu_seconds']:.2f} s CPU"
        "   (aim: below 2 s for 1,000,000)"
    )
    yield (
        f"the writer held for one step, its commit included: median {large['hold_ms']:.0f} ms, longest {large['longest_hold_ms']:.0f} ms,"
        f" of CPU {large['longest_hold_cpu_ms']:.0f} ms   (aim: below 50 ms)"
    )
    yield (
        f"villagers' turns meanwhile, one every 20 ms: p50 {large['turn_p50_ms']:.1f} ms, p95 {large['turn_p95_ms']:.1f} ms of {large['turns']}"
    )
    yield (
        f"sending to nobody, each claimed and marked on disk: {people / large['drain_seconds']:,.0f}/s,"
        f" {large['drain_cpu_seconds'] / people * 1e6:.1f} us CPU   (aim: 30,000/s)"
    )
    yield (
        f"memory meanwhile: {small['rss_mb']:.0f} MB with {SMALL:,} recipients, {large['rss_mb']:.0f} MB with {people:,}   (aim: below 150 MB, flat)"
    )
    with _telegram() as url:
        http = _sending(folder, "--people", str(OVER_HTTP), "--telegram", url)
    cpu = http["drain_cpu_seconds"] / OVER_HTTP
    yield (
        f"over HTTP through the Telegram channel to a server in another process: {OVER_HTTP / http['drain_seconds']:,.0f}/s,"
        f" {cpu * 1e6:.0f} us CPU of the sender: {1 / cpu:,.0f}/s a core   (aim: 2,500/s a core)"
    )
    yield asyncio.run(_replies(folder))
    yield asyncio.run(_doubts(folder))
    yield from _on_postgres(folder)


def _sending(folder: str, *arguments: str) -> dict[str, Any]:
    url = _fresh(folder)
    return _read(_start(url, *arguments))


def _start(url: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.sending", url, *arguments]
    return subprocess.Popen(command, cwd=HOME, env=_environment(), stdout=subprocess.PIPE, text=True)


def _read(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=600)
    if process.returncode:
        raise RuntimeError(f"benchmarks.sending ended with {process.returncode}")
    found: dict[str, Any] = json.loads(out)
    return found


def _fresh(folder: str) -> str:
    url = f"sqlite:///{tempfile.mkdtemp(dir=folder)}/bench.db"
    migrate(url)
    return url


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOME)}


@contextmanager
def _telegram() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.telegram_stub"]
    with subprocess.Popen(command, cwd=HOME, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def _replies(folder: str) -> str:
    found = await broadcast_limits.measure(_fresh(folder), LIMIT_SECONDS)
    waits = [reply.milliseconds for reply in found.replies]
    return (
        f"at Telegram's limits (a server that enforces 30/s, and 1/s a chat): {found.bulk_per_second:.1f}/s of the share of 24,"
        f" {found.too_fast} times told to wait; {len(waits)} villagers' replies left p95 {statistics.quantiles(waits, n=20)[18]:.1f} ms"
        " after their commit   (aim: 95 %, none, 300 ms)"
    )


async def _doubts(folder: str) -> str:
    plan = broadcast_load.Plan(3, people=KILLS * 12, kills=KILLS, per_second=30, faulty=False)
    played = broadcast_load.Round(plan, _fresh(folder), Path(tempfile.mkdtemp(dir=folder)))
    await played.play()
    doubts = [len(each) for each in played.doubts]
    return f"in doubt at each of {KILLS} kills at 30/s: {', '.join(map(str, doubts))}   (aim: at most 3)"


def _on_postgres(folder: str) -> Iterator[str]:
    programs = find_postgres()
    with ExitStack() as stack:
        server = None
        if programs is None:
            yield "PostgreSQL: no figures, since its programs are not on PATH or in /usr/lib/postgresql"
        else:
            # In no folder of ours: the server may run as another user.
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="rewang-postgres-"))
            server = Postgres(programs, Path(place), fsync=True)
            stack.callback(server.control, "stop", "-m", "immediate")
            for processes in (1, 2, 4):
                yield _share(server, processes)
        url = None if server is None else stack.enter_context(contextmanager(server.lend)(template="template0"))
        yield from job_queues.compare(Path(tempfile.mkdtemp(dir=folder)), url)


def _share(server: Postgres, processes: int) -> str:
    with contextmanager(server.lend)(template="migrated") as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        office = make_office(Ability(per_second=1, in_flight=1))
        with engine.begin() as connection:
            add_people(connection, ON_POSTGRES)
            add_broadcast(connection)
            connection.execute(sa.text("ANALYZE"))  # as autovacuum does where people come one by one
            while fill_step(connection, office):
                pass
            connection.execute(sa.text("ANALYZE"))
        found = [_read(each) for each in [_start(url) for _ in range(processes)]]
        with engine.connect() as connection:
            first, last, count = connection.execute(
                sa.text("SELECT min(at), max(at), count(*) FROM deliveries WHERE state = 'sent'")
            ).one()
        if count != ON_POSTGRES:
            raise RuntimeError(f"{count} of {ON_POSTGRES} were sent")
        cpu = sum(each["drain_cpu_seconds"] for each in found) / ON_POSTGRES
        seconds = (last - first) / 1e6
        return (
            f"PostgreSQL (fsync on), {processes} process(es), sending to nobody: {ON_POSTGRES / seconds:,.0f}/s, {cpu * 1e6:.0f} us CPU"
            f" of the senders; each sent {', '.join(str(each['sent']) for each in found)}"
        )

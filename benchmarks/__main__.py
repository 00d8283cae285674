"""Prints all figures in one run, each with its method."""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import uvloop

from benchmarks import broadcasts, peer, recaps, tips, turns, visits
from flows.chat import Json, Reply, Shown, play
from flows.outcomes import Submitted

PEOPLE = 1000
ROUNDS = 5
PER_SECOND = 200
SECONDS = 10
HOME = Path(__file__).parent.parent


def main() -> None:
    """Run all benchmarks; about six minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="recipients of the large broadcast")
    parser.add_argument("--only-broadcasts", action="store_true")
    given = parser.parse_args()
    folder = tempfile.mkdtemp(dir=HOME / "data" if (HOME / "data").is_dir() else None)
    try:
        print(
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores; medians [min..max]"
        )
        if given.only_broadcasts:
            _broadcasts(folder, given.people)
            return
        _turns(folder)
        _visits(folder)
        _replay()
        _understanding()
        _recaps(folder)
        _tips(folder)
        _broadcasts(folder, given.people)
        _process(folder)
    finally:
        shutil.rmtree(folder)


def _turns(folder: str) -> None:
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    for _ in range(ROUNDS):  # in turn, so that a machine whose speed drifts treats both alike
        theirs.append(uvloop.run(peer.run(PEOPLE)))
        ours.append(uvloop.run(turns.throughput(turns.fresh_url(folder), PEOPLE)))
    ratios = [our[0] / their[0] for our, their in zip(ours, theirs, strict=True)]
    print(
        f"\nTurns: {PEOPLE} people interleaved, six-message form, raw update JSON to answered call (stubbed at the HTTP layer), both on uvloop"
    )
    print(
        f"  Rewang, durable (SQLite WAL, synchronous=FULL, 64 in flight): {_span([o[0] for o in ours])} turns/s, {_span([o[1] for o in ours])} us CPU"
    )
    print(
        f"  python-telegram-bot ConversationHandler, no persistence, 1 in flight: {_span([t[0] for t in theirs])} turns/s, {_span([t[1] for t in theirs])} us CPU"
    )
    print(f"  ratio, pair by pair: {_span(ratios, 2)}   (aim: at least 1.0)")
    p50, p95, p99 = uvloop.run(turns.latency(turns.fresh_url(folder), PER_SECOND, SECONDS))
    print(
        f"  at a steady {PER_SECOND}/s for {SECONDS} s: p50 {p50:.2f} ms, p95 {p95:.2f} ms, p99 {p99:.2f} ms   (aim: p95 below 3 ms)"
    )


def _visits(folder: str) -> None:
    found = uvloop.run(visits.run(turns.fresh_url(folder)))
    asked = visits.VOLUNTEERS * visits.VISITS_EACH
    print(
        f"\n{visits.VOLUNTEERS} volunteers file {visits.VISITS_EACH} visits each beside {visits.VILLAGER_TURNS} villagers' turns, all within {found.seconds:.0f} s (durable, calls stubbed)"
    )
    print(
        f"  {found.turns:,} turns: p50 {found.p50:.1f} ms, p95 {found.p95:.1f} ms, p99 {found.p99:.1f} ms   (aim: p95 below 50 ms); {found.visits} of {asked} visits stored"
    )


def _replay() -> None:
    """Play the review of a request over its whole journal."""
    from flows.registry import load_registry

    registry = load_registry()
    flow = registry.flows["request:nikah_pengantar"]
    facts: Mapping[str, Json] = {"today": "2026-11-24"}
    journal: dict[str, Json] = {"go": "go", "name": "Sri Lestari", "village": "35.05.01.2002"}
    service = registry.services["nikah_pengantar"]
    for question in service.questions:
        journal[question.key] = (
            question.options[0].key
            if question.options
            else None
            if question.optional
            else "2027-01-10"
            if question.field == "day"
            else "kangge nikah"
        )
    shown = Shown("review", (("yes", "ya", ()),))
    assert isinstance(getattr(play(flow, facts, journal, shown, Reply(choice="yes")), "outcome", None), Submitted)
    times = []
    for _ in range(7):
        began = time.process_time()
        for _ in range(500):
            play(flow, facts, journal, shown, None)
        times.append((time.process_time() - began) / 500 * 1e6)
    print(
        f"\nReplay of {len(journal)} answers up to the review: {statistics.median(times):.0f} us CPU (median of 7 x 500)"
    )


def _understanding() -> None:
    """Understand the messages of the dev split, and messages as long and as odd as they come."""
    from flows.content import read_services
    from flows.evaluation import read_labelled
    from flows.places import load_places
    from flows.understand import load_understanding

    services, places = read_services(), load_places()
    texts = [each.text for each in read_labelled(HOME / "tests" / "understand" / "dev.csv")]
    odd = random.Random(7)
    longest = ["".join(odd.choices("abcdefghijklmnoprstuwy     ", k=4096)) for _ in range(200)]
    loads, first, again, worst = [], [], [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        understanding = load_understanding(services, places)
        loads.append((time.process_time() - began) * 1e3)
        for times, messages in ((first, texts), (again, texts), (worst, longest)):
            began = time.process_time()
            for text in messages:
                understanding.understand(text, today=date(2026, 11, 25))
            times.append((time.process_time() - began) / len(messages) * 1e6)
    print(f"\nUnderstanding {len(texts)} messages of the dev split (CPU a message; {ROUNDS} rounds)")
    print(
        f"  loading words and weights: {_span(loads)} ms; first time: {_span(first)} us; again, words known: {_span(again)} us"
    )
    print(f"  4,096 random letters, no word ever seen before: {_span(worst)} us   (aim: below 1,000 us, all of them)")


def _recaps(folder: str) -> None:
    """Let a coordinator ask for recaps over many visits."""
    print(
        f"\nRecaps over {recaps.VISITS} visits in {recaps.YEARS} years, a whole turn to its commit (SQLite), CPU a turn"
    )
    for text, times in recaps.turns(f"sqlite:///{folder}/recaps.db").items():
        print(f"  {text!r}: {_span(times, 1)} ms   (aim: below 50 ms)")


def _tips(folder: str) -> None:
    found = uvloop.run(tips.run(turns.fresh_url(folder)))
    print(
        f"\nTips for {tips.SUBSCRIBERS:,} people due in the same minute, each with {tips.SEEN} lessons seen, in steps beside turns (SQLite, durable)"
    )
    print(
        f"  {found.seconds:.1f} s until each has its delivery, longest step {found.longest_step:.0f} ms   (aim: 10 s); {found.people:,} people, {found.deliveries:,} deliveries"
    )
    print(f"  {found.turns} turns meanwhile: p50 {found.p50:.1f} ms, p95 {found.p95:.1f} ms   (aim: p95 below 50 ms)")


def _broadcasts(folder: str, people: int) -> None:
    """Send broadcasts: from the audience to what is in doubt at a kill."""
    print("\nBroadcasts (one row a recipient; SQLite unless told otherwise; sending processes of their own, on uvloop)")
    for line in broadcasts.run(folder, people):
        print(f"  {line}", flush=True)


def _process(folder: str) -> None:
    """Start the real server several times: time to ready, and memory at rest."""
    starts, sizes = [], []
    for number in range(3):
        port = _free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/serve.db",
            "DATA_DIR": f"{folder}/files",
            "PORT": str(port),
            "TELEGRAM_TOKEN": "1:bench",
            "TELEGRAM_API_URL": f"http://127.0.0.1:{_free_port()}",
        }
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(HOME)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_ready(port)
            if number:  # the first one makes the schema
                starts.append(time.perf_counter() - began)
            sizes.append(_rss_mb(server.pid))
        finally:
            server.terminate()
            server.wait(15)
    print("\nThe process (Telegram configured, its server unreachable; whole process, three starts)")
    print(f"  start to ready: {_span(starts, 2)} s   (aim: below 1.5 s)")
    print(f"  memory at rest: {_span(sizes)} MB RSS   (aim: below 110 MB)")
    print(f"  this benchmark itself peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _wait_ready(port: int) -> None:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise RuntimeError("the server was not ready within 30 s")


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS: is this Linux?")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _span(values: list[float], digits: int = 0) -> str:
    return f"{statistics.median(values):,.{digits}f} [{min(values):,.{digits}f}..{max(values):,.{digits}f}]"


if __name__ == "__main__":
    main()

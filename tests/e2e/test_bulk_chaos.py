"""A broadcast through kills and failures: each recipient in one final state, nobody lost, and nobody sent to twice.

`--chaos-rounds N` plays N long rounds, on SQLite and with one, two and four processes on PostgreSQL.
"""

from __future__ import annotations

import logging
import statistics
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.broadcast_load import FIRST_ADDRESS, Plan, Round

log = logging.getLogger("chaos")
MOST_IN_DOUBT = 3  # at Telegram's limit and a fast line


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_few_kills(database_url: str, tmp_path: Path) -> None:
    await play(Plan(1, people=300, kills=3), database_url, tmp_path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_at_the_limit_no_more_than_three_are_in_doubt_at_a_kill(
    database_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    alone = bool(pytestconfig.getoption("--chaos-rounds"))
    kills = 20 if alone else 3
    played = Round(Plan(2, people=kills * 12, kills=kills, per_second=30, faulty=False), database_url, tmp_path)
    await played.play()
    check(played)
    doubts = [len(each) for each in played.doubts]
    log.info("in doubt at each of %d kills: %s", len(doubts), doubts)
    # Beside other tests a process may get no time while answers wait for it: then they are in doubt, too. A batch would be 24.
    assert max(doubts) <= (MOST_IN_DOUBT if alone else 2 * MOST_IN_DOUBT), doubts


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "chaos_round" in metafunc.fixturenames:
        metafunc.parametrize("chaos_round", range(metafunc.config.getoption("--chaos-rounds")))


@pytest.mark.parametrize("processes", [1, 2, 4])
async def test_many_kills(database_url: str, tmp_path: Path, processes: int, chaos_round: int) -> None:
    if processes > 1 and database_url.startswith("sqlite"):
        pytest.skip("one process has an SQLite file")
    await play(Plan(chaos_round, people=5000, kills=20, processes=processes), database_url, tmp_path)


async def play(plan: Plan, url: str, folder: Path) -> None:
    played = Round(plan, url, folder)
    await played.play()
    check(played)
    states = Counter(tuple(row) for row in played.rows("SELECT state, reason FROM deliveries"))
    unknown = {
        str(FIRST_ADDRESS + row.contact_id)
        for row in played.rows("SELECT contact_id FROM deliveries WHERE state = 'unknown'")
    }
    doubts = [len(each) for each in played.doubts]
    log.info(
        "%s: claimed after each kill %s, median %s; %d answers lost; %s; %d of the unknown had come", plan, doubts,
        statistics.median(doubts), len(played.lost), dict(states), len(unknown & played.copies.keys()),
    )  # fmt: skip


def check(played: Round) -> None:
    """Compare each row with what Telegram took."""
    assert len(played.doubts) == played.plan.kills
    rows = played.rows("SELECT contact_id, state, reason FROM deliveries ORDER BY contact_id")
    assert [row.contact_id for row in rows] == list(range(1, played.plan.people + 1))
    everybody = {str(FIRST_ADDRESS + row.contact_id): (row.state, row.reason) for row in rows}
    assert max(played.copies.values()) == 1, "somebody got it twice"
    got = set(played.copies)
    sent = {address for address, found in everybody.items() if found == ("sent", None)}
    blocked = {address for address, found in everybody.items() if found == ("failed", "blocked")}
    unanswered = {address for address, found in everybody.items() if found == ("unknown", "unanswered")}
    interrupted = {address for address, found in everybody.items() if found == ("unknown", "interrupted")}
    assert len(sent) + len(blocked) + len(unanswered) + len(interrupted) == len(rows), Counter(everybody.values())
    assert sent <= got, "something is called sent and did not come"
    assert got <= sent | unanswered | interrupted, "something came and is not called sent"
    assert blocked <= played.blocked <= blocked | unanswered | interrupted
    assert played.lost <= unanswered | interrupted, "an answer was lost, and yet it is called sent"
    in_doubt = {str(FIRST_ADDRESS + contact) for doubt in played.doubts for contact in doubt}
    if played.url.startswith("sqlite"):  # among several processes the leases of living ones may run out too
        assert interrupted <= in_doubt, "a delivery is unknown without a kill"
    printed = played.log()
    assert "Traceback" not in printed, printed

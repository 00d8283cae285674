"""Nothing lost, nothing twice: `rewang serve` is killed at random moments while people write and vendors fail.

`--chaos-rounds N` plays N long rounds on each database; one is repeated by its number, which is its seed.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa

from handlers.messages import load_outgoing
from tests.e2e.chaos_load import SCRIPT, Copy, Plan, Round, plain

log = logging.getLogger("chaos")
DOUBT_SECONDS = 10.0  # between the vendor's taking and our mark on disk: 0.05 and a commit, but that waits behind turns


SHORT_ROUNDS = [Plan(1, people=24, kills=2, kills_at_start=1, telegram_mode="polling"), Plan(4, 12, 2, 0, "webhook")]


@pytest.mark.parametrize("plan", SHORT_ROUNDS, ids=lambda plan: plan.telegram_mode)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_few_people_and_kills(database_url: str, tmp_path: Path, plan: Plan) -> None:
    await play(plan, database_url, tmp_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "chaos_round" in metafunc.fixturenames:
        metafunc.parametrize("chaos_round", range(metafunc.config.getoption("--chaos-rounds")))


async def test_many_people_and_kills(database_url: str, tmp_path: Path, chaos_round: int) -> None:
    mode: Literal["polling", "webhook"] = "webhook" if chaos_round % 2 else "polling"
    await play(Plan(chaos_round, people=200, kills=6, kills_at_start=2, telegram_mode=mode), database_url, tmp_path)


async def play(plan: Plan, url: str, folder: Path) -> None:
    played = Round(plan, url, folder)
    await played.play()
    assert len(played.kills) == plan.kills + plan.kills_at_start
    check_messages_in(played)
    check_requests(played)
    check_messages_out(played)
    printed = (folder / "server.log").read_text()
    assert "Traceback" not in printed, printed[-3000:]


def check_messages_in(played: Round) -> None:
    """Each message was handled once, and what one person said in its order."""
    said = {(person.channel, message_id) for person in played.people for message_id in person.said}
    rows = played.rows(sa.text("SELECT channel, message_id FROM inbound ORDER BY received_at"))
    assert len(said) == len(played.people) * len(SCRIPT)
    assert Counter((row.channel, row.message_id) for row in rows) == Counter(said)
    order = {(row.channel, row.message_id): place for place, row in enumerate(rows)}
    for person in played.people:
        places = [order[person.channel, message_id] for message_id in person.said]
        assert places == sorted(places), person.address


def check_requests(played: Round) -> None:
    """Each person has one request, with their own answers, and no conversation is left open in it."""
    rows = played.rows(
        sa.text(
            "SELECT address, answers FROM requests JOIN addresses ON addresses.contact_id = requests.contact_id ORDER BY address"
        )
    )
    found = [(row.address, json.loads(row.answers)["name"], json.loads(row.answers)["keperluan"]) for row in rows]
    assert found == sorted((person.address, person.name, person.purpose) for person in played.people)
    assert played.rows(sa.text("SELECT flow FROM conversations")) == []


def check_messages_out(played: Round) -> None:
    """Each row was sent and came, in order; each second copy has a kill or a lost answer to explain it."""
    rows = played.rows(sa.text("SELECT address, payload, state, vendor_id, reason FROM outbox ORDER BY id"))
    assert {(row.state, row.reason) for row in rows} <= {("sent", None), ("delivered", None), ("read", None)}
    assert Counter(row.address for row in rows) == {person.address: len(SCRIPT) for person in played.people}
    came: dict[str, list[Copy]] = defaultdict(list)
    for copy in sorted(played.copies, key=lambda copy: copy.at):
        came[copy.address].append(copy)
    explained = Counter[str]()
    matched = 0
    first_at: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        text = plain(load_outgoing(row.payload).text)
        copies = [copy for copy in came[row.address] if copy.text.startswith(text)]
        assert copies, f"{row.address} never got {text!r}"
        assert row.vendor_id in [copy.vendor_id for copy in copies], "the mark is of no copy that came"
        first_at[row.address].append(copies[0].at)
        matched += len(copies)
        for earlier, later in pairwise(copies):
            explained[explain(played, text, earlier, later)] += 1
    assert matched == len(played.copies), "something came that is in no row"
    for address, times in first_at.items():
        assert times == sorted(times), f"{address} got the replies in another order"
    lost = sum(copy.answer_lost for copy in played.copies)
    log.info(
        "%s: %d kills, %d calls again, %d answers lost, %d rows, second copies: %s",
        played.plan, len(played.kills), played.repeated, lost, len(rows), dict(explained),
    )  # fmt: skip


def explain(played: Round, text: str, earlier: Copy, later: Copy) -> str:
    """Say why a message came again."""
    if earlier.answer_lost:
        return "answer lost"
    for kill in played.kills:
        in_doubt = kill.at - DOUBT_SECONDS < earlier.at < kill.at + DOUBT_SECONDS
        if in_doubt and later.at > kill.at and (earlier.address, text) in kill.unmarked:
            return "in flight at a kill"
    pytest.fail(f"{earlier.address} got {text!r} twice without need: {earlier}, {later}, {played.kills}")

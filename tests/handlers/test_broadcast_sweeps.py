"""Cancelled and sent again in steps: none too many at once, nothing forgotten, and while things are being sent too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers import bulk
from handlers.filling import sweep_step
from handlers.marks import mark_later
from handlers.messages import ChannelError, ChannelRefused
from storage import broadcasts, deliveries
from storage.db import Database
from tests.handlers.test_bulk import FAST, NOON, Post, make_post


@pytest.fixture
def post(database: Database) -> Post:
    return make_post(database)


async def change(post: Post, broadcast: int, **values: object) -> None:
    await post.database.write(
        lambda connection: broadcasts.change(connection, broadcast, ("running", "paused", "done"), **values)
    )


async def test_a_cancelled_one_is_gone_through_in_steps(post: Post) -> None:
    await post.adds(*map(str, range(1, 8)))
    news = await post.begins()
    await change(post, news, state="cancelled", sweep="cancel")
    more = []
    for _ in range(4):
        more.append(await post.database.write(sweep_step, post.office, 3))
    assert more == [True, True, False, False]
    assert await post.states(news) == {("skipped", "cancelled"): 7}
    assert await post.rows("SELECT sweep FROM broadcasts") == [(None,)]


async def test_what_is_on_its_way_while_it_is_cancelled_ends_as_it_ends(post: Post) -> None:
    await post.adds("1", "2", "3")
    news = await post.begins()
    await post.rows("UPDATE deliveries SET state = 'claimed', lease_until = 9e15 WHERE contact_id < 3 RETURNING 1")
    await change(post, news, state="cancelled", sweep="cancel")
    assert not await post.database.write(sweep_step, post.office)
    assert await post.rows("SELECT sweep FROM broadcasts") == [("cancel",)], "two are awaited"
    marks = [
        deliveries.Mark(news, 1, NOON, "sent", None, NOON),
        deliveries.Mark(news, 2, NOON, "queued", "too_fast", NOON),
    ]
    await post.database.write(deliveries.mark, marks)
    await post.database.write(sweep_step, post.office)
    assert await post.states(news) == {("sent", None): 1, ("skipped", "cancelled"): 2}
    assert await post.rows("SELECT sweep FROM broadcasts") == [(None,)]


async def test_one_is_cancelled_while_it_is_sent_and_nobody_is_left_between(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, per_second=50, in_flight=4))
    await post.adds(*map(str, range(1, 101)))

    async def cancel() -> None:
        await change(post, 1, state="cancelled", sweep="cancel")

    post.vendors["telegram"].answers = {"5": [cancel]}
    news = await post.begins()
    async with post.running():
        await post.until("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'claimed')", 0)
        await post.until("SELECT count(*) FROM broadcasts WHERE sweep IS NULL", 1)
    states = await post.states(news)
    assert states[("sent", None)] == len(post.vendors["telegram"].got) < 50
    assert states[("sent", None)] + states[("skipped", "cancelled")] == 100


async def test_those_that_failed_are_queued_again_once_however_often_they_fail(post: Post) -> None:
    await post.adds(*map(str, range(1, 8)))
    post.vendors["telegram"].answers = {
        "2": [ChannelRefused("bad_request")],
        "6": [ChannelRefused("bad_request"), None],
    }
    news = await post.begins()
    await post.ends(news)
    await post.database.write(lambda connection: broadcasts.send_again(connection, news, ("done",), "failed"))
    assert await post.database.write(sweep_step, post.office, 3)
    await post.ends(news)
    assert await post.states(news) == {("sent", None): 6, ("failed", "bad_request"): 1}
    assert [address for address, _ in post.vendors["telegram"].got].count("1") == 1, "who has it gets no second one"
    assert await post.rows("SELECT state, sweep FROM broadcasts") == [("done", None)]


async def test_it_does_not_end_before_all_are_queued_again(post: Post) -> None:
    await post.adds("1")
    post.vendors["telegram"].answers = {"1": [ChannelError("unanswered", taken=True), None]}
    news = await post.begins()
    await post.ends(news)
    assert await post.states(news) == {("unknown", "unanswered"): 1}

    def both(connection: sa.Connection) -> tuple[bool, bool]:
        again = broadcasts.send_again(connection, news, ("done",), "unknown")
        return again, broadcasts.end(connection, news, NOON)

    assert await post.database.write(both) == (True, False)
    assert not await post.database.write(
        lambda connection: broadcasts.send_again(connection, news, ("running",), "failed")
    )
    await post.ends(news)
    assert await post.states(news) == {("sent", None): 1}


async def test_a_pause_while_the_vendor_asks_to_wait_gives_back_what_was_claimed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PARK_SECONDS", 0.2)
    post = make_post(database, ability=replace(FAST, in_flight=2))
    await post.adds(*map(str, range(1, 40)))

    async def pause() -> None:
        await change(post, 1, state="paused")
        raise ChannelError("too_fast", retry_after=timedelta())

    post.vendors["telegram"].answers = {"1": [pause]}
    news = await post.begins()
    async with post.running():
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'claimed'", 0)
        await post.until("SELECT count(*) FROM deliveries WHERE reason = 'too_fast'", 1)
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'claimed'", 0)
        await change(post, news, state="running")
        post.vendors["telegram"].answers = {}
        await post.until("SELECT state FROM broadcasts", "done")
    assert sorted(int(address) for address, _ in post.vendors["telegram"].got) == list(range(1, 40))


async def test_what_twilio_tells_later_finds_a_delivery_and_keeps_when_it_was_sent(database: Database) -> None:
    whatsapp = replace(FAST, window=timedelta(hours=24), tells_later=True)
    post = make_post(database, whatsapp=whatsapp)
    await post.adds("whatsapp:1", "whatsapp:2")
    news = await post.begins()
    await post.ends(news)
    later = NOON + timedelta(minutes=5)
    for state, known in (("read", True), ("delivered", True)):
        assert await database.write(mark_later, "whatsapp", "v1", state, None, later) == known
    assert await database.write(mark_later, "whatsapp", "v2", "failed", "63016", later)
    assert not await database.write(mark_later, "whatsapp", "v9", "read", None, later)
    rows = await post.rows("SELECT state, reason, at FROM deliveries ORDER BY vendor_id")
    microseconds = int(NOON.timestamp() * 1_000_000)
    assert rows == [("read", None, microseconds), ("failed", "63016", microseconds + 300_000_000)]

"""The sender: order, lanes, limits, retries and crashes. The seconds pass by hand; the database is real."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import marks, outbox
from handlers.mail import LEASE
from handlers.messages import Ability, ChannelError, ChannelRefused, Fetched, Outgoing, Sending, dump_outgoing
from handlers.outbox import MOST_ATTEMPTS, Sender
from handlers.pace import wait_before_retry
from storage import contacts
from storage import outbox as rows
from storage.db import Database, open_engine
from storage.outbox import PUSH, REPLY

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
FAST = Ability(per_second=1000, in_flight=16)
DOWN = ChannelError("down")
Answer = str | Exception | None


@dataclass
class Seconds:
    """Time that passes by hand: what a sender asks of its loop, and the clock of the day."""

    now: float = 1000.0
    waiting: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        assert delay >= 0
        heapq.heappush(self.waiting, (self.now + delay, next(self.numbers), callback))

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.now - 1000)

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, and all that is due in it happen."""
        end = self.now + seconds
        await let_run()
        while self.waiting and self.waiting[0][0] <= end:
            self.now, _, callback = heapq.heappop(self.waiting)
            callback()
            await let_run()
        self.now = end


@dataclass
class ListChannel:
    """A channel that keeps what it takes. ``answers`` are given by text, one a try; the last one stays."""

    time: Seconds
    ability: Ability = FAST
    name: str = "telegram"
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    tries: list[tuple[float, str, str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    open_calls: int = 0
    most_open_calls: int = 0

    async def send(self, sending: Sending) -> str | None:
        text = sending.message.text
        self.tries.append((self.time.now, sending.address, text))
        self.open_calls += 1
        self.most_open_calls = max(self.most_open_calls, self.open_calls)
        await asyncio.sleep(0)
        self.open_calls -= 1
        answers = self.answers.get(text, [f"v-{text}"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            if isinstance(answer, ChannelError) and answer.taken:
                self.taken.append(text)
            raise answer
        if answer == "silence":
            await asyncio.Event().wait()
        self.taken.append(text)
        return answer

    async def fetch(self, ref: str) -> Fetched:
        raise ChannelRefused("file_gone")

    async def close(self) -> None: ...

    def tried(self, text: str) -> list[float]:
        """Say when a text was tried, in seconds since the start."""
        return [at - 1000 for at, _, tried in self.tries if tried == text]


@dataclass
class Post:
    """A sender with its channel, its time and its rows."""

    database: Database
    time: Seconds
    channel: ListChannel
    sender: Sender

    async def add(self, *texts: str, to: str = "sri", lane: int = REPLY) -> list[Sending]:
        """Make claimed rows as a turn does."""
        return [await self.database.write(self._add, text, to, lane) for text in texts]

    def _add(self, connection: sa.Connection, text: str, to: str, lane: int) -> Sending:
        now = self.time.clock()
        person = contacts.find_person(connection, "telegram", to) or contacts.add_person(
            connection, "telegram", to, None, now
        )
        message = Outgoing(text)
        row = rows.add(connection, person.contact_id, "telegram", to, lane, dump_outgoing(message), now, now + LEASE)
        return Sending(row, "telegram", to, person.contact_id, lane, 1, message)

    async def takes(self, *texts: str, to: str = "sri", lane: int = REPLY) -> None:
        """Let the sender take new rows."""
        for sending in await self.add(*texts, to=to, lane=lane):
            self.sender.take(sending)

    async def read(self, query: str) -> list[tuple[Any, ...]]:
        """Read rows with a query."""
        return await self.database.write(lambda connection: [tuple(row) for row in connection.execute(sa.text(query))])

    async def states(self) -> list[tuple[Any, ...]]:
        """Read each row's state and reason, in order, once all is marked."""
        await until(self.sender.idle)
        return await self.read("SELECT state, reason FROM outbox ORDER BY id")

    @asynccontextmanager
    async def running(self, *, alone: bool = True) -> AsyncIterator[None]:
        """Run the sender from its first look at the database on."""
        task = asyncio.create_task(self.sender.run(alone=alone))
        try:
            await until(lambda: self.sender._early is None)
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def restarted(self, ability: Ability = FAST) -> Post:
        """Make the sender of a new process."""
        channel = ListChannel(self.time, ability)
        return Post(self.database, self.time, channel, Sender(channel, self.database, self.time.clock, self.time))


async def let_run() -> None:
    """Let everything run that waits for no thread and no time."""
    for _ in range(30):
        await asyncio.sleep(0)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for the database's threads to have brought something about."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.001)


def make_post(database: Database, ability: Ability = FAST) -> Post:
    time = Seconds()
    channel = ListChannel(time, ability)
    return Post(database, time, channel, Sender(channel, database, time.clock, time))


@pytest.fixture
async def post(database: Database) -> Post:
    return make_post(database)


async def test_the_first_keeps_its_place_however_long_it_is_retried(post: Post) -> None:
    post.channel.answers["one"] = [DOWN] * 7 + ["v-one"]
    async with post.running():
        await post.takes("one", "two", "three")
        await post.takes("other", to="agus")
        await post.time.pass_by(300)
        assert await post.states() == [("sent", None)] * 4
    assert post.channel.taken == ["other", "one", "two", "three"]
    tried = post.channel.tried("one")
    waits = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert all(2**n * 0.8 <= wait <= 2**n * 1.2 for n, wait in enumerate(waits)), waits
    assert len(waits) == 7
    assert post.channel.tried("two") == [tried[-1]]


async def test_replies_go_before_pushes(database: Database) -> None:
    post = make_post(database, Ability(per_second=1, in_flight=16))
    async with post.running():
        for name in ("p1", "p2", "p3"):
            await post.takes(name, to=f"push to {name}", lane=PUSH)
        for name in ("r1", "r2"):
            await post.takes(name, to=f"reply to {name}")
        await post.time.pass_by(10)
        assert await post.states() == [("sent", None)] * 5
    assert post.channel.taken == ["p1", "r1", "r2", "p2", "p3"]


async def test_a_reply_goes_before_the_pushes_that_wait_for_the_same_person(post: Post) -> None:
    post.channel.answers["p1"] = [DOWN, "v"]
    async with post.running():
        await post.takes("p1", "p2", lane=PUSH)
        await post.takes("r1", "r2")
        await post.time.pass_by(2)
        await until(post.sender.idle)
    assert post.channel.taken == ["p1", "r1", "r2", "p2"]


@pytest.mark.parametrize("per_second", [0.5, 2.5, 30.0])
async def test_never_more_than_so_many_a_second(database: Database, per_second: float) -> None:
    post = make_post(database, Ability(per_second=per_second, in_flight=4))
    count = int(per_second * 4) + 3
    for number in range(0, count, 3):
        post.channel.answers[f"m{number}"] = [DOWN, "v"]  # one tried again counts too
    async with post.running():
        for number in range(count):
            await post.takes(f"m{number}", to=f"person {number}")
        await post.time.pass_by(60)
        await until(post.sender.idle)
    times = sorted(at for at, _, _ in post.channel.tries)
    assert len(times) == count + len(range(0, count, 3))
    most = max(1, int(per_second))
    spans = [later - earlier for earlier, later in zip(times, times[most:], strict=False)]
    assert min(spans) >= most / per_second - 1e-6
    assert times[-1] - times[0] <= len(times) / per_second + 2, "slower than it may be"
    assert post.channel.most_open_calls <= 4


async def test_so_many_on_their_way_at_once(database: Database) -> None:
    post = make_post(database, Ability(per_second=1000, in_flight=3))
    async with post.running():
        for number in range(12):
            await post.takes(f"m{number}", to=f"person {number}")
        await until(post.sender.idle)
    assert post.channel.most_open_calls <= 3
    assert len(post.channel.taken) == 12


async def test_who_waits_for_a_retry_takes_no_place(database: Database) -> None:
    post = make_post(database, Ability(per_second=1000, in_flight=2))
    async with post.running():
        for number in range(4):
            post.channel.answers[f"down{number}"] = [DOWN]
            await post.takes(f"down{number}", to=f"person {number}")
        await post.takes("fine", to="agus")
        await let_run()
        assert post.channel.taken == ["fine"]


async def test_a_wait_the_vendor_asks_for_stops_all_and_no_longer_than_told(post: Post) -> None:
    post.channel.answers["one"] = [ChannelError("too_fast", retry_after=timedelta(seconds=7)), "v"]
    post.channel.answers["two"] = [ChannelError("too_fast", retry_after=timedelta(seconds=2)), "v"]
    async with post.running():
        for sending in [*await post.add("one"), *await post.add("two", to="agus")]:  # both are on their way at once
            post.sender.take(sending)
        await let_run()
        await post.takes("new", to="budi")
        await post.time.pass_by(6.99)
        assert post.channel.taken == []
        await post.time.pass_by(0.02)
        assert sorted(post.channel.taken) == ["new", "one", "two"]
        assert post.channel.tried("one") == [0, 7]
        assert post.channel.tried("new") == [7]
        assert await post.states() == [("sent", None)] * 3


@pytest.mark.parametrize(("gone", "refused"), [(True, "blocked"), (False, None)])
async def test_a_refusal_marks_the_address_where_it_is_gone(post: Post, gone: bool, refused: str | None) -> None:
    post.channel.answers["one"] = [ChannelRefused("blocked", gone=gone)]
    async with post.running():
        await post.takes("one", "two")
        assert await post.states() == [("failed", "blocked"), ("sent", None)]
    assert await post.read("SELECT refused FROM addresses") == [(refused,)]


async def test_a_push_is_skipped_where_the_window_is_closed(database: Database) -> None:
    post = make_post(database, Ability(per_second=1000, in_flight=16, window=timedelta(hours=24)))
    async with post.running():
        await post.takes("hello")
        await post.time.pass_by(24 * 3600 - 1)
        await post.takes("in time", lane=PUSH)
        await until(post.sender.idle)
        await post.time.pass_by(1)
        await post.takes("too late", lane=PUSH)
        await post.takes("reply")
        assert await post.states() == [("sent", None), ("sent", None), ("skipped", "window_closed"), ("sent", None)]
    assert post.channel.taken == ["hello", "in time", "reply"]


async def test_a_database_that_fails_at_the_window_lets_the_row_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = make_post(database, Ability(per_second=1000, in_flight=16, window=timedelta(hours=24)))
    heard = rows.last_heard
    failures = [sa.exc.OperationalError("SELECT", {}, Exception("locked"))]

    def fail_once(connection: sa.Connection, channel: str, address: str) -> datetime | None:
        if failures:
            raise failures.pop()
        return heard(connection, channel, address)

    monkeypatch.setattr(rows, "last_heard", fail_once)
    async with post.running():
        await post.takes("push", lane=PUSH)
        await until(lambda: bool(post.time.waiting))
        await post.time.pass_by(2)
        assert await post.states() == [("sent", None)]


@pytest.mark.parametrize("lane", [REPLY, PUSH])
async def test_what_the_vendor_may_have_taken_is_sent_again(post: Post, lane: int) -> None:
    post.channel.answers["one"] = [ChannelError("unanswered", taken=True), "v-2"]
    async with post.running():
        await post.takes("one", lane=lane)
        await post.time.pass_by(2)
        assert await post.states() == [("sent", None)]
    assert post.channel.taken == ["one", "one"]
    assert await post.read("SELECT vendor_id FROM outbox") == [("v-2",)]


async def test_after_the_last_attempt_it_has_failed_and_the_next_goes(post: Post) -> None:
    post.channel.answers["one"] = [DOWN]
    async with post.running():
        await post.takes("one", "two")
        await post.time.pass_by(12 * 3600)
        assert await post.states() == [("failed", "down"), ("sent", None)]
    tried = post.channel.tried("one")
    assert len(tried) == MOST_ATTEMPTS
    assert 7 * 3600 < tried[-1] < 10 * 3600, "about eight hours"


async def test_a_mistake_of_the_channel_fails_one_row_only(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    post.channel.answers["one"] = [LookupError("ours")]
    async with post.running():
        await post.takes("one", "two")
        assert await post.states() == [("failed", "channel_fault"), ("sent", None)]
    assert "failed in the channel: LookupError" in caplog.text


async def test_marks_share_commits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    store, groups = marks._store, []

    def count(connection: sa.Connection, given: list[marks.Mark]) -> None:
        groups.append(len(given))
        store(connection, given)

    monkeypatch.setattr(marks, "_store", count)
    monkeypatch.setattr(marks, "MARK_EVERY_SECONDS", 0.5)
    async with post.running():
        for number in range(20):
            await post.takes(
                f"m{number}", to=f"person {number}"
            )  # each a commit of its own, before or after which marks could go
        assert await post.states() == [("sent", None)] * 20
    assert sum(groups) == 20
    assert len(groups) <= 3


async def test_marks_wait_for_a_database_that_does_not_take_them(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    store, failures = marks._store, [sa.exc.OperationalError("UPDATE", {}, Exception("full"))] * 3
    monkeypatch.setattr(marks, "AGAIN_SECONDS", 0.0)

    def fail_first(connection: sa.Connection, given: list[marks.Mark]) -> None:
        if failures:
            raise failures.pop()
        store(connection, given)

    monkeypatch.setattr(marks, "_store", fail_first)
    async with post.running():
        await post.takes("one", "two")
        assert await post.states() == [("sent", None)] * 2
    assert failures == []
    assert post.channel.taken == ["one", "two"]


@pytest.mark.parametrize("count", [1, 120])
async def test_the_one_process_there_is_takes_all_of_its_forerunner_at_once(post: Post, count: int) -> None:
    texts = [f"m{number}" for number in range(count)]
    await post.add(*texts)
    await post.add("push", lane=PUSH)
    async with post.running(alone=True):
        assert await post.states() == [("sent", None)] * (count + 1)
    assert post.channel.taken == [*texts, "push"]


async def test_among_others_a_row_is_taken_once_its_lease_has_run_out(post: Post) -> None:
    await post.add("one")
    async with post.running(alone=False):
        assert post.sender.idle()
    await post.time.pass_by(LEASE.total_seconds() + 1)
    late = post.restarted()
    async with late.running(alone=False):
        assert await late.states() == [("sent", None)]
    assert late.channel.taken == ["one"]


async def test_what_waits_for_its_vendor_is_left_to_its_process(post: Post) -> None:
    post.channel.answers["one"] = [DOWN]
    async with post.running(alone=False):
        await post.takes("one", "two")
        for _ in range(20):
            await post.time.pass_by(LEASE.total_seconds() / 4)
            await post.sender._renew()
            assert await post.database.write(rows.claim, "telegram", post.time.clock(), post.time.clock(), 50) == []


async def test_a_reply_made_before_the_first_look_comes_after_the_older_ones(post: Post) -> None:
    await post.add("older")
    await post.takes("newer")
    async with post.running(alone=True):
        assert await post.states() == [("sent", None)] * 2
    assert post.channel.taken == ["older", "newer"]


async def test_a_row_that_cannot_be_read_keeps_no_other_from_leaving(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    [broken, _] = await post.add("one", "two")
    await post.database.write(
        lambda connection: connection.execute(
            sa.text("UPDATE outbox SET payload = '{}' WHERE id = :id"), {"id": broken.id}
        )
    )
    async with post.running():
        assert await post.states() == [("failed", "unreadable"), ("sent", None)]
    assert f"row {broken.id} cannot be read" in caplog.text


async def test_stopping_gives_back_what_waits_and_marks_what_was_sent(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STOP_SECONDS", 0.1)
    post.channel.answers |= {"down": [DOWN], "silent": ["silence"]}
    async with post.running(alone=False):
        await post.takes("down", "behind")
        await post.takes("silent", to="agus")
        await let_run()
        await post.time.pass_by(2.5)
        await post.takes("sent", to="budi")
        await let_run()
    assert await post.read("SELECT state, reason, attempts, lease_until FROM outbox ORDER BY id") == [
        ("queued", "stopped", 3, None),  # tried twice
        ("queued", "stopped", 1, None),
        ("queued", "stopped", 1, None),
        ("sent", None, 1, None),
    ]
    late = post.restarted()
    async with late.running(alone=False):
        assert await late.states() == [("sent", None)] * 4
    assert [text for _, to, text in late.channel.tries if to == "sri"] == ["down", "behind"]
    assert sorted(late.channel.taken) == ["behind", "down", "silent"]


async def test_a_row_that_saw_many_starts_waits_no_longer_for_that(post: Post) -> None:
    await post.add("one")
    for _ in range(12):  # starts of processes that were killed before they had sent it
        now = post.time.clock()
        assert len(await post.database.write(rows.claim, "telegram", now, now, None, everything=True)) == 1
    post.channel.answers["one"] = [DOWN, "v"]
    async with post.running():
        await post.time.pass_by(2)
        assert await post.states() == [("sent", None)]


async def test_a_row_taken_twice_is_sent_once(post: Post) -> None:
    async with post.running():
        [sending] = await post.add("one")
        post.sender.take(sending)
        post.sender.take(sending)
        await until(post.sender.idle)
    assert post.channel.taken == ["one"]


def test_waits_double_up_to_ten_minutes() -> None:
    assert [wait_before_retry(attempt).total_seconds() for attempt in (1, 2, 3, 10, 11, 5000)] == [
        1,
        2,
        4,
        512,
        600,
        600,
    ]
    with pytest.raises(ValueError, match="counts from 1"):
        wait_before_retry(0)


RANKS = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.sampled_from(["sent", "delivered", "read", "failed", "queued", "accepted"]), max_size=6))
def test_a_state_the_vendor_tells_never_goes_back(database_url: str, told: list[str]) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        person = contacts.add_person(connection, "whatsapp", f"of {next(NUMBERS)}", None, NOON)
        row = rows.add(connection, person.contact_id, "whatsapp", person.address, REPLY, "{}", NOON, NOON + LEASE)
        sid = f"SM{row}"
        assert not rows.mark_delivery(connection, "whatsapp", sid, "delivered", None)
        rows.mark_sent(connection, [(row, NOON, sid)])
        state = "sent"
        for each in told:
            assert rows.mark_delivery(connection, "whatsapp", sid, each, "63016" if each == "failed" else None)
            new, reason = connection.execute(
                sa.text("SELECT state, reason FROM outbox WHERE id = :id"), {"id": row}
            ).one()
            assert RANKS[new] >= RANKS[state]
            assert (new == "failed") is (reason == "63016")
            state = new
        first = next((each for each in told if each in ("delivered", "read", "failed")), "sent")
        expected = (
            first
            if first == "failed"
            else max(("sent", *(each for each in told if each in ("delivered", "read"))), key=RANKS.__getitem__)
        )
        assert state == expected
        assert not rows.mark_delivery(connection, "telegram", sid, "read", None), "another channel's id"
    engine.dispose()


NUMBERS = itertools.count()

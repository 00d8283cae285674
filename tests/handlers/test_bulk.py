"""Broadcasts on their way: who gets one, once; what the vendor answers; limits, pauses, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from handlers import beats, bulk
from handlers.filling import fill_step
from handlers.hours import Quiet, read_hours
from handlers.messages import Ability, ChannelError, ChannelRefused, Fetched, Outgoing, Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from storage import broadcasts, contacts, deliveries, mutes
from storage.db import Database
from storage.outbox import REPLY
from tests.talk import REGISTRY, VOICES
from tests.world import ZONE

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
FAST = Ability(per_second=1000, in_flight=16, chat_seconds=0)
Answer = Exception | Callable[[], Any] | None


@dataclass
class Vendor:
    """A channel that keeps what it takes; answers are given by address, one a try, and the last one stays."""

    name: str = "telegram"
    ability: Ability = FAST
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    got: list[tuple[str, str]] = field(default_factory=list)
    templates: list[str | None] = field(default_factory=list)

    async def send(self, sending: Sending) -> str | None:
        answers = self.answers.get(sending.address, [None])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            await answer()
        self.got.append((sending.address, sending.message.text.split("\n")[0]))
        self.templates.append(sending.message.template)
        return f"v{len(self.got)}"

    async def fetch(self, ref: str) -> Fetched:
        raise ChannelRefused("file_gone")

    async def close(self) -> None: ...


@dataclass
class Post:
    """An office that sends broadcasts, with its people and vendors."""

    database: Database
    office: Office
    vendors: dict[str, Vendor]

    async def adds(self, *addresses: str, language: str = "id", **contact: Any) -> None:
        """Add people; an address is ``channel:address``, bare ones are on Telegram; with + a second one of the same person."""

        def add(connection: sa.Connection) -> None:
            for each in addresses:
                first, *more = each.split("+")
                channel, _, address = first.rpartition(":")
                person = contacts.add_person(connection, channel or "telegram", address, None, self.office.clock())
                contacts.change_contact(connection, person.contact_id, consent=True, language=language, **contact)
                for other in more:
                    channel, _, address = other.rpartition(":")
                    connection.execute(
                        sa.text("INSERT INTO addresses (contact_id, channel, address, last_in_at) SELECT :c, :ch, :a, last_in_at - 1 FROM addresses WHERE contact_id = :c"),
                        {"c": person.contact_id, "ch": channel or "telegram", "a": address},
                    )  # fmt: skip

        await self.database.write(add)

    async def begins(self, text: str = "Halo", *, kind: str = "news", minutes: int = 0, **values: Any) -> int:
        """Begin a broadcast to everybody, and add its recipients."""

        def begin(connection: sa.Connection) -> int:
            now = self.office.clock() + timedelta(minutes=minutes)
            row = broadcasts.add(
                connection, kind=kind, state="scheduled", text_id=text, digest="", created_at=now, **values
            )
            assert broadcasts.begin(connection, row, now)
            while fill_step(connection, self.office, step=3):
                pass
            return row

        return await self.database.write(begin)

    async def rows(self, query: str) -> list[Any]:
        return await self.database.write(lambda connection: [tuple(row) for row in connection.execute(sa.text(query))])

    async def states(self, broadcast: int) -> dict[tuple[str, str | None], int]:
        """Count the recipients by state and reason."""
        rows = await self.rows(f"SELECT state, reason FROM deliveries WHERE broadcast_id = {broadcast}")
        return dict(Counter(rows))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        outbox = Outbox(self.vendors, self.database, self.office)
        task = asyncio.create_task(outbox.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, query: str, expected: Any) -> None:
        """Wait until a query gives one value."""
        async with asyncio.timeout(20):
            while (await self.rows(query))[0][0] != expected:
                await asyncio.sleep(0.005)

    async def ends(self, *ids: int) -> None:
        """Send until broadcasts are done."""
        async with self.running():
            for each in ids:
                await self.until(f"SELECT state FROM broadcasts WHERE id = {each}", "done")


@pytest.fixture
def post(database: Database) -> Post:
    return make_post(database)


def make_post(database: Database, *, ability: Ability = FAST, whatsapp: Ability | None = None) -> Post:
    vendors = {"telegram": Vendor(ability=ability)}
    if whatsapp is not None:
        vendors["whatsapp"] = Vendor("whatsapp", whatsapp)
    abilities = {name: vendor.ability for name, vendor in vendors.items()}
    office = Office(REGISTRY, VOICES, abilities, ZONE, read_hours("1-5 07.30-15.30"), clock=lambda: NOON)
    return Post(database, office, vendors)


async def test_each_gets_one_in_their_language_and_left_out_ones_have_a_reason(post: Post) -> None:
    await post.adds("1", "2")
    await post.adds("3", language="jv")
    await post.adds("4", stopped_at=NOON)
    await post.adds("5")
    await post.database.write(mutes.mute, 5, "news", NOON)
    await post.adds("6")
    await post.database.write(contacts.refuse_address, "telegram", "6", "blocked")
    await post.adds("7", erased_at=NOON)
    news = await post.begins("Halo", text_jv="Sugeng")
    await post.ends(news)
    assert sorted(post.vendors["telegram"].got) == [("1", "Halo"), ("2", "Halo"), ("3", "Sugeng")]
    assert await post.states(news) == {
        ("sent", None): 3, ("skipped", "stopped"): 1, ("skipped", "muted"): 1, ("skipped", "unreachable"): 1,
    }  # fmt: skip


async def test_who_stops_mutes_or_blocks_after_it_began_is_left_out(post: Post) -> None:
    await post.adds("1", "2", "3", "4")
    news = await post.begins()
    await post.database.write(lambda connection: contacts.change_contact(connection, 1, stopped_at=NOON))
    await post.database.write(mutes.mute, 2, "news", NOON)
    await post.database.write(contacts.refuse_address, "telegram", "3", "blocked")
    await post.ends(news)
    assert post.vendors["telegram"].got == [("4", "Halo")]
    assert await post.states(news) == {
        ("sent", None): 1, ("skipped", "stopped"): 1, ("skipped", "muted"): 1, ("skipped", "unreachable"): 1,
    }  # fmt: skip


async def test_one_bad_contact_halts_nobody(post: Post) -> None:
    await post.adds("1", "2", "3", "4", "5")
    post.vendors["telegram"].answers = {
        "1": [ChannelRefused("blocked", gone=True)],
        "2": [ChannelRefused("bad_request")],
        "3": [ChannelError("unanswered", taken=True)],
        "4": [ValueError("ours")],
    }
    news = await post.begins()
    await post.ends(news)
    assert post.vendors["telegram"].got == [("5", "Halo")]
    assert await post.states(news) == {
        ("failed", "blocked"): 1, ("failed", "bad_request"): 1, ("unknown", "unanswered"): 1, ("failed", "channel_fault"): 1, ("sent", None): 1,
    }  # fmt: skip
    assert await post.rows("SELECT refused FROM addresses WHERE address = '1'") == [("blocked",)]


async def test_what_fails_for_now_is_tried_again_and_then_given_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "wait_before_retry", lambda _: timedelta())
    monkeypatch.setattr(bulk, "PARK_SECONDS", 0)
    await post.adds("1", "2", "3")
    down = ChannelError("down")
    post.vendors["telegram"].answers = {
        "1": [down] * 3 + [None],
        "2": [down],
        "3": [ChannelError("too_fast", retry_after=timedelta())] * 20 + [None],
    }
    news = await post.begins()
    await post.ends(news)
    assert await post.states(news) == {("sent", None): 2, ("failed", "down"): 1}
    rows = await post.rows("SELECT contact_id, attempts FROM deliveries ORDER BY contact_id")
    assert rows == [(1, 4), (2, bulk.MOST_ATTEMPTS), (3, 1)]  # being too fast is no fault of the recipient


async def test_on_a_page_that_shows_messages_again_it_stands_among_them_once(database: Database) -> None:
    post = make_post(database)
    post.vendors["web"] = Vendor("web", replace(FAST, keeps_history=True))
    post.office = replace(post.office, abilities={**post.office.abilities, "web": post.vendors["web"].ability})
    await post.adds("web:w1", "2")
    news = await post.begins()
    await post.ends(news)
    rows = await post.rows("SELECT address, payload FROM outbox")
    assert [(address, json.loads(payload)["text"].split("\n")[0]) for address, payload in rows] == [("w1", "Halo")]
    assert post.vendors["telegram"].got == [("2", "Halo")]
    assert await post.states(news) == {("sent", None): 2}


async def test_who_has_named_no_village_is_in_no_place_that_is_left_out(post: Post) -> None:
    await post.adds("1")
    await post.adds("2", village="35.05.01.2002")
    news = await post.begins(audience='{"but": [{"places": ["35.05.01"]}]}')
    await post.ends(news)
    assert post.vendors["telegram"].got == [("1", "Halo")]


async def test_it_falls_over_to_the_other_channel_and_only_one_gets_it(database: Database) -> None:
    post = make_post(database, whatsapp=replace(FAST, window=timedelta(hours=24)))
    await post.adds("1+whatsapp:10", "2+whatsapp:20")
    post.vendors["telegram"].answers = {"1": [ChannelRefused("blocked", gone=True)]}
    news = await post.begins()
    await post.ends(news)
    assert post.vendors["telegram"].got == [("2", "Halo")]
    assert post.vendors["whatsapp"].got == [("10", "Halo")]
    assert await post.states(news) == {("sent", None): 2}


async def test_outside_the_window_only_a_template_and_no_more_people_than_the_tier(database: Database) -> None:
    whatsapp = replace(
        FAST, window=timedelta(hours=24), templates={"news_id": "HX1"}, new_people_a_day=2, tells_later=True
    )
    post = make_post(database, whatsapp=whatsapp)
    await post.adds("whatsapp:1", "whatsapp:2", language="jv")
    await post.adds("whatsapp:3")
    later = NOON + timedelta(hours=25)
    post.office = replace(post.office, clock=lambda: later)
    await post.adds("whatsapp:4")
    news = await post.begins()
    async with post.running():
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'sent'", 3)
        await post.until("SELECT count(*) FROM deliveries WHERE reason = 'over_tier'", 1)
    sent = dict(
        zip([address for address, _ in post.vendors["whatsapp"].got], post.vendors["whatsapp"].templates, strict=True)
    )
    assert sent["4"] is None, "whose window is open needs none"
    assert sorted(filter(None, sent.values())) == ["HX1", "HX1"]
    assert (await post.states(news))[("queued", "over_tier")] == 1
    tomorrow = later + timedelta(hours=25)
    post.office = replace(post.office, clock=lambda: tomorrow)
    await post.ends(news)
    assert len(post.vendors["whatsapp"].got) == 4


async def test_without_a_template_a_closed_window_is_a_reason(database: Database) -> None:
    post = make_post(database, whatsapp=replace(FAST, window=timedelta(hours=24)))
    await post.adds("whatsapp:1", "whatsapp:2+3")
    post.office = replace(post.office, clock=lambda: NOON + timedelta(hours=25))
    news = await post.begins()
    await post.ends(news)
    assert post.vendors["telegram"].got == [("3", "Halo")], "the channel that is open is taken"
    assert await post.states(news) == {("sent", None): 1, ("skipped", "window"): 1}


async def test_urgent_ones_go_first_then_the_oldest(post: Post) -> None:
    await post.adds(*map(str, range(1, 6)))
    late = await post.begins("Late", minutes=2)
    early = await post.begins("Early")
    urgent = await post.begins("Urgent", kind="warning", minutes=3, urgent=True)
    await post.ends(late, early, urgent)
    order = [text for _, text in post.vendors["telegram"].got]
    assert order == ["Urgent"] * 5 + ["Early"] * 5 + ["Late"] * 5


async def test_in_quiet_hours_only_urgent_ones_leave(post: Post) -> None:
    await post.adds("1", "2")
    post.office = replace(post.office, quiet=Quiet())
    night = NOON + timedelta(hours=9)  # 21.00 in Blitar
    post.office = replace(post.office, clock=lambda: night)
    news = await post.begins("News")
    unapproved = await post.begins("Unapproved", urgent=True)
    urgent = await post.begins("Urgent", urgent=True, approver_id=1)
    await post.ends(urgent)
    assert await post.states(unapproved) == {("queued", None): 2}
    assert await post.states(news) == {("queued", None): 2}
    post.office = replace(post.office, clock=lambda: night + timedelta(hours=10))  # 7.00
    await post.ends(unapproved, news)
    assert await post.states(news) == {("sent", None): 2}


async def test_a_pause_takes_effect_between_single_messages(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, per_second=1, in_flight=1))
    await post.adds(*map(str, range(1, 8)))

    async def pause() -> None:
        await post.database.write(lambda connection: broadcasts.change(connection, 1, ("running",), state="paused"))

    post.vendors["telegram"].answers = {"1": [pause]}
    news = await post.begins()
    async with post.running():
        await post.until("SELECT state FROM broadcasts", "paused")
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'sent'", 1)
    states = await post.states(news)
    assert states[("sent", None)] == 1
    assert states[("queued", None)] == 6


async def test_while_the_vendor_asks_to_wait_nothing_is_held_that_has_not_begun(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, in_flight=2))
    await post.adds(*map(str, range(1, 10)))
    post.vendors["telegram"].answers = {"1": [ChannelError("too_fast", retry_after=timedelta(hours=1))]}
    news = await post.begins()
    async with post.running():
        await post.until("SELECT count(*) FROM deliveries WHERE reason = 'too_fast'", 1)
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'claimed'", 0)
        states = await post.states(news)
    assert states.pop(("sent", None), 0) <= 1, "what was under way"
    assert set(states) == {("queued", "too_fast"), ("queued", None)}


async def test_who_was_just_replied_to_gets_a_broadcast_a_little_later(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, chat_seconds=60))
    await post.adds("1", "2")
    replied = asyncio.Event()

    async def note() -> None:
        replied.set()

    post.vendors["telegram"].answers = {"1": [note]}
    outbox = Outbox(post.vendors, post.database, post.office)
    outbox.take([Sending(1, "telegram", "1", 1, REPLY, 1, Outgoing("Inggih"))])
    task = asyncio.create_task(outbox.run())
    await asyncio.wait_for(replied.wait(), 20)
    news = await post.begins()
    outbox.wake()
    await post.until("SELECT count(*) FROM deliveries WHERE reason = 'busy'", 1)
    await post.until("SELECT count(*) FROM deliveries WHERE state = 'sent'", 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(post.vendors["telegram"].got) == [("1", "Inggih"), ("2", "Halo")]
    assert await post.states(news) == {("sent", None): 1, ("queued", "busy"): 1}


async def test_a_claim_that_ran_out_says_nothing_of_the_next_one(post: Post) -> None:
    await post.adds("1", "2")
    news = await post.begins()
    later = NOON + timedelta(minutes=5)

    def claim(connection: sa.Connection, now: datetime) -> list[deliveries.Claimed]:
        return deliveries.claim(connection, "telegram", news, "news", now, now + timedelta(minutes=1), 2)

    first = await post.database.write(claim, NOON)
    claimed = await post.database.write(deliveries.list_claimed, "telegram")
    await post.database.write(deliveries.note_lost, claimed, later, everything=False)
    await post.rows("UPDATE deliveries SET state = 'queued' RETURNING 1")  # as staff may have it sent again
    second = await post.database.write(claim, later)
    assert [each.contact_id for each in first] == [each.contact_id for each in second] == [1, 2]
    late = deliveries.Mark(news, 1, first[0].claimed_at, "queued", "telegram_down", later)
    await post.database.write(deliveries.mark, [late])
    await post.database.write(deliveries.mark_sent, news, first[1].claimed_at, 1, [2], later)
    assert await post.states(news) == {("claimed", "interrupted"): 2}
    await post.database.write(deliveries.mark_sent, news, second[0].claimed_at, 1, [1, 2], later)
    assert await post.states(news) == {("sent", None): 2}


async def test_what_is_claimed_while_it_is_stopped_is_given_back(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, per_second=1))
    await post.adds("1", "2")
    news = await post.begins()
    began, goes_on = threading.Event(), threading.Event()
    write = database.write

    async def slow_write(job: Any, *arguments: Any, **named: Any) -> Any:
        if job is not beats.beat_once:
            return await write(job, *arguments, **named)

        def slowly(connection: sa.Connection) -> Any:
            beat = job(connection, *arguments, **named)
            if beat.claimed:
                began.set()
                assert goes_on.wait(20)
            return beat

        return await write(slowly)

    database.write = slow_write  # type: ignore[method-assign]
    outbox = Outbox(post.vendors, post.database, post.office)
    task = asyncio.create_task(outbox.run())
    assert await asyncio.to_thread(began.wait, 20)
    task.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(task, return_exceptions=True)
    database.write = write  # type: ignore[method-assign]
    assert await post.states(news) == {("queued", None): 2}
    assert post.vendors["telegram"].got == []


async def test_a_text_that_nobody_can_be_sent_pauses_the_broadcast(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_ALIKE", 5)
    monkeypatch.setattr(bulk, "MOST_CLAIMED", 5)
    await post.adds(*map(str, range(1, 31)))
    refused = ChannelRefused("bad_request")
    post.vendors["telegram"].answers = {str(n): [refused] for n in range(1, 31)}
    news = await post.begins()
    async with post.running():
        await post.until("SELECT state FROM broadcasts", "paused")
    assert await post.rows("SELECT reason FROM broadcasts") == [("bad_request",)]
    states = await post.states(news)
    assert 5 <= states[("failed", "bad_request")] < 30
    assert sum(states.values()) == 30


async def test_what_a_dead_process_had_claimed_is_unknown_and_not_sent_again(post: Post) -> None:
    await post.adds("1", "2", "3")
    news = await post.begins()
    await post.rows("UPDATE deliveries SET state = 'claimed', lease_until = 1 WHERE contact_id = 2 RETURNING 1")
    await post.ends(news)
    assert await post.states(news) == {("sent", None): 2, ("unknown", "interrupted"): 1}
    assert sorted(post.vendors["telegram"].got) == [("1", "Halo"), ("3", "Halo")]


async def test_what_another_living_process_had_claimed_is_left_to_it(post: Post) -> None:
    await post.adds("1", "2")
    news = await post.begins()
    later = "UPDATE deliveries SET state = 'claimed', lease_until = 9000000000000000 WHERE contact_id = 2 RETURNING 1"
    await post.rows(later)
    async with post.running():
        await post.until("SELECT count(*) FROM deliveries WHERE state = 'sent'", 1)
        if post.database.is_sqlite:  # where there is no other
            await post.until(f"SELECT state FROM broadcasts WHERE id = {news}", "done")
    left = ("unknown", "interrupted") if post.database.is_sqlite else ("claimed", None)
    assert await post.states(news) == {("sent", None): 1, left: 1}


async def test_it_does_not_end_before_everybody_was_added(post: Post) -> None:
    def begin(connection: sa.Connection) -> None:
        row = broadcasts.add(connection, kind="news", state="scheduled", text_id="Halo", digest="", created_at=NOON)
        assert broadcasts.begin(connection, row, NOON)

    await post.adds("1", "2", "3")
    await post.database.write(begin)
    channel = post.vendors["telegram"]
    await post.database.write(beats.beat_once, post.office, channel, beats.Done(), [], 5)
    assert await post.rows("SELECT state FROM broadcasts") == [("running",)]
    await post.ends(1)
    assert len(channel.got) == 3


async def test_a_stop_gives_back_what_was_not_begun_and_marks_what_was(database: Database) -> None:
    post = make_post(database, ability=replace(FAST, in_flight=2))
    await post.adds(*map(str, range(1, 10)))
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    post.vendors["telegram"].answers = {"1": [hang]}
    news = await post.begins()
    async with post.running():
        await asyncio.wait_for(reached.wait(), 20)
    states = await post.states(news)
    assert states == {("unknown", "interrupted"): 1, ("queued", None): 8}

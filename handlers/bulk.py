"""Sends broadcasts on one channel, beside its sender of replies: claims a moment's worth, sends it evenly, marks it.

A delivery is claimed on disk just before it is sent, only as many as leave within a beat, and what was sent is marked with
the next claim, in one commit. So a kill leaves in doubt what leaves in a beat (two or three at Telegram's limit), these are
then unknown, and nobody is sent anything twice. Pauses and quiet hours are looked up with each claim.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import random
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from handlers.beats import Beat, Done, beat_once
from handlers.broadcast_texts import outgoing
from handlers.mail import LEASE
from handlers.messages import Channel, ChannelError, ChannelRefused, Outgoing, Sending
from handlers.office import Office
from handlers.outbox import STOP_SECONDS, Sender
from handlers.pace import Bucket, Time, wait_before_retry
from storage import deliveries
from storage.broadcasts import Broadcast
from storage.db import Database, DatabaseClosed
from storage.deliveries import Claimed, Mark
from storage.outbox import PUSH

log = logging.getLogger("rewang.bulk")
SHARE = 0.8  # of the channel's limit
BEAT_SECONDS = 0.05
BURST_SECONDS = 0.1  # what may leave at once after a moment's hindrance
MOST_CLAIMED = 1000  # at a beat
IDLE_SECONDS = 2.0  # between two looks whether a broadcast runs
MOST_ATTEMPTS = 8  # with the waits of handlers/pace.py about four minutes
PARK_SECONDS = 1.0  # longer than a 429 asks for, so that replies go first
MOST_ALIKE = 50  # refusals in a row for the same reason that is not the person's: then the broadcast pauses itself
TIER_LOOK = timedelta(hours=1)  # until those over it are looked at again
BULK = PUSH + 1


class Bulk:
    """Sends what is claimed of broadcasts on one channel."""

    def __init__(
        self, channel: Channel, sender: Sender, database: Database, office: Office, time: Time | None = None
    ) -> None:
        """Make it within the event loop it runs in."""
        self._channel, self._sender, self._database, self._office = channel, sender, database, office
        self._time: Time = time or asyncio.get_running_loop()
        rate = channel.ability.per_second * SHARE
        self._bucket = Bucket(rate, BURST_SECONDS)
        self._a_beat = min(MOST_CLAIMED, max(1, math.ceil(rate * BEAT_SECONDS)))
        self._beats = rate * BEAT_SECONDS <= MOST_CLAIMED  # faster channels need no pause between two claims
        self._most_in_flight = max(1, int(channel.ability.in_flight * SHARE))
        self._ready: deque[Claimed] = deque()
        self._flying: dict[int, Claimed] = {}  # by the number of the worker that sends it
        self._workers: set[asyncio.Future[None]] = set()
        self._numbers = itertools.count()
        self._done = Done()
        self._texts: dict[tuple[int, str], Outgoing] = {}
        self._running: dict[int, Broadcast] = {}
        self._alike: dict[int, tuple[str, int]] = {}
        self._news = asyncio.Event()
        self._paused_until = 0.0
        self._waking = False
        self._lost_at = self._renew_at = office.clock()
        self._new_people: int | None = None
        self._stepping: asyncio.Future[Beat] | None = None

    def wake(self) -> None:
        """Look at once: a broadcast was begun, or goes on."""
        self._news.set()

    async def run(self, *, alone: bool) -> None:
        """Send until cancelled; ``alone`` says that no other process sends from this database."""
        first = True
        try:
            while True:
                began = self._time.time()
                try:
                    if first or self._office.clock() >= self._lost_at:
                        await self._note_lost(everything=first and alone)
                        first = False
                    self._stepping = asyncio.ensure_future(self._step())
                    beat = await asyncio.shield(self._stepping)  # what it claims is known even if we are stopped in it
                except sa.exc.DBAPIError:
                    log.warning("broadcasts on %s wait: the database does not answer", self._channel.name)
                    await self._rest(IDLE_SECONDS)
                    continue
                self._pump()
                if not beat.claimed and not self._ready and not self._flying and self._done.is_empty():
                    await self._rest(IDLE_SECONDS if not beat.running else BEAT_SECONDS)
                elif self._beats:
                    await asyncio.sleep(max(0.0, began + BEAT_SECONDS - self._time.time()))
                elif self._flying or self._ready:
                    await asyncio.sleep(0)
        finally:
            await self._stop()

    async def _rest(self, seconds: float) -> None:
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    async def _note_lost(self, *, everything: bool) -> None:
        now = self._office.clock()
        async with self._database.read() as connection:
            claimed = await connection.run_sync(deliveries.list_claimed, self._channel.name)
        lost = await self._database.write(deliveries.note_lost, claimed, now, everything=everything) if claimed else 0
        if lost:
            log.warning("%d deliveries on %s were in doubt when a process ended", lost, self._channel.name)
        self._lost_at = now + LEASE

    async def _step(self) -> Beat:
        """Mark what was sent and claim what leaves next, in one commit."""
        done, self._done = self._done, Done()
        now = self._office.clock()
        held = [(each.broadcast_id, each.contact_id) for each in (*self._ready, *self._flying.values())]
        renewed = held if now >= self._renew_at else []
        if now >= self._renew_at:
            self._renew_at = now + LEASE / 3
        want = max(0, self._a_beat - len(self._ready))
        if self._time.time() < self._paused_until:
            want = 0
        try:
            beat = await self._database.write(beat_once, self._office, self._channel, done, renewed, want)
        except sa.exc.DBAPIError:
            self._done = done.followed_by(self._done)
            raise
        self._running = {each.id: each for each in beat.running}
        self._texts = {key: text for key, text in self._texts.items() if key[0] in self._running}
        self._new_people = beat.new_people
        self._ready.extend(beat.claimed)
        return beat

    def _pump(self) -> None:
        """Let workers begin, as many as may: each sends one after another as long as these may leave."""
        for _ in range(min(len(self._ready), self._most_in_flight - len(self._workers))):
            worker = asyncio.ensure_future(self._work(next(self._numbers)))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self, number: int) -> None:
        while (following := self._next()) is not None:
            self._flying[number] = following[0]
            await self._send(*following)
        self._flying.pop(number, None)

    def _next(self) -> tuple[Claimed, Outgoing] | None:
        """Give what may leave now; where something says to wait, come back then."""
        while self._ready:
            now = self._time.time()
            wait = self._bucket.wait(now) or self._sender.wait_for_bulk(now)
            if wait > 0 or self._paused_until > now:
                if not self._waking:
                    self._waking = True
                    self._time.call_later(max(wait, self._paused_until - now), self._wake)
                return None
            claimed = self._ready.popleft()
            message = self._prepare(claimed, now)
            if message is not None:
                self._bucket.leave()
                self._sender.leave_bulk(claimed.address or "", now)
                return claimed, message
        return None

    def _wake(self) -> None:
        self._waking = False
        self._pump()

    def _prepare(self, claimed: Claimed, at: float) -> Outgoing | None:
        """Make the message, or mark why there is none now."""
        if claimed.broadcast_id not in self._running:  # paused or cancelled while it waited here
            self._mark(claimed, "queued", None, attempts=claimed.attempts)
            return None
        reason = self._why_not(claimed)
        if reason is not None:
            self._mark(claimed, "skipped", reason)
            return None
        wait = self._sender.wait_for_chat(claimed.address or "", at)
        if wait > 0:
            due_at = self._office.clock() + timedelta(seconds=wait)
            self._mark(claimed, "queued", "busy", due_at=due_at, attempts=claimed.attempts)
            return None
        key = (claimed.broadcast_id, claimed.language)
        message = self._texts.get(key)
        if message is None:
            message = self._texts[key] = outgoing(self._office, self._running[claimed.broadcast_id], claimed.language)
        window = self._channel.ability.window
        return message if window is None else self._for_window(claimed, message, window)

    def _for_window(self, claimed: Claimed, message: Outgoing, window: timedelta) -> Outgoing | None:
        """Put the message into a template where the person has not written for long."""
        now = self._office.clock()
        if claimed.last_in_at is not None and now - claimed.last_in_at < window:
            return message
        template = self._channel.ability.find_template(self._running[claimed.broadcast_id].kind, claimed.language)
        if template is None:
            self._mark(claimed, "skipped", "window")
            return None
        if self._new_people is not None:
            if self._new_people <= 0:
                self._mark(claimed, "queued", "over_tier", due_at=now + TIER_LOOK, attempts=claimed.attempts)
                return None
            self._new_people -= 1
        self._done.templated.append((claimed.contact_id, now))
        return replace(message, template=template)

    def _why_not(self, claimed: Claimed) -> str | None:
        if claimed.is_stopped:
            return "stopped"
        if claimed.is_muted:
            return "muted"
        return "unreachable" if claimed.address is None or claimed.refused else None

    async def _send(self, claimed: Claimed, message: Outgoing) -> None:
        sending = Sending(
            0, self._channel.name, claimed.address or "", claimed.contact_id, BULK, claimed.attempts + 1, message
        )
        try:
            if (
                self._channel.ability.keeps_history
            ):  # there it is shown from the outbox, now and when the page is opened again
                self._done.shown.append((claimed, message))
                vendor_id = None
            else:
                vendor_id = await self._channel.send(sending)
        except ChannelRefused as refused:
            self._refuse(claimed, refused)
        except ChannelError as error:
            self._fail(claimed, error)
        except asyncio.CancelledError:
            self._mark(claimed, "unknown", "interrupted")
            raise
        except Exception as error:  # a channel's own mistake must not stop the broadcast
            log.exception("a delivery failed in the channel: %s", type(error).__name__)
            self._mark(claimed, "failed", "channel_fault")
            self._count_alike(claimed, "channel_fault")
        else:
            if self._alike:
                self._alike.pop(claimed.broadcast_id, None)
            if vendor_id is not None and self._channel.ability.tells_later:
                self._mark(claimed, "sent", None, vendor_id=vendor_id)
            else:
                together = (claimed.broadcast_id, claimed.claimed_at, claimed.attempts + 1)
                self._done.sent.setdefault(together, []).append(claimed.contact_id)

    def _refuse(self, claimed: Claimed, refused: ChannelRefused) -> None:
        self._mark(claimed, "failed", refused.reason)
        if refused.gone:
            self._done.gone.append((claimed, refused.reason))
        else:
            self._count_alike(claimed, refused.reason)

    def _fail(self, claimed: Claimed, error: ChannelError) -> None:
        now = self._office.clock()
        if error.taken:  # the vendor may have it: it is not sent again without somebody's saying so
            self._mark(claimed, "unknown", error.reason)
        elif error.retry_after is not None:
            self._sender.pause(error.retry_after)
            self._paused_until = self._time.time() + error.retry_after.total_seconds() + PARK_SECONDS
            self._mark(claimed, "queued", error.reason, due_at=now + error.retry_after, attempts=claimed.attempts)
            self._give_back()
        elif claimed.attempts + 1 >= MOST_ATTEMPTS:
            self._mark(claimed, "failed", error.reason)
        else:
            pause = wait_before_retry(claimed.attempts + 1) * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret
            self._mark(claimed, "queued", error.reason, due_at=now + pause)

    def _count_alike(self, claimed: Claimed, reason: str) -> None:
        """Pause a broadcast that fails for everybody alike: its text or our account is at fault, not the people."""
        known, count = self._alike.get(claimed.broadcast_id, (reason, 0))
        count = count + 1 if known == reason else 1
        self._alike[claimed.broadcast_id] = (reason, count)
        if count >= MOST_ALIKE:
            del self._alike[claimed.broadcast_id]  # once somebody lets it go on, it is counted anew
            self._done.faulty[claimed.broadcast_id] = reason

    def _mark(
        self, claimed: Claimed, state: str, reason: str | None, *, due_at: datetime | None = None,
        attempts: int | None = None, vendor_id: str | None = None,
    ) -> None:  # fmt: skip
        tried = claimed.attempts + 1 if attempts is None else attempts
        self._done.marks.append(
            Mark(
                claimed.broadcast_id, claimed.contact_id, claimed.claimed_at, state, reason, self._office.clock(), due_at, tried,
                vendor_id,
            )
        )  # fmt: skip

    def _give_back(self) -> None:
        """Queue what has not begun: while nothing leaves it is not ours, and mutes and pauses are looked up again."""
        while self._ready:
            claimed = self._ready.popleft()
            self._mark(claimed, "queued", None, attempts=claimed.attempts)

    async def _stop(self) -> None:
        """Wait a little for the answers on their way, mark them, and give back what was not begun."""
        if self._stepping is not None:
            await asyncio.gather(self._stepping, return_exceptions=True)
        self._give_back()
        workers = list(self._workers)
        if workers:
            await asyncio.wait(workers, timeout=STOP_SECONDS)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        with contextlib.suppress(DatabaseClosed, sa.exc.DBAPIError):
            await self._database.write(beat_once, self._office, self._channel, self._done, [], 0)

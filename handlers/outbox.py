"""Sends committed rows: one sender a channel, replies before pushes, in order for each person, within the limits.

Rows arrive from the turn that made them (already claimed) or from the database (after a restart, or when due again).
What was sent is marked in groups, every 50 ms, so that marking costs no commit of its own per message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from handlers.messages import Channel, ChannelError, ChannelRefused, Sending, load_outgoing
from handlers.turn import LEASE
from storage import contacts, outbox
from storage.db import Database, DatabaseClosed

log = logging.getLogger("rewang.outbox")
MARK_EVERY_SECONDS = 0.05  # marks in doubt at a kill: what was sent in this time
LOOK_EVERY_SECONDS = 2.0  # for rows that are due again, or of another process that died
CLAIM_ROWS = 50
MOST_ATTEMPTS = 60  # with the waits below: about eight hours
HOLD_SECONDS = 10.0  # a shorter wait keeps the person's later messages behind this one, in memory

Mark = tuple[str, Sending, str | None, datetime | None]


def wait_before_retry(attempt: int) -> timedelta:
    """Say how long to wait before sending a row again.

    Doubles from 1 s and stops growing at 10 min.

    Raises:
        ValueError: attempt is below 1.
    """
    if attempt < 1:
        raise ValueError(f"attempt counts from 1, not {attempt}")
    return timedelta(seconds=min(2.0 ** (attempt - 1), 600.0))


class Sender:
    """Sends the rows of one channel."""

    def __init__(self, channel: Channel, database: Database, clock: Callable[[], datetime]) -> None:
        self._channel, self._database, self._clock = channel, database, clock
        self._lanes: tuple[deque[Sending], deque[Sending]] = (deque(), deque())
        self._behind: dict[str, deque[Sending]] = {}
        self._in_flight = 0
        self._held: set[int] = set()
        self._tokens = channel.ability.per_second
        self._refilled_at = 0.0
        self._paused_until = 0.0
        self._marks: list[Mark] = []
        self._marked = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def take(self, sending: Sending) -> None:
        """Take a claimed row; it leaves as soon as the limits and the person's earlier messages allow."""
        if sending.id in self._held:
            return
        self._held.add(sending.id)
        queue = self._behind.get(sending.address)
        if queue is not None:
            queue.append(sending)
            return
        self._behind[sending.address] = deque()
        self._lanes[min(sending.lane, 1)].append(sending)
        self._pump()

    async def run(self, *, alone: bool) -> None:
        """Claim, send and mark until cancelled; ``alone`` says that no other process sends from this database."""
        marker = asyncio.create_task(self._mark_for_ever())
        first = alone
        try:
            while True:
                with contextlib.suppress(sa.exc.DBAPIError):
                    await self._claim(everything=first)
                    first = False
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        finally:
            self._stopping = True
            marker.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(marker, *self._tasks, return_exceptions=True)
            with contextlib.suppress(DatabaseClosed):
                await self._mark()

    def idle(self) -> bool:
        """Tell whether nothing waits, is on its way or is to be marked."""
        return not self._held and not self._marks

    async def _claim(self, *, everything: bool) -> None:
        now = self._clock()
        rows = await self._database.write(
            outbox.claim, self._channel.name, now, now + LEASE, CLAIM_ROWS, everything=everything
        )
        for row in rows:
            self.take(
                Sending(
                    row.id, row.channel, row.address, row.contact_id, row.lane, row.attempts, load_outgoing(row.payload)
                )
            )
        if len(rows) == CLAIM_ROWS:
            await self._claim(everything=False)

    def _pump(self) -> None:
        """Start sending what may leave now; sets a timer where a limit says to wait."""
        loop = asyncio.get_running_loop()
        ability = self._channel.ability
        while not self._stopping and self._in_flight < ability.in_flight and (self._lanes[0] or self._lanes[1]):
            now = loop.time()
            self._tokens = min(ability.per_second, self._tokens + (now - self._refilled_at) * ability.per_second)
            self._refilled_at = now
            wait = max(self._paused_until - now, (1 - self._tokens) / ability.per_second)
            if wait > 0:
                if self._timer is None:
                    self._timer = loop.call_later(wait, self._wake)
                return
            self._tokens -= 1
            sending = self._lanes[0].popleft() if self._lanes[0] else self._lanes[1].popleft()
            self._in_flight += 1
            task = loop.create_task(self._send(sending))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    async def _send(self, sending: Sending) -> None:
        attempt = sending.attempts
        try:
            while True:
                wait = await self._try(sending, attempt)
                if wait is None:
                    return
                attempt += 1
                if wait > HOLD_SECONDS or self._stopping:
                    self._end("queued", sending, None, self._clock() + timedelta(seconds=wait))
                    return
                self._in_flight -= 1  # who waits takes no place
                self._pump()
                try:
                    await asyncio.sleep(wait)
                finally:
                    self._in_flight += 1
        finally:
            self._in_flight -= 1
            self._release(sending)
            self._pump()

    async def _try(self, sending: Sending, attempt: int) -> float | None:
        """Send once; None when the row has its final state, else the seconds to wait."""
        if sending.lane != outbox.REPLY and not await self._in_window(sending):
            self._end("skipped", sending, "window_closed", None)
            return None
        try:
            vendor_id = await self._channel.send(sending)
        except ChannelRefused as refused:
            self._end("failed", sending, refused.reason, None)
            log.info("row %d refused: %s", sending.id, refused.reason)
            if refused.gone:
                await self._database.write(contacts.refuse_address, sending.channel, sending.address, refused.reason)
            return None
        except ChannelError as error:
            if attempt >= MOST_ATTEMPTS:
                self._end("failed", sending, error.reason, None)
                return None
            log.info("row %d waits: %s", sending.id, error.reason)
            if error.retry_after is not None:
                self._paused_until = asyncio.get_running_loop().time() + error.retry_after.total_seconds()
                return error.retry_after.total_seconds()
            return wait_before_retry(attempt).total_seconds() * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  a channel's own mistake must not stop the sender
            log.exception("row %d failed in the channel: %s", sending.id, type(error).__name__)
            self._end("failed", sending, "channel_fault", None)
            return None
        self._end("sent", sending, vendor_id, self._clock())
        return None

    async def _in_window(self, sending: Sending) -> bool:
        window = self._channel.ability.window
        if window is None:
            return True
        heard = await self._database.write(outbox.last_heard, sending.channel, sending.address)
        return heard is not None and self._clock() - heard < window

    def _end(self, state: str, sending: Sending, detail: str | None, at: datetime | None) -> None:
        self._marks.append((state, sending, detail, at))
        self._marked.set()

    def _release(self, sending: Sending) -> None:
        """Let the person's next message go."""
        queue = self._behind.get(sending.address)
        if queue:
            following = queue.popleft()
            self._lanes[min(following.lane, 1)].append(following)
        else:
            self._behind.pop(sending.address, None)

    async def _mark_for_ever(self) -> None:
        while True:
            await self._marked.wait()
            await asyncio.sleep(MARK_EVERY_SECONDS)
            try:
                await self._mark()
            except sa.exc.DBAPIError:
                log.warning("marks of %s wait: the database does not take them", self._channel.name)
                await asyncio.sleep(1)

    async def _mark(self) -> None:
        marks, self._marks = self._marks, []
        self._marked.clear()
        if not marks:
            return
        try:
            await self._database.write(_store, marks)
        except sa.exc.DBAPIError:
            self._marks = marks + self._marks
            self._marked.set()
            raise
        self._held.difference_update(sending.id for _, sending, _, _ in marks)


def _store(connection: sa.Connection, marks: list[Mark]) -> None:
    sent = [(sending.id, at, detail) for state, sending, detail, at in marks if state == "sent" and at is not None]
    again = [(sending.id, at, "waits") for state, sending, _, at in marks if state == "queued" and at is not None]
    ended = [(sending.id, state, detail or "") for state, sending, detail, _ in marks if state in ("failed", "skipped")]
    if sent:
        outbox.mark_sent(connection, sent)
    if again:
        outbox.mark_again(connection, again)
    if ended:
        outbox.mark_ended(connection, ended)


class Outbox:
    """All senders of the process."""

    def __init__(self, channels: Mapping[str, Channel], database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._senders = {name: Sender(channel, database, clock) for name, channel in channels.items()}

    def take(self, sendings: list[Sending]) -> None:
        """Take the rows of a committed turn. Rows of a channel not configured here stay for a process that has it."""
        for sending in sendings:
            sender = self._senders.get(sending.channel)
            if sender is not None:
                sender.take(sending)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for sender in self._senders.values():
                group.create_task(sender.run(alone=self._database.is_sqlite))

    def idle(self) -> bool:
        """Tell whether all senders are idle."""
        return all(sender.idle() for sender in self._senders.values())

"""Sends committed rows: one sender a channel, replies before pushes, in order for each person, within the limits.

Rows arrive from the turn that made them (already claimed) or from the database (after a restart, or of a process that
died). A row that has to wait stays in memory with its lease renewed, and the person's later ones wait behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from handlers.mail import LEASE
from handlers.marks import Mark, Marks, State
from handlers.messages import Channel, ChannelError, ChannelRefused, Outgoing, Sending, load_outgoing
from handlers.pace import Pace, Recent, Time, wait_before_retry
from storage import media, outbox
from storage.db import Database, DatabaseClosed

log = logging.getLogger("rewang.outbox")
LOOK_EVERY_SECONDS = 2.0  # for rows of another process that died
CLAIM_ROWS = 50
MOST_ATTEMPTS = 60  # with the waits below: about eight hours
KEPT_SHARE = 0.1  # of a channel's limit, which broadcasts leave to replies at any moment
BULK_LOOK_SECONDS = 0.01  # until a broadcast looks again whether replies have gone
STOP_SECONDS = 3.0  # for the answers to what is on its way; without them it is sent again after the start


_SENDABLE = (("stored", "photo"), ("stored", "document"))  # voice notes are kept, and not passed on


class Sender:
    """Sends the rows of one channel."""

    def __init__(
        self, channel: Channel, database: Database, clock: Callable[[], datetime], time: Time | None = None
    ) -> None:
        """Make it within the event loop it runs in, which counts the seconds unless ``time`` does."""
        self._channel, self._database, self._clock = channel, database, clock
        self._time: Time = time or asyncio.get_running_loop()
        self._lanes: tuple[deque[Sending], deque[Sending]] = (deque(), deque())
        self._behind: dict[str, list[Sending]] = {}
        self._held: dict[int, Sending] = {}
        self._early: list[Sending] | None = []  # until the first claim: older rows of the same person go first
        self._pace = Pace(channel.ability.per_second)
        self._paused_until = 0.0
        self._kept = max(1, int(channel.ability.per_second * KEPT_SHARE))
        self._bulk = Recent(channel.ability.chat_seconds)
        self._replies = Recent(channel.ability.chat_seconds)
        self._waking = False
        self._in_flight: set[asyncio.Task[None]] = set()
        self._marks = Marks(database, self._marked)
        self._renew_at = clock() + LEASE / 3
        self._stopping = False

    def take(self, sending: Sending) -> None:
        """Take a claimed row; it leaves as soon as the limits and the person's earlier messages allow."""
        if sending.id in self._held:
            return
        self._held[sending.id] = sending
        if self._early is None:
            self._line_up(sending)
        else:
            self._early.append(sending)

    async def run(self, *, alone: bool) -> None:
        """Claim, send and mark until cancelled; ``alone`` says that no other process sends from this database."""
        marker = asyncio.create_task(self._marks.run())
        looking = asyncio.create_task(self._look_for_ever(alone=alone))
        try:
            await asyncio.wait({marker, looking}, return_when=asyncio.FIRST_COMPLETED)
            for task in (marker, looking):  # neither ends by itself but by a mistake
                if task.done():
                    task.result()
        finally:
            self._stopping = True
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await self._stop(marker)

    def idle(self) -> bool:
        """Tell whether nothing waits, is on its way or is to be marked."""
        return not self._held

    def wait_for_bulk(self, now: float) -> float:
        """Say in how many seconds a message of a broadcast may leave: replies go first, and some places stay theirs."""
        if self._lanes[0] or self._lanes[1]:
            return BULK_LOOK_SECONDS
        return max(self._paused_until - now, self._pace.wait(now, self._kept))

    def wait_for_chat(self, address: str, now: float) -> float:
        """Say in how many seconds somebody may be sent a broadcast: not while, or just after, they are replied to."""
        if address in self._behind:
            return self._channel.ability.chat_seconds
        return self._replies.wait(address, now)

    def leave_bulk(self, address: str, now: float) -> None:
        """Note that a message of a broadcast leaves: it counts, and the person's next one keeps its distance."""
        self._pace.leave(now)
        self._bulk.note(address, now)

    def pause(self, told: timedelta) -> None:
        """Let nothing leave for as long as the vendor asks."""
        self._paused_until = max(self._paused_until, self._time.time() + told.total_seconds())

    async def _look_for_ever(self, *, alone: bool) -> None:
        while True:
            try:
                if self._early is None:
                    await self._claim(CLAIM_ROWS)
                else:
                    await self._claim(None if alone else CLAIM_ROWS, everything=alone)
                    early, self._early = self._early, None
                    for sending in early:
                        self._line_up(sending)
                await self._renew()
            except sa.exc.DBAPIError:
                log.warning("rows of %s are not looked for: the database does not answer", self._channel.name)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _claim(self, most: int | None, *, everything: bool = False) -> None:
        while True:
            now = self._clock()
            rows = await self._database.write(
                outbox.claim, self._channel.name, now, now + LEASE, most, everything=everything
            )
            for row in rows:
                self._take_row(row)
            if most is None or len(rows) < most:
                return

    def _take_row(self, row: outbox.Waiting) -> None:
        if row.id in self._held:
            return
        try:
            message, readable = load_outgoing(row.payload), True
        except (KeyError, TypeError, ValueError):  # one row of an earlier form must not keep all others from leaving
            message, readable = Outgoing(""), False
        sending = Sending(row.id, row.channel, row.address, row.contact_id, row.lane, row.attempts, message)
        self._held[sending.id] = sending
        if readable:
            self._line_up(sending)
        else:
            log.error("row %d cannot be read", row.id)
            self._end(sending, "failed", "unreadable")

    async def _renew(self) -> None:
        """Renew the leases of what waits here, long before other processes may take it for a dead one's."""
        now = self._clock()
        if self._held and now >= self._renew_at:
            await self._database.write(outbox.renew, list(self._held), now + LEASE)
        if now >= self._renew_at:
            self._renew_at = now + LEASE / 3

    def _line_up(self, sending: Sending) -> None:
        behind = self._behind.get(sending.address)
        if behind is not None:
            behind.append(sending)
            return
        self._behind[sending.address] = []
        distance = self._bulk.wait(sending.address, self._time.time())
        if distance > 0:
            self._time.call_later(distance, lambda: self._return(sending))
            return
        self._lane_of(sending).append(sending)
        self._pump()

    def _lane_of(self, sending: Sending) -> deque[Sending]:
        return self._lanes[0 if sending.lane == outbox.REPLY else 1]

    def _pump(self) -> None:
        """Start sending what may leave now; where a limit says to wait, come back then."""
        most = self._channel.ability.in_flight
        while not self._stopping and len(self._in_flight) < most and (self._lanes[0] or self._lanes[1]):
            now = self._time.time()
            wait = max(self._paused_until - now, self._pace.wait(now))
            if wait > 0:
                if not self._waking:
                    self._waking = True
                    self._time.call_later(wait, self._wake)
                return
            self._pace.leave(now)
            sending = (self._lanes[0] or self._lanes[1]).popleft()
            self._replies.note(sending.address, now)
            task = asyncio.create_task(self._send(sending))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)

    def _wake(self) -> None:
        self._waking = False
        self._pump()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._pump()

    async def _send(self, sending: Sending) -> None:
        """Send once; then the person's next message may go, or this one waits to be sent again."""
        try:
            ready = await self._with_files(sending) if sending.message.media else sending
            if ready is None:
                self._wait(sending, "files", None)
                return
            if not ready.message.text and not ready.message.media:
                self._end(sending, "skipped", "no_files")
            elif sending.lane != outbox.REPLY and not await self._in_window(sending):
                self._end(sending, "skipped", "window_closed")
            else:
                self._end(sending, "sent", await self._channel.send(ready))
        except ChannelRefused as refused:
            log.info("row %d refused: %s", sending.id, refused.reason)
            self._end(sending, "failed", refused.reason, gone=refused.gone)
        except ChannelError as error:
            if sending.attempts < MOST_ATTEMPTS:
                self._wait(sending, error.reason, error.retry_after)
                return
            self._end(sending, "failed", error.reason)
        except sa.exc.DBAPIError:
            self._wait(sending, "database", None)
            return
        except Exception as error:  # a channel's own mistake must not stop the sender
            log.exception("row %d failed in the channel: %s", sending.id, type(error).__name__)
            self._end(sending, "failed", "channel_fault")
        self._release(sending.address)

    def _wait(self, sending: Sending, reason: str, told: timedelta | None) -> None:
        """Line a row up again, before all others: when the whole channel may send, or after a pause of its own."""
        log.info("row %d waits: %s", sending.id, reason)
        again = replace(sending, attempts=sending.attempts + 1)
        self._held[sending.id] = again
        if told is not None:
            self.pause(told)
            self._lane_of(again).appendleft(again)
            return
        seconds = wait_before_retry(sending.attempts).total_seconds() * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret
        self._time.call_later(seconds, lambda: self._return(again))

    def _return(self, sending: Sending) -> None:
        self._lane_of(sending).appendleft(sending)
        self._pump()

    async def _with_files(self, sending: Sending) -> Sending | None:
        """Keep the photos and documents of a message that are stored; None while one is still on its way."""
        states = await self._database.write(media.list_states, sending.message.media)
        if any(state == "waiting" for state, _ in states.values()):
            return None
        kept = tuple(each for each in sending.message.media if states.get(each) in _SENDABLE)
        return replace(sending, message=replace(sending.message, media=kept))

    async def _in_window(self, sending: Sending) -> bool:
        window = self._channel.ability.window
        if window is None:
            return True
        heard = await self._database.write(outbox.last_heard, sending.channel, sending.address)
        return heard is not None and self._clock() - heard < window

    def _end(self, sending: Sending, state: State, detail: str | None, *, gone: bool = False) -> None:
        self._marks.add(Mark(sending, state, self._clock(), detail, gone))

    def _marked(self, mark: Mark) -> None:
        del self._held[mark.sending.id]

    def _release(self, address: str) -> None:
        """Let the person's next message go, a reply first."""
        behind = self._behind[address]
        if not behind:
            del self._behind[address]
            return
        following = next((sending for sending in behind if sending.lane == outbox.REPLY), behind[0])
        behind.remove(following)
        self._lane_of(following).append(following)

    async def _stop(self, marker: asyncio.Task[None]) -> None:
        """Wait a little for the answers on their way, mark them, and give all other rows back."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=STOP_SECONDS)
        for task in self._in_flight:
            task.cancel()
        await asyncio.gather(*self._in_flight, return_exceptions=True)
        self._marks.stop()
        await asyncio.gather(marker, return_exceptions=True)
        ended = self._marks.list_waiting()
        for sending in self._held.values():
            if sending.id not in ended:
                self._marks.add(Mark(sending, "queued", self._clock(), "stopped"))
        with contextlib.suppress(DatabaseClosed, sa.exc.DBAPIError):
            await self._marks.store()

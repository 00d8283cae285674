"""What became of sent rows, written down in groups, so that it costs no commit of its own per message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from handlers.messages import Sending
from storage import contacts, deliveries, outbox
from storage.db import Database

log = logging.getLogger("rewang.outbox")
MARK_EVERY_SECONDS = 0.05  # marks in doubt at a kill: what was sent in this time
AGAIN_SECONDS = 1.0  # after the database did not take them
State = Literal["sent", "queued", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a row. ``detail`` is the vendor's id of what was sent, or else the reason."""

    sending: Sending
    state: State
    at: datetime
    detail: str | None
    gone: bool = False


class Marks:
    """The marks of one sender. ``stored`` is told of each that is on disk."""

    def __init__(self, database: Database, stored: Callable[[Mark], None]) -> None:
        self._database, self._stored = database, stored
        self._waiting: list[Mark] = []
        self._news = asyncio.Event()
        self._stopping = False

    def add(self, mark: Mark) -> None:
        """Note a mark; it is stored soon."""
        self._waiting.append(mark)
        self._news.set()

    async def run(self) -> None:
        """Store marks in groups until told to stop; again and again where the database does not take them."""
        while not self._stopping:
            await self._news.wait()
            await asyncio.sleep(MARK_EVERY_SECONDS)
            try:
                await self.store()
            except sa.exc.DBAPIError:
                log.warning("marks wait: the database does not take them")
                await asyncio.sleep(AGAIN_SECONDS)

    def stop(self) -> None:
        """Let ``run`` end once what it stores now is stored."""
        self._stopping = True
        self._news.set()

    async def store(self) -> None:
        """Store what waits.

        Raises:
            sqlalchemy.exc.DBAPIError: the database did not take it; it waits still.
            storage.db.DatabaseClosed: the process is going down.
        """
        marks, self._waiting = self._waiting, []
        self._news.clear()
        if not marks:
            return
        try:
            await self._database.write(_store, marks)
        except sa.exc.DBAPIError:
            self._waiting = marks + self._waiting
            self._news.set()
            raise
        for mark in marks:
            self._stored(mark)

    def list_waiting(self) -> set[int]:
        """List the rows whose marks are not stored yet."""
        return {mark.sending.id for mark in self._waiting}


def _store(connection: sa.Connection, marks: list[Mark]) -> None:
    sent = [(mark.sending.id, mark.at, mark.detail) for mark in marks if mark.state == "sent"]
    again = [
        (mark.sending.id, mark.at, mark.sending.attempts, mark.detail or "") for mark in marks if mark.state == "queued"
    ]
    ended = [(mark.sending.id, mark.state, mark.detail or "") for mark in marks if mark.state in ("failed", "skipped")]
    if sent:
        outbox.mark_sent(connection, sent)
    if again:
        outbox.mark_again(connection, again)
    if ended:
        outbox.mark_ended(connection, ended)
    for mark in marks:
        if mark.gone:
            contacts.refuse_address(connection, mark.sending.channel, mark.sending.address, mark.detail or "")


def mark_later(
    connection: sa.Connection, channel: str, vendor_id: str, state: str, reason: str | None, now: datetime
) -> bool:
    """Note what a vendor tells later of a message or of a delivery of a broadcast; False if neither has this id."""
    return outbox.mark_delivery(connection, channel, vendor_id, state, reason) or deliveries.mark_delivery(
        connection, channel, vendor_id, state, reason, now
    )

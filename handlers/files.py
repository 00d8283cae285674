"""Fetches files that vendors hold: after the commit that noted them, again until they are had or refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

import sqlalchemy as sa

from flows.text import N_, Text
from handlers.made import Maker, read_ref
from handlers.media import Checked, MediaStore, Refused, check
from handlers.messages import Channel, ChannelError, ChannelRefused, Sending
from handlers.office import Office
from handlers.pace import wait_before_retry
from handlers.turn import Tx
from storage import contacts, media
from storage.db import Database
from storage.media import MADE, WaitingFile

log = logging.getLogger("rewang.files")
LOOK_EVERY_SECONDS = 2.0
MOST_AT_ONCE = 4
MOST_ATTEMPTS = 12  # about 80 minutes with the waits of the outbox; a Telegram link lives for at least an hour
LOST = N_("I could not get the file you sent. Please send it again.")


class Files:
    """Fetches, checks and stores files of all channels."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        database: Database,
        store: MediaStore,
        office: Office,
        after: Callable[[list[Sending], list[str]], None],
        makers: Mapping[str, Maker] | None = None,
    ) -> None:
        """Take what it works with; ``makers`` by name make the files of the channel MADE."""
        self._channels, self._database, self._store, self._office, self._after = (
            channels,
            database,
            store,
            office,
            after,
        )
        self._makers = makers or {}
        self._news = asyncio.Event()
        self._checking = asyncio.Semaphore(1)  # a large photo takes 100 MB while it is looked at

    def wake(self) -> None:
        """Look for new files now."""
        self._news.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            for name in (*self._channels, MADE):
                try:
                    rows = await self._database.write(media.list_waiting, name, self._office.clock(), MOST_AT_ONCE)
                    await asyncio.gather(*(self._bring(row) for row in rows))
                except sa.exc.DBAPIError:
                    log.warning("files of %s wait: the database does not answer", name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_EVERY_SECONDS)
            self._news.clear()

    async def _bring(self, row: WaitingFile) -> None:
        """Get one file, check it and store it; or say why not, or leave it for later."""
        try:
            checked = await (self._make(row) if row.channel == MADE else self._fetch(row))
            await asyncio.to_thread(self._store.write, row.id, checked)
        except Refused as refused:
            await self._refuse(row, "content", refused.why)
        except ChannelRefused as refused:
            await self._refuse(row, refused.reason, LOST)
        except ChannelError as error:
            if row.attempts + 1 >= MOST_ATTEMPTS:
                await self._refuse(row, error.reason, LOST)
                return
            due_at = self._office.clock() + wait_before_retry(row.attempts + 1) + timedelta(seconds=1)
            await self._database.write(media.mark_again, row.id, due_at)
        else:
            size = len(checked.content)
            if not await self._database.write(media.mark_stored, row.id, checked.kind, checked.mime, size):
                self._store.remove(row.id)

    async def _fetch(self, row: WaitingFile) -> Checked:
        fetched = await self._channels[row.channel].fetch(row.vendor_ref)
        async with self._checking:
            return await asyncio.to_thread(check, fetched.content, fetched.mime or row.mime)

    async def _make(self, row: WaitingFile) -> Checked:
        maker, argument = read_ref(row.vendor_ref)
        if maker not in self._makers:  # asked for by another release
            raise ChannelRefused("no_maker")
        return await self._makers[maker](argument)

    async def _refuse(self, row: WaitingFile, reason: str, why: Text) -> None:
        log.info("file %s refused: %s", row.id, reason)
        self._after(await self._database.write(_tell_refused, self._office, row, reason, why), [])


def _tell_refused(connection: sa.Connection, office: Office, row: WaitingFile, reason: str, why: Text) -> list[Sending]:
    """Note that a file was not taken and say so to the person."""
    media.mark_refused(connection, row.id, reason)
    reach = next(iter(contacts.list_reaches(connection, row.contact_id)), None)
    person = contacts.find_person(connection, reach.channel, reach.address) if reach else None
    if person is None:
        return []
    tx = Tx(connection, office, office.clock(), person, office.voices.of(person.language))
    tx.say(why)
    tx.flush()
    return tx.sendings

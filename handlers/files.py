"""Brings files that are noted and not yet had: fetched from a vendor, or made by the program itself (handlers/made.py).

After the commit that noted them, again until they are there or refused; whatever fails, the person is told in the end. Each
channel has a look-out of its own, so that a table that takes long to be made holds up nobody's photo.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from flows.text import N_, Text
from handlers.made import Maker, Then, read_ref
from handlers.media import Checked, MediaStore, Refused, check
from handlers.messages import Channel, ChannelError, ChannelRefused, Sending
from handlers.office import Office
from handlers.pace import wait_before_retry
from handlers.turn import Tx
from storage import contacts, media, outbox
from storage.db import Database
from storage.media import MADE, WaitingFile

log = logging.getLogger("rewang.files")
LOOK_EVERY_SECONDS = 2.0
MOST_AT_ONCE = 4
MOST_ATTEMPTS = 17  # about 80 minutes with the waits of the outbox
MAKING_SECONDS = 120.0
LOST = N_("I could not get the file you sent. Please send it again.")
NOT_MADE = N_("Sorry, I could not make the file. Please ask for it again in a while.")


class Files:
    """Fetches or makes, checks and stores files of all channels."""

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
        self._shown_again = [name for name, channel in channels.items() if channel.ability.keeps_history]
        self._news = {name: asyncio.Event() for name in (*channels, MADE)}
        self._checking = asyncio.Semaphore(1)  # a large photo takes 100 MB while it is looked at

    def wake(self) -> None:
        """Look for new files now."""
        for news in self._news.values():
            news.set()

    async def run(self) -> None:
        """Bring files until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name in self._news:
                group.create_task(self._look_for_ever(name))

    async def _look_for_ever(self, name: str) -> None:
        while True:
            try:
                if await self._bring_waiting(name) == MOST_AT_ONCE:
                    continue
            except sa.exc.DBAPIError:
                log.warning("files of %s wait: the database does not answer", name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news[name].wait(), LOOK_EVERY_SECONDS)
            self._news[name].clear()

    async def _bring_waiting(self, name: str) -> int:
        """Bring the files that are due, a few at once; says how many there were."""
        rows = await self._database.write(media.list_waiting, name, self._office.clock(), MOST_AT_ONCE)
        for outcome in await asyncio.gather(*(self._bring(row) for row in rows), return_exceptions=True):
            if outcome is not None:  # only now that none of them is on its way any more
                raise outcome
        return len(rows)

    async def _bring(self, row: WaitingFile) -> None:
        """Get one file, check it and store it; or say why not, or leave it for later."""
        lost = NOT_MADE if row.channel == MADE else LOST
        try:
            checked = await (self._make(row) if row.channel == MADE else self._fetch(row))
            if not isinstance(checked, Checked):
                await self._end(row, "words", checked)
                return
            await asyncio.to_thread(self._store.write, row.id, checked)
        except Refused as refused:
            await self._refuse(row, "content", refused.why)
        except ChannelRefused as refused:
            await self._refuse(row, refused.reason, lost)
        except ChannelError as error:
            await self._leave(row, error.reason, lost)
        except OSError:  # the disk is full, or not there
            await self._leave(row, "disk", lost)
        except Exception as error:  # noqa: BLE001  a mistake in one file must not keep all others from coming
            # Only where it happened: an error's own words may be a person's.
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            log.error("file %s failed: %s\n%s", row.id, type(error).__name__, where)
            await self._refuse(row, "fault", lost)
        else:
            if not await self._database.write(_note_stored, self._office, row.id, checked, self._shown_again):
                self._store.remove(row.id)

    async def _fetch(self, row: WaitingFile) -> Checked:
        fetched = await self._channels[row.channel].fetch(row.vendor_ref)
        async with self._checking:
            return await asyncio.to_thread(check, fetched.content, fetched.mime or row.mime)

    async def _make(self, row: WaitingFile) -> Checked | Then:
        maker, argument = read_ref(row.vendor_ref)
        if maker not in self._makers:  # asked for by another release
            raise ChannelRefused("no_maker")
        try:
            async with asyncio.timeout(MAKING_SECONDS):
                return await self._makers[maker](argument)
        except TimeoutError:
            raise ChannelError("too_slow") from None
        except sa.exc.DBAPIError:
            raise ChannelError("database") from None

    async def _leave(self, row: WaitingFile, reason: str, lost: Text) -> None:
        """Try again later; after the last attempt refuse it."""
        if row.attempts + 1 >= MOST_ATTEMPTS:
            await self._refuse(row, reason, lost)
            return
        log.info("file %s waits: %s", row.id, reason)
        due_at = self._office.clock() + wait_before_retry(row.attempts + 1) + timedelta(seconds=1)
        await self._database.write(media.mark_again, row.id, due_at)

    async def _refuse(self, row: WaitingFile, reason: str, why: Text) -> None:
        log.info("file %s refused: %s", row.id, reason)
        await self._end(row, reason, lambda tx: tx.say(why))

    async def _end(self, row: WaitingFile, reason: str, then: Then) -> None:
        told = await self._database.write(_end_without, self._office, row, self._shown_again, reason, then)
        self._after(told, [])


def _note_stored(
    connection: sa.Connection, office: Office, media_id: str, checked: Checked, shown_again: Sequence[str]
) -> bool:
    """Note that a file is stored; False if its row is gone meanwhile."""
    outbox.date_waiting(connection, shown_again, media_id, office.clock())
    return media.mark_stored(connection, media_id, checked.kind, checked.mime, len(checked.content))


def _end_without(
    connection: sa.Connection, office: Office, row: WaitingFile, shown_again: Sequence[str], reason: str, then: Then
) -> list[Sending]:
    """Note that there will be no file, and do what follows, with the words to the person."""
    if not media.mark_refused(connection, row.id, reason):
        return []
    outbox.date_waiting(connection, shown_again, row.id, office.clock())
    reach = next(iter(contacts.list_reaches(connection, row.contact_id)), None)
    person = contacts.find_person(connection, reach.channel, reach.address) if reach else None
    if person is None:
        return []
    tx = Tx(connection, office, office.clock(), person, office.voices.of(person.language))
    then(tx)
    tx.flush()
    return tx.sendings

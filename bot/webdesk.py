"""What the page's endpoints need of the rest of the program: history, waiting, and files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.app import now_utc
from bot.channels.web import NAME, WebChannel
from bot.webchat import MOST_LINES, ChatLine
from flows.text import N_
from handlers.attachments import list_attachments
from handlers.media import MediaStore, Refused, check, new_id
from handlers.messages import Incoming, load_outgoing
from storage import contacts, history, media
from storage.db import Database

_PLACES = 1024  # lines within one millisecond
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Desk:
    """Implements the page's WebDesk over the database; opened once that is there."""

    def __init__(self, store: MediaStore, channel: WebChannel, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        self._store, self._channel, self._receive = store, channel, receive
        self._database: Database | None = None
        self._checking = asyncio.Semaphore(1)  # a large photo takes 100 MB while it is looked at

    def open(self, database: Database) -> None:
        """Begin to answer."""
        self._database = database

    @property
    def _opened(self) -> Database:
        if self._database is None:
            raise RuntimeError("a page asked before the server was ready")
        return self._database

    async def receive(self, incoming: Incoming) -> None:
        await self._receive(incoming)

    async def history(self, address: str, after: int) -> list[ChatLine]:
        since = _EPOCH + (after // _PLACES) * _MILLISECOND
        async with self._opened.read() as connection:
            heard = (await connection.execute(history.said_by(NAME, address, since, MOST_LINES))).all()
            said = (await connection.execute(history.said_to(NAME, address, since, MOST_LINES))).all()
        rows = [(at, 0, "", message_id, body) for message_id, at, body in heard]
        rows += [(at, 1, f"{number:020d}", "", payload) for number, at, payload in said]
        lines: list[ChatLine] = []
        for at, kind, _, message_id, stored in sorted(rows):
            number = (at - _EPOCH) // _MILLISECOND * _PLACES
            if lines and number <= lines[-1].number:
                number = lines[-1].number + 1
            lines.append(_own(number, at, message_id, stored) if kind == 0 else self._bots(number, at, stored))
        return [line for line in lines if line.number > after][-MOST_LINES:]

    async def wait(self, address: str, after: int, seconds: float) -> None:
        with self._channel.listen(address) as bell:
            if not await self.history(address, after):
                await bell.wait(seconds)

    async def store_photo(self, content: bytes, mime: str, address: str) -> str:
        async with self._checking:
            checked = await asyncio.to_thread(check, content, mime)
            if checked.kind != "photo":
                raise Refused("wrong_type", N_("Please send a photo."))
            media_id = new_id()
            await asyncio.to_thread(self._store.write, media_id, checked)
        await self._opened.write(_note, address, media_id, checked.kind, checked.mime, len(checked.content))
        return media_id

    async def read_media(self, media_id: str, address: str) -> tuple[bytes, str] | None:
        async with self._opened.read() as connection:
            mime = (await connection.execute(history.seen_file(NAME, address, media_id))).scalar()
        path = self._store.find(media_id)
        if mime is None or path is None:
            return None
        return await asyncio.to_thread(path.read_bytes), mime

    def _bots(self, number: int, at: datetime, stored: str) -> ChatLine:
        message = load_outgoing(stored)
        buttons = tuple((button.label, button.data) for button in message.buttons)
        attached = list_attachments(message, self._store.find) if message.media else []
        files = tuple((file.id, file.name) for file in attached)
        return ChatLine(number, False, message.text, buttons, message.ask, files, at)


def _own(number: int, at: datetime, message_id: str, stored: str) -> ChatLine:
    body = json.loads(stored)
    photos = tuple((media_id, "") for media_id in body["media"])
    return ChatLine(number, True, body["text"], (), None, photos, at, message_id.rpartition(":")[2])


def _note(connection: sa.Connection, address: str, media_id: str, kind: str, mime: str, size: int) -> None:
    """Note a checked file; somebody who only ever sent a photo is a contact too."""
    now = now_utc()
    contacts.lock_address(connection, NAME, address)
    person = contacts.find_person(connection, NAME, address) or contacts.add_person(
        connection, NAME, address, None, now
    )
    media.add_stored(connection, media_id, person.contact_id, NAME, kind, mime, size, now)

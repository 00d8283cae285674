"""`rewang talk`: a conversation in the terminal, line by line, also from a pipe."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import sqlalchemy as sa

from bot.app import App, now_utc, open_app, open_store
from bot.channels.terminal import NAME, TerminalChannel
from bot.config import Settings
from bot.sample import make_volunteer
from handlers.media import Refused, check, new_id
from handlers.messages import Incoming, IncomingMedia
from handlers.people import add_staff
from storage import contacts, media

HELP = ":photo FILE sends a photo, :location LAT,LON a location; an empty line or Ctrl-D ends."


async def talk(settings: Settings, name: str, role: str | None, language: str | None) -> None:
    """Talk as somebody until the input ends."""
    store = open_store(settings)
    channel = TerminalChannel(lambda text: print(text + "\n", flush=True), store.find)
    async with open_app(settings, {NAME: channel}, store) as app:
        if role is not None or language is not None:
            await app.database.write(_introduce, name, role or "villager", language or "id")
        if sys.stdin.isatty():
            print(HELP)
        async for line in _lines():
            try:
                incoming = await _incoming(app, name, line)
            except (Refused, OSError, ValueError) as error:
                why = app.office.voices.of("id").say(error.why) if isinstance(error, Refused) else str(error)
                print(why + "\n", flush=True)
                continue
            await app.inbox.receive(incoming)
            while not app.outbox.idle():
                await asyncio.sleep(0.005)


async def _lines() -> AsyncIterator[str]:
    tty = sys.stdin.isatty()
    while True:
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line or (tty and not line.strip()):
            return
        if line.strip():
            if not tty:
                print(f"> {line.rstrip()}", flush=True)
            yield line.strip()


async def _incoming(app: App, name: str, line: str) -> Incoming:
    message_id, now = uuid.uuid4().hex, now_utc()
    command, _, argument = line.partition(" ")
    if command == ":photo":
        path = Path(argument.strip())
        checked = await asyncio.to_thread(lambda: check(path.read_bytes(), "image/jpeg"))
        media_id = new_id()
        await asyncio.to_thread(app.store.write, media_id, checked)
        await app.database.write(_note_file, name, media_id, checked.kind, checked.mime, len(checked.content))
        item = IncomingMedia("photo", "", checked.mime, len(checked.content), media_id)
        return Incoming(NAME, message_id, name, now, media=(item,))
    if command == ":location":
        latitude, longitude = (float(part) for part in argument.split(","))
        return Incoming(NAME, message_id, name, now, location=(latitude, longitude))
    return Incoming(NAME, message_id, name, now, text=line)


def _note_file(connection: sa.Connection, name: str, media_id: str, kind: str, mime: str, size: int) -> None:
    now = now_utc()
    person = contacts.find_person(connection, NAME, name) or contacts.add_person(connection, NAME, name, None, now)
    media.add_stored(connection, media_id, person.contact_id, NAME, kind, mime, size, now)


def _introduce(connection: sa.Connection, name: str, role: str, language: str) -> None:
    """Skip the first contact: somebody who is known already, with their language and role."""
    now = now_utc()
    if role == "staff":
        contact_id = add_staff(connection, NAME, name, name, "admin", None, now)
    else:
        person = contacts.find_person(connection, NAME, name) or contacts.add_person(connection, NAME, name, None, now)
        contact_id = person.contact_id
        if not person.consent:
            contacts.add_consent(connection, contact_id, "talk", NAME, given=True, at=now)
        if role == "volunteer":
            make_volunteer(connection, contact_id, name, "35.05.01.2001", now)
    contacts.change_contact(connection, contact_id, language=language)

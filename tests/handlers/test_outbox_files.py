"""A message with photos leaves when they are there, and with just those that can be sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from handlers.messages import Outgoing, Sending, dump_outgoing
from storage import contacts, media
from storage import outbox as rows
from storage.db import Database
from tests.handlers.test_outbox import Post, make_post, until

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FIRST, SECOND, VOICE = "a" * 20, "b" * 20, "c" * 20


def _add(connection: sa.Connection, text: str, *files: str) -> Sending:
    person = contacts.find_person(connection, "telegram", "dewi") or contacts.add_person(
        connection, "telegram", "dewi", None, NOW
    )
    message = Outgoing(text, media=files)
    row = rows.add(
        connection,
        person.contact_id,
        "telegram",
        "dewi",
        rows.PUSH,
        dump_outgoing(message),
        NOW,
        NOW + timedelta(hours=1),
    )
    return Sending(row, "telegram", "dewi", person.contact_id, rows.PUSH, 1, message)


def _note(connection: sa.Connection, media_id: str, kind: str) -> None:
    person = contacts.add_person(connection, "telegram", media_id, None, NOW)
    media.add_waiting(connection, media_id, person.contact_id, "telegram", "vendor", kind, "image/jpeg", 10, NOW)


async def _sends(post: Post, text: str, *files: str) -> None:
    post.sender.take(await post.database.write(_add, text, *files))


async def test_a_photo_on_its_way_is_waited_for(database: Database) -> None:
    post = make_post(database)
    await database.write(_note, FIRST, "photo")
    async with post.running():
        await _sends(post, "ini fotonya", FIRST)
        await until(lambda: any(held.attempts == 2 for held in post.sender._held.values()))
        assert post.channel.tries == []
        await database.write(media.mark_stored, FIRST, "photo", "image/jpeg", 10)
        await post.time.pass_by(3)
        assert await post.states() == [("sent", None)]


async def test_what_was_refused_or_is_no_photo_is_left_out(database: Database) -> None:
    post = make_post(database)
    for media_id, kind in ((FIRST, "photo"), (SECOND, "photo"), (VOICE, "voice")):
        await database.write(_note, media_id, kind)
    await database.write(media.mark_stored, FIRST, "photo", "image/jpeg", 10)
    await database.write(media.mark_refused, SECOND, "broken")
    await database.write(media.mark_stored, VOICE, "voice", "audio/ogg", 10)
    sent: list[tuple[str, ...]] = []
    send = post.channel.send

    async def keep(sending: Sending) -> str | None:
        sent.append(sending.message.media)
        return await send(sending)

    post.channel.send = keep  # type: ignore[method-assign]  # to see what the vendor would get
    async with post.running():
        await _sends(post, "ini fotonya", FIRST, SECOND, VOICE)
        await _sends(post, "", SECOND)
        assert await post.states() == [("sent", None), ("skipped", "no_files")]
    assert sent == [(FIRST,)]

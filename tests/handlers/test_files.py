"""Files that vendors hold: fetched, checked, stored; refused in words; and gone with their sender."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from handlers.files import LOST, Files
from handlers.media import MediaStore
from handlers.messages import Ability, ChannelError, ChannelRefused, Fetched, Sending
from storage import media
from storage.db import Database
from tests.talk import VOICES
from tests.world import PHOTO, World


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(written, "JPEG")
    return written.getvalue()


class Vendor:
    """A channel whose ``fetch`` gives what the test says."""

    name = "telegram"
    ability = Ability(1000, 4)

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self._answer = answer

    async def send(self, sending: Sending) -> str | None:
        raise ChannelRefused("not_here")

    async def fetch(self, ref: str) -> Fetched:
        assert ref == PHOTO.ref
        return Fetched(self._answer(), "image/jpeg")

    async def close(self) -> None: ...


async def fetches(
    database: Database, folder: Path, answer: Callable[[], bytes]
) -> tuple[World, list[Path], list[Sending]]:
    """Let Sri send a photo and fetch what waits once; returns the files kept and what was said for it."""
    world = World(database.engine)
    world.arrives("sri")
    world.says("sri", media=(PHOTO,))
    told: list[Sending] = []
    files = Files(
        {"telegram": Vendor(answer)}, database, MediaStore(folder), world.office, lambda sent, _: told.extend(sent)
    )
    for row in await database.write(media.list_waiting, "telegram", world.office.clock(), 10):
        await files._bring(row)
    return world, [path for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".db"], told


async def test_a_photo_is_fetched_checked_and_stored(database: Database, tmp_path: Path) -> None:
    world, kept, told = await fetches(database, tmp_path / "media", jpeg)
    assert world.value("SELECT state FROM media") == "stored"
    assert [path.stem for path in kept] == [world.value("SELECT id FROM media")]
    assert told == []


async def test_what_is_no_photo_is_refused_in_words(database: Database, tmp_path: Path) -> None:
    world, kept, told = await fetches(database, tmp_path / "media", lambda: b"PK\x03\x04 a program")
    assert tuple(world.rows("SELECT state, reason FROM media")[0]) == ("refused", "content")
    assert kept == []
    assert [sending.address for sending in told] == ["sri"]
    assert told[0].message.text


async def test_a_file_that_cannot_be_had_now_is_tried_again_later(database: Database, tmp_path: Path) -> None:
    def down() -> bytes:
        raise ChannelError("down")

    world, _, told = await fetches(database, tmp_path / "media", down)
    state, attempts, wait = world.rows("SELECT state, attempts, due_at - created_at FROM media")[0]
    assert (state, attempts, told) == ("waiting", 1, [])
    assert wait >= 1_000_000


async def test_a_file_that_is_gone_is_asked_for_again(database: Database, tmp_path: Path) -> None:
    def gone() -> bytes:
        raise ChannelRefused("file_gone")

    world, _, told = await fetches(database, tmp_path / "media", gone)
    assert world.value("SELECT reason FROM media") == "file_gone"
    assert [sending.message.text for sending in told] == [VOICES.of("id").say(LOST)]


async def test_a_file_whose_sender_was_erased_meanwhile_is_not_kept(database: Database, tmp_path: Path) -> None:
    def erased() -> bytes:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM media")
        return jpeg()

    _, kept, told = await fetches(database, tmp_path / "media", erased)
    assert (kept, told) == ([], [])

"""The composition root: puts settings, storage, content, channels and senders together, and takes them apart again."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bot.config import Settings
from flows.content import SERVICES, Content
from flows.lesson_content import LESSONS
from flows.registry import LESSON, REQUEST, Registry, load_registry
from handlers import broadcast_desk, broadcast_table, certificate, recap_files, recap_lesson_files
from handlers.files import Files
from handlers.inbox import Inbox
from handlers.media import MediaStore
from handlers.messages import Ability, Channel, Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.render import load_voices
from storage import conversations
from storage.db import Database
from storage.migrate import migrate

log = logging.getLogger("rewang.app")


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, for the web server and the commands to use."""

    settings: Settings
    database: Database
    office: Office
    store: MediaStore
    inbox: Inbox
    outbox: Outbox
    files: Files
    channels: Mapping[str, Channel]


def now_utc() -> datetime:
    """Tell the time: the one clock of the process."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_app(settings: Settings, channels: Mapping[str, Channel], store: MediaStore) -> AsyncIterator[App]:
    """Open the database, read the content, and run the senders while the block runs.

    Raises:
        flows.content.ContentError: a content file is not right.
        sqlalchemy.exc.SQLAlchemyError: the database cannot be opened or brought up to date.
    """
    await asyncio.to_thread(migrate, settings.database_url)
    registry = load_registry()
    abilities = {name: channel.ability for name, channel in channels.items()}
    office = make_office(settings, registry, abilities)
    database = Database(settings.database_url)
    try:
        await database.write(_keep_contents, registry)
        outbox = Outbox(channels, database, office)
        app = _wire(settings, database, office, store, outbox, channels)
        tasks = [asyncio.create_task(app.outbox.run()), asyncio.create_task(app.files.run())]
        for task in tasks:
            task.add_done_callback(_end_with)
        try:
            yield app
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for channel in channels.values():
                await channel.close()
    finally:
        await database.close()


def make_office(settings: Settings, registry: Registry, abilities: Mapping[str, Ability]) -> Office:
    """Put together what the use-cases need."""
    return Office(
        registry, load_voices(settings.zone), abilities, settings.zone, settings.hours, settings.quiet, settings.window,
        settings.programme, settings.telegram_name.removeprefix("@"), settings.demo, now_utc,
    )  # fmt: skip


def _end_with(task: asyncio.Task[None]) -> None:
    """End the process when a sender ends: what supervises it starts it again, and nothing waits unsent meanwhile."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("a sender ended: %s", type(error).__name__)
        signal.raise_signal(signal.SIGTERM)


def _wire(
    settings: Settings,
    database: Database,
    office: Office,
    store: MediaStore,
    outbox: Outbox,
    channels: Mapping[str, Channel],
) -> App:
    def after(sendings: list[Sending], removed: list[str]) -> None:
        outbox.take(sendings)
        for media_id in removed:
            store.remove(media_id)
        files.wake()

    makers = {
        **recap_files.makers(database, office),
        **recap_lesson_files.makers(database, office),
        **certificate.makers(database, office),
        **broadcast_desk.makers(database, office),
        **broadcast_table.makers(database, office),
    }
    files = Files(channels, database, store, office, after, makers)
    inbox = Inbox(database, office, after, outbox.wake)
    return App(settings, database, office, store, inbox, outbox, files, channels)


def _keep_contents(connection: sa.Connection, registry: Registry) -> None:
    """Keep today's sources, so that conversations begun with them can end with them after a change."""
    kinds: tuple[tuple[str, Path, Mapping[str, Content]], ...] = (
        (REQUEST, SERVICES, registry.services),
        (LESSON, LESSONS, registry.lessons),
    )
    for kind, folder, contents in kinds:
        for content in contents.values():
            source = (folder / f"{content.id}.yaml").read_text("utf-8")
            conversations.keep_content(connection, content.digest, f"{kind}{content.id}", source)


def open_store(settings: Settings) -> MediaStore:
    """Open the folder for files."""
    return MediaStore(Path(settings.data_dir) / "media")

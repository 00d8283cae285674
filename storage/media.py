"""Files people sent: noted in the turn, fetched and checked after its commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import media

MADE = "made"  # the channel of files that the program makes itself


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that is still to be fetched from its vendor."""

    id: str
    contact_id: int
    channel: str
    vendor_ref: str
    mime: str
    attempts: int


def add_waiting(
    connection: sa.Connection,
    media_id: str,
    contact_id: int,
    channel: str,
    ref: str,
    kind: str,
    mime: str,
    size: int | None,
    now: datetime,
) -> None:
    """Note a file that the vendor holds."""
    connection.execute(
        sa.insert(media).values(
            id=media_id, contact_id=contact_id, channel=channel, vendor_ref=ref, kind=kind, mime=mime[:80], size_bytes=size,
            state="waiting", due_at=now, created_at=now,
        )
    )  # fmt: skip


def add_stored(
    connection: sa.Connection,
    media_id: str,
    contact_id: int,
    channel: str,
    kind: str,
    mime: str,
    size: int,
    now: datetime,
) -> None:
    """Note a file that is checked and stored already."""
    connection.execute(
        sa.insert(media).values(
            id=media_id, contact_id=contact_id, channel=channel, kind=kind, mime=mime, size_bytes=size, state="stored",
            due_at=now, created_at=now,
        )
    )  # fmt: skip


def list_waiting(connection: sa.Connection, channel: str, now: datetime, most: int) -> list[WaitingFile]:
    """List files of a channel that are due to be fetched, the oldest first."""
    query = (
        sa.select(media.c.id, media.c.contact_id, media.c.channel, media.c.vendor_ref, media.c.mime, media.c.attempts)
        .where(media.c.channel == channel, media.c.state == "waiting", media.c.due_at <= now)
        .order_by(media.c.due_at)
        .limit(most)
    )
    return [WaitingFile(*row) for row in connection.execute(query)]


def mark_stored(connection: sa.Connection, media_id: str, kind: str, mime: str, size: int) -> bool:
    """Note that a file is stored; False if its row is gone meanwhile, because its sender was erased."""
    changed = connection.execute(
        sa.update(media)
        .where(media.c.id == media_id)
        .values(state="stored", kind=kind, mime=mime, size_bytes=size, vendor_ref=None)
    )
    return changed.rowcount == 1


def mark_refused(connection: sa.Connection, media_id: str, reason: str) -> bool:
    """Note that a file was not taken, and why; False if it waits no more, since another process has seen to it."""
    changed = connection.execute(
        sa.update(media)
        .where(media.c.id == media_id, media.c.state == "waiting")
        .values(state="refused", reason=reason[:200], vendor_ref=None)
    )
    return changed.rowcount == 1


def mark_again(connection: sa.Connection, media_id: str, due_at: datetime) -> None:
    """Fetch a file again later."""
    connection.execute(
        sa.update(media).where(media.c.id == media_id).values(due_at=due_at, attempts=media.c.attempts + 1)
    )


def list_states(connection: sa.Connection, media_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give the state and kind of files, by id."""
    query = sa.select(media.c.id, media.c.state, media.c.kind).where(media.c.id.in_(media_ids))
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def remove_made(connection: sa.Connection, before: datetime | None = None) -> list[str]:
    """Delete the rows of files the program made, all or those from before a time; returns their ids: the files go too.

    They are copies that name people, and can be made again.
    """
    old = sa.true() if before is None else media.c.created_at < before
    removed = sa.delete(media).where(media.c.channel == MADE, media.c.state == "stored", old).returning(media.c.id)
    return list(connection.execute(removed).scalars())

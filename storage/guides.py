"""Guides of the office for its volunteers: the library, to whom each went, and how far it came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.guide_threads import COUNT_OPEN
from storage.tables import guide_questions, guide_readers, guides, outbox, volunteers


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as it was published; ``media`` are our ids of files."""

    id: int
    title: str
    body: str
    url: str | None
    media: tuple[str, ...]
    published_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A guide in the office's list, with how many questions about it wait for an answer."""

    id: int
    title: str
    withdrawn: bool
    open: int


# How far a guide came with a reader. Each is in one state alone, so that the states add up to all readers; "library" are
# those it was not sent to who have opened it by themselves.
_STATE = sa.case(
    (sa.and_(guide_readers.c.outbox_id.is_(None), guide_readers.c.opened_at.is_(None)), "not_written"),
    (guide_readers.c.outbox_id.is_(None), "library"),
    (outbox.c.state.in_(("queued", "claimed")), "waiting"),
    else_=outbox.c.state,
)
_READERS = guide_readers.outerjoin(outbox, outbox.c.id == guide_readers.c.outbox_id)


def add_guide(
    connection: sa.Connection,
    *,
    title: str,
    body: str,
    url: str | None,
    media: Sequence[str],
    search: str,
    author_id: int,
    now: datetime,
) -> int:
    """Add a guide and return its id; ``search`` is its text in the spellings that are searched."""
    added = connection.execute(
        sa.insert(guides)
        .values(
            title=title, body=body, url=url, media=json.dumps(list(media)) if media else None, search=search,
            author_id=author_id, published_at=now,
        )
        .returning(guides.c.id)
    )  # fmt: skip
    return int(added.scalar_one())


def find_guide(connection: sa.Connection, guide_id: int) -> Guide | None:
    """Find a guide, withdrawn or not."""
    columns = (guides.c[name] for name in ("id", "title", "body", "url", "media", "published_at", "withdrawn_at"))
    row = connection.execute(sa.select(*columns).where(guides.c.id == guide_id)).first()
    if row is None:
        return None
    media = tuple(json.loads(row.media)) if row.media else ()
    return Guide(row.id, row.title, row.body, row.url, media, row.published_at, row.withdrawn_at)


def list_library(connection: sa.Connection, most: int, words: Sequence[tuple[str, ...]] = ()) -> list[tuple[int, str]]:
    """List id and title of guides that are not withdrawn, the newest first.

    Args:
        connection: the database.
        most: how many at most.
        words: only guides that have all of these; each is given in its spellings, of which one is enough.
    """
    has_all = (sa.or_(*(guides.c.search.contains(word, autoescape=True) for word in spellings)) for spellings in words)
    query = sa.select(guides.c.id, guides.c.title).where(guides.c.withdrawn_at.is_(None), *has_all)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(guides.c.id.desc()).limit(most))]


def count_library(connection: sa.Connection) -> int:
    """Count the guides that are not withdrawn."""
    query = sa.select(sa.func.count()).select_from(guides).where(guides.c.withdrawn_at.is_(None))
    return int(connection.execute(query).scalar_one())


def list_for_office(connection: sa.Connection, most: int) -> list[Listed]:
    """List guides, withdrawn ones too: those with open questions first, then the newest."""
    waiting = sa.select(COUNT_OPEN).where(guide_questions.c.guide_id == guides.c.id).scalar_subquery()
    query = sa.select(guides.c.id, guides.c.title, guides.c.withdrawn_at.is_not(None), waiting)
    query = query.order_by(sa.case((waiting > 0, 0), else_=1), guides.c.id.desc())
    return [Listed(row[0], row[1], bool(row[2]), int(row[3])) for row in connection.execute(query.limit(most))]


def withdraw(connection: sa.Connection, guide: Guide, now: datetime) -> bool:
    """Take a guide out of the library and leave unsent what still waits; False if it was withdrawn before."""
    changed = connection.execute(
        sa.update(guides).where(guides.c.id == guide.id, guides.c.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    written_to = sa.select(guide_readers.c.contact_id).where(
        guide_readers.c.guide_id == guide.id, guide_readers.c.outbox_id.is_not(None)
    )
    # By time, since a long guide leaves in several rows and only the last one is known.
    connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.contact_id.in_(written_to),
            outbox.c.created_at == guide.published_at,
            outbox.c.state == "queued",
        )
        .values(state="skipped", reason="withdrawn")
    )
    return changed.rowcount == 1


def list_recipients(connection: sa.Connection) -> list[int]:
    """List the contacts of all active volunteers."""
    query = sa.select(volunteers.c.contact_id).where(volunteers.c.state == "active")
    return list(connection.execute(query.order_by(volunteers.c.contact_id)).scalars())


def add_readers(connection: sa.Connection, guide_id: int, rows: Sequence[tuple[int, int | None]]) -> None:
    """Note to whom a guide was sent: contact, and the outbox row; None where nothing could be written."""
    if rows:
        connection.execute(
            sa.insert(guide_readers),
            [{"guide_id": guide_id, "contact_id": contact, "outbox_id": row} for contact, row in rows],
        )


def note_opened(connection: sa.Connection, guide_id: int, contact_id: int, now: datetime) -> None:
    """Note that a reader has asked for a guide; the first time counts."""
    _note(connection, guide_id, contact_id, "opened_at", now)


def note_confirmed(connection: sa.Connection, guide_id: int, contact_id: int, now: datetime) -> None:
    """Note that a reader says that they have read a guide; the first time counts."""
    _note(connection, guide_id, contact_id, "confirmed_at", now)


def _note(connection: sa.Connection, guide_id: int, contact_id: int, column: str, now: datetime) -> None:
    mine = sa.and_(guide_readers.c.guide_id == guide_id, guide_readers.c.contact_id == contact_id)
    if connection.execute(sa.select(guide_readers.c.guide_id).where(mine)).first() is None:
        connection.execute(sa.insert(guide_readers).values(guide_id=guide_id, contact_id=contact_id))
    connection.execute(sa.update(guide_readers).where(mine, guide_readers.c[column].is_(None)).values(**{column: now}))


def has_confirmed(connection: sa.Connection, guide_id: int, contact_id: int) -> bool:
    """Tell whether a reader has said that they have read a guide."""
    query = sa.select(guide_readers.c.confirmed_at).where(
        guide_readers.c.guide_id == guide_id, guide_readers.c.contact_id == contact_id
    )
    return connection.execute(query).scalar() is not None


def count_readers(connection: sa.Connection, guide_id: int) -> dict[str, int]:
    """Count the readers of a guide by state; besides, how many have ``opened`` and ``confirmed`` it."""
    state = _STATE.label("state")
    query = sa.select(state, sa.func.count()).select_from(_READERS).where(guide_readers.c.guide_id == guide_id)
    found = {str(row[0]): int(row[1]) for row in connection.execute(query.group_by(state))}
    noted = sa.select(sa.func.count(guide_readers.c.opened_at), sa.func.count(guide_readers.c.confirmed_at))
    opened, confirmed = connection.execute(noted.where(guide_readers.c.guide_id == guide_id)).one()
    return {**found, "opened": int(opened), "confirmed": int(confirmed)}


def list_names(connection: sa.Connection, guide_id: int, state: str, most: int) -> list[str]:
    """List the names of a guide's readers in a state, or of those who have opened or confirmed it."""
    which = {
        "opened": guide_readers.c.opened_at.is_not(None), "confirmed": guide_readers.c.confirmed_at.is_not(None)
    }.get(state, _STATE.in_((state,)))  # fmt: skip
    query = (
        sa.select(volunteers.c.name)
        .select_from(_READERS.join(volunteers, volunteers.c.contact_id == guide_readers.c.contact_id))
        .where(guide_readers.c.guide_id == guide_id, which)
        .order_by(sa.func.lower(volunteers.c.name), volunteers.c.contact_id)
    )
    return list(connection.execute(query.limit(most)).scalars())


def list_files_of(connection: sa.Connection, author_id: int) -> list[str]:
    """List the files of all guides somebody has published: they are the office's and outlast their sender's erasure."""
    query = sa.select(guides.c.media).where(guides.c.author_id == author_id, guides.c.media.is_not(None))
    return [file for media in connection.execute(query).scalars() for file in json.loads(str(media))]


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Remove a contact's threads and readings; guides and answers they wrote for the office stand without them."""
    connection.execute(sa.delete(guide_readers).where(guide_readers.c.contact_id == contact_id))
    connection.execute(sa.delete(guide_questions).where(guide_questions.c.contact_id == contact_id))
    for table in (guides, guide_questions):
        connection.execute(sa.update(table).where(table.c.author_id == contact_id).values(author_id=None))

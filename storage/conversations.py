"""Conversations: one open per contact, and parked ones as drafts. Journals are gone once applied or expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.contacts import OpenConversation
from storage.hot import Hot
from storage.tables import contents, conversations


class Conflict(Exception):  # noqa: N818
    """Another turn of the same contact came in between; the turn is run again from the start."""


_ADD = Hot(
    sa.insert(conversations)
    .values(
        contact_id=sa.bindparam("contact_id"), flow=sa.bindparam("flow"), version=sa.bindparam("version"),
        facts=sa.bindparam("facts"), journal=sa.bindparam("journal"), shown=sa.bindparam("shown"), turn=1,
        updated_at=sa.bindparam("at"),
    )
    .returning(conversations.c.id)
)  # fmt: skip
_ADVANCE = Hot(
    sa.update(conversations)
    .where(conversations.c.id == sa.bindparam("b_id"), conversations.c.turn == sa.bindparam("b_turn"))
    .values(
        journal=sa.bindparam("journal"),
        shown=sa.bindparam("shown"),
        turn=conversations.c.turn + 1,
        updated_at=sa.bindparam("at"),
    )
)
_REMOVE = Hot(sa.delete(conversations).where(conversations.c.id == sa.bindparam("b_id")))
_COLUMNS = [conversations.c[name] for name in ("id", "flow", "version", "facts", "journal", "shown", "turn")]


def open_conversation(
    connection: sa.Connection,
    contact_id: int,
    flow: str,
    version: str,
    facts: str,
    journal: str,
    shown: str,
    at: datetime,
) -> int:
    """Open a conversation; the contact must have none open."""
    row = _ADD.first(
        connection,
        {
            "contact_id": contact_id, "flow": flow, "version": version, "facts": facts, "journal": journal,
            "shown": shown, "at": at,
        },
    )  # fmt: skip
    return int(row[0]) if row else 0


def advance(connection: sa.Connection, conversation_id: int, turn: int, journal: str, shown: str, at: datetime) -> None:
    """Store the next turn of a conversation.

    Raises:
        Conflict: the conversation has moved on since ``turn`` was read.
    """
    done = _ADVANCE.run(
        connection, {"b_id": conversation_id, "b_turn": turn, "journal": journal, "shown": shown, "at": at}
    )
    if done != 1:
        raise Conflict(f"conversation {conversation_id} is not at turn {turn} any more")


def remove(connection: sa.Connection, conversation_id: int) -> None:
    """Delete a conversation with its journal."""
    _REMOVE.run(connection, {"b_id": conversation_id})


def list_open(connection: sa.Connection, contact_id: int, flow: str) -> list[tuple[int, str]]:
    """List the open conversation of a contact in a flow, if there is one: id and facts. One that is being answered is left out."""
    rows = connection.execute(
        sa.select(conversations.c.id, conversations.c.facts)
        .where(conversations.c.contact_id == contact_id, conversations.c.flow == flow, sa.not_(conversations.c.parked))
        .with_for_update(skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]


def park(connection: sa.Connection, conversation_id: int, at: datetime) -> None:
    """Put an open conversation aside as a draft."""
    connection.execute(
        sa.update(conversations).where(conversations.c.id == conversation_id).values(parked=True, updated_at=at)
    )


def unpark(connection: sa.Connection, conversation_id: int, contact_id: int) -> OpenConversation | None:
    """Open a draft of this contact again; None if there is no such draft."""
    row = connection.execute(
        sa.update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.contact_id == contact_id, conversations.c.parked)
        .values(parked=False)
        .returning(*_COLUMNS)
    ).first()
    return OpenConversation(*row) if row else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A parked conversation."""

    id: int
    flow: str
    journal: str


def list_drafts(connection: sa.Connection, contact_id: int) -> list[Draft]:
    """List a contact's drafts, the newest first."""
    rows = connection.execute(
        sa.select(conversations.c.id, conversations.c.flow, conversations.c.journal)
        .where(conversations.c.contact_id == contact_id, conversations.c.parked)
        .order_by(conversations.c.updated_at.desc(), conversations.c.id.desc())
    )
    return [Draft(*row) for row in rows]


def remove_older(connection: sa.Connection, before: datetime) -> int:
    """Delete conversations and drafts not touched since; returns how many."""
    return connection.execute(sa.delete(conversations).where(conversations.c.updated_at < before)).rowcount


def keep_content(connection: sa.Connection, version: str, flow: str, source: str) -> None:
    """Keep the source of a content version, so that conversations begun with it can end with it."""
    connection.execute(
        sa.text(
            "INSERT INTO contents (version, flow, source) VALUES (:version, :flow, :source) ON CONFLICT DO NOTHING"
        ),
        {"version": version, "flow": flow, "source": source},
    )


def find_content(connection: sa.Connection, version: str) -> str | None:
    """Find the source of a content version."""
    return connection.execute(sa.select(contents.c.source).where(contents.c.version == version)).scalar()

"""What a contact does not want to be written to about: STOP is everything, a mute one topic."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.tables import contacts, mutes


def mute(connection: sa.Connection, contact_id: int, topic: str, now: datetime) -> None:
    """Note that a contact wants nothing of a topic any more."""
    if not connection.execute(_find(contact_id, topic)).first():
        connection.execute(sa.insert(mutes).values(contact_id=contact_id, topic=topic, at=now))


def unmute(connection: sa.Connection, contact_id: int, topic: str | None = None) -> None:
    """Note that a contact wants a topic again, or all of them."""
    which = sa.true() if topic is None else mutes.c.topic == topic
    connection.execute(sa.delete(mutes).where(mutes.c.contact_id == contact_id, which))


def wants(connection: sa.Connection, contact_id: int, topic: str) -> bool:
    """Tell whether a contact may be written to about a topic."""
    stopped = connection.execute(sa.select(contacts.c.stopped_at).where(contacts.c.id == contact_id)).scalar()
    return stopped is None and connection.execute(_find(contact_id, topic)).first() is None


def list_muted(connection: sa.Connection, contact_id: int) -> list[str]:
    """List the topics a contact has muted."""
    query = sa.select(mutes.c.topic).where(mutes.c.contact_id == contact_id).order_by(mutes.c.topic)
    return list(connection.execute(query).scalars())


def _find(contact_id: int, topic: str) -> sa.Select[tuple[str]]:
    return sa.select(mutes.c.topic).where(mutes.c.contact_id == contact_id, mutes.c.topic == topic)

"""Incoming messages: each is noted once, in the transaction that handles it, so that a repeat does nothing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.hot import Hot
from storage.tables import inbound

_ADD = Hot(
    sa.text(
        "INSERT INTO inbound (channel, message_id, received_at) VALUES (:channel, :message_id, :at)"
        " ON CONFLICT DO NOTHING"
    ).bindparams(sa.bindparam("at", type_=inbound.c.received_at.type))
)
_KEEP = (
    sa.update(inbound)
    .where(inbound.c.channel == sa.bindparam("b_channel"), inbound.c.message_id == sa.bindparam("b_message_id"))
    .values(contact_id=sa.bindparam("contact_id"), body=sa.bindparam("body"))
)


def is_new(connection: sa.Connection, channel: str, message_id: str, at: datetime) -> bool:
    """Note a message; False if it was noted before."""
    return _ADD.run(connection, {"channel": channel, "message_id": message_id, "at": at}) == 1


def keep_body(connection: sa.Connection, channel: str, message_id: str, contact_id: int, body: str) -> None:
    """Keep what a message said (masked), where the channel shows a history."""
    connection.execute(
        _KEEP, {"b_channel": channel, "b_message_id": message_id, "contact_id": contact_id, "body": body}
    )


def remove_older(connection: sa.Connection, before: datetime) -> int:
    """Delete notes of messages received before; vendors repeat for a day at most."""
    return connection.execute(sa.delete(inbound).where(inbound.c.received_at < before)).rowcount


def list_bodies(connection: sa.Connection, contact_id: int, since: datetime) -> list[str]:
    """List the kept bodies of a contact's messages, the oldest first."""
    query = (
        sa.select(inbound.c.body)
        .where(inbound.c.contact_id == contact_id, inbound.c.received_at >= since, inbound.c.body.is_not(None))
        .order_by(inbound.c.received_at, inbound.c.message_id)
    )
    return [body for body in connection.execute(query).scalars() if body is not None]

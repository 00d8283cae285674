"""What was reminded of: the fence that lets each reminder go out once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.tables import reminded

_ADD = sa.text(
    "INSERT INTO reminded (rule, contact_id, subject, fence, at) VALUES (:rule, :contact_id, :subject, :fence, :at)"
    " ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("at", type_=reminded.c.at.type))


def is_first(connection: sa.Connection, rule: str, contact_id: int, subject: int, fence: int, now: datetime) -> bool:
    """Note a reminder; False if it was noted before."""
    values = {"rule": rule, "contact_id": contact_id, "subject": subject, "fence": fence, "at": now}
    return connection.execute(_ADD, values).rowcount == 1


def remove_older(connection: sa.Connection, before: datetime) -> int:
    """Delete notes of reminders that went out before."""
    return connection.execute(sa.delete(reminded).where(reminded.c.at < before)).rowcount

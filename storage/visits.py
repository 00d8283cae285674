"""Visits of volunteers, as they were reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import visit_events, visits


@dataclass(frozen=True, slots=True)
class Visit:
    """A reported visit; ``answers`` are JSON by key, ``day`` is ISO; ``contact_id`` is None once its volunteer is erased."""

    id: int
    code: str
    contact_id: int | None
    kind: str
    village: str
    day: str
    people: int
    answers: str


_FIND = sa.select(
    visits.c.id, visits.c.code, visits.c.contact_id, visits.c.kind, visits.c.village, visits.c.day, visits.c.people,
    visits.c.answers,
)  # fmt: skip


def add_visit(
    connection: sa.Connection,
    *,
    code: str,
    contact_id: int,
    kind: str,
    village: str,
    day: str,
    people: int,
    answers: str,
    now: datetime,
) -> bool:
    """Add a visit; False if the code is taken (the caller tries another)."""
    if connection.execute(sa.select(visits.c.id).where(visits.c.code == code)).first():
        return False
    connection.execute(
        sa.insert(visits).values(
            code=code, contact_id=contact_id, kind=kind, village=village, day=day, people=people, answers=answers,
            created_at=now, updated_at=now,
        )
    )  # fmt: skip
    return True


def find_visit(connection: sa.Connection, code: str) -> Visit | None:
    """Find a visit by its code."""
    row = connection.execute(_FIND.where(visits.c.code == code)).first()
    return Visit(*row) if row else None


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Take a volunteer's words and name from their visits; kind, village, day and number of people stay."""
    mine = sa.select(visits.c.id).where(visits.c.contact_id == contact_id)
    connection.execute(sa.update(visit_events).where(visit_events.c.visit_id.in_(mine)).values(answers=None, note=None))
    connection.execute(sa.update(visit_events).where(visit_events.c.actor_id == contact_id).values(actor_id=None))
    connection.execute(
        sa.update(visits).where(visits.c.contact_id == contact_id).values(contact_id=None, answers="{}", digest=None)
    )

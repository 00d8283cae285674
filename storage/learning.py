"""What people have learned, and how lessons go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import certificates, contacts, learned

_START = sa.text(
    "INSERT INTO learned (contact_id, lesson, started_at) VALUES (:contact_id, :lesson, :at) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("at", type_=learned.c.started_at.type))
_COUNT = sa.text(
    "INSERT INTO lesson_counts (lesson, village, month, started, finished, answers_right, answers_wrong)"
    " VALUES (:lesson, :village, :month, :started, :finished, :right, :wrong)"
    " ON CONFLICT (lesson, village, month) DO UPDATE SET started = lesson_counts.started + :started,"
    " finished = lesson_counts.finished + :finished, answers_right = lesson_counts.answers_right + :right,"
    " answers_wrong = lesson_counts.answers_wrong + :wrong"
)


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson that a person has begun; ``due_on`` (ISO) is when its question is asked again."""

    lesson: str
    started_at: datetime
    finished_at: datetime | None
    box: int
    due_on: str | None


_FIND = sa.select(*(learned.c[name] for name in Learned.__dataclass_fields__))


def start(connection: sa.Connection, contact_id: int, lesson: str, now: datetime) -> bool:
    """Note that a person has begun a lesson; False if they had begun it before."""
    return connection.execute(_START, {"contact_id": contact_id, "lesson": lesson, "at": now}).rowcount == 1


def find(connection: sa.Connection, contact_id: int, lesson: str) -> Learned | None:
    """Find how far a person is with a lesson."""
    row = connection.execute(_FIND.where(learned.c.contact_id == contact_id, learned.c.lesson == lesson)).first()
    return Learned(*row) if row else None


def list_learned(connection: sa.Connection, contact_id: int) -> list[Learned]:
    """List the lessons a person has begun, the first first."""
    query = _FIND.where(learned.c.contact_id == contact_id).order_by(learned.c.started_at, learned.c.lesson)
    return [Learned(*row) for row in connection.execute(query)]


def note_answer(
    connection: sa.Connection, contact_id: int, lesson: str, box: int, due_on: str | None, now: datetime
) -> None:
    """Note that a question was answered, and when it is asked again."""
    finished = sa.func.coalesce(learned.c.finished_at, sa.bindparam("now", now, type_=learned.c.finished_at.type))
    connection.execute(
        sa.update(learned)
        .where(learned.c.contact_id == contact_id, learned.c.lesson == lesson)
        .values(box=box, due_on=due_on, finished_at=finished)
    )


def count(
    connection: sa.Connection,
    lesson: str,
    village: str,
    month: str,
    *,
    started: int = 0,
    finished: int = 0,
    right: int = 0,
    wrong: int = 0,
) -> None:
    """Add to the figures of a lesson in a village and month (YYYY-MM)."""
    connection.execute(
        _COUNT,
        {
            "lesson": lesson, "village": village, "month": month, "started": started, "finished": finished,
            "right": right, "wrong": wrong,
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """A finished pillar: whose, and since when."""

    code: str
    pillar: str
    name: str
    at: datetime


_CERTIFICATE = sa.select(certificates.c.code, certificates.c.pillar, certificates.c.name, certificates.c.at)


def select_certificate(code: str) -> sa.Select[str, str, str, datetime, str]:
    """Select a certificate by its code, with its holder's language."""
    return (
        _CERTIFICATE.add_columns(contacts.c.language)
        .join(contacts, contacts.c.id == certificates.c.contact_id)
        .where(certificates.c.code == code)
    )


def add_certificate(
    connection: sa.Connection, code: str, contact_id: int, pillar: str, name: str, now: datetime
) -> bool:
    """Keep a certificate; False if the code is taken."""
    if connection.execute(sa.select(certificates.c.code).where(certificates.c.code == code)).first():
        return False
    connection.execute(
        sa.insert(certificates).values(code=code, contact_id=contact_id, pillar=pillar, name=name, at=now)
    )
    return True


def find_certificate(
    connection: sa.Connection, *, code: str | None = None, contact_id: int | None = None, pillar: str | None = None
) -> Certificate | None:
    """Find a certificate by its code, or a person's for a pillar."""
    mine = sa.and_(certificates.c.contact_id == contact_id, certificates.c.pillar == pillar)
    row = connection.execute(_CERTIFICATE.where(mine if code is None else certificates.c.code == code)).first()
    return Certificate(*row) if row else None


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Remove what a person has learned, and their certificates; the figures name nobody and stay."""
    for table in (learned, certificates):
        connection.execute(sa.delete(table).where(table.c.contact_id == contact_id))

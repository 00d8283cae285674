"""Threads about guides: what a volunteer asks about one, and what the office answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import guide_questions, staff, volunteers


@dataclass(frozen=True, slots=True)
class Question:
    """What a volunteer asked about a guide."""

    id: int
    guide_id: int
    contact_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a thread: ``name`` is the officer's, where an officer wrote it."""

    id: int
    by_staff: bool
    name: str | None
    text: str
    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread of one volunteer about a guide, with how many questions in it wait for an answer."""

    contact_id: int
    name: str | None
    open: int


_OPEN = sa.and_(sa.not_(guide_questions.c.by_staff), guide_questions.c.answered_at.is_(None))
COUNT_OPEN = sa.func.coalesce(sa.func.sum(sa.case((_OPEN, 1), else_=0)), 0)


def add_question(connection: sa.Connection, guide_id: int, contact_id: int, text: str, now: datetime) -> int:
    """Add a volunteer's question to their thread about a guide and return its id."""
    added = connection.execute(
        sa.insert(guide_questions)
        .values(guide_id=guide_id, contact_id=contact_id, by_staff=False, author_id=contact_id, text=text, at=now)
        .returning(guide_questions.c.id)
    )
    return int(added.scalar_one())


def answer(
    connection: sa.Connection, guide_id: int, contact_id: int, upto: int, author_id: int, text: str, now: datetime
) -> list[str]:
    """Add the office's answer to a thread and return the questions it answers, in order.

    Args:
        connection: inside a write.
        guide_id: the guide.
        contact_id: whose thread.
        upto: the id of the last question that the officer has seen; later ones stay open.
        author_id: the officer.
        text: the answer.
        now: the time.

    Returns:
        Nothing where somebody else has answered sooner: then nothing is added.
    """
    answered = connection.execute(
        sa.update(guide_questions)
        .where(
            guide_questions.c.guide_id == guide_id,
            guide_questions.c.contact_id == contact_id,
            guide_questions.c.id <= upto,
            _OPEN,
        )
        .values(answered_at=now)
        .returning(guide_questions.c.id, guide_questions.c.text)
    ).all()
    if answered:
        connection.execute(
            sa.insert(guide_questions).values(
                guide_id=guide_id, contact_id=contact_id, by_staff=True, author_id=author_id, text=text, at=now
            )
        )
    return [row[1] for row in sorted(answered, key=lambda row: row[0])]


def find_question(connection: sa.Connection, question_id: int) -> Question | None:
    """Find a volunteer's question; one of somebody who was erased is gone."""
    columns = (guide_questions.c[name] for name in ("id", "guide_id", "contact_id"))
    query = sa.select(*columns).where(guide_questions.c.id == question_id, sa.not_(guide_questions.c.by_staff))
    row = connection.execute(query).first()
    return Question(*row) if row else None


def list_thread(connection: sa.Connection, guide_id: int, contact_id: int, most: int) -> list[Said]:
    """List the last texts of a volunteer's thread about a guide, in order."""
    query = (
        sa.select(
            guide_questions.c.id, guide_questions.c.by_staff, staff.c.name, guide_questions.c.text,
            guide_questions.c.at, guide_questions.c.answered_at,
        )
        .outerjoin(staff, sa.and_(guide_questions.c.by_staff, staff.c.contact_id == guide_questions.c.author_id))
        .where(guide_questions.c.guide_id == guide_id, guide_questions.c.contact_id == contact_id)
        .order_by(guide_questions.c.id.desc())
        .limit(most)
    )  # fmt: skip
    return [Said(row[0], bool(row[1]), *row[2:]) for row in connection.execute(query)][::-1]


def list_threads(connection: sa.Connection, guide_id: int, most: int) -> list[Thread]:
    """List the threads about a guide: those with open questions first, then the latest."""
    waiting = COUNT_OPEN.label("waiting")
    query = (
        sa.select(guide_questions.c.contact_id, volunteers.c.name, waiting)
        .outerjoin(volunteers, volunteers.c.contact_id == guide_questions.c.contact_id)
        .where(guide_questions.c.guide_id == guide_id)
        .group_by(guide_questions.c.contact_id, volunteers.c.name)
        .order_by(sa.case((COUNT_OPEN > 0, 0), else_=1), sa.func.max(guide_questions.c.id).desc())
    )
    return [Thread(row[0], row[1], int(row[2])) for row in connection.execute(query.limit(most))]

"""Visits of volunteers: as they stand now, and what happened to them, version by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import conversations, visit_events, visits, volunteers

TO_REVIEW = ("received", "resubmitted")


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
    flagged: bool
    state: str
    version: int
    answers: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a visit's life."""

    at: datetime
    action: str
    version: int
    note: str | None
    actor_id: int | None


_FIND = sa.select(*(visits.c[name] for name in Visit.__dataclass_fields__))


def add_visit(
    connection: sa.Connection,
    *,
    code: str,
    contact_id: int,
    digest: str,
    kind: str,
    village: str,
    day: str,
    people: int,
    women: int | None,
    flagged: bool,
    answers: str,
    now: datetime,
) -> int | None:
    """Add a visit; None if the code is taken (the caller tries another)."""
    if connection.execute(sa.select(visits.c.id).where(visits.c.code == code)).first():
        return None
    added = connection.execute(
        sa.insert(visits)
        .values(
            code=code, contact_id=contact_id, digest=digest, kind=kind, village=village, day=day, people=people, women=women,
            flagged=flagged, answers=answers, created_at=now, updated_at=now,
        )
        .returning(visits.c.id)
    )  # fmt: skip
    return int(added.scalar_one())


def find_visit(connection: sa.Connection, *, code: str | None = None, visit_id: int | None = None) -> Visit | None:
    """Find a visit by its code or id."""
    which = visits.c.id == visit_id if code is None else visits.c.code == code
    row = connection.execute(_FIND.where(which)).first()
    return Visit(*row) if row else None


def find_same(connection: sa.Connection, contact_id: int, digest: str) -> Visit | None:
    """Find a contact's visit with just these answers: the one that was sent before."""
    row = connection.execute(_FIND.where(visits.c.contact_id == contact_id, visits.c.digest == digest)).first()
    return Visit(*row) if row else None


def change_visit(
    connection: sa.Connection, visit_id: int, seen: int, states: Sequence[str], now: datetime, **values: object
) -> bool:
    """Set columns of a visit that is still in the version that was seen and in one of these states; says whether it was."""
    changed = connection.execute(
        sa.update(visits)
        .where(visits.c.id == visit_id, visits.c.version == seen, visits.c.state.in_(states))
        .values(updated_at=now, **values)
    )
    return changed.rowcount == 1


def add_event(
    connection: sa.Connection,
    visit_id: int,
    actor_id: int,
    action: str,
    version: int,
    now: datetime,
    *,
    note: str | None = None,
    answers: str | None = None,
) -> None:
    """Add a step to a visit's history; ``answers`` are those of a version that begins with it."""
    connection.execute(
        sa.insert(visit_events).values(
            visit_id=visit_id, at=now, actor_id=actor_id, action=action, version=version, note=note, answers=answers
        )
    )


def list_events(connection: sa.Connection, visit_id: int) -> list[Event]:
    """List what happened to a visit, the oldest first."""
    query = (
        sa.select(
            visit_events.c.at, visit_events.c.action, visit_events.c.version, visit_events.c.note, visit_events.c.actor_id
        )
        .where(visit_events.c.visit_id == visit_id)
        .order_by(visit_events.c.id)
    )  # fmt: skip
    return [Event(*row) for row in connection.execute(query)]


def list_to_review(connection: sa.Connection, most: int) -> list[Visit]:
    """List visits that wait for the office, the oldest first."""
    query = _FIND.where(visits.c.state.in_(TO_REVIEW)).order_by(visits.c.id).limit(most)
    return [Visit(*row) for row in connection.execute(query)]


def count_to_review(connection: sa.Connection) -> int:
    """Count the visits that wait for the office."""
    query = sa.select(sa.func.count()).where(visits.c.state.in_(TO_REVIEW))
    return int(connection.execute(query).scalar_one())


def list_recent(connection: sa.Connection, contact_id: int, since: datetime, most: int) -> list[Visit]:
    """List a contact's visits reported since, the newest first."""
    query = (
        _FIND.where(visits.c.contact_id == contact_id, visits.c.created_at >= since)
        .order_by(visits.c.id.desc())
        .limit(most)
    )
    return [Visit(*row) for row in connection.execute(query)]


def list_sent_back(connection: sa.Connection, before: datetime) -> list[Visit]:
    """List visits that were sent back before and not changed since."""
    query = _FIND.where(visits.c.state == "sent_back", visits.c.updated_at <= before, visits.c.contact_id.is_not(None))
    return [Visit(*row) for row in connection.execute(query.order_by(visits.c.id))]


def list_open_drafts(connection: sa.Connection, before: datetime, flow: str) -> list[tuple[int, int, int]]:
    """List conversations of a flow not touched since: contact, conversation, turn."""
    query = sa.select(conversations.c.contact_id, conversations.c.id, conversations.c.turn)
    rows = connection.execute(query.where(conversations.c.flow == flow, conversations.c.updated_at <= before))
    return [(row[0], row[1], row[2]) for row in rows]


def list_last_days(connection: sa.Connection) -> list[tuple[int, datetime, str | None]]:
    """List active volunteers: contact, since when they are active, and the newest day of a visit."""
    newest = sa.select(sa.func.max(visits.c.day)).where(visits.c.contact_id == volunteers.c.contact_id)
    query = (
        sa.select(volunteers.c.contact_id, volunteers.c.decided_at, newest.scalar_subquery())
        .where(volunteers.c.state == "active")
        .order_by(volunteers.c.contact_id)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Take a volunteer's words and name from their visits; kind, village, day and number of people stay."""
    mine = sa.select(visits.c.id).where(visits.c.contact_id == contact_id)
    connection.execute(sa.update(visit_events).where(visit_events.c.visit_id.in_(mine)).values(answers=None, note=None))
    connection.execute(sa.update(visit_events).where(visit_events.c.actor_id == contact_id).values(actor_id=None))
    connection.execute(
        sa.update(visits).where(visits.c.contact_id == contact_id).values(contact_id=None, answers="{}", digest=None)
    )

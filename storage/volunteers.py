"""Volunteers (relawan TIK): who applied, who is active, and the villages they look after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import volunteer_villages, volunteers


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A contact who is, was or would like to be a volunteer; ``villages`` are official codes.

    State: applied, active, paused, declined or ended.
    """

    contact_id: int
    name: str
    skills: str
    state: str
    reason: str | None
    villages: tuple[str, ...]


_FIND = sa.select(
    volunteers.c.contact_id, volunteers.c.name, volunteers.c.skills, volunteers.c.state, volunteers.c.reason
)


def put_application(
    connection: sa.Connection, contact_id: int, name: str, skills: str, villages: Sequence[str], now: datetime
) -> None:
    """Note that a contact would like to be a volunteer; what an earlier application said goes."""
    values = {"name": name, "skills": skills, "state": "applied", "reason": None, "applied_at": now}
    changed = connection.execute(
        sa.update(volunteers)
        .where(volunteers.c.contact_id == contact_id)
        .values(**values, decided_at=None, decided_by=None)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(volunteers).values(contact_id=contact_id, **values))
    connection.execute(sa.delete(volunteer_villages).where(volunteer_villages.c.contact_id == contact_id))
    rows = [{"contact_id": contact_id, "village": village} for village in dict.fromkeys(villages)]
    connection.execute(sa.insert(volunteer_villages), rows)


def find_volunteer(connection: sa.Connection, contact_id: int) -> Volunteer | None:
    """Find a volunteer or applicant."""
    row = connection.execute(_FIND.where(volunteers.c.contact_id == contact_id)).first()
    return Volunteer(*row, villages=_villages(connection, contact_id)) if row else None


def list_volunteers(connection: sa.Connection, states: Sequence[str], most: int) -> list[Volunteer]:
    """List volunteers in some states, those who applied first first."""
    query = _FIND.where(volunteers.c.state.in_(states)).order_by(volunteers.c.applied_at, volunteers.c.contact_id)
    rows = connection.execute(query.limit(most)).all()
    theirs: dict[int, list[str]] = {}
    villages = (
        sa.select(volunteer_villages.c.contact_id, volunteer_villages.c.village)
        .join(volunteers, volunteers.c.contact_id == volunteer_villages.c.contact_id)
        .where(volunteers.c.state.in_(states))
        .order_by(volunteer_villages.c.village)
    )
    for contact_id, village in connection.execute(villages):
        theirs.setdefault(contact_id, []).append(village)
    return [Volunteer(*row, villages=tuple(theirs.get(row[0], ()))) for row in rows]


def lock(connection: sa.Connection, *contact_ids: int) -> None:
    """Let nobody else change these volunteers until the transaction ends. On SQLite the one writer does that already."""
    query = sa.select(volunteers.c.contact_id).where(volunteers.c.contact_id.in_(contact_ids))
    connection.execute(query.order_by(volunteers.c.contact_id).with_for_update()).all()


def add_villages(connection: sa.Connection, contact_id: int, villages: Sequence[str]) -> list[str]:
    """Give a volunteer villages; returns those that are new to them."""
    known = _villages(connection, contact_id)
    added = [village for village in dict.fromkeys(villages) if village not in known]
    if added:
        rows = [{"contact_id": contact_id, "village": village} for village in added]
        connection.execute(sa.insert(volunteer_villages), rows)
    return added


def remove_villages(connection: sa.Connection, contact_id: int, villages: Sequence[str]) -> None:
    """Take villages away from a volunteer."""
    connection.execute(
        sa.delete(volunteer_villages).where(
            volunteer_villages.c.contact_id == contact_id, volunteer_villages.c.village.in_(villages)
        )
    )


def change_state(
    connection: sa.Connection,
    contact_id: int,
    before: Sequence[str],
    state: str,
    *,
    reason: str | None,
    by: int,
    at: datetime,
) -> bool:
    """Move a volunteer on from one of the states before; says whether it was so, and not somebody else sooner."""
    changed = connection.execute(
        sa.update(volunteers)
        .where(volunteers.c.contact_id == contact_id, volunteers.c.state.in_(before))
        .values(state=state, reason=reason, decided_at=at, decided_by=by)
    )
    return changed.rowcount == 1


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Remove a volunteer, with their villages; decisions they took stand without them."""
    connection.execute(sa.delete(volunteer_villages).where(volunteer_villages.c.contact_id == contact_id))
    connection.execute(sa.delete(volunteers).where(volunteers.c.contact_id == contact_id))
    connection.execute(sa.update(volunteers).where(volunteers.c.decided_by == contact_id).values(decided_by=None))


def _villages(connection: sa.Connection, contact_id: int) -> tuple[str, ...]:
    query = sa.select(volunteer_villages.c.village).where(volunteer_villages.c.contact_id == contact_id)
    return tuple(connection.execute(query.order_by(volunteer_villages.c.village)).scalars())

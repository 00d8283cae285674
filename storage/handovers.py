"""Hand-overs: a contact talks with an officer and the bot is silent until that is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import contacts, handovers


@dataclass(frozen=True, slots=True)
class Handover:
    """An open hand-over; ``officer_id`` is None while nobody has taken it."""

    id: int
    contact_id: int
    officer_id: int | None
    about: str | None
    opened_at: datetime
    name: str | None
    village: str | None


_OPEN = (
    sa.select(
        handovers.c.id, handovers.c.contact_id, handovers.c.officer_id, handovers.c.about, handovers.c.opened_at,
        contacts.c.name, contacts.c.village,
    )
    .join(contacts, contacts.c.id == handovers.c.contact_id)
    .where(handovers.c.closed_at.is_(None))
)  # fmt: skip


def open_handover(connection: sa.Connection, contact_id: int, about: str, now: datetime) -> int:
    """Open a hand-over; the contact must have none open."""
    return int(
        connection.execute(
            sa.insert(handovers).values(contact_id=contact_id, about=about, opened_at=now).returning(handovers.c.id)
        ).scalar_one()
    )


def find_open(
    connection: sa.Connection, *, handover_id: int | None = None, officer_id: int | None = None
) -> Handover | None:
    """Find an open hand-over by its id, or the one an officer is in."""
    which = handovers.c.id == handover_id if handover_id is not None else handovers.c.officer_id == officer_id
    row = connection.execute(_OPEN.where(which)).first()
    return Handover(*row) if row else None


def is_talking(connection: sa.Connection, *contact_ids: int) -> bool:
    """Tell whether one of some contacts is in an open hand-over, or waits in one, on either side of it."""
    theirs = sa.or_(handovers.c.contact_id.in_(contact_ids), handovers.c.officer_id.in_(contact_ids))
    return (
        connection.execute(sa.select(handovers.c.id).where(theirs, handovers.c.closed_at.is_(None))).first() is not None
    )


def list_waiting(connection: sa.Connection, most: int) -> list[Handover]:
    """List hand-overs nobody has taken, the oldest first."""
    query = _OPEN.where(handovers.c.officer_id.is_(None)).order_by(handovers.c.id).limit(most)
    return [Handover(*row) for row in connection.execute(query)]


def take(connection: sa.Connection, handover_id: int, officer_id: int, now: datetime) -> bool:
    """Let an officer take a hand-over; False if another was first or it is closed."""
    done = connection.execute(
        sa.update(handovers)
        .where(handovers.c.id == handover_id, handovers.c.officer_id.is_(None), handovers.c.closed_at.is_(None))
        .values(officer_id=officer_id, taken_at=now)
    )
    return done.rowcount == 1


def close(connection: sa.Connection, handover_id: int, now: datetime) -> bool:
    """Close a hand-over; False if it was closed already."""
    done = connection.execute(
        sa.update(handovers).where(handovers.c.id == handover_id, handovers.c.closed_at.is_(None)).values(closed_at=now)
    )
    return done.rowcount == 1

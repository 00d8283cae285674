"""The short codes that join two accounts: shown on one, typed on the other; and the tries that went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.conversations import Conflict
from storage.tables import audit, contacts, link_codes, staff, volunteers

JOINED = "link"  # how a link is audited: by whom it is now, about whom is gone
WRONG_CODE = "link code"  # how a wrong code is audited: these rows count the tries


@dataclass(frozen=True, slots=True)
class Other:
    """The contact whose code was typed."""

    contact_id: int
    name: str | None
    village: str | None


def put_code(connection: sa.Connection, contact_id: int, code: str, now: datetime, expires_at: datetime) -> bool:
    """Give a contact a code in place of an earlier one; False if another contact has the same just now."""
    gone = sa.or_(link_codes.c.contact_id == contact_id, link_codes.c.expires_at <= now)
    connection.execute(sa.delete(link_codes).where(gone))
    if connection.execute(sa.select(link_codes.c.code).where(link_codes.c.code == code)).first():
        return False
    connection.execute(sa.insert(link_codes).values(contact_id=contact_id, code=code, expires_at=expires_at))
    return True


def find_other(connection: sa.Connection, code: str, now: datetime) -> Other | None:
    """Find whose code this is, while it is valid."""
    row = connection.execute(
        sa.select(contacts.c.id, sa.func.coalesce(contacts.c.name, volunteers.c.name, staff.c.name), contacts.c.village)
        .join(link_codes, link_codes.c.contact_id == contacts.c.id)
        .outerjoin(volunteers, volunteers.c.contact_id == contacts.c.id)
        .outerjoin(staff, staff.c.contact_id == contacts.c.id)
        .where(link_codes.c.code == code, link_codes.c.expires_at > now)
    ).first()
    return Other(*row) if row else None


def take_code(connection: sa.Connection, contact_id: int, code: str, now: datetime) -> bool:
    """Use a contact's code up; False if it has run out, was replaced, or somebody was sooner."""
    taken = connection.execute(
        sa.delete(link_codes).where(
            link_codes.c.contact_id == contact_id, link_codes.c.code == code, link_codes.c.expires_at > now
        )
    )
    return taken.rowcount == 1


def count_wrong(connection: sa.Connection, contact_id: int, since: datetime) -> int:
    """Count the wrong codes a contact has typed: the audit has a row for each."""
    query = sa.select(sa.func.count()).where(
        audit.c.actor_id == contact_id, audit.c.action == WRONG_CODE, audit.c.at > since
    )
    return int(connection.execute(query).scalar_one())


def find_joined(connection: sa.Connection, contact_id: int) -> int | None:
    """Find whom a contact that is gone was joined to: what was written about them before still names them.

    The audit of a link says so, and goes along when that contact is joined to another in turn.
    """
    query = sa.select(audit.c.actor_id).where(
        audit.c.action == JOINED, audit.c.subject == f"contact {contact_id}", audit.c.allowed
    )
    return connection.execute(query.order_by(audit.c.id.desc())).scalar()


def lock(connection: sa.Connection, *contact_ids: int) -> None:
    """Let nobody else try a code for, or join, these contacts until the transaction ends.

    Raises:
        Conflict: one of them is gone: it was joined to another meanwhile.
    """
    alive = sa.and_(contacts.c.id.in_(contact_ids), contacts.c.erased_at.is_(None))
    query = sa.select(contacts.c.id).where(alive).order_by(contacts.c.id).with_for_update()
    if len(connection.execute(query).all()) != len(set(contact_ids)):
        raise Conflict("a contact was joined to another meanwhile")

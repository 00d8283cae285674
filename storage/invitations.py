"""Invitations: codes by which the office invites people to apply as volunteers, each good for so many applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import invitations, staff


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation; ``village`` is an official code where it is for one, ``inviter`` the name of who invites."""

    code: str
    village: str | None
    inviter_id: int | None
    inviter: str | None
    expires_at: datetime
    uses_left: int


def add_invitation(
    connection: sa.Connection,
    code: str,
    village: str | None,
    inviter_id: int,
    uses: int,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Add an invitation; False if the code is taken (the caller tries another)."""
    if connection.execute(sa.select(invitations.c.code).where(invitations.c.code == code)).first():
        return False
    connection.execute(
        sa.insert(invitations).values(
            code=code, village=village, inviter_id=inviter_id, created_at=now, expires_at=expires_at, uses_left=uses
        )
    )
    return True


def find_invitation(connection: sa.Connection, code: str) -> Invitation | None:
    """Find an invitation, used up and expired ones too."""
    row = connection.execute(
        sa.select(
            invitations.c.code, invitations.c.village, invitations.c.inviter_id, staff.c.name, invitations.c.expires_at,
            invitations.c.uses_left,
        )
        .outerjoin(staff, staff.c.contact_id == invitations.c.inviter_id)
        .where(invitations.c.code == code)
    ).first()  # fmt: skip
    return Invitation(*row) if row else None


def use_invitation(connection: sa.Connection, code: str, now: datetime) -> bool:
    """Use an invitation once; False if it is used up or has expired. Of two at the same moment the last use is one's."""
    used = connection.execute(
        sa.update(invitations)
        .where(invitations.c.code == code, invitations.c.uses_left > 0, invitations.c.expires_at > now)
        .values(uses_left=invitations.c.uses_left - 1)
    )
    return used.rowcount == 1


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Take the name of who invites off their invitations."""
    connection.execute(sa.update(invitations).where(invitations.c.inviter_id == contact_id).values(inviter_id=None))


def remove_older(connection: sa.Connection, before: datetime) -> int:
    """Delete invitations that expired before; returns how many."""
    return connection.execute(sa.delete(invitations).where(invitations.c.expires_at < before)).rowcount

"""Outgoing messages: the database is the queue. See ARCHITECTURE.md, section 6, for the states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import addresses, outbox

REPLY, PUSH = 0, 1  # lanes: answers first, then what a person did not just ask for


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row to be sent."""

    id: int
    channel: str
    address: str
    contact_id: int
    lane: int
    attempts: int
    payload: str


_ADD = (
    sa.insert(outbox)
    .values(
        contact_id=sa.bindparam("contact_id"), channel=sa.bindparam("channel"), address=sa.bindparam("address"),
        lane=sa.bindparam("lane"), state="claimed", payload=sa.bindparam("payload"), created_at=sa.bindparam("now"),
        due_at=sa.bindparam("now"), lease_until=sa.bindparam("lease_until"), attempts=1,
    )
    .returning(outbox.c.id)
)  # fmt: skip
_SENT = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(
        state="sent", sent_at=sa.bindparam("at"), vendor_id=sa.bindparam("vendor_id"), lease_until=None, reason=None
    )
)
_AGAIN = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(state="queued", due_at=sa.bindparam("due_at"), lease_until=None, reason=sa.bindparam("reason"))
)
_FAILED = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(state=sa.bindparam("state"), lease_until=None, reason=sa.bindparam("reason"))
)


def add(
    connection: sa.Connection,
    contact_id: int,
    channel: str,
    address: str,
    lane: int,
    payload: str,
    now: datetime,
    lease_until: datetime,
) -> int:
    """Add a row already claimed by the process that adds it: it sends at once, without another commit.

    If that process dies, the lease runs out and the row is claimed again.
    """
    return int(
        connection.execute(
            _ADD,
            {
                "contact_id": contact_id,
                "channel": channel,
                "address": address,
                "lane": lane,
                "payload": payload,
                "now": now,
                "lease_until": lease_until,
            },  # fmt: skip
        ).scalar_one()
    )


def claim(
    connection: sa.Connection,
    channel: str,
    now: datetime,
    lease_until: datetime,
    most: int,
    *,
    everything: bool = False,
) -> list[Waiting]:
    """Claim rows that are due, replies before pushes, the oldest first.

    Args:
        connection: inside a write.
        channel: the sender's channel.
        now: the time; rows due later are left.
        lease_until: until when the rows are this process's.
        most: how many rows at most.
        everything: take claimed rows too, whatever their lease: only right at the start of the one process there is.
    """
    free = outbox.c.state == "queued"
    lapsed = (
        outbox.c.state == "claimed" if everything else sa.and_(outbox.c.state == "claimed", outbox.c.lease_until < now)
    )
    chosen = (
        sa.select(outbox.c.id)
        .where(
            outbox.c.channel == channel,
            outbox.c.state.in_(("queued", "claimed")),
            outbox.c.due_at <= now,
            sa.or_(free, lapsed),
        )
        .order_by(outbox.c.lane, outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        sa.update(outbox)
        .where(outbox.c.id.in_(chosen.scalar_subquery()))
        .values(state="claimed", lease_until=lease_until, attempts=outbox.c.attempts + 1)
        .returning(
            outbox.c.id,
            outbox.c.channel,
            outbox.c.address,
            outbox.c.contact_id,
            outbox.c.lane,
            outbox.c.attempts,
            outbox.c.payload,
        )
    ).all()
    return sorted((Waiting(*row) for row in rows), key=lambda row: (row.lane, row.id))


def mark_sent(connection: sa.Connection, rows: Sequence[tuple[int, datetime, str | None]]) -> None:
    """Mark rows as sent: id, when, and the vendor's id of the message."""
    connection.execute(_SENT, [{"b_id": row, "at": at, "vendor_id": vendor_id} for row, at, vendor_id in rows])


def mark_again(connection: sa.Connection, rows: Sequence[tuple[int, datetime, str]]) -> None:
    """Put rows back into the queue: id, due when, and why."""
    connection.execute(_AGAIN, [{"b_id": row, "due_at": due_at, "reason": reason} for row, due_at, reason in rows])


def mark_ended(connection: sa.Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Give rows a final state without sending: id, state (failed, skipped or unknown) and the reason."""
    connection.execute(_FAILED, [{"b_id": row, "state": state, "reason": reason} for row, state, reason in rows])


_RANK = {"sent": 1, "delivered": 2, "read": 3}


def mark_delivery(connection: sa.Connection, channel: str, vendor_id: str, state: str, reason: str | None) -> None:
    """Note what the vendor tells of a message later. A state never goes back: callbacks come out of order."""
    row = connection.execute(
        sa.select(outbox.c.id, outbox.c.state).where(outbox.c.channel == channel, outbox.c.vendor_id == vendor_id)
    ).first()
    if row is None:
        return
    if state == "failed":
        if row.state in ("sent", "claimed"):
            connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(state="failed", reason=reason))
    elif _RANK.get(state, 0) > _RANK.get(row.state, 9):
        connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(state=state))


def next_due(connection: sa.Connection, channel: str) -> datetime | None:
    """Say when the next waiting row of a channel is due."""
    return connection.execute(
        sa.select(
            sa.func.min(
                sa.case((outbox.c.state == "claimed", outbox.c.lease_until), else_=outbox.c.due_at),
                type_=outbox.c.due_at.type,
            )
        ).where(outbox.c.channel == channel, outbox.c.state.in_(("queued", "claimed")))
    ).scalar()


def last_heard(connection: sa.Connection, channel: str, address: str) -> datetime | None:
    """Say when this address last wrote: the start of its messaging window."""
    return connection.execute(
        sa.select(addresses.c.last_in_at).where(addresses.c.channel == channel, addresses.c.address == address)
    ).scalar()


def forget_texts(connection: sa.Connection, before: datetime) -> int:
    """Empty the texts of messages that have left before; the rows stay as counts."""
    return connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.created_at < before, outbox.c.payload.is_not(None), outbox.c.state.not_in(("queued", "claimed"))
        )
        .values(payload=None, address="")
    ).rowcount


def count_waiting(connection: sa.Connection, channel: str) -> int:
    """Count the rows of a channel that are not sent yet."""
    query = sa.select(sa.func.count()).where(outbox.c.channel == channel, outbox.c.state.in_(("queued", "claimed")))
    return int(connection.execute(query).scalar_one())

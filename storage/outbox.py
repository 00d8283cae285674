"""Outgoing messages: the database is the queue. See ARCHITECTURE.md, section 6, for the states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.hot import Hot
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


_ADD = Hot(
    sa.insert(outbox)
    .values(
        contact_id=sa.bindparam("contact_id"), channel=sa.bindparam("channel"), address=sa.bindparam("address"),
        lane=sa.bindparam("lane"), state="claimed", payload=sa.bindparam("payload"), about_id=sa.bindparam("about_id"), created_at=sa.bindparam("now"),
        due_at=sa.bindparam("now"), lease_until=sa.bindparam("lease_until"), attempts=1,
    )
    .returning(outbox.c.id)
)  # fmt: skip
_SENT = Hot(
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(
        state="sent", sent_at=sa.bindparam("at"), vendor_id=sa.bindparam("vendor_id"), lease_until=None, reason=None
    )
)
_AGAIN = Hot(
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(
        state="queued", due_at=sa.bindparam("due_at"), attempts=sa.bindparam("b_attempts"), lease_until=None,
        reason=sa.bindparam("reason"),
    )
)  # fmt: skip
_RENEW = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("b_id"), outbox.c.state == "claimed")
    .values(lease_until=sa.bindparam("lease_until"))
)
_FAILED = Hot(
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
    *,
    about_id: int | None = None,
) -> int:
    """Add a row already claimed by the process that adds it: it sends at once, without another commit.

    If that process dies, the lease runs out and the row is claimed again.
    """
    row = _ADD.first(
        connection,
        {
            "contact_id": contact_id, "channel": channel, "address": address, "lane": lane, "payload": payload,
            "about_id": about_id, "now": now, "lease_until": lease_until,
        },
    )  # fmt: skip
    return int(row[0]) if row else 0


def add_later(
    connection: sa.Connection,
    contact_id: int,
    channel: str,
    address: str,
    lane: int,
    payload: str,
    now: datetime,
    due_at: datetime,
    *,
    about_id: int | None = None,
) -> int:
    """Add a row that waits until it is due; whichever process looks then sends it."""
    row = connection.execute(
        sa.insert(outbox)
        .values(
            contact_id=contact_id, channel=channel, address=address, lane=lane, state="queued", payload=payload,
            about_id=about_id, created_at=now, due_at=due_at, attempts=1,
        )
        .returning(outbox.c.id)
    )  # fmt: skip
    return int(row.scalar_one())


def find_gathering(connection: sa.Connection, contact_id: int, mark: str, until: datetime) -> tuple[int, str] | None:
    """Find the newest row for a contact that still waits, is due by then and has a mark in its payload: id and payload."""
    query = sa.select(outbox.c.id, outbox.c.payload).where(
        outbox.c.contact_id == contact_id,
        outbox.c.state == "queued",
        outbox.c.due_at <= until,
        outbox.c.payload.contains(mark, autoescape=True),
    )
    row = connection.execute(query.order_by(outbox.c.id.desc()).limit(1).with_for_update(skip_locked=True)).first()
    return (row[0], row[1]) if row else None


def change_payload(connection: sa.Connection, row_id: int, payload: str) -> None:
    """Set what a waiting row says; only right for a row found in the same transaction."""
    connection.execute(sa.update(outbox).where(outbox.c.id == row_id).values(payload=payload))


def claim(
    connection: sa.Connection,
    channel: str,
    now: datetime,
    lease_until: datetime,
    most: int | None,
    *,
    everything: bool = False,
) -> list[Waiting]:
    """Claim rows that are due, replies before pushes, the oldest first.

    Args:
        connection: inside a write.
        channel: the sender's channel.
        now: the time; rows due later are left.
        lease_until: until when the rows are this process's.
        most: how many rows at most; None for all.
        everything: take claimed rows too, whatever their lease: only right at the start of the one process there is, and
            without ``most``, since what this call claims would be free for the next one too.
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
        .values(state="claimed", lease_until=lease_until)
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
    _SENT.run_many(connection, [{"b_id": row, "at": at, "vendor_id": vendor_id} for row, at, vendor_id in rows])


def mark_again(connection: sa.Connection, rows: Sequence[tuple[int, datetime, int, str]]) -> None:
    """Put rows back into the queue: id, due when, the number of the next attempt, and why."""
    _AGAIN.run_many(
        connection,
        [
            {"b_id": row, "due_at": due_at, "b_attempts": attempts, "reason": reason}
            for row, due_at, attempts, reason in rows
        ],
    )


def renew(connection: sa.Connection, rows: Sequence[int], lease_until: datetime) -> None:
    """Keep claimed rows for longer: they wait for the vendor, and no other process shall take them."""
    connection.execute(_RENEW, [{"b_id": row, "lease_until": lease_until} for row in rows])


def mark_ended(connection: sa.Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Give rows a final state without sending: id, state (failed, skipped or unknown) and the reason."""
    _FAILED.run_many(connection, [{"b_id": row, "state": state, "reason": reason} for row, state, reason in rows])


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, and can be changed by the vendor's id of it."""

    channel: str
    address: str
    contact_id: int
    payload: str
    vendor_id: str


def find_sent(connection: sa.Connection, row: int) -> Sent | None:
    """Find a message that was sent and is not being changed just now; None too if its words are gone."""
    columns = (outbox.c.channel, outbox.c.address, outbox.c.contact_id, outbox.c.payload, outbox.c.vendor_id)
    known = sa.and_(outbox.c.payload.is_not(None), outbox.c.vendor_id.is_not(None))
    found = connection.execute(sa.select(*columns).where(outbox.c.id == row, outbox.c.state == "sent", known)).first()
    return Sent(*found) if found else None


def change(connection: sa.Connection, row: int, payload: str, lease_until: datetime) -> bool:
    """Claim a message that was sent once more, with other words; False if it is not there, or is being changed.

    It stays the same row: what stands last on the person's screen is told by the rows' order.
    """
    return (
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.id == row, outbox.c.state == "sent")
            .values(payload=payload, state="claimed", lease_until=lease_until, attempts=1)
        ).rowcount
        == 1
    )


# From which states a later one is reached. In one statement, since two callbacks may be handled at the same time.
_BEFORE = {"delivered": ("sent",), "read": ("sent", "delivered"), "failed": ("sent",)}


def mark_delivery(connection: sa.Connection, channel: str, vendor_id: str, state: str, reason: str | None) -> bool:
    """Note what the vendor tells of a message later; False if no message with this id is known.

    A state never goes back: callbacks come twice and out of order. ``failed`` is final, and so is having been delivered.
    An id that several rows have says nothing, and counts as unknown: Telegram's are unique only within a chat.
    """
    ours = (
        sa.select(sa.func.min(outbox.c.id))
        .where(outbox.c.channel == channel, outbox.c.vendor_id == vendor_id)
        .having(sa.func.count() == 1)
    )
    changed = connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == ours.scalar_subquery(), outbox.c.state.in_(_BEFORE.get(state, ())))
        .values(state=state, reason=reason if state == "failed" else outbox.c.reason)
    ).rowcount
    return changed > 0 or connection.execute(ours).first() is not None


def find_payload(connection: sa.Connection, channel: str, address: str, vendor_id: str) -> str | None:
    """Find the message that somebody replies to by the vendor's id of it; None if nothing like it was sent to them.

    Of a message that left in several parts the vendor's id is that of its words.
    """
    return connection.execute(
        sa.select(outbox.c.payload)
        .where(
            outbox.c.channel == channel,
            outbox.c.vendor_id == vendor_id,
            outbox.c.address == address,
            outbox.c.payload.is_not(None),
        )
        .order_by(outbox.c.id.desc())
        .limit(1)
    ).scalar()


def find_last(
    connection: sa.Connection, contact_id: int, channel: str, address: str
) -> tuple[str | None, datetime] | None:
    """Find the last message to a contact at one of their addresses, and when it was written; its words may be gone."""
    row = connection.execute(
        sa.select(outbox.c.payload, outbox.c.created_at)
        .where(outbox.c.contact_id == contact_id, outbox.c.channel == channel, outbox.c.address == address)
        .order_by(outbox.c.id.desc())
        .limit(1)
    ).first()
    return (row.payload, row.created_at) if row else None


def list_last_payloads(connection: sa.Connection, contact_id: int, since: datetime, most: int) -> list[str]:
    """List the last messages to a contact since a time, the newest first."""
    query = (
        sa.select(outbox.c.payload)
        .where(outbox.c.contact_id == contact_id, outbox.c.created_at >= since, outbox.c.payload.is_not(None))
        .order_by(outbox.c.id.desc())
        .limit(most)
    )
    return [payload for payload in connection.execute(query).scalars() if payload is not None]


def date_waiting(connection: sa.Connection, channels: Sequence[str], media_id: str, now: datetime) -> None:
    """Date the messages that waited for a file at the time it came: only from then on they stand among what was said."""
    connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.channel.in_(channels),
            outbox.c.state.in_(("queued", "claimed")),
            outbox.c.payload.contains(media_id),
        )
        .values(created_at=now)
    )


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

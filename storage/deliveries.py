"""Deliveries: one row for each recipient of each broadcast. See ARCHITECTURE.md, section 6, for the states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.hot import Hot, read_time
from storage.tables import addresses, broadcasts, contacts, deliveries, template_uses

_TIME = deliveries.c.at.type
_MOST_CLAIMED = 10_000  # at once, by all processes together: each has a thousand at most
_SENT = ("sent", "delivered", "read")
_LONGEST = timedelta(days=8)  # that a broadcast is on its way: older ones are not looked at for what was sent lately


class Claimed(NamedTuple):
    """A delivery that this process is to send now, with what was true of the person when it was claimed."""

    broadcast_id: int
    contact_id: int
    attempts: int
    address_id: int | None
    address: str | None
    refused: str | None
    last_in_at: datetime | None
    language: str
    is_stopped: bool
    is_muted: bool
    claimed_at: datetime


Together = tuple[int, datetime, int]  # broadcast, when claimed, attempts: what many deliveries have in common


class Mark(NamedTuple):
    """What became of a delivery, claimed then. ``due_at`` is when a queued one may be tried again."""

    broadcast_id: int
    contact_id: int
    claimed_at: datetime
    state: str
    reason: str | None
    at: datetime
    due_at: datetime | None = None
    attempts: int = 1
    vendor_id: str | None = None


# SQLite takes the primary key for this by itself, and reads over all that was sent, each time: hence the index by name.
_CLAIM = """
SELECT d.contact_id, d.attempts, a.id, a.address, a.refused, a.last_in_at, c.language, c.stopped_at, m.topic
FROM deliveries AS d {indexed}
JOIN contacts AS c ON c.id = d.contact_id
LEFT JOIN addresses AS a ON a.id = d.address_id
LEFT JOIN mutes AS m ON m.contact_id = d.contact_id AND m.topic = :topic
WHERE d.channel = :channel AND d.broadcast_id = :broadcast_id AND d.state IN ('queued', 'claimed') AND d.state = 'queued'
AND (d.due_at IS NULL OR d.due_at <= :now)
ORDER BY d.contact_id LIMIT :most {locked}
"""


def _claiming(**parts: str) -> Hot:
    return Hot(
        sa.text(_CLAIM.format(**parts)).bindparams(
            sa.bindparam("topic", type_=sa.String), sa.bindparam("channel", type_=sa.String),
            sa.bindparam("broadcast_id", type_=sa.BigInteger), sa.bindparam("now", type_=_TIME),
            sa.bindparam("most", type_=sa.Integer),
        )
    )  # fmt: skip


_CHOOSE = {
    "sqlite": _claiming(indexed="INDEXED BY ix_deliveries_waiting", locked=""),
    "postgresql": _claiming(indexed="", locked="FOR UPDATE OF d SKIP LOCKED"),
}
# Likewise; one state at a time, since then the index's own order is the one wanted.
_WAITING = """
SELECT d.contact_id FROM deliveries AS d {indexed}
WHERE d.channel = :channel AND d.broadcast_id = :broadcast_id AND d.state IN ('queued', 'claimed') AND d.state = :state
ORDER BY d.contact_id LIMIT :most
"""
_LIST = {
    "sqlite": sa.text(_WAITING.format(indexed="INDEXED BY ix_deliveries_waiting")),
    "postgresql": sa.text(_WAITING.format(indexed="")),
}
_ONE = sa.and_(
    deliveries.c.broadcast_id == sa.bindparam("b_broadcast"), deliveries.c.contact_id == sa.bindparam("b_contact")
)
# A thousand at once by one statement: one for each costs four times as much.
_SEVERAL = {"sqlite": "IN (SELECT value FROM json_each(:contact_ids))", "postgresql": "= ANY(:contact_ids)"}
_TAKE = """
UPDATE deliveries SET state = 'claimed', lease_until = :lease_until, at = :now
WHERE broadcast_id = :broadcast_id AND contact_id {several}
"""
_MARK_SENT = """
UPDATE deliveries SET state = 'sent', reason = NULL, at = :now, lease_until = NULL, due_at = NULL, attempts = :attempts
WHERE broadcast_id = :broadcast_id AND contact_id {several} AND state = 'claimed' AND at = :claimed_at
"""


def _for_several(statement: str, dialect: str, *times: str) -> Hot:
    text = sa.text(statement.format(several=_SEVERAL[dialect]))
    return Hot(text.bindparams(*(sa.bindparam(name, type_=_TIME) for name in times)))


_TAKE_SEVERAL = {dialect: _for_several(_TAKE, dialect, "lease_until", "now") for dialect in _SEVERAL}
_MARK_SEVERAL = {dialect: _for_several(_MARK_SENT, dialect, "now", "claimed_at") for dialect in _SEVERAL}
# Whose claim has run out and is another's meanwhile changes nothing: the time of the claim tells them apart.
_MARK = Hot(
    sa.update(deliveries)
    .where(_ONE, deliveries.c.state == "claimed", deliveries.c.at == sa.bindparam("claimed_at", type_=_TIME))
    .values(
        state=sa.bindparam("state"), reason=sa.bindparam("reason"), at=sa.bindparam("at"), lease_until=None,
        due_at=sa.bindparam("due_at"), attempts=sa.bindparam("attempts"), vendor_id=sa.bindparam("vendor_id"),
    )
)  # fmt: skip
_RENEW = Hot(
    sa.update(deliveries).where(_ONE, deliveries.c.state == "claimed").values(lease_until=sa.bindparam("lease_until"))
)


def add_recipients(
    connection: sa.Connection, broadcast_id: int, recipients: sa.Select[Any], after: int, upto: int, now: datetime
) -> int:
    """Add the recipients that a statement of storage/audiences.py selects, from after a contact up to another; returns how many."""
    found = recipients.selected_columns
    some = recipients.where(contacts.c.id > after, contacts.c.id <= upto)
    rows = some.with_only_columns(
        sa.literal(broadcast_id, sa.BigInteger), found.contact_id, found.channel, found.address_id, found.state,
        found.reason, sa.literal(now, _TIME),
    )  # fmt: skip
    columns = ["broadcast_id", "contact_id", "channel", "address_id", "state", "reason", "at"]
    return connection.execute(sa.insert(deliveries).from_select(columns, rows)).rowcount


def claim(
    connection: sa.Connection,
    channel: str,
    broadcast_id: int,
    topic: str,
    now: datetime,
    lease_until: datetime,
    most: int,
) -> list[Claimed]:
    """Claim deliveries of a broadcast that are due, in the order of their contacts.

    Args:
        connection: inside a write.
        channel: the sender's.
        broadcast_id: which.
        topic: what may have been muted meanwhile.
        now: those to be tried again later are left.
        lease_until: until when they are this process's; it renews them.
        most: how many.
    """
    values = {"channel": channel, "broadcast_id": broadcast_id, "topic": topic, "now": now, "most": most}
    rows = _CHOOSE[connection.dialect.name].all(connection, values)
    if rows:
        ids = _ids(connection, [row[0] for row in rows])
        taken = {"broadcast_id": broadcast_id, "contact_ids": ids, "lease_until": lease_until, "now": now}
        _TAKE_SEVERAL[connection.dialect.name].run(connection, taken)
    return [
        Claimed(
            broadcast_id, contact_id, attempts, address_id, address, refused, read_time(last_in_at), language,
            stopped_at is not None, muted is not None, now,
        )
        for contact_id, attempts, address_id, address, refused, last_in_at, language, stopped_at, muted in rows
    ]  # fmt: skip


def _ids(connection: sa.Connection, contact_ids: Sequence[int]) -> object:
    """Give several ids the form in which the database takes them as one value."""
    return json.dumps(contact_ids) if connection.dialect.name == "sqlite" else contact_ids


def mark_sent(
    connection: sa.Connection, broadcast_id: int, claimed_at: datetime, attempts: int, contact_ids: Sequence[int], now: datetime
) -> None:  # fmt: skip
    """Note that deliveries that were claimed together have left."""
    values = {
        "broadcast_id": broadcast_id, "claimed_at": claimed_at, "attempts": attempts, "now": now,
        "contact_ids": _ids(connection, contact_ids),
    }  # fmt: skip
    _MARK_SEVERAL[connection.dialect.name].run(connection, values)


def mark(connection: sa.Connection, marks: Sequence[Mark]) -> None:
    """Note what became of claimed deliveries."""
    _MARK.run_many(
        connection,
        [
            {
                "b_broadcast": each.broadcast_id, "b_contact": each.contact_id, "claimed_at": each.claimed_at,
                "state": each.state, "reason": each.reason,
                "at": each.at, "due_at": each.due_at, "attempts": each.attempts, "vendor_id": each.vendor_id,
            }
            for each in marks
        ],
    )  # fmt: skip


def renew(connection: sa.Connection, keys: Sequence[tuple[int, int]], lease_until: datetime) -> None:
    """Keep claimed deliveries (broadcast, contact) for longer."""
    rows = [{"b_broadcast": broadcast, "b_contact": contact, "lease_until": lease_until} for broadcast, contact in keys]
    _RENEW.run_many(connection, rows)


def list_claimed(connection: sa.Connection, channel: str) -> dict[int, Sequence[int]]:
    """List the contacts whose deliveries are claimed, by broadcast: a look over all that wait, so for the reader."""
    open_ones = sa.select(broadcasts.c.id).where(broadcasts.c.state.in_(("running", "paused", "cancelled")))
    numbers = connection.execute(open_ones).scalars().all()
    found = {number: _list_waiting(connection, number, channel, "claimed", _MOST_CLAIMED) for number in numbers}
    return {number: contact_ids for number, contact_ids in found.items() if contact_ids}


def note_lost(
    connection: sa.Connection, claimed: Mapping[int, Sequence[int]], now: datetime, *, everything: bool
) -> int:
    """Mark as unknown what a process had claimed that is gone: it may have been sent, and is not sent twice.

    Args:
        connection: inside a write.
        claimed: contacts by broadcast, as listed just before.
        now: leases that ended before are lost.
        everything: whatever the lease; only right at the start of the one process there is.
    """
    lost = sa.true() if everything else deliveries.c.lease_until < now
    return sum(
        connection.execute(
            sa.update(deliveries)
            .where(_these(broadcast_id, contact_ids), deliveries.c.state == "claimed", lost)
            .values(state="unknown", reason="interrupted", lease_until=None, at=now)
        ).rowcount
        for broadcast_id, contact_ids in claimed.items()
    )


def _list_waiting(connection: sa.Connection, broadcast_id: int, channel: str, state: str, most: int) -> Sequence[int]:
    """List the contacts whose deliveries are queued, or claimed, by the index of just these."""
    values = {"channel": channel, "broadcast_id": broadcast_id, "state": state, "most": most}
    return connection.execute(_LIST[connection.dialect.name], values).scalars().all()


def _these(broadcast_id: int, contact_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return sa.and_(deliveries.c.broadcast_id == broadcast_id, deliveries.c.contact_id.in_(contact_ids))


def fall_over(
    connection: sa.Connection, broadcast_id: int, contact_id: int, channels: Sequence[str], now: datetime
) -> bool:
    """Queue a failed delivery for another address of the person, the last used; False if there is none."""
    other = connection.execute(
        sa.select(addresses.c.id, addresses.c.channel)
        .where(addresses.c.contact_id == contact_id, addresses.c.refused.is_(None), addresses.c.channel.in_(channels))
        .order_by(addresses.c.last_in_at.desc().nulls_last(), addresses.c.id)
        .limit(1)
    ).first()
    if other is None:
        return False
    return (
        connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.broadcast_id == broadcast_id,
                deliveries.c.contact_id == contact_id,
                deliveries.c.state == "failed",
            )
            .values(state="queued", channel=other.channel, address_id=other.id, attempts=0, due_at=None, at=now)
        ).rowcount
        == 1
    )


def has_waiting(connection: sa.Connection, broadcast_id: int, channels: Sequence[str]) -> bool:
    """Tell whether any recipient on some channels waits or is being sent to."""
    return any(
        _list_waiting(connection, broadcast_id, channel, state, 1)
        for channel in channels
        for state in ("queued", "claimed")
    )


def skip_waiting(
    connection: sa.Connection, broadcast_id: int, channels: Sequence[str], reason: str, now: datetime, most: int
) -> int:
    """Leave out those on some channels that wait still and are not on their way, at most so many; returns how many."""
    left = most
    for channel in channels:
        chosen = _list_waiting(connection, broadcast_id, channel, "queued", left)
        left -= connection.execute(
            sa.update(deliveries)
            .where(_these(broadcast_id, chosen), deliveries.c.state == "queued")
            .values(state="skipped", reason=reason, at=now)
        ).rowcount
    return most - left


def queue_again(connection: sa.Connection, broadcast_id: int, state: str, after: int, upto: int, now: datetime) -> int:
    """Queue deliveries of some contacts (from after one up to another) again; only those with an address are."""
    return connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.broadcast_id == broadcast_id,
            deliveries.c.contact_id > after,
            deliveries.c.contact_id <= upto,
            deliveries.c.state == state,
            deliveries.c.channel.is_not(None),
        )
        .values(state="queued", reason=None, attempts=0, due_at=None, at=now, vendor_id=None)
    ).rowcount


# From which states a later one is reached: as in storage/outbox.py.
_BEFORE = {"delivered": ("sent",), "read": ("sent", "delivered"), "failed": ("sent",)}


def mark_delivery(
    connection: sa.Connection, channel: str, vendor_id: str, state: str, reason: str | None, now: datetime
) -> bool:
    """Note what the vendor tells of a message later; False if no delivery has this id. When it was sent is kept."""
    ours = sa.and_(deliveries.c.channel == channel, deliveries.c.vendor_id == vendor_id)
    values: dict[str, Any] = {"state": state} | ({"reason": reason, "at": now} if state == "failed" else {})
    changed = connection.execute(
        sa.update(deliveries).where(ours, deliveries.c.state.in_(_BEFORE.get(state, ()))).values(values)
    ).rowcount
    return changed > 0 or connection.execute(sa.select(deliveries.c.contact_id).where(ours)).first() is not None


def count_states(broadcast_id: int) -> sa.Select[str, str | None, int]:
    """Count the recipients of a broadcast by state and reason: a scan of its rows, so for the reader."""
    return (
        sa.select(deliveries.c.state, deliveries.c.reason, sa.func.count())
        .where(deliveries.c.broadcast_id == broadcast_id)
        .group_by(deliveries.c.state, deliveries.c.reason)
    )


@dataclass(frozen=True, slots=True)
class Got:
    """A broadcast as one recipient's history has it."""

    broadcast_id: int
    kind: str
    text: str
    state: str
    reason: str | None
    at: datetime


def select_history(contact_id: int, most: int) -> sa.Select[Any]:
    """Select what a contact was sent, the newest first, as Got has it: a look at their row in each broadcast."""
    text = sa.func.coalesce(broadcasts.c.text_id, broadcasts.c.text_jv)
    return (
        sa.select(broadcasts.c.id, broadcasts.c.kind, text, deliveries.c.state, deliveries.c.reason, deliveries.c.at)
        .join(deliveries, deliveries.c.broadcast_id == broadcasts.c.id)
        .where(deliveries.c.contact_id == contact_id)
        .order_by(broadcasts.c.id.desc())
        .limit(most)
    )


def count_sent_to(connection: sa.Connection, contact_id: int) -> int:
    """Count the broadcasts a contact was sent, without tips: by the key of each, for deliveries have no index of contacts."""
    query = (
        sa.select(sa.func.count())
        .select_from(broadcasts)
        .join(deliveries, deliveries.c.broadcast_id == broadcasts.c.id)
        .where(broadcasts.c.kind != "tip", deliveries.c.contact_id == contact_id, deliveries.c.state.in_(_SENT))
    )
    return int(connection.execute(query).scalar_one())


def find_last_sent(
    connection: sa.Connection,
    contact_id: int,
    since: datetime,
    *,
    kinds: Sequence[str] = (),
    channel: str | None = None,
) -> int | None:
    """Find the last broadcast that a contact was sent after a time, of some kinds or on a channel; gives its id.

    Only those that began not long before are looked at, by their key: a few dozen at most.
    """
    query = (
        sa.select(broadcasts.c.id)
        .join(deliveries, deliveries.c.broadcast_id == broadcasts.c.id)
        .where(
            broadcasts.c.started_at > since - _LONGEST,
            deliveries.c.contact_id == contact_id,
            deliveries.c.state.in_(_SENT),
            deliveries.c.at > since,
        )
        .order_by(deliveries.c.at.desc(), broadcasts.c.id.desc())
        .limit(1)
    )
    if kinds:
        query = query.where(broadcasts.c.kind.in_(kinds))
    if channel is not None:
        query = query.where(deliveries.c.channel == channel)
    return connection.execute(query).scalar()


def select_results(broadcast_id: int) -> sa.Select[Any]:
    """Select every recipient's row with village and language, for a table of the result; no names, no numbers."""
    return (
        sa.select(
            deliveries.c.contact_id, contacts.c.village, contacts.c.language, deliveries.c.channel, deliveries.c.state,
            deliveries.c.reason, deliveries.c.at,
        )
        .join(contacts, contacts.c.id == deliveries.c.contact_id)
        .where(deliveries.c.broadcast_id == broadcast_id)
        .order_by(deliveries.c.contact_id)
    )  # fmt: skip


def count_templates(connection: sa.Connection, channel: str, since: datetime) -> int:
    """Count the people we have written to first on a channel since a time."""
    people = sa.func.count(template_uses.c.contact_id.distinct())
    query = sa.select(people).where(template_uses.c.channel == channel, template_uses.c.at > since)
    return int(connection.execute(query).scalar_one())


def note_templates(connection: sa.Connection, channel: str, uses: Sequence[tuple[int, datetime]]) -> None:
    """Note whom (contact, when) we have written to first."""
    rows = [{"channel": channel, "contact_id": contact, "at": at} for contact, at in uses]
    if rows:
        connection.execute(sa.insert(template_uses), rows)


def forget(connection: sa.Connection, contact_id: int, now: datetime) -> None:
    """Send nothing more to a contact; what was sent stays as a count."""
    mine = deliveries.c.contact_id == contact_id
    waiting = sa.and_(mine, deliveries.c.state.in_(("queued", "claimed")))
    connection.execute(sa.update(deliveries).where(waiting).values(state="skipped", reason="erased", at=now))
    connection.execute(sa.update(deliveries).where(mine).values(address_id=None, vendor_id=None))

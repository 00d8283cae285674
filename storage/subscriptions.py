"""Who gets tips by themselves, and when the next is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.audiences import Audience, Way, select_recipients
from storage.hot import Hot
from storage.tables import addresses, contacts, conversations, deliveries, learned, subscriptions, tips


@dataclass(frozen=True, slots=True)
class Subscription:
    """What somebody wants: minute is the local one of the day, weekday 0 is Monday, pillar "" is any.

    ``state``: on; paused by the person; asked whether to go on after long silence; held until they write again (their
    channel takes nothing until then). ``silent`` counts the tips since they last wrote.
    """

    contact_id: int
    period: str
    weekday: int
    minute: int
    pillar: str
    state: str
    next_at: datetime | None
    last_at: datetime | None
    silent: int
    window_told: bool


_SELECT = sa.select(*(subscriptions.c[name] for name in Subscription.__dataclass_fields__))


def find(connection: sa.Connection, contact_id: int) -> Subscription | None:
    """Find what a contact is subscribed to."""
    row = connection.execute(_SELECT.where(subscriptions.c.contact_id == contact_id).with_for_update()).first()
    return Subscription(*row) if row else None


def put(connection: sa.Connection, contact_id: int, **values: Any) -> None:
    """Add a subscription, or change it."""
    changed = sa.update(subscriptions).where(subscriptions.c.contact_id == contact_id).values(**values)
    if connection.execute(changed).rowcount == 0:
        connection.execute(sa.insert(subscriptions).values(contact_id=contact_id, **values))


def find_last_tip(connection: sa.Connection, contact_id: int) -> datetime | None:
    """Say when a contact was last sent a tip, in whatever subscription."""
    moment: datetime | None = connection.execute(
        sa.select(sa.func.max(tips.c.at)).where(tips.c.contact_id == contact_id)
    ).scalar()
    return moment


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose tip is due, and where it would go; ``reason`` says why it cannot."""

    subscription: Subscription
    channel: str | None
    address_id: int | None
    reason: str | None
    heard_at: datetime | None


def list_due(
    connection: sa.Connection,
    ways: Sequence[Way],
    topic: str,
    now: datetime,
    hold: datetime,
    offers: Iterable[str],
    after: tuple[datetime, int] | None,
    most: int,
) -> list[Due]:
    """List those whose tip is due, the longest due first, locked against another process.

    Args:
        connection: inside a write.
        ways: the channels there are.
        topic: what can be muted.
        now: the time.
        hold: those due since then are left while they answer questions.
        offers: flows whose questions are only offers.
        after: (next_at, contact_id) of the last row of the step before.
        most: how many.
    """
    talking = sa.exists().where(
        conversations.c.contact_id == subscriptions.c.contact_id,
        sa.not_(conversations.c.parked),
        conversations.c.flow.not_in(list(offers)),
    )
    heard = (
        sa.select(sa.func.max(addresses.c.last_in_at)).where(addresses.c.contact_id == contacts.c.id).scalar_subquery()
    )
    own = [subscriptions.c[name] for name in Subscription.__dataclass_fields__]
    query = (
        select_recipients(
            Audience(), topic, ways, now, more=(*own, heard.label("heard_at")),
            among=subscriptions.join(contacts, contacts.c.id == subscriptions.c.contact_id),
        )
        .where(subscriptions.c.next_at <= now, sa.or_(subscriptions.c.next_at <= hold, sa.not_(talking)))
        .order_by(subscriptions.c.next_at, subscriptions.c.contact_id)
        .limit(most)
        .with_for_update(of=subscriptions, skip_locked=True)
    )  # fmt: skip
    if after is not None:
        query = query.where(sa.tuple_(subscriptions.c.next_at, subscriptions.c.contact_id) > after)
    size = len(own)
    return [
        Due(Subscription(*row[:size]), row.channel, row.address_id, row.reason, row.heard_at)
        for row in connection.execute(query)
    ]


def list_seen(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, set[str]]:
    """List the lessons that contacts have begun or were sent."""
    seen: dict[int, set[str]] = {contact: set() for contact in contact_ids}
    for table in (tips, learned):
        query = sa.select(table.c.contact_id, table.c.lesson).where(table.c.contact_id.in_(contact_ids))
        for contact, lesson in connection.execute(query):
            seen[contact].add(lesson)
    return seen


_ADVANCE = Hot(
    sa.update(subscriptions)
    .where(subscriptions.c.contact_id == sa.bindparam("b_contact"))
    .values(
        state=sa.bindparam("state"), next_at=sa.bindparam("next_at"), last_at=sa.bindparam("last_at"),
        silent=sa.bindparam("silent"), changed_at=sa.bindparam("now"),
    )
)  # fmt: skip
_TIP = Hot(
    sa.insert(tips).values(contact_id=sa.bindparam("contact_id"), lesson=sa.bindparam("lesson"), at=sa.bindparam("at"))
)
_DELIVER = Hot(
    sa.insert(deliveries).values(
        broadcast_id=sa.bindparam("broadcast_id"), contact_id=sa.bindparam("contact_id"), channel=sa.bindparam("channel"),
        address_id=sa.bindparam("address_id"), state="queued", attempts=0, at=sa.bindparam("at"),
    )
)  # fmt: skip


def advance(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many subscriptions: b_contact, state, next_at, last_at, silent and now of each."""
    if rows:
        _ADVANCE.run_many(connection, rows)


def add_tips(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add a tip and its delivery: contact_id, lesson, broadcast_id, channel, address_id and at of each."""
    if rows:
        _TIP.run_many(connection, rows)
        _DELIVER.run_many(connection, rows)


def select_back() -> sa.Select[int]:
    """Select who has written again since their tip was held."""
    wrote = sa.exists().where(
        addresses.c.contact_id == subscriptions.c.contact_id, addresses.c.last_in_at >= subscriptions.c.changed_at
    )
    return sa.select(subscriptions.c.contact_id).where(subscriptions.c.state == "held", wrote)


def list_held(connection: sa.Connection, contact_ids: Sequence[int]) -> list[Subscription]:
    """List those of some contacts that are held still, locked against another process."""
    query = _SELECT.where(subscriptions.c.contact_id.in_(contact_ids), subscriptions.c.state == "held")
    ordered = query.order_by(subscriptions.c.contact_id).with_for_update(skip_locked=True)
    return [Subscription(*row) for row in connection.execute(ordered)]


def remove(connection: sa.Connection, contact_id: int) -> bool:
    """End a subscription; False if there is none. Which tips were sent stays known."""
    return connection.execute(sa.delete(subscriptions).where(subscriptions.c.contact_id == contact_id)).rowcount == 1

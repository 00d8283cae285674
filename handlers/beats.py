"""What one commit does for the broadcasts of a channel: it marks what was sent, ends what is done, and claims what leaves next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from handlers.mail import LEASE
from handlers.messages import Channel, Outgoing, dump_outgoing
from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage import broadcasts, contacts, deliveries, outbox
from storage.broadcasts import Broadcast
from storage.deliveries import Claimed, Mark, Together
from storage.outbox import PUSH

TIER = timedelta(hours=24)  # over which WhatsApp counts whom a number writes to first


@dataclass(slots=True)
class Done:
    """What became of deliveries since the last beat.

    Attributes:
        marks: of each that was tried, but for
        sent: the contacts who were sent theirs and of whom nothing else is to be kept, by what was claimed together.
        shown: those to be shown from the outbox, on a channel whose page asks for what is there.
        gone: those whose whole address refuses us, with the reason.
        templated: whom we wrote to first, and when.
        faulty: broadcasts that fail for everybody alike, with the reason.
    """

    marks: list[Mark] = field(default_factory=list)
    sent: dict[Together, list[int]] = field(default_factory=dict)
    shown: list[tuple[Claimed, Outgoing]] = field(default_factory=list)
    gone: list[tuple[Claimed, str]] = field(default_factory=list)
    templated: list[tuple[int, datetime]] = field(default_factory=list)
    faulty: dict[int, str] = field(default_factory=dict)

    def followed_by(self, later: Done) -> Done:
        """Put two together."""
        sent = {together: list(contact_ids) for together, contact_ids in self.sent.items()}
        for together, contact_ids in later.sent.items():
            sent.setdefault(together, []).extend(contact_ids)
        return Done(
            self.marks + later.marks,
            sent,
            self.shown + later.shown,
            self.gone + later.gone,
            self.templated + later.templated,
            self.faulty | later.faulty,
        )

    def is_empty(self) -> bool:
        """Tell whether there is nothing to store."""
        return not (self.marks or self.sent)


@dataclass(frozen=True, slots=True)
class Beat:
    """What one commit gives: what to send now, of which broadcasts, and whether more is there."""

    claimed: Sequence[Claimed] = ()
    running: Sequence[Broadcast] = ()
    new_people: int | None = None  # how many more may be written to first today


def beat_once(
    connection: sa.Connection,
    office: Office,
    channel: Channel,
    done: Done,
    renewed: Sequence[tuple[int, int]],
    want: int,
) -> Beat:
    """Mark what became of deliveries, end what is done, and claim what comes next: urgent ones first, then the oldest.

    Args:
        connection: inside a write.
        office: its clock and hours.
        channel: whose deliveries.
        done: what became of earlier ones.
        renewed: (broadcast, contact) of those that wait for the vendor for long.
        want: how many to claim at most.
    """
    now = office.clock()
    _store(connection, office, channel.name, done, now)
    if renewed:
        deliveries.renew(connection, renewed, now + LEASE)
    running = [each for each in broadcasts.list_running(connection) if _may_leave(office, each, now)]
    claimed: list[Claimed] = []
    for broadcast in running:
        if len(claimed) < want:
            topic = TOPIC_OF_KIND[broadcast.kind].name
            claimed += deliveries.claim(
                connection, channel.name, broadcast.id, topic, now, now + LEASE, want - len(claimed)
            )
        if len(claimed) < want and broadcast.is_filled:
            _end_where_done(connection, office, broadcast, now)
    tier = channel.ability.new_people_a_day
    left = None
    if tier is not None and claimed:
        left = tier - deliveries.count_templates(connection, channel.name, now - TIER)
    return Beat(claimed, running, left)


def _may_leave(office: Office, broadcast: Broadcast, now: datetime) -> bool:
    """Tell whether messages of a broadcast leave at a moment: a tip comes at the hour its reader chose, others in the window."""
    if broadcast.kind == "tip":
        return office.may_disturb(now)
    return broadcast.disturbs or office.may_broadcast(now)


def _store(connection: sa.Connection, office: Office, channel: str, done: Done, now: datetime) -> None:
    for (broadcast_id, claimed_at, attempts), contact_ids in done.sent.items():
        deliveries.mark_sent(connection, broadcast_id, claimed_at, attempts, contact_ids, now)
    if done.marks:
        deliveries.mark(connection, done.marks)
    for claimed, reason in done.gone:
        contacts.refuse_address(connection, channel, claimed.address or "", reason)
        deliveries.fall_over(connection, claimed.broadcast_id, claimed.contact_id, list(office.abilities), now)
    for claimed, message in done.shown:
        address, payload = claimed.address or "", dump_outgoing(message)
        outbox.add_later(connection, claimed.contact_id, channel, address, PUSH, payload, now, now)
    deliveries.note_templates(connection, channel, done.templated)
    for broadcast_id, reason in done.faulty.items():
        broadcasts.change(connection, broadcast_id, ("running",), state="paused", reason=reason)


def _end_where_done(connection: sa.Connection, office: Office, broadcast: Broadcast, now: datetime) -> None:
    # Whether its recipients are being queued again is asked before and after: between, another process may finish with that.
    if broadcast.sweep is None and not deliveries.has_waiting(connection, broadcast.id, list(office.abilities)):
        broadcasts.end(connection, broadcast.id, now)

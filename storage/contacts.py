"""Contacts (people), their addresses on channels, consents and staff roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.hot import Hot, read_time
from storage.tables import addresses, audit, consents, contacts, conversations, handovers, staff


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """The conversation a contact is in, as stored: facts, journal and shown are JSON."""

    id: int
    flow: str
    version: str
    facts: str
    journal: str
    shown: str
    turn: int


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as seen from one of their addresses, with the open conversation and hand-over."""

    contact_id: int
    address_id: int
    channel: str
    address: str
    language: str
    name: str | None
    village: str | None
    consent: bool
    stopped_at: datetime | None
    apologies: int
    javanese_offered: bool
    last_in_at: datetime | None
    refused: str | None
    role: str | None
    staff_name: str | None
    staff_village: str | None
    handover_id: int | None
    conversation: OpenConversation | None


_FIND = Hot(
    sa.select(
        contacts.c.id,
        addresses.c.id,
        contacts.c.language,
        contacts.c.name,
        contacts.c.village,
        contacts.c.consent,
        contacts.c.stopped_at,
        contacts.c.apologies,
        contacts.c.javanese_offered,
        addresses.c.last_in_at,
        addresses.c.refused,
        staff.c.role,
        staff.c.name,
        staff.c.village,
        handovers.c.id,
        conversations.c.id,
        conversations.c.flow,
        conversations.c.version,
        conversations.c.facts,
        conversations.c.journal,
        conversations.c.shown,
        conversations.c.turn,
    )
    .select_from(addresses)
    .join(contacts, contacts.c.id == addresses.c.contact_id)
    .outerjoin(staff, sa.and_(staff.c.contact_id == contacts.c.id, staff.c.active))
    .outerjoin(handovers, sa.and_(handovers.c.contact_id == contacts.c.id, handovers.c.closed_at.is_(None)))
    .outerjoin(conversations, sa.and_(conversations.c.contact_id == contacts.c.id, sa.not_(conversations.c.parked)))
    .where(addresses.c.channel == sa.bindparam("channel"), addresses.c.address == sa.bindparam("address"))
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:channel || ':' || :address, 0))")
_ADD_CONTACT = sa.insert(contacts).returning(contacts.c.id)
_ADD_ADDRESS = sa.insert(addresses).returning(addresses.c.id)
_HEARD = (
    sa.update(addresses)
    .where(addresses.c.id == sa.bindparam("b_id"))
    .values(last_in_at=sa.bindparam("at"), refused=None)
)
_REACH = (
    sa.select(addresses.c.channel, addresses.c.address, contacts.c.language, addresses.c.last_in_at)
    .join(contacts, contacts.c.id == addresses.c.contact_id)
    .where(addresses.c.contact_id == sa.bindparam("contact_id"), addresses.c.refused.is_(None))
    .order_by(addresses.c.last_in_at.desc().nulls_last(), addresses.c.id)
)


def lock_address(connection: sa.Connection, channel: str, address: str) -> None:
    """Let one turn at a time through for an address. On SQLite the one writer does that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"channel": channel, "address": address})


def find_person(connection: sa.Connection, channel: str, address: str) -> Person | None:
    """Find who stands behind an address."""
    row = _FIND.first(connection, {"channel": channel, "address": address})
    if row is None:
        return None
    open_one = OpenConversation(*row[15:22]) if row[15] is not None else None
    return Person(
        row[0], row[1], channel, address, row[2], row[3], row[4], bool(row[5]), read_time(row[6]), row[7],
        bool(row[8]), read_time(row[9]), row[10], row[11], row[12], row[13], row[14], open_one,
    )  # fmt: skip


def add_person(connection: sa.Connection, channel: str, address: str, name: str | None, now: datetime) -> Person:
    """Add a contact with its first address."""
    contact_id = connection.execute(_ADD_CONTACT, {"name": name, "created_at": now}).scalar_one()
    address_id = connection.execute(
        _ADD_ADDRESS, {"contact_id": contact_id, "channel": channel, "address": address, "last_in_at": now}
    ).scalar_one()
    return Person(
        contact_id, address_id, channel, address, "id", name, None, consent=False, stopped_at=None, apologies=0, javanese_offered=False,
        last_in_at=now, refused=None, role=None, staff_name=None, staff_village=None, handover_id=None, conversation=None,
    )  # fmt: skip


def find_last_id(connection: sa.Connection) -> int:
    """Give the number of the newest contact, 0 where there is none: about as many there are."""
    return int(connection.execute(sa.select(sa.func.max(contacts.c.id))).scalar() or 0)


def heard_from(connection: sa.Connection, address_id: int, at: datetime) -> None:
    """Note that a person wrote from this address: it is reachable, and its window is open."""
    connection.execute(_HEARD, {"b_id": address_id, "at": at})


def change_contact(connection: sa.Connection, contact_id: int, **values: object) -> None:
    """Set columns of a contact."""
    connection.execute(sa.update(contacts).where(contacts.c.id == contact_id).values(**values))


def refuse_address(connection: sa.Connection, channel: str, address: str, reason: str) -> None:
    """Mark an address as unreachable, with the reason; the person's next message clears it."""
    connection.execute(
        sa.update(addresses)
        .where(addresses.c.channel == channel, addresses.c.address == address)
        .values(refused=reason)
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a contact can be reached, the channel last used first."""

    channel: str
    address: str
    language: str
    last_in_at: datetime | None


def list_reaches(connection: sa.Connection, contact_id: int) -> list[Reach]:
    """List where a contact can be reached."""
    return [Reach(*row) for row in connection.execute(_REACH, {"contact_id": contact_id})]


def list_channels(connection: sa.Connection, contact_id: int) -> list[str]:
    """List the channels a contact has an address on, reachable or not."""
    query = sa.select(addresses.c.channel).where(addresses.c.contact_id == contact_id).distinct()
    return list(connection.execute(query).scalars())


def add_consent(
    connection: sa.Connection, contact_id: int, text_version: str, channel: str, *, given: bool, at: datetime
) -> None:
    """Record a consent or its withdrawal; rows are only ever added."""
    connection.execute(
        sa.insert(consents).values(
            contact_id=contact_id, text_version=text_version, channel=channel, given=given, at=at
        )
    )
    change_contact(connection, contact_id, consent=given)


def find_consent(connection: sa.Connection, contact_id: int) -> tuple[datetime, str] | None:
    """Find when a contact last agreed, and to which text."""
    row = connection.execute(
        sa.select(consents.c.at, consents.c.text_version)
        .where(consents.c.contact_id == contact_id, consents.c.given)
        .order_by(consents.c.id.desc())
    ).first()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the office: role is admin, officer, inspector or village (then of one village only)."""

    contact_id: int
    name: str
    role: str
    village: str | None


_STAFF = sa.select(staff.c.contact_id, staff.c.name, staff.c.role, staff.c.village).where(staff.c.active)


def find_staff(connection: sa.Connection, contact_id: int) -> Staff | None:
    """Find a contact's role, if they are active staff."""
    row = connection.execute(_STAFF.where(staff.c.contact_id == contact_id)).first()
    return Staff(*row) if row else None


def list_staff(connection: sa.Connection, *, added_before: datetime | None = None) -> Sequence[Staff]:
    """List active staff, all or those who joined the office before a time."""
    which = sa.true() if added_before is None else staff.c.added_at < added_before
    return [Staff(*row) for row in connection.execute(_STAFF.where(which).order_by(staff.c.contact_id))]


def put_staff(
    connection: sa.Connection, contact_id: int, name: str, role: str, village: str | None, now: datetime
) -> None:
    """Make a contact staff, or change their role."""
    changed = connection.execute(
        sa.update(staff)
        .where(staff.c.contact_id == contact_id)
        .values(name=name, role=role, village=village, active=True)
    )
    if changed.rowcount == 0:
        connection.execute(
            sa.insert(staff).values(contact_id=contact_id, name=name, role=role, village=village, added_at=now)
        )


def end_staff(connection: sa.Connection, contact_id: int) -> None:
    """Take a contact's role away; the row stays, because history names it."""
    connection.execute(sa.update(staff).where(staff.c.contact_id == contact_id).values(active=False))


def add_audit(
    connection: sa.Connection, actor_id: int | None, action: str, subject: str, *, allowed: bool, at: datetime
) -> None:
    """Write down who did, or tried, what."""
    connection.execute(
        sa.insert(audit).values(actor_id=actor_id, action=action, subject=subject, allowed=allowed, at=at)
    )

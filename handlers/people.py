"""Use-cases about staff: adding somebody by their address on a channel."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from handlers.rights import ROLES
from storage import contacts, handovers, requests

STAFF_NOTICE = "staff"  # an officer's consent is their employment; the log says so


class StaffError(Exception):
    """The staff member cannot be added as said: what, and what to do."""


def add_staff(
    connection: sa.Connection, channel: str, address: str, name: str, role: str, village: str | None, now: datetime
) -> int:
    """Make the person behind an address staff, known to the bot or not; returns the contact's id.

    Raises:
        StaffError: the role is unknown, or a village officer has no village (and only they have one).
    """
    if role not in ROLES:
        raise StaffError(f"role {role!r} is unknown: one of {', '.join(ROLES)}")
    if (role == "village") != (village is not None):
        raise StaffError("a village officer, and only one, needs --village with the official code, as 35.05.01.2002")
    person = contacts.find_person(connection, channel, address) or contacts.add_person(
        connection, channel, address, None, now
    )
    if not person.consent:
        contacts.add_consent(connection, person.contact_id, STAFF_NOTICE, channel, given=True, at=now)
    contacts.put_staff(connection, person.contact_id, name, role, village, now)
    contacts.add_audit(connection, None, "staff add", f"contact {person.contact_id}", allowed=True, at=now)
    return person.contact_id


def remove_staff(connection: sa.Connection, channel: str, address: str, now: datetime) -> str:
    """End somebody's work for the office; what they had goes back to the desk. Returns their name.

    Raises:
        StaffError: nobody of the office has this address.
    """
    person = contacts.find_person(connection, channel, address)
    if person is None or person.role is None:
        raise StaffError(f"nobody of the office has the address {address!r} on {channel}")
    contacts.end_staff(connection, person.contact_id)
    requests.free_requests(connection, person.contact_id)
    talk = handovers.find_open(connection, officer_id=person.contact_id)
    if talk is not None:
        handovers.close(connection, talk.id, now)
    contacts.add_audit(connection, None, "staff remove", f"contact {person.contact_id}", allowed=True, at=now)
    return person.staff_name or address

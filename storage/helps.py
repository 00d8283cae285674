"""Help by volunteers: whom a request is offered to, and the one who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.requests import Request
from storage.tables import helps, requests, volunteer_villages, volunteers


@dataclass(frozen=True, slots=True)
class Help:
    """How a request stands with the volunteers.

    Attributes:
        request_id: one request, one row.
        contact_id: who has it or has done it; None while it is offered.
        state: offered, taken, done or closed.
        offered_at: when this round of offers began.
        taken_at: when it was taken, or handed on. A closed one that has it and no contact was done by somebody erased since.
        heard_at: the last word of its volunteer, or to them.
        round: which offer this is; each return begins another.
    """

    request_id: int
    contact_id: int | None
    state: str
    offered_at: datetime
    taken_at: datetime | None
    heard_at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class Helper:
    """An active volunteer."""

    contact_id: int
    name: str


DONE = sa.or_(
    helps.c.state == "done",
    sa.and_(helps.c.state == "closed", helps.c.contact_id.is_(None), helps.c.taken_at.is_not(None)),
)
_HELP = [helps.c[name] for name in Help.__dataclass_fields__]
_REQUEST = [requests.c[name] for name in Request.__dataclass_fields__]
_JOINED = sa.select(*_REQUEST).join(helps, helps.c.request_id == requests.c.id)
_HELPER = sa.select(volunteers.c.contact_id, volunteers.c.name).where(volunteers.c.state == "active")


def add_help(connection: sa.Connection, request_id: int, now: datetime) -> None:
    """Note that a request is offered to volunteers, in its first round."""
    connection.execute(
        sa.insert(helps).values(request_id=request_id, state="offered", offered_at=now, heard_at=now, round=1)
    )


def find_help(connection: sa.Connection, request_id: int) -> Help | None:
    """Find how a request stands with the volunteers; None where it was never offered."""
    row = connection.execute(sa.select(*_HELP).where(helps.c.request_id == request_id)).first()
    return Help(*row) if row else None


def change_help(connection: sa.Connection, seen: Help, **values: object) -> bool:
    """Set columns, if the help is still in the state, round and hands it was seen in; says whether it was.

    Of any number who act on what they saw at the same moment, exactly one is told True.
    """
    changed = connection.execute(
        sa.update(helps)
        .where(
            helps.c.request_id == seen.request_id,
            helps.c.state == seen.state,
            helps.c.round == seen.round,
            helps.c.contact_id.is_not_distinct_from(seen.contact_id),
        )
        .values(**values)
    )
    return changed.rowcount == 1


def find_helper(connection: sa.Connection, contact_id: int) -> Helper | None:
    """Find an active volunteer, who stays one until the transaction ends."""
    row = connection.execute(_HELPER.where(volunteers.c.contact_id == contact_id).with_for_update(read=True)).first()
    return Helper(*row) if row else None


def looks_after(connection: sa.Connection, contact_id: int, village: str) -> bool:
    """Tell whether a village is one of a volunteer's."""
    mine = volunteer_villages.c.contact_id == contact_id
    query = sa.select(volunteer_villages.c.village).where(mine, volunteer_villages.c.village == village)
    return connection.execute(query).first() is not None


def list_helpers(connection: sa.Connection, village: str) -> list[Helper]:
    """List the active volunteers of a village, those who applied first first."""
    query = (
        _HELPER.join(volunteer_villages, volunteer_villages.c.contact_id == volunteers.c.contact_id)
        .where(volunteer_villages.c.village == village)
        .order_by(volunteers.c.applied_at, volunteers.c.contact_id)
    )
    return [Helper(*row) for row in connection.execute(query)]


def list_taken_by(connection: sa.Connection, contact_id: int) -> list[Request]:
    """List the requests a volunteer has, those taken first first."""
    query = _JOINED.where(helps.c.state == "taken", helps.c.contact_id == contact_id)
    return [Request(*row) for row in connection.execute(query.order_by(helps.c.taken_at, helps.c.request_id))]


def list_offered_to(connection: sa.Connection, contact_id: int, most: int) -> list[Request]:
    """List the requests that wait for a volunteer in a volunteer's villages, never their own; the oldest offers first."""
    villages = sa.select(volunteer_villages.c.village).where(volunteer_villages.c.contact_id == contact_id)
    query = _JOINED.where(
        helps.c.state == "offered", requests.c.village.in_(villages), requests.c.contact_id != contact_id
    )
    rows = connection.execute(query.order_by(helps.c.offered_at, helps.c.request_id).limit(most))
    return [Request(*row) for row in rows]


def list_open_of_sender(connection: sa.Connection, contact_id: int) -> list[Request]:
    """List the requests of a sender that volunteers are asked to help with, or help with."""
    query = _JOINED.where(helps.c.state.in_(("offered", "taken")), requests.c.contact_id == contact_id)
    return [Request(*row) for row in connection.execute(query.order_by(helps.c.request_id))]


def list_unheard(connection: sa.Connection, state: str, before: datetime) -> Sequence[tuple[Help, str]]:
    """List help in a state of which nothing was heard since a time, with the state of the request."""
    query = (
        sa.select(*_HELP, requests.c.state)
        .join(requests, requests.c.id == helps.c.request_id)
        .where(helps.c.state == state, helps.c.heard_at <= before)
        .order_by(helps.c.heard_at, helps.c.request_id)
    )
    return [(Help(*row[:-1]), row[-1]) for row in connection.execute(query)]

"""Requests and complaints, what happened to them, and who sent an anonymous one (apart)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import reporters, request_events, requests, staff, volunteers

OPEN_STATES = ("received", "checked", "needs_more", "in_progress", "ready")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as stored. ``contact_id`` is None for an anonymous or erased one."""

    id: int
    code: str
    contact_id: int | None
    service: str
    version: str
    kind: str
    village: str
    confidential: bool
    anonymous: bool
    state: str
    answers: str
    assignee_id: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One step in a request's life.

    ``by_staff`` is the name of the officer whose step it was, ``by_volunteer`` that of the volunteer; else None.
    """

    at: datetime
    action: str
    state: str
    note: str | None
    media: str | None
    by_staff: str | None
    by_volunteer: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A request whose last step was its sender's answer: that step's id, words and media."""

    request: Request
    event_id: int
    note: str | None
    media: str | None


_COLUMNS = [requests.c[name] for name in Request.__dataclass_fields__]


def add_request(
    connection: sa.Connection,
    *,
    code: str,
    contact_id: int,
    service: str,
    version: str,
    kind: str,
    village: str,
    confidential: bool,
    anonymous: bool,
    answers: str,
    now: datetime,
) -> Request | None:
    """Add a request; None if the code is taken (the caller tries another).

    The sender of an anonymous one goes to ``reporters`` and nowhere else.
    """
    if connection.execute(sa.select(requests.c.id).where(requests.c.code == code)).first():
        return None
    row = connection.execute(
        sa.insert(requests)
        .values(
            code=code, contact_id=None if anonymous else contact_id, service=service, version=version, kind=kind,
            village=village, confidential=confidential, anonymous=anonymous, state="received", answers=answers,
            created_at=now, updated_at=now,
        )
        .returning(*_COLUMNS)
    ).one()  # fmt: skip
    request = Request(*row)
    if anonymous:
        connection.execute(sa.insert(reporters).values(request_id=request.id, contact_id=contact_id))
    add_event(connection, request.id, None if anonymous else contact_id, "send", "received", None, None, now)
    return request


def find_request(
    connection: sa.Connection, *, code: str | None = None, request_id: int | None = None
) -> Request | None:
    """Find a request by its code or id."""
    which = requests.c.code == code if code is not None else requests.c.id == request_id
    row = connection.execute(sa.select(*_COLUMNS).where(which).with_for_update()).first()
    return Request(*row) if row else None


def sender_of(connection: sa.Connection, request: Request) -> int | None:
    """Say whom the answer goes to. For an anonymous request this must reach the outbox and nobody's eyes."""
    if request.contact_id is not None:
        return request.contact_id
    return connection.execute(sa.select(reporters.c.contact_id).where(reporters.c.request_id == request.id)).scalar()


def list_of_contact(connection: sa.Connection, contact_id: int, most: int) -> list[Request]:
    """List a contact's requests, anonymous ones included, the newest first."""
    query = sa.select(*_COLUMNS).where(_mine(contact_id)).order_by(requests.c.id.desc())
    return [Request(*row) for row in connection.execute(query.limit(most))]


def find_answered(connection: sa.Connection, contact_id: int, since: datetime) -> Answered | None:
    """Find the request that a contact answered last, if nothing has come since that answer; none answered before ``since``."""
    newer = request_events.alias()
    query = (
        sa.select(*_COLUMNS, request_events.c.id, request_events.c.note, request_events.c.media)
        .join(request_events, request_events.c.request_id == requests.c.id)
        .where(_mine(contact_id), requests.c.updated_at >= since, request_events.c.action == "add")
        .where(~sa.exists().where(newer.c.request_id == requests.c.id, newer.c.id > request_events.c.id))
        .order_by(requests.c.updated_at.desc(), requests.c.id.desc())
    )
    row = connection.execute(query.limit(1)).first()
    return Answered(Request(*row[:-3]), *row[-3:]) if row else None


def list_open(
    connection: sa.Connection, *, village: str | None, confidential: bool, assignee_id: int | None, most: int
) -> list[Request]:
    """List open requests in the order of arrival.

    Args:
        connection: any connection.
        village: only those of this village; None for all.
        confidential: include confidential ones.
        assignee_id: only those taken by this officer, where given.
        most: how many at most.
    """
    query = sa.select(*_COLUMNS).where(requests.c.state.in_(OPEN_STATES)).order_by(requests.c.id).limit(most)
    if village is not None:
        query = query.where(requests.c.village == village)
    if not confidential:
        query = query.where(sa.not_(requests.c.confidential))
    if assignee_id is not None:
        query = query.where(requests.c.assignee_id == assignee_id)
    return [Request(*row) for row in connection.execute(query)]


def change_request(connection: sa.Connection, request_id: int, now: datetime, **values: object) -> None:
    """Set columns of a request."""
    connection.execute(sa.update(requests).where(requests.c.id == request_id).values(updated_at=now, **values))


def free_requests(connection: sa.Connection, assignee_id: int) -> None:
    """Put the open requests somebody has back to the desk."""
    connection.execute(
        sa.update(requests)
        .where(requests.c.assignee_id == assignee_id, requests.c.state.in_(OPEN_STATES))
        .values(assignee_id=None)
    )


def add_event(
    connection: sa.Connection,
    request_id: int,
    actor_id: int | None,
    action: str,
    state: str,
    note: str | None,
    media: str | None,
    now: datetime,
) -> None:
    """Add a step to a request's history."""
    connection.execute(
        sa.insert(request_events).values(
            request_id=request_id, at=now, actor_id=actor_id, action=action, state=state, note=note, media=media
        )
    )


def extend_event(connection: sa.Connection, event_id: int, note: str | None, media: str | None) -> None:
    """Set what an answer says, once more has come to it."""
    connection.execute(sa.update(request_events).where(request_events.c.id == event_id).values(note=note, media=media))


def list_events(connection: sa.Connection, request_id: int) -> Sequence[Event]:
    """List a request's history, the oldest first."""
    query = (
        sa.select(
            request_events.c.at, request_events.c.action, request_events.c.state, request_events.c.note,
            request_events.c.media, staff.c.name, volunteers.c.name,
        )
        .outerjoin(staff, staff.c.contact_id == request_events.c.actor_id)
        .outerjoin(volunteers, volunteers.c.contact_id == request_events.c.actor_id)
        .where(request_events.c.request_id == request_id)
        .order_by(request_events.c.id)
    )  # fmt: skip
    return [Event(*row) for row in connection.execute(query)]


def _mine(contact_id: int) -> sa.ColumnElement[bool]:
    anonymous = sa.select(reporters.c.request_id).where(reporters.c.contact_id == contact_id)
    return sa.or_(requests.c.contact_id == contact_id, requests.c.id.in_(anonymous))

"""Events for volunteers: what is announced, who answered what, and who came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.tables import event_guests, events, volunteers

_KNOWN = ("active", "paused")  # volunteers who hear of what becomes of an event


@dataclass(frozen=True, slots=True)
class Event:
    """An event; ``media`` is JSON, ``state`` announced or cancelled. Its code is unique among all there ever were."""

    id: int
    title: str
    place: str
    about: str | None
    starts_at: datetime
    code: str
    material: str | None
    media: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Guest:
    """What somebody answered (coming, maybe, not_coming or nothing yet), and when their presence was noted."""

    contact_id: int
    name: str
    answer: str | None
    attended_at: datetime | None
    wrong_codes: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The guests of an event in numbers."""

    guests: int
    coming: int
    maybe: int
    not_coming: int
    unanswered: int
    attended: int


_FIND = sa.select(
    events.c.id, events.c.title, events.c.place, events.c.about, events.c.starts_at, events.c.code, events.c.material,
    events.c.media, events.c.state,
)  # fmt: skip
_GUESTS = sa.select(
    event_guests.c.contact_id, volunteers.c.name, event_guests.c.answer, event_guests.c.attended_at,
    event_guests.c.wrong_codes,
).join(volunteers, volunteers.c.contact_id == event_guests.c.contact_id)  # fmt: skip
_ADD_GUEST = sa.text(
    "INSERT INTO event_guests (event_id, contact_id) VALUES (:event_id, :contact_id) ON CONFLICT DO NOTHING"
)


def add_event(
    connection: sa.Connection,
    *,
    title: str,
    place: str,
    about: str | None,
    starts_at: datetime,
    code: str,
    author_id: int,
    now: datetime,
) -> int | None:
    """Add an event and return its id; None if the code is taken (the caller tries another)."""
    if connection.execute(sa.select(events.c.id).where(events.c.code == code)).first():
        return None
    added = sa.insert(events).values(
        title=title, place=place, about=about, starts_at=starts_at, code=code, state="announced", author_id=author_id,
        created_at=now,
    )  # fmt: skip
    number: int = connection.execute(added.returning(events.c.id)).scalar_one()
    return number


def find_event(connection: sa.Connection, event_id: int) -> Event | None:
    """Find an event."""
    row = connection.execute(_FIND.where(events.c.id == event_id)).first()
    return Event(*row) if row else None


def list_events(connection: sa.Connection, first: datetime, last: datetime, *, cancelled: bool = False) -> list[Event]:
    """List the events that start between two times, both included, the earliest first."""
    states = ("announced", "cancelled") if cancelled else ("announced",)
    query = _FIND.where(events.c.starts_at.between(first, last), events.c.state.in_(states))
    return [Event(*row) for row in connection.execute(query.order_by(events.c.starts_at, events.c.id))]


def list_titles(connection: sa.Connection) -> dict[int, str]:
    """List what every event is called, by its id."""
    return {row[0]: row[1] for row in connection.execute(sa.select(events.c.id, events.c.title))}


def move_event(connection: sa.Connection, event_id: int, starts_at: datetime) -> bool:
    """Move an event to another time; False if it is cancelled. Wrong codes typed for the old day do not count any more."""
    if not _change(connection, event_id, starts_at=starts_at):
        return False
    connection.execute(sa.update(event_guests).where(event_guests.c.event_id == event_id).values(wrong_codes=0))
    return True


def cancel_event(connection: sa.Connection, event_id: int) -> bool:
    """Cancel an event; False if it was cancelled before."""
    return _change(connection, event_id, state="cancelled")


def put_material(connection: sa.Connection, event_id: int, material: str | None, media: str | None) -> bool:
    """Keep the material of an event in place of what was kept; False if the event is cancelled."""
    return _change(connection, event_id, material=material, media=media)


def add_guests(connection: sa.Connection, event_id: int) -> None:
    """Make every active volunteer a guest."""
    active = sa.select(sa.literal(event_id), volunteers.c.contact_id).where(volunteers.c.state == "active")
    connection.execute(sa.insert(event_guests).from_select(["event_id", "contact_id"], active))


def find_guest(connection: sa.Connection, event_id: int, contact_id: int) -> Guest | None:
    """Find what a volunteer has to do with an event."""
    row = connection.execute(_GUESTS.where(_is(event_id, contact_id))).first()
    return Guest(*row) if row else None


def list_guests(connection: sa.Connection, event_id: int) -> list[Guest]:
    """List the guests of an event, by name; those who are no volunteers any more too."""
    query = _GUESTS.where(event_guests.c.event_id == event_id).order_by(volunteers.c.name, volunteers.c.contact_id)
    return [Guest(*row) for row in connection.execute(query)]


def list_to_tell(connection: sa.Connection, event_id: int) -> list[Guest]:
    """List the guests who hear what becomes of an event: not those who are no volunteers any more."""
    query = _GUESTS.where(event_guests.c.event_id == event_id, volunteers.c.state.in_(_KNOWN))
    return [Guest(*row) for row in connection.execute(query.order_by(event_guests.c.contact_id))]


def list_as_guest(connection: sa.Connection, contact_id: int) -> list[tuple[Event, Guest]]:
    """List the events a volunteer is a guest of, the latest first."""
    query = (
        sa.select(*_FIND.selected_columns, *_GUESTS.selected_columns)
        .select_from(event_guests)
        .join(events, events.c.id == event_guests.c.event_id)
        .join(volunteers, volunteers.c.contact_id == event_guests.c.contact_id)
        .where(event_guests.c.contact_id == contact_id)
        .order_by(events.c.starts_at.desc(), events.c.id)
    )
    return [(Event(*row[:9]), Guest(*row[9:])) for row in connection.execute(query)]


def put_answer(connection: sa.Connection, event_id: int, contact_id: int, answer: str, now: datetime) -> None:
    """Keep a volunteer's answer, in place of an earlier one."""
    _make_guest(connection, event_id, contact_id)
    connection.execute(sa.update(event_guests).where(_is(event_id, contact_id)).values(answer=answer, answered_at=now))


def attend(connection: sa.Connection, event_id: int, contact_id: int, now: datetime) -> bool:
    """Note that somebody is there; False if that was noted before."""
    _make_guest(connection, event_id, contact_id)
    changed = connection.execute(
        sa.update(event_guests)
        .where(_is(event_id, contact_id), event_guests.c.attended_at.is_(None))
        .values(attended_at=now)
    )
    return changed.rowcount == 1


def count_wrong_code(connection: sa.Connection, event_id: int, contact_id: int) -> None:
    """Note that somebody typed a code that is not the event's."""
    _make_guest(connection, event_id, contact_id)
    connection.execute(
        sa.update(event_guests).where(_is(event_id, contact_id)).values(wrong_codes=event_guests.c.wrong_codes + 1)
    )


def count_guests(connection: sa.Connection, event_id: int) -> Counts:
    """Count the guests of an event, by answer and presence."""
    answer, everybody = event_guests.c.answer, sa.func.count()
    query = sa.select(
        everybody,
        everybody.filter(answer == "coming"),
        everybody.filter(answer == "maybe"),
        everybody.filter(answer == "not_coming"),
        everybody.filter(answer.is_(None)),
        sa.func.count(event_guests.c.attended_at),
    )
    return Counts(*connection.execute(query.where(event_guests.c.event_id == event_id)).one())


def list_people(connection: sa.Connection) -> list[tuple[int, str]]:
    """List the volunteers who may have come to an event, by name: contact and name."""
    query = sa.select(volunteers.c.contact_id, volunteers.c.name).where(volunteers.c.state.in_(_KNOWN))
    return [(row[0], row[1]) for row in connection.execute(query.order_by(volunteers.c.name, volunteers.c.contact_id))]


def list_to_remind(
    connection: sa.Connection, first: datetime, last: datetime, *, unanswered: bool
) -> list[tuple[int, Event]]:
    """List the active volunteers who come or may come to events that start between two times, both included.

    Args:
        connection: inside a write.
        first: the earliest start.
        last: the latest start.
        unanswered: those who have not answered too.
    """
    expected = event_guests.c.answer.in_(("coming", "maybe"))
    query = (
        sa.select(event_guests.c.contact_id, *_FIND.selected_columns)
        .select_from(event_guests)
        .join(events, events.c.id == event_guests.c.event_id)
        .join(volunteers, volunteers.c.contact_id == event_guests.c.contact_id)
        .where(
            events.c.state == "announced",
            events.c.starts_at.between(first, last),
            volunteers.c.state == "active",
            event_guests.c.attended_at.is_(None),
            sa.or_(expected, event_guests.c.answer.is_(None)) if unanswered else expected,
        )
        .order_by(events.c.id, event_guests.c.contact_id)
    )
    return [(row[0], Event(*row[1:])) for row in connection.execute(query)]


def forget(connection: sa.Connection, contact_id: int) -> None:
    """Remove somebody from the guests of all events; events they announced stand without them."""
    connection.execute(sa.delete(event_guests).where(event_guests.c.contact_id == contact_id))
    connection.execute(sa.update(events).where(events.c.author_id == contact_id).values(author_id=None))


def _change(connection: sa.Connection, event_id: int, **values: object) -> bool:
    announced = sa.update(events).where(events.c.id == event_id, events.c.state == "announced")
    return connection.execute(announced.values(**values)).rowcount == 1


def _make_guest(connection: sa.Connection, event_id: int, contact_id: int) -> None:
    connection.execute(_ADD_GUEST, {"event_id": event_id, "contact_id": contact_id})


def _is(event_id: int, contact_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(event_guests.c.event_id == event_id, event_guests.c.contact_id == contact_id)

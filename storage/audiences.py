"""Who gets a broadcast: filters as data, and the one statement that says for each contact where to, or why not.

Adding to deliveries, dry runs and counts all read that statement, so that what is shown beforehand is what happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.tables import (
    addresses,
    audiences,
    contacts,
    event_guests,
    mutes,
    requests,
    staff,
    subscriptions,
    volunteer_villages,
    volunteers,
)

ROLES = ("villager", "volunteer", "staff")
ANY_PILLAR = "*"
DISTRICT_CHARS = 8  # of an official code: 35.05.01 is a kecamatan, 35.05.01.2002 a village of it


@dataclass(frozen=True, slots=True)
class Audience:
    """Filters that must all hold; within one, any of its values. None given means everybody.

    Attributes:
        roles: of ROLES.
        languages: "id", "jv".
        channels: names of channels; people are then written to on one of these.
        places: codes of kecamatan or villages where people live.
        served: likewise, where volunteers work.
        pillars: who gets tips about one of these pillars; ``*`` for tips about anything.
        requested: who has or had a request of one of these services in their own name; of anonymous ones nobody looks up
            who sent them.
        inactive_days: who has not written for so many days.
        events: who is a guest of one of these events (ids).
        but: whom all that leaves out again: who is in any of these.
    """

    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    inactive_days: int = 0
    events: tuple[int, ...] = ()
    but: tuple[Audience, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the filters as they are stored: only those that are set."""
        set_ones: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value:
                set_ones[name] = list(value) if isinstance(value, tuple) else value
        if self.but:
            set_ones["but"] = [each.to_json() for each in self.but]
        return set_ones

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Audience:
        """Read stored filters.

        Raises:
            TypeError: there is a filter of another name.
        """
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
        }
        if "but" in values:
            values["but"] = tuple(cls.from_json(each) for each in raw["but"])
        return cls(**values)

    @property
    def is_everybody(self) -> bool:
        """Tell whether nothing is narrowed."""
        return self == Audience()


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to people: how long after their last message it is open, and whether a template opens it later."""

    channel: str
    window: timedelta | None = None
    has_template: bool = False


def select_recipients(
    audience: Audience,
    topic: str,
    ways: Sequence[Way],
    now: datetime,
    *,
    among: sa.FromClause = contacts,
    more: Sequence[sa.ColumnElement[Any]] = (),
) -> sa.Select[Any]:
    """Select each contact of an audience: id, channel, address_id, state and reason; language and village follow.

    A contact is written to on the channel they last used whose window is open, or else on the last used. ``reason`` says
    why somebody is skipped: stopped, muted, unreachable (no address, or all have refused us), window (closed, and no
    template opens it).

    Args:
        audience: whom.
        topic: what can be muted.
        ways: the channels there are.
        now: windows and inactivity are counted back from here.
        among: contacts, or contacts joined with what else is read.
        more: columns of that, which then come first.
    """
    channels = [way.channel for way in ways if not audience.channels or way.channel in audience.channels]
    other, used = addresses.alias("other"), addresses.alias("used")
    best = (
        sa.select(other.c.id)
        .where(other.c.contact_id == contacts.c.id, other.c.refused.is_(None), other.c.channel.in_(channels))
        .order_by(
            sa.case((_is_closed(other, ways, now), 1), else_=0), other.c.last_in_at.desc().nulls_last(), other.c.id
        )
        .limit(1)
        .scalar_subquery()
    )
    shut = _is_closed(used, [way for way in ways if not way.has_template], now)
    reason = sa.case(
        (contacts.c.stopped_at.is_not(None), "stopped"),
        (mutes.c.topic.is_not(None), "muted"),
        (used.c.id.is_(None), "unreachable"),
        (shut, "window"),
    )
    narrowed = replace(audience, channels=())
    return (
        sa.select(
            *more,
            contacts.c.id.label("contact_id"),
            used.c.channel,
            used.c.id.label("address_id"),
            sa.case((reason.is_(None), "queued"), else_="skipped").label("state"),
            reason.label("reason"),
            contacts.c.language,
            contacts.c.village,
        )
        .select_from(
            among.outerjoin(used, used.c.id == best).outerjoin(
                mutes, sa.and_(mutes.c.contact_id == contacts.c.id, mutes.c.topic == topic)
            )
        )
        .where(contacts.c.erased_at.is_(None), _may_be_written_to(), *_conditions(narrowed, now))
    )


def select_counts(audience: Audience, topic: str, ways: Sequence[Way], now: datetime) -> sa.Select[Any]:
    """Count the contacts of an audience by channel, language, kecamatan, reason, and whether a template is needed."""
    found = select_recipients(audience, topic, ways, now).subquery()
    used = addresses.alias("way")
    district = sa.func.coalesce(sa.func.substr(found.c.village, 1, DISTRICT_CHARS), "").label("district")
    by_template = sa.case((sa.and_(found.c.reason.is_(None), _is_closed(used, ways, now)), 1), else_=0).label("first")
    groups = (found.c.channel, found.c.language, district, found.c.reason, by_template)
    rows = sa.select(*groups).select_from(found.outerjoin(used, used.c.id == found.c.address_id)).subquery()
    return sa.select(*rows.c, sa.func.count()).group_by(*rows.c)


def _may_be_written_to() -> sa.ColumnElement[bool]:
    return sa.or_(contacts.c.consent, _has(staff, staff.c.active))


def _is_closed(table: Any, ways: Sequence[Way], now: datetime) -> sa.ColumnElement[bool]:
    """Tell of an address whether its channel takes nothing more until the person writes again."""
    closed = [
        sa.and_(
            table.c.channel == way.channel,
            sa.or_(table.c.last_in_at.is_(None), table.c.last_in_at <= now - way.window),
        )
        for way in ways
        if way.window is not None
    ]
    return sa.or_(sa.false(), *closed)


def _has(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.contact_id == contacts.c.id, *conditions)


def _is_in(column: sa.ColumnElement[str], places: Sequence[str]) -> sa.ColumnElement[bool]:
    """Tell whether the code of a village is one of the places, or in one of them."""
    known = sa.func.coalesce(column, "")
    return sa.or_(*(sa.or_(known == place, known.startswith(f"{place}.", autoescape=True)) for place in places))


def _conditions(audience: Audience, now: datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if audience.roles:
        is_staff, is_volunteer = _has(staff, staff.c.active), _has(volunteers, volunteers.c.state == "active")
        known = {"staff": is_staff, "volunteer": is_volunteer, "villager": sa.not_(sa.or_(is_staff, is_volunteer))}
        found.append(sa.or_(*(known[role] for role in audience.roles)))
    if audience.languages:
        found.append(contacts.c.language.in_(audience.languages))
    if audience.channels:
        found.append(_has(addresses, addresses.c.channel.in_(audience.channels)))
    if audience.places:
        found.append(_is_in(contacts.c.village, audience.places))
    if audience.served:
        found.append(_has(volunteer_villages, _is_in(volunteer_villages.c.village, audience.served)))
        found.append(_has(volunteers, volunteers.c.state == "active"))
    if audience.pillars:
        about = sa.true() if ANY_PILLAR in audience.pillars else subscriptions.c.pillar.in_(("", *audience.pillars))
        found.append(_has(subscriptions, subscriptions.c.state != "paused", about))
    if audience.requested:
        found.append(_has(requests, requests.c.service.in_(audience.requested)))
    if audience.inactive_days:
        since = now - timedelta(days=audience.inactive_days)
        found.append(sa.not_(_has(addresses, addresses.c.last_in_at > since)))
    if audience.events:
        found.append(_has(event_guests, event_guests.c.event_id.in_(audience.events)))
    for left_out in audience.but:
        found.append(sa.not_(sa.and_(sa.true(), *_conditions(left_out, now))))
    return found


@dataclass(frozen=True, slots=True)
class Saved:
    """An audience with a name, to be used again; who belongs to it is found anew each time."""

    id: int
    name: str
    filters: str


def save(connection: sa.Connection, name: str, filters: str, author_id: int, now: datetime) -> None:
    """Keep an audience under a name; one of the same name is replaced."""
    values = {"filters": filters, "author_id": author_id, "created_at": now}
    if connection.execute(sa.update(audiences).where(audiences.c.name == name).values(values)).rowcount == 0:
        connection.execute(sa.insert(audiences).values(name=name, **values))


def list_saved(connection: sa.Connection) -> list[Saved]:
    """List the audiences that have a name, the newest first."""
    query = sa.select(audiences.c.id, audiences.c.name, audiences.c.filters).order_by(audiences.c.id.desc())
    return [Saved(*row) for row in connection.execute(query)]

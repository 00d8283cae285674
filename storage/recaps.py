"""Figures of visits and requests. What is counted, and why, stands in docs/rekap.md.

Each meaning is one ``Select``: a turn executes it on its own connection, a table or a picture on the reader's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

import sqlalchemy as sa

from storage.helps import DONE
from storage.tables import helps, requests, visits, volunteer_villages, volunteers

DISTRICT_CHARS = 8  # of an official code: 35.05.01 is a kecamatan, 35.05.01.2002 a village of it
Group = Literal["kind", "village", "district", "volunteer", "month", "year"]

COUNTED = visits.c.state != "sent_back"
# In words, not as parameters: only so is it seen that ix_visits_to_review has just these.
TO_REVIEW = visits.c.state.in_((sa.literal_column("'received'"), sa.literal_column("'resubmitted'")))
_GROUPS: Mapping[Group, sa.ColumnElement[Any]] = MappingProxyType(
    {
        "kind": visits.c.kind,
        "village": visits.c.village,
        "district": sa.func.substr(visits.c.village, 1, DISTRICT_CHARS),
        "volunteer": visits.c.contact_id,
        "month": sa.func.substr(visits.c.day, 1, 7),
        "year": sa.func.substr(visits.c.day, 1, 4),
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which visits and requests: days, and at most one volunteer, place and kind of visit.

    Attributes:
        first: ISO day; ``last`` likewise, both included.
        since: the beginning of the first day in the office's zone; ``until`` the end of the last.
        contact_id: of this volunteer only.
        place: the official code of a kecamatan or village.
        kind: of this kind only; requests have none.
    """

    first: str
    last: str
    since: datetime
    until: datetime
    contact_id: int | None = None
    place: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counted visits, how many of them are approved, people in all, and women among those where it is known."""

    visits: int = 0
    approved: int = 0
    people: int = 0
    women: int | None = None

    def __add__(self, other: Figures) -> Figures:
        known = [each.women for each in (self, other) if each.women is not None]
        return Figures(
            self.visits + other.visits, self.approved + other.approved, self.people + other.people,
            sum(known) if known else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit as a table has it; ``name`` is None once its volunteer is erased. Fields as the table ``visits``."""

    code: str
    day: str
    kind: str
    village: str
    name: str | None
    people: int
    women: int | None
    state: str
    version: int
    flagged: bool
    answers: str


def select_figures(scope: Scope, *by: Group) -> sa.Select[Any]:
    """Select the groups, then the columns of Figures: one row for each group that has a counted visit."""
    groups = [_GROUPS[name] for name in by]
    return (
        sa.select(
            *groups,
            sa.func.count(),
            sa.func.count(sa.case((visits.c.state == "approved", 1))),
            sa.func.sum(visits.c.people),
            sa.func.sum(visits.c.women),
        )
        .where(COUNTED, *_within(scope))
        .group_by(*groups)
    )


def count_figures(connection: sa.Connection, scope: Scope, by: Group) -> dict[Any, Figures]:
    """Count by one group; erased volunteers are together under None."""
    return {key: _figures(*counted) for key, *counted in connection.execute(select_figures(scope, by))}


def list_most_active(connection: sa.Connection, scope: Scope, most: int) -> list[tuple[str, Figures]]:
    """List the volunteers with the most visits by name, of those with as many the ones who reached more people."""
    query = select_figures(scope, "volunteer").where(visits.c.contact_id.is_not(None)).subquery()
    contact, *columns = query.c
    found = connection.execute(
        sa.select(volunteers.c.name, *columns)
        .join(volunteers, volunteers.c.contact_id == contact)
        .order_by(columns[0].desc(), columns[2].desc(), contact)
        .limit(most)
    )
    return [(name, _figures(*counted)) for name, *counted in found]


def count_villages(connection: sa.Connection, scope: Scope) -> int:
    """Count the villages with a counted visit."""
    query = sa.select(sa.func.count(sa.distinct(visits.c.village))).where(COUNTED, *_within(scope))
    return int(connection.execute(query).scalar_one())


def select_newest() -> sa.Select[str, str | None]:
    """Select each village that was ever visited with the day of its newest counted visit, by whomever; None for none counted.

    It steps from village to village through the index, two looks each: grouping all visits takes ten times as long.
    """
    first = sa.select(sa.func.min(visits.c.village).label("village"))
    seen = first.cte("seen", recursive=True)
    following = sa.select(sa.func.min(visits.c.village)).where(visits.c.village > seen.c.village).scalar_subquery()
    seen = seen.union_all(sa.select(following).where(seen.c.village.is_not(None)))
    newest = (
        sa.select(visits.c.day)
        .where(visits.c.village == seen.c.village, COUNTED)
        .order_by(visits.c.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(seen.c.village, newest).where(seen.c.village.is_not(None))


def select_looked_after(contact_id: int | None = None) -> sa.Select[str]:
    """Select the villages that active volunteers look after, or that one does."""
    which = sa.true() if contact_id is None else volunteers.c.contact_id == contact_id
    return (
        sa.select(volunteer_villages.c.village)
        .distinct()
        .join(volunteers, volunteers.c.contact_id == volunteer_villages.c.contact_id)
        .where(volunteers.c.state == "active", which)
    )


def select_done(scope: Scope) -> sa.Select[datetime, str, int | None]:
    """Select when requests that volunteers helped with were done, the village of each, and the volunteer: None once erased."""
    return (
        sa.select(helps.c.heard_at, requests.c.village, helps.c.contact_id)
        .join(requests, requests.c.id == helps.c.request_id)
        .where(DONE, helps.c.heard_at >= scope.since, helps.c.heard_at < scope.until)
        .where(*_of(scope, helps.c.contact_id, requests.c.village))
    )


def count_done(connection: sa.Connection, scope: Scope) -> int:
    """Count the requests done with a volunteer's help."""
    query = sa.select(sa.func.count()).select_from(select_done(scope).subquery())
    return int(connection.execute(query).scalar_one())


def count_open(connection: sa.Connection, place: str = "") -> tuple[int, int]:
    """Count the requests that volunteers are asked to help with: all that are open, and those nobody has taken."""
    query = (
        sa.select(sa.func.count(), sa.func.count(sa.case((helps.c.state == "offered", 1))))
        .join(requests, requests.c.id == helps.c.request_id)
        .where(helps.c.state.in_(("offered", "taken")), *in_place(requests.c.village, place))
    )
    row = connection.execute(query).one()
    return row[0], row[1]


def count_to_review(connection: sa.Connection, place: str = "") -> int:
    """Count the visits that wait for review."""
    query = sa.select(sa.func.count()).where(TO_REVIEW, *in_place(visits.c.village, place))
    return int(connection.execute(query).scalar_one())


def select_visits(scope: Scope) -> sa.Select[Any]:
    """Select the fields of VisitRow, sent back ones too, by day."""
    return (
        sa.select(
            visits.c.code, visits.c.day, visits.c.kind, visits.c.village, volunteers.c.name, visits.c.people,
            visits.c.women, visits.c.state, visits.c.version, visits.c.flagged, visits.c.answers,
        )
        .outerjoin(volunteers, volunteers.c.contact_id == visits.c.contact_id)
        .where(*_within(scope))
        .order_by(visits.c.day, visits.c.id)
    )  # fmt: skip


def select_names(contact_id: int | None = None) -> sa.Select[int, str]:
    """Select volunteers with their names: all, or one."""
    which = sa.true() if contact_id is None else volunteers.c.contact_id == contact_id
    query = sa.select(volunteers.c.contact_id, volunteers.c.name).where(which)
    return query.order_by(volunteers.c.name, volunteers.c.contact_id)


def _figures(count: int, approved: int, people: int | None, women: int | None) -> Figures:
    return Figures(count, approved, int(people or 0), None if women is None else int(women))


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    kind = [visits.c.kind == scope.kind] if scope.kind else []
    days = visits.c.day.between(scope.first, scope.last)
    return [days, *kind, *_of(scope, visits.c.contact_id, visits.c.village)]


def _of(scope: Scope, contact: sa.ColumnElement[Any], village: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
    own = [contact == scope.contact_id] if scope.contact_id is not None else []
    return [*own, *in_place(village, scope.place)]


def in_place(village: sa.ColumnElement[Any], place: str) -> list[sa.ColumnElement[bool]]:
    """Narrow a column of villages to a kecamatan or village; all where it is empty."""
    return [sa.func.substr(village, 1, len(place)) == place] if place else []

"""Figures of learning: how lessons go by village and month, and certificates. What is counted stands in docs/rekap.md.

Each meaning is one ``Select``: a turn executes it on its own connection, a table on the reader's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import sqlalchemy as sa

from storage.recaps import Scope, in_place
from storage.tables import certificates, contacts, lesson_counts, subscriptions

MONTH_CHARS = 7  # of an ISO day
Group = Literal["lesson", "village"]
# Not the bare column: SQLite would then walk the primary key and look each row up; to sort what it has read takes half as long.
_GROUPS: Mapping[Group, sa.ColumnElement[Any]] = MappingProxyType(
    {"lesson": sa.func.coalesce(lesson_counts.c.lesson, ""), "village": sa.func.coalesce(lesson_counts.c.village, "")}
)
_FIGURES = (
    lesson_counts.c.started,
    lesson_counts.c.finished,
    lesson_counts.c.answers_right,
    lesson_counts.c.answers_wrong,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Lessons begun and finished, each by a person once, and answers, among them those to repeated questions."""

    started: int = 0
    finished: int = 0
    right: int = 0
    wrong: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.started + other.started, self.finished + other.finished, self.right + other.right, self.wrong + other.wrong
        )  # fmt: skip

    @property
    def answers(self) -> int:
        """Count all answers."""
        return self.right + self.wrong


def select_counts(scope: Scope, by: Group | None = None) -> sa.Select[Any]:
    """Select the group, if any, and the columns of Counts, over the months in which the scope's first and last days lie."""
    group = [] if by is None else [_GROUPS[by]]
    return sa.select(*group, *map(sa.func.sum, _FIGURES)).where(*_within(scope)).group_by(*group)


def count_by(connection: sa.Connection, scope: Scope, by: Group) -> dict[str, Counts]:
    """Count by lesson or by village; what came from no known village is under ""."""
    return {key: _counts(*figures) for key, *figures in connection.execute(select_counts(scope, by))}


def count_all(connection: sa.Connection, scope: Scope) -> Counts:
    """Count all together."""
    return _counts(*connection.execute(select_counts(scope)).one())


def select_rows(scope: Scope) -> sa.Select[Any]:
    """Select month, village, lesson and the columns of Counts, in that order."""
    keys = (lesson_counts.c.month, lesson_counts.c.village, lesson_counts.c.lesson)
    return sa.select(*keys, *_FIGURES).where(*_within(scope)).order_by(*keys)


def select_certificates(scope: Scope) -> sa.Select[str, int]:
    """Select the pillars in which certificates were given, with their number; their place is where their holders live now."""
    query = (
        sa.select(certificates.c.pillar, sa.func.count())
        .where(certificates.c.at >= scope.since, certificates.c.at < scope.until)
        .group_by(certificates.c.pillar)
    )
    if not scope.place:
        return query
    joined = query.join(contacts, contacts.c.id == certificates.c.contact_id)
    return joined.where(*in_place(contacts.c.village, scope.place))


def count_certificates(connection: sa.Connection, scope: Scope) -> dict[str, int]:
    """Count the certificates given, by pillar."""
    return {row[0]: row[1] for row in connection.execute(select_certificates(scope))}


def select_subscribers(place: str = "") -> sa.Select[Any]:
    """Select how many get tips by themselves, by village ("" where it is not known), pillar ("" for any) and period."""
    village = sa.func.coalesce(contacts.c.village, "")
    keys = (village, subscriptions.c.pillar, subscriptions.c.period)
    return (
        sa.select(*keys, sa.func.count())
        .join(contacts, contacts.c.id == subscriptions.c.contact_id)
        .where(subscriptions.c.state != "paused", *in_place(village, place))
        .group_by(*keys)
        .order_by(*keys)
    )


def count_subscribers(connection: sa.Connection, place: str = "") -> dict[tuple[str, str], int]:
    """Count those who get tips by themselves, by pillar ("" for any) and period."""
    counted: Counter[tuple[str, str]] = Counter()
    for _, pillar, period, number in connection.execute(select_subscribers(place)):
        counted[pillar, period] += number
    return dict(counted)


def _counts(*figures: int | None) -> Counts:
    return Counts(*(int(figure or 0) for figure in figures))


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    months = lesson_counts.c.month.between(scope.first[:MONTH_CHARS], scope.last[:MONTH_CHARS])
    return [months, *in_place(lesson_counts.c.village, scope.place)]

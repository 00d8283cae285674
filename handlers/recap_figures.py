"""Figures behind every recap: days in the office's zone, villages left without a visit, and the year's targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from flows.periods import Period, period_of
from flows.places import Place
from flows.text import N_, Text
from handlers.office import INDICATORS, Office
from storage import recaps
from storage.recaps import Figures, Scope

INDICATOR_LABELS: Mapping[str, Text] = {
    "visits": N_("Visits"),
    "people": N_("People reached"),
    "requests": N_("Requests done"),
    "villages": N_("Villages visited"),
}


@dataclass(frozen=True, slots=True)
class Unvisited:
    """A village without a counted visit for too long: the day of its newest one, where there was one."""

    place: Place
    newest: date | None


@dataclass(frozen=True, slots=True)
class Aim:
    """What the programme wants to reach in a year, and how far it is; ``own`` is one volunteer's part of it."""

    indicator: str
    target: int
    done: int
    own: int
    is_behind: bool


def scope_of(office: Office, period: Period, contact_id: int | None = None, place: str = "", kind: str = "") -> Scope:
    """Say which visits and requests a period means: its days are those of the office's zone."""
    since = datetime.combine(period.first, time(), office.zone)
    until = datetime.combine(period.last + timedelta(1), time(), office.zone)
    return Scope(
        period.first.isoformat(), period.last.isoformat(), since.astimezone(UTC), until.astimezone(UTC), contact_id, place, kind
    )  # fmt: skip


def total(by_group: Mapping[str, Figures]) -> Figures:
    """Add groups up."""
    return sum(by_group.values(), Figures())


def all_villages(office: Office, place: str = "") -> list[str]:
    """List the official codes of the regency, of a kecamatan, or the one of a village."""
    places = office.registry.places
    return [
        village.code
        for district in places.districts()
        for village in places.villages_of(district.code)
        if village.code.startswith(place)
    ]


def list_unvisited(connection: sa.Connection, office: Office, villages: Iterable[str], today: date) -> list[Unvisited]:
    """List the official ones of some villages whose newest counted visit is older than the programme allows, or missing.

    Those never visited come first, then the longest without; of those alike by name.
    """
    latest = (today - timedelta(office.programme.no_visit_days)).isoformat()
    newest = {village: day for village, day in connection.execute(recaps.select_newest()) if day is not None}
    found = [
        Unvisited(place, date.fromisoformat(newest[code]) if code in newest else None)
        for code in set(villages)
        if newest.get(code, "") < latest and (place := office.registry.places.find_code(code)) is not None
    ]
    return sorted(found, key=lambda each: (each.newest or date.min, each.place.name, each.place.code))


def list_aims(connection: sa.Connection, office: Office, today: date, contact_id: int | None = None) -> list[Aim]:
    """List the year's targets, and how far they are today; of one volunteer those they have a part in."""
    targets = office.programme.targets
    if not targets:
        return []
    year = period_of("year", today)
    done = _reached(connection, scope_of(office, year))
    own = done if contact_id is None else _reached(connection, scope_of(office, year, contact_id))
    passed = share_passed(today)
    return [
        Aim(name, targets[name], done.get(name, 0), own.get(name, 0), done.get(name, 0) < passed * targets[name])
        for name in INDICATORS
        if name in targets and (contact_id is None or own.get(name, 0))
    ]


def share_passed(today: date) -> float:
    """Say what share of the year has passed at the end of a day, from 0 to 1."""
    year = period_of("year", today)
    return ((today - year.first).days + 1) / ((year.last - year.first).days + 1)


def _reached(connection: sa.Connection, scope: Scope) -> dict[str, int]:
    """Count all that can be aimed at."""
    by_kind = recaps.count_figures(connection, scope, "kind")
    whole = total(by_kind)
    return {
        **{kind: figures.visits for kind, figures in by_kind.items()},
        "visits": whole.visits,
        "people": whole.people,
        "requests": recaps.count_done(connection, scope),
        "villages": recaps.count_villages(connection, scope),
    }

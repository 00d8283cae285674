"""Figures equal a recount of the raw rows in plain Python, whatever the rows are, on both databases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.periods import Period, period_of
from handlers.office import INDICATORS, Programme
from handlers.recap_figures import list_aims, list_unvisited, scope_of
from storage import erasure, recaps
from storage.db import open_engine
from storage.recaps import Figures, Scope
from storage.tables import contacts, helps, requests, visits, volunteer_villages, volunteers
from tests.world import World

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
VILLAGES = ("35.05.01.2002", "35.05.01.2003", "35.05.03.2016", "35.05.04.1011")
KINDS = ("literasi", "pendampingan", "lomba_desa", "of_an_earlier_release")
STATES = ("received", "sent_back", "resubmitted", "approved")
PEOPLE = (1, 2, 3, 4)


@dataclass(frozen=True)
class Visit:
    contact: int
    kind: str
    village: str
    day: date
    people: int
    women: int | None
    state: str


@dataclass(frozen=True)
class Help:
    contact: int
    village: str
    heard_at: datetime
    state: str


days = st.dates(date(2024, 12, 20), date(2026, 12, 31)) | st.sampled_from(
    (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2025, 12, 31), TODAY - timedelta(30), TODAY - timedelta(31))
)  # fmt: skip
FIRST = datetime(2025, 12, 30, tzinfo=UTC)
moments = st.integers(0, 338 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)) | st.sampled_from(
    tuple(datetime(2026, *rest, tzinfo=UTC) for rest in ((10, 31, 16, 59), (10, 31, 17, 0), (11, 30, 17, 0)))
)
visit_rows = st.builds(
    Visit, st.sampled_from(PEOPLE), st.sampled_from(KINDS), st.sampled_from(VILLAGES), days, st.integers(0, 5000),
    st.none() | st.integers(0, 50), st.sampled_from(STATES),
)  # fmt: skip
help_rows = st.builds(
    Help, st.sampled_from(PEOPLE), st.sampled_from(VILLAGES), moments,
    st.sampled_from(("offered", "taken", "done", "closed")),
)  # fmt: skip
volunteer_rows = st.tuples(
    st.sampled_from(("applied", "active", "paused", "ended")), st.sets(st.sampled_from((*VILLAGES, "35.05.99.9999")))
)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@given(
    reported=st.lists(visit_rows, max_size=25),
    asked=st.lists(help_rows, max_size=12),
    known=st.lists(volunteer_rows, min_size=len(PEOPLE), max_size=len(PEOPLE)),
    erased=st.sets(st.sampled_from(PEOPLE), max_size=2),
    unit=st.sampled_from(("day", "week", "month", "year")),
    day=days,
    place=st.sampled_from(("", "35.05.01", "35.05.03.2016")),
    kind=st.sampled_from(("", "literasi")),
    only=st.none() | st.sampled_from(PEOPLE),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reports_equal_a_recount_of_the_rows(
    engine: sa.Engine,
    reported: list[Visit],
    asked: list[Help],
    known: list[tuple[str, set[str]]],
    erased: set[int],
    unit: Any,
    day: date,
    place: str,
    kind: str,
    only: int | None,
) -> None:
    with engine.connect() as connection:
        began = connection.begin()
        try:
            _fill(connection, reported, asked, known)
            for contact in erased:
                erasure.erase_contact(connection, contact, NOW)
            world = World(engine)
            period = period_of(unit, day)
            scope = scope_of(world.office, period, only, place, kind)
            counted = [
                visit for visit in reported
                if visit.state != "sent_back" and period.first <= visit.day <= period.last
                and visit.village.startswith(place) and visit.kind == (kind or visit.kind)
                and (only is None or (visit.contact == only and only not in erased))
            ]  # fmt: skip
            _check_figures(connection, scope, counted, erased)
            _check_requests(connection, scope, period, asked, erased, place, only)
            _check_most_active(connection, scope, counted, erased)
            _check_aims(connection, world, reported, asked, erased, only)
            _check_unvisited(connection, world, reported, known, erased)
            waiting = [each for each in reported if each.state in ("received", "resubmitted")]
            assert recaps.count_to_review(connection, place) == sum(v.village.startswith(place) for v in waiting)
            listed = connection.execute(recaps.select_visits(scope)).all()
            assert sum(row.state != "sent_back" for row in listed) == len(counted)
        finally:
            began.rollback()


def _fill(
    connection: sa.Connection, reported: list[Visit], asked: list[Help], known: list[tuple[str, set[str]]]
) -> None:
    connection.execute(sa.insert(contacts), [{"id": each, "created_at": NOW} for each in PEOPLE])
    for contact, (state, villages) in zip(PEOPLE, known, strict=True):
        connection.execute(
            sa.insert(volunteers).values(
                contact_id=contact, name=f"Relawan {contact}", skills="HP", state=state, applied_at=NOW
            )
        )
        for village in villages:
            connection.execute(sa.insert(volunteer_villages).values(contact_id=contact, village=village))
    for at, visit in enumerate(reported):
        connection.execute(
            sa.insert(visits).values(
                code=f"KNJ-{at}", contact_id=visit.contact, kind=visit.kind, village=visit.village, day=visit.day.isoformat(),
                people=visit.people, women=visit.women, state=visit.state, answers="{}", created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    for at, each in enumerate(asked, start=1):
        connection.execute(
            sa.insert(requests).values(
                id=at, code=f"BLT-{at}", service="sku", version="1", kind="service", village=each.village, confidential=False,
                anonymous=False, state="received", answers="{}", created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        helper = None if each.state == "offered" else each.contact
        values = {"request_id": at, "contact_id": helper, "state": each.state, "taken_at": NOW if helper else None}
        connection.execute(sa.insert(helps).values(**values, offered_at=NOW, heard_at=each.heard_at))


def _sum(counted: list[Visit]) -> Figures:
    women = [visit.women for visit in counted if visit.women is not None]
    return Figures(
        len(counted), sum(visit.state == "approved" for visit in counted), sum(visit.people for visit in counted),
        sum(women) if women else None,
    )  # fmt: skip


def _check_figures(connection: sa.Connection, scope: Scope, counted: list[Visit], erased: set[int]) -> None:
    keys: dict[recaps.Group, Any] = {
        "kind": lambda visit: visit.kind,
        "village": lambda visit: visit.village,
        "district": lambda visit: visit.village[:8],
        "volunteer": lambda visit: None if visit.contact in erased else visit.contact,
        "month": lambda visit: visit.day.isoformat()[:7],
        "year": lambda visit: str(visit.day.year),
    }
    for group, key in keys.items():
        by_key: dict[Any, list[Visit]] = defaultdict(list)
        for visit in counted:
            by_key[key(visit)].append(visit)
        assert recaps.count_figures(connection, scope, group) == {key: _sum(of) for key, of in by_key.items()}, group
    rows = connection.execute(recaps.select_figures(scope, "month", "kind")).all()
    assert {(row[0], row[1]): row[2] for row in rows} == Counter((v.day.isoformat()[:7], v.kind) for v in counted)


def _check_requests(
    connection: sa.Connection, scope: Scope, period: Period, asked: list[Help], erased: set[int], place: str, only: int | None
) -> None:  # fmt: skip
    here = [each for each in asked if each.village.startswith(place)]
    done = [
        each for each in here
        if each.state == "done" and (only is None or (only == each.contact and each.contact not in erased))
        and period.first <= each.heard_at.astimezone(ZONE).date() <= period.last
    ]  # fmt: skip
    assert recaps.count_done(connection, scope) == len(done)
    rows = connection.execute(recaps.select_done(scope)).all()
    assert Counter(tuple(row) for row in rows) == Counter(
        (e.heard_at, e.village, None if e.contact in erased else e.contact) for e in done
    )
    waiting = sum(each.state == "offered" for each in here)
    taken = sum(each.state == "taken" and each.contact not in erased for each in here)
    assert recaps.count_open(connection, place) == (waiting + taken, waiting)


def _check_most_active(connection: sa.Connection, scope: Scope, counted: list[Visit], erased: set[int]) -> None:
    there = sorted({visit.contact for visit in counted} - erased)
    by_contact = {each: _sum([visit for visit in counted if visit.contact == each]) for each in there}
    ranked = sorted(there, key=lambda each: (-by_contact[each].visits, -by_contact[each].people, each))
    expected = [(f"Relawan {each}", by_contact[each]) for each in ranked[:3]]
    assert recaps.list_most_active(connection, scope, 3) == expected


def _check_aims(
    connection: sa.Connection, world: World, reported: list[Visit], asked: list[Help], erased: set[int], only: int | None
) -> None:  # fmt: skip
    office = replace(world.office, programme=Programme(targets=dict.fromkeys(INDICATORS, 10)))
    visited = [visit for visit in reported if visit.state != "sent_back" and visit.day.year == TODAY.year]
    helped = [
        each for each in asked
        if each.state == "done" and each.heard_at.astimezone(ZONE).year == TODAY.year
    ]  # fmt: skip

    def reach(who: set[int]) -> dict[str, int]:
        mine = [visit for visit in visited if visit.contact in who]
        kinds = {
            kind: sum(visit.kind == kind for visit in mine)
            for kind in ("pendampingan", "digitalisasi", "literasi", "lomba_desa")
        }
        return {
            "visits": len(mine), **kinds, "people": sum(visit.people for visit in mine),
            "requests": sum(each.contact in who for each in helped), "villages": len({visit.village for visit in mine}),
        }  # fmt: skip

    done = reach(set(PEOPLE))
    own = done if only is None else reach({only} - erased)
    found = {aim.indicator: (aim.done, aim.own, aim.is_behind) for aim in list_aims(connection, office, TODAY, only)}
    day_of_year = TODAY.timetuple().tm_yday
    assert found == {
        name: (done[name], own[name], done[name] * 365 < 10 * day_of_year)
        for name in INDICATORS
        if only is None or own[name]
    }


def _check_unvisited(
    connection: sa.Connection, world: World, reported: list[Visit], known: list[tuple[str, set[str]]], erased: set[int]
) -> None:
    newest: dict[str, date] = {}
    for visit in reported:
        if visit.state != "sent_back":
            newest[visit.village] = max(newest.get(visit.village, date.min), visit.day)
    rows = {village: day for village, day in connection.execute(recaps.select_newest()) if day is not None}
    assert rows == {village: day.isoformat() for village, day in newest.items()}
    active = [(c, v) for c, (state, v) in zip(PEOPLE, known, strict=True) if state == "active" and c not in erased]
    cared = set(connection.execute(recaps.select_looked_after()).scalars())
    assert cared == {village for _, villages in active for village in villages}
    for contact, villages in active:
        assert set(connection.execute(recaps.select_looked_after(contact)).scalars()) == villages
    left = {each.place.code: each.newest for each in list_unvisited(connection, world.office, cared, TODAY)}
    official = cared & set(VILLAGES)
    assert left == {v: newest.get(v) for v in official if (TODAY - newest.get(v, date.min)).days > 30}


def test_a_request_counts_for_the_month_of_the_office_in_which_it_was_done(engine: sa.Engine) -> None:
    midnight = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)  # in Blitar
    late, early = midnight - timedelta(microseconds=1), midnight
    asked = [
        Help(1, VILLAGES[0], late, "done"),
        Help(1, VILLAGES[0], early, "done"),
        Help(2, VILLAGES[2], early, "done"),
    ]
    office = World(engine).office
    with engine.begin() as connection:
        _fill(connection, [], asked, [("active", {VILLAGES[0]})] * len(PEOPLE))
        done = {
            period: recaps.count_done(connection, scope_of(office, period_of("month", date(2026, period, 5))))
            for period in (9, 10, 11)
        }
        assert done == {9: 0, 10: 1, 11: 2}
        assert recaps.count_done(connection, scope_of(office, period_of("month", date(2026, 11, 5)), 2)) == 1

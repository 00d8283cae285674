"""Random people as data, put into a database; and, told again in plain Python, who of them belongs to an audience and why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from storage import tables
from storage.audiences import Audience, Way

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
DAY = timedelta(days=1)
CHANNELS = ("telegram", "whatsapp", "web")
VILLAGES = ("35.05.01.2002", "35.05.01.2003", "35.05.03.2016", "35.05.10.2001")
PLACES = ("35.05.01", "35.05.01.2002", "35.05.1", "35.05.03.2016", "35.05.10")
SERVICES = ("adu_lampu", "surat_domisili")
PILLARS = ("", "cakap", "aman")


@dataclass(frozen=True)
class Who:
    """A person; addresses are (channel, hours since the last message or None, whether it refuses us)."""

    language: str
    village: str | None
    consent: bool
    stopped: bool
    erased: bool
    staff: str | None  # "active", "left" or None
    volunteer: str | None
    served: frozenset[str]
    addresses: tuple[tuple[str, int | None, bool], ...]
    muted: frozenset[str]
    tips: tuple[str, str] | None  # pillar and state
    requests: frozenset[str]
    anonymous: frozenset[str]
    guest_of: frozenset[int]


def some(values: tuple[str, ...] | tuple[int, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


who = st.builds(
    Who,
    language=st.sampled_from(("id", "jv")),
    village=st.sampled_from((None, *VILLAGES)),
    consent=st.sampled_from((True, True, True, False)),
    stopped=st.sampled_from((False, False, False, True)),
    erased=st.sampled_from((False, False, False, False, True)),
    staff=st.sampled_from((None, None, "active", "left")),
    volunteer=st.sampled_from((None, None, "active", "active", "paused", "ended")),
    served=some(VILLAGES),
    addresses=st.lists(
        st.tuples(
            st.sampled_from(CHANNELS),
            st.sampled_from((None, 0, 1, 23, 24, 25, 24 * 29, 24 * 31)),
            st.sampled_from((False, False, True)),
        ),
        max_size=3,
    ).map(tuple),
    muted=some(("news", "warnings")),
    tips=st.none() | st.tuples(st.sampled_from(PILLARS), st.sampled_from(("on", "paused", "asked", "held"))),
    requests=some(SERVICES),
    anonymous=some(SERVICES),
    guest_of=some((1, 2)),
)
FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "roles": st.sampled_from((("villager",), ("volunteer",), ("staff",), ("volunteer", "staff"))),
    "languages": st.sampled_from((("id",), ("jv",), ("id", "jv"))),
    "places": some(PLACES).map(tuple).filter(bool),
    "served": some(PLACES).map(tuple).filter(bool),
    "pillars": st.sampled_from((("*",), ("cakap",), ("cakap", "aman"))),
    "requested": some(SERVICES).map(tuple).filter(bool),
    "inactive_days": st.sampled_from((1, 30)),
    "events": st.sampled_from(((1,), (1, 2))),
    "channels": st.sampled_from((("telegram",), ("telegram", "whatsapp"))),
}
# Few at once: who is left by many filters together is nobody.
narrow = (
    st.lists(st.sampled_from(sorted(FILTERS)), max_size=2, unique=True)
    .flatmap(lambda names: st.fixed_dictionaries({name: FILTERS[name] for name in names}))
    .map(lambda values: Audience(**values))
)
audience = st.builds(
    lambda base, but: Audience(**{name: getattr(base, name) for name in base.__slots__ if name != "but"}, but=tuple(but)),
    narrow,
    st.lists(narrow.filter(lambda each: not each.is_everybody), max_size=2),
)  # fmt: skip


@contextmanager
def undone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction of which nothing stays."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def add(connection: sa.Connection, people: list[Who]) -> list[int]:
    """Put people into an empty database; returns their ids."""
    add_row = connection.execute
    boss = add_row(sa.insert(tables.contacts).values(created_at=NOW).returning(tables.contacts.c.id)).scalar_one()
    events = [
        add_row(
            sa.insert(tables.events)
            .values(
                id=number,
                title="E",
                place="P",
                starts_at=NOW,
                code=f"{number}111",
                state="announced",
                author_id=boss,
                created_at=NOW,
            )
            .returning(tables.events.c.id)
        ).scalar_one()
        for number in (1, 2)
    ]
    ids = [_add_one(connection, number, each, events) for number, each in enumerate(people)]
    add_row(sa.update(tables.contacts).where(tables.contacts.c.id == boss).values(erased_at=NOW))
    return ids


def _add_one(connection: sa.Connection, number: int, each: Who, events: list[int]) -> int:
    add_row = connection.execute
    me = add_row(
        sa.insert(tables.contacts)
        .values(
            language=each.language, village=each.village, consent=each.consent, created_at=NOW,
            stopped_at=NOW if each.stopped else None, erased_at=NOW if each.erased else None,
        )
        .returning(tables.contacts.c.id)
    ).scalar_one()  # fmt: skip
    if each.staff:
        add_row(sa.insert(tables.staff).values(contact_id=me, name="S", role="officer", active=each.staff == "active", added_at=NOW))  # fmt: skip
    if each.volunteer:
        add_row(sa.insert(tables.volunteers).values(contact_id=me, name="V", skills="", state=each.volunteer, applied_at=NOW))  # fmt: skip
        for village in each.served:
            add_row(sa.insert(tables.volunteer_villages).values(contact_id=me, village=village))
    for position, (channel, hours, refused) in enumerate(each.addresses):
        add_row(
            sa.insert(tables.addresses).values(
                contact_id=me, channel=channel, address=f"{number}-{position}", refused="blocked" if refused else None,
                last_in_at=None if hours is None else NOW - timedelta(hours=hours),
            )
        )  # fmt: skip
    for topic in each.muted:
        add_row(sa.insert(tables.mutes).values(contact_id=me, topic=topic, at=NOW))
    if each.tips:
        pillar, state = each.tips
        add_row(
            sa.insert(tables.subscriptions).values(
                contact_id=me, period="day", weekday=0, minute=0, pillar=pillar, state=state, changed_at=NOW,
                next_at=NOW if state == "on" else None,
            )
        )  # fmt: skip
    for mark, services in (("N", each.requests), ("A", each.anonymous)):
        for service in services:
            request = add_row(
                sa.insert(tables.requests)
                .values(
                    code=f"{mark}{number}-{service}"[:12], contact_id=me if mark == "N" else None, service=service,
                    version="1", kind="service", village=VILLAGES[0], confidential=False, anonymous=mark == "A",
                    state="received", answers="{}", created_at=NOW, updated_at=NOW,
                )
                .returning(tables.requests.c.id)
            ).scalar_one()  # fmt: skip
            if mark == "A":
                add_row(sa.insert(tables.reporters).values(request_id=request, contact_id=me))
    for event in each.guest_of:
        add_row(sa.insert(tables.event_guests).values(event_id=events[int(event) - 1], contact_id=me))
    return int(me)


def belongs(each: Who, wanted: Audience) -> bool:
    """Tell whether a person belongs to an audience."""
    is_staff, is_volunteer = each.staff == "active", each.volunteer == "active"
    roles = {"staff": is_staff, "volunteer": is_volunteer, "villager": not is_staff and not is_volunteer}
    served = each.served if is_volunteer else frozenset()
    writes = [hours for _, hours, _ in each.addresses if hours is not None and hours < 24 * wanted.inactive_days]
    gets_tips = each.tips is not None and each.tips[1] != "paused"
    about = each.tips[0] if each.tips else ""
    checks = [
        not wanted.roles or any(roles[role] for role in wanted.roles),
        not wanted.languages or each.language in wanted.languages,
        not wanted.places or any(is_in(each.village or "", place) for place in wanted.places),
        not wanted.served or any(is_in(village, place) for village in served for place in wanted.served),
        not wanted.pillars or (gets_tips and ("*" in wanted.pillars or about in ("", *wanted.pillars))),
        not wanted.requested or not each.requests.isdisjoint(wanted.requested),
        not wanted.inactive_days or not writes,
        not wanted.events or any(event in each.guest_of for event in wanted.events),
    ]
    return all(checks) and not any(belongs(each, out) and is_on(each, out) for out in wanted.but)


def is_on(each: Who, wanted: Audience) -> bool:
    """Tell whether a person has an address on one of the channels that an audience leaves out."""
    return not wanted.channels or any(channel in wanted.channels for channel, _, _ in each.addresses)


def is_in(village: str, place: str) -> bool:
    return village == place or village.split(".")[: place.count(".") + 1] == place.split(".")


def route(each: Who, wanted: Audience, topic: str, ways: list[Way]) -> tuple[str | None, str | None, bool]:
    """Say on which channel a person is written to, why not, and whether a template is needed."""
    by_name = {way.channel: way for way in ways if not wanted.channels or way.channel in wanted.channels}

    def is_shut(channel: str, hours: int | None) -> bool:
        window = by_name[channel].window
        return window is not None and (hours is None or timedelta(hours=hours) >= window)

    usable = [(channel, hours) for channel, hours, refused in each.addresses if channel in by_name and not refused]
    ranked = sorted(usable, key=lambda way: (is_shut(*way), way[1] is None, way[1] or 0))
    if each.stopped or topic in each.muted:
        return ranked[0][0] if ranked else None, "stopped" if each.stopped else "muted", False
    if not ranked:
        return None, "unreachable", False
    channel, hours = ranked[0]
    shut = is_shut(channel, hours)
    if shut and not by_name[channel].has_template:
        return channel, "window", False
    return channel, None, shut


def may_be_written_to(each: Who) -> bool:
    return not each.erased and (each.consent or each.staff == "active")

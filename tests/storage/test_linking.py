"""Two contacts become one: nothing is lost, nothing of a third person is touched, and where both have a row a rule decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.conversations import Conflict
from storage.db import open_engine
from storage.link_codes import lock
from storage.linking import MOVED, RULED, merge
from storage.tables import contacts, metadata, volunteers

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = 1, 2, 3
PEOPLE = (FIRST, SECOND, THIRD)
PLAIN_NUMBERS = (
    "contact_id",
    "about_id",
)  # name a contact without a foreign key, in tables that are written all the time
NAMES_NOBODY = {"lesson_counts", "suspicion_counts", "contents", "marks"}
# What a rule may change in a row, beside whose it is; all else of every row must be found again.
CHANGED: dict[str, set[str]] = {
    "visits": {"digest"},
    "conversations": {"parked"},
    "handovers": {"closed_at"},
    "guide_readers": {"outbox_id", "opened_at"},
    "event_guests": {"answer", "answered_at", "attended_at"},
    "mutes": {"at"},
    "reminded": {"at"},
    "learned": {"started_at", "finished_at"},
    "tips": {"at"},
    "deliveries": {"state", "at", "channel", "address_id", "reason"},
    "subscriptions": {"last_at"},
    "staff": {"name", "role", "village", "active", "added_at"},
    "volunteers": {"name", "skills", "state", "reason", "applied_at", "decided_at", "decided_by"},
}
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection, connection.begin():
        yield connection


def list_naming() -> set[sa.Column[Any]]:
    """List every column that names a contact: by a foreign key, over volunteers too, or as a plain number."""
    targets = {contacts.c.id, volunteers.c.contact_id}
    return {
        column
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column in targets for key in column.foreign_keys) or column.name in PLAIN_NUMBERS
    }


def test_every_column_that_names_a_contact_has_a_rule() -> None:
    naming = list_naming()
    assert len(naming) > 30, "they are found"
    assert {str(column) for column in naming} == {str(column) for column in (*MOVED, *RULED)}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dice=st.randoms(use_true_random=False))
def test_every_row_is_found_again_and_a_third_person_is_not_touched(engine: sa.Engine, dice: Random) -> None:
    rows = make_rows(dice)
    assert set(rows) == set(metadata.tables) - NAMES_NOBODY, "a table without random rows"
    with engine.connect() as connection, connection.begin() as transaction:
        for table in metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(sa.insert(table), rows[table.name])
        before = read_all(connection)
        merge(connection, FIRST, SECOND, NOW)
        after = read_all(connection)
        transaction.rollback()
    for column in list_naming():
        assert all(row[column.name] != SECOND for row in after[column.table.name]), f"{column} still names the second"
    assert [row["id"] for row in after["contacts"]] == [FIRST, THIRD]
    for name in rows:
        assert not_about(after, name) == not_about(before, name), f"{name}: a third person's rows"
        if name not in ("contacts", "link_codes", "volunteer_villages"):
            assert kept_of(after, name) == {as_first(name, row) for row in kept_of(before, name)}, name
    assert all(row["contact_id"] == THIRD for row in after["link_codes"])
    villages = {row["village"] for row in before["volunteer_villages"] if row["contact_id"] in (FIRST, SECOND)}
    assert {row["village"] for row in after["volunteer_villages"] if row["contact_id"] == FIRST} <= villages


def read_all(connection: sa.Connection) -> Rows:
    return {
        table.name: [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
        for table in metadata.sorted_tables
    }


def not_about(rows: Rows, name: str) -> list[dict[str, Any]]:
    """Give the rows of a table that name neither of the two."""
    columns = [column.name for column in list_naming() if column.table.name == name] or ["id"]
    return [row for row in rows[name] if not any(row[column] in (FIRST, SECOND) for column in columns)]


def kept_of(rows: Rows, name: str) -> set[tuple[tuple[str, Any], ...]]:
    """Give of each row what no rule changes."""
    changed = CHANGED.get(name, set())
    return {tuple((key, value) for key, value in row.items() if key not in changed) for row in rows[name]}


def as_first(name: str, row: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    columns = {column.name for column in list_naming() if column.table.name == name}
    return tuple((key, FIRST if key in columns and value == SECOND else value) for key, value in row)


def make_rows(dice: Random) -> Rows:
    """Make a few random rows for every table, so that the two often have rows of the same key."""
    numbers = iter(range(1, 10_000))

    def some(pool: Any) -> list[Any]:
        return [each for each in pool if dice.random() < 0.6]

    def pairs(pool: Any) -> list[tuple[int, Any]]:
        return some([(who, each) for who in PEOPLE for each in pool])

    def at() -> datetime:
        return NOW + timedelta(minutes=dice.randrange(500))

    def maybe_at() -> datetime | None:
        return dice.choice([None, at()])

    def who() -> int:
        return dice.choice(PEOPLE)

    def anyone() -> int | None:
        return dice.choice([None, *PEOPLE])

    applied = some(PEOPLE)
    open_talks, busy = set(some(PEOPLE)), set(some(PEOPLE))
    talks = []
    for number in range(6):
        contact, officer = who(), anyone()
        is_open = contact in open_talks and (officer is None or officer in busy)
        if is_open:
            open_talks.discard(contact)
            busy.discard(officer or 0)
        talks.append(
            {"id": next(numbers), "contact_id": contact, "officer_id": officer, "about": f"talk {number}", "opened_at": at(), "closed_at": None if is_open else at()}
        )  # fmt: skip
    anonymous = [dice.random() < 0.3 for _ in range(8)]
    states = ("applied", "active", "paused", "declined", "ended")
    return {
        "contacts": [
            {"id": each, "name": dice.choice([None, f"Name {each}"]), "village": dice.choice([None, f"35.05.01.200{each}"]), "consent": dice.random() < 0.7, "stopped_at": maybe_at(), "created_at": at()}
            for each in PEOPLE
        ],
        "addresses": [{"contact_id": who(), "channel": "telegram", "address": f"a{n}", "last_in_at": maybe_at()} for n in range(5)],
        "consents": [{"contact_id": who(), "text_version": f"v{n}", "channel": "web", "given": True, "at": at()} for n in range(5)],
        "staff": [{"contact_id": each, "name": f"Staff {each}", "role": "officer", "active": dice.random() < 0.5, "added_at": at()} for each in some(PEOPLE)],
        "volunteers": [
            {"contact_id": each, "name": f"V{each}", "skills": "HP", "state": dice.choice(states), "reason": None, "applied_at": at(), "decided_at": maybe_at(), "decided_by": anyone()}
            for each in applied
        ],
        "volunteer_villages": [{"contact_id": each, "village": village} for each, village in pairs(("a", "b", "c")) if each in applied],
        "visits": [
            {"id": next(numbers), "code": f"KNJ-{n}", "contact_id": each, "digest": digest, "kind": "literasi", "village": "x", "day": "2026-11-01", "people": n, "answers": "{}", "created_at": at(), "updated_at": at()}
            for n, (each, digest) in enumerate([*pairs(("d1", "d2")), (SECOND, None), (None, None)])
        ],
        "visit_events": [],
        "requests": [
            {"id": 900 + n, "code": f"BLT-{n}", "contact_id": None if hidden else anyone(), "service": "sku", "version": "1", "kind": "service", "village": "x", "confidential": False, "anonymous": hidden, "state": "received", "answers": f"{n}", "assignee_id": anyone(), "created_at": at(), "updated_at": at()}
            for n, hidden in enumerate(anonymous)
        ],
        "reporters": [{"request_id": 900 + n, "contact_id": who()} for n, hidden in enumerate(anonymous) if hidden],
        "request_events": [{"request_id": 900 + n, "at": at(), "actor_id": anyone(), "action": "take", "state": "checked", "note": f"{n}"} for n in range(8)],
        "helps": [{"request_id": 900 + n, "contact_id": anyone(), "state": "offered", "offered_at": at(), "heard_at": at()} for n in some(range(8))],
        "guides": [{"id": n, "title": f"{n}", "body": "b", "search": "b", "author_id": anyone(), "published_at": at()} for n in (1, 2, 3)],
        "guide_readers": [{"guide_id": guide, "contact_id": each, "outbox_id": dice.choice([None, 5]), "opened_at": maybe_at()} for each, guide in pairs((1, 2, 3))],
        "guide_questions": [{"guide_id": 1, "contact_id": anyone(), "by_staff": False, "author_id": anyone(), "text": f"{n}", "at": at()} for n in range(5)],
        "events": [{"id": n, "title": f"{n}", "place": "p", "starts_at": at(), "code": f"c{n}", "state": "announced", "author_id": anyone(), "created_at": at()} for n in (1, 2, 3)],
        "event_guests": [{"event_id": event, "contact_id": each, "answer": dice.choice([None, "coming"]), "answered_at": maybe_at(), "attended_at": maybe_at()} for each, event in pairs((1, 2, 3))],
        "invitations": [{"code": f"i{n}", "inviter_id": anyone(), "created_at": at(), "expires_at": at(), "uses_left": n} for n in range(5)],
        "link_codes": [{"contact_id": each, "code": f"l{each}", "expires_at": at()} for each in some(PEOPLE)],
        "mutes": [{"contact_id": each, "topic": topic, "at": at()} for each, topic in pairs(("offers", "events"))],
        "learned": [{"contact_id": each, "lesson": lesson, "started_at": at(), "finished_at": maybe_at(), "box": 0} for each, lesson in pairs(("aman_otp", "aman_apk"))],
        "certificates": [{"code": f"SRT-{next(numbers)}", "contact_id": each, "pillar": pillar, "name": "n", "at": at()} for each, pillar in pairs(("aman",))],
        "reminded": [{"rule": rule, "contact_id": each, "subject": 1, "fence": 1, "at": at()} for each, rule in pairs(("draft", "visit"))],
        "tips": [{"contact_id": each, "lesson": lesson, "at": at()} for each, lesson in pairs(("aman_otp", "aman_apk"))],
        "subscriptions": [{"contact_id": each, "period": "day", "weekday": 0, "minute": 1110, "pillar": "", "state": "paused", "last_at": maybe_at(), "changed_at": NOW} for each in some(PEOPLE)],
        "broadcasts": [{"id": n, "kind": "news", "state": "done", "text_id": f"{n}", "digest": "d", "author_id": anyone(), "approver_id": anyone(), "created_at": at()} for n in (1, 2, 3)],
        "deliveries": [{"broadcast_id": broadcast, "contact_id": each, "state": dice.choice(["queued", "sent", "failed"]), "at": NOW} for each, broadcast in pairs((1, 2, 3))],
        "template_uses": [{"channel": "whatsapp", "at": NOW + timedelta(minutes=n), "contact_id": who()} for n in range(4)],
        "audiences": [{"name": f"a{n}", "filters": "{}", "author_id": anyone(), "created_at": at()} for n in range(3)],
        "conversations": [
            {"id": next(numbers), "contact_id": each, "flow": f"{kind}", "version": "1", "facts": "{}", "journal": "{}", "shown": "{}", "turn": 1, "parked": kind != "open", "updated_at": at()}
            for each, kind in pairs(("open", "draft", "draft2"))
        ],
        "inbound": [{"channel": "web", "message_id": f"m{n}", "contact_id": anyone(), "received_at": at(), "body": "b"} for n in range(5)],
        "outbox": [
            {"contact_id": who(), "channel": "web", "address": f"{n}", "lane": 0, "state": "queued", "payload": "p", "about_id": anyone(), "created_at": at(), "due_at": at()}
            for n in range(8)
        ],
        "handovers": talks,
        "media": [{"id": f"f{n}", "contact_id": who(), "channel": "web", "kind": "photo", "mime": "image/png", "state": "stored", "due_at": at(), "created_at": at()} for n in range(5)],
        "audit": [{"at": at(), "actor_id": anyone(), "action": "open", "subject": f"{n}", "allowed": True} for n in range(5)],
    }  # fmt: skip


# The rules, each by itself.


def add(connection: sa.Connection, table: str, *rows: Mapping[str, Any]) -> None:
    for row in rows:
        connection.execute(sa.insert(metadata.tables[table]).values(**row))


def people(
    connection: sa.Connection, ours: Mapping[str, Any] | None = None, theirs: Mapping[str, Any] | None = None
) -> None:
    add(
        connection, "contacts",
        {"id": FIRST, "created_at": NOW, **(ours or {})}, {"id": SECOND, "created_at": NOW, **(theirs or {})},
        {"id": THIRD, "created_at": NOW},
    )  # fmt: skip


def merged(connection: sa.Connection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Merge and read what a table has then."""
    merge(connection, FIRST, SECOND, NOW)
    found = metadata.tables[table]
    query = sa.select(*(found.c[name] for name in columns)).order_by(*found.primary_key)
    return [tuple(row) for row in connection.execute(query)]


EARLIER, LATER = NOW - timedelta(days=2), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"language": "id"}, {"language": "jv"}, {"language": "id"}),
        ({"name": "Sri", "village": "a"}, {"name": "Bu Sri", "village": "b"}, {"name": "Sri", "village": "a"}),
        ({}, {"name": "Bu Sri", "village": "b"}, {"name": "Bu Sri", "village": "b"}),
        ({"stopped_at": LATER}, {"stopped_at": EARLIER}, {"stopped_at": EARLIER}),
        ({"stopped_at": LATER}, {}, {"stopped_at": LATER}),
        ({}, {"stopped_at": LATER}, {"stopped_at": LATER}),
        ({"consent": True}, {"consent": True}, {"consent": True}),
        ({"consent": True}, {"consent": False}, {"consent": False}),
        ({"consent": False}, {"consent": True}, {"consent": False}),
        ({"created_at": NOW}, {"created_at": EARLIER}, {"created_at": EARLIER}),
        ({"javanese_offered": False}, {"javanese_offered": True}, {"javanese_offered": True}),
    ],
)
def test_of_two_contacts(
    connection: sa.Connection, ours: dict[str, Any], theirs: dict[str, Any], expected: dict[str, Any]
) -> None:
    people(connection, ours, theirs)
    assert merged(connection, "contacts", "id", *expected)[0] == (FIRST, *expected.values())


def test_the_emptied_contact_is_deleted_but_the_newest_keeps_its_number(connection: sa.Connection) -> None:
    people(connection, {}, {"name": "Sri", "village": "a", "consent": True, "stopped_at": NOW})
    connection.execute(sa.text("DELETE FROM contacts WHERE id = 3"))
    assert merged(connection, "contacts", "id", "name", "erased_at") == [(FIRST, "Sri", None), (SECOND, None, NOW)]
    add(connection, "contacts", {"id": THIRD, "created_at": NOW}, {"id": 4, "created_at": NOW})
    merge(connection, FIRST, THIRD, NOW)
    assert list(connection.execute(sa.text("SELECT id FROM contacts ORDER BY id")).scalars()) == [FIRST, SECOND, 4]


@pytest.mark.parametrize("is_newest", [True, False])
def test_a_turn_that_still_means_the_emptied_contact_is_run_again(
    connection: sa.Connection, *, is_newest: bool
) -> None:
    people(connection)
    if is_newest:
        connection.execute(sa.text("DELETE FROM contacts WHERE id = 3"))
    lock(connection, FIRST, SECOND)
    merge(connection, FIRST, SECOND, NOW)
    lock(connection, FIRST)
    with pytest.raises(Conflict):
        lock(connection, FIRST, SECOND)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("officer", "admin", ("officer", True)),
        ("officer", None, ("officer", True)),
        (None, "admin", ("admin", False)),
    ],
)
def test_a_role_never_passes_over(
    connection: sa.Connection, ours: str | None, theirs: str | None, expected: tuple[str, bool]
) -> None:
    people(connection)
    for who, role in ((FIRST, ours), (SECOND, theirs)):
        if role is not None:
            add(connection, "staff", {"contact_id": who, "name": "D", "role": role, "active": True, "added_at": NOW})
    assert merged(connection, "staff", "contact_id", "role", "active") == [(FIRST, *expected)]


def volunteer(connection: sa.Connection, who: int, said: str | None) -> None:
    """Add a volunteer as "state day", who has applied or been decided about on that day, with a village of their own."""
    if said is None:
        return
    state, day = said.split()
    at = NOW + timedelta(days=int(day))
    decided = {} if state == "applied" else {"decided_at": at}
    row = {"contact_id": who, "name": f"V{who}", "skills": "HP", "state": state, "applied_at": at, **decided}
    add(connection, "volunteers", row)
    add(
        connection, "volunteer_villages", {"contact_id": who, "village": f"v{who}"}, {"contact_id": who, "village": "v"}
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "state", "villages"),
    [
        ("active 1", None, "active", "v v1"),
        (None, "active 1", "active", "v v2"),
        (None, "applied 1", "applied", "v v2"),
        ("active 1", "active 2", "active", "v v1 v2"),
        ("active 1", "paused 2", "paused", "v v1 v2"),
        ("active 2", "paused 1", "active", "v v1 v2"),
        ("active 1", "ended 2", "ended", "v v2"),
        ("active 2", "ended 1", "active", "v v1"),
        ("ended 1", "active 2", "active", "v v2"),
        ("active 1", "applied 2", "active", "v v1"),
        ("applied 2", "active 1", "active", "v v2"),
        ("applied 2", "paused 1", "paused", "v v2"),
        ("declined 1", "applied 2", "applied", "v v2"),
        ("applied 1", "declined 2", "declined", "v v2"),
        ("ended 1", "declined 1", "ended", "v v1"),
    ],
)
def test_of_two_volunteers_the_latest_decision_holds_and_adds_no_village_nobody_agreed_to(
    connection: sa.Connection, ours: str | None, theirs: str | None, state: str, villages: str
) -> None:
    people(connection)
    volunteer(connection, FIRST, ours)
    volunteer(connection, SECOND, theirs)
    assert merged(connection, "volunteers", "contact_id", "state") == [(FIRST, state)]
    found = connection.execute(sa.text("SELECT contact_id, village FROM volunteer_villages ORDER BY village")).all()
    assert [tuple(row) for row in found] == [(FIRST, village) for village in villages.split()]


def test_the_same_visit_reported_on_both_is_kept_twice_and_marks_repeats_once(connection: sa.Connection) -> None:
    people(connection)
    row = {
        "kind": "literasi",
        "village": "x",
        "day": "2026-11-01",
        "people": 3,
        "answers": "{}",
        "created_at": NOW,
        "updated_at": NOW,
    }
    for who in (FIRST, SECOND):
        add(connection, "visits", {**row, "code": f"a{who}", "contact_id": who, "digest": "same"})
    add(connection, "visits", {**row, "code": "b", "contact_id": SECOND, "digest": "other"})
    assert merged(connection, "visits", "code", "contact_id", "digest") == [
        ("a1", FIRST, "same"), ("a2", FIRST, None), ("b", FIRST, "other"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "parked"), [(False, [True, False]), (True, [False, True, True])], ids=["none open", "one open"]
)  # fmt: skip
def test_an_open_conversation_goes_on_or_becomes_a_draft(
    connection: sa.Connection, *, ours: bool, parked: list[bool]
) -> None:
    people(connection)
    row = {
        "flow": "request:sku",
        "version": "1",
        "facts": "{}",
        "journal": "{}",
        "shown": "{}",
        "turn": 1,
        "updated_at": NOW,
    }
    if ours:
        add(connection, "conversations", {**row, "contact_id": FIRST, "parked": False})
    add(connection, "conversations", *({**row, "contact_id": SECOND, "parked": each} for each in (True, False)))
    assert merged(connection, "conversations", "parked") == [(each,) for each in parked]


def test_of_two_open_talks_one_stays_open_and_a_talk_with_oneself_is_closed(connection: sa.Connection) -> None:
    people(connection)
    talks = [(FIRST, None), (SECOND, None), (THIRD, FIRST)]
    add(
        connection,
        "handovers",
        *({"contact_id": who, "officer_id": officer, "opened_at": EARLIER} for who, officer in talks),
    )
    assert merged(connection, "handovers", "contact_id", "closed_at") == [(FIRST, None), (FIRST, NOW), (THIRD, None)]


def test_a_talk_with_oneself_is_closed(connection: sa.Connection) -> None:
    people(connection)
    add(connection, "handovers", {"contact_id": FIRST, "officer_id": SECOND, "opened_at": EARLIER})
    assert merged(connection, "handovers", "contact_id", "officer_id", "closed_at") == [(FIRST, FIRST, NOW)]


def test_a_guide_sent_to_both_was_opened_when_it_was_first(connection: sa.Connection) -> None:
    people(connection)
    add(
        connection,
        "guides",
        *({"id": n, "title": "t", "body": "b", "search": "b", "published_at": NOW} for n in (1, 2)),
    )
    add(
        connection, "guide_readers",
        {"guide_id": 1, "contact_id": FIRST, "outbox_id": 7, "opened_at": LATER},
        {"guide_id": 1, "contact_id": SECOND, "outbox_id": 8, "opened_at": EARLIER},
        {"guide_id": 2, "contact_id": FIRST}, {"guide_id": 2, "contact_id": SECOND, "outbox_id": 9, "opened_at": LATER},
    )  # fmt: skip
    expected = [(1, FIRST, 7, EARLIER), (2, FIRST, 9, LATER)]
    assert merged(connection, "guide_readers", "guide_id", "contact_id", "outbox_id", "opened_at") == expected


def test_of_two_answers_to_an_event_the_later_holds(connection: sa.Connection) -> None:
    people(connection)
    event = {"title": "t", "place": "p", "starts_at": NOW, "state": "announced", "created_at": NOW}
    add(connection, "events", *({**event, "id": n, "code": f"c{n}"} for n in (1, 2)))
    add(
        connection, "event_guests",
        {"event_id": 1, "contact_id": FIRST, "answer": "coming", "answered_at": EARLIER, "attended_at": NOW},
        {"event_id": 1, "contact_id": SECOND, "answer": "not_coming", "answered_at": LATER},
        {"event_id": 2, "contact_id": FIRST}, {"event_id": 2, "contact_id": SECOND, "attended_at": NOW},
    )  # fmt: skip
    expected = [(1, FIRST, "not_coming", LATER, NOW), (2, FIRST, None, None, NOW)]
    columns = ("event_id", "contact_id", "answer", "answered_at", "attended_at")
    assert merged(connection, "event_guests", *columns) == expected


@pytest.mark.parametrize("table", ["mutes", "reminded"])
def test_what_both_have_muted_or_been_reminded_of_is_one_row_of_the_earlier_time(
    connection: sa.Connection, table: str
) -> None:
    people(connection)
    key = {"topic": "offers"} if table == "mutes" else {"rule": "draft", "subject": 1, "fence": 1}
    add(connection, table, {**key, "contact_id": FIRST, "at": LATER}, {**key, "contact_id": SECOND, "at": EARLIER})
    assert merged(connection, table, "contact_id", "at") == [(FIRST, EARLIER)]


@pytest.mark.parametrize(
    ("ours", "theirs", "kept"),
    [
        ("queued", "sent", "sent"), ("sent", "queued", "sent"), ("failed", "queued", "queued"), ("skipped", "failed", "failed"),
        ("unknown", "queued", "unknown"), ("read", "delivered", "read"), (None, "queued", "queued"),
    ],
)  # fmt: skip
def test_of_two_deliveries_of_a_broadcast_the_one_that_came_further_stays(
    connection: sa.Connection, ours: str | None, theirs: str, kept: str
) -> None:
    people(connection)
    add(connection, "broadcasts", {"id": 1, "kind": "news", "state": "running", "text_id": "t", "digest": "", "created_at": NOW})  # fmt: skip
    for who, state in ((FIRST, ours), (SECOND, theirs)):
        if state is not None:
            add(connection, "deliveries", {"broadcast_id": 1, "contact_id": who, "state": state, "at": NOW})
    assert merged(connection, "deliveries", "contact_id", "state") == [(FIRST, kept)]


@pytest.mark.parametrize("ours_last", [None, EARLIER, LATER])
def test_of_two_subscriptions_the_first_stays_with_the_later_last_tip(
    connection: sa.Connection, ours_last: datetime | None
) -> None:
    people(connection)
    for who, minute, last in ((FIRST, 600, ours_last), (SECOND, 700, LATER)):
        add(connection, "subscriptions", {"contact_id": who, "period": "day", "weekday": 0, "minute": minute, "pillar": "", "state": "paused", "last_at": last, "changed_at": NOW})  # fmt: skip
    assert merged(connection, "subscriptions", "contact_id", "minute", "last_at") == [(FIRST, 600, LATER)]

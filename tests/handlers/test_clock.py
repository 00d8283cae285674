"""The clock: every minute all rules, each for itself; at night what is tidied up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from apscheduler.job import Job

from bot import clock
from bot.app import App
from bot.config import Settings
from flows.text import N_
from handlers.files import Files
from handlers.inbox import Inbox
from handlers.mail import Mail
from handlers.media import MediaStore
from handlers.messages import Sending
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.reminders import Due, Rule
from storage import subscriptions
from storage.db import Database
from tests.world import World


class Taken(Outbox):
    """An outbox that keeps what it is given to send."""

    def __init__(self, database: Database, office: Office) -> None:
        super().__init__({}, database, office)
        self.sendings: list[Sending] = []

    def take(self, sendings: list[Sending]) -> None:
        self.sendings += sendings


def open_office(world: World, database: Database, folder: Path) -> tuple[App, Taken]:
    settings = Settings(database_url="", data_dir=folder)
    office, store = world.office, MediaStore(folder)
    outbox = Taken(database, office)
    inbox, files = Inbox(database, office, lambda *_: None), Files({}, database, store, office, lambda *_: None)
    return App(settings, database, office, store, inbox, outbox, files, {}), outbox


def find_job(app: App, name: str) -> Job:
    return next(job for job in clock.schedule(app).get_jobs() if job.id == name)


@pytest.fixture
def world(database: Database) -> World:
    world = World(database.engine)
    world.arrives("sri")
    return world


def make_rule(name: str, contact: int, *, breaks: bool = False) -> Rule:
    def act(mail: Mail, due: Due) -> None:
        mail.write_to(due.contact_id, N_("No requests."))
        if breaks:
            raise LookupError("Sri Wahyuni")

    return Rule(name, lambda _: [Due(contact, 1, 1)], act)


async def test_all_rules_are_applied_every_minute(world: World, database: Database, tmp_path: Path) -> None:
    app, _ = open_office(world, database, tmp_path)
    trigger, now = find_job(app, "remind").trigger, world.office.local(world.office.clock())
    times = [now]
    for _ in range(3):
        times.append(trigger.get_next_fire_time(times[-1], times[-1] + timedelta(milliseconds=1)))
    assert times == [now + timedelta(minutes=minute) for minute in range(4)]


async def test_a_rule_that_fails_leaves_nothing_and_keeps_no_other_from_its_work(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app, outbox = open_office(world, database, tmp_path)
    contact = world.person("sri").contact_id
    rules = (make_rule("first", contact), make_rule("broken", contact, breaks=True), make_rule("last", contact))
    monkeypatch.setattr(clock, "RULES", rules)
    before = world.value("SELECT count(*) FROM outbox")
    job = find_job(app, "remind")
    for _ in range(2):
        await job.func()
    assert world.rows("SELECT rule FROM reminded ORDER BY rule") == [("first",), ("last",)]
    assert world.value("SELECT count(*) FROM outbox") - before == 2
    assert [sending.address for sending in outbox.sendings] == ["sri"] * 2
    assert caplog.text.count("rule broken failed: LookupError") == 2
    assert "Sri Wahyuni" not in caplog.text


async def test_two_clocks_of_two_processes_remind_once(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    other = Database(database_url)
    try:
        apps = [open_office(world, each, tmp_path) for each in (database, other)]
        monkeypatch.setattr(clock, "RULES", (make_rule("first", world.person("sri").contact_id),))
        for app, _ in apps:
            await find_job(app, "remind").func()
        assert sum(len(outbox.sendings) for _, outbox in apps) == 1
    finally:
        await other.close()


async def test_every_minute_it_sends_the_tips_that_are_due_held_ones_too(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.arrives("whatsapp:62811")
    people = {"sri": world.person("sri").contact_id, "budi": world.person("whatsapp:62811").contact_id}
    for who, state in (("sri", "on"), ("budi", "held")):
        due = world.office.clock() if state == "on" else None
        with world.engine.begin() as connection:
            subscriptions.put(
                connection, people[who], period="day", weekday=0, minute=600, pillar="", state=state, next_at=due,
                silent=0, changed_at=world.office.clock() - timedelta(days=1),
            )  # fmt: skip
    app, outbox = open_office(world, database, tmp_path)
    job = find_job(app, "send_tips")
    assert (job.trigger.get_next_fire_time(None, world.office.clock()) - world.office.clock()) <= timedelta(minutes=1)
    await job.func()
    assert {row[0] for row in world.rows("SELECT contact_id FROM deliveries")} == set(people.values())
    assert [sending.address for sending in outbox.sendings] == ["62811"], "why it waited"


async def test_broadcasts_are_counted_every_ten_seconds_by_one_of_two_processes_each_for_itself(
    world: World, database: Database, tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.employs("dewi")
    world.says("dewi", "menu")
    broken, good = world.broadcasts("dewi", "Satu"), world.broadcasts("dewi", "Dua")
    world.delivers(good)
    world.rows(f"UPDATE broadcasts SET figures = 'no figures', counted_at = 1 WHERE id = {broken} RETURNING 1")
    world.rows("UPDATE broadcasts SET counted_at = :at RETURNING 1", at=int((world.office.clock() - timedelta(seconds=10)).timestamp()) * 1_000_000)  # fmt: skip
    other = Database(database_url)
    try:
        apps = [open_office(world, each, tmp_path) for each in (database, other)]
        jobs = [find_job(app, "report_broadcasts") for app, _ in apps]
        await asyncio.gather(*(job.func() for job in jobs))
        sent = [sending.message.text.split("\n")[0] for _, outbox in apps for sending in outbox.sendings]
        assert sent == [f"Siaran Anda nomor {good} sudah selesai."]
        assert f"counting broadcast {broken} failed" in caplog.text
        now = world.office.local(world.office.clock())
        assert jobs[0].trigger.get_next_fire_time(now, now + timedelta(seconds=1)) == now + timedelta(seconds=10)
    finally:
        await other.close()


async def test_at_night_it_tidies_up(world: World, database: Database, tmp_path: Path) -> None:
    world.says("sri", "surat pengantar")
    assert world.value("SELECT count(*) FROM conversations") == 1
    world.later(days=31)
    app, _ = open_office(world, database, tmp_path)
    job = find_job(app, "tidy_up")
    next_at = job.trigger.get_next_fire_time(None, world.office.local(world.office.clock()))
    assert (next_at.hour, next_at.minute) == (clock.TIDY_HOUR, 0)
    await job.func()
    assert world.value("SELECT count(*) FROM conversations") == 0


async def test_it_runs_as_long_as_the_process(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = open_office(world, database, tmp_path)
    scheduler = clock.schedule(app)
    monkeypatch.setattr(clock, "schedule", lambda _: scheduler)
    async with clock.ticking(app):
        assert scheduler.running
        assert all(job.next_run_time is not None for job in scheduler.get_jobs())
    await asyncio.sleep(0)
    assert not scheduler.running

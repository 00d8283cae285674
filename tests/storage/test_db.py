"""The writer: what it acknowledges is on disk, what fails hurts nobody else, and it outlives a lost connection."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from storage import db
from storage.db import Database, DatabaseClosed
from storage.tables import Utc, contacts, marks
from tests.conftest import Postgres
from tests.storage.writing import add_mark

NOON = datetime(2026, 8, 17, 12, tzinfo=UTC)
WRITING = Path(__file__).parent / "writing.py"


def list_marks(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(sa.select(marks.c.name).order_by(marks.c.name)))


def committed(at: Database | str) -> list[str]:
    """Read over a connection that is not the writer's."""
    url = at if isinstance(at, str) else at.engine.url
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return list_marks(connection)


def writing(database: Database, *names: str) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(database.write(add_mark, name)) for name in names]


@asynccontextmanager
async def busy(database: Database) -> AsyncIterator[None]:
    """Keep every writer thread busy inside, so that what is put meanwhile waits and is taken together."""
    count = 1 if database.is_sqlite else db.POSTGRES_WRITERS
    held = threading.Barrier(count + 1)
    go = threading.Event()

    def hold(connection: sa.Connection) -> None:
        del connection
        held.wait()
        go.wait()

    holding = [asyncio.create_task(database.write(hold)) for _ in range(count)]
    await asyncio.to_thread(held.wait)
    try:
        yield
        await put()
    finally:
        go.set()
    await asyncio.gather(*holding)


async def put() -> None:
    """Let tasks that were just made run until they wait, so that their jobs are put."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


class Commits:
    """Counts commits and rollbacks of transactions on the writer's engine."""

    def __init__(self, database: Database) -> None:
        self.commits = self.rollbacks = 0
        sa.event.listen(database.engine, "commit", self._commit)
        sa.event.listen(database.engine, "rollback", self._rollback)

    def _commit(self, connection: sa.Connection) -> None:
        del connection
        self.commits += 1

    def _rollback(self, connection: sa.Connection) -> None:
        del connection
        self.rollbacks += 1


async def test_the_result_comes_after_the_commit(database: Database) -> None:
    def add_and_list(connection: sa.Connection, name: str) -> list[str]:
        add_mark(connection, name)
        return list_marks(connection)

    assert await database.write(add_and_list, "a") == ["a"]
    assert committed(database) == ["a"]
    async with database.read() as connection:
        assert list(await connection.scalars(sa.select(marks.c.name))) == ["a"]


async def test_what_waits_is_committed_together_on_sqlite_and_singly_on_postgres(database: Database) -> None:
    names = [f"{number:03}" for number in range(130)]
    counted = Commits(database)
    async with busy(database):
        tasks = writing(database, *names)
    await asyncio.gather(*tasks)
    # The one that held the thread, then 64 + 64 + 2.
    assert counted.commits == (1 + 3 if database.is_sqlite else db.POSTGRES_WRITERS + 130)
    assert committed(database) == names


async def test_a_failing_job_hurts_no_other(database: Database) -> None:
    def add_and_fail(connection: sa.Connection) -> None:
        add_mark(connection, "wrong")
        raise ZeroDivisionError

    await database.write(add_mark, "a")
    counted = Commits(database)
    async with busy(database):
        before = writing(database, "b")
        failing = asyncio.create_task(database.write(add_and_fail))
        twice = writing(database, "a")
        after = writing(database, "c")
    await asyncio.gather(*before, *after)
    with pytest.raises(ZeroDivisionError):
        await failing
    with pytest.raises(sa.exc.IntegrityError):
        await twice[0]
    if database.is_sqlite:
        assert (counted.commits, counted.rollbacks) == (1 + 2, 1 + 2)  # the group is undone, then each runs alone
    assert committed(database) == ["a", "b", "c"]


@pytest.mark.parametrize("failure", [StopIteration, SystemExit, asyncio.CancelledError])
async def test_no_failure_ends_the_writer(database: Database, failure: type[BaseException]) -> None:
    def fail(connection: sa.Connection) -> None:
        raise failure

    with pytest.raises(RuntimeError if failure is StopIteration else failure):
        await database.write(fail)
    await database.write(add_mark, "a")
    assert committed(database) == ["a"]


async def test_a_cancelled_caller_does_not_undo_the_job(database: Database) -> None:
    async with busy(database):
        [gone, waiting] = writing(database, "gone", "waiting")
        await put()
        gone.cancel()
    await waiting
    with pytest.raises(asyncio.CancelledError):
        await gone
    await database.close()
    assert committed(database) == ["gone", "waiting"]


async def test_close_commits_what_waits_and_takes_nothing_more(database: Database) -> None:
    async with busy(database):
        tasks = writing(database, "a", "b")
        await put()
        closing = asyncio.create_task(database.close())
        await put()
        with pytest.raises(DatabaseClosed):
            await database.write(add_mark, "c")
    await closing
    await asyncio.gather(*tasks)
    await database.close()
    assert committed(database) == ["a", "b"]


async def test_errors_do_not_tell_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        await database.write(
            lambda connection: connection.execute(sa.insert(marks), {"name": "Bu Siti", "value": None})
        )
    assert "Siti" not in str(caught.value).replace(str(caught.value.orig), "")
    async with database.read() as connection:
        with pytest.raises(sa.exc.DBAPIError) as caught:
            await connection.execute(sa.text("SELECT nothing FROM marks WHERE name = :name"), {"name": "Bu Siti"})
    assert "Siti" not in str(caught.value)


async def test_two_event_loops_share_the_writer(database: Database) -> None:
    await asyncio.gather(
        database.write(add_mark, "here"),
        asyncio.to_thread(lambda: asyncio.run(database.write(add_mark, "there"))),
    )
    assert committed(database) == ["here", "there"]


async def test_a_caller_whose_loop_has_ended_does_not_stop_the_writer(database: Database) -> None:
    async def put_and_leave() -> None:
        writing(database, "left")
        await put()

    async with busy(database):
        await asyncio.to_thread(lambda: asyncio.run(put_and_leave()))
    await database.write(add_mark, "still here")
    await database.close()
    assert committed(database) == ["left", "still here"]


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    def add_contact(connection: sa.Connection, at: datetime) -> datetime | None:
        connection.execute(sa.insert(contacts), {"created_at": at})
        return connection.scalar(sa.select(contacts.c.created_at))

    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        await database.write(add_contact, NOON.replace(tzinfo=None))
    assert await database.write(add_contact, NOON + timedelta(microseconds=1)) == NOON + timedelta(microseconds=1)


@given(st.integers(0, 4 * 10**15), st.timezones())  # up to the year 2096
def test_times_are_kept_to_the_microsecond(microseconds: int, zone: tzinfo) -> None:
    at = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).astimezone(zone)
    dialect = sa.create_engine("sqlite://").dialect
    assert Utc().process_bind_param(at, dialect) == microseconds
    assert Utc().process_result_value(microseconds, dialect) == at


async def test_sqlite_is_durable_at_each_commit_and_checks_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'rewang.db'}")  # makes the folder

    def list_pragmas(connection: sa.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert await database.write(list_pragmas) == ["wal", full, 1, db.BUSY_TIMEOUT_MS]
    async with database.read() as connection:
        assert await connection.run_sync(list_pragmas) == ["wal", full, 1, db.BUSY_TIMEOUT_MS]
    await database.close()


async def test_an_open_read_does_not_stop_the_writer(database: Database) -> None:
    await database.write(add_mark, "a")
    async with database.read() as connection, connection.stream(sa.select(marks.c.name)) as rows:
        await database.write(add_mark, "b")
        assert [row.name async for row in rows] == ["a"]
    assert committed(database) == ["a", "b"]


async def test_a_database_that_cannot_be_opened_fails_each_job_until_it_can(tmp_path: Path) -> None:
    path = tmp_path / "rewang.db"
    path.mkdir()
    database = Database(f"sqlite:///{path}")
    for _ in range(2):
        with pytest.raises(sa.exc.OperationalError, match="unable to open"):
            await database.write(list_marks)
    path.rmdir()
    await database.write(marks.create)
    assert await database.write(list_marks) == []
    await database.close()


async def test_a_locked_sqlite_file_fails_what_waits_together_and_later_jobs_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{tmp_path / 'rewang.db'}")
    await database.write(marks.create)
    refusals: list[sa.ExceptionContext] = []
    with database.engine.begin():
        sa.event.listen(database.engine, "handle_error", refusals.append)
        names = [f"{number:03}" for number in range(60)]
        refused = await asyncio.gather(*writing(database, *names), return_exceptions=True)
    assert {str(error).split("\n", 1)[0] for error in refused} == {"(sqlite3.OperationalError) database is locked"}
    assert 0 < len(refusals) < 60, "each waited for the lock by itself"
    await database.write(add_mark, "a")
    assert committed(database) == ["a"]
    await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_jobs_pass_after_the_server_was_restarted(database: Database, postgres_server: Postgres) -> None:
    async with busy(database):  # so that every writer has a connection, and loses it
        tasks = writing(database, *"abcdefgh")
    await asyncio.gather(*tasks)
    async with database.read() as connection:
        await connection.execute(sa.select(1))
    await asyncio.to_thread(postgres_server.restart)
    async with busy(database):
        tasks = writing(database, *"ijklmnop")
    await asyncio.gather(*tasks)
    async with database.read() as connection:
        assert list(await connection.scalars(sa.select(marks.c.name).order_by(marks.c.name))) == list(
            "abcdefghijklmnop"
        )


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_job_whose_connection_dies_runs_once_more_and_no_more(database: Database) -> None:
    runs: list[str] = []

    def add_and_die(connection: sa.Connection, name: str, deaths: int) -> None:
        runs.append(name)
        add_mark(connection, name)
        if runs.count(name) <= deaths:
            connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await database.write(add_and_die, "once", 1)
    with pytest.raises(sa.exc.OperationalError):
        await database.write(add_and_die, "always", 9)
    assert runs == ["once", "once", "always", "always"]
    assert committed(database) == ["once"]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_victim_of_a_deadlock_runs_once_more(database: Database) -> None:
    await asyncio.gather(*writing(database, "a", "b"))
    met, passed = threading.Barrier(2), threading.Event()
    runs: list[str] = []
    change = sa.update(marks).values(value=marks.c.value + "x")

    def change_both(connection: sa.Connection, first: str, second: str) -> None:
        runs.append(first)
        if len(runs) == 3:
            passed.wait()  # else the victim, run again, may overtake the other and become its cause of a second deadlock
        connection.execute(change.where(marks.c.name == first))
        if len(runs) <= 2:
            met.wait()
        connection.execute(change.where(marks.c.name == second))

    async def write_both(first: str, second: str) -> None:
        await database.write(change_both, first, second)
        passed.set()

    await asyncio.gather(write_both("a", "b"), write_both("b", "a"))
    assert len(runs) == 3
    with database.engine.connect() as connection:
        assert list(connection.scalars(sa.select(marks.c.value))) == ["xx", "xx"]


def start_writing(url: str, prefix: str, most: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "import runpy, sys; runpy.run_path(sys.argv.pop(1), run_name='__main__')"]
    return subprocess.Popen([*command, str(WRITING), url, prefix, str(most)], stdout=subprocess.PIPE, text=True)


def test_two_processes_write_the_same_database(database_url: str) -> None:
    processes = [start_writing(database_url, prefix, 300) for prefix in ("a", "b")]
    acknowledged = [name for process in processes for name in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert committed(database_url) == sorted(acknowledged)
    assert len(acknowledged) == 600


def test_a_killed_process_keeps_what_it_acknowledged(database_url: str) -> None:
    process = start_writing(database_url, "a", 100_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(200)]
    process.kill()
    acknowledged += process.communicate()[0].split()
    assert process.returncode == -9
    assert set(acknowledged) <= set(committed(database_url))
    assert 200 <= len(acknowledged) < 100_000

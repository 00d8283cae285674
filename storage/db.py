"""The database: one writer that groups commits, and an async reader beside it.

SQLite (one file): one writer thread takes whatever waits, up to 64 jobs, into one transaction with one commit (WAL,
synchronous=FULL). A job that fails undoes the group and each job then runs in a transaction of its own, so one failing
job hurts no other; a job must therefore have no effect but through its connection. PostgreSQL: a few writer threads,
each job in its own transaction, its own group commit does the rest; a job that met a dead connection or a deadlock is
run once more.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

P = ParamSpec("P")
T = TypeVar("T")

MOST_IN_GROUP = 64
POSTGRES_WRITERS = 4
BUSY_TIMEOUT_MS = 10_000
PASSING_SQLSTATES = ("40001", "40P01")  # serialization failure, deadlock: PostgreSQL undid it, the same again may pass


class DatabaseClosed(Exception):  # noqa: N818
    """A write came after close()."""


@dataclass(slots=True)
class _Job:
    run: Callable[[sa.Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


_Done = tuple[_Job, Any, BaseException | None]


class Database:
    """Opened once by the process; ``write`` from any coroutine, ``read`` for what is not part of a turn."""

    def __init__(self, url: str) -> None:
        """Connect lazily; the schema is storage/migrate.py's work."""
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._engine = open_engine(url)
        self._readers: AsyncEngine = _reading_engine(parsed)
        count = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._threads = [threading.Thread(target=self._work, name=f"writer-{n}", daemon=True) for n in range(count)]
        self._closed = False
        self._gate = threading.Lock()  # no job comes behind the end mark, whatever thread a loop runs in
        for thread in self._threads:
            thread.start()

    @property
    def engine(self) -> sa.Engine:
        """The synchronous engine: for migrations and for commands that run alone."""
        return self._engine

    async def write(self, job: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``job(connection, …)`` in a transaction and return its result once that is committed.

        A cancelled caller does not undo the job: whoever must know reads the rows.

        Raises:
            DatabaseClosed: the process is going down.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._gate:
            if self._closed:
                raise DatabaseClosed("the database is closed")
            self._jobs.put(_Job(lambda connection: job(connection, *args, **kwargs), loop, future))
        return await future

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for reading; on SQLite it blocks nobody."""
        async with self._readers.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Commit what waits, then close."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        await self._readers.dispose()
        self._engine.dispose()

    def _work(self) -> None:
        most = MOST_IN_GROUP if self.is_sqlite else 1
        line = _Line(self._engine)
        last = False
        while not last and (job := self._jobs.get()) is not None:
            group = [job]
            while len(group) < most:
                try:
                    more = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                group.append(more)
            _answer(_run_group(line, group))
        line.close()


class _Line:
    """A writer thread's connection: kept, because taking one from the pool costs 60 µs a group.

    SQLAlchemy makes it anew after it was lost; the first one may have to wait until the server is there at all.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    def get(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _run_group(line: _Line, group: list[_Job], *, tries: int = 2) -> list[_Done]:
    """Run the jobs in one transaction; if one fails, each in its own."""
    begun = ran = False
    try:
        with line.get().begin():
            begun = True
            done: list[_Done] = [(job, job.run(line.get()), None) for job in group]
            ran = True
    except BaseException as error:  # noqa: BLE001  every job's error goes to its own caller, and the thread lives on
        if begun and len(group) > 1:
            return [answer for job in group for answer in _run_group(line, [job])]
        if begun and not ran and tries > 1 and _is_passing(error):  # after a failed commit nobody knows: no second run
            return _run_group(line, group, tries=tries - 1)
        return [(job, None, error) for job in group]
    return done


def _is_passing(error: BaseException) -> bool:
    """Tell whether the same job may well pass when run again: the connection was dead, or PostgreSQL chose a victim."""
    return isinstance(error, sa.exc.DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) in PASSING_SQLSTATES
    )


def _answer(done: list[_Done]) -> None:
    """Hand results back, one wake-up of each event loop for the whole group."""
    loops = {id(job.loop): job.loop for job, _, _ in done}
    for key, loop in loops.items():
        mine = [(job.future, result, error) for job, result, error in done if id(job.loop) == key]
        with suppress(RuntimeError):  # that loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(done: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in done:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        elif isinstance(error, StopIteration):  # a future refuses this one
            future.set_exception(RuntimeError(f"a job let {error!r} out"))
        else:
            future.set_exception(error)


def open_engine(url: str) -> sa.Engine:
    """Make the synchronous engine for a DATABASE_URL (an async SQLite driver is replaced by the built-in one)."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_size=POSTGRES_WRITERS + 1, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,  # errors reach the log, people's words must not
        connect_args={"check_same_thread": False, "isolation_level": None},  # we begin and commit ourselves
    )
    sa.event.listen(engine, "connect", _set_pragmas)
    # Not by an event: one listener makes SQLAlchemy look for listeners at every statement, 5 µs each.
    engine.dialect.do_begin = _begin_immediate  # type: ignore[method-assign]  # for this engine only
    return engine


def _reading_engine(url: sa.URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), hide_parameters=True)
    sa.event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(dbapi_connection: Any) -> None:
    """Take the write lock at once: a transaction that starts by reading cannot be refused later."""
    dbapi_connection.execute("BEGIN IMMEDIATE")

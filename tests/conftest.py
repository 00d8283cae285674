"""Databases for tests: a fresh, migrated one for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

from storage.db import Database
from storage.migrate import migrate

settings.register_profile("rewang", deadline=None)  # a busy machine is no failure
settings.load_profile("rewang")
BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
_numbers = count()
_EMPTY = """
DO $$
DECLARE one record;
BEGIN
  SET LOCAL session_replication_role = replica;  -- no look at foreign keys: all goes
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %%I', one.tablename);
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %%I RESTART', one.sequencename);
  END LOOP;
END $$
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos-rounds",
        type=int,
        default=0,
        help="play so many long rounds of tests/e2e/test_chaos.py and test_bulk_chaos.py on each database",
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database that was opened."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "rewang.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    yield from server.lend_migrated()


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    yield from server.lend(template="template0")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL of our own on a free port; the tests that need it are skipped where there is no such program."""
    programs = find_postgres()
    if programs is None:
        why = "no PostgreSQL programs on PATH or in /usr/lib/postgresql"
        if os.environ.get("REWANG_REQUIRE_POSTGRES") == "1":
            pytest.fail(why)
        pytest.skip(why)
    # Not pytest's own folder: that one is closed to the user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="rewang-postgres-"))
    try:
        server = Postgres(programs, folder)
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


class Postgres:
    """A cluster in a folder; without ``fsync`` no care is taken for its files' safety, as it lives as long as the test run."""

    def __init__(self, programs: Path, folder: Path, *, fsync: bool = False) -> None:
        self._programs = programs
        self._data = folder / "cluster"
        self._user = self._group = None
        if os.geteuid() == 0:  # as whom the server refuses to run
            nobody = pwd.getpwnam("nobody")
            self._user, self._group = nobody.pw_uid, nobody.pw_gid
            shutil.chown(folder, self._user, self._group)
        self._run("initdb", "-D", self._data, "-U", "rewang", "-A", "trust", "-E", "UTF8", "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        settings = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync={fsync}"
        self.control("start", "-l", folder / "log", "-o", settings)
        self._admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        self._free: list[str] = []
        self._made: set[str] = set()
        self._command("CREATE DATABASE migrated TEMPLATE template0")
        migrate(self.url("migrated"))

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://rewang@127.0.0.1:{self._port}/{name}"

    def lend(self, template: str) -> Iterator[str]:
        """Make a database, give its address, and drop it."""
        name = f"test_{next(_numbers)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def lend_migrated(self) -> Iterator[str]:
        """Give a migrated database without a row; it is emptied afterwards for the next test, which takes a tenth of making one."""
        name = self._free.pop() if self._free else f"test_{next(_numbers)}"
        if name not in self._made:
            self._command(f"CREATE DATABASE {name} TEMPLATE migrated")
            self._made.add(name)
        yield self.url(name)
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
        self._command(ended.format(name))  # what a killed process of the test has left
        engine = sa.create_engine(self.url(name), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(_EMPTY)
        self._free.append(name)

    def restart(self) -> None:
        """End every connection as a crash of the server does, and start again."""
        self.control("restart", "-m", "immediate")

    def control(self, action: str, *arguments: str | Path) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-s", action, *arguments)

    def _command(self, sql: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(sql)

    def _run(self, program: str, *arguments: str | Path) -> None:
        # No pipes: the server would inherit them and keep them open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self._programs / program, *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False,
                user=self._user, group=self._group, extra_groups=None if self._user is None else [],
            )  # fmt: skip
            output.seek(0)
            assert done.returncode == 0, output.read().decode()


def find_postgres() -> Path | None:
    """Find the folder with initdb and pg_ctl: Debian keeps them off PATH, one folder a version."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    return next((folder for folder in folders if (folder / "pg_ctl").exists() and (folder / "postgres").exists()), None)

"""Brings a database to the present schema, at start and by command; the steps are in storage/migrations/versions/.

Alembic is only imported when there is something to do: a start that finds the schema in place saves its 0.13 s.
There is no way down: a step that lost data could not be undone by one, a backup can.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from storage.db import open_engine

HEAD = "0007"  # the newest file in versions/
SCRIPTS = Path(__file__).parent / "migrations"
LOCK_KEY = 7_393_264  # of PostgreSQL's advisory lock: any number that nothing else in the database uses
LONGEST_WAIT_MS = 600_000  # for another process that is just migrating a large SQLite file


class DatabaseTooNew(Exception):  # noqa: N818
    """A newer version of the program has migrated this database."""


def migrate(url: str) -> None:
    """Run the missing steps, all in one transaction; of several processes starting at once, one works and all wait.

    Raises:
        DatabaseTooNew: the database is at a step this version does not have.
    """
    engine = open_engine(url)
    try:
        with _locked(engine) as connection:
            if _find_revision(connection) != HEAD:
                _upgrade(connection, HEAD)
    finally:
        engine.dispose()


def _find_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


@contextmanager
def _locked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that no other migration can be in at the same time."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A step that makes a table anew drops the old one, which would delete the rows that refer to it.
            # Set before the transaction, because SQLite ignores the first of the two inside one.
            for pragma in ("foreign_keys=OFF", f"busy_timeout={LONGEST_WAIT_MS}"):
                connection.connection.execute(f"PRAGMA {pragma}")
        with connection.begin():  # on SQLite: BEGIN IMMEDIATE
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_KEY)))
            yield connection


def _upgrade(connection: sa.Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    here = _find_revision(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if here is not None and here not in known:
        raise DatabaseTooNew(
            f"the database is at step {here} and this program knows steps up to {HEAD}: "
            "start the newer version that was here before, or restore a backup made with this one"
        )
    command.upgrade(config, revision)
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise RuntimeError(
            f"a step left a row of {lost.table} that refers to no row of {lost.parent}; nothing was changed"
        )

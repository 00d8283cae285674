"""The schema: the steps and the tables say the same, from wherever a database comes, however many start at once."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.db import open_engine
from storage.migrate import HEAD, SCRIPTS, DatabaseTooNew, _locked, _upgrade, migrate
from storage.tables import metadata


def _list_revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [step.revision for step in ScriptDirectory.from_config(config).walk_revisions("base", "heads")][::-1]


REVISIONS = _list_revisions()


def test_head_is_the_newest_step_and_numbers_have_no_gap() -> None:
    assert [f"{number + 1:04}" for number in range(len(REVISIONS))] == REVISIONS
    assert REVISIONS[-1] == HEAD


@pytest.mark.parametrize("start", [None, *REVISIONS])
def test_every_earlier_database_reaches_the_present_tables(empty_url: str, start: str | None) -> None:
    engine = open_engine(empty_url)
    if start is not None:
        with _locked(engine) as connection:
            _upgrade(connection, start)
    migrate(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        migrated = _describe(connection)
        assert set(migrated) == set(metadata.tables)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.schema.DropTable(table))
        metadata.create_all(connection)
        assert migrated == _describe(connection)
    engine.dispose()


def _describe(connection: sa.Connection) -> dict[str, Any]:
    """Say all that a database knows of its tables, whatever the order of columns: more than Alembic compares."""
    seen = sa.inspect(connection)
    tables = {}
    for name in seen.get_table_names():
        if name == "alembic_version":
            continue
        tables[name] = {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(name)
            },
            "primary key": seen.get_pk_constraint(name),
            "foreign keys": _by_name(seen.get_foreign_keys(name)),
            "unique": _by_name(seen.get_unique_constraints(name)),
            "checks": _by_name(seen.get_check_constraints(name)),
            "indexes": {
                key: {**index, "dialect_options": _texts(index)}
                for key, index in _by_name(seen.get_indexes(name)).items()
            },
            "options": seen.get_table_options(name),
        }
    if connection.dialect.name == "postgresql":
        for name, table in tables.items():
            table["comment"] = seen.get_table_comment(name)
    return tables


def _by_name(items: list[Any]) -> dict[str, Any]:
    return {item["name"]: item for item in items}


def _texts(index: Any) -> dict[str, str]:
    return {key: str(value) for key, value in index.get("dialect_options", {}).items()}


def test_incoming_messages_are_kept_without_a_second_key_on_sqlite(tmp_path: Any) -> None:
    migrate(url := f"sqlite:///{tmp_path / 'a.db'}")
    engine = open_engine(url)
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="no such column: rowid"):
        connection.exec_driver_sql("SELECT rowid FROM inbound")
    engine.dispose()


def test_a_failing_step_changes_nothing(empty_url: str) -> None:
    engine = open_engine(empty_url)

    def migrate_and_fail() -> None:
        with _locked(engine) as connection:
            _upgrade(connection, HEAD)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        migrate_and_fail()
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(DatabaseTooNew, match="step 9999"):
        migrate(empty_url)


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    # All wait for the same instant, so that they truly meet.
    program = (
        "import sys, time; from storage.migrate import migrate; import alembic.command\n"
        "print('ready', flush=True); sys.stdin.readline(); migrate(sys.argv[1])"
    )
    command = [sys.executable, "-c", program, empty_url]
    starting = [subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) for _ in range(4)]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate()[1], process.returncode) for process in starting] == [("", 0)] * 4
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_a_start_with_nothing_to_do_does_not_load_alembic(database_url: str) -> None:
    program = "import sys; from storage.migrate import migrate; migrate(sys.argv[1]); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, database_url], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

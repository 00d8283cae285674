"""Statements of a turn's way: compiled once, then given to the driver as text.

SQLAlchemy Core takes 30 to 100 µs around each execution, more with more columns; SQLite itself 3 to 15. A turn has five
statements. The statement stays Core, so that both databases are served and columns are checked when it is made; on
SQLite it is then executed by the driver, elsewhere through the connection, which knows how to notice a lost server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from storage.tables import Utc

Values = Mapping[str, Any]
_Arrange = Callable[[Values], Any]


class Hot:
    """A statement whose parameters are all bound by name; rows come as the driver gives them (see read_time)."""

    def __init__(self, statement: sa.sql.expression.ClauseElement) -> None:
        self._statement = statement
        self._known: dict[str, tuple[str, _Arrange]] = {}

    def first(self, connection: sa.Connection, values: Values) -> Sequence[Any] | None:
        """Execute and return the first row, or None.

        Raises:
            sqlalchemy.exc.DBAPIError: as every statement does.
        """
        text, arrange = self._for(connection.dialect)
        if connection.dialect.name != "sqlite":
            return connection.exec_driver_sql(text, arrange(values)).first()
        row: Sequence[Any] | None = _execute(connection, text, arrange(values)).fetchone()
        return row

    def all(self, connection: sa.Connection, values: Values) -> Sequence[Sequence[Any]]:
        """Execute and return all rows."""
        text, arrange = self._for(connection.dialect)
        if connection.dialect.name != "sqlite":
            return connection.exec_driver_sql(text, arrange(values)).all()
        rows: list[Sequence[Any]] = _execute(connection, text, arrange(values)).fetchall()
        return rows

    def run(self, connection: sa.Connection, values: Values) -> int:
        """Execute and return how many rows it changed."""
        text, arrange = self._for(connection.dialect)
        if connection.dialect.name != "sqlite":
            return connection.exec_driver_sql(text, arrange(values)).rowcount
        return _execute(connection, text, arrange(values)).rowcount

    def run_many(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Execute once for each row of parameters."""
        text, arrange = self._for(connection.dialect)
        connection.exec_driver_sql(text, [arrange(row) for row in rows])

    def _for(self, dialect: sa.Dialect) -> tuple[str, _Arrange]:
        known = self._known.get(dialect.name)
        if known is None:
            known = self._known[dialect.name] = _compile(self._statement, dialect)
        return known


def read_time(value: int | None) -> datetime | None:
    """Read a time as a hot row has it."""
    return Utc.from_stored(value)


def _execute(connection: sa.Connection, text: str, parameters: Any) -> sqlite3.Cursor:
    try:
        cursor: sqlite3.Cursor = connection.connection.cursor().execute(text, parameters)
    except sqlite3.IntegrityError as error:
        raise sa.exc.IntegrityError(text, None, error) from error
    except sqlite3.Error as error:
        raise sa.exc.OperationalError(text, None, error) from error
    return cursor


def _compile(statement: sa.sql.expression.ClauseElement, dialect: sa.Dialect) -> tuple[str, _Arrange]:
    """Compile a statement, and make the function that puts named values into the driver's form."""
    compiled: Any = statement.compile(dialect=dialect)
    defaults = dict(compiled.params)
    steps = [
        (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for bind, name in compiled.bind_names.items()
    ]
    converts = {name: convert for name, convert in steps if convert is not None}

    def complete(values: Values) -> dict[str, Any]:
        given = {**defaults, **values}
        for name, convert in converts.items():
            given[name] = convert(given[name])
        return given

    order = compiled.positiontup
    if order is None:
        return str(compiled), complete

    pick = itemgetter(*order) if len(order) > 1 else lambda given: (given[order[0]],)

    def arrange(values: Values) -> tuple[Any, ...]:
        arranged: tuple[Any, ...] = pick(complete(values))
        return arranged

    return str(compiled), arrange

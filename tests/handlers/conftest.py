"""The office of these tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from storage.db import open_engine
from tests.world import World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    engine = open_engine(database_url)
    if engine.dialect.name == "sqlite":  # what survives a power cut is tested in tests/storage and tests/e2e
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    yield World(engine)
    engine.dispose()

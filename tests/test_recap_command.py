"""`rewang recap` writes the same table that officers get, and says plainly what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from storage.db import open_engine
from storage.migrate import migrate
from tests.handlers.test_recap import SALAM, reported
from tests.world import World


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    url = f"sqlite:///{tmp_path / 'rewang.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    migrate(url)
    world = World(open_engine(url))
    world.arrives("budi")
    world.makes_volunteer("budi", SALAM, name="Budi Santoso")
    reported(world, "budi", "literasi", SALAM, "2026-11-02", 25)
    world.engine.dispose()
    return tmp_path


def test_the_table_of_a_period_is_written_to_a_file(filled: Path) -> None:
    target = filled / "rekap.csv"
    done = CliRunner().invoke(app, ["recap", "--period", "2026-11", "--format", "csv", "--output", str(target)])
    assert done.exit_code == 0, done.output
    header, row, *rest = target.read_text("utf-8-sig").splitlines()
    assert (header.split(";")[5], row.split(";")[5], rest) == ("Relawan", "Budi Santoso", [])


def test_what_is_no_period_is_said_in_a_line(filled: Path) -> None:
    target = filled / "rekap.xlsx"
    done = CliRunner().invoke(app, ["recap", "--period", "2026-13", "--output", str(target)])
    assert done.exit_code == 2
    assert "'2026-13' is no period" in done.output
    assert not target.exists()

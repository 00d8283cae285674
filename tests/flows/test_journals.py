"""Conversations of earlier releases go on in this one: no answer is lost, and the same question waits.

The files are written by tests/record_journals.py, one folder a release.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.chat import Flow, Reply, Waiting, back, play
from flows.outcomes import Outcome
from handlers.render import dump_shown, load_shown, show_question
from tests.record_journals import JOURNALS, SCRIPTS, record
from tests.talk import REGISTRY, VOICES

FILES = sorted(JOURNALS.glob("*/*.json"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def flow_of(recorded: dict[str, Any]) -> Flow[Outcome]:
    """Make the flow a conversation was begun with: services in the recorded version, all else as it is today."""
    if "source" not in recorded:
        return REGISTRY.flows[recorded["flow"]]
    return REGISTRY.play_older(recorded["flow"], recorded["source"], "recorded")


def test_there_are_journals() -> None:
    assert len(FILES) >= len(SCRIPTS) >= 15
    assert {path.parent.name for path in FILES} >= {"0.1.0"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_goes_on_where_it_stopped(path: Path) -> None:
    recorded = read(path)
    shown = load_shown(json.dumps(recorded["shown"]))
    turn = play(flow_of(recorded), recorded["facts"], recorded["journal"], shown, None)
    assert isinstance(turn, Waiting)
    assert turn.question.key == shown.key
    assert len(turn.journal) == len(recorded["journal"])
    assert list(turn.journal.values()) == list(recorded["journal"].values()), "an answer was lost"
    assert turn.question.held == shown.held
    _, again = show_question(turn.question, VOICES.of("id"), 1, turn.undo)
    assert load_shown(dump_shown(again)).undo == shown.undo


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_stands_on_the_screen_can_still_be_chosen(path: Path) -> None:
    """Every option shown is an answer, half an answer, or another choice; none is met with a question to choose again."""
    recorded = read(path)
    shown = load_shown(json.dumps(recorded["shown"]))
    for option, label, _ in shown.options:
        turn = play(flow_of(recorded), recorded["facts"], recorded["journal"], shown, Reply(choice=option))
        assert not isinstance(turn, Waiting) or turn.why is None, label


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_one_can_still_go_back(path: Path) -> None:
    recorded = read(path)
    shown = load_shown(json.dumps(recorded["shown"]))
    waiting = back(flow_of(recorded), recorded["facts"], recorded["journal"], shown)
    answered = set(recorded["journal"]) - set(recorded["facts"]["given"])
    assert (waiting is not None) == bool(answered or shown.narrowed)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_can_be_recorded_today(name: str) -> None:
    recorded = record(SCRIPTS[name])
    assert json.loads(json.dumps(recorded)) == recorded
    assert "key" in recorded["shown"]  # type: ignore[operator]  # a mapping, as dump_shown makes it

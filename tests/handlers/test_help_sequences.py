"""Whatever volunteers, villagers and the office press in whatever order: a request has at most one holder, and all agree on it.

Runs the same examples every time. For a longer hunt with other examples: ``REWANG_EXAMPLES=2000 pytest tests/handlers/test_help_sequences.py``.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from flows.helping import ACTIONS
from storage.db import open_engine
from storage.migrate import migrate
from tests.handlers.test_any_input import fitting
from tests.handlers.test_helping import JATEN, SALAM, settled
from tests.handlers.test_requests import sends_domicile
from tests.world import World

EXAMPLES = os.environ.get("REWANG_EXAMPLES")
HELPERS = ["budi", "siti", "joko", "tono"]
VILLAGERS = ["sri", "wati", "budi"]
EVERYBODY = [*HELPERS, "sri", "wati", "dewi", "andi"]
WORDS = "Mohon ditunggu sampai besok pagi"
# What the state of the help allows for the state of its request; closed help says nothing about it.
AGREES = {
    "offered": ("received", "checked", "needs_more", "in_progress"),
    "taken": ("checked", "needs_more", "in_progress"),
    "done": ("ready", "done"),
    "closed": ("received", "checked", "needs_more", "in_progress", "ready", "done", "declined"),
}
ALL = sa.text(
    "SELECT helps.state, helps.contact_id, helps.round, requests.state AS request, requests.code, requests.contact_id AS sender,"
    " requests.village, requests.anonymous, requests.confidential, volunteers.state AS volunteer, volunteers.name AS volunteer_name"
    " FROM helps JOIN requests ON requests.id = helps.request_id"
    " LEFT JOIN volunteers ON volunteers.contact_id = helps.contact_id"
)
STEPS = sa.text(
    "SELECT code, action FROM request_events JOIN requests ON requests.id = request_events.request_id"
    " WHERE action IN ('help_take', 'help_return', 'help_requeue') ORDER BY request_events.id"
)


class Village(RuleBasedStateMachine):
    """Two villagers, four volunteers (one of them of another village, one asks for help too) and two of the office."""

    template: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "rewang.db"
        shutil.copy(self.template, path)
        self.engine = open_engine(f"sqlite:///{path}")
        sa.event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self.world = World(self.engine)
        numbers = count(7)
        self.world.office = replace(self.world.office, random_below=lambda most: next(numbers) * 7919 % most)
        self.world._numbers = count(1000)  # the first ones were used when the office was set up
        sends_domicile(self.world, "sri")

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    @rule(who=st.sampled_from(VILLAGERS))
    def asks_for_a_letter(self, who: str) -> None:
        if len(self.codes()) < 4 and self.world.person(who).consent:
            self.world.says(who, "batal")
            self.world.says(who, "/start layanan-surat_domisili")
            while (asked := self.world.asks(who)).startswith("request:"):
                self.world.says(who, **fitting("surat_domisili", asked.rpartition("/")[2]))

    @rule(who=st.sampled_from([*HELPERS, *HELPERS, "sri"]), which=st.integers(0, 3))
    def takes(self, who: str, which: int) -> None:
        self.world.says(who, choice=f"!bantu {self.code(which)}")

    @rule(who=st.sampled_from(HELPERS), which=st.integers(0, 3), action=st.sampled_from([*ACTIONS, "done"]))
    def carries_on(self, who: str, which: int, action: str) -> None:
        """Do something with a task: whoever has it, or somebody who has not."""
        code = self.code(which)
        who = next((row.volunteer_name.lower() for row in self.rows(ALL) if row.code == code and row.contact_id), who)
        self.world.says(who, choice=f"!tugas {code}")
        if data := [button.data for button in self.world.last(who).buttons if button.data.endswith(f"|{action}")]:
            self.handles(who, data[0], [0] if action == "hand_on" else [])

    @rule(who=st.sampled_from(HELPERS), then=st.lists(st.integers(0, 5), min_size=1, max_size=3))
    def looks_at_tasks(self, who: str, then: list[int]) -> None:
        self.handles(who, "!tugas", then)

    @rule(who=st.sampled_from(["dewi", "andi"]), which=st.integers(0, 3), then=st.lists(st.integers(0, 7), max_size=2))
    def the_office_acts(self, who: str, which: int, then: list[int]) -> None:
        self.handles(who, f"!open {self.code(which)}", then)

    @rule(who=st.sampled_from(VILLAGERS), which=st.integers(0, 3), word=st.sampled_from(["confirm", "reopen", "add"]))
    def answers(self, who: str, which: int, word: str) -> None:
        """Answer, confirm or reopen: who sent it, or somebody who did not."""
        code = self.code(which)
        senders = {self.world.person(each).contact_id: each for each in VILLAGERS}
        who = next((senders.get(row.sender, who) for row in self.rows(ALL) if row.code == code), who)
        self.world.says(who, choice=f"!{word} {code}")
        if self.world.asks(who):
            self.world.says(who, WORDS)
            self.world.says(who, "Niki tambahanipun")

    @rule(who=st.sampled_from(HELPERS), then=st.sampled_from([0, 0, 0, 1]))
    def the_office_decides_about_a_volunteer(self, who: str, then: int) -> None:
        """Pause or end somebody active; mostly, they go on again soon."""
        for _ in range(2 - then):
            self.handles("dewi", f"!volunteer {self.world.person(who).contact_id}", [then])

    @rule(who=st.sampled_from(EVERYBODY), whose=st.sampled_from(EVERYBODY), which=st.integers(0, 400))
    def presses_any_button_there_ever_was(self, who: str, whose: str, which: int) -> None:
        data = [button.data for message in self.world.inboxes.get(whose, []) for button in message.buttons]
        if data:
            self.world.says(who, choice=data[which % len(data)])

    @rule(hours=st.sampled_from([1, 9, 23, 46, 24 * 5]))
    def time_passes(self, hours: int) -> None:
        self.world.later(hours=hours)
        self.world.ticks()

    @rule(
        who=st.sampled_from(["wati", *HELPERS]),
        words=st.sampled_from([("stop permintaan",), ("langganan",), ("menu", "batal"), ("batal", "hapus data", "ya")]),
    )
    def says(self, who: str, words: tuple[str, ...]) -> None:
        """Mute requests or want them again, leave what is open, or be erased and come again as somebody new."""
        for text in words:
            self.world.says(who, text)
        known = sa.text(f"SELECT 1 FROM addresses WHERE address = '{who}'")
        if not self.rows(known):
            self.world.arrives(who)
            if who in HELPERS:
                self.world.makes_volunteer(who, JATEN if who == "tono" else SALAM, name=who.capitalize())

    def handles(self, who: str, command: str, then: list[int]) -> None:
        """Open something, press buttons as they come, and write what is asked for."""
        self.world.says(who, choice=command)
        for which in then:
            if buttons := self.world.last(who).buttons:
                self.world.says(who, choice=buttons[which % len(buttons)].data)
        if self.world.asks(who):
            self.world.says(who, WORDS)

    def codes(self) -> list[str]:
        return [row.code for row in self.rows(sa.text("SELECT code FROM requests ORDER BY id"))]

    def code(self, which: int) -> str:
        codes = self.codes()
        return codes[which % len(codes)]

    @invariant()
    def each_request_has_at_most_one_holder_and_all_agree(self) -> None:
        for row in self.rows(ALL):
            assert row.request in AGREES[row.state], row
            assert not row.anonymous
            assert not row.confidential
            if row.state == "offered":
                assert row.contact_id is None, row
            if row.state == "taken":
                assert row.volunteer == "active", row
                assert row.village == SALAM, row
                assert row.contact_id != row.sender, row
            if row.state in ("offered", "taken"):
                assert row.sender is not None, "an erased sender needs no help"

    @invariant()
    def the_history_tells_the_same(self) -> None:
        """A request is taken only when it was free, and each return begins a round."""
        rounds: dict[str, int] = {}
        held: dict[str, bool] = {}
        for row in self.rows(STEPS):
            if row.action == "help_take":
                assert not held.get(row.code), "taken twice"
            held[row.code] = row.action == "help_take"
            rounds[row.code] = rounds.get(row.code, 1) + (row.action != "help_take")
        for row in self.rows(ALL):
            assert row.round == rounds.get(row.code, 1), row
            if row.state in ("offered", "taken"):
                assert held.get(row.code, False) == (row.state == "taken"), row

    def rows(self, query: sa.TextClause) -> list[Any]:
        if not hasattr(self, "engine"):
            return []
        with self.engine.begin() as connection:
            return list(connection.execute(query))


@pytest.fixture(scope="session")
def settled_village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a village in which everybody has arrived: what every example begins with."""
    path = tmp_path_factory.mktemp("village") / "settled.db"
    migrate(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    world = settled(World(engine))
    world.arrives("wati")
    world.employs("andi", "Andi", "officer")
    engine.dispose()  # the last connection to close leaves everything in the one file
    return path


@pytest.mark.timeout(900)  # a failing example takes minutes to be made short
def test_in_whatever_order_all_agree_who_has_it(settled_village: Path) -> None:
    Village.template = settled_village
    run_state_machine_as_test(
        Village,
        settings=settings(
            max_examples=int(EXAMPLES or 40),
            stateful_step_count=50,
            deadline=None,
            derandomize=EXAMPLES is None,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Reminders go out once: whatever restarts, however many processes tick, and never in quiet hours."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.text import N_
from handlers.mail import Mail
from handlers.messages import Sending
from handlers.reminders import Due, Rule, apply_rule
from handlers.topics import REMINDERS
from storage.db import open_engine
from tests.world import World

ROOT = Path(__file__).parents[2]
PEOPLE = ("sri", "agus", "budi")


@contextmanager
def closing(engine: sa.Engine) -> Iterator[sa.Engine]:
    """Give an engine's connections back at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def office(world: World) -> World:
    for who in PEOPLE:
        world.arrives(who)
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    return world


def rule(find: Callable[[], Iterable[Due]], act: Callable[[Mail, Due], None] | None = None) -> Rule:
    """Make up a rule."""

    def remind(mail: Mail, due: Due) -> None:
        mail.write_to(due.contact_id, N_("Drafts: {count}", count=due.fence), topic=REMINDERS)

    return Rule("made_up", lambda mail: find(), act or remind)


def due(office: World, fence: int = 1, people: Sequence[str] = PEOPLE, subject: int = 7) -> list[Due]:
    return [Due(office.person(who).contact_id, subject, fence) for who in people]


def ticks(office: World, made_up: Rule) -> list[Sending]:
    with office.engine.begin() as connection:
        return apply_rule(connection, office.office, made_up)


def written(office: World) -> Counter[tuple[str, str]]:
    """Count what was written: to whom, and for which fence."""
    rows = office.rows("SELECT address, payload FROM outbox")
    return Counter((address, json.loads(payload)["text"].split("\n")[0]) for address, payload in rows)


def once(*fences: int) -> Counter[tuple[str, str]]:
    """Give what is written if everybody is told once for each fence."""
    return Counter((who, f"Draf: {fence}") for who in PEOPLE for fence in fences)


def test_each_is_told_once_for_each_state_of_the_matter(office: World) -> None:
    first, second = due(office), due(office, fence=2)
    assert len(ticks(office, rule(lambda: first))) == 3
    for _ in range(2):
        assert ticks(office, rule(lambda: first)) == []
        office.later(minutes=1)
    assert written(office) == once(1)
    assert len(ticks(office, rule(lambda: [*first, *second]))) == 3
    assert written(office) == once(1, 2)


def test_rules_and_subjects_do_not_stand_in_for_each_other(office: World) -> None:
    mine, other = due(office), due(office, subject=8)
    made_up = rule(lambda: mine)
    assert len(ticks(office, made_up)) == 3
    assert len(ticks(office, rule(lambda: other))) == 3
    assert len(ticks(office, Rule("another", made_up.due, made_up.act))) == 3


def test_what_is_found_twice_in_one_tick_goes_out_once(office: World) -> None:
    found = due(office)
    assert len(ticks(office, rule(lambda: [*found, *found]))) == 3


def test_nothing_goes_out_in_quiet_hours_and_everything_at_their_end(office: World) -> None:
    found = due(office)
    office.later(hours=9, minutes=59, seconds=59)  # 19.59.59 in Blitar
    assert len(ticks(office, rule(lambda: found[:1]))) == 1
    office.later(seconds=1)
    for _ in range(3):
        assert ticks(office, rule(lambda: found)) == []
        office.later(hours=3)
    office.later(minutes=59, seconds=59)  # 05.59.59
    assert ticks(office, rule(lambda: found)) == []
    assert len(office.rows("SELECT 1 FROM reminded")) == 1, "what was not told is not noted as told"
    office.later(seconds=1)
    assert len(ticks(office, rule(lambda: found))) == 2
    assert written(office) == once(1)


def test_a_rule_that_raises_leaves_nothing_behind_and_goes_out_later(office: World) -> None:
    found, broken = due(office), [True]

    def act(mail: Mail, each: Due) -> None:
        mail.write_to(each.contact_id, N_("Drafts: {count}", count=each.fence))
        if broken and each == max(found, key=lambda one: one.contact_id):
            raise LookupError("ours")

    with pytest.raises(LookupError):
        ticks(office, rule(lambda: found, act))
    assert written(office) == Counter()
    assert office.rows("SELECT 1 FROM reminded") == []
    broken.clear()
    ticks(office, rule(lambda: found, act))
    assert written(office) == once(1)


def test_who_stopped_reminders_is_not_told_and_not_told_later_either(office: World) -> None:
    found = due(office)
    office.says("sri", "stop pengingat")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    assert sorted(sending.address for sending in ticks(office, rule(lambda: found))) == ["agus", "budi"]
    office.says("sri", "langganan pengingat")
    assert ticks(office, rule(lambda: found)) == []


# Several processes


@pytest.mark.parametrize("turned", [False, True], ids=["in the same order", "in the opposite order"])
def test_two_that_tick_at_the_same_moment_tell_each_once(office: World, database_url: str, turned: bool) -> None:
    fences = 8
    meeting = threading.Barrier(2, timeout=30)
    is_sqlite = database_url.startswith("sqlite")

    def tick(number: int) -> int:
        order = -1 if turned and number else 1
        people = due(office, people=PEOPLE[::order])
        told = 0
        with closing(open_engine(database_url)) as engine:
            for fence in range(1, fences + 1):
                found = [Due(each.contact_id, subject, fence) for subject in range(20)[::order] for each in people]

                def find(found: list[Due] = found) -> Iterable[Due]:
                    if not is_sqlite:  # where both are in their transactions now
                        meeting.wait()
                    return found

                if is_sqlite:  # which lets one transaction begin at a time
                    meeting.wait()
                with engine.begin() as connection:
                    told += len(apply_rule(connection, office.office, rule(find)))
        return told

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(tick, range(2)))
    expected = dict.fromkeys(once(*range(1, fences + 1)), 20)
    assert sum(told) == 3 * 20 * fences
    assert written(office) == Counter(expected)
    assert office.value("SELECT count(*) FROM reminded") == 3 * 20 * fences


class Ticker:
    """A process that reminds and waits for a go-ahead after each step."""

    def __init__(self, url: str, fences: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.handlers.ticking", url, str(fences)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    def steps(self, most: int) -> list[str]:
        """Let it do so many steps; it then waits in the middle of what comes behind the last one."""
        done = []
        for number in range(most):
            if number:
                self._stdin.write(b".")
                self._stdin.flush()
            done.append(self._stdout.readline().decode().strip())
        return done

    def runs_out(self) -> int:
        """Let it go on to its end."""
        self._stdin.write(b"." * 1000)
        self._stdin.flush()
        self._stdout.read()
        return self._process.wait(60)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)
        self._stdin.close()
        self._stdout.close()


@contextmanager
def ticking(url: str, fences: int) -> Iterator[Ticker]:
    ticker = Ticker(url, fences)
    try:
        yield ticker
    finally:
        ticker.kill()


def test_whenever_the_process_is_killed_each_is_told_once(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "rewang.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    with closing(open_engine(url)) as engine:
        _is_killed_and_started_again(World(engine), url)


def _is_killed_and_started_again(office: World, url: str) -> None:
    for who in PEOPLE:
        office.arrives(who)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    # After each of the three words of a tick, just after its commit, and in the tick behind the next commit.
    for steps, kept in ((1, 0), (2, 0), (3, 0), (4, 3), (6, 6)):
        with ticking(url, fences=5) as ticker:
            done = ticker.steps(steps)
        assert "" not in done, "it ended by itself"
        assert written(office).total() == kept, done
    with ticking(url, fences=5) as ticker:
        assert ticker.steps(1) != [""]
        assert ticker.runs_out() == 0
    assert written(office) == once(0, 1, 2, 3, 4)
    assert office.value("SELECT count(*) FROM reminded") == 15

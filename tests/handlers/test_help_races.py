"""Several at the same moment, in real threads: exactly one has a request, and nobody else is left without an answer."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from storage import helps
from tests.handlers.test_helping import SALAM, help_of, opens, settled, steps_of, takes
from tests.handlers.test_requests import sends_domicile, state_of
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    return settled(world)


def at_once(things: Sequence[Callable[[], str]]) -> list[str]:
    """Do things at the same moment; returns what was said to each."""
    gate = threading.Barrier(len(things))

    def do(thing: Callable[[], str]) -> str:
        gate.wait(30)
        return thing()

    with concurrent.futures.ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(do, things))


@pytest.mark.parametrize("many", [2, 10])
def test_of_any_number_who_take_it_exactly_one_has_it(office: World, many: int) -> None:
    crowd = ["budi", "siti", "joko"][:many] + [f"relawan{n}" for n in range(many - 3)]
    for who in crowd[3:]:
        office.arrives(who)
        office.makes_volunteer(who, SALAM, name=who.capitalize())
    code = sends_domicile(office)
    said = at_once([lambda who=who: takes(office, who, code) for who in crowd])  # type: ignore[misc]
    state, holder, round_ = help_of(office, code)
    assert (state, round_) == ("taken", 1)
    assert holder in [who.capitalize() for who in crowd]
    assert steps_of(office, code) == ["send", "help_take"]
    assert office.value("SELECT count(*) FROM audit WHERE action = 'help take' AND allowed = :yes", yes=True) == 1
    for who, text in zip(crowd, said, strict=True):
        mine = who.capitalize() == holder
        assert ("sekarang tugas Anda" in text, f"sudah dibantu {holder}" in text) == (mine, not mine)
        assert ("Sri Lestari" in text) is mine
    told = [message for message in office.inboxes["sri"] if "membantu Anda" in message.text]
    assert len(told) == 1


def test_of_many_who_saw_the_same_one_may_change_it(office: World) -> None:
    sends_domicile(office)
    with office.engine.begin() as connection:
        number = connection.exec_driver_sql("SELECT id FROM requests").scalar_one()
        seen = helps.find_help(connection, number)
    assert seen is not None

    def change() -> str:
        with office.engine.begin() as connection:
            return str(helps.change_help(connection, seen, state="closed"))

    assert sorted(at_once([change] * 10)) == ["False"] * 9 + ["True"]


def test_one_who_presses_twice_at_once_has_it_once(office: World) -> None:
    code = sends_domicile(office)
    said = at_once([lambda: takes(office, "budi", code)] * 2)
    assert sorted("sekarang tugas Anda" in text for text in said) == [False, True]
    assert sorted("sudah ada pada Anda" in text for text in said) == [False, True]
    assert steps_of(office, code) == ["send", "help_take"]


def test_taking_and_being_paused_leave_no_task_with_who_is_paused(office: World) -> None:
    code = sends_domicile(office)
    office.says("dewi", choice=f"!volunteer {office.person('budi').contact_id}")
    office.picks("dewi", "pause")
    at_once([lambda: takes(office, "budi", code), lambda: office.says("dewi", "Selamat menempuh ujian")])
    state, holder, round_ = help_of(office, code)
    assert (state, holder) == ("offered", None)
    assert round_ == steps_of(office, code).count("help_take") + 1, "taken first and freed, or refused"


def test_who_is_being_paused_waits_for_what_they_are_taking(office: World) -> None:
    """Budi is found active; before he has the request, the office pauses him: that comes after, and frees it."""
    code = sends_domicile(office)
    number, budi = office.value("SELECT id FROM requests"), office.person("budi").contact_id
    office.says("dewi", choice=f"!volunteer {budi}")
    office.picks("dewi", "pause")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with office.engine.begin() as connection:
            assert helps.find_helper(connection, budi) is not None
            paused = pool.submit(office.says, "dewi", "Selamat menempuh ujian")
            while not paused.done() and not waits_for_lock(connection):
                pass
            seen = helps.find_help(connection, number)
            assert seen is not None
            now = office.office.clock()
            assert helps.change_help(connection, seen, state="taken", contact_id=budi, taken_at=now)
        assert "sudah diberi tahu" in paused.result(30)
    assert help_of(office, code) == ("offered", None, 2)


def waits_for_lock(connection: sa.Connection) -> bool:
    """Tell whether somebody waits for this transaction to end; on SQLite everybody does who writes."""
    if connection.dialect.name == "sqlite":
        return True
    return connection.execute(sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")).first() is not None


def test_being_done_while_the_office_declines_ends_in_one_state(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.picks("budi", "done")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "decline")
    skip = office.last("budi").buttons[0].data
    at_once([lambda: office.says("budi", choice=skip), lambda: office.says("dewi", "Silakan ke balai desa")])
    assert (help_of(office, code)[0], state_of(office, code)) in (("done", "ready"), ("closed", "declined"))


def test_giving_back_while_another_takes_leaves_it_with_one_or_none(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "return")
    office.says("joko", "tugas")
    at_once([lambda: office.says("budi", "Saya sakit"), lambda: takes(office, "joko", code)])
    state, holder, round_ = help_of(office, code)
    assert round_ == 2
    assert (state, holder) in (("taken", "Joko"), ("offered", None))

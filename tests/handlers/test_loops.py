"""Another machine at the other end: its answers to our answers are not answered for ever. People always are."""

from __future__ import annotations

import pytest

from tests.world import World

AWAY = "Terima kasih sudah menghubungi Toko Makmur. Kami akan segera membalas pesan Anda."


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    return world


def test_a_machine_is_left_alone_after_a_while_and_a_person_is_answered_again(office: World) -> None:
    answers = [office.says("sri", AWAY) for _ in range(20)]
    assert all(answers[:6])
    assert not any(answers[10:])
    assert office.value("SELECT count(*) FROM outbox WHERE reason = 'loop'") > 8
    assert "Menu utama" in office.says("sri", "menu")
    office.later(minutes=11)
    assert office.says("sri", AWAY)


@pytest.mark.parametrize("typed", ["menu", "halo", "selamat pagi"])
def test_a_person_who_asks_again_and_again_is_answered_each_time(office: World, typed: str) -> None:
    assert all(office.says("sri", typed) for _ in range(20))


def test_what_is_said_again_now_and_then_is_answered(office: World) -> None:
    for _ in range(15):
        office.later(minutes=2)
        assert office.says("sri", AWAY)


def test_answers_to_a_question_are_no_loop(office: World) -> None:
    office.says("sri", "surat domisili")
    assert all(office.says("sri", "kulo mboten mangertos maksudipun") for _ in range(15))


def test_buttons_are_pressed_by_people(office: World) -> None:
    office.says("sri", "halo")
    data = office.last("sri").buttons[0].data
    assert all(office.says("sri", choice=data) for _ in range(15))

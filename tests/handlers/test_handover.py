"""Talking with an officer: hand-over, silence of the bot, photos both ways, closing."""

from __future__ import annotations

from tests.world import PHOTO, World


def begins(world: World) -> None:
    world.arrives("sri")
    world.employs("dewi", "Dewi")
    world.says("sri", "petugas")
    world.says("sri", "tanya soal bansos")


def test_a_talk_from_begin_to_end(world: World) -> None:
    begins(world)
    assert "tanya soal bansos" in world.last("dewi").text
    assert world.says("sri", "halo pak?") == "", "the bot is silent"
    taken = world.picks("dewi", world.last("dewi").buttons[0].data.removeprefix("!"))
    assert "halo pak?" in taken, "what was written meanwhile is read"
    world.says("dewi", "Selamat pagi, bagaimana Bu?")
    assert "Selamat pagi" in world.last("sri").text
    world.says("sri", "menu")
    assert "menu" in world.last("dewi").text, "words of the bot are the person's words here"
    world.says("sri", "ini fotonya", media=(PHOTO,))
    assert len(world.last("dewi").media) == 1
    world.says("dewi", "", media=(PHOTO,))
    assert len(world.last("sri").media) == 1
    world.says("dewi", "tutup")
    world.says("sri", "menu")
    assert world.asks("sri") == "menu/choice"


def test_the_person_can_end_it(world: World) -> None:
    begins(world)
    world.says("sri", "batal")
    world.says("sri", "menu")
    assert world.asks("sri") == "menu/choice"


def test_stop_gets_through_in_a_talk(world: World) -> None:
    begins(world)
    world.says("sri", "stop")
    assert world.person("sri").stopped_at is not None


def test_only_one_officer_takes_it(world: World) -> None:
    begins(world)
    world.employs("joko", "Joko", "officer")
    number = world.value("SELECT id FROM handovers")
    world.says("dewi", choice=f"!talk {number}")
    world.says("joko", choice=f"!talk {number}")
    assert world.value("SELECT officer_id FROM handovers") == world.person("dewi").contact_id


def test_a_villager_cannot_take_a_talk(world: World) -> None:
    begins(world)
    world.arrives("agus")
    world.says("agus", choice=f"!talk {world.value('SELECT id FROM handovers')}")
    assert world.value("SELECT officer_id FROM handovers") is None


def test_outside_office_hours_it_says_when_it_opens(world: World) -> None:
    world.arrives("sri")
    world.later(hours=9)
    assert "07.30" in world.says("sri", "petugas")

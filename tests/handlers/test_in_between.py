"""What comes in between: half-given answers, and the few things that get through in a talk with an officer."""

from __future__ import annotations

import pytest

from tests.world import PHOTO, World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    world.employs("dewi")
    return world


def sends_two_photos(world: World) -> None:
    """Let Sri report a broken road, up to two photos of three."""
    for text in ("jalan rusak", "1", "lubang dalam di depan pasar", "jalan", "lewati", "lewati"):
        world.says("sri", text)
    assert world.asks("sri") == "request:adu_jalan/photos"
    for _ in range(2):
        world.says("sri", media=(PHOTO,))


@pytest.mark.parametrize(
    "between",
    [
        {"text": "stop"},
        {"text": "basa jawa"},
        {"text": "data saya"},
        {"choice": "9|old|button"},
        {"text": "halo", "event": "edited"},
    ],
)
def test_photos_sent_so_far_survive_what_comes_in_between(office: World, between: dict[str, str]) -> None:
    sends_two_photos(office)
    office.says("sri", **between)
    assert office.asks("sri") == "request:adu_jalan/photos"
    office.says("sri", "lanjut")
    assert office.asks("sri") == "request:adu_jalan/review"
    conversation = office.person("sri").conversation
    assert conversation is not None
    assert '"photos": ["' in conversation.journal


def test_back_gives_the_photos_up(office: World) -> None:
    sends_two_photos(office)
    office.says("sri", "kembali")
    assert office.asks("sri") == "request:adu_jalan/photos"
    assert [button.data for button in office.last("sri").buttons if button.data.endswith("|done")] == []


def test_a_draft_keeps_the_photos_sent_so_far(office: World) -> None:
    sends_two_photos(office)
    office.says("sri", "menu")
    draft = next(button.data for button in office.last("sri").buttons if "|draft:" in button.data)
    office.says("sri", choice=draft)
    office.picks("sri", "done")
    assert office.asks("sri") == "request:adu_jalan/review"


def begins_to_talk(world: World) -> None:
    world.says("sri", "petugas")
    world.says("sri", "tanya soal bansos")
    world.says("dewi", choice=world.last("dewi").buttons[0].data)


@pytest.mark.parametrize("yes", ["ya", "1", None])
def test_one_can_be_erased_in_the_midst_of_a_talk(office: World, yes: str | None) -> None:
    begins_to_talk(office)
    office.says("sri", "hapus data")
    if yes is None:
        office.picks("sri", "erase")
    else:
        office.says("sri", yes)
    assert office.rows("SELECT * FROM addresses WHERE address = 'sri'") == []
    assert office.value("SELECT count(*) FROM handovers WHERE closed_at IS NULL") == 0


def test_before_the_erasure_is_confirmed_the_talk_goes_on(office: World) -> None:
    begins_to_talk(office)
    office.says("sri", "hapus data")
    assert office.says("sri", "sebentar nggih, kula tingali rumiyin") == ""
    assert "kula tingali rumiyin" in office.last("dewi").text
    assert "hapus" not in office.says("sri", "batal")
    assert office.asks("sri") == ""
    assert office.person("sri").handover_id is not None, "only the question was cancelled"
    office.says("sri", "batal")
    assert office.person("sri").handover_id is None


def test_a_location_reaches_the_other_side_of_a_talk(office: World) -> None:
    begins_to_talk(office)
    office.says("sri", location=(-8.021654, 111.973073))
    assert "-8.02165, 111.97307" in office.last("dewi").text
    office.says("dewi", location=(-8.1, 112.1))
    assert "-8.10000, 112.10000" in office.last("sri").text


def test_a_location_is_read_by_the_officer_who_takes_the_talk_later(office: World) -> None:
    office.says("sri", "petugas")
    office.says("sri", "pohon tumbang")
    office.says("sri", location=(-8.021654, 111.973073))
    assert "-8.02165, 111.97307" in office.says("dewi", choice=office.last("dewi").buttons[0].data)


def test_who_does_not_want_a_service_now_sees_the_menu(office: World) -> None:
    office.says("sri", "surat domisili")
    office.picks("sri", "later")
    assert office.asks("sri") == "menu/choice"


def test_an_answer_to_a_question_that_is_no_longer_asked_is_said_to_be_unheard(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "surat domisili")
    world.says("sri", "1")
    world.says("sri", "Sri Lestari")
    with world.engine.begin() as connection:  # as after a release in which an earlier answer does not fit any more
        connection.exec_driver_sql('UPDATE conversations SET journal = \'{"go": "gone", "village": "35.05.01.2002"}\'')
    said = world.says("sri", "RT 02 RW 05")
    assert said.startswith("Pertanyaannya sudah berubah")
    assert world.asks("sri") == "request:surat_domisili/go"


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [("id", "saya mau bunuh diri", "tidak sendirian"), ("jv", "kula badhe nglalu", "mboten piyambakan")],
)
def test_who_despairs_is_told_whom_to_turn_to(world: World, language: str, typed: str, said: str) -> None:
    world.arrives("sri", language)
    heard = world.says("sri", typed)
    assert said in heard
    assert "petugas" in heard
    assert said not in world.says("sri", "ada kebakaran di rumah")

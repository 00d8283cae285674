"""What a villager answers to "we need more" reaches whoever asked at once, and so does what follows right after."""

from __future__ import annotations

import json

import pytest

from storage import outbox
from tests.handlers.test_complaints import complains
from tests.handlers.test_helping import opens, read_by, settled, takes
from tests.handlers.test_requests import sends_domicile, state_of
from tests.world import PHOTO, World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    world.employs("dewi", "Dewi")
    return world


def asks_for_more(world: World, code: str, words: str = "RT berapa?") -> None:
    world.says("dewi", f"buka {code}")
    world.picks("dewi", "ask_more")
    world.says("dewi", words)


def waits(world: World) -> str:
    code = sends_domicile(world)
    asks_for_more(world, code)
    return code


def heard_by(world: World, who: str, words: str) -> int:
    """Say how many messages to somebody have these words."""
    return sum(words in message.text for message in world.inboxes[who])


def answer_of(world: World, code: str) -> tuple[str | None, int]:
    """Give the one answer to a request: its words, and how many photos it has."""
    rows = world.rows(
        "SELECT note, media FROM request_events JOIN requests ON requests.id = request_id"
        " WHERE action = 'add' AND code = :code",
        code=code,
    )
    assert len(rows) == 1, rows
    return rows[0][0], len(json.loads(rows[0][1] or "[]"))


def gathered(world: World) -> list[int]:
    """List how many photos each message has that waits for more of them."""
    rows = world.rows("SELECT payload FROM outbox WHERE state = 'queued' ORDER BY id")
    return [len(json.loads(payload)["media"]) for (payload,) in rows]


@pytest.mark.parametrize("pressed", [True, False])
def test_an_answer_reaches_the_officer_in_the_turn_it_comes(office: World, pressed: bool) -> None:
    code = waits(office)
    if pressed:
        office.presses("sri", "Jawab")
    said = office.says("sri", "nggih pak RT kaleh RW gangsal griya kula")
    assert "Terima kasih" in said
    assert "kirim saja sekarang" in said
    assert office.asks("sri") == ""
    assert heard_by(office, "dewi", "RT kaleh RW gangsal") == 1
    assert state_of(office, code) == "checked"
    assert answer_of(office, code) == ("nggih pak RT kaleh RW gangsal griya kula", 0)


def test_a_request_that_nobody_took_answers_whoever_asked(office: World) -> None:
    waits(office)
    office.says("sri", "RT 02")
    assert office.last("dewi").text.endswith("RT 02")


def test_what_comes_right_after_is_added_to_the_same_answer(office: World) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    office.later(minutes=14)
    assert code in office.says("sri", "RW 05")
    office.later(minutes=14)
    office.says("sri", "Dusun Krajan", media=(PHOTO,))
    assert answer_of(office, code) == ("RT 02\nRW 05\nDusun Krajan", 1)
    assert [heard_by(office, "dewi", words) for words in ("RT 02", "RW 05", "Dusun Krajan")] == [1, 1, 1]
    assert len(office.last("dewi").media) == 1
    assert office.says("dewi", f"buka {code}").count("pengirim menjawab") == 1


@pytest.mark.parametrize("done", ["lanjut", "ya", "sampun", "cukup"])
def test_nothing_is_sent_twice_when_one_says_that_it_is_all(office: World, done: str) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    count = len(office.inboxes["dewi"])
    assert code in office.says("sri", done)
    assert len(office.inboxes["dewi"]) == count
    assert answer_of(office, code) == ("RT 02", 0)


def test_thanks_are_no_answer(office: World) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    assert "Sama-sama" in office.says("sri", "matur nuwun")
    assert answer_of(office, code) == ("RT 02", 0)


def test_an_album_is_one_answer_and_two_messages(office: World) -> None:
    code = waits(office)
    office.says("sri", "niki foto KK-ne", media=(PHOTO,))
    for _ in range(4):
        office.later(seconds=2)
        office.says("sri", media=(PHOTO,))
    assert answer_of(office, code) == ("niki foto KK-ne", 5)
    assert heard_by(office, "dewi", "niki foto") == 1
    assert gathered(office) == [4]
    office.later(seconds=30)
    with office.engine.begin() as connection:
        outbox.claim(connection, "telegram", office.office.clock(), office.office.clock(), None)
    office.says("sri", media=(PHOTO,))
    assert gathered(office) == [1], "what has left is not added to"


def test_more_photos_than_are_kept_are_said_to_be_left(office: World) -> None:
    code = waits(office)
    for _ in range(10):
        office.says("sri", media=(PHOTO,))
    assert "10 foto disimpan" in office.says("sri", media=(PHOTO,))
    assert answer_of(office, code) == (None, 10)
    assert gathered(office) == [9]


def test_after_a_while_a_message_is_no_answer_any_more(office: World) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    office.later(minutes=16)
    office.says("sri", "RW 05")
    assert answer_of(office, code) == ("RT 02", 0)
    assert "RW 05" not in read_by(office, "dewi")


def test_what_the_office_writes_next_ends_the_answer(office: World) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "ready")
    office.says("dewi", "lewati")
    office.says("sri", "dereng")
    assert answer_of(office, code) == ("RT 02", 0)


def test_when_the_office_goes_on_the_open_question_ends(office: World) -> None:
    code = waits(office)
    office.presses("sri", "Jawab")
    assert office.asks("sri") == "supplement/more"
    for action, note in (("progress", "lewati"), ("ready", "Silakan diambil")):
        office.says("dewi", f"buka {code}")
        office.picks("dewi", action)
        office.says("dewi", note)
        assert office.asks("sri") == ""
    office.says("sri", "belum")
    assert office.asks("sri") == "reopen/why"
    assert "belum" not in read_by(office, "dewi")


def test_the_open_question_stays_while_more_is_asked_for_and_for_other_requests(office: World) -> None:
    first, second = waits(office), waits(office)
    office.says("sri", choice=f"!add {first}")
    asks_for_more(office, first, "RW berapa?")
    office.says("dewi", f"buka {second}")
    office.picks("dewi", "progress")
    office.says("dewi", "lewati")
    assert office.asks("sri") == "supplement/more"
    office.says("sri", "RT 02 RW 05")
    assert answer_of(office, first) == ("RT 02 RW 05", 0)


def test_what_was_asked_last_is_answered(office: World) -> None:
    first = waits(office)
    office.says("sri", "RT 02")
    office.later(minutes=1)
    second = waits(office)
    office.says("sri", "RT 07")
    assert (answer_of(office, first), answer_of(office, second)) == (("RT 02", 0), ("RT 07", 0))
    office.later(minutes=1)
    office.says("sri", "RW 03")
    assert answer_of(office, second) == ("RT 07\nRW 03", 0)


@pytest.mark.parametrize("when", ["asked", "pressed", "answered"])
@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("menu", "menu/choice"),
        ("surat pengantar", "request:surat_pengantar/"),
        ("status permohonan saya gimana pak", "my_requests/"),
        ("petugas", "officer/"),
    ],
)
def test_sure_wishes_get_through(office: World, when: str, words: str, asked: str) -> None:
    waits(office)
    if when == "pressed":
        office.presses("sri", "Jawab")
    elif when == "answered":
        office.says("sri", "RT 02")
    count = len(office.inboxes["dewi"])
    office.says("sri", words)
    assert office.asks("sri").startswith(asked)
    assert len(office.inboxes["dewi"]) == count


def test_batal_ends_the_open_question_and_nothing_is_sent(office: World) -> None:
    code = waits(office)
    office.presses("sri", "Jawab")
    office.says("sri", "batal")
    assert (office.asks("sri"), state_of(office, code)) == ("", "needs_more")


def test_after_the_answer_a_very_sure_sentence_begins_another_service(office: World) -> None:
    code = waits(office)
    office.says("sri", "RT 02")
    office.says("sri", "lampu jalan depan rumah mati, mau lapor pak")
    assert office.asks("sri").startswith("request:adu_lampu/")
    assert answer_of(office, code) == ("RT 02", 0)


def test_an_answer_that_could_be_a_wish_is_sent_and_the_wish_is_offered(office: World) -> None:
    code = sends_domicile(office)
    asks_for_more(office, code, "Untuk apa suratnya, Bu?")
    office.says("sri", "mau buat ktp baru")
    assert answer_of(office, code) == ("mau buat ktp baru", 0)
    assert office.last("sri").buttons[0].data == "!/start layanan-ktp_el"


def test_words_and_photos_that_say_what_they_are_are_added(office: World) -> None:
    code = waits(office)
    for words in ("KTP niki pak", "foto kk sudah saya kirim"):
        office.says("sri", words)
    office.says("sri", "surat pengantar", media=(PHOTO,))
    assert answer_of(office, code) == ("KTP niki pak\nfoto kk sudah saya kirim\nsurat pengantar", 1)


def test_the_volunteer_who_asked_hears_each_piece_once(world: World) -> None:
    office = settled(world)
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "ask", "Alamat lengkapnya di mana?")
    assert "Relawan yang membantu" in office.says("sri", "RT 02")
    office.says("sri", "RW 05")
    office.says("sri", media=(PHOTO,))
    assert [heard_by(office, "budi", words) for words in ("RT 02", "RW 05")] == [1, 1]
    assert office.last("budi").buttons[0].data == f"!tugas {code}"
    assert gathered(office) == [1]
    opens(office, "budi", code, "done", "Suratnya sudah jadi")
    office.says("sri", "dereng dados pak")
    assert answer_of(office, code) == ("RT 02\nRW 05", 1)


def test_who_answers_without_a_name_stays_without_one(office: World) -> None:
    complains(office, "sri", "adu_jalan", "anonymous")
    code = str(office.value("SELECT code FROM requests"))
    asks_for_more(office, code, "Di depan rumah siapa?")
    for words in ("dekat pasar", "sebelah timur"):
        office.says("sri", words)
    office.says("sri", media=(PHOTO,))
    assert answer_of(office, code) == ("dekat pasar\nsebelah timur", 1)
    pushed = office.rows("SELECT about_id FROM outbox WHERE payload LIKE :words", words=f"%open {code}%")
    assert {about for (about,) in pushed} == {None}
    assert office.value("SELECT count(*) FROM request_events WHERE actor_id = :sri", sri=office.person("sri").contact_id) == 0  # fmt: skip


def test_what_is_gathered_goes_with_its_sender(office: World) -> None:
    waits(office)
    for _ in range(3):
        office.says("sri", media=(PHOTO,))
    for text in ("hapus data", "ya"):
        office.says("sri", text)
    assert gathered(office) == []
    assert office.value("SELECT count(*) FROM request_events WHERE media IS NOT NULL OR note LIKE '%RT%'") == 0

"""A request from the first question to done; by its sender and by the office."""

from __future__ import annotations

import json

import pytest

from flows.chat import Json
from tests.world import PHOTO, World


def sends_domicile(world: World, who: str = "sri") -> str:
    """Let somebody ask for a letter; returns its code."""
    world.says(who, "surat domisili")
    service = world.office.registry.services["surat_domisili"]
    world.says(who, "1")
    world.says(who, "Sri Lestari")
    for question in service.questions:
        world.says(
            who, "lewati" if question.optional else ("1" if question.field == "pick" else "keperluan sekolah anak")
        )
    assert world.asks(who) == "request:surat_domisili/review"
    world.says(who, "ya")
    return str(world.value("SELECT code FROM requests ORDER BY id DESC LIMIT 1"))


def state_of(world: World, code: str) -> str:
    return str(world.value("SELECT state FROM requests WHERE code = :code", code=code))


def answers_of(world: World) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(world.value("SELECT answers FROM requests"))
    return found


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    world.employs("dewi", "Dewi")
    return world


def test_a_request_gets_a_code_and_reaches_the_office(office: World) -> None:
    code = sends_domicile(office)
    assert code in office.last("sri").text
    assert code in office.last("dewi").text
    assert office.last("dewi").buttons[0].data == f"!open {code}"
    assert answers_of(office)["village"] == "35.05.01.2002"
    assert office.asks("sri") == ""


def test_the_journal_is_gone_once_it_is_sent(office: World) -> None:
    sends_domicile(office)
    assert office.rows("SELECT * FROM conversations WHERE flow LIKE 'request:%'") == []


def test_the_whole_life_of_a_request(office: World) -> None:
    code = sends_domicile(office)
    office.picks("dewi", f"open {code}")
    office.picks("dewi", "take")
    assert state_of(office, code) == "checked"
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "ask_more")
    office.says("dewi", "Mohon foto kartu keluarga ditutup NIK-nya")
    assert state_of(office, code) == "needs_more"
    assert "Mohon foto" in office.last("sri").text
    office.picks("sri", f"add {code}")
    office.says("sri", "ini pak", media=(PHOTO,))
    assert state_of(office, code) == "checked"
    assert len(office.last("dewi").media) == 1
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "progress")
    office.picks("dewi", "skip")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "ready")
    office.says("dewi", "bisa diambil besok pagi")
    assert state_of(office, code) == "ready"
    assert "bisa diambil besok pagi" in office.last("sri").text
    office.picks("sri", f"confirm {code}")
    assert state_of(office, code) == "done"
    actions = [row.action for row in office.rows("SELECT action FROM request_events ORDER BY id")]
    assert actions == ["send", "take", "ask_more", "add", "progress", "ready", "confirm"]


def test_a_declined_request_says_why_and_can_be_reopened(office: World) -> None:
    code = sends_domicile(office)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "decline")
    office.says("dewi", "Panjenengan sudah punya KTP di alamat itu")
    assert state_of(office, code) == "declined"
    assert "sudah punya KTP" in office.last("sri").text
    office.picks("sri", f"reopen {code}")
    office.says("sri", "saya sudah pindah")
    assert state_of(office, code) == "checked"


def test_status_by_word_code_and_mistyped_code(office: World) -> None:
    code = sends_domicile(office)
    office.says("sri", "status")
    assert office.asks("sri") == "my_requests/request"
    assert code in office.says("sri", "1")
    assert code in office.says("sri", f"pripun {code.lower()} pak")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert wrong not in office.says("sri", wrong)


def test_a_stranger_learns_nothing_from_a_code(office: World) -> None:
    code = sends_domicile(office)
    office.arrives("agus")
    assert "Sri" not in office.says("agus", code)
    office.says("agus", choice=f"!confirm {code}")
    office.says("agus", choice=f"!open {code}")
    assert state_of(office, code) == "received"
    assert [
        tuple(row) for row in office.rows("SELECT action, allowed FROM audit WHERE allowed = :no ORDER BY id", no=False)
    ] == [
        ("confirm", False),
        ("open", False),
    ]


def test_back_in_the_review_and_editing_one_answer(office: World) -> None:
    office.says("sri", "surat pengantar")
    office.says("sri", "1")
    office.says("sri", "Sri Lestari")
    while not office.asks("sri").endswith("review"):
        office.says("sri", "1" if office.last("sri").buttons else "melamar kerja")
    office.says("sri", "1")
    assert office.asks("sri") == "request:surat_pengantar/name"
    office.says("sri", "Siti Aminah")
    office.says("sri", "nggih")
    assert answers_of(office)["name"] == "Siti Aminah"


@pytest.mark.parametrize(
    ("language", "word", "said"), [("id", "ya", "perlu beberapa kata"), ("jv", "inggih pak", "betah sawetawis tembung")]
)
def test_a_lone_yes_is_not_what_a_letter_is_for(world: World, language: str, word: str, said: str) -> None:
    world.arrives("sri", language)
    for text in ("surat domisili", "1", "Sri Lestari", "RT 02 RW 05"):
        world.says("sri", text)
    assert world.asks("sri") == "request:surat_domisili/keperluan"
    assert said in world.says("sri", word)
    assert world.asks("sri") == "request:surat_domisili/keperluan"
    world.says("sri", "sekolah")
    assert world.asks("sri") == "request:surat_domisili/review"


def test_an_officer_may_answer_with_a_yes(office: World) -> None:
    code = sends_domicile(office)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "reply")
    office.says("dewi", "Nggih, Bu")
    assert "Nggih, Bu" in office.last("sri").text


def test_a_draft_survives_and_is_offered_again(office: World) -> None:
    office.says("sri", "surat domisili")
    office.says("sri", "1")
    office.says("sri", "Sri Lestari")
    office.says("sri", "menu")
    office.later(days=5)
    office.says("sri", "kk")
    office.says("sri", "1")
    office.says("sri", "Sri Lestari")
    office.says("sri", "menu")
    drafts = [button.data for button in office.last("sri").buttons if "|draft:" in button.data]
    assert len(drafts) == 2
    office.says("sri", choice=drafts[1])
    assert office.asks("sri").startswith("request:surat_domisili/")


def test_cancel_forgets_the_answers(office: World) -> None:
    office.says("sri", "surat domisili")
    office.says("sri", "1")
    office.says("sri", "Sri Lestari")
    office.says("sri", "batal")
    assert office.rows("SELECT * FROM conversations WHERE flow LIKE 'request:%'") == []


def test_two_officers_and_one_request(office: World) -> None:
    code = sends_domicile(office)
    office.employs("joko", "Joko", "officer")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "take")
    office.says("joko", f"buka {code}")
    office.picks("joko", "ready")
    office.picks("joko", "skip")
    assert state_of(office, code) == "checked", "an officer may not act on what a colleague has"


@pytest.mark.parametrize(
    ("role", "village", "sees"),
    [("village", "35.05.01.2002", True), ("village", "35.05.01.2001", False), ("officer", None, True)],
)
def test_what_each_role_sees(office: World, role: str, village: str | None, sees: bool) -> None:
    office.employs("joko", "Joko", role, village)
    code = sends_domicile(office)
    assert (code in "".join(message.text for message in office.inboxes.get("joko", []))) is sees
    assert ("Sri Lestari" in office.says("joko", f"buka {code}")) is sees


def test_a_dismissed_officer_may_do_nothing(office: World) -> None:
    code = sends_domicile(office)
    office.says("dewi", f"buka {code}")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = (1 = 0)")
    office.picks("dewi", "take")
    assert state_of(office, code) == "received"

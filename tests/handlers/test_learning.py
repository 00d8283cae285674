"""A person learns: finds a lesson, answers, repeats what was wrong, goes on on another day, and gets a certificate."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image

from flows.lesson import shuffled
from handlers.certificate import HEIGHT, WIDTH, makers
from handlers.media import Checked
from handlers.messages import ChannelRefused
from storage import learning
from storage.db import Database
from tests.world import TUESDAY_MORNING, World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    return world


def lesson_open(office: World, who: str = "sri") -> str:
    """Say which lesson's question somebody has before them."""
    conversation = office.person(who).conversation
    return conversation.flow.removeprefix("lesson:") if conversation else ""


def answers(office: World, *, right: bool, who: str = "sri") -> str:
    """Answer the question that is open; returns what is said."""
    conversation = office.person(who).conversation
    assert conversation is not None
    lesson = office.office.registry.lessons[conversation.flow.removeprefix("lesson:")]
    seed = str(json.loads(conversation.facts)["seed"])
    key = next(option.key for option in shuffled(lesson, seed) if option.right is right)
    return office.picks(who, key)


def test_a_pillar_leads_to_its_first_lesson_and_on(office: World) -> None:
    office.says("sri", "belajar")
    said = office.says("sri", "aman")
    assert "*Kode OTP*" in said
    assert "A. " in said
    said = answers(office, right=True)
    assert office.office.registry.lessons["aman_otp"].quiz.right.id in said
    assert "1 dari 14" in said
    office.says("sri", "belajar")
    assert "1 dari 14" in office.last("sri").text
    office.says("sri", "aman")
    assert lesson_open(office) == "aman_apk"


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        ("ajari saya bikin sandi yang kuat", "aman_sandi"),
        ("kepengin sinau babagan hoaks", "budaya_cek_hoaks"),
        ("minta tips tentang qris", "cakap_bayar_qris"),
    ],
)
def test_a_lesson_is_found_in_free_words(office: World, words: str, lesson: str) -> None:
    office.says("sri", words)
    if office.asks("sri") == "lessons_found/lesson":
        office.picks("sri", lesson)
    assert lesson_open(office) == lesson


def test_where_one_stopped_is_gone_on_with(office: World) -> None:
    office.says("sri", "ajari saya bikin sandi yang kuat")
    office.says("sri", "menu")
    office.later(days=3)
    office.says("sri", "tips")
    assert lesson_open(office) == "aman_sandi"


def test_what_was_wrong_is_asked_again_after_1_3_7_and_21_days(office: World) -> None:
    office.says("sri", "ajari saya bikin sandi yang kuat")
    said = answers(office, right=False)
    assert office.office.registry.lessons["aman_sandi"].quiz.wrong.id in said
    for days in (1, 3, 7, 21):
        office.later(days=days - 1)
        office.says("sri", "ulangi")
        assert lesson_open(office) != "aman_sandi", "not yet"
        office.later(days=1)
        said = office.says("sri", "ulangi")
        assert lesson_open(office) == "aman_sandi"
        assert office.office.registry.lessons["aman_sandi"].lesson.id not in said, "only its question"
        answers(office, right=True)
    office.later(days=365)
    office.says("sri", "ulangi")
    assert lesson_open(office) != "aman_sandi"


def test_the_options_stand_otherwise_another_time_and_the_same_in_one_question(office: World) -> None:
    office.says("sri", "ajari saya bikin sandi yang kuat")
    first = office.last("sri").text
    office.says("sri", "x")
    asked_again = office.last("sri").text
    options = [line for line in first.split("\n") if line[:3] in ("A. ", "B. ", "C. ")]
    assert all(line in asked_again for line in options)


def test_a_finished_pillar_gives_one_certificate_that_anybody_can_check(office: World) -> None:
    office.arrives("budi")
    for _ in range(10):
        office.says("sri", "belajar")
        office.says("sri", "budaya")
        answers(office, right=True)
    assert office.last("sri").media, "the picture"
    code = office.value("SELECT code FROM certificates")
    assert f"*{code}*" in office.last("sri").text
    assert "asli" in office.says("budi", code)
    assert "Tidak ada sertifikat" in office.says("budi", "SRT-2222")
    made = office.rows("SELECT channel, vendor_ref, kind FROM media")
    assert [tuple(row) for row in made] == [("made", f"certificate:{code}", "photo")]
    office.says("sri", "belajar")
    office.says("sri", "budaya")
    assert "menyelesaikan" in office.last("sri").text
    assert office.value("SELECT count(*) FROM certificates") == 1


def test_help_opens_the_request_with_the_topic_filled_in(office: World) -> None:
    office.says("sri", "belajar")
    office.says("sri", "google maps")
    assert lesson_open(office) == "cakap_google_maps"
    answers(office, right=True)
    said = office.presses("sri", "Minta pendampingan")
    assert "umkm" in office.person("sri").conversation.flow  # type: ignore[union-attr]  # one is open
    journal = json.loads(office.person("sri").conversation.journal)  # type: ignore[union-attr]
    assert office.office.registry.lessons["cakap_google_maps"].title.id in journal.values(), said


def test_figures_count_by_village_and_name_nobody(office: World) -> None:
    for right in (False, True):
        office.says("sri", "sandi yang kuat" if right else "ajari saya bikin sandi yang kuat")
        if lesson_open(office) != "aman_sandi":
            office.later(days=1)
            office.says("sri", "ulangi")
        answers(office, right=right)
    row = office.rows("SELECT started, finished, answers_right, answers_wrong, village FROM lesson_counts WHERE lesson = 'aman_sandi'")  # fmt: skip
    assert [tuple(each) for each in row] == [(1, 1, 1, 1, office.person("sri").village)]


def test_erasing_oneself_takes_what_was_learned(office: World) -> None:
    office.says("sri", "ajari saya bikin sandi yang kuat")
    answers(office, right=False)
    for text in ("hapus data", "ya"):
        office.says("sri", text)
    assert office.value("SELECT count(*) FROM learned") == 0
    assert office.value("SELECT count(*) FROM lesson_counts") == 1


def test_in_javanese(office: World) -> None:
    office.arrives("wagiyem", "jv")
    office.says("wagiyem", "sinau")
    office.says("wagiyem", "aman")
    lesson = office.office.registry.lessons["aman_otp"]
    assert lesson.lesson.jv[:40] in office.last("wagiyem").text
    assert lesson.quiz.right.jv in answers(office, right=True, who="wagiyem")


async def test_the_certificate_is_drawn_after_the_turn_also_for_a_long_name(database: Database) -> None:
    world = World(database.engine)
    world.arrives("sri")
    long_name = "Raden Ayu Mochamad Abdul Rohman Hidayatulloh binti Suroatmodjo"
    contact = world.person("sri").contact_id
    with world.engine.begin() as connection:
        learning.add_certificate(connection, "SRT-22222", contact, "aman", long_name, TUESDAY_MORNING)
    make = makers(database, world.office)["certificate"]
    made = await make("SRT-22222")
    assert isinstance(made, Checked)
    with Image.open(BytesIO(made.content)) as picture:
        assert picture.size == (WIDTH, HEIGHT)
    assert len(made.content) < 60_000
    with pytest.raises(ChannelRefused):
        await make("SRT-33333")

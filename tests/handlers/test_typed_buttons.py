"""What stands under the last message may be typed instead of pressed, and what it was about may be put right in words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.handlers.test_requests import sends_domicile
from tests.handlers.test_visits import journal, reports
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.makes_volunteer("budi")
    world.employs("dewi")
    return world


@pytest.mark.parametrize("typed", ["1", "materi berikutnya", "Materi Berikutnya."])
def test_a_button_is_typed_by_its_number_or_its_words(world: World, typed: str) -> None:
    world.arrives("sri")
    world.says("sri", "tips")
    first = world.asks("sri")
    world.says("sri", "A")
    assert world.last("sri").buttons[0].label == "Materi berikutnya"
    world.says("sri", typed)
    assert world.asks("sri").startswith("lesson:")
    assert world.asks("sri") != first


def test_a_number_that_no_button_has_is_not_understood(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "tips")
    world.says("sri", "A")
    assert "belum paham" in world.says("sri", "9")


def test_the_only_button_is_typed_by_its_number(office: World) -> None:
    office.says("budi", "kunjungan")
    office.says("budi", "batal")
    assert [button.label for button in office.last("budi").buttons] == ["Menu utama"]
    assert "Menu utama" in office.says("budi", "1").replace("*", "")


@pytest.mark.parametrize("typed", ["pesertanya 31 orang", "pesertanipun 31 tiyang"])
def test_a_visit_just_sent_is_put_right_in_words(office: World, typed: str) -> None:
    code = reports(office)
    office.says("budi", typed)
    assert office.asks("budi") == "visit/review"
    office.says("budi", "ya")
    assert office.rows("SELECT code, people, version FROM visits") == [(code, 31, 2)]


def test_ubah_alone_changes_the_visit_just_shown(office: World) -> None:
    reports(office)
    office.says("budi", "ubah")
    assert office.asks("budi") == "visit/review"
    assert journal(office)["topik"] == "aktivasi IKD"


def test_a_whole_new_report_is_a_visit_of_its_own(office: World) -> None:
    reports(office)
    office.says("budi", "kunjungan Talun literasi 31 orang")
    assert office.asks("budi") == "visit/place", "it is asked for from the start, not reviewed as a change"
    assert journal(office)["kind"] == "literasi"


@pytest.mark.parametrize("typed", ["pesertanya 14 orang", "pesertanya 14", "14 orang", "pesertanipun 14 tiyang"])
def test_one_thing_said_at_the_review_is_put_right_there(office: World, typed: str) -> None:
    for text in ("kunjungan", "pendampingan", "Ngaglik", "lewati", "kemarin", "12", "aktivasi IKD", "10 berhasil"):
        office.says("budi", text)
    for _ in range(3):
        office.says("budi", "lewati")
    assert office.asks("budi") == "visit/review"
    office.says("budi", typed)
    assert office.asks("budi") == "visit/review"
    assert "14" in office.last("budi").text
    office.says("budi", "ya")
    assert [tuple(row) for row in office.rows("SELECT people, version FROM visits")] == [(14, 1)]


def test_a_message_about_something_else_is_no_visit_to_put_right(office: World) -> None:
    sends_domicile(office, "budi")
    assert office.last("budi").buttons, "the number of a request was just shown"
    office.says("budi", "pesertanya 31 orang")
    assert office.asks("budi").startswith("visit/")


def test_a_number_means_what_stands_on_that_screen(office: World) -> None:
    office.says("telegram:budi", "kunjungan")
    office.says("telegram:budi", "batal")
    with office.engine.begin() as connection:
        connection.execute(sa.text("UPDATE outbox SET address = 'elsewhere'"))
    assert "belum paham" in office.says("telegram:budi", "1")


def test_another_persons_visit_is_not_put_right_by_words(office: World) -> None:
    code = reports(office)
    office.arrives("eko")
    office.makes_volunteer("eko", name="Eko")
    office.says("eko", code)
    office.says("eko", "pesertanya 31 orang")
    assert office.value("SELECT people FROM visits") == 12


def test_a_number_of_a_visit_is_heard_in_the_midst_of_another_question(office: World) -> None:
    code = reports(office)
    office.says("budi", "kunjungan Talun literasi 31 orang")
    said = office.says("budi", code)
    assert "aktivasi IKD" in said
    assert office.value("SELECT count(*) FROM conversations") == 1, "what was begun is a draft"

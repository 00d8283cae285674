"""A volunteer reports a visit by message: step by step or in one line; nobody else does, and nobody else reads it."""

from __future__ import annotations

import json

import pytest

from tests.world import PHOTO, World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.employs("dewi")
    world.makes_volunteer("budi")
    return world


STEPS = (
    "kunjungan",
    "pendampingan",
    "Ngaglik",
    "kemarin",
    "12",
    "aktivasi IKD",
    "10 orang berhasil",
    "lewati",
    "lewati",
    "lewati",
)


def reports(world: World, who: str = "budi") -> str:
    """Report a visit step by step; returns its number."""
    for text in (*STEPS, "ya"):
        world.says(who, text)
    return str(world.value("SELECT code FROM visits ORDER BY id DESC LIMIT 1"))


def test_a_visit_step_by_step_has_a_number_and_a_summary(office: World) -> None:
    code = reports(office)
    said = office.last("budi").text
    for words in (code, "Desa Ngaglik", "aktivasi IKD", "10 orang berhasil", "12"):
        assert words in said
    row = office.rows("SELECT kind, day, people FROM visits")[0]
    assert tuple(row) == ("pendampingan", "2026-11-23", 12)
    assert "oleh Budi" in office.last("dewi").text.replace("*", "")


def test_one_line_fills_what_it_says_and_asks_only_for_the_rest(office: World) -> None:
    office.says("budi", "kunjungan Kanigoro literasi 25 orang foto menyusul")
    assert office.asks("budi") == "visit/day"
    for text in ("hari ini", "aman", "14", "kode OTP"):
        office.says("budi", text)
    assert office.asks("budi") == "visit/photos"
    office.says("budi", media=(PHOTO,))
    office.says("budi", "lanjut")
    office.says("budi", "lewati")
    review = office.last("budi").text.replace("*", "")
    for line in ("Jenis: Literasi", "Desa: Kelurahan Kanigoro", "Peserta: 25"):
        assert line in review
    office.says("budi", "ya")
    assert office.value("SELECT people FROM visits") == 25
    assert office.last("dewi").media, "the office sees the photo"


def test_in_javanese_number_words_too(office: World) -> None:
    office.says("budi", "wingi kunjungan literasi neng ngaglik, sing teka telung puluh wong")
    conversation = office.person("budi").conversation
    assert conversation is not None
    place = office.office.registry.places.get(json.loads(conversation.journal)["village"])
    assert (place.name, json.loads(conversation.journal)["people"]) == ("Ngaglik", 30)
    assert json.loads(conversation.journal)["day"] == "2026-11-23"
    assert office.asks("budi") == "visit/pilar"


@pytest.mark.parametrize("state", ["paused", "ended", "declined"])
def test_only_active_volunteers_report(office: World, state: str) -> None:
    office.arrives("sri")
    office.makes_volunteer("sri", state=state)
    assert "daftar relawan" in office.says("sri", "kunjungan ngaglik literasi 25 orang tadi pagi")
    assert office.asks("sri") == ""
    assert "daftar relawan" in office.says("sri", "kunjungan")


def test_who_stopped_being_a_volunteer_in_between_does_not_send_it(office: World) -> None:
    for text in STEPS:
        office.says("budi", text)
    assert office.asks("budi") == "visit/review"
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET state = 'ended'")
    assert "relawan aktif" in office.says("budi", "ya")
    assert office.value("SELECT count(*) FROM visits") == 0
    assert [tuple(row) for row in office.rows("SELECT action, allowed FROM audit WHERE action = 'visit'")] == [
        ("visit", False)
    ]


def test_a_message_that_arrives_twice_makes_one_visit(office: World) -> None:
    for text in STEPS:
        office.says("budi", text)
    yes = office.incoming("budi", "ya")
    office.hears(yes)
    assert office.hears(yes) == []
    office.says("budi", "ya")
    assert office.value("SELECT count(*) FROM visits") == 1


def test_the_volunteer_and_the_office_read_a_visit_and_nobody_else(office: World) -> None:
    code = reports(office)
    assert "aktivasi IKD" in office.says("budi", code)
    assert "aktivasi IKD" in office.says("dewi", code)
    office.arrives("sri")
    office.employs("rini", "Rini", "village", "35.05.01.2002")
    for other in ("sri", "rini"):
        assert "aktivasi IKD" not in office.says(other, code)
        assert "Tidak ada kunjungan" in office.last(other).text


def test_a_day_to_come_is_not_taken(office: World) -> None:
    for text in STEPS[:3]:
        office.says("budi", text)
    office.says("budi", "besok")
    assert office.asks("budi") == "visit/day"


def test_erasing_oneself_leaves_the_bare_figures(office: World) -> None:
    reports(office)
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert [tuple(row) for row in office.rows("SELECT contact_id, answers, people FROM visits")] == [(None, "{}", 12)]


def test_numbers_run_on_when_a_code_is_taken(office: World) -> None:
    from dataclasses import replace

    numbers = iter((5, 5, 6))
    office.office = replace(office.office, random_below=lambda most: next(numbers) % most)
    assert reports(office) != reports(office)

"""Volunteers: applying, and what the office decides about them; nobody else may."""

from __future__ import annotations

import concurrent.futures

import pytest

from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    return world


def applies(office: World, who: str = "budi") -> int:
    for text in ("daftar relawan", "Budi Santoso", "Ngaglik", "tambah", "slorok garum", "cukup", "mengajar HP", "ya"):
        office.says(who, text)
    return office.person(who).contact_id


def state(office: World, contact: int) -> str:
    return str(office.value("SELECT state FROM volunteers WHERE contact_id = :contact", contact=contact))


def test_who_applies_is_kept_and_those_who_decide_are_told(office: World) -> None:
    number = applies(office)
    assert state(office, number) == "applied"
    villages = office.rows("SELECT village FROM volunteer_villages WHERE contact_id = :contact", contact=number)
    names = {office.office.registry.places.get(village).name for (village,) in villages}
    assert names == {"Ngaglik", "Slorok"}
    for officer in ("dewi", "andi"):
        assert "Budi Santoso" in office.last(officer).text
        assert "Slorok" in office.last(officer).text


def test_an_officer_accepts_by_a_press_and_the_volunteer_is_told(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    assert "mengajar HP" in office.last("dewi").text
    office.picks("dewi", "accept")
    assert state(office, number) == "active"
    assert "relawan TIK" in office.last("budi").text
    audit = office.rows("SELECT action, allowed FROM audit WHERE action LIKE 'volunteer%'")
    assert [tuple(row) for row in audit] == [("volunteer accept", True)]


def test_declining_needs_a_reason_and_the_person_reads_it(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    office.picks("dewi", "decline")
    assert office.asks("dewi") == "volunteer_case/reason"
    office.says("dewi", "Sudah ada tiga relawan di Ngaglik")
    assert state(office, number) == "declined"
    assert "tiga relawan" in office.last("budi").text


def test_who_was_declined_may_apply_again(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    office.picks("dewi", "decline")
    office.says("dewi", "Belum")
    assert applies(office) == number
    assert state(office, number) == "applied"


def test_a_volunteer_is_paused_let_go_on_and_ended(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    office.picks("dewi", "accept")
    for option, after in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        office.says("andi", "relawan")
        office.picks("andi", f"volunteer:{number}")
        office.picks("andi", option)
        if option != "resume":
            office.says("andi", "karena pindah")
        assert state(office, number) == after
    office.says("andi", "relawan")
    assert "Belum ada relawan" in office.last("andi").text


def test_the_second_to_decide_is_told_so(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    office.presses("andi", "Putuskan")
    office.picks("dewi", "accept")
    office.picks("andi", "decline")
    office.says("andi", "sudah cukup")
    assert state(office, number) == "active"
    assert "Sudah ada yang memutuskan" in office.last("andi").text


@pytest.mark.parametrize("who", ["sri", "budi"])
def test_nobody_but_an_officer_decides(office: World, who: str) -> None:
    number = applies(office)
    if who == "sri":
        office.arrives("sri")
    assert "Hanya petugas" in office.says(who, choice=f"!volunteer {number}")
    assert state(office, number) == "applied"
    denied = office.rows("SELECT action, subject FROM audit WHERE allowed = :no", no=False)
    assert [tuple(row) for row in denied] == [("volunteer", f"volunteer {number}")]


def test_a_village_officer_does_not_decide_nor_see_the_list(office: World) -> None:
    number = applies(office)
    office.employs("rini", "Rini", "village", "35.05.01.2002")
    assert "Hanya petugas" in office.says("rini", choice=f"!volunteer {number}")
    office.says("rini", "relawan")
    assert office.asks("rini") == "volunteer_join/name"


def test_an_officer_who_was_let_go_meanwhile_decides_nothing(office: World) -> None:
    number = applies(office)
    office.presses("andi", "Putuskan")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Andi'")
    office.picks("andi", "accept")
    assert state(office, number) == "applied"


def test_nobody_decides_about_themselves(office: World) -> None:
    office.arrives("andi") if not office.person("andi").consent else None
    applies(office, "andi")
    number = office.person("andi").contact_id
    assert "rekan" in office.says("andi", choice=f"!volunteer {number}")
    assert state(office, number) == "applied"


def test_who_has_applied_is_told_how_it_stands(office: World) -> None:
    number = applies(office)
    assert "sudah masuk" in office.says("budi", "daftar relawan")
    office.presses("dewi", "Putuskan")
    office.picks("dewi", "accept")
    assert "sudah menjadi relawan" in office.says("budi", "saya ingin jadi relawan tik")
    assert state(office, number) == "active"


def test_the_wish_in_free_words_opens_it(office: World) -> None:
    office.says("budi", "min gimana caranya kalau mau gabung jadi relawan TIK")
    assert office.asks("budi") == "volunteer_join/name"


def test_erasing_oneself_takes_the_application_along(office: World) -> None:
    number = applies(office)
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert office.rows("SELECT 1 FROM volunteers WHERE contact_id = :contact", contact=number) == []
    assert office.rows("SELECT 1 FROM volunteer_villages WHERE contact_id = :contact", contact=number) == []


def test_of_two_officers_at_the_same_moment_exactly_one_decides(office: World) -> None:
    number = applies(office)
    office.presses("dewi", "Putuskan")
    office.presses("andi", "Putuskan")
    data = {
        who: next(b.data for b in office.last(who).buttons if b.data.endswith("|accept")) for who in ("dewi", "andi")
    }
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda who: office.says(who, choice=data[who]), ("dewi", "andi")))
    assert sorted("Sudah ada yang memutuskan" in text for text in said) == [False, True]
    assert office.value("SELECT count(*) FROM audit WHERE action = 'volunteer accept'") == 1
    assert state(office, number) == "active"

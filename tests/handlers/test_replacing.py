"""The officers' list of volunteers; villages that come, go, and pass over to somebody else."""

from __future__ import annotations

import concurrent.futures

import pytest

from storage.contacts import add_person
from tests.handlers.test_requests import sends_domicile
from tests.world import World

SALAM, REJOSARI, NGAGLIK = "35.05.01.2002", "35.05.01.2003", "35.05.03.2016"


@pytest.fixture
def office(world: World) -> World:
    for who in ("budi", "eko"):
        world.arrives(who)
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    return world


def villages(office: World, contact: int) -> set[str]:
    return {row[0] for row in office.rows("SELECT village FROM volunteer_villages WHERE contact_id = :c", c=contact)}


def state(office: World, contact: int) -> tuple[str, str | None]:
    return tuple(office.rows("SELECT state, reason FROM volunteers WHERE contact_id = :c", c=contact)[0])


def opens(office: World, officer: str, number: int) -> None:
    office.says(officer, choice=f"!volunteer {number}")


def test_another_volunteer_takes_over_all_villages_and_both_are_told(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM, NGAGLIK)
    eko = office.makes_volunteer("eko", REJOSARI, NGAGLIK, name="Eko")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    said = office.says("dewi", "eko")
    assert "Eko menggantikan Budi: Salam, Ngaglik." in said
    told = office.says("dewi", "Pindah ke Malang")
    assert "sekarang mendampingi 3 desa" in told
    assert state(office, budi) == ("ended", "Pindah ke Malang")
    assert state(office, eko) == ("active", None)
    assert villages(office, eko) == {SALAM, REJOSARI, NGAGLIK}
    assert villages(office, budi) == set()
    assert "Pindah ke Malang" in office.last("budi").text
    assert "Eko menggantikan Anda" in office.last("budi").text
    assert "menggantikan Budi: Desa Salam" in office.last("eko").text
    audit = office.rows("SELECT subject, allowed FROM audit WHERE action = 'volunteer replace'")
    assert [tuple(row) for row in audit] == [(f"volunteer {budi} by {eko}", True)]


def test_what_the_old_one_had_taken_is_offered_to_the_new_one(office: World) -> None:
    office.arrives("sri")
    budi = office.makes_volunteer("budi", SALAM)
    office.makes_volunteer("eko", NGAGLIK, name="Eko")
    code = sends_domicile(office)
    office.says("budi", choice=f"!bantu {code}")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    office.says("dewi", "eko")
    office.says("dewi", "Pindah ke Malang")
    assert any(code in message.text for message in office.inboxes["eko"])
    office.says("eko", choice=f"!bantu {code}")
    holder = office.value("SELECT contact_id FROM helps")
    assert holder == office.person("eko").contact_id


def test_more_than_five_villages_are_kept_where_the_office_hands_them_over(office: World) -> None:
    all_of_a_district = [place.code for place in office.office.registry.places.villages_of("35.05.01")]
    budi = office.makes_volunteer("budi", *all_of_a_district[:4])
    eko = office.makes_volunteer("eko", *all_of_a_district[4:8], name="Eko")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    office.picks("dewi", f"volunteer:{eko}")
    office.says("dewi", "Sakit")
    assert villages(office, eko) == set(all_of_a_district[:8])


def test_somebody_who_has_applied_is_accepted_by_taking_over(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM)
    eko = office.makes_volunteer("eko", NGAGLIK, name="Eko", state="applied")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    office.picks("dewi", f"volunteer:{eko}")
    office.says("dewi", "Sakit")
    assert state(office, eko) == ("active", None)
    assert "Selamat bergabung" in office.last("eko").text


def test_where_nobody_could_take_over_the_officer_is_told_whom_to_invite(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM)
    office.makes_volunteer("eko", NGAGLIK, name="Eko", state="paused")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    assert "undang relawan" in office.last("dewi").text
    assert office.asks("dewi") == ""


def test_a_wrong_pick_is_taken_back(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM)
    office.makes_volunteer("eko", NGAGLIK, name="Eko")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    office.says("dewi", "eko")
    office.says("dewi", "kembali")
    assert office.asks("dewi") == "volunteer_replace/successor"
    office.says("dewi", "batal")
    assert state(office, budi) == ("active", None)


@pytest.mark.parametrize("who_moved", ["old", "new"])
def test_who_has_moved_on_meanwhile_changes_nothing(office: World, who_moved: str) -> None:
    budi, eko = office.makes_volunteer("budi", SALAM), office.makes_volunteer("eko", NGAGLIK, name="Eko")
    opens(office, "dewi", budi)
    office.picks("dewi", "replace")
    office.picks("dewi", f"volunteer:{eko}")
    moved = budi if who_moved == "old" else eko
    with office.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE volunteers SET state = 'ended' WHERE contact_id = {moved}")
    assert "Sudah ada yang memutuskan" in office.says("dewi", "Sakit")
    assert (villages(office, budi), villages(office, eko)) == ({SALAM}, {NGAGLIK})


@pytest.mark.parametrize("option", ["replace", "villages"])
def test_an_officer_who_was_let_go_meanwhile_changes_nothing(office: World, option: str) -> None:
    budi, eko = office.makes_volunteer("budi", SALAM, NGAGLIK), office.makes_volunteer("eko", REJOSARI, name="Eko")
    opens(office, "andi", budi)
    office.picks("andi", option)
    if option == "replace":
        office.picks("andi", f"volunteer:{eko}")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Andi'")
    office.says("andi", "Sakit") if option == "replace" else office.picks("andi", NGAGLIK)
    assert "Hanya petugas" in office.last("andi").text
    assert (state(office, budi), villages(office, budi)) == (("active", None), {SALAM, NGAGLIK})


def test_two_officers_who_swap_two_volunteers_at_the_same_moment_leave_one_of_them(office: World) -> None:
    budi, eko = office.makes_volunteer("budi", SALAM), office.makes_volunteer("eko", NGAGLIK, name="Eko")
    for officer, old, new in (("dewi", budi, eko), ("andi", eko, budi)):
        opens(office, officer, old)
        office.picks(officer, "replace")
        office.picks(officer, f"volunteer:{new}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda officer: office.says(officer, "Pindah"), ("dewi", "andi")))
    assert sorted("Sudah ada yang memutuskan" in text for text in said) == [False, True]
    assert sorted(state(office, each)[0] for each in (budi, eko)) == ["active", "ended"]
    assert villages(office, budi) | villages(office, eko) == {SALAM, NGAGLIK}
    assert office.value("SELECT count(*) FROM volunteer_villages") == 2


def test_the_office_gives_a_village_and_takes_one_away(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM)
    opens(office, "dewi", budi)
    office.picks("dewi", "villages")
    assert office.asks("dewi") == "volunteer_case/village", "the only village cannot go, so adding is asked at once"
    office.says("dewi", "ngaglik")
    assert villages(office, budi) == {SALAM, NGAGLIK}
    assert "bertambah: Desa Ngaglik" in office.last("budi").text
    opens(office, "dewi", budi)
    office.picks("dewi", "villages")
    office.presses("dewi", "Tanpa Salam")
    assert villages(office, budi) == {NGAGLIK}
    assert "tidak lagi mendampingi" in office.last("budi").text
    audit = office.rows("SELECT action, subject FROM audit WHERE action LIKE 'volunteer village%' ORDER BY id")
    assert [tuple(row) for row in audit] == [
        ("volunteer village add", f"volunteer {budi} {NGAGLIK}"),
        ("volunteer village remove", f"volunteer {budi} {SALAM}"),
    ]


def test_a_village_that_is_there_or_gone_already_changes_nothing(office: World) -> None:
    budi = office.makes_volunteer("budi", SALAM, NGAGLIK)
    for officer in ("dewi", "andi"):
        opens(office, officer, budi)
        office.picks(officer, "villages")
    office.picks("dewi", NGAGLIK)
    office.picks("andi", SALAM)
    assert "desa yang terakhir" in office.last("andi").text
    assert villages(office, budi) == {SALAM}
    opens(office, "dewi", budi)
    office.picks("dewi", "villages")
    assert "sudah mendampingi" in office.says("dewi", "Salam kec wonodadi")


def test_the_list_shows_who_waits_first_and_finds_by_name_village_or_kecamatan(office: World) -> None:
    places = office.office.registry.places
    everywhere = [place.code for district in places.districts() for place in places.villages_of(district.code)]
    for number in range(150):
        who = f"v{number}"
        with office.engine.begin() as connection:
            add_person(connection, "telegram", who, None, office.office.clock())
        state = "applied" if number == 149 else "active"
        office.makes_volunteer(who, everywhere[number], name=f"Relawan{number} Nomor", state=state)
    said = office.says("dewi", "relawan")
    assert "*Relawan*: 150" in said
    assert "Menunggu diterima: 1" in said
    labels = [button.label for button in office.last("dewi").buttons]
    first = places.get(everywhere[149])
    assert labels[0] == f"Relawan149 Nomor, {first.name} (mendaftar)"
    assert len(labels) == 9
    assert "aktif" in office.says("dewi", "relawan77") + office.last("dewi").text
    assert office.asks("dewi") == "volunteer_case/action"
    office.says("dewi", "relawan")
    found = office.says("dewi", places.get(everywhere[60]).district)
    assert "Yang cocok" in found
    office.says("dewi", "kembali")
    office.says("dewi", f"desa {places.get(everywhere[88]).name} {places.get(everywhere[88]).district}")
    assert "Relawan88" in office.last("dewi").text

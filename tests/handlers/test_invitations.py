"""Invitations: the office hands out a code, and whoever sends it applies as invited; each use counts once."""

from __future__ import annotations

import concurrent.futures
import re
from dataclasses import replace

import pytest

from flows.codes import ALPHABET
from handlers.sweeps import tidy
from tests.world import World

NGAGLIK = "35.05.03.2016"


@pytest.fixture
def office(world: World) -> World:
    world.arrives("budi")
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    return world


def invites(office: World, village: str = "Ngaglik", people: str = "2", who: str = "dewi") -> str:
    """Let an officer invite; returns the code."""
    office.says(who, "undang relawan")
    office.says(who, village)
    office.says(who, people)
    found = re.search(r"\*undangan (\w+)\*", office.inboxes[who][-2].text)
    assert found, office.inboxes[who][-2:]
    return found[1]


def applies(office: World, who: str, *, village: bool = False) -> str:
    """Let somebody answer what the application asks, but the village unless it is asked."""
    for text in (f"{who.capitalize()} Santoso", *(("Ngaglik",) if village else ()), "cukup", "mengajar HP"):
        office.says(who, text)
    return office.says(who, "ya")


def test_an_officer_gets_a_message_to_send_on_with_the_code_for_each_channel(office: World) -> None:
    code = invites(office)
    message, about = office.inboxes["dewi"][-2:]
    assert len(code) == 6
    assert set(code) <= set(ALPHABET)
    assert f"/start undang-{code}" in message.text
    assert "Desa Ngaglik" in message.text
    assert not message.buttons
    assert "2 pendaftaran" in about.text
    row = office.rows("SELECT code, village, uses_left, inviter_id FROM invitations")[0]
    assert tuple(row) == (code, NGAGLIK, 2, office.person("dewi").contact_id)
    assert tuple(office.rows("SELECT action, subject, allowed FROM audit WHERE action = 'invite'")[0]) == (
        "invite", f"invitation {code}", True,
    )  # fmt: skip


def test_where_the_bots_name_is_known_telegram_gets_a_link(office: World) -> None:
    office.office = replace(office.office, telegram_name="RewangBot")
    code = invites(office, "lewati")
    assert f"https://t.me/RewangBot?start=undang-{code}" in office.inboxes["dewi"][-2].text
    assert office.value("SELECT village FROM invitations") is None


@pytest.mark.parametrize(
    "form", ["undangan {code}", "/start undang-{code}", "Halo, ini *undangan {code}* kata Bu Dewi."]
)
def test_somebody_new_arrives_first_and_then_applies_with_the_village_filled_in(office: World, form: str) -> None:
    code = invites(office)
    first = office.says("eko", form.format(code=code.lower() if form[0] == "u" else code))
    assert "menerima undangan relawan" in first
    assert "Pertanyaan Anda" not in first
    for text in ("1", "setuju", "Salam"):
        said = office.says("eko", text)
    assert "Dewi dari kantor mengundang Anda" in said
    assert office.asks("eko") == "volunteer_join/name"
    assert "menjawab Anda di sini" in applies(office, "eko")
    eko = office.person("eko").contact_id
    assert office.value("SELECT village FROM volunteer_villages WHERE contact_id = :eko", eko=eko) == NGAGLIK
    assert office.person("eko").village != NGAGLIK, "where one lives is asked as always"
    assert f"undangan Anda {code}" in office.last("dewi").text
    assert "Diundang oleh Dewi" in office.last("andi").text
    assert office.value("SELECT uses_left FROM invitations") == 1


def test_the_village_of_an_invitation_can_be_changed_before_sending(office: World) -> None:
    code = invites(office)
    office.says("budi", f"undangan {code}")
    for text in ("Budi Santoso", "cukup", "mengajar HP", "2", "slorok garum", "ya"):
        office.says("budi", text)
    village = office.value("SELECT village FROM volunteer_villages")
    assert office.office.registry.places.get(village).name == "Slorok"


def test_an_application_without_invitation_uses_none_and_names_nobody(office: World) -> None:
    invites(office)
    office.says("budi", "daftar relawan")
    applies(office, "budi", village=True)
    assert "Diundang" not in office.last("andi").text
    assert office.value("SELECT uses_left FROM invitations") == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("undangan ZZZ999", "tidak saya kenal"),
        ("undangan K7F3Q", "tidak saya kenal"),
        ("/start undang-zzz999", "tidak saya kenal"),
    ],
)
def test_an_unknown_code_is_said_to_be_one_and_one_may_apply_without(office: World, typed: str, told: str) -> None:
    assert told in office.says("budi", typed)
    office.presses("budi", "Jadi relawan")
    assert office.asks("budi") == "volunteer_join/name"


def test_an_expired_invitation_says_until_when_it_was_good(office: World) -> None:
    code = invites(office)
    office.later(days=30)
    assert "hanya berlaku sampai Kamis, 24 Desember 2026" in office.says("budi", f"undangan {code}")


def test_a_used_up_invitation_says_so(office: World) -> None:
    code = invites(office, people="1")
    office.says("budi", f"undangan {code}")
    applies(office, "budi")
    office.arrives("eko")
    assert "sudah habis terpakai" in office.says("eko", f"undangan {code}")


def test_a_volunteer_who_sends_it_is_told_how_it_stands(office: World) -> None:
    code = invites(office)
    office.makes_volunteer("budi")
    assert "sudah menjadi relawan" in office.says("budi", f"undangan {code}")
    assert office.value("SELECT uses_left FROM invitations") == 2


def test_words_about_some_other_invitation_are_no_code(office: World) -> None:
    assert "saya kenal" not in office.says("budi", "undangan rapat")


@pytest.mark.parametrize("people", ["0", "51", "banyak"])
def test_how_many_people_has_bounds(office: World, people: str) -> None:
    office.says("dewi", "undang relawan")
    office.says("dewi", "lewati")
    office.says("dewi", people)
    assert office.asks("dewi") == "invite/people"


def test_nobody_but_an_officer_invites(office: World) -> None:
    office.employs("rini", "Rini", "village", NGAGLIK)
    for who in ("budi", "rini"):
        assert "Hanya petugas" in office.says(who, "undang relawan")
    assert office.value("SELECT count(*) FROM audit WHERE action = 'invite' AND NOT allowed") == 2


def test_an_officer_who_was_let_go_meanwhile_invites_nobody(office: World) -> None:
    office.says("andi", "undang relawan")
    office.says("andi", "lewati")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Andi'")
    office.says("andi", "5")
    assert office.value("SELECT count(*) FROM invitations") == 0


def test_of_two_who_send_at_the_same_moment_one_gets_the_last_use_and_both_have_applied(office: World) -> None:
    code = invites(office, people="1")
    office.arrives("eko")
    for who in ("budi", "eko"):
        office.says(who, f"undangan {code}")
        for text in (f"{who} Santoso", "cukup", "mengajar HP"):
            office.says(who, text)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda who: office.says(who, "ya"), ("budi", "eko")))
    assert sorted("tetap masuk tanpa undangan" in text for text in said) == [False, True]
    assert office.value("SELECT uses_left FROM invitations") == 0
    assert office.value("SELECT count(*) FROM volunteers WHERE state = 'applied'") == 2
    notices = [message.text for message in office.inboxes["andi"] if "ingin menjadi relawan" in message.text]
    assert sorted("Diundang oleh Dewi" in text for text in notices) == [False, True]


def test_an_invitation_that_runs_out_while_applying_is_not_used(office: World) -> None:
    code = invites(office)
    office.says("budi", f"undangan {code}")
    office.later(days=31)
    assert "tanpa undangan" in applies(office, "budi")
    assert office.value("SELECT uses_left FROM invitations") == 2


def test_who_invited_and_was_erased_is_named_no_more(office: World) -> None:
    code = invites(office, who="andi")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false WHERE name = 'Andi'")
    for text in ("hapus data", "ya"):
        office.says("andi", text)
    assert office.value("SELECT inviter_id FROM invitations") is None
    assert "Andi" not in office.says("budi", f"undangan {code}")
    assert office.asks("budi") == "volunteer_join/name"


def test_an_invitation_long_expired_is_tidied_away(office: World) -> None:
    invites(office)
    for days, left in ((119, 1), (2, 0)):
        office.later(days=days)
        with office.engine.begin() as connection:
            tidy(connection, office.office.clock(), draft_days=30, chat_days=90)
        assert office.value("SELECT count(*) FROM invitations") == left

"""Officers look after broadcasts: who may, what they see, pausing, cancelling, sending again, and what one person got."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handlers.hours import Quiet
from storage import mutes
from tests.handlers.test_requests import sends_domicile
from tests.world import World

VILLAGERS = ("sri", "budi", "tono", "wati")


@pytest.fixture
def office(world: World) -> World:
    for who in VILLAGERS:
        world.arrives(who)
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    for who in ("dewi", "andi"):
        world.says(who, "menu")
    return world


def states(office: World, number: int) -> dict[str, int]:
    rows = office.rows(
        "SELECT state, count(*) FROM deliveries WHERE broadcast_id = :number GROUP BY state", number=number
    )
    return dict(rows)


def broadcast(office: World, number: int, *columns: str) -> tuple[Any, ...]:
    return tuple(office.rows(f"SELECT {', '.join(columns)} FROM broadcasts WHERE id = {number}")[0])


def audited(office: World, **values: Any) -> list[tuple[str, str, bool]]:
    return [tuple(row) for row in office.rows("SELECT action, subject, allowed FROM audit WHERE action LIKE 'broadcast%' ORDER BY id", **values)]  # fmt: skip


def test_an_officer_sees_the_list_and_one_with_all_that_is_known(office: World) -> None:
    number = office.broadcasts(
        "dewi", "Besok ada bazar *murah* di alun-alun Kanigoro, mulai jam delapan pagi sampai selesai, datang ya."
    )
    office.delivers(number, "sri")
    office.delivers(number, "budi", state="failed", reason="blocked")
    office.delivers(number, "tono", state="unknown", reason="unanswered")
    office.reports()
    said = office.says("andi", "siaran")
    assert f"*{number}* berita, sedang dikirim, terkirim ke 16 % dari 6 orang: “Besok ada bazar murah" in said
    said = office.presses("andi", str(number))
    for words in (
        f"*Siaran {number}* (berita): sedang dikirim", "“Besok ada bazar murah di alun-alun Kanigoro, mulai jam delapan pagi sampai sele…”",
        "Penerima yang dipilih: 6", "*Terkirim: 1*", "Masih menunggu: 3", "Gagal: 1", "• 1: memblokir bot", "Tidak pasti: 1",
    ):  # fmt: skip
        assert words in said
    assert office.asks("andi") == "broadcast_case/action"
    assert audited(office) == [("broadcast list", "broadcasts", True), ("broadcast open", f"broadcast {number}", True)]


@pytest.mark.parametrize("who", ["sri", "camat"])
@pytest.mark.parametrize("typed", ["siaran", "siaran 1", "!siaran 1"])
def test_others_are_refused_and_that_is_audited(office: World, who: str, typed: str) -> None:
    office.employs("camat", "Pak Camat", "inspector")
    number = office.broadcasts("dewi")
    said = office.says(who, choice=typed) if typed.startswith("!") else office.says(who, typed)
    assert "Siaran diurus oleh petugas kabupaten" in said
    assert [row[2] for row in audited(office)] == [False]
    assert broadcast(office, number, "state") == ("running",)


def test_who_is_no_officer_any_more_can_do_nothing_with_the_open_question(office: World) -> None:
    number = office.broadcasts("dewi")
    office.says("andi", f"siaran {number}")
    office.rows(
        "UPDATE staff SET active = false WHERE contact_id = :id RETURNING 1", id=office.person("andi").contact_id
    )
    office.picks("andi", "pause")
    assert broadcast(office, number, "state") == ("running",)
    assert audited(office)[-1] == ("broadcast pause", f"broadcast {number}", False)


def test_a_number_that_is_no_broadcast_is_said(office: World) -> None:
    assert "Tidak ada siaran" in office.says("dewi", "siaran 99")
    assert "Belum ada" in office.says("dewi", "siaran")


@pytest.mark.parametrize("typed", ["siaran", "woro-woro", "broadcast", "daftar siaran", "Siaran."])
def test_the_words_for_it(office: World, typed: str) -> None:
    office.broadcasts("dewi")
    assert "*Siaran*" in office.says("dewi", typed)


def test_it_is_paused_and_goes_on(office: World) -> None:
    number = office.broadcasts("dewi")
    office.says("dewi", f"siaran {number}")
    assert "Dijeda" in office.picks("dewi", "pause")
    assert broadcast(office, number, "state", "reason") == ("paused", None)
    office.presses("dewi", "Lihat siaran")
    assert "dijeda" in office.last("dewi").text
    office.picks("dewi", "resume")
    assert broadcast(office, number, "state") == ("running",)
    assert states(office, number) == {"queued": 6}
    assert [row[0] for row in audited(office)] == [
        "broadcast open",
        "broadcast pause",
        "broadcast open",
        "broadcast resume",
    ]


def test_two_officers_press_at_once_and_the_second_is_told(office: World) -> None:
    number = office.broadcasts("dewi")
    office.says("dewi", f"siaran {number}")
    office.says("andi", f"siaran {number}")
    office.picks("dewi", "pause")
    assert "tidak bisa lagi" in office.picks("andi", "pause")
    assert [row[0] for row in audited(office)].count("broadcast pause") == 1


def test_its_author_is_told_what_a_colleague_did(office: World) -> None:
    number = office.broadcasts("dewi")
    office.says("andi", f"siaran {number}")
    office.picks("andi", "pause")
    assert f"Andi menjeda siaran Anda nomor {number}" in office.last("dewi").text
    office.presses("dewi", "Lihat siaran")
    assert office.asks("dewi") == "broadcast_case/action"


def test_cancelling_asks_once_and_leaves_out_those_that_wait(office: World) -> None:
    number = office.broadcasts("dewi")
    office.delivers(number, "sri")
    office.says("dewi", f"siaran {number}")
    assert "5 orang yang masih menunggu" in office.picks("dewi", "cancel")
    office.picks("dewi", "no")
    assert broadcast(office, number, "state") == ("running",)
    office.picks("dewi", "cancel")
    office.picks("dewi", "yes")
    assert broadcast(office, number, "state", "sweep") == ("cancelled", "cancel")
    office.delivers(number)
    assert states(office, number) == {"sent": 1, "skipped": 5}
    assert broadcast(office, number, "state", "sweep") == ("cancelled", None)
    office.reports()
    said = office.says("dewi", f"siaran {number}")
    assert "• 5: tidak dikirim lagi karena dibatalkan" in said
    assert [button.label for button in office.last("dewi").buttons] == ["Angka terbaru", "Tabel hasil", "Semua siaran"]


def test_one_that_has_not_begun_is_cancelled_too(office: World) -> None:
    number = office.broadcasts("dewi")
    office.rows(
        f"UPDATE broadcasts SET state = 'scheduled', started_at = NULL, watched = false WHERE id = {number} RETURNING 1"
    )
    office.rows(f"DELETE FROM deliveries WHERE broadcast_id = {number} RETURNING 1")
    office.says("dewi", f"siaran {number}")
    office.picks("dewi", "cancel")
    office.picks("dewi", "yes")
    assert broadcast(office, number, "state", "sweep", "watched") == ("cancelled", None, False)


def test_those_that_failed_are_sent_to_again_and_it_runs_again(office: World) -> None:
    number = office.broadcasts("dewi")
    office.delivers(number, "sri", "budi", state="failed", reason="not_connected")
    office.delivers(number)
    assert broadcast(office, number, "state") == ("done",)
    office.says("andi", f"siaran {number}")
    assert "2 orang" in office.picks("andi", "again_failed")
    office.picks("andi", "yes")
    assert broadcast(office, number, "state", "ended_at", "sweep") == ("running", None, "failed")
    office.delivers(number)
    assert states(office, number) == {"sent": 6}
    assert broadcast(office, number, "state", "sweep") == ("done", None)


def test_those_in_doubt_are_only_sent_to_again_knowing_that_some_get_it_twice(office: World) -> None:
    number = office.broadcasts("dewi")
    office.delivers(number, "sri", state="unknown", reason="unanswered")
    office.delivers(number)
    office.says("dewi", f"siaran {number}")
    assert "*dua kali*" in office.picks("dewi", "again_unknown")
    office.picks("dewi", "yes")
    office.says("andi", f"siaran {number}")
    assert not any("again" in button.data for button in office.last("andi").buttons), "they are being lined up already"
    office.delivers(number)
    assert states(office, number) == {"sent": 6}


def test_who_stops_after_it_is_counted_against_it_once(office: World) -> None:
    first = office.broadcasts("dewi", "Satu")
    office.delivers(first)
    office.later(minutes=5)
    last = office.broadcasts("dewi", "Dua")
    office.delivers(last)
    office.says("sri", "stop berita")
    office.says("sri", "stop berita")
    office.says("budi", "stop")
    office.says("tono", "stop acara")
    office.later(hours=25)
    office.says("wati", "stop")
    assert broadcast(office, last, "stopped") == (2,)
    assert broadcast(office, first, "stopped") == (0,)
    assert "Setelah ini minta berhenti: 2" in office.says("dewi", f"siaran {last}")


def test_a_button_under_a_broadcast_is_typed_by_its_number_or_words(office: World) -> None:
    buttons = '[["Urus surat", "Urus serat", "layanan"], ["Belajar", "Sinau", "belajar"]]'
    number = office.broadcasts("dewi", buttons=buttons)
    office.says("sri", "batal")
    office.says("budi", "batal")
    office.later(minutes=1)
    office.delivers(number)
    office.says("sri", "2")
    assert office.asks("sri") == "learn/lesson" or office.asks("sri").startswith("learn")
    office.says("budi", "urus surat")
    assert office.asks("budi").startswith("services")


def test_what_was_written_after_a_broadcast_or_a_week_on_is_what_a_number_means(office: World) -> None:
    number = office.broadcasts("dewi", buttons='[["Belajar", "Sinau", "belajar"]]')
    office.delivers(number)
    office.later(minutes=1)
    office.says("sri", "batal")
    assert office.last("sri").buttons[0].label == "Menu utama"
    office.says("sri", "1")
    assert office.asks("sri").startswith("menu")
    office.later(days=8)
    office.says("budi", "batal")
    office.rows("UPDATE deliveries SET at = 1 RETURNING 1")
    office.says("budi", "1")
    assert office.asks("budi").startswith("menu")


def test_staff_see_what_one_person_got(office: World) -> None:
    office.says("sri", "menu")
    code = sends_domicile(office)
    office.says("dewi", f"buka {code}")
    assert not any(button.data.endswith("broadcasts_got") for button in office.last("dewi").buttons)
    first = office.broadcasts("dewi", "Besok ada bazar.")
    office.delivers(first)
    sri = office.person("sri").contact_id
    with office.engine.begin() as connection:
        mutes.mute(connection, sri, "news", office.office.clock())
    office.broadcasts("dewi", "Bazar ditunda.")
    office.says("dewi", f"buka {code}")
    said = office.picks("dewi", "broadcasts_got")
    first_line, second_line = said.split("\n\n")[1].split("\n")
    assert first_line.endswith("berita “Bazar ditunda.”: tidak dikirimi (tidak mau kabar jenis ini)")
    assert second_line.endswith("berita “Besok ada bazar.”: dikirim")
    assert audited(office)[-1] == ("broadcast history", f"contact {office.person('sri').contact_id}", True)


def test_an_officer_sees_it_of_a_volunteer_too(office: World) -> None:
    contact = office.makes_volunteer("budi")
    office.delivers(office.broadcasts("dewi", "Besok ada bazar."))
    office.says("dewi", "relawan")
    office.picks("dewi", f"volunteer:{contact}")
    assert "Besok ada bazar." in office.picks("dewi", "broadcasts_got")


def test_in_quiet_hours_it_says_when_it_goes_on(office: World) -> None:
    office.office = replace(office.office, quiet=Quiet())
    number = office.broadcasts("dewi")
    office.later(hours=11)  # 21.00
    assert "istirahat" in office.says("dewi", f"siaran {number}")
    assert "25 November 2026 07.00" in office.last("dewi").text


def test_the_table_is_made_after_the_turn_and_named_after_the_broadcast(office: World) -> None:
    number = office.broadcasts("dewi")
    office.delivers(number)
    office.says("dewi", f"siaran {number}")
    office.picks("dewi", "table")
    office.picks("dewi", "csv")
    assert office.last("dewi").file_name == f"siaran-{number}.csv"
    assert office.rows("SELECT vendor_ref FROM media")[0][0].startswith("broadcast_table:")
    assert audited(office)[-1] == ("broadcast export", f"broadcast {number} csv", True)


@pytest.mark.parametrize("typed", ["batal", "batalkan", "Batalkan"])
def test_batal_leaves_the_question_and_says_that_the_broadcast_goes_on(office: World, typed: str) -> None:
    number = office.broadcasts("dewi")
    office.says("dewi", f"siaran {number}")
    assert f"siaran {number} tetap seperti sekarang" in office.says("dewi", typed)
    assert broadcast(office, number, "state") == ("running",)
    office.presses("dewi", "Lihat siaran")
    office.says("dewi", "batalkan siaran")
    assert office.asks("dewi") == "broadcast_case/sure"

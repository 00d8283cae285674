"""The recap of learning: for the regency's office by place and month; everybody else sees how far they are themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from storage import contacts, learning, subscriptions
from tests.handlers.test_recap import NGAGLIK, SALAM, audited, plain, reported
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    """Dewi coordinates, Budi is a volunteer, Sri a villager; it is November 2026."""
    for who in ("budi", "sri"):
        world.arrives(who)
    world.employs("dewi")
    world.makes_volunteer("budi", SALAM, name="Budi Santoso")
    learned(world, "aman_otp", SALAM, "2026-11", started=7, finished=5, right=4, wrong=2)
    learned(world, "aman_otp", NGAGLIK, "2026-11", started=2, finished=1, right=1)
    learned(world, "cakap_bayar_qris", NGAGLIK, "2026-11", started=1200, finished=1100, right=3, wrong=12)
    learned(world, "etika_sopan_grup", "", "2026-11", started=3)
    learned(world, "aman_sandi", SALAM, "2026-10", started=4, finished=4, right=3, wrong=1)
    certified(world, "sri", "aman")
    reported(world, "budi", "literasi", SALAM, "2026-11-02", 25)
    return world


def learned(world: World, lesson: str, village: str, month: str, **figures: int) -> None:
    """Put figures there."""
    with world.engine.begin() as connection:
        learning.count(connection, lesson, village, month, **figures)


def certified(world: World, who: str, pillar: str) -> None:
    """Put a certificate there, given now."""
    contact, now = world.person(who).contact_id, world.office.clock()
    with world.engine.begin() as connection:
        learning.add_certificate(connection, f"SRT-{pillar}", contact, pillar, who.capitalize(), now)


def labels(world: World, who: str) -> list[str]:
    return [button.label for button in world.last(who).buttons]


def test_the_office_reads_the_whole_regency_beside_the_month_before(office: World) -> None:
    said = plain(office.says("dewi", "rekap belajar"))
    for line in (
        "Rekap belajar: November 2026", "Kabupaten Blitar", "Materi dimulai: 1.212 (Oktober 2026: 4)",
        "Materi selesai: 1.106 (Oktober 2026: 4)", "Sertifikat: 1 (Oktober 2026: 0)",
        "Jawaban benar: 36 % dari 22 jawaban (Oktober 2026: 75 %)", "• Aman digital: 9 dimulai, 6 selesai, 1 sertifikat",
        "• Cakap digital: 1.200 dimulai, 1.100 selesai", "Desa yang warganya belajar: 2 dari 248",
        "Desanya tidak diketahui: 3 dimulai, 0 selesai", "2. Kode OTP: 6 selesai",
        "1. Desa Ngaglik, Kec. Srengat: 1.202 dimulai, 1.101 selesai", "2. Desa Salam, Kec. Wonodadi: 7 dimulai, 5 selesai",
        "• Bayar dengan QRIS: benar 3 dari 15",
    ):  # fmt: skip
        assert line in said.split("\n")
    assert "Sri" not in said
    assert labels(office, "dewi") == ["Oktober 2026", "Tabel", "Rekap kunjungan"]


@pytest.mark.parametrize(
    ("words", "subject", "line"),
    [
        ("rekap sinau", "Kabupaten Blitar", "Materi selesai: 1.106 (Oktober 2026: 4)"),
        ("rekap pelajaran", "Kabupaten Blitar", "Materi selesai: 1.106 (Oktober 2026: 4)"),
        ("rekap literasi digital", "Kabupaten Blitar", "Materi selesai: 1.106 (Oktober 2026: 4)"),
        ("Rekap Belajar Srengat", "Kecamatan Srengat", "Materi selesai: 1.101 (Oktober 2026: 0)"),
        ("rekap belajar bulan lalu", "Kabupaten Blitar", "Materi selesai: 4 (September 2026: 0)"),
        ("rekap belajar 2026", "Kabupaten Blitar", "Materi selesai: 1.110 (2025: 0)"),
        ("rekap literasi digital desa ngaglik taun niki", "Desa Ngaglik, Kec. Srengat", "Materi selesai: 1.101 (2025: 0)"),
        ("nyuwun rekap sinau wulan wingi", "Kabupaten Blitar", "Materi selesai: 4 (September 2026: 0)"),
        ("tolong rekap belajar kecamatan wonodadi", "Kecamatan Wonodadi", "Materi selesai: 5 (Oktober 2026: 4)"),
    ],
)  # fmt: skip
def test_it_is_asked_for_in_many_words(office: World, words: str, subject: str, line: str) -> None:
    said = plain(office.says("dewi", words)).split("\n")
    assert said[1] == subject
    assert line in said


@pytest.mark.parametrize("words", ["rekap literasi", "rekap sinau bareng", "rekap literasi 2026"])
def test_literacy_alone_stays_a_kind_of_visit(office: World, words: str) -> None:
    assert "Kabupaten Blitar · Literasi\n\nKunjungan: 1" in plain(office.says("dewi", words))


@pytest.mark.parametrize("words", ["rekap belajar minggu lalu", "rekap belajar 3 november", "rekap belajar 2026-W47"])
def test_a_week_or_a_day_is_answered_with_its_month_and_that_is_said(office: World, words: str) -> None:
    said = plain(office.says("dewi", words))
    assert said.startswith("Rekap belajar: November 2026\nKabupaten Blitar\nBelajar dihitung per bulan")
    assert "Materi selesai: 1.106" in said


def test_a_village_has_no_list_of_villages(office: World) -> None:
    said = plain(office.says("dewi", "rekap belajar salam"))
    assert "Materi selesai: 5 (Oktober 2026: 4)" in said
    assert "Desa yang" not in said


def test_a_certificate_counts_where_its_holder_lives_and_when_it_was_given(office: World) -> None:
    assert "Sertifikat: 1 (Oktober 2026: 0)" in plain(office.says("dewi", "rekap belajar wonodadi"))
    assert "Sertifikat: 0 (Oktober 2026: 0)" in plain(office.says("dewi", "rekap belajar srengat"))
    office.office = replace(office.office, clock=lambda: datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
    certified(office, "budi", "etika")  # it is December in Blitar
    assert "Sertifikat: 1 (November 2026: 1)" in plain(office.says("dewi", "rekap belajar"))


def test_with_an_erasure_the_certificate_goes_and_the_nameless_figures_stay(office: World) -> None:
    for text in ("hapus data", "ya"):
        office.says("sri", text)
    said = plain(office.says("dewi", "rekap belajar"))
    assert "Sertifikat: 0 (Oktober 2026: 0)" in said
    assert "Materi selesai: 1.106 (Oktober 2026: 4)" in said


def test_a_question_is_to_be_revised_from_ten_answers_on_and_below_forty_percent(office: World) -> None:
    for lesson, right, wrong in (
        ("aman_apk", 0, 9), ("aman_judi", 0, 10), ("aman_wifi", 0, 12), ("budaya_cek_hoaks", 4, 6), ("etika_izin_foto", 39, 61),
        ("cakap_of_an_earlier_release", 0, 50),
    ):  # fmt: skip
        learned(office, lesson, SALAM, "2026-11", right=right, wrong=wrong)
    said = plain(office.says("dewi", "rekap belajar"))
    listed = said.partition("Pertanyaan yang perlu diperbaiki")[2].split("\n")[1:]
    assert listed == [
        "• Wifi umum: benar 0 dari 12",
        "• Judi online: benar 0 dari 10",
        "• Bayar dengan QRIS: benar 3 dari 15",
        "• Izin memotret orang: benar 39 dari 100",
    ]


def test_five_questions_to_revise_are_listed_and_the_others_counted(office: World) -> None:
    for lesson in list(office.office.registry.lessons)[:4]:
        learned(office, lesson, NGAGLIK, "2026-11", wrong=20)
    assert "lihat tabel" not in office.says("dewi", "rekap belajar"), "with that of QRIS they are five"
    for lesson in list(office.office.registry.lessons)[4:6]:
        learned(office, lesson, NGAGLIK, "2026-11", wrong=30)
    said = office.says("dewi", "rekap belajar")
    assert said.count("• ") == 3 + 5, "pillars, then questions"
    assert "… dan 2 lagi: lihat tabel" in said


def test_where_all_is_well_no_question_is_to_be_revised(office: World) -> None:
    assert "terlalu sedikit untuk menilai" in office.says("dewi", "rekap belajar bulan lalu")
    learned(office, "aman_sandi", SALAM, "2026-10", right=6)
    assert "Tidak ada pertanyaan yang perlu diperbaiki." in office.says("dewi", "rekap belajar bulan lalu")
    assert "pertanyaan" not in office.says("dewi", "rekap belajar 2024")


def test_the_recaps_of_visits_and_of_learning_lead_to_each_other(office: World) -> None:
    office.says("dewi", "rekap")
    assert "Rekap belajar: November 2026" in plain(office.presses("dewi", "Rekap belajar"))
    assert "Materi selesai: 4 (September 2026: 0)" in plain(office.presses("dewi", "Oktober 2026"))
    assert "Rekap: Oktober 2026" in plain(office.presses("dewi", "Rekap kunjungan"))
    office.says("dewi", "rekap belajar srengat")
    assert "Kecamatan Srengat" in office.presses("dewi", "Rekap kunjungan")
    assert "Rekap belajar" not in labels(office, "dewi"), "only where the whole regency is shown"
    office.says("dewi", "rekap literasi")
    assert "Rekap belajar" not in labels(office, "dewi")


def test_a_narrowed_recap_keeps_its_place_from_month_to_month(office: World) -> None:
    office.says("dewi", "rekap belajar wonodadi")
    said = plain(office.presses("dewi", "Oktober 2026"))
    assert "Kecamatan Wonodadi" in said
    assert "Materi selesai: 4" in said


def test_a_village_name_that_several_bear_is_asked_about(office: World) -> None:
    assert "kecamatan mana" in office.says("dewi", "rekap sinau sumberagung 2026")
    label = labels(office, "dewi")[0]
    said = plain(office.presses("dewi", label))
    assert f"Rekap belajar: 2026\nDesa Sumberagung, Kec. {label}" in said


def test_a_name_that_no_place_bears_is_said_to_be_none(office: World) -> None:
    assert "tidak menemukan tempat" in office.says("dewi", "rekap belajar xyzzy")
    assert "tidak menemukan tempat" in office.says("dewi", "rekap belajar budi"), "a volunteer is no place"


@pytest.mark.parametrize("who", ["budi", "sri"])
@pytest.mark.parametrize(
    "words", ["rekap belajar", "rekap sinau salam", "!rekap belajar 2026 35.05.01", "rekap belajar budi"]
)
def test_others_come_to_their_own_learning(office: World, who: str, words: str) -> None:
    said = office.says(who, choice=words) if words.startswith("!") else office.says(who, words)
    assert office.asks(who) == "learn/choice"
    assert not any(figure in said for figure in ("dimulai", "selesai", "Kecamatan", "Budi Santoso"))
    assert audited(office) == []


@pytest.mark.parametrize("role", ["inspector", "village"])
def test_staff_who_do_not_coordinate_come_to_their_own_learning(office: World, role: str) -> None:
    office.employs("rini", "Rini", role, SALAM if role == "village" else None)
    office.says("rini", "rekap belajar")
    assert office.asks("rini") == "learn/choice"


def test_an_officer_who_asks_for_their_own_learning_gets_it(office: World) -> None:
    office.says("dewi", "rekap belajar saya")
    assert office.asks("dewi") == "learn/choice"


def test_an_officer_who_was_let_go_meanwhile_sees_nothing(office: World) -> None:
    office.says("dewi", "rekap belajar")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contacts SET consent = true")
        connection.exec_driver_sql("UPDATE staff SET active = false")
    assert "Materi" not in office.presses("dewi", "Oktober 2026")
    assert office.asks("dewi") == "learn/choice"


@pytest.mark.parametrize("who", ["budi", "sri"])
@pytest.mark.parametrize("words", ["rekap belajar ekspor", "rekap sinau excel bulan lalu", "rekap belajar 2026 csv"])
def test_tables_are_for_the_office(office: World, who: str, words: str) -> None:
    assert "hanya untuk petugas kabupaten" in office.says(who, words)
    assert audited(office) == [("recap export", "lessons", False)]
    assert office.asks(who) == ""


def test_the_question_that_is_open_yields_to_it_and_a_sentence_does_not(office: World) -> None:
    office.says("dewi", "menu")
    assert "Rekap belajar: Oktober 2026" in plain(office.says("dewi", "rekap belajar bulan lalu"))
    for text in ("kunjungan", "literasi", "Salam", "kemarin", "25"):
        office.says("budi", text)
    asked = office.asks("budi")
    office.says("budi", "rekap belajar bersama ibu-ibu PKK di balai desa kemarin siang")
    assert not office.asks("budi").startswith("learn"), asked


def test_every_reply_fits_the_channels_and_every_button_its_place(office: World) -> None:
    codes = [village.code for village in office.office.registry.places.villages_of("35.05.10")]
    for number, lesson in enumerate(office.office.registry.lessons):
        learned(office, lesson, codes[number % len(codes)], "2026-11", started=99_999, finished=99_999, right=9_999, wrong=99_999)  # fmt: skip
    for words in ("rekap belajar", "rekap sinau kanigoro 2026", "rekap"):
        office.says("dewi", words)
    for message in office.inboxes["dewi"]:
        assert len(message.text) <= 1500
        assert len(message.buttons) <= 4
        assert all(len(button.label) <= 24 and len(button.data) <= 64 for button in message.buttons)


def test_it_speaks_javanese(office: World) -> None:
    office.says("dewi", "basa jawa")
    said = plain(office.says("dewi", "rekap sinau"))
    assert "Materi rampung: 1.106 (Oktober 2026: 4)" in said
    assert "• Mbayar ngginakaken QRIS: leres 3 saking 15" in said


def test_subscribers_are_told_of_once_there_are_any_by_period_pillar_and_place(office: World) -> None:
    assert "Langganan" not in office.says("dewi", "rekap belajar")
    villages = (SALAM, SALAM, NGAGLIK, None, SALAM)
    wishes = (
        ("day", "", "on"),
        ("day", "aman", "held"),
        ("week", "", "asked"),
        ("day", "", "on"),
        ("day", "", "paused"),
    )
    with office.engine.begin() as connection:
        for number, (village, (period, pillar, state)) in enumerate(zip(villages, wishes, strict=True), start=100):
            person = contacts.add_person(connection, "telegram", f"p{number}", None, office.office.clock())
            contacts.change_contact(connection, person.contact_id, village=village)
            subscriptions.put(
                connection, person.contact_id, period=period, weekday=0, minute=600, pillar=pillar, state=state,
                next_at=office.office.clock() if state == "on" else None, silent=0, changed_at=office.office.clock(),
            )  # fmt: skip
    said = office.says("dewi", "rekap belajar")
    assert "Langganan tips: 3 orang setiap hari, 1 orang setiap minggu" in said
    assert "khusus Aman digital: 1" in said
    assert "Langganan tips: 2 orang setiap hari, 0 orang setiap minggu" in office.says(
        "dewi", "rekap belajar desa salam"
    )

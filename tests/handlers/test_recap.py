"""Recaps: a volunteer sees their own figures, the office everybody's; who asks for another's is refused and audited."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import pytest
import sqlalchemy as sa

from handlers.office import Programme
from storage.tables import helps, requests, visits
from tests.world import World

SALAM, NGAGLIK, KADEMANGAN = "35.05.01.2002", "35.05.03.2016", "35.05.04.1011"
NUMBERS = count(1)


@pytest.fixture
def office(world: World) -> World:
    """Budi and Siti are volunteers, Dewi coordinates, Sri lives there; it is November 2026."""
    for who in ("budi", "siti", "sri"):
        world.arrives(who)
    world.employs("dewi")
    world.makes_volunteer("budi", SALAM, NGAGLIK, name="Budi Santoso")
    world.makes_volunteer("siti", KADEMANGAN, name="Siti Aminah")
    reported(world, "budi", "literasi", SALAM, "2026-11-02", 25, state="approved", women=15)
    reported(world, "budi", "literasi", SALAM, "2026-11-09", 1200)
    reported(world, "budi", "pendampingan", NGAGLIK, "2026-10-01", 12)
    reported(world, "siti", "lomba_desa", KADEMANGAN, "2026-11-20", 9, state="sent_back")
    reported(world, "siti", "lomba_desa", KADEMANGAN, "2026-10-20", 7)
    return world


def reported(
    world: World, who: str, kind: str, village: str, day: str, people: int, *, state: str = "received", women: int | None = None
) -> None:  # fmt: skip
    """Put a visit there."""
    now, contact = world.office.clock(), world.person(who).contact_id
    with world.engine.begin() as connection:
        connection.execute(
            sa.insert(visits).values(
                code=f"KNJ-{next(NUMBERS)}", contact_id=contact, kind=kind, village=village, day=day,
                people=people, women=women, state=state, answers=json.dumps({"village": village, "day": day}), created_at=now,
                updated_at=now,
            )
        )  # fmt: skip


def helped(world: World, who: str | None, village: str, state: str, *, days_ago: int = 0) -> None:
    """Put a request there that a volunteer helps with."""
    number, now = next(NUMBERS), world.office.clock()
    helper = world.person(who).contact_id if who else None
    with world.engine.begin() as connection:
        connection.execute(
            sa.insert(requests).values(
                id=number, code=f"BLT-{number}", service="sku", version="1", kind="service", village=village,
                confidential=False, anonymous=False, state="received", answers="{}", created_at=now, updated_at=now,
            )
        )  # fmt: skip
        world.later(days=-days_ago)
        connection.execute(
            sa.insert(helps).values(
                request_id=number, contact_id=helper, state=state, offered_at=now, heard_at=world.office.clock()
            )
        )
        world.later(days=days_ago)


def plain(text: str) -> str:
    return text.replace("*", "")


def aims(world: World, **targets: int) -> None:
    world.office = replace(world.office, programme=Programme(targets=targets))


def audited(world: World) -> list[tuple[str, str, bool]]:
    rows = world.rows("SELECT action, subject, allowed FROM audit WHERE action LIKE 'recap%' ORDER BY id")
    return [(action, subject, bool(allowed)) for action, subject, allowed in rows]


def test_a_volunteer_reads_this_month_beside_the_last_and_the_year(office: World) -> None:
    helped(office, "budi", SALAM, "done")
    helped(office, "budi", SALAM, "done", days_ago=40)
    month, _, year = plain(office.says("budi", "rekap")).partition("Tahun 2026")
    for line in (
        "Rekap: November 2026", "Kunjungan: 2 (Oktober 2026: 1)", "Disetujui: 1", "Peserta: 1.225 (Oktober 2026: 12)",
        "Perempuan: 15", "Permintaan selesai: 1 (Oktober 2026: 1)", "• Literasi: 2 kunjungan, 1.225 orang",
    ):  # fmt: skip
        assert line in month
    assert "Lomba" not in month + year
    for line in ("Kunjungan: 3", "Peserta: 1.237", "Permintaan selesai: 2", "• Pendampingan: 1 kunjungan, 12 orang"):
        assert line in year


def test_a_visit_sent_back_does_not_count_until_it_is_sent_again(office: World) -> None:
    assert "Kunjungan: 0 (Oktober 2026: 1)" in plain(office.says("siti", "rekap"))
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE visits SET state = 'resubmitted' WHERE state = 'sent_back'")
    assert "Kunjungan: 1 (Oktober 2026: 1)" in plain(office.says("siti", "rekap"))


def test_a_volunteer_reads_which_of_their_villages_wait_for_a_visit(office: World) -> None:
    said = office.says("budi", "rekap")
    assert "Desa Ngaglik, Kec. Srengat: terakhir 1 Oktober 2026" in said
    assert "Desa Salam" not in said
    reported(office, "siti", "literasi", NGAGLIK, "2026-11-21", 5)
    assert "Semua desa dampingan sudah dikunjungi" in office.says("budi", "rekap"), "whoever visits, it was visited"


def test_the_last_month_and_the_picture_are_a_press_away(office: World) -> None:
    office.says("budi", "rekap")
    said = plain(office.presses("budi", "Oktober 2026"))
    assert "Kunjungan: 1 (September 2026: 0)" in said
    office.presses("budi", "Gambar")
    assert len(office.last("budi").media) == 1
    assert office.last("budi").buttons[0].label == "Rekap kunjungan"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("berapa kunjungan saya bulan lalu", "Kunjungan: 1 (September 2026: 0)"),
        ("rekap minggu lalu", "Rekap: 16–22 November 2026"),
        ("rekap tgl 1 sampai 20", "Rekap: 1–20 November 2026"),
        ("rekap 1-20 november", "Rekap: 1–20 November 2026"),
        ("nyuwun rekap saking tgl 1 dumugi 20 oktober", "Rekap: 1–20 Oktober 2026"),
        ("rekap literasi 2026", "Kunjungan: 2 (2025: 0)"),
        ("rekap ngaglik 2026", "Kunjungan: 1 (2025: 0)"),
        ("nyuwun rekap kula taun niki", "Kunjungan: 3 (2025: 0)"),
        ("piye rekap kegiatane dewe wulan wingi", "Kunjungan: 1 (September 2026: 0)"),
    ],
)
def test_a_volunteer_asks_in_their_own_words(office: World, words: str, line: str) -> None:
    assert line in plain(office.says("budi", words))


def test_from_some_days_one_goes_to_as_many_before_and_to_their_table(office: World) -> None:
    office.says("budi", "rekap 1-20 november")
    assert [button.label for button in office.last("budi").buttons] == ["Hari sebelumnya", "Gambar"]
    assert "Rekap: 12–31 Oktober 2026" in plain(office.presses("budi", "Hari sebelumnya"))
    office.says("dewi", "rekap literasi kademangan 1 oktober sampai 20 november")
    assert max(len(button.data.encode()) for button in office.last("dewi").buttons) <= 64
    office.says("dewi", "rekap 1 oktober sampai 20 november")
    office.presses("dewi", "Tabel")
    office.picks("dewi", "csv")
    assert office.last("dewi").file_name == "rekap-2026-10-01-2026-11-20.csv"


@pytest.mark.parametrize("words", ["rekap siti", "rekap relawan Siti Aminah", "rekap aminah oktober"])
def test_a_volunteer_who_names_another_is_refused(office: World, words: str) -> None:
    said = office.says("budi", words)
    assert "hanya bisa melihat angka Anda sendiri" in said
    assert "Kunjungan:" not in plain(said)
    siti = office.person("siti").contact_id
    assert audited(office) == [("recap", f"volunteer {siti}", False)]


@pytest.mark.parametrize("who", ["budi", "sri"])
@pytest.mark.parametrize("rest", ["", " gambar", " 2026-10", " 2026-10 gambar"])
def test_a_forged_button_shows_nothing_of_others(office: World, who: str, rest: str) -> None:
    siti = office.person("siti").contact_id
    said = office.says(who, choice=f"!rekap v{siti}{rest}")
    assert "hanya bisa melihat angka Anda sendiri" in said
    assert office.rows("SELECT 1 FROM media") == []
    assert audited(office) == [("recap", f"volunteer {siti}", False)]


def test_a_place_narrows_ones_own_figures_and_opens_nobody_elses(office: World) -> None:
    said = plain(office.says("budi", choice=f"!rekap 2026 {KADEMANGAN}"))
    assert "Kunjungan: 0 (2025: 0)" in said
    assert "Siti" not in said


@pytest.mark.parametrize("who", ["budi", "sri"])
@pytest.mark.parametrize("words", ["rekap ekspor", "rekap 2026-11 ekspor", "rekap excel bulan lalu"])
def test_tables_are_for_the_office(office: World, who: str, words: str) -> None:
    assert "hanya untuk petugas kabupaten" in office.says(who, words)
    assert audited(office) == [("recap export", "visits", False)]
    assert office.asks(who) == ""


def test_who_is_neither_volunteer_nor_staff_is_told_how_to_become_one(office: World) -> None:
    said = office.says("sri", "rekap bulan ini")
    assert "daftar relawan" in said
    assert "Kunjungan" not in said
    office.presses("sri", "Jadi relawan")
    assert office.asks("sri") == "volunteer_join/name"
    assert audited(office) == []


@pytest.mark.parametrize("role", ["inspector", "village"])
def test_staff_who_do_not_coordinate_see_no_figures(office: World, role: str) -> None:
    office.employs("rini", "Rini", role, SALAM if role == "village" else None)
    assert "daftar relawan" in office.says("rini", "rekap")
    assert "hanya bisa" in office.says("rini", choice=f"!rekap v{office.person('budi').contact_id}")


def test_an_officer_who_was_let_go_meanwhile_sees_nothing(office: World) -> None:
    office.says("dewi", "rekap budi")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contacts SET consent = true")
        connection.exec_driver_sql("UPDATE staff SET active = false")
    assert "hanya bisa" in office.presses("dewi", "Oktober 2026")


def test_the_office_reads_the_whole_regency(office: World) -> None:
    for who, state in (("budi", "done"), ("budi", "taken"), (None, "offered"), (None, "offered"), (None, "closed")):
        helped(office, who, SALAM, state)
    said = plain(office.says("dewi", "rekap"))
    for line in (
        "Kabupaten Blitar", "Kunjungan: 2 (Oktober 2026: 2)", "Peserta: 1.225 (Oktober 2026: 19)", "Permintaan selesai: 1",
        "1. Budi Santoso: 2 kunjungan, 1.225 orang", "Dari desa yang punya relawan: 2 dari 3",
        "Dari semua desa dan kelurahan: 247 dari 248", "Desa Ngaglik, Kec. Srengat: terakhir 1 Oktober 2026",
        "Kunjungan menunggu diperiksa: 3", "Permintaan yang ditawarkan ke relawan, belum selesai: 3, belum diambil: 2",
    ):  # fmt: skip
        assert line in said
    assert "Siti" not in said, "sent back is not active"


@pytest.mark.parametrize(
    ("words", "line", "subject"),
    [
        ("rekap kademangan 2026", "Kunjungan: 1 (2025: 0)", "Kecamatan Kademangan"),
        ("rekap bulan oktober", "Kunjungan: 2 (September 2026: 0)", "Kabupaten Blitar"),
        ("rekap 2026 literasi", "Kunjungan: 2 (2025: 0)", "Kabupaten Blitar · Literasi"),
        ("rekap budi", "Kunjungan: 2 (Oktober 2026: 1)", "Budi Santoso"),
        ("rekap desa ngaglik bulan lalu", "Kunjungan: 1 (September 2026: 0)", "Desa Ngaglik, Kec. Srengat"),
        ("rekap lomba desa kademangan oktober", "Kunjungan: 1", "Kecamatan Kademangan · Lomba desa"),
        (
            "nyuwun rekap pendampingan sak kabupaten taun iki",
            "Kunjungan: 1 (2025: 0)",
            "Kabupaten Blitar · Pendampingan",
        ),
    ],
)
def test_the_office_asks_for_a_place_a_time_a_kind_or_a_volunteer(
    office: World, words: str, line: str, subject: str
) -> None:
    said = plain(office.says("dewi", words))
    assert line in said
    assert subject in said


def test_to_look_at_one_volunteer_is_audited_and_the_reply_goes_with_their_erasure(office: World) -> None:
    office.says("dewi", "rekap budi")
    budi = office.person("budi").contact_id
    assert audited(office) == [("recap", f"volunteer {budi}", True)]
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert office.rows("SELECT 1 FROM outbox WHERE payload LIKE '%Budi Santoso%' AND payload LIKE '%Rekap%'") == []


def test_a_name_that_several_bear_is_asked_about(office: World) -> None:
    office.arrives("joko")
    joko = office.makes_volunteer("joko", SALAM, name="Budi Hartono")
    assert "beberapa relawan" in office.says("dewi", "rekap budi oktober")
    assert f"!rekap 2026-10 v{joko}" in [button.data for button in office.last("dewi").buttons]
    assert "Budi Hartono" in office.presses("dewi", "Budi Hartono")


def test_a_village_name_that_several_bear_is_asked_about(office: World) -> None:
    assert "kecamatan mana" in office.says("dewi", "rekap sumberagung")
    labels = [button.label for button in office.last("dewi").buttons]
    assert len(labels) > 1
    assert f"Kec. {labels[0]}" in office.presses("dewi", labels[0])


def test_a_name_that_nobody_bears_is_said_to_be_none(office: World) -> None:
    assert "tidak menemukan" in office.says("dewi", "rekap xyzzy")
    assert "Kunjungan:" not in plain(office.last("dewi").text)


def test_erased_volunteers_still_count_but_are_named_nowhere(office: World) -> None:
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    said = plain(office.says("dewi", "rekap"))
    assert "Kunjungan: 2 (Oktober 2026: 2)" in said
    assert "Budi" not in said


def test_targets_say_how_far_they_are_and_whether_time_runs_ahead(office: World) -> None:
    aims(office, visits=4, people=1100, literasi=12, villages=248)
    said = plain(office.says("dewi", "rekap"))
    for line in (
        "Target 2026 (89 % tahun ini sudah lewat)", "• Kunjungan: 4 dari 4 (100 %), sesuai jadwal",
        "• Peserta: 1.244 dari 1.100 (113 %), sesuai jadwal", "• Literasi: 2 dari 12 (16 %), tertinggal",
        "• Desa dikunjungi: 3 dari 248 (1 %), tertinggal",
    ):  # fmt: skip
        assert line in said


def test_a_volunteer_reads_the_targets_they_have_a_part_in(office: World) -> None:
    aims(office, visits=4, lomba_desa=10)
    said = plain(office.says("budi", "rekap"))
    assert "• Kunjungan: 4 dari 4 (100 %), sesuai jadwal; dari Anda 3" in said
    assert "Lomba desa: " not in said
    assert "dari Anda 1" in plain(office.says("siti", "rekap"))


def test_a_recap_in_the_middle_of_a_report_keeps_it_as_a_draft(office: World) -> None:
    for text in ("kunjungan", "literasi", "Salam"):
        office.says("budi", text)
    assert "draf" in office.says("budi", "rekap").lower()
    office.says("budi", "menu")
    assert office.last("budi").buttons[-1].label == "Lanjut: Literasi Salam"


def test_every_reply_fits_the_channels_and_every_button_its_place(office: World) -> None:
    aims(
        office,
        **dict.fromkeys(
            ("visits", "pendampingan", "digitalisasi", "literasi", "lomba_desa", "people", "requests", "villages"),
            100_000,
        ),
    )
    for who in ("dewi", "budi"):
        office.says(who, "rekap")
        for message in office.inboxes[who]:
            assert len(message.text) <= 1500
            assert all(len(button.label) <= 24 and len(button.data) <= 64 for button in message.buttons)


def test_it_speaks_javanese(office: World) -> None:
    office.says("budi", "basa jawa")
    said = plain(office.says("budi", "nyuwun rekap kula"))
    assert "Panyuwunan rampung: 0 (Oktober 2026: 0)" in said
    assert "Tanpa kunjungan langkung saking 30 dinten" in said

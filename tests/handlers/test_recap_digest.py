"""The weekly digest: on Monday from the opening on, once a week to each coordinator, also after days of outage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.hours import read_hours
from handlers.office import Programme
from tests.handlers.test_recap import KADEMANGAN, NGAGLIK, SALAM, helped, plain, reported
from tests.world import World

MONDAY = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)  # 07.30 in Blitar: the office opens


@pytest.fixture
def office(world: World) -> World:
    """It is the Tuesday before; Dewi and Andi coordinate, Rini and Agus are other staff."""
    for who in ("budi", "siti"):
        world.arrives(who)
    for who, role in (("dewi", "admin"), ("andi", "officer"), ("agus", "inspector")):
        world.employs(who, who.capitalize(), role)
    world.employs("rini", "Rini", "village", SALAM)
    world.makes_volunteer("budi", SALAM, NGAGLIK, name="Budi Santoso")
    world.makes_volunteer("siti", KADEMANGAN, name="Siti Aminah")
    return world


def at(world: World, moment: datetime) -> World:
    world.office = replace(world.office, clock=lambda: moment)
    return world


def digests(world: World, who: str) -> list[str]:
    return [plain(message.text) for message in world.inboxes.get(who, []) if "Minggu lalu" in message.text]


def test_it_goes_out_once_on_monday_when_the_office_opens(office: World) -> None:
    assert at(office, MONDAY.replace(minute=29)).ticks() == []
    assert len(at(office, MONDAY).ticks()) == 2
    assert office.ticks() == at(office, MONDAY.replace(day=30, hour=5)).ticks() == []
    assert [len(digests(office, who)) for who in ("dewi", "andi", "agus", "rini", "budi")] == [1, 1, 0, 0, 0]


def test_after_an_outage_of_days_it_still_goes_out_and_once(office: World) -> None:
    at(office, MONDAY.replace(month=12, day=3)).ticks()
    office.ticks()
    assert [text.splitlines()[0] for text in digests(office, "dewi")] == ["Minggu lalu: 23–29 November 2026"]
    at(office, MONDAY.replace(month=12, day=7)).ticks()
    assert digests(office, "dewi")[1].startswith("Minggu lalu: 30 November–6 Desember 2026")


def test_on_a_holiday_it_waits_for_the_next_opening(office: World) -> None:
    office.office = replace(office.office, hours=read_hours("1-5 07.30-15.30", "2026-11-30"))
    assert at(office, MONDAY.replace(hour=5)).ticks() == []
    assert len(at(office, MONDAY.replace(month=12, day=1)).ticks()) == 2


def test_around_new_year_no_week_is_left_out_or_told_twice(office: World) -> None:
    for day in (
        datetime(2026, 12, 28, 1, tzinfo=UTC),
        datetime(2027, 1, 2, 1, tzinfo=UTC),
        datetime(2027, 1, 4, 1, tzinfo=UTC),
    ):
        at(office, day).ticks()
    assert [text.splitlines()[0] for text in digests(office, "dewi")] == [
        "Minggu lalu: 21–27 Desember 2026", "Minggu lalu: 28 Desember 2026–3 Januari 2027",
    ]  # fmt: skip


def test_who_joined_the_office_in_the_week_reads_it_from_the_next_on(office: World) -> None:
    at(office, MONDAY.replace(hour=2))
    office.employs("sari", "Sari", "officer")
    office.ticks()
    assert digests(office, "sari") == []
    at(office, MONDAY.replace(month=12, day=7)).ticks()
    assert len(digests(office, "sari")) == 1


def test_it_tells_the_week_the_requests_the_villages_and_the_targets(office: World) -> None:
    office.office = replace(office.office, programme=Programme(targets={"visits": 2, "people": 9000}))
    reported(office, "budi", "literasi", SALAM, "2026-11-23", 25, women=15)
    reported(office, "budi", "literasi", SALAM, "2026-11-29", 5, state="approved")
    reported(office, "budi", "literasi", SALAM, "2026-11-30", 99)
    reported(office, "budi", "lomba_desa", SALAM, "2026-11-28", 9, state="sent_back")
    reported(office, "siti", "pendampingan", KADEMANGAN, "2026-10-28", 7)
    for who, state in (("budi", "done"), ("budi", "taken"), (None, "offered")):
        helped(office, who, SALAM, state)
    at(office, MONDAY).ticks()
    told = digests(office, "andi")[0]
    for line in (
        "Minggu lalu: 23–29 November 2026", "Kunjungan: 2 (16–22 November 2026: 0)", "Disetujui: 1", "Peserta: 30",
        "Perempuan: 15", "Permintaan selesai: 1", "• Literasi: 2 kunjungan, 30 orang", "Kunjungan menunggu diperiksa: 3",
        "Permintaan yang ditawarkan ke relawan, belum selesai: 2, belum diambil: 1",
        "Baru lewat 30 hari tanpa kunjungan: 1 desa", "• Kelurahan Kademangan, Kec. Kademangan: terakhir 28 Oktober 2026",
        "• Kunjungan: 4 dari 2 (200 %), sesuai jadwal", "• Peserta: 136 dari 9.000 (1 %), tertinggal",
    ):  # fmt: skip
        assert line in told
    assert "Ngaglik" not in told, "it was without a visit before already"
    assert "Budi" not in told, "a digest names no volunteer"


def test_it_can_be_muted_and_its_buttons_lead_on(office: World) -> None:
    office.says("andi", "stop rekap")
    at(office, MONDAY).ticks()
    assert (len(digests(office, "dewi")), digests(office, "andi")) == (1, [])
    assert "stop rekap" in digests(office, "dewi")[0]
    assert "Rekap: November 2026" in plain(office.presses("dewi", "Bulan ini"))

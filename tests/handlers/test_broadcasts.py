"""Broadcasts by chat: written, looked at, approved by a second officer, sent to exactly those meant; forged presses refused."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers import dry_run
from handlers.broadcast_begin import begin_due, digest_of
from handlers.broadcast_desk import makers
from handlers.files import Files
from handlers.filling import fill_step
from handlers.inbox import Inbox
from handlers.media import MediaStore
from handlers.messages import Sending
from storage import broadcasts
from storage.db import Database
from storage.erasure import erase_contact
from tests.world import PHOTO, TUESDAY_MORNING, World

TO_ALL = ("semua", "cukup")
NOTHING_MORE = ("lewati", "tanpa tombol")  # no file, no button


@pytest.fixture
def office(world: World) -> World:
    """Two officers; Sri and Jono read Indonesian, Wagiyem Javanese; Budi is a volunteer."""
    world.employs("dewi", "Dewi", "officer")
    world.employs("eko", "Eko", "officer")
    world.arrives("sri")
    world.arrives("jono", village="Olak Alen")
    world.arrives("wagiyem", "jv")
    world.arrives("budi")
    world.makes_volunteer("budi")
    return world


def says(world: World, who: str, *lines: str) -> str:
    """Let somebody say one thing after another; returns what they read last."""
    said = ""
    for line in lines:
        said = world.says(who, line)
    return said


def writes(
    world: World,
    *,
    kind: str = "berita",
    text: str = "Balai desa tutup besok.",
    jv: str = "lewati",
    to: tuple[str, ...] = TO_ALL,
    when: tuple[str, ...] = ("sekarang",),
) -> str:
    """Let Dewi write a broadcast up to the question whether it shall go; returns what she reads then."""
    urgency = () if kind != "peringatan" else ("tidak",)
    said = says(world, "dewi", "siaran baru", kind, *urgency, text, jv, *NOTHING_MORE, *to, *when, "ya")
    assert world.asks("dewi") == "broadcast_check/choice", said
    return said


def sends(world: World, **values: object) -> str:
    writes(world, **values)  # type: ignore[arg-type]  # the same names
    return world.says("dewi", "kirim")


def fills(world: World) -> None:
    with world.engine.begin() as connection:
        while fill_step(connection, world.office):
            pass


def ticks(world: World) -> bool:
    """Let the clock begin what is due; says whether it began something."""
    with world.engine.begin() as connection:
        mail = begin_due(connection, world.office)
    for sending in mail.sendings:
        world.inboxes.setdefault(sending.address, []).append(sending.message)
    return mail.begun


def reached(world: World, number: int = 1) -> dict[str, str]:
    """Say for each recipient of a broadcast in which state it is."""
    fills(world)
    rows = world.rows(
        "SELECT a.address, d.state FROM deliveries d JOIN addresses a ON a.contact_id = d.contact_id WHERE broadcast_id = :n", n=number
    )  # fmt: skip
    return {str(row[0]): str(row[1]) for row in rows}


def states(world: World) -> list[str]:
    return [row[0] for row in world.rows("SELECT state FROM broadcasts ORDER BY id")]


def change(world: World, statement: str) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.text(statement))


def audited(world: World) -> list[tuple[str, bool]]:
    rows = world.rows("SELECT action, allowed FROM audit WHERE action LIKE 'broadcast%' ORDER BY id")
    return [(action, bool(allowed)) for action, allowed in rows]


def test_a_small_one_is_sent_at_once_to_exactly_those_meant(office: World) -> None:
    said = writes(office, jv="Bale desa benjing tutup.", to=("relawan", "kecuali", "para petugas", "cukup"))
    assert "Balai desa tutup besok.\n\nTidak mau berita lagi?" in said
    assert "Bale desa benjing tutup." in said
    assert "*Sampai kepada 1 orang*" in said
    assert "• relawan\n• kecuali: petugas" in said
    assert office.says("dewi", "kirim").startswith("Siaran 1 dimulai: 1 orang.")
    assert reached(office) == {"budi": "queued"}
    assert audited(office) == [("broadcast compose", True)]


def test_a_missing_text_is_shown_with_how_many_get_the_other(office: World) -> None:
    assert "*Tidak ada teks Jawa*: 1 orang berbahasa Jawa akan menerima teks Indonesia." in writes(office)
    office.says("dewi", "jangan")
    says(office, "dewi", "siaran baru", "berita", "lewati")
    assert "Salah satu harus ada" in office.last("dewi").text
    assert "tidak bisa dilewati" in office.says("dewi", "lewati"), "one of the two is needed"
    said = says(office, "dewi", "Bale desa tutup.", *NOTHING_MORE, *TO_ALL, "sekarang", "ya")
    assert "*Tidak ada teks Indonesia*: 5 orang" in said
    assert broadcasts_of(office) == []


def broadcasts_of(world: World) -> list[broadcasts.Broadcast]:
    with world.engine.begin() as connection:
        numbers = connection.execute(sa.text("SELECT id FROM broadcasts ORDER BY id")).scalars().all()
        return [row for number in numbers if (row := broadcasts.find(connection, number)) is not None]


def test_an_answer_can_be_changed_at_the_review_and_after_the_numbers(office: World) -> None:
    writes(office)
    office.presses("dewi", "Ubah dulu")
    assert office.asks("dewi") == "broadcast_new/review"
    says(office, "dewi", "2", "Balai desa tutup lusa.", "ya", "kirim")
    assert [row.text_id for row in broadcasts_of(office)] == ["Balai desa tutup lusa."]


def test_one_is_tested_on_oneself_alone_with_buttons_and_in_both_languages(office: World) -> None:
    before = len(office.inboxes["sri"])
    says(office, "dewi", "siaran baru", "berita", "Halo", "Sugeng", "lewati", "berhenti jenis ini")
    says(office, "dewi", "cukup", *TO_ALL, "sekarang", "ya")
    office.presses("dewi", "Coba ke saya")
    *_, first, second, last = office.inboxes["dewi"]
    assert (first.text.split("\n")[0], second.text.split("\n")[0]) == ("Halo", "Sugeng")
    assert [(button.label, button.data) for button in first.buttons] == [("Stop berita", "!stop berita")]
    assert [button.label for button in second.buttons] == ["Stop pawartos"]
    assert office.asks("dewi") == "broadcast_check/choice"
    assert "hanya terkirim kepada Anda" in last.text
    assert len(office.inboxes["sri"]) == before
    assert broadcasts_of(office) == []


def test_every_button_does_what_it_says(office: World) -> None:
    says(office, "dewi", "siaran baru", "berita", "Halo", "Sugeng", "lewati")
    says(office, "dewi", "buka layanan", "surat domisili", "buka materi", "aman_otp")
    assert office.asks("dewi") == "broadcast_new/button/2/lesson", "an id is no name"
    says(office, "dewi", "OTP", "Berhenti jenis ini", *TO_ALL, "sekarang", "ya", "kirim")
    [row] = broadcasts_of(office)
    commands = [command for _, _, command in json.loads(row.buttons)]
    assert commands[0] == "/start layanan-surat_domisili"
    assert commands[2] == "stop berita"
    office.says("sri", choice="!" + commands[0])
    assert office.asks("sri").startswith("request:surat_domisili")
    office.says("sri", choice="!" + commands[1])
    assert office.asks("sri").startswith("lesson:aman_otp")
    assert "tidak ada lagi" in office.says("sri", choice="!" + commands[2]).lower()
    assert office.value("SELECT count(*) FROM mutes WHERE topic = 'news'") == 1


def test_over_the_size_a_second_officer_approves_exactly_what_was_shown(office: World) -> None:
    office.office = replace(office.office, programme=replace(office.office.programme, approve_over=2))
    said = sends(office, to=("warga", "tambah", "tempat", "wonodadi", "kecamatan wonodadi", "lanjut", "cukup"))
    assert "dimulai" in said, "two are not over two"
    said = sends(office)
    assert "Siaran 2 menunggu: penerimanya 6 orang; di atas 2 orang" in said
    assert "Petugas yang dimintai persetujuan: 1" in said
    assert states(office) == ["running", "waiting"]
    request = office.last("eko").text
    assert "*Siaran 2 menunggu persetujuan Anda*" in request or "menunggu persetujuan" in "".join(
        message.text for message in office.inboxes["eko"]
    )
    assert office.presses("eko", "Setujui").startswith("Siaran 2 dimulai")
    assert states(office) == ["running", "running"]
    [_, row] = broadcasts_of(office)
    assert (row.author_id, row.approver_id) == (office.person("dewi").contact_id, office.person("eko").contact_id)
    assert "Eko menyetujui siaran 2." in office.last("dewi").text
    assert set(reached(office, 2)) == {"dewi", "eko", "sri", "jono", "wagiyem", "budi"}
    assert audited(office)[-1] == ("broadcast approve", True)


def waits(office: World) -> str:
    """Let a broadcast of Dewi's wait for approval; returns the command that approves it."""
    office.office = replace(office.office, programme=replace(office.office.programme, approve_over=2))
    sends(office)
    return office.last("eko").buttons[0].data


def test_nobody_approves_their_own(office: World) -> None:
    approve = waits(office)
    assert "harus oleh rekan" in office.says("dewi", choice=approve)
    assert "harus oleh rekan" in office.says("dewi", choice=approve.replace("setuju", "tolak"))
    assert states(office) == ["waiting"]
    assert audited(office)[1:] == [("broadcast decide", False)] * 2


def test_nor_does_the_same_person_from_another_account(office: World) -> None:
    approve = waits(office)
    office.says("whatsapp:62811", "halo")
    says(office, "whatsapp:62811", "Bahasa Indonesia", "1", "Salam")
    office.says("dewi", "hubungkan")
    code = office.value("SELECT code FROM link_codes")
    says(office, "whatsapp:62811", f"hubungkan {code[:4]}-{code[4:]}", "ya")
    assert office.person("whatsapp:62811").contact_id == office.person("dewi").contact_id
    assert "harus oleh rekan" in office.says("whatsapp:62811", choice=approve)
    assert states(office) == ["waiting"]


def test_another_form_than_the_one_seen_is_not_approved(office: World) -> None:
    approve = waits(office)
    wrong = approve[:-1] + ("0" if approve[-1] != "0" else "1")
    assert "tidak sama dengan yang ditampilkan" in office.says("eko", choice=wrong)
    change(office, "UPDATE broadcasts SET text_id = 'Lain'")
    assert "tidak sama dengan yang ditampilkan" in office.says("eko", choice=approve)
    assert states(office) == ["waiting"]
    assert audited(office)[1:] == [("broadcast approve", False)] * 2


@pytest.mark.parametrize(
    "changed",
    [
        "text_jv = 'Sanes'", "buttons = '[[\"a\", \"a\", \"menu\"]]'", "audience = '{\"roles\": [\"staff\"]}'",
        "kind = 'warning'", "media = 'x'", "urgent = (1 = 1)", "if_missed = 'skip'", "recurrence = '{}'",
    ],
)  # fmt: skip
def test_the_digest_covers_all_that_is_approved(office: World, changed: str) -> None:
    waits(office)
    change(office, f"UPDATE broadcasts SET {changed}")
    [row] = broadcasts_of(office)
    assert digest_of(row) != row.digest


def test_a_declined_one_is_not_sent_and_its_author_reads_why(office: World) -> None:
    waits(office)
    assert "Kenapa ditolak?" in office.presses("eko", "Tolak")
    assert "Siaran 1 ditolak" in office.says("eko", "Tanggalnya salah.")
    assert "Eko tidak menyetujui siaran 1: Tanggalnya salah." in office.last("dewi").text
    assert states(office) == ["declined"]
    assert audited(office)[-1] == ("broadcast decline", True)
    assert "sudah ada yang memutuskan" in office.says("eko", choice=office.inboxes["eko"][-3].buttons[0].data)


def test_what_waits_is_found_at_the_desk_by_others_only(office: World) -> None:
    waits(office)
    office.says("eko", "meja")
    assert "menunggu persetujuan" in office.presses("eko", "Setujui: Berita 1")
    assert [button.label for button in office.last("eko").buttons] == ["Setujui", "Tolak"]
    assert "Tidak ada yang menunggu" in office.says("dewi", "meja")
    assert [button.label for button in office.last("dewi").buttons] == ["Menu utama", "Siaran baru"]


def test_the_only_officer_is_told_that_it_waits_and_for_whom(world: World) -> None:
    world.employs("dewi", "Dewi", "officer")
    world.employs("tono", "Tono", "village", "35.05.01.2002")
    world.office = replace(world.office, programme=replace(world.office.programme, approve_over=0))
    said = sends(world)
    assert "Anda satu-satunya petugas di sini" in said
    assert "rewang staff add" in said
    assert states(world) == ["waiting"]
    assert "tono" not in world.inboxes


def test_urgent_ones_at_night_need_a_second_officer(office: World) -> None:
    office.later(hours=12)  # 22.00
    lines = ("siaran baru", "peringatan", "ya", "Awas banjir di Wonotirto", "lewati", *NOTHING_MORE, *TO_ALL)
    said = says(office, "dewi", *lines, "sekarang", "ya")
    assert "*Perlu petugas kedua:* yang mendesak baru dikirim pada waktu tenang" in said
    office.says("dewi", "kirim")
    assert states(office) == ["waiting"]
    assert office.presses("eko", "Setujui") == "Siaran 1 dimulai: 6 orang."
    [row] = broadcasts_of(office)
    assert row.disturbs
    assert "mulai" in sends(office, text="Biasa saja"), "what is not urgent waits for the morning"


@pytest.mark.parametrize("who", ["sri", "budi"])
@pytest.mark.parametrize("forged", ["siaran baru", "!siaran_baru warning", "!siaran_periksa 1", "!siaran_setuju 1 {seen}", "!siaran_tolak 1 {seen}"])  # fmt: skip
def test_forged_presses_of_others_are_refused_and_written_down(office: World, who: str, forged: str) -> None:
    seen = waits(office).split()[-1]
    office.says(who, choice=forged.format(seen=seen)) if forged.startswith("!") else office.says(who, forged)
    assert "Hanya petugas kabupaten" in office.last(who).text
    assert states(office) == ["waiting"]
    assert audited(office)[-1][1] is False


def test_a_former_officer_has_no_say_any_more(office: World) -> None:
    approve = waits(office)
    change(office, "UPDATE staff SET active = (1 = 0) WHERE name = 'Eko'")
    assert "Hanya petugas kabupaten" in office.says("eko", choice=approve)
    says(office, "dewi", "siaran baru", "berita", "Halo", "lewati", *NOTHING_MORE, *TO_ALL, "sekarang", "ya")
    change(office, "UPDATE staff SET active = (1 = 0)")
    assert "Hanya petugas kabupaten" in office.says("dewi", "kirim")
    assert states(office) == ["waiting"]


def test_a_command_begins_with_the_kind(office: World) -> None:
    office.says("dewi", choice="!siaran_baru warning:judi_online")
    assert office.asks("dewi") == "broadcast_new/urgent"
    office.says("dewi", "siaran_baru news")
    assert office.asks("dewi") == "broadcast_new/text_id"
    office.says("dewi", "siaran_baru tip")
    assert office.asks("dewi") == "broadcast_new/text_jv", (
        "no kind of the office's: taken as the text of the open question"
    )


def test_what_was_begun_is_kept_as_a_draft(office: World) -> None:
    writes(office)
    office.says("dewi", "meja")
    office.says("dewi", "menu")
    office.presses("dewi", "Lanjut: Siaran")
    assert office.asks("dewi") == "broadcast_check/choice"
    assert "dimulai" in office.says("dewi", "kirim")


def test_a_saved_audience_is_looked_up_anew(office: World) -> None:
    sends(office, to=("relawan", "simpan", "Semua relawan"))
    office.makes_volunteer("sri", name="Sri")
    assert "Sampai kepada 2 orang" in writes(office, to=("daftar tersimpan", "semua relawan", "cukup"))
    office.says("dewi", "kirim")
    assert set(reached(office, 2)) == {"budi", "sri"}


def test_a_confidential_service_makes_no_audience(office: World) -> None:
    says(office, "dewi", "siaran baru", "berita", "Halo", "lewati", *NOTHING_MORE, "Pernah minta layanan")
    assert "Mohon pilih" in office.says("dewi", "aduan pelayanan")


def test_a_file_goes_along_once_it_is_there_and_stays_after_its_sender(office: World) -> None:
    says(office, "dewi", "siaran baru", "berita", "Halo", "lewati")
    office.says("dewi", media=(PHOTO,))
    assert "masih dalam perjalanan" in says(office, "dewi", "tanpa tombol", *TO_ALL, "sekarang", "ya")
    assert "masih dalam perjalanan" in office.says("dewi", "kirim")
    assert states(office) == []
    change(office, "UPDATE media SET state = 'stored'")
    office.says("dewi", "kirim")
    [row] = broadcasts_of(office)
    assert row.media is not None
    me = office.person("dewi").contact_id
    with office.engine.begin() as connection:
        assert erase_contact(connection, me, TUESDAY_MORNING) == []


# When


def test_one_goes_out_at_its_time_once(office: World) -> None:
    assert "Dikirim Rabu, 25 November 2026 09.00 WIB" in sends(office, when=("besok jam 9", "kirim terlambat"))
    assert not ticks(office)
    office.later(hours=23)
    assert ticks(office)
    assert not ticks(office)
    assert states(office) == ["running"]


@pytest.mark.parametrize(("rule", "state", "told"), [("kirim terlambat", "running", "dikirim sekarang"), ("lewati saja", "cancelled", "dilewati")])  # fmt: skip
def test_a_time_that_went_by_follows_its_rule_and_the_author_is_told(office: World, rule: str, state: str, told: str) -> None:  # fmt: skip
    sends(office, when=("besok jam 9", rule))
    office.later(hours=30)
    ticks(office)
    assert states(office) == [state]
    assert told in office.last("dewi").text


def test_a_series_sends_each_of_its_times_once(office: World) -> None:
    said = sends(office, when=("setiap hari jam 9", "lewati saja"))
    assert "Dikirim Rabu, 25 November 2026 09.00 WIB" in said
    for _ in range(3):
        office.later(hours=23) if states(office) == ["scheduled"] else office.later(hours=24)
        assert ticks(office)
        assert not ticks(office)
    assert states(office) == ["scheduled", "running", "running", "running"]
    series, *occurrences = broadcasts_of(office)
    assert [row.key for row in occurrences] == [f"1:2026-11-{day}T02:00:00+00:00" for day in (25, 26, 27)]
    assert {row.parent_id for row in occurrences} == {series.id}
    assert series.start_at is not None
    assert series.start_at.isoformat() == "2026-11-28T02:00:00+00:00"


@pytest.mark.parametrize(("rule", "ran", "missed"), [("kirim terlambat", 1, 2), ("lewati saja", 0, 3)])
def test_after_downtime_a_series_follows_its_rule_and_the_author_is_told(office: World, rule: str, ran: int, missed: int) -> None:  # fmt: skip
    sends(office, when=("setiap hari jam 9", rule))
    before = len(office.inboxes["dewi"])
    office.later(hours=23 + 48 + 2)
    assert ticks(office) is bool(ran)
    assert states(office) == ["scheduled"] + ["running"] * ran
    told = "\n".join(message.text for message in office.inboxes["dewi"][before:])
    assert f"pada {missed} waktunya" in told
    assert ("dikirim sekarang" in told) is bool(ran)
    assert not ticks(office)


def test_a_series_ends_with_its_last_day(office: World) -> None:
    sends(office, when=("setiap hari jam 9 sampai 26 November", "lewati saja"))
    for hours in (23, 24):
        office.later(hours=hours)
        assert ticks(office)
    assert states(office) == ["done", "running", "running"]


def test_what_has_grown_over_the_size_meanwhile_waits_for_a_second_officer(office: World) -> None:
    office.office = replace(office.office, programme=replace(office.office.programme, approve_over=6))
    sends(office, when=("besok jam 9", "lewati saja"))
    assert states(office) == ["scheduled"]
    office.arrives("tutik")
    office.later(hours=23)
    assert not ticks(office)
    assert states(office) == ["waiting"]
    assert "menunggu: penerimanya 7 orang" in office.last("dewi").text
    office.later(hours=1)
    office.presses("eko", "Setujui")
    assert states(office) == ["running"], "its time had come: it is not missed"


def test_an_occurrence_that_has_grown_waits_while_the_series_goes_on(office: World) -> None:
    office.office = replace(office.office, programme=replace(office.office.programme, approve_over=6))
    sends(office, when=("setiap hari jam 9", "lewati saja"))
    office.arrives("tutik")
    office.later(hours=23)
    assert not ticks(office)
    assert states(office) == ["scheduled", "waiting"]
    office.presses("eko", "Setujui")
    assert states(office) == ["scheduled", "running"]
    office.later(hours=24)
    assert not ticks(office)
    assert states(office) == ["scheduled", "running", "waiting"]


def test_what_was_changed_in_the_database_is_not_sent(office: World) -> None:
    sends(office, when=("besok jam 9", "kirim terlambat"))
    change(office, "UPDATE broadcasts SET text_id = 'Lain'")
    office.later(hours=23)
    assert not ticks(office)
    assert states(office) == ["cancelled"]
    assert "tidak sama lagi" in office.last("dewi").text


def test_an_approval_after_the_time_follows_the_rule(office: World) -> None:
    office.office = replace(office.office, programme=replace(office.office.programme, approve_over=2))
    sends(office, when=("besok jam 9", "lewati saja"))
    office.later(hours=30)
    assert "disetujui sesudah lewat waktunya" in office.presses("eko", "Setujui")
    assert states(office) == ["cancelled"]


async def test_two_processes_begin_each_occurrence_once(database: Database) -> None:
    world = World(database.engine)
    world.employs("dewi", "Dewi", "officer")
    sends(world, when=("setiap hari jam 9", "lewati saja"))
    sends(world, when=("besok jam 9", "lewati saja"))
    other = Database(database.engine.url.render_as_string(hide_password=False))
    try:
        for hours in (23, 24, 24):
            world.later(hours=hours)
            both = [each.write(begin_due, world.office) for each in (database, other) for _ in range(3)]
            await asyncio.gather(*both)
    finally:
        await other.close()
    keys = [row.key for row in broadcasts_of(world) if row.parent_id]
    assert keys == [f"1:2026-11-{day}T02:00:00+00:00" for day in (25, 26, 27)]
    assert sorted(states(world)) == ["running"] * 4 + ["scheduled"]


async def test_those_who_send_are_woken_by_a_turn_that_begins_one(database: Database) -> None:
    world = World(database.engine)
    world.employs("dewi", "Dewi", "officer")
    writes(world)
    woken: list[bool] = []
    inbox = Inbox(database, world.office, lambda *_: None, lambda: woken.append(True))
    await inbox.receive(world.incoming("dewi", "halo dunia"))
    assert woken == []
    await inbox.receive(world.incoming("dewi", "kirim"))
    assert woken == [True]


async def test_a_large_office_counts_after_the_commit(
    database: Database, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MOST_IN_TURN", 0)
    world = World(database.engine)
    world.employs("dewi", "Dewi", "officer")
    world.employs("eko", "Eko", "officer")
    sent: list[Sending] = []
    store = MediaStore(tmp_path)  # type: ignore[arg-type]  # a path
    files = Files({}, database, store, world.office, lambda rows, _: sent.extend(rows), makers(database, world.office))
    assert "angkanya menyusul" in writes(world)
    await files._bring_waiting("made")
    assert "Sampai kepada 2 orang" in sent.pop().message.text
    assert "Saya hitung dulu" in world.says("dewi", "kirim")
    assert states(world) == ["waiting"]
    await files._bring_waiting("made")
    assert "Siaran 1 dimulai: 2 orang." in sent.pop().message.text
    assert states(world) == ["running"]
    assert world.office.clock() - TUESDAY_MORNING < timedelta(minutes=1)

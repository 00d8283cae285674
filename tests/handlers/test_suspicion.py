"""A suspicious message: what is answered, what is kept of it (numbers alone), what the office reads."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa

from handlers.messages import Button, IncomingMedia
from handlers.suspicion import WRITE_WARNING
from handlers.words import find_command
from storage.tables import metadata
from tests.world import PHOTO, World

FRAUD = "Selamat anda mendapat hadiah motor Zarkonia, klik bit.ly/zarkonia sekarang juga"
PLAIN = "Rapat RT besok malam di rumah Pak Zarkonia, bawa iuran"
MARK = "zarkonia"
PACKAGE = IncomingMedia("document", "vendor-9", "application/vnd.android.package-archive", 5000)
SALAM, NGAGLIK = "35.05.01.2002", "35.05.03.2016"


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    return world


def counts(office: World) -> dict[str, int]:
    """Give the figures of today by sign."""
    return dict(office.rows("SELECT sign, sum(count) FROM suspicion_counts GROUP BY sign"))


def kept(office: World) -> list[str]:
    """List the columns in which a word of the message stands."""
    found = []
    with office.engine.begin() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, sa.String):
                    has = sa.func.lower(column).contains(MARK)
                    if connection.execute(sa.select(sa.func.count()).where(has).select_from(table)).scalar():
                        found.append(f"{table.name}.{column.name}")
    return found


def alive(buttons: tuple[Button, ...]) -> bool:
    return all(find_command(button.data.removeprefix("!")) is not None for button in buttons)


@pytest.mark.parametrize("words", ["cek hoaks", "cek pesan", "cek penipuan", "apa ini penipuan?", "iki penipuan apa dudu?", "pak, pesan ini hoaks bukan ya?"])  # fmt: skip
def test_the_words_ask_for_the_message_and_the_answer_names_its_signs(office: World, words: str) -> None:
    office.says("sri", words)
    assert office.asks("sri") == "suspicion/message"
    told = office.says("sri", FRAUD)
    assert "Tanda yang perlu diwaspadai" in told
    assert "hadiah" in told
    assert "dipendekkan" in told
    assert "tidak bisa saya pastikan" in told
    assert office.asks("sri") == ""
    assert alive(office.last("sri").buttons)


def test_a_question_with_the_message_is_answered_at_once_and_no_link_is_repeated(office: World) -> None:
    told = office.says("sri", f"apa ini penipuan? {FRAUD}")
    assert "Tanda yang perlu diwaspadai" in told
    assert "bit.ly" not in told
    assert office.asks("sri") == ""
    assert "Tanda" in office.says("sri", f"{FRAUD}\n\niki penipuan opo dudu mas?")


def test_where_no_sign_is_found_that_is_said_to_prove_nothing(office: World) -> None:
    told = office.says("sri", f"apa ini hoaks? {PLAIN}")
    assert "belum membuktikan apa-apa" in told
    assert counts(office) == {"": 1, "none": 1}
    office.presses("sri", "Pelajari ini")
    assert office.asks("sri") == "lesson:budaya_cek_hoaks/answer"


def test_in_javanese_it_is_asked_and_answered_in_javanese(office: World) -> None:
    office.arrives("tuti", "jv")
    assert "mangu-mangu" in office.says("tuti", "cek pesen")
    assert "Tandha ingkang kedah dipunwaspadani" in office.says("tuti", "Panjenengan angsal hadiah saking BRI, enggal transfer biaya administrasi dhateng rekening niki")  # fmt: skip


def test_the_lesson_that_fits_and_the_one_for_money_already_sent_are_a_press_away(office: World) -> None:
    office.says("sri", f"cek pesan ini: {FRAUD}")
    office.presses("sri", "Pelajari ini")
    assert office.asks("sri") == "lesson:aman_tautan_palsu/answer"
    office.says("sri", f"cek pesan ini: {FRAUD}")
    office.presses("sri", "Telanjur kirim uang")
    assert office.asks("sri") == "lesson:aman_telanjur_transfer/answer"
    office.says("sri", "lesson lama_sekali")
    assert office.asks("sri") == "learn/choice"


def test_the_question_is_answered_where_it_is_no_answer_to_the_one_that_is_open(office: World) -> None:
    office.says("sri", "tips")
    assert office.asks("sri").startswith("lesson:")
    told = office.says("sri", f"apa ini penipuan? {FRAUD}")
    assert told.startswith("*Tanda yang perlu diwaspadai")
    assert office.asks("sri") == ""


def test_it_is_passed_on_as_a_complaint_with_the_signs_filled_in(office: World) -> None:
    office.says("sri", f"apa ini penipuan? {FRAUD}")
    office.presses("sri", "Teruskan ke petugas")
    assert office.asks("sri") == "request:adu_penipuan/anonymous"
    office.says("sri", "tanpa nama")
    assert office.asks("sri") == "request:adu_penipuan/waktu"
    told = office.says("sri", "tadi pagi") + office.says("sri", "lewati")
    assert "Hadiah atau bantuan; Didesak waktu; Tautan pendek" in told
    office.says("sri", "ya")
    assert office.value("SELECT count(*) FROM requests WHERE service = 'adu_penipuan'") == 1


def test_a_picture_is_not_read_but_passed_on_or_its_words_are_typed(office: World) -> None:
    office.says("sri", "cek pesan")
    assert "hanya bisa membaca tulisan" in office.says("sri", media=(PHOTO,))
    office.presses("sri", "Teruskan gambarnya")
    for text in ("tanpa nama", "Ada pesan aneh di grup RT", "tadi pagi", "ya"):
        assert office.asks("sri").startswith("request:adu_penipuan")
        office.says("sri", text)
    assert PHOTO.ref not in office.value("SELECT answers FROM requests")
    assert office.value("SELECT id FROM media") in office.value("SELECT answers FROM requests")
    office.says("sri", "cek pesan")
    office.says("sri", media=(PHOTO,))
    assert "Tanda" in office.says("sri", FRAUD)


def test_a_picture_under_the_question_is_taken_as_the_message(office: World) -> None:
    told = office.says("sri", "apa ini penipuan?", media=(PHOTO,))
    assert "hanya bisa membaca tulisan" in told
    assert office.last("sri").buttons[0].label == "Teruskan gambarnya"
    office.says("sri", "batal")
    assert "hanya bisa membaca tulisan" in office.says("sri", "min, pesan ini hoaks bukan ya", media=(PHOTO,))


def test_what_is_no_message_is_asked_for_again(office: World) -> None:
    office.says("sri", "cek pesan")
    assert "teruskan pesannya" in office.says("sri", "ini")
    assert "membaca tulisan" in office.says("sri", media=(IncomingMedia("voice", "v", "audio/ogg", 5),))
    assert office.asks("sri") == "suspicion/message"
    assert counts(office) == {}


def test_a_fraud_sent_on_without_a_word_is_looked_at_instead_of_not_understood(office: World) -> None:
    text = "PLN: tagihan listrik Anda menunggak, aliran akan diputus hari ini juga. Bayar segera lewat tinyurl.com/zarkonia"
    told = office.says("sri", text)
    assert "Sepertinya ini pesan yang Anda terima" in told
    assert "Tanda yang perlu diwaspadai" in told
    assert office.person("sri").apologies == 0
    told = office.says("sri", "Kagem panjenengan semua, wtb lurik zarkonia mbanjarsari 3 meter")
    assert "Sepertinya ini pesan" not in told


def test_what_is_surely_understood_is_done_although_it_speaks_of_signs(office: World) -> None:
    office.says("sri", "WA ibu saya dibajak, sekarang pinjam uang ke semua saudara, klik undangan.apk")
    assert office.asks("sri").startswith("request:adu_penipuan")
    office.says("sri", "batal")
    office.says("sri", "ada yg kirim file undangan nikah .apk ke grup RT, boleh dibuka ngak ya?")
    assert office.asks("sri").startswith("lesson")


@pytest.mark.parametrize(
    "text",
    [
        "PLN: tagihan Anda menunggak, listrik akan diputus hari ini juga. Bayar lewat tinyurl.com/plnbayar",
        "Kepada Yth Bapak/Ibu, kami mengundang ke acara pernikahan kami. Silakan buka undangan di file Undangan Pernikahan.apk",
        "BPJS Kesehatan: Anda berhak menerima bantuan Rp 2.500.000. Cek nama anda di bpjs-kesehatan-go-id.bantuan.xyz",
        "bukak undangane mas: Undangan Mantu.apk",
    ],
)
def test_bait_is_looked_at_whatever_service_it_writes_of(office: World, text: str) -> None:
    assert "Tanda yang perlu diwaspadai" in office.says("sri", text)


def test_an_answer_to_another_question_is_not_looked_at(office: World) -> None:
    for text in ("lapor", "penipuan online", "tanpa nama"):
        office.says("sri", text)
    assert office.asks("sri") == "request:adu_penipuan/kejadian"
    office.says("sri", f"apa ini penipuan? {FRAUD}")
    assert office.asks("sri") == "request:adu_penipuan/waktu"
    assert counts(office) == {}


def test_the_first_words_of_somebody_new_are_answered_once_they_have_arrived(world: World) -> None:
    world.says("baru", f"apa ini penipuan? {FRAUD}")
    world.says("baru", "1")
    world.says("baru", "1")
    assert "Tanda yang perlu diwaspadai" in world.says("baru", "Salam")
    assert kept(world) == []


@pytest.mark.parametrize("ways", [["cek pesan", FRAUD], [f"apa ini penipuan? {FRAUD}"], ["cek pesan", PLAIN], [f"Bansos dari Zarkonia, {FRAUD}"]])  # fmt: skip
def test_nothing_of_the_message_is_kept_and_logged(
    office: World, ways: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for text in ways:
        office.says("sri", text)
    assert office.asks("sri") == ""
    assert counts(office)[""] == 1
    office.presses("sri", "Teruskan ke petugas")
    office.says("sri", "tanpa nama")
    assert kept(office) == []
    assert office.rows("SELECT contact_id FROM inbound WHERE body IS NOT NULL") == []
    assert MARK not in caplog.text.lower()


def test_on_the_web_the_page_keeps_its_history_and_erasure_takes_it(world: World) -> None:
    world.arrives("web:wati")
    world.says("web:wati", f"apa ini penipuan? {FRAUD}")
    assert kept(world) == ["inbound.body"]
    world.says("web:wati", "hapus data")
    world.says("web:wati", "ya")
    assert kept(world) == []
    assert counts(world)[""] == 1, "the figures name nobody and stay"


def test_an_app_is_warned_of_and_never_fetched(office: World) -> None:
    told = office.says("sri", media=(PACKAGE,))
    assert "Berkas itu aplikasi Android (APK)" in told
    assert office.rows("SELECT id FROM media") == []
    assert counts(office) == {"": 1, "apk": 1}
    office.presses("sri", "Pelajari ini")
    assert office.asks("sri") == "lesson:aman_apk/answer"
    office.says("sri", "cek pesan")
    assert "Berkas itu aplikasi Android (APK)" in office.says("sri", media=(PACKAGE,))
    assert office.asks("sri") == ""


def test_an_app_sent_as_an_answer_is_warned_of_and_the_question_stays(office: World) -> None:
    for text in ("lapor", "penipuan online", "tanpa nama", "dikirimi aplikasi", "tadi pagi"):
        office.says("sri", text)
    told = office.says("sri", media=(PACKAGE,))
    assert "Berkas itu aplikasi Android (APK)" in told
    assert office.asks("sri") == "request:adu_penipuan/photos"


def test_an_app_in_a_talk_does_not_reach_the_officer(office: World) -> None:
    office.employs("dewi")
    office.says("sri", "petugas")
    office.says("sri", "mau tanya")
    before = len(office.inboxes["dewi"])
    assert "Berkas itu aplikasi Android (APK)" in office.says("sri", media=(PACKAGE,))
    assert len(office.inboxes["dewi"]) == before


def test_each_message_counts_once_for_each_of_its_signs_in_its_village(office: World) -> None:
    office.arrives("tono", village="Ngaglik")
    for who in ("sri", "tono", "tono"):
        office.says(who, f"apa ini penipuan? {FRAUD} bit.ly/lagi")
    rows = office.rows("SELECT sign, village, count FROM suspicion_counts WHERE sign IN ('', 'prize')")
    expected = {(sign, village, count) for sign in ("", "prize") for village, count in ((SALAM, 1), (NGAGLIK, 2))}
    assert {tuple(row) for row in rows} == expected
    assert len(rows) == 4


def test_officers_read_the_figures_beside_those_of_the_week_before(office: World) -> None:
    office.employs("dewi")
    office.says("sri", f"apa ini penipuan? {FRAUD}")
    office.later(days=7)
    office.says("sri", f"apa ini penipuan? {PLAIN}")
    office.says("sri", "apa ini penipuan? PIN anda mohon dikirim untuk verifikasi")
    told = office.says("dewi", "waspada")
    assert "7 hari terakhir: *2* (7 hari sebelumnya: 1)" in told
    assert "Minta OTP atau PIN: *1* (sebelumnya: 0)" in told
    assert "Hadiah atau bantuan: *0* (sebelumnya: 1)" in told
    assert "Tanpa tanda: *1* (sebelumnya: 0)" in told
    assert "Salam" in told
    assert MARK not in told.lower()
    assert alive(office.last("dewi").buttons)
    audit = office.rows("SELECT action, allowed FROM audit WHERE action = 'suspicions'")
    assert [tuple(row) for row in audit] == [("suspicions", True)]
    office.later(days=7)
    assert "(7 hari sebelumnya: 2)" in office.says("dewi", "waspada"), "the first one is past"


def test_others_do_not_read_the_figures(office: World) -> None:
    office.arrives("eko")
    office.employs("eko", "Eko", "village", SALAM)
    assert "petugas kabupaten" in office.says("eko", "waspada")
    assert [tuple(row) for row in office.rows("SELECT action, allowed FROM audit WHERE action = 'suspicions'")] == [("suspicions", False)]  # fmt: skip
    office.says("sri", "waspada")
    assert office.asks("sri") == "suspicion/message", "a villager who is wary has something to be checked"


def test_the_button_for_a_warning_is_there_where_its_command_is(office: World) -> None:
    office.employs("dewi")
    office.says("sri", f"apa ini penipuan? {FRAUD}")
    office.says("dewi", "waspada")
    offered = [button.data for button in office.last("dewi").buttons if "broadcast" in button.data]
    command = WRITE_WARNING.format(sign="prize")
    assert offered == ([f"!{command}"] if find_command(command) else [])


@pytest.fixture
def watched(office: World) -> World:
    office.employs("dewi")
    office.employs("andi", "Andi", "officer")
    office.employs("rini", "Rini", "inspector")
    office.office = replace(office.office, programme=replace(office.office.programme, suspicion_wave=3))
    return office


def waves(office: World) -> list[str]:
    return [message.text for message in office.ticks() if "Banyak pesan mencurigakan" in message.text]


def test_a_wave_is_told_to_the_coordinators_once_for_each_sign_and_day(watched: World) -> None:
    for _ in range(2):
        watched.says("sri", f"apa ini penipuan? {FRAUD}")
    assert waves(watched) == []
    watched.says("sri", "apa ini penipuan? selamat anda mendapat hadiah dari kami")
    told = waves(watched)
    assert len(told) == 2, "an admin and an officer; prize alone has three"
    assert all("Hadiah atau bantuan" in text and " 3 pesan" in text and "Salam" in text for text in told)
    assert "rini" not in watched.inboxes
    watched.says("sri", "apa ini penipuan? selamat anda mendapat hadiah dari kami")
    assert waves(watched) == []
    watched.presses("dewi", "Lihat angkanya")
    assert "Hadiah atau bantuan: *4*" in watched.last("dewi").text
    watched.later(days=2)
    for _ in range(3):
        watched.says("sri", "apa ini penipuan? selamat anda mendapat hadiah dari kami")
    assert len(waves(watched)) == 2


def test_a_wave_of_the_night_is_told_in_the_morning(watched: World) -> None:
    watched.later(hours=11)  # 21.00
    for _ in range(3):
        watched.says("sri", f"apa ini penipuan? {FRAUD}")
    assert waves(watched) == []
    watched.later(hours=10)  # 7.00 of the next day
    assert len(waves(watched)) == 2 * 3, "prize, urgent and short link"
    assert waves(watched) == []


def test_messages_without_a_sign_are_no_wave_and_who_muted_reminders_is_left_alone(watched: World) -> None:
    for _ in range(5):
        watched.says("sri", f"apa ini penipuan? {PLAIN}")
    assert waves(watched) == []
    watched.says("dewi", "stop pengingat")
    for _ in range(3):
        watched.says("sri", "apa ini penipuan? selamat anda mendapat hadiah dari kami")
    assert len(waves(watched)) == 1

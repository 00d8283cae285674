"""Volunteers get guides, read and search them in the library, and ask about them."""

from __future__ import annotations

import pytest

from tests.handlers.guiding import PDF, TEXT, asks, denied, labels, publishes, settle
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    return settle(world)


def reader(office: World, number: int, who: str = "budi") -> tuple[bool, bool, bool]:
    """Say of a reader whether there is a message for them, and whether they opened and confirmed the guide."""
    query = "SELECT outbox_id, opened_at, confirmed_at FROM guide_readers WHERE guide_id = :guide AND contact_id = :who"
    row = office.rows(query, guide=number, who=office.person(who).contact_id)[0]
    return (row[0] is not None, row[1] is not None, row[2] is not None)


def test_a_guide_reaches_each_volunteer_in_their_language_with_its_lines_and_link(office: World) -> None:
    office.arrives("agus")
    office.makes_volunteer("agus", state="paused")
    number = publishes(office, link="https://blitarkab.go.id/ikd")
    for who, header, ask, seen in (
        ("budi", "Panduan baru: Aktivasi IKD", "Bertanya", "Sudah saya baca"),
        ("wati", "Panduan enggal: Aktivasi IKD", "Nyuwun pirsa", "Sampun kula waos"),
    ):
        said = office.last(who).text
        assert header in said
        assert TEXT in said
        assert "https://blitarkab.go.id/ikd" in said
        assert "stop panduan" in said
        assert labels(office, who) == [ask, seen]
        assert reader(office, number, who) == (True, False, False)
    for other in ("sri", "agus"):
        assert "Aktivasi IKD" not in office.last(other).text
    assert "2 relawan" in office.last("dewi").text


def test_the_file_goes_along_under_a_name_made_from_the_title(office: World) -> None:
    number = publishes(office, title="Panduan: IKD & é-KTP (2026)", file=PDF)
    sent = office.last("budi")
    assert len(sent.media) == 1
    assert sent.file_name == "PanduanIkdEKtp2026.pdf"
    office.says("budi", f"panduan {number}")
    assert (office.last("budi").media, office.last("budi").file_name) == (sent.media, sent.file_name)


def test_the_press_of_having_read_it_is_noted_once_and_leaves_the_open_question(office: World) -> None:
    number = publishes(office)
    office.says("budi", "kunjungan")
    assert office.asks("budi") == "visit/kind"
    assert "Sudah dicatat" in office.says("budi", choice=f"!guide_seen {number}")
    assert office.asks("budi") == "visit/kind"
    assert reader(office, number) == (True, False, True)
    first = office.value("SELECT confirmed_at FROM guide_readers WHERE confirmed_at IS NOT NULL")
    office.later(hours=1)
    office.says("budi", choice=f"!guide_seen {number}")
    assert office.value("SELECT confirmed_at FROM guide_readers WHERE confirmed_at IS NOT NULL") == first


def test_the_library_lists_the_newest_first_and_notes_who_opens_one(office: World) -> None:
    number = publishes(office)
    publishes(office, title="Foto produk")
    office.says("budi", "panduan")
    assert labels(office, "budi") == ["Foto produk", "Aktivasi IKD"]
    office.says("budi", "2")
    assert TEXT in office.last("budi").text
    assert labels(office, "budi") == ["Bertanya", "Sudah saya baca", "Semua panduan"]
    assert reader(office, number) == (True, True, False)
    office.presses("budi", "Sudah")
    office.says("budi", f"panduan {number}")
    assert labels(office, "budi") == ["Bertanya", "Semua panduan"]


def test_the_library_is_leafed_through(office: World) -> None:
    for number in range(12):
        publishes(office, title=f"Panduan nomor {number}")
    office.says("budi", "panduan")
    assert "Ada 12" in office.last("budi").text
    assert labels(office, "budi")[-2:] == ["Panduan nomor 4", "Halaman berikutnya"]
    office.says("budi", "lanjut")
    assert labels(office, "budi") == [f"Panduan nomor {n}" for n in (3, 2, 1, 0)] + ["Halaman sebelumnya"]


SEARCHES = (
    ("ikd", ["Aktivasi IKD"]),
    ("foto", ["Jualan online", "Fotokopi gratis"]),
    ("FOTO produk", ["Jualan online"]),
    ("produk terang foto", ["Jualan online"]),
    ("mboten", ["Wara-wara"]),
    ("boten", ["Wara-wara"]),
    ("sedela opo", ["Wara-wara"]),
    ("cafe", ["Jualan online"]),
    ("CAFÉ", ["Jualan online"]),
    ("e-ktp", ["Aktivasi IKD"]),
    ("belajar", ["Fotokopi gratis"]),
)


@pytest.mark.parametrize(("words", "titles"), SEARCHES)
def test_any_words_search_titles_and_texts_whatever_their_spelling(
    office: World, words: str, titles: list[str]
) -> None:
    publishes(office, text="Untuk semua yang punya e-KTP")
    publishes(office, title="Fotokopi gratis", text="Belajar di balai desa, 100% gratis")
    publishes(office, title="Wara-wara", text="Menapa mboten sekedhap? Sedhela apa suwe?")
    publishes(office, title="Jualan online", text="Fotonya harus terang. Produk dari Café Blitar.")
    office.says("budi", "panduan")
    office.says("budi", words)
    assert labels(office, "budi") == [*titles, "Semua panduan"]
    assert f"{len(titles)}" in office.last("budi").text
    office.says("budi", "1")
    assert titles[0] in office.last("budi").text


@pytest.mark.parametrize("words", ["kambing", "ikd kambing", "a%b", "%aktivasi", "ikd_", "' OR 1=1"])
def test_nothing_found_says_what_to_do(office: World, words: str) -> None:
    publishes(office, title="Foto produk", text="Terang dan dekat")
    office.says("budi", "panduan")
    said = office.says("budi", words)
    assert "Tidak ada panduan" in said
    assert "*menu*" in said
    office.presses("budi", "Semua")
    assert labels(office, "budi") == ["Foto produk"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "🙏"])
def test_signs_are_no_words_to_search_for(office: World, words: str) -> None:
    publishes(office)
    office.says("budi", "panduan")
    assert "ketik kata yang dicari" in office.says("budi", words)
    assert labels(office, "budi") == ["Aktivasi IKD"]


def test_at_most_so_many_are_found(office: World) -> None:
    for number in range(45):
        office.rows(
            "INSERT INTO guides (title, body, search, published_at) VALUES (:title, 'isi', ' isi ', 0) RETURNING id",
            title=f"Panduan {number}",
        )
    office.says("budi", "panduan")
    assert "Ada 45" in office.last("budi").text
    assert ": 40." in office.says("budi", "isi")
    assert labels(office, "budi")[0] == "Panduan 44"


def test_a_sentence_that_wants_something_else_gets_through(office: World) -> None:
    publishes(office)
    office.says("budi", "panduan")
    office.says("budi", "kunjungan Kanigoro literasi 25 orang foto menyusul")
    assert office.asks("budi") == "visit/place"


def test_who_is_accepted_later_finds_everything(office: World) -> None:
    number = publishes(office)
    office.arrives("agus")
    office.says("agus", "panduan")
    assert "Cara memakai" in office.last("agus").text
    office.makes_volunteer("agus", name="Agus")
    office.says("agus", "panduan")
    office.says("agus", "1")
    assert TEXT in office.last("agus").text
    assert reader(office, number, "agus") == (False, True, False)


def test_the_library_is_empty_before_the_first_guide(office: World) -> None:
    assert "Belum ada panduan" in office.says("budi", "panduan")
    assert office.asks("budi") == ""


def test_for_villagers_the_word_is_help_as_ever(office: World) -> None:
    publishes(office)
    assert "Cara memakai Rewang" in office.says("sri", "panduan")
    for state in ("applied", "ended", "declined"):
        office.makes_volunteer("sri", state="applied")
        with office.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE volunteers SET state = '{state}' WHERE name = 'Budi'")
        assert "Cara memakai Rewang" in office.says("sri", "panduan")


@pytest.mark.parametrize("command", ["guides", "guide_seen", "guide_ask", "guide_talk"])
def test_forged_presses_of_villagers_are_refused_and_written_down(office: World, command: str) -> None:
    number = publishes(office)
    assert "untuk relawan" in office.says("sri", choice=f"!{command} {number}")
    assert "Buka aplikasi" not in office.last("sri").text
    assert denied(office) == [("guide", f"guide {number}")]
    assert office.value("SELECT count(*) FROM guide_readers") == 2


@pytest.mark.parametrize("command", ["guides", "guide_seen", "guide_ask", "guide_talk"])
def test_a_guide_that_is_not_there_is_refused(office: World, command: str) -> None:
    assert "tidak ada" in office.says("budi", choice=f"!{command} 99999")
    assert office.value("SELECT count(*) FROM guide_readers") == 0


def test_a_village_officer_reads_the_library_and_is_not_counted(office: World) -> None:
    number = publishes(office)
    office.employs("rini", "Rini", "village", "35.05.01.2002")
    office.says("rini", "panduan")
    office.says("rini", "1")
    assert TEXT in office.last("rini").text
    assert labels(office, "rini") == ["Semua panduan"]
    assert office.value("SELECT count(*) FROM guide_readers") == 2
    assert "untuk relawan" in office.says("rini", choice=f"!guide_ask {number}")


def test_a_question_goes_to_the_office_and_its_answer_comes_back_with_it(office: World) -> None:
    number = publishes(office)
    office.presses("budi", "Bertanya")
    assert "Aktivasi IKD" in office.last("budi").text
    office.says("budi", "Kalau HP-nya tidak\npunya kamera, pripun?")
    assert "sampai di kantor" in office.last("budi").text
    for officer in ("dewi", "andi"):
        assert "Budi Santoso: Kalau HP-nya tidak\npunya kamera, pripun?" in office.last(officer).text
    office.presses("andi", "Jawab")
    office.says("andi", "Pakai HP keluarga.")
    told = office.last("budi").text
    assert "Anda bertanya: Kalau HP-nya tidak\npunya kamera, pripun?" in told
    assert "*Andi:* Pakai HP keluarga." in told
    assert labels(office, "budi") == ["Bertanya lagi", "Pertanyaan saya"]
    office.presses("budi", "Bertanya lagi")
    office.says("budi", "Kalau tidak punya keluarga?")
    assert office.value("SELECT count(*) FROM guide_questions WHERE answered_at IS NULL AND NOT by_staff") == 1
    thread = office.says("budi", choice=f"!guide_talk {number}")
    parts = [thread.index(words) for words in ("*Anda*", "kamera", "*Andi*", "HP keluarga", "tidak punya keluarga")]
    assert parts == sorted(parts)


def test_the_answer_reaches_those_who_stopped_since_they_asked(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Berapa lama prosesnya?")
    office.says("budi", "stop")
    office.presses("dewi", "Jawab")
    office.says("dewi", "Sepuluh menit saja.")
    assert "Sepuluh menit" in office.last("budi").text


def test_threads_are_each_volunteers_own(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Rahasia Budi?")
    assert "Rahasia" not in office.says("wati", choice=f"!guide_talk {number}")
    assert "Rahasia" not in office.says("wati", f"panduan {number}")
    office.says("budi", f"panduan {number}")
    assert "Pertanyaan saya" in labels(office, "budi")


def test_who_is_no_volunteer_any_more_sends_no_question(office: World) -> None:
    number = publishes(office)
    office.says("budi", choice=f"!guide_ask {number}")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET state = 'ended'")
    assert "untuk relawan" in office.says("budi", "Masih bisa?")
    assert office.value("SELECT count(*) FROM guide_questions") == 0


def test_a_long_guide_and_a_long_thread_leave_in_pieces(office: World) -> None:
    text = ("kata " * 240).strip()
    number = publishes(office, text=text, link="https://blitarkab.go.id/" + "a" * 270)
    sent = [message for message in office.inboxes["budi"] if "kata kata" in message.text or message.buttons][-2:]
    assert all(len(message.text) <= 1500 for message in sent)
    assert [bool(message.buttons) for message in sent] == [False, True]
    last = office.value(
        "SELECT max(id) FROM outbox WHERE contact_id = :who", who=office.person("budi").contact_id
    )  # the row whose state is followed
    query = "SELECT outbox_id FROM guide_readers WHERE guide_id = :guide AND contact_id = :who"
    assert office.value(query, guide=number, who=office.person("budi").contact_id) == last
    for n in range(4):
        asks(office, "budi", number, f"{n} " + "tanya " * 95)
    said = office.says("budi", choice=f"!guide_talk {number}")
    assert [f"{n} tanya" in said for n in range(4)] == [True] * 4
    assert "---" in said


def test_a_volunteers_erasure_takes_their_questions_and_the_counts_stay_right(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Rahasia Budi?")
    asks(office, "wati", number, "Pitakenan Wati?")
    office.presses("dewi", "Jawab")
    office.says("dewi", "Wangsulan kangge Wati.")
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert office.value("SELECT count(*) FROM guide_readers") == 1
    texts = [row[0] for row in office.rows("SELECT text FROM guide_questions ORDER BY id")]
    assert texts == ["Pitakenan Wati?", "Wangsulan kangge Wati."]
    assert office.rows("SELECT 1 FROM outbox WHERE payload LIKE '%Rahasia%'") == []
    said = office.says("dewi", f"panduan {number}")
    assert "Relawan: 1," in said
    assert "belum dijawab: 0" in said
    assert "tidak ada" in office.says("andi", choice="!guide_answer 1")

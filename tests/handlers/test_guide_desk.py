"""The office publishes guides, sees how far they came, answers, and takes them back; nobody else does."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest

from storage import outbox
from storage.erasure import erase_contact
from tests.handlers.guiding import PDF, TEXT, asks, denied, labels, publishes, settle
from tests.world import PHOTO, World


@pytest.fixture
def office(world: World) -> World:
    return settle(world)


def audited(office: World) -> list[tuple[str, str]]:
    rows = office.rows(
        "SELECT action, subject FROM audit WHERE allowed = :yes AND action LIKE 'guide%' ORDER BY id", yes=True
    )
    return [(row[0], row[1]) for row in rows]


def row_of(office: World, number: int, who: str) -> int:
    query = "SELECT outbox_id FROM guide_readers WHERE guide_id = :guide AND contact_id = :who"
    return int(office.value(query, guide=number, who=office.person(who).contact_id))


def counts(office: World, number: int) -> dict[str, int]:
    """Read the counts an officer is shown."""
    said = office.says("andi", f"panduan {number}").split("sampai:")[1]
    lines = [line.removeprefix("• ").rpartition(": ") for line in said.splitlines() if line.startswith("• ")]
    return {state: int(count) for state, _, count in lines}


def is_sent(office: World, row: int, state: str | None = None) -> None:
    """Note that a message was sent, and what the channel told of it later."""
    with office.engine.begin() as connection:
        outbox.mark_sent(connection, [(row, office.office.clock(), f"vendor-{row}")])
        if state is not None:
            assert outbox.mark_delivery(connection, "telegram", f"vendor-{row}", state, None)


def test_publishing_is_reviewed_changed_and_audited(office: World) -> None:
    for said in ("panduan baru", "Aktivasi", TEXT, "blitarkab.go.id", "https://blitarkab.go.id"):
        office.says("dewi", said)
    assert office.asks("dewi") == "guide_new/files"
    office.says("dewi", media=(PHOTO,))
    office.says("dewi", "lanjut")
    review = office.last("dewi").text
    assert "2. *Isi:* \n› 1. Buka aplikasi.\n› 2. Pilih menu.\n›\n› Tunggu" in review
    assert "https://blitarkab.go.id" in review
    for said in ("1", "Aktivasi IKD", "ya"):
        office.says("dewi", said)
    row = office.rows("SELECT title, body, url FROM guides")[0]
    assert tuple(row) == ("Aktivasi IKD", TEXT, "https://blitarkab.go.id")
    assert len(office.last("budi").media) == 1
    assert audited(office) == [("guide publish", f"guide {office.value('SELECT id FROM guides')}")]


@pytest.mark.parametrize(("length", "key"), [(1200, "guide_new/link"), (1201, "guide_new/text")])
def test_a_guide_has_a_longest_length(office: World, length: int, key: str) -> None:
    for said in ("panduan baru", "Aktivasi", "a" * length):
        office.says("dewi", said)
    assert office.asks("dewi") == key


def test_a_file_that_turned_out_unfit_is_asked_for_again_and_nothing_was_published(office: World) -> None:
    for said in ("panduan baru", "Aktivasi", TEXT, "lewati"):
        office.says("dewi", said)
    office.says("dewi", media=(PDF,))
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE media SET state = 'refused'")
    assert "belum diterbitkan" in office.says("dewi", "ya")
    assert office.asks("dewi") == "guide_new/files"
    assert office.value("SELECT count(*) FROM guides") == 0
    office.says("dewi", "lewati")
    assert "Buka aplikasi" in office.last("dewi").text
    office.says("dewi", "ya")
    assert TEXT in office.last("budi").text


def test_a_guide_half_written_is_kept_as_a_draft(office: World) -> None:
    for said in ("panduan baru", "Aktivasi", TEXT):
        office.says("dewi", said)
    office.says("dewi", "meja")
    office.says("dewi", "menu")
    office.presses("dewi", "Lanjut: Panduan")
    assert office.asks("dewi") == "guide_new/link"


def test_who_stopped_or_muted_is_not_written_to_and_is_counted_so(office: World) -> None:
    office.says("budi", "stop panduan")
    office.says("wati", "stop")
    before = len(office.inboxes["budi"]), len(office.inboxes["wati"])
    number = publishes(office)
    assert (len(office.inboxes["budi"]), len(office.inboxes["wati"])) == before
    assert "2 relawan tidak dikirimi" in office.last("dewi").text
    assert counts(office, number)["tidak dikirimi"] == 2
    office.says("budi", "panduan")
    office.says("budi", "1")
    assert TEXT in office.last("budi").text
    assert {"tidak dikirimi": 1, "buka sendiri": 1, "membuka panduan": 1}.items() <= counts(office, number).items()


def test_counts_follow_the_channel_and_add_up_to_all_readers(office: World) -> None:
    for who in ("agus", "joko", "tini"):
        office.arrives(who)
        office.makes_volunteer(who, name=who.capitalize())
    number = publishes(office)
    rows = {who: row_of(office, number, who) for who in ("budi", "wati", "agus", "joko", "tini")}
    assert counts(office, number) == {"menunggu dikirim": 5, "membuka panduan": 0, "menekan sudah baca": 0}
    is_sent(office, rows["budi"])
    is_sent(office, rows["wati"], "delivered")
    is_sent(office, rows["agus"], "read")
    is_sent(office, rows["joko"], "failed")
    with office.engine.begin() as connection:
        outbox.mark_ended(connection, [(rows["tini"], "skipped", "window_closed")])
    office.says("budi", choice=f"!guide_seen {number}")
    shown = counts(office, number)
    assert shown == {
        "dikirim": 1, "sampai di HP": 1, "dibaca": 1, "gagal": 1, "tidak terkirim": 1, "membuka panduan": 0, "menekan sudah baca": 1,
    }  # fmt: skip
    states = office.rows(
        "SELECT o.state, count(*) FROM guide_readers r JOIN outbox o ON o.id = r.outbox_id GROUP BY o.state"
    )
    assert sorted(tuple(row) for row in states) == [(s, 1) for s in ("delivered", "failed", "read", "sent", "skipped")]
    is_sent(office, rows["wati"], "read")
    assert counts(office, number)["dibaca"] == 2


def test_names_are_listed_by_state(office: World) -> None:
    number = publishes(office)
    is_sent(office, row_of(office, number, "wati"), "read")
    office.says("budi", choice=f"!guide_seen {number}")
    for state, there, absent in (
        ("waiting", "Budi Santoso", "Wati"),
        ("read", "Wati", "Budi"),
        ("confirmed", "Budi", "Wati"),
    ):
        office.says("andi", f"panduan {number}")
        office.picks("andi", "names")
        said = office.picks("andi", state)
        assert f"• {there}" in said
        assert absent not in said
        assert office.asks("andi") == "guide_case/action", "and the guide is shown again"
    assert audited(office)[1:] == [("guide names", f"guide {number}")] * 3


def test_the_office_opens_a_guide_from_its_list_and_reads_it(office: World) -> None:
    publishes(office)
    office.says("andi", "panduan")
    assert labels(office, "andi") == ["Panduan baru", "Aktivasi IKD"]
    office.says("andi", "aktivasi")
    office.picks("andi", "show")
    assert TEXT in office.last("andi").text
    assert labels(office, "andi") == ["Lihat panduan ini", "Semua panduan"]
    assert office.value("SELECT count(*) FROM guide_readers WHERE opened_at IS NOT NULL") == 0


def test_guides_with_open_questions_come_first_and_their_threads_are_read_and_answered(office: World) -> None:
    number = publishes(office)
    publishes(office, title="Foto produk")
    asks(office, "budi", number, "Pertama?")
    asks(office, "budi", number, "Kedua?")
    office.says("andi", "panduan")
    assert labels(office, "andi") == ["Panduan baru", "(2) Aktivasi IKD", "Foto produk"]
    office.says("andi", "2")
    assert "belum dijawab: 2" in office.last("andi").text
    office.picks("andi", "threads")
    assert labels(office, "andi") == ["(2) Budi Santoso"]
    assert "*Budi Santoso*" in office.says("andi", "1")
    office.says("andi", "Keduanya bisa.")
    told = office.last("budi").text
    assert told.index("Pertama?") < told.index("Kedua?") < told.index("Keduanya bisa.")
    assert "belum dijawab: 0" in office.says("andi", f"panduan {number}")
    assert [action for action, _ in audited(office)] == ["guide publish"] * 2 + ["guide thread", "guide answer"]
    office.picks("andi", "threads")
    office.says("andi", "1")
    assert "Keduanya bisa." in office.last("andi").text
    assert "sudah dijawab" in office.last("andi").text


def test_who_comes_second_sees_the_answer_and_sends_none(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Berapa lama?")
    presses = {who: office.last(who).buttons[0].data for who in ("dewi", "andi")}
    office.says("dewi", choice=presses["dewi"])
    office.says("dewi", "Sepuluh menit.")
    said = office.says("andi", choice=presses["andi"])
    assert "Sepuluh menit." in said
    assert "sudah dijawab" in said
    assert office.asks("andi") != "guide_thread/answer"


def test_a_question_asked_while_an_answer_is_written_stays_open(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Pertama?")
    office.presses("dewi", "Jawab")
    asks(office, "budi", number, "Kedua?")
    office.says("dewi", "Untuk yang pertama.")
    assert "Kedua?" not in office.last("budi").text
    open_ones = office.rows("SELECT text FROM guide_questions WHERE answered_at IS NULL AND NOT by_staff")
    assert [row[0] for row in open_ones] == ["Kedua?"]


def test_of_two_officers_at_the_same_moment_exactly_one_answers(office: World) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Berapa lama?")
    for who in ("dewi", "andi"):
        office.presses(who, "Jawab")
        assert office.asks(who) == "guide_thread/answer"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda who: office.says(who, f"Jawaban dari {who}"), ("dewi", "andi")))
    assert sorted("Sudah ada rekan" in text for text in said) == [False, True]
    assert office.value("SELECT count(*) FROM guide_questions WHERE by_staff") == 1
    assert [action for action, _ in audited(office)].count("guide answer") == 1


def test_a_withdrawn_guide_leaves_the_library_and_its_rows_stay(office: World) -> None:
    publishes(office, title="Buka rekening", text="Aplikasi bank")
    number = publishes(office)
    asks(office, "budi", number, "Berapa lama?")
    office.says("dewi", f"panduan {number}")
    office.picks("dewi", "withdraw")
    office.picks("dewi", "keep")
    assert office.value("SELECT count(*) FROM guides WHERE withdrawn_at IS NOT NULL") == 0
    office.picks("dewi", "withdraw")
    assert "sudah ditarik" in office.picks("dewi", "sure")
    assert "Ada 1," in office.says("budi", "panduan")
    assert labels(office, "budi") == ["Buka rekening"]
    office.says("budi", "aplikasi")
    assert labels(office, "budi") == ["Buka rekening", "Semua panduan"]
    for command in ("guides", "guide_ask"):
        said = office.says("budi", choice=f"!{command} {number}")
        assert "sudah ditarik" in said
        assert "Buka aplikasi" not in said
    assert "Berapa lama?" in office.says("budi", choice=f"!guide_talk {number}")
    assert office.value("SELECT count(*) FROM guide_readers WHERE guide_id = :guide", guide=number) == 2
    said = office.says("andi", f"panduan {number}")
    assert "Ditarik:" in said
    office.picks("andi", "threads")
    office.says("andi", "1")
    office.says("andi", "Panduannya keliru, maaf.")
    assert "keliru" in office.last("budi").text
    assert "Bertanya lagi" not in labels(office, "budi")
    assert ("guide withdraw", f"guide {number}") in audited(office)


def test_what_waits_for_the_morning_is_not_sent_once_withdrawn(office: World) -> None:
    office.later(hours=11)  # 21.00 in Blitar
    number = publishes(office, text="kata " * 235, link="https://blitarkab.go.id/" + "a" * 270)
    waiting = "SELECT count(*) FROM outbox WHERE state = 'queued'"
    assert office.value(waiting) == 4, "two pieces for each of two volunteers"
    office.says("dewi", f"panduan {number}")
    office.picks("dewi", "withdraw")
    office.picks("dewi", "sure")
    assert office.value(waiting) == 0
    assert counts(office, number)["tidak terkirim"] == 2


FORGED = ("guide_new", "terbitkan panduan", "guide_answer 1")


@pytest.mark.parametrize("who", ["sri", "budi", "rini"])
@pytest.mark.parametrize("command", FORGED)
def test_nobody_but_an_officer_publishes_or_answers(office: World, who: str, command: str) -> None:
    office.employs("rini", "Rini", "village", "35.05.01.2002")
    number = publishes(office)
    asks(office, "budi", number, "Rahasia?")
    assert "Hanya petugas kabupaten" in office.says(who, choice=f"!{command}")
    assert "Rahasia" not in office.last(who).text
    assert len(denied(office)) == 1


def is_let_go(office: World, name: str) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE staff SET active = false WHERE name = '{name}'")


STEPS: list[tuple[list[Any], str]] = [
    (["panduan baru", "Aktivasi", TEXT, "lewati", "lewati"], "ya"),
    (["!guide_answer {question}"], "Jawaban saya"),
    (["panduan {guide}", "tarik"], "ya"),
    (["panduan {guide}", "nama"], "1"),
    (["panduan"], "2"),
]


@pytest.mark.parametrize(("steps", "last"), STEPS)
def test_an_officer_who_was_let_go_meanwhile_does_nothing(office: World, steps: list[str], last: str) -> None:
    number = publishes(office)
    asks(office, "budi", number, "Rahasia?")
    before = office.value("SELECT count(*) FROM guides"), office.value("SELECT count(*) FROM guide_questions")
    question = office.value("SELECT max(id) FROM guide_questions")
    office.arrives("andi") if not office.person("andi").consent else None
    for step in steps:
        said = step.format(guide=number, question=question)
        office.says("andi", **({"choice": said} if said.startswith("!") else {"text": said}))
    is_let_go(office, "Andi")
    assert "Hanya petugas kabupaten" in office.says("andi", last)
    assert (office.value("SELECT count(*) FROM guides"), office.value("SELECT count(*) FROM guide_questions")) == before
    assert office.value("SELECT withdrawn_at FROM guides") is None


def test_what_an_officer_wrote_for_the_office_outlasts_their_erasure(office: World) -> None:
    number = publishes(office, file=PDF)
    asks(office, "budi", number, "Berapa lama?")
    office.presses("dewi", "Jawab")
    office.says("dewi", "Sepuluh menit.")
    office.says("dewi", media=(PHOTO,))
    dewi = office.person("dewi").contact_id
    with office.engine.begin() as connection:
        removed = erase_contact(connection, dewi, office.office.clock())
    assert len(removed) == 1, "the photo that belongs to no guide"
    office.says("budi", f"panduan {number}")
    assert len(office.last("budi").media) == 1
    assert office.rows("SELECT 1 FROM media WHERE id = :id", id=office.last("budi").media[0]) != []
    assert "Sepuluh menit." in office.says("budi", choice=f"!guide_talk {number}")
    authors = "SELECT author_id FROM guides UNION SELECT author_id FROM guide_questions WHERE by_staff"
    assert [row[0] for row in office.rows(authors)] == [None]

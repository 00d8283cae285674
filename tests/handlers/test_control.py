"""Keeping control: stop, own data, erasure, language, and words that get through everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from storage import learning
from storage.tables import metadata
from tests.handlers.guiding import asks, publishes
from tests.handlers.test_helping import settled, takes
from tests.handlers.test_requests import sends_domicile
from tests.handlers.test_visits import reports
from tests.world import PHOTO, World


def test_stop_stays_until_the_person_says_so(world: World) -> None:
    world.arrives("sri")
    world.employs("dewi")
    world.says("sri", "BERHENTI")
    assert world.person("sri").stopped_at is not None
    code = sends_domicile(world)
    assert world.person("sri").stopped_at is not None, "a later question does not subscribe again"
    world.says("dewi", f"buka {code}")
    world.picks("dewi", "reply")
    world.says("dewi", "sudah kami baca")
    assert "sudah kami baca" in world.last("sri").text, "answers to own requests go on"
    world.says("sri", "langganan")
    assert world.person("sri").stopped_at is None


@pytest.mark.parametrize("word", ["STOP", "berhenti", "Mandheg", "mandeg", "/stop"])
def test_stop_in_the_middle_of_a_question(world: World, word: str) -> None:
    world.arrives("sri")
    world.says("sri", "surat domisili")
    world.says("sri", "1")
    world.says("sri", word)
    assert world.person("sri").stopped_at is not None
    assert world.asks("sri") == "request:surat_domisili/name", "the question stays open"


def test_own_data_shows_what_is_stored(world: World) -> None:
    world.arrives("sri")
    code = sends_domicile(world)
    said = world.says("sri", "data saya")
    for expected in ("Sri Lestari", "Salam", code, "2026-11"):
        assert expected in said


def test_own_data_counts_what_was_done(world: World) -> None:
    settled(world)
    assert "Kunjungan" not in world.says("budi", "data saya")
    reports(world)
    takes(world, "budi", sends_domicile(world))
    asks(world, "budi", publishes(world), "Di mana menunya?")
    world.says("dewi", choice=world.last("dewi").buttons[0].data)
    world.says("dewi", "Di kanan atas")
    world.says("budi", "ajari saya bikin sandi yang kuat")
    budi = world.person("budi").contact_id
    with world.engine.begin() as connection:
        learning.add_certificate(connection, "SRT-2222", budi, "aman", "Budi", world.office.clock())
    said = world.says("budi", "data saya").replace("*", "")
    for expected in (
        "Kunjungan yang dilaporkan: 1",
        "Permohonan yang dibantu: 1",
        "Pertanyaan tentang panduan: 1",
        "Materi yang dipelajari: 1",
        "Sertifikat: 1",
    ):
        assert expected in said
    assert "Kunjungan" not in world.says("siti", "data saya"), "what others did is not theirs"


def test_erasure_leaves_nothing_but_the_nameless_skeleton(world: World) -> None:
    world.arrives("web:w1")
    world.employs("dewi")
    code = sends_domicile(world, "web:w1")
    world.says("web:w1", "lapor")
    world.says("web:w1", media=(PHOTO,))
    number = world.person("web:w1").contact_id
    world.says("web:w1", "hapus data")
    said = world.says("web:w1", "ya")
    assert f"-{number}" in said
    assert len(world.removed) == 1
    left = str(everything(world, number))
    for secret in ("Sri", "w1", "keperluan"):
        assert secret not in left
    request = world.rows("SELECT * FROM requests")[0]
    assert (request.code, request.service, request.village, request.contact_id, request.answers) == (
        code,
        "surat_domisili",
        "35.05.01.2002",
        None,
        "{}",
    )


def everything(world: World, number: int) -> list[object]:
    """Read all rows of all tables but the receipt itself, which is on its way, and messages to the office."""
    found: list[object] = []
    with world.engine.begin() as connection:
        for table in metadata.sorted_tables:
            query = sa.select(table)
            if table.name == "outbox":
                newest = sa.select(sa.func.max(table.c.id)).where(table.c.contact_id == number).scalar_subquery()
                query = query.where(table.c.contact_id == number, table.c.id != newest)
            if table.name == "contents":
                continue
            found += [tuple(row) for row in connection.execute(query)]
    return found


def test_erasure_can_be_declined(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "hapus data")
    world.says("sri", "tidak")
    assert world.person("sri").village == "35.05.01.2002"


def test_after_erasure_one_begins_anew(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "hapus data")
    world.says("sri", "hapus")
    world.says("sri", "halo")
    assert world.asks("sri") == "onboarding/language"


def test_the_language_changes_at_once(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "basa jawa")
    assert world.person("sri").language == "jv"
    world.says("sri", "bahasa")
    world.says("sri", "Bahasa Indonesia")
    assert world.person("sri").language == "id"


@pytest.mark.parametrize(
    ("word", "asks"),
    [
        ("menu", "menu/choice"),
        ("/menu", "menu/choice"),
        ("bantuan", ""),
        ("petugas", "officer/about"),
        ("STATUS", ""),
        ("lapor", "complaints/kind"),
        ("layanan", "services/group"),
        ("ganti desa", "village/village"),
    ],
)
def test_words_work_everywhere(world: World, word: str, asks: str) -> None:
    world.arrives("sri")
    world.says("sri", "surat domisili")
    world.says("sri", word)
    assert world.asks("sri") == asks


def test_a_menu_choice_can_be_pressed_numbered_or_typed(world: World) -> None:
    world.arrives("sri")
    for how in ("1", "Layanan", "LAYANAN", "layannan", "ladosan"):
        world.says("sri", "menu")
        world.says("sri", how)
        assert world.asks("sri") == "services/group", how
    world.says("sri", "menu")
    world.picks("sri", "services")
    assert world.asks("sri") == "services/group"


def test_stale_and_forged_buttons_are_refused_kindly(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "menu")
    old = world.last("sri").buttons[1].data
    world.says("sri", "layanan")
    world.says("sri", choice=old)
    assert world.asks("sri") == "services/group"
    number = world.person("sri").conversation
    assert number is not None
    for forged in (
        f"{number.id}|group|nothing",
        "999999|group|desa",
        "x",
        "",
        "!",
        "!open",
        "!talk 1",
        "|||",
        "!!",
        f"{number.id}|group|",
    ):
        world.says("sri", choice=forged)
        assert world.asks("sri") != ""


def test_not_understood_twice_offers_an_officer(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "batal")
    world.says("sri", "xyzzy qwerty")
    assert world.asks("sri") == "menu/choice"
    world.says("sri", "batal")
    world.says("sri", "xyzzy qwerty")
    world.says("sri", "batal")
    world.says("sri", "plugh plugh")
    assert any(button.data == "!petugas" for button in world.last("sri").buttons)


def test_an_identity_number_is_masked_before_it_is_stored(world: World) -> None:
    world.arrives("web:w1")
    world.says("web:w1", "surat domisili")
    world.says("web:w1", "1")
    world.says("web:w1", "Sri 3505 1234 5678 9012")
    assert "350512345678" not in str(everything(world, world.person("web:w1").contact_id)).replace(" ", "")
    assert "3505********9012" in world.value("SELECT journal FROM conversations")


def test_html_stays_text(world: World) -> None:
    world.arrives("sri")
    world.says("sri", "surat domisili")
    world.says("sri", "1")
    world.says("sri", "<b>Sri</b> & *bold*")
    assert world.person("sri").conversation is not None
    world.says("sri", "belajar *tebal* <script>")
    assert "*bold*" not in world.last("sri").text


def test_on_the_web_page_everybody_is_a_villager(world: World) -> None:
    world.arrives("sri")
    code = sends_domicile(world)
    world.employs("web:w9", "Palsu", "admin")
    world.arrives("web:w8")
    world.says("web:w8", f"buka {code}")
    assert "Sri Lestari" not in world.last("web:w8").text
    world.says("web:w9", f"buka {code}")
    world.says("web:w9", "meja")
    assert all("Sri Lestari" not in message.text for message in world.inboxes["web:w9"])
    assert all(not button.data.endswith("|case:1") for message in world.inboxes["web:w9"] for button in message.buttons)


def test_in_the_demo_the_page_can_be_an_officer(world: World) -> None:
    world.arrives("sri")
    code = sends_domicile(world)
    world.office = replace(world.office, demo=True)
    world.employs("web:w9", "Dewi", "admin")
    assert "Sri Lestari" in world.says("web:w9", f"buka {code}")


def test_stop_as_the_very_first_word_is_heard(world: World) -> None:
    world.says("sri", "STOP")
    assert world.person("sri").stopped_at is not None
    assert world.asks("sri") == ""


def test_files_sent_before_consent_are_not_kept(world: World) -> None:
    world.says("sri", "halo", media=(PHOTO,))
    assert world.rows("SELECT * FROM media") == []

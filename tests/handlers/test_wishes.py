"""What free text does: at once where it is sure, after an either/or question where it is likely, and never by surprise."""

from __future__ import annotations

import json

import pytest

from handlers.messages import IncomingMedia
from tests.world import World


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    return world


def labels(world: World, who: str = "sri") -> list[str]:
    return [button.label for button in world.last(who).buttons]


def test_what_was_said_is_prefilled_and_shown_in_the_review(office: World) -> None:
    office.says("sri", "sy mau bikin surat domisili, sy warga ds slorok garum")
    assert office.asks("sri") == "request:surat_domisili/go"
    for answer in ("ya", "Sri Lestari", "RT 02 RW 01", "sekolah anak"):
        office.says("sri", answer)
    assert office.asks("sri") == "request:surat_domisili/review"
    assert "Desa: Desa Slorok, Kec. Garum" in office.last("sri").text.replace("*", "")


def test_a_place_that_is_not_sure_is_not_prefilled(office: World) -> None:
    office.says("sri", "jalan rusak di sumberagung")  # two kecamatan have one
    conversation = office.person("sri").conversation
    assert conversation is not None
    assert json.loads(conversation.journal)["village"] == "35.05.01.2002", "the village the person lives in"


def test_the_second_wish_is_offered_when_the_first_is_done(office: World) -> None:
    office.says("sri", "mau urus surat nikah sama tanya status laporan saya")
    assert office.asks("sri") == "request:nikah_pengantar/go"
    said = office.says("sri", "nanti saja")
    assert "*Permohonan saya*" in said


def test_the_second_wish_is_offered_after_a_sent_request_too(office: World) -> None:
    office.says("sri", "mau urus surat domisili. sekalian bikin akta kelahiran anak")
    assert office.asks("sri") == "request:surat_domisili/go"
    for answer in ("ya", "Sri Lestari", "RT 02 RW 01", "sekolah anak", "ya"):
        office.says("sri", answer)
    assert "Akta Kelahiran" in labels(office)
    office.presses("sri", "Akta Kelahiran")
    assert office.asks("sri") == "request:akta_kelahiran/go"


UNSURE = (
    "kula wangsul saking Kalimantan",
    "surat buat bank",
    "lampu",
    "bantuan yang mati",
    "bank minta surat warung lama",
)


def asked_about(office: World) -> str:
    """Say unclear things until one is asked about; returns it."""
    for text in UNSURE:
        office.says("sri", text)
        if office.asks("sri") == "either/meant":
            return text
    raise AssertionError("none of the unclear messages was asked about")


def test_the_either_or_question_starts_what_is_chosen(office: World) -> None:
    asked_about(office)
    offered = labels(office)
    assert 2 <= len(offered) <= 3
    assert offered[-1] == "Bukan itu"
    office.says("sri", "1")
    assert office.asks("sri") not in ("either/meant", "menu/choice")


def test_neither_leads_to_the_menu(office: World) -> None:
    asked_about(office)
    office.says("sri", "bukan itu")
    assert office.asks("sri") == "menu/choice"


def test_any_other_wish_may_be_said_to_the_either_or_question(office: World) -> None:
    asked_about(office)
    office.says("sri", "mau bikin surat domisili")
    assert office.asks("sri") == "request:surat_domisili/go"


def test_what_is_not_understood_gets_one_apology_then_an_officer(office: World) -> None:
    assert "belum paham" in office.says("sri", "zxcv qwpo")
    assert office.asks("sri") == "menu/choice"
    office.says("sri", "zxcv qwpo mnbv")
    assert "masih belum paham" in office.last("sri").text
    assert labels(office) == ["Bicara petugas", "Menu utama"]
    office.says("sri", "surat domisili")
    assert office.person("sri").apologies == 0


def test_javanese_is_offered_once_to_who_writes_it(office: World) -> None:
    assert "basa jawa" in office.says("sri", "pripun carane ndamel surat domisili")
    office.says("sri", "batal")
    assert "basa jawa" not in office.says("sri", "kula badhe ndamel kartu keluarga enggal")
    office.says("sri", "basa jawa")
    assert office.person("sri").language == "jv"


def test_javanese_is_not_offered_to_who_has_it(world: World) -> None:
    world.arrives("sri", language="jv")
    assert "ketik *basa jawa*" not in world.says("sri", "pripun carane ndamel surat domisili")
    assert not world.person("sri").javanese_offered


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("batal aja lah pak", ""),
        ("mboten sios mawon", ""),
        ("sambungkan ke petugas dong", "officer/about"),
        ("balik ke pertanyaan tadi", "request:surat_domisili/go"),
    ],
)
def test_a_few_words_get_through_whatever_is_asked(office: World, words: str, asked: str) -> None:
    for text in ("surat domisili", "ya"):
        office.says("sri", text)
    assert office.asks("sri") == "request:surat_domisili/name"
    office.says("sri", words)
    assert office.asks("sri") == asked


def test_stop_gets_through_in_plain_words(office: World) -> None:
    for text in ("surat domisili", "ya"):
        office.says("sri", text)
    office.says("sri", "jangan kirim pesan lagi ya")
    assert office.person("sri").stopped_at is not None


def test_what_was_written_is_kept_when_words_were_understood_as_a_cancel(office: World) -> None:
    for text in ("surat domisili", "ya", "Sri Lestari", "RT 02 RW 01"):
        office.says("sri", text)
    assert "draf" in office.says("sri", "gak jadi aja deh pak")
    assert "Lanjut: Surat domisili"[:20] in [label[:20] for label in office_labels_of_menu(office)]


def office_labels_of_menu(office: World) -> list[str]:
    office.says("sri", "menu")
    return labels(office)


@pytest.mark.parametrize(
    "answer", ["untuk membatalkan nikah di KUA Garum bulan depan pak", "kerja", "jalan rusak", "laporan polisi"]
)
def test_a_free_answer_is_taken_as_the_answer(office: World, answer: str) -> None:
    for text in ("surat domisili", "ya", "Sri Lestari", "RT 02 RW 01"):
        office.says("sri", text)
    assert office.asks("sri") == "request:surat_domisili/keperluan"
    office.says("sri", answer)
    assert office.asks("sri") == "request:surat_domisili/review"
    assert answer in office.last("sri").text


def test_a_sure_wish_goes_before_a_question_it_does_not_answer(office: World) -> None:
    for text in ("surat domisili", "ya", "Sri Lestari", "RT 02 RW 01", "sekolah", "2"):
        office.says("sri", text)
    assert office.asks("sri") == "request:surat_domisili/village"
    office.says("sri", "lampu jalan depan rumah mati sudah seminggu pak")
    assert office.asks("sri").startswith("request:adu_lampu/")
    assert "draf" in office.last("sri").text


@pytest.mark.parametrize("yes", ["ya pak betul", "nggih pun leres", "iya sudah benar semua"])
def test_yes_in_more_words_confirms_the_review(office: World, yes: str) -> None:
    for text in ("surat domisili", "ya", "Sri Lestari", "RT 02 RW 01", "sekolah"):
        office.says("sri", text)
    office.says("sri", yes)
    assert office.value("SELECT count(*) FROM requests") == 1


def test_a_request_that_waits_for_more_takes_words_as_the_answer_but_hears_the_status_asked_for(office: World) -> None:
    for text in ("surat domisili", "ya", "Sri Lestari", "RT 02 RW 01", "sekolah", "ya"):
        office.says("sri", text)
    office.employs("dewi")
    code = office.value("SELECT code FROM requests")
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "ask_more")
    office.says("dewi", "KTP-nya masih ada?")
    office.says("sri", "ktp saya hilang pak")
    assert "ktp saya hilang pak" in office.last("dewi").text
    office.says("sri", "status permohonan saya gimana pak")
    assert office.asks("sri").startswith("my_requests/")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("tolong hapus semua data saya", "erase/sure"),
        ("mau lihat pilihan menunya", "menu/choice"),
        ("saya bingung cara pakainya", ""),
        ("mau ganti bahasa", "language/language"),
        ("mau ngadu pak", "complaints/kind"),
    ],
)
def test_each_wish_leads_to_its_place(office: World, text: str, asked: str) -> None:
    office.says("sri", text)
    assert office.asks("sri").split("/")[0] == asked.split("/", maxsplit=1)[0]


def test_a_voice_message_is_answered_and_a_sticker_shows_the_menu(office: World) -> None:
    assert "pesan suara" in office.says("sri", media=(IncomingMedia("voice", "v1", "audio/ogg", 1000),))
    office.says("sri", media=(IncomingMedia("sticker", "s1", "image/webp", 1000),))
    assert office.asks("sri") == "menu/choice"


def test_what_was_asked_first_of_all_is_done_after_the_first_contact(world: World) -> None:
    for text in ("lampu jalan di ds slorok garum mati pak", "1", "setuju", "Salam"):
        world.says("sri", text)
    conversation = world.person("sri").conversation
    assert conversation is not None
    assert conversation.flow == "request:adu_lampu"
    assert world.office.registry.places.get(json.loads(conversation.journal)["village"]).name == "Slorok"


@pytest.mark.parametrize(
    ("text", "said", "asked"),
    [
        ("assalamualaikum pak bu admin semuanya", "Waalaikumsalam", "menu/choice"),
        ("selamat pagi bapak ibu admin rewang", "Selamat pagi", "menu/choice"),
        ("matur nuwun sanget nggih pak sampun dibantu", "Sama-sama", ""),
    ],
)
def test_greetings_and_thanks_in_more_words_are_answered_as_meant(
    office: World, text: str, said: str, asked: str
) -> None:
    assert said in office.says("sri", text)
    assert office.asks("sri") == asked
    assert office.person("sri").apologies == 0

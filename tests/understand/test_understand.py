"""What messages are understood to mean, and what must hold for any message."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.reading import HEAD_WORDS, TAIL_WORDS, Reader, features
from flows.text import Both
from flows.understand import DANGEROUS, INTENTS, Understanding, Understood, load_understanding, names_of
from flows.vocabulary import VOCABULARY, load_vocabulary
from flows.weights import load_weights
from tests.talk import REGISTRY

TODAY = date(2026, 11, 25)  # a Wednesday
WORDS = sorted(
    {
        word
        for languages in yaml.safe_load(VOCABULARY.read_text("utf-8"))["words"].values()
        for words in languages.values()
        for word in words
    }
)


def understand(text: str, language: str = "id", *, asked: bool = False) -> Understood:
    return REGISTRY.understanding.understand(text, today=TODAY, language=language, asked=asked)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("sy mau bikin ktp yg ilang", "request_service", {"service": "ktp_el"}),
        ("pripun carane ndamel surat domisili", "request_service", {"service": "surat_domisili"}),
        ("jalan depan rmh rusak pak desa slorok garum", "complaint",
         {"service": "adu_jalan", "village": "Slorok", "district": "Garum"}),
        ("status laporan saya", "track_status", {}),
        ("mau lapor kunjungan kanigoro literasi 25 org", "volunteer_checkin",
         {"village": "Kanigoro", "activity": "literasi", "count": 25}),
        ("ampun dikirimi malih", "unsubscribe", {}),
        ("cek BLT-7K3F", "track_status", {"ticket": "BLT-7K3F"}),
        ("BLT dipotong 100 ribu per orang", "complaint", {"service": "adu_pelayanan"}),  # an aid, and no code
    ],
)  # fmt: skip
def test_what_people_really_type(text: str, intent: str, slots: dict[str, str | int]) -> None:
    found = understand(text)
    assert (found.intent, dict(found.slots), found.is_sure) == (intent, slots, True)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("kunjungan pendampingan 12 warga", 12),
        ("kunjungan literasi sing teka telung puluh wong", 30),
        ("pendampingan rawuh tigang dasa tiyang", 30),
        ("literasi pesertane selawe", 25),
        ("kunjungan RT 3 RW 2 jam 9, hadir dua puluh lima orang", 25),
        ("kunjungan literasi kawan dasa kalih tiyang", 42),
        ("lomba desa rong atus seket warga", 250),
    ],
)
def test_numbers_in_digits_and_words_of_both_languages(text: str, count: int) -> None:
    assert understand(text).slots["count"] == count


@pytest.mark.parametrize(
    ("text", "village", "district"),
    [
        ("lampu jalan mati di ds ngaglik", "Ngaglik", None),
        ("lampu jalan mati di sumberagung", None, None),  # two kecamatan have one
        ("lampu jalan mati di sumberagung gandusari", "Sumberagung", "Gandusari"),
        ("lampu jalan mati kec garum desa slorok", "Slorok", "Garum"),
        ("lampu jalan mati kec kademangan", None, "Kademangan"),
        ("lampu jalan mati neng kanigoro", None, None),  # the village or the kecamatan?
        ("lampu jalan mati neng desa kanigoro", "Kanigoro", None),
        ("kunjungan kanigoro literasi 25 orang", "Kanigoro", None),  # a visit is to a village
        ("lampu jalan mati di gunung gede", "Gununggede", None),
        ("lampu jalan mati neng ngendi", None, None),  # where, and no Ngeni
        ("lampu jalan mati pojok pasar", None, None),  # a corner, not desa Pojok
        ("saya tinggal di sini, lampu jalan mati", None, None),  # no desa Tingal
        ("lampu jalan juga mati", None, None),  # no desa Jugo
        ("warga Jugo, lampu jalan mati", "Jugo", None),
        ("lampu jalan mati di plumpungrjo", "Plumpungrejo", None),
        ("lampu jalan mati dusun sumberjo desa ngaringan", "Ngaringan", None),  # a dusun's name is not the village's
    ],
)
def test_places_by_their_official_names_and_never_guessed(text: str, village: str | None, district: str | None) -> None:
    found = understand(text)
    assert (found.slots.get("village"), found.slots.get("district")) == (village, district)
    assert bool(found.village_code) == (village is not None)


@pytest.mark.parametrize(
    ("text", "words", "iso"),
    [
        ("kemarin kunjungan ke ngaglik", "kemarin", "2026-11-24"),
        ("wingi kunjungan neng ngaglik", "wingi", "2026-11-24"),
        ("kunjungan ngaglik tgl 3", "tgl 3", "2026-11-03"),
        ("kunjungan ngaglik senin kemarin 20 orang", "senin kemarin", "2026-11-23"),
        ("kunjungan ngaglik 17-10 literasi 20 orang", "17 10", "2026-10-17"),
    ],
)
def test_days_as_typed_and_by_the_clock(text: str, words: str, iso: str) -> None:
    slots = understand(text).slots
    assert (slots["date"], slots["date_iso"]) == (words, iso)


@pytest.mark.parametrize(
    ("text", "words", "iso"),
    [
        ("rekap bulan ini", "bulan ini", "2026-11"),
        ("rekap wulan wingi", "wulan wingi", "2026-10"),
        ("rekap minggu lalu", "minggu lalu", "2026-W47"),
        ("rekap tahun ini", "tahun ini", "2026"),
        ("rekap kunjungan desember", "desember", "2025-12"),
    ],
)
def test_periods_as_typed_and_by_the_clock(text: str, words: str, iso: str) -> None:
    slots = understand(text).slots
    assert (slots["period"], slots["period_iso"]) == (words, iso)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("ganti basa jawa mawon", "jv"),
        ("pakai bahasa indonesia saja pak", "id"),
        ("ojo nganggo boso kromo, ganti bahasa", "id"),
        ("gantos basa indonsia mawon nggih", "id"),
    ],
)
def test_the_language_asked_for(text: str, lang: str) -> None:
    assert (understand(text).intent, understand(text).slots["lang"]) == ("language_change", lang)


def test_the_writers_own_language_decides_what_is_too_short_to_tell() -> None:
    assert [understand("ktp", own).language for own in ("id", "jv")] == ["id", "jv"]
    assert understand("pripun carane ndamel surat", "id").language == "jv"
    assert understand("bagaimana caranya membuat surat", "jv").language == "id"


def test_an_open_question_makes_yes_and_no_likelier() -> None:
    plain, asked = understand("apa saja boleh"), understand("apa saja boleh", asked=True)
    share = {each.intent: each.confidence for each in (*plain.alternatives,)} | {plain.intent: plain.confidence}
    raised = {each.intent: each.confidence for each in (*asked.alternatives,)} | {asked.intent: asked.confidence}
    assert raised["yes"] > share["yes"]


def test_a_service_added_since_the_weights_were_learned_is_found_by_its_name() -> None:
    known = REGISTRY.services["surat_domisili"]
    title = Both("Kartu tani", "Kartu tani")
    names = {"id": ("kartu tani",), "jv": ("kertu tani",)}
    added = known.model_copy(update={"id": "kartu_tani", "title": title, "short": title, "names": names})
    understanding = Understanding({**REGISTRY.services, "kartu_tani": added}, REGISTRY.places, load_weights())
    found = understanding.understand("mau bikin kartu tani pak, caranya gimana", today=TODAY)
    assert (found.intent, found.slots["service"]) == ("request_service", "kartu_tani")


@given(st.text(max_size=600))
def test_any_text_is_understood_somehow_and_the_same_way_twice(text: str) -> None:
    found = understand(text)
    assert found.intent in INTENTS
    assert 0 <= found.confidence <= 1
    assert found == understand(text)
    assert understand(text, "jv").intent == found.intent


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_what_stops_cancels_or_erases_is_sure_only_where_its_words_say_so(words: list[str]) -> None:
    found = understand(" ".join(words))
    seen = REGISTRY.understanding.classes(" ".join(words))
    if found.is_sure and found.intent in DANGEROUS:
        assert seen & {"cancel", "unsubscribe", "stop", "do not", "disturb", "no longer", "delete"}
    if found.is_sure and {"delete", "data"} <= seen:
        assert found.intent in DANGEROUS


@pytest.mark.parametrize(
    "long", ["x" * 4096, "surat " * 800, "jalan rusak di slorok garum " * 150, "a b c d e f g " * 300, "é" * 4096]
)
def test_no_message_is_long_enough_to_make_it_slow(long: str) -> None:
    """Counted, not timed: what is looked at is bounded, whatever the length."""
    reader = Reader(load_vocabulary(), REGISTRY.places, names_of(REGISTRY.services))
    reading = reader.read(long)
    assert len(reading.words) <= HEAD_WORDS + TAIL_WORDS
    counted = features(reading)
    assert len(counted.words) <= HEAD_WORDS + TAIL_WORDS
    assert max((len(word) for word in counted.words), default=0) <= 4 * 20  # a phrase of four words
    assert len(counted.context) <= 2_000


def test_the_tail_of_a_long_story_is_read() -> None:
    story = (
        "Assalamualaikum pak, maaf mengganggu malam-malam. Jadi begini ceritanya, anak saya yang pertama sudah berkeluarga, menantu saya "
        "orangnya baik, kerjanya di pabrik, cucu saya dua lucu-lucu. Tiap sore mereka main ke sini, ramai sekali, sampai tetangga senang "
        "semua. Yang kedua masih sekolah, rajin, tiap malam mengaji di langgar. Saya sendiri sehat, hanya mata agak kabur kalau "
        "membaca tulisan kecil, jadi maaf kalau ketikan saya banyak yang keliru. Alhamdulillah semua rukun. "
    )
    assert len(story.split()) > HEAD_WORDS + TAIL_WORDS
    assert understand(story + "Intinya saya mau pecah kartu keluarga, syaratnya apa saja").slots["service"] == "kk"


def test_loading_is_repeatable() -> None:
    again = load_understanding(REGISTRY.services, REGISTRY.places)
    assert again.understand("surat domisili", today=TODAY) == understand("surat domisili")

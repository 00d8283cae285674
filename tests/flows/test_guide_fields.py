"""Links, files and searches: what is taken, what is asked again, and what is kept as it was typed."""

from __future__ import annotations

import pytest

from flows.chat import SKIP, Invalid, Media, Narrow, Option, Reply
from flows.fields import DONE, Pick, Words
from flows.guide_fields import FOUND, MOST_SEARCH_CHARS, Files, Link, Search
from tests.talk import photo

PDF = Reply(media=(Media("d1", "document"),))
GUIDES = Pick((Option("guide:1", "Foto produk", ("Foto produk",)), Option("guide:2", "Aman", ("Aman",))))
MANY = Pick(tuple(Option(f"guide:{n}", f"Panduan {n}", (f"Panduan {n}",)) for n in range(1, 30)))


@pytest.mark.parametrize(
    "link",
    [
        "https://blitarkab.go.id",
        "http://tik.blitarkab.go.id/panduan/ikd.html?x=1&y=2#atas",
        "HTTPS://Drive.Google.com/file/d/1aB_c-9/view?usp=sharing",
        "https://forms.gle:443/abc(1)",
    ],
)
def test_a_link_is_kept_as_typed(link: str) -> None:
    assert Link().parse(Reply(text=f"  {link} ")) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "blitarkab.go.id",
        "www.blitarkab.go.id",
        "ftp://blitarkab.go.id",
        "javascript:alert(1)",
        "https://",
        "https://blitarkab",
        "https://bank.co.id@penipu.com",
        "https://blitarkab.go.id dan lainnya",
        "lihat https://blitarkab.go.id",
        "https://blitarkab.go.id/*tebal*",
        "https://blitarkab.go.id/<script>",
        "https://blitarkab.go.id/a\nb",
    ],
)
def test_what_is_no_whole_link_is_asked_again(text: str) -> None:
    with pytest.raises(Invalid):
        Link().parse(Reply(text=text))


@pytest.mark.parametrize("reply", [Reply(choice=SKIP), Reply(text="lewati", choice=SKIP), Reply(text="mboten wonten")])
def test_a_link_may_be_skipped(reply: Reply) -> None:
    assert Link().parse(reply) is None


def test_a_half_typed_link_that_reads_like_a_no_is_asked_again() -> None:
    with pytest.raises(Invalid):
        Link().parse(Reply(text="blitarkab.go.id", choice=SKIP))


def test_a_link_has_a_longest_length() -> None:
    start = "https://blitarkab.go.id/"
    assert Link().parse(Reply(text=start + "a" * (300 - len(start))))
    with pytest.raises(Invalid) as told:
        Link().parse(Reply(text=start + "a" * (301 - len(start))))
    assert "{most}" in str(told.value.why)


def test_one_document_is_enough_and_photos_may_be_several() -> None:
    assert Files().parse(PDF) == ("d1",)
    with pytest.raises(Narrow) as first:
        Files(2).parse(photo(1))
    assert Files(2).parse(Reply(choice=DONE, held=first.value.held)) == ("m1",)
    assert Files(2).parse(Reply(media=photo(2).media, held=first.value.held)) == ("m1", "m2")


@pytest.mark.parametrize("kind", ["video", "voice", "sticker"])
def test_no_other_file_is_taken(kind: str) -> None:
    with pytest.raises(Invalid):
        Files().parse(Reply(media=(Media("v", kind),)))


def test_words_may_keep_their_lines() -> None:
    text = "1.  Buka aplikasi\r\n2. Pilih\tfoto\n\n\n\n Selesai "
    assert Words(1200, lines=True).parse(Reply(text=text)) == "1. Buka aplikasi\n2. Pilih foto\n\nSelesai"
    assert Words(1200).parse(Reply(text=text)) == "1. Buka aplikasi 2. Pilih foto Selesai"


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (Reply(choice="guide:2"), "guide:2"),
        (Reply(text="2", choice="guide:2"), "guide:2"),
        (Reply(text="foto produk", choice="guide:1"), "guide:1"),
        (Reply(text="foto", choice="guide:1"), FOUND + "foto"),
        (Reply(text="foto barang dagangan"), FOUND + "foto barang dagangan"),
        (Reply(text="x" * MOST_SEARCH_CHARS), FOUND + "x" * MOST_SEARCH_CHARS),
    ],
)
def test_a_title_or_number_opens_and_any_other_word_searches(reply: Reply, value: str) -> None:
    assert Search(GUIDES).parse(reply) == value


@pytest.mark.parametrize("text", ["9", "?!", "x" * (MOST_SEARCH_CHARS + 1), "saya mau lapor jalan rusak"])
def test_a_sentence_is_no_search(text: str) -> None:
    with pytest.raises(Invalid):
        Search(GUIDES).parse(Reply(text=text))


def test_pages_are_turned_by_press_and_by_word() -> None:
    for reply in (Reply(choice="page:2"), Reply(text="lanjut", choice="page:2")):
        with pytest.raises(Narrow) as page:
            Search(MANY).parse(reply)
        assert "guide:9" in {option.id for option in page.value.options}

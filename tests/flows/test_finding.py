"""Finding one of many: by page, by number, or by a word of it wherever it stands in the list."""

from __future__ import annotations

import pytest

from flows.chat import Chat, Reply
from flows.finding import Find, Listed
from flows.outcomes import Open, Outcome
from tests.talk import Talk

PEOPLE = tuple(
    Listed(f"v:{n}", f"{name}, {village} (aktif)", f"{name} {village} {district}")
    for n, (name, village, district) in enumerate(
        [(f"Agus{n}", "Slorok", "Garum") for n in range(11)]
        + [
            ("Budi Santoso", "Ngaglik", "Srengat"),
            ("Budi Hartono", "Salam", "Wonodadi"),
            ("Siti Aminah", "Bence", "Garum"),
        ]
    )
)


async def which(chat: Chat) -> Outcome:
    return Open(await chat.ask("who", "Siapa?", Find(PEOPLE)))


def test_pages_are_leafed_through_and_a_number_means_what_is_shown() -> None:
    talk = Talk(which)
    assert talk.options[:2] == ["v:0", "v:1"]
    talk.hears("lanjut")
    assert talk.options[0] == "v:8"
    assert talk.hears("2").outcome == Open("v:9")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("hartono", "v:12"), ("Siti", "v:13"), ("ngaglik", "v:11"), ("kec. Wonodadi", "v:12"), ("pak budi ngaglik", "v:11"), ("hartonno", "v:12"), ("Sitti aminah", "v:13"), ("AGUS10", "v:10")],
)  # fmt: skip
def test_a_word_that_only_one_has_chooses_them_from_any_page(typed: str, found: str) -> None:
    assert Talk(which).hears(typed).outcome == Open(found)


def test_what_several_have_narrows_to_them_even_where_one_is_shown_and_the_others_are_not() -> None:
    async def from_the_end(chat: Chat) -> Outcome:
        return Open(await chat.ask("who", "Siapa?", Find((PEOPLE[12], *PEOPLE[:12]))))

    talk = Talk(from_the_end)
    assert "v:12" in talk.options
    assert "v:11" not in talk.options
    talk.hears("budi")
    assert talk.options == ["v:12", "v:11"]
    assert talk.hears("2").outcome == Open("v:11")


def test_what_many_have_is_leafed_through_by_itself() -> None:
    talk = Talk(which).hears("garum")
    assert len(talk.options) == 9
    talk.hears("lanjut")
    assert talk.options[:4] == ["v:8", "v:9", "v:10", "v:13"]
    talk.hears("sebelumnya")
    assert talk.options[0] == "v:0"
    assert talk.goes_back()
    assert talk.options[0] == "v:0"


@pytest.mark.parametrize("typed", ["zzz", "desa", "99", "", "x" * 5000, "…"])
def test_what_none_has_is_asked_again(typed: str) -> None:
    talk = Talk(which).hears(Reply(text=typed))
    assert talk.key == "who"
    assert talk.said


def test_a_forged_choice_is_none() -> None:
    assert Talk(which).hears(Reply(choice="v:99")).key == "who"

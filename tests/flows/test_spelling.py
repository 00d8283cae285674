"""One key for the many spellings of a word."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.spelling import closest, fold, similar

# Letters on which the rules meet, besides any text at all.
TRICKY = st.text(alphabet="aonmgdthjbiAO' .-\u0301\u2019", max_size=40)


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("opo", "apa"),
        ("dino", "dina"),
        ("kulo", "kula"),
        ("utowo", "utawa"),
        ("monggo", "mangga"),
        ("boten", "mboten"),
        ("jumat", "jum'at"),
        ("jumat", "Jum\u2019at"),
        ("katah", "kathah"),
        ("sedela", "sedhéla"),
        ("damel", "ndamel"),
        ("jenengan", "njenengan"),
        ("gawe", "nggawe"),
        ("suwuuuun", "suwun"),
        ("ds.Slorok,kec.Garum", "ds slorok kec garum"),
        ("  Olak\tAlen\n", "olak alen"),
    ],
)
def test_spellings_of_one_word_are_one(typed: str, standard: str) -> None:
    assert fold(typed) == fold(standard)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kota", "kata"),
        ("Salam", "malam"),
        ("Nglegok", "legok"),
        ("11", "1"),
        ("olak alen", "olakalen"),
        ("Jati", "Jaten"),
    ],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.one_of(st.text(), TRICKY))
@example("\ud800")
@example("İ")
@example("aoo oao n'gg mmboo")
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == " ".join(folded.split())


@given(TRICKY)
def test_a_fold_does_not_depend_on_case_or_on_the_length_of_the_text(text: str) -> None:
    assert fold(text.upper()) == fold(text)
    assert fold(f"{'kata ' * 20}{text}") == f"{'kata ' * 20}{fold(text)}".strip()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["a", "ao", "n", "ngg", "dh", "e\u0301", "\u0301", "\U0001f33e", "\ud800", "x,", "\ufdfa"]
)
def test_a_text_of_100_kb_is_folded(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert fold(fold(text)) == fold(text)


def test_an_emoji_parts_words_and_leaves_nothing() -> None:
    assert fold("Slorok🌾Garum 🙏") == "slorok garum"


def test_a_slip_has_the_names_it_may_be_meant_for() -> None:
    names = ["lareja", "plasareja", "talun"]
    assert closest("plareja", names, edits=1) == ["lareja", "plasareja"]
    assert closest("talum", names, edits=1) == ["talun"]
    assert closest("ponggok", names, edits=1) == []


def test_similar_names_come_best_first_and_no_more_than_asked() -> None:
    assert similar("gandusai", ["gondang", "gandusari", "garum"], least=0.3, most=2) == ["gandusari", "gondang"]
    assert similar("xyz", ["gondang"], least=0.5, most=2) == []

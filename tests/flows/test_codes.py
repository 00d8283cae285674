"""Ticket codes are read out over the phone: mistakes must show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.codes import (
    ALPHABET,
    INVITATIONS,
    find_code,
    find_invitation,
    is_code,
    is_only_code,
    make_code,
    make_invitation,
    make_link_code,
    read_invitation,
    read_link_code,
)
from flows.link import mask_name

numbers = st.integers(0, 27**3 - 1)


@given(numbers)
def test_a_code_is_found_however_it_is_typed(number: int) -> None:
    code = make_code(number)
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", ""), f"status {code} pak"):
        assert find_code(typed) == code
    assert is_code(code)


@given(numbers, st.integers(4, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(number: int, place: int, other: str) -> None:
    code = make_code(number)
    if code[place] != other:
        assert not is_code(code[:place] + other + code[place + 1 :])


@given(numbers, st.integers(4, 6))
def test_two_swapped_neighbours_are_noticed(number: int, place: int) -> None:
    code = make_code(number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        assert not is_code(swapped)


def test_no_vowels_and_nothing_that_looks_alike() -> None:
    assert not set(ALPHABET) & set("AEIOU01IL")
    assert len({make_code(number) for number in range(27**3)}) == 27**3


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    code = find_code(text)
    assert code is None or isinstance(is_code(code), bool)


@given(st.integers(0, INVITATIONS - 1))
def test_an_invitation_is_read_as_it_was_made_however_it_is_written(number: int) -> None:
    code = make_invitation(number)
    assert len(code) == 6
    for written in (code, code.lower(), f"{code[:3]} {code[3:]}", f" {code}* "):
        assert read_invitation(written) == code
    assert find_invitation(f"Halo Bu,\nWhatsApp: kirim *undangan {code}* ya") == code


@pytest.mark.parametrize("text", ["rapat", "pernikahan anak saya", "", "K7F", "K7F3QXK7F3QX", "Ⅷ78901", "undangan"])
def test_other_words_are_no_invitation(text: str) -> None:
    assert read_invitation(text) is None
    assert find_invitation(f"undangan {text}") is None


@given(st.integers(0, 10**8 - 1))
def test_what_joins_two_accounts_is_read_as_it_was_made(number: int) -> None:
    code = make_link_code(number)
    assert len(code) == 9
    for written in (code, code.replace("-", ""), code.replace("-", " "), f"{code}."):
        assert read_link_code(written) == code


@pytest.mark.parametrize("text", ["", "123", "1234567890123", "12a45678", "١٢٣٤٥٦٧٨", "akun"])
def test_other_digits_are_nothing_that_joins(text: str) -> None:
    assert read_link_code(text) is None


@pytest.mark.parametrize(
    ("name", "masked"), [("Sri Lestari", "S… L…"), ("  budi ", "b…"), ("A B C D E", "A… B… C… D…"), ("", "")]
)
def test_a_masked_name_has_the_first_letters_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_only_a_code_alone_is_one() -> None:
    code = make_code(12345)
    assert is_only_code(code)
    assert is_only_code(f" {code.lower().replace('-', '')} ")
    assert not is_only_code(f"{code} sudah sampai mana?")
    assert not is_only_code(f"jalan dekat {code}")
    assert not is_only_code(code[:-1] + ("2" if code[-1] != "2" else "3"))

"""NIK and KK numbers never reach storage."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from flows.privacy import mask_identity_numbers

digits16 = st.from_regex(r"[0-9]{16}", fullmatch=True)


@given(st.text(max_size=30).filter(lambda text: not re.search(r"[\d\-./_ \t\u00a0]$", text)), digits16)
def test_a_number_in_one_piece_is_masked(before: str, number: str) -> None:
    masked, found = mask_identity_numbers(f"{before} {number} ya")
    assert found
    assert number not in masked
    assert f"{number[:4]}********{number[-4:]}" in masked


@given(digits16, st.sampled_from([" ", ".", "-", "  ", "/"]))
def test_a_number_in_groups_is_masked(number: str, separator: str) -> None:
    typed = separator.join(number[at : at + 4] for at in range(0, 16, 4))
    assert mask_identity_numbers(typed) == (f"{number[:4]}********{number[-4:]}", True)


def test_other_numbers_stay() -> None:
    for text in ("HP 0812-3456-7890", "RT 02 RW 05 no 17", "tgl 17-10-2026 jam 09.05", "1234567 08123456789"):
        assert mask_identity_numbers(text) == (text, False)


@given(st.text())
def test_any_text_is_taken_and_masking_again_changes_nothing(text: str) -> None:
    masked, _ = mask_identity_numbers(text)
    assert mask_identity_numbers(masked) == (masked, False)


def test_a_hostile_length_is_no_trouble() -> None:
    assert mask_identity_numbers("1 " * 50_000)[0].count("1") <= 50_000

"""Numbers as people write them: "25 org", "dua puluh lima", "telung puluh", "tigang dasa", "selawe", "50an", "1.500"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_DIGITS = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,6})(?:an|org|orang|wong|tiyang|kk|peserta|siswa|pcs)?")
_SCALES = {
    "puluh": (10, 9), "puluhan": (10, 9), "dasa": (10, 9), "ratus": (100, 9), "atus": (100, 9), "ribu": (1000, 999), "ewu": (1000, 999),
}  # fmt: skip
_TEENS = frozenset(("belas", "welas", "las"))  # the word before plus ten
_TWENTIES = "likur"  # kalih likur: the word before plus twenty


def read_number(words: Sequence[str], simple: Mapping[str, int]) -> tuple[int, int] | None:
    """Read the number that folded words begin with: its value, and how many words it takes; None where none begins there.

    Args:
        words: folded words, from where the number may begin.
        simple: the numbers that are one word ("telu" is 3).
    """
    digits = _DIGITS.fullmatch(words[0]) if words else None
    if digits:
        value = int(digits[1].replace(".", ""))
        more = _SCALES.get(words[1]) if len(words) > 1 else None
        return (value * more[0], 2) if more and more[0] > 10 else (value, 1)
    total = taken = 0
    while taken < len(words):
        word = words[taken]
        after = words[taken + 1] if taken + 1 < len(words) else ""
        if word not in simple or (taken and simple[word] >= _lowest(total)):
            break
        value = simple[word]
        taken += 1
        if after in _SCALES and value <= _SCALES[after][1]:
            value *= _SCALES[after][0]
            taken += 1
        elif after in _TEENS and value < 10:
            value += 10
            taken += 1
        elif after == _TWENTIES and value < 10:
            value += 20
            taken += 1
        total += value
    return (total, taken) if taken else None


def _lowest(total: int) -> int:
    """Say below what a further word must lie to continue a number: after 20 comes at most 9, after 300 at most 99."""
    for unit in (1000, 100, 10):
        if total % unit == 0:
            return unit
    return 0

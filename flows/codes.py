"""Ticket codes that can be read out over the phone: BLT-7K3F.

The alphabet has no vowels (no words appear) and no 0/O, 1/I/L, so nothing is mistaken when heard or copied. The last
character checks the others: a mistyped character or two swapped neighbours are noticed.
"""

from __future__ import annotations

import re

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"  # 27 characters
PREFIX = "BLT"  # of requests
VISIT = "KNJ"  # of visits: kunjungan
CERTIFICATE = "SRT"  # of certificates: sertifikat
_PREFIXES = (PREFIX, VISIT, CERTIFICATE)
_BASE = len(ALPHABET)
_WEIGHTS = (1, 2, 4, 5, 7, 8, 10)  # none shares a factor with 27 = 3³, nor does the difference of two neighbours
_FORM = re.compile("(" + "|".join(_PREFIXES) + r")[\s\-–—_.:]*([A-Z0-9]{4,8})(?![A-Z0-9])", re.IGNORECASE)


def make_code(number: int, length: int = 3, prefix: str = PREFIX) -> str:
    """Make the code of a number below 27**length; ``length`` counts the characters before the check character."""
    body = ""
    for _ in range(length):
        number, digit = divmod(number, _BASE)
        body += ALPHABET[digit]
    return f"{prefix}-{body}{_check(body)}"


def find_code(text: str) -> str | None:
    """Find a code in a text, in any case and with or without the hyphen; it may be mistyped: see is_code.

    BLT is also the name of an aid in cash: behind it a word, "BLT dipotong", is no code.
    """
    for found in _FORM.finditer(text[:200]):
        body = found[2].upper()
        if any(char.isdigit() for char in body) or set(body) <= set(ALPHABET):
            return f"{found[1].upper()}-{body}"
    return None


def is_code(code: str) -> bool:
    """Tell whether a code's check character fits."""
    prefix, _, body = code.rpartition("-")
    return (
        prefix in ("", *_PREFIXES) and len(body) >= 4 and set(body) <= set(ALPHABET) and _check(body[:-1]) == body[-1]
    )


def _check(body: str) -> str:
    return ALPHABET[sum(weight * ALPHABET.index(c) for weight, c in zip(_WEIGHTS, body, strict=False)) % _BASE]

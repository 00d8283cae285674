"""Ticket codes that can be read out over the phone: BLT-7K3F.

The alphabet has no vowels (no words appear) and no 0/O, 1/I/L, so nothing is mistaken when heard or copied. The last
character checks the others: a mistyped character or two swapped neighbours are noticed. An invitation (K7F3QX) is six characters
of the same alphabet and has no check: all six are for not being guessed. What joins two accounts is digits, 1234-5678.
"""

from __future__ import annotations

import re

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"  # 27 characters
PREFIX = "BLT"  # of requests
VISIT = "KNJ"  # of visits: kunjungan
CERTIFICATE = "SRT"  # of certificates: sertifikat
_PREFIXES = (PREFIX, VISIT, CERTIFICATE)
INVITATION_CHARS = 6
INVITATIONS = len(ALPHABET) ** INVITATION_CHARS  # 387 million
LINK_DIGITS = 8
_BASE = len(ALPHABET)
_WEIGHTS = (1, 2, 4, 5, 7, 8, 10)  # none shares a factor with 27 = 3³, nor does the difference of two neighbours
_INVITATION = re.compile(rf"\bundangan[\s:*]+([{ALPHABET}]{{{INVITATION_CHARS}}})\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\-–—_.:*]+")
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


def is_only_code(text: str) -> bool:
    """Tell whether a text is a code and nothing else, and rightly typed."""
    code = find_code(text)
    return code is not None and is_code(code) and len(text.strip()) <= len(code)


def is_code(code: str) -> bool:
    """Tell whether a code's check character fits."""
    prefix, _, body = code.rpartition("-")
    return (
        prefix in ("", *_PREFIXES) and len(body) >= 4 and set(body) <= set(ALPHABET) and _check(body[:-1]) == body[-1]
    )


def make_invitation(number: int) -> str:
    """Make the code of an invitation from a number below INVITATIONS."""
    code = ""
    for _ in range(INVITATION_CHARS):
        number, digit = divmod(number, _BASE)
        code += ALPHABET[digit]
    return code


def read_invitation(typed: str) -> str | None:
    """Read what stands where an invitation's code should: nearly one is taken too, so that it can be answered as one."""
    code = _BETWEEN.sub("", typed).upper()
    is_like_one = code.isascii() and code.isalnum() and (set(code) <= set(ALPHABET) or any(map(str.isdigit, code)))
    return code if is_like_one and 4 <= len(code) <= 10 else None


def find_invitation(text: str) -> str | None:
    """Find an invitation's code in a whole message, such as the invitation itself sent on to Rewang."""
    found = _INVITATION.search(text[:1000])
    return found[1].upper() if found else None


def make_link_code(number: int) -> str:
    """Make the code that joins two accounts from a number below 10**LINK_DIGITS, as it is shown: 1234-5678."""
    digits = f"{number:0{LINK_DIGITS}}"
    return f"{digits[:4]}-{digits[4:]}"


def read_link_code(typed: str) -> str | None:
    """Read digits with blanks or hyphens among them as the code that joins two accounts, of whatever length."""
    digits = _BETWEEN.sub("", typed)
    if not (digits.isascii() and digits.isdecimal() and 4 <= len(digits) <= 12):
        return None
    return f"{digits[:4]}-{digits[4:]}"


def _check(body: str) -> str:
    return ALPHABET[sum(weight * ALPHABET.index(c) for weight, c in zip(_WEIGHTS, body, strict=False)) % _BASE]

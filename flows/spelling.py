"""One spelling for what is spelled in many ways: for comparing words, never for showing them.

Villagers write *opo* and *apa*, *mboten* and *boten*, *sedhela* and *sedela*, *jum'at* and *jumat*, *suwuuun*. Folded, these
pairs are equal. A fold compares only with another fold, so both sides of a comparison go through the same function.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

_KNOWN_CHARS = 40  # a name or a label: what is compared again and again
_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032"
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_DROPPED = frozenset(("Mn", "Mc", "Me", "Cf"))  # marks on letters, and characters that are not seen
_ASPIRATE = re.compile(r"(?<=[dt])h+")  # dh, th: sedhela, kathah
_SILENT_N = re.compile(r"\bn+(?=gg)")  # nggawe = gawe; a single g stays: Nglegok, ngurus
_REPEATED = re.compile(r"([^\W\d_])\1+")  # letters only: 11 is not 1
_PRENASAL = re.compile(r"\b(?:n(?=[dj])|m(?=b))")  # ndamel = damel, njenengan = jenengan, mboten = boten
# The open o of words that end in it, here and in the syllable before: opo, kulo, monggo. Words ending otherwise keep
# theirs, so Indonesian kota and kata stay apart. A preceding a goes too, so that no new double letter appears.
_OPEN_O = re.compile(r"a?o(?=[^aeiou\W\d_]{1,3}o\b)|a?o\b")


def fold(text: str) -> str:
    """Fold a text to the spelling in which it is compared: lower-case letters and digits, words one space apart.

    Takes any string in time that grows with its length; folding twice is folding once.
    """
    return _fold_known(text) if len(text) <= _KNOWN_CHARS else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        plain = _NOT_PLAIN.sub(" ", text.translate(_NO_APOSTROPHES).lower())
    else:
        plain = text.translate({ord(char): _plain(char) for char in set(text)})
    plain = _SILENT_N.sub("", _ASPIRATE.sub("", plain))
    plain = _PRENASAL.sub("", _REPEATED.sub(r"\1", plain))
    return " ".join(_OPEN_O.sub("a", plain).split())


_fold_known = lru_cache(maxsize=16_384)(_fold)  # labels and names come again with every message


def folded(words: str) -> frozenset[str]:
    """Fold each of some words, given with a space between them."""
    return frozenset(fold(word) for word in words.split())


def closest(typed: str, names: Sequence[str], *, edits: int) -> list[str]:
    """List the names a typed text may be a misspelling of, nearest first; empty where all are more than ``edits`` away.

    An edit is one letter more, less or changed, or two neighbours swapped. A name one edit further than the nearest is
    listed too: the writer's slip and the nearest name's likeness may be chance. More than one name means doubt.
    """
    found = process.extract(typed, names, scorer=OSA.distance, score_cutoff=edits + 1, limit=None)
    if not found or found[0][1] > edits:
        return []
    return [name for name, distance, _ in found if distance <= found[0][1] + 1]


def edits_between(one: str, other: str) -> int:
    """Count the letters more, less, changed or swapped with a neighbour that make one text of the other."""
    return OSA.distance(one, other)


def similar(typed: str, names: Sequence[str], *, least: float, most: int) -> list[str]:
    """List at most ``most`` names like the typed text, best first, whose likeness (0 to 1) is at least ``least``."""
    found = process.extract(typed, names, scorer=OSA.normalized_similarity, score_cutoff=least, limit=most)
    return [name for name, _, _ in found]


def _plain(char: str) -> str:
    """Give the letters and digits of one character, in lower case and without accents; a space for what has none.

    By the character, not by the text: normalising a long run of accents as a whole takes quadratic time.
    """
    decomposed = unicodedata.normalize("NFKD", char).lower()
    seen = (c for c in decomposed if c not in _APOSTROPHES and unicodedata.category(c) not in _DROPPED)
    return "" if char in _APOSTROPHES else "".join(c if c.isalnum() else " " for c in seen)

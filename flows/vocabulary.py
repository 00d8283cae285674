"""The shared words of messages (``vocabulary.yaml``): what class of meaning a word or phrase belongs to, and its language.

A word not in the file is tried without its ending (*suratnya*, *dalane*, *laporanipun*) and without its passive or active
beginning (*dipunbusak*, *ngurusi*), so that the file holds each word once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from flows.spelling import fold

VOCABULARY = Path(__file__).with_name("vocabulary.yaml")
_ENDINGS = ("nipun", "ipun", "nya", "aken", "kake", "kne", "kno", "ake", "kan", "ku", "mu", "ne", "in", "an", "e", "i")
_BEGINNINGS = ("dipun", "meng", "peng", "mem", "men", "di", "tak", "ng", "ny", "me", "n")
_SHORTEST_STEM = 3
_KNOWN_WORDS = 8_192  # kept in memory: more than a day's different words


@dataclass(frozen=True, slots=True)
class Meaning:
    """The classes a word or phrase belongs to, and the languages it is written in ("id", "jv" or both)."""

    classes: tuple[str, ...]
    languages: frozenset[str]


class Vocabulary:
    """All shared words, by their folded spelling."""

    def __init__(
        self,
        words: Mapping[str, Mapping[str, Sequence[str]]],
        numbers: Mapping[str, int],
        whole: Mapping[str, Sequence[str]],
        activities: Mapping[str, Sequence[str]],
    ) -> None:
        classes: dict[str, dict[str, None]] = {}
        languages: dict[str, set[str]] = {}
        for name, by_language in words.items():
            for language, phrases in by_language.items():
                for phrase in phrases:
                    key = fold(phrase)
                    classes.setdefault(key, {})[name] = None
                    languages.setdefault(key, set()).add(language)
        self.numbers = numbers
        self.whole = whole
        self.activities = activities
        self._meanings = {key: Meaning(tuple(names), frozenset(languages[key])) for key, names in classes.items()}
        self._longest = max(key.count(" ") + 1 for key in self._meanings)
        self._starts = frozenset(key.split(" ", 1)[0] for key in self._meanings if " " in key)
        self.find_word = lru_cache(maxsize=_KNOWN_WORDS)(self._find_word)

    def phrases(self, words: list[str]) -> Iterator[tuple[int, int, Meaning | None]]:
        """Cut folded words into the longest known phrases, left to right: start, end and meaning, None for an unknown word."""
        at = 0
        while at < len(words):
            end = at + 1
            meaning = None
            if words[at] in self._starts:
                for size in range(min(self._longest, len(words) - at), 1, -1):
                    meaning = self._meanings.get(" ".join(words[at : at + size]))
                    if meaning is not None:
                        end = at + size
                        break
            yield at, end, meaning or self.find_word(words[at])
            at = end

    def _find_word(self, word: str) -> Meaning | None:
        """Find what one folded word means, if need be without its ending or beginning."""
        found = self._meanings.get(word)
        if found is not None or len(word) <= _SHORTEST_STEM:
            return found
        for stem in _stems(word):
            found = self._meanings.get(stem)
            if found is not None:
                return found
        return None


def load_vocabulary() -> Vocabulary:
    """Read the words from the file beside this module."""
    read = yaml.load(VOCABULARY.read_bytes(), Loader=yaml.CSafeLoader)  # the safe loader, in C
    numbers = {fold(word): value for value, words in read["numbers"].items() for word in words}
    return Vocabulary(read["words"], numbers, read["whole"], read["activities"])


def _stems(word: str) -> Iterator[str]:
    """List what a word may be without ending, without beginning, and without both, the longer stems first."""
    cut = [word, *(word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))]
    for stem in cut[1:]:
        if len(stem) >= _SHORTEST_STEM:
            yield stem
    for beginning in _BEGINNINGS:
        if word.startswith(beginning):
            for stem in cut:
                rest = stem[len(beginning) :]
                if len(rest) >= _SHORTEST_STEM:
                    yield rest

"""A message cut up for understanding: its words, the phrases with a known meaning, places, numbers, names of services.

``features`` turns it into the strings that the weights were learned for. Both the learning and the use go through here, so
a change of features needs the weights learned anew (``make understanding``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.codes import find_code
from flows.mentions import Mentioned, find_mentioned
from flows.places import Places
from flows.quantities import read_number
from flows.spelling import fold
from flows.vocabulary import Meaning, Vocabulary

HEAD_WORDS = 20  # of a long message these are read,
TAIL_WORDS = 14  # and these: stories begin anywhere, but the wish stands at the start or the end
_HEAD_CHARS, _TAIL_CHARS = 12 * HEAD_WORDS, 12 * TAIL_WORDS
_LONGEST_WORD = 20  # letters; longer ones are cut
_MOST_NAME_WORDS = 5
_NO_APOSTROPHES = str.maketrans("", "", "'`’‘")
_WORD = re.compile(r"[^\W_]+")
_LONG_WORDS = 8
_PIECE_CHARS = (3, 4)  # longer and shorter ones were tried: docs/understanding.md


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a message, and the words it takes there."""

    value: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What is seen in a message before it is weighed."""

    typed: tuple[str, ...]  # lower-case words
    words: tuple[str, ...]  # the same, folded
    phrases: tuple[tuple[int, int, Meaning | None], ...]  # start, end and meaning of each, in order
    mentioned: Mentioned
    numbers: tuple[Number, ...]
    services: tuple[str, ...]  # those named by one of their everyday names, the longest name first
    called: tuple[str, ...]  # the services whose name is all there is
    code: str | None
    asks: bool  # a question mark

    @property
    def classes(self) -> frozenset[str]:
        """The classes of all its phrases."""
        return frozenset(name for _, _, meaning in self.phrases if meaning for name in meaning.classes)


class Reader:
    """Cuts up messages."""

    def __init__(self, vocabulary: Vocabulary, places: Places, names: Mapping[str, Sequence[str]]) -> None:
        """Take the words, the places, and the everyday names of each service by its id."""
        self._vocabulary = vocabulary
        self._places = places
        self._named: dict[str, tuple[str, ...]] = {}
        for service, phrases in names.items():
            for phrase in phrases:
                key = fold(phrase)
                if service not in self._named.get(key, ()):
                    self._named[key] = (*self._named.get(key, ()), service)

        self._first_words = frozenset(key.split(" ", 1)[0] for key in self._named)

    def classes(self, text: str) -> frozenset[str]:
        """List the classes of the phrases of a message."""
        _, words = _words(text)
        meanings = (meaning for _, _, meaning in self._vocabulary.phrases(words))
        return frozenset(name for meaning in meanings if meaning for name in meaning.classes)

    def read(self, text: str) -> Reading:
        """Cut up a message of any length in bounded time."""
        typed, words = _words(text)
        mentioned = find_mentioned(self._places, typed, words, self._is_word)
        return Reading(
            typed=tuple(typed),
            words=tuple(words),
            phrases=tuple(self._vocabulary.phrases(words)),
            mentioned=mentioned,
            numbers=tuple(self._numbers(words)),
            services=self._services(words),
            called=self._named.get(" ".join(words), ()),
            code=find_code(text),
            asks="?" in text,
        )

    def _is_word(self, word: str) -> bool:
        return self._vocabulary.find_word(word) is not None

    def _numbers(self, words: list[str]) -> Iterator[Number]:
        at = 0
        while at < len(words):
            found = read_number(words[at : at + 8], self._vocabulary.numbers)
            if found is None:
                at += 1
                continue
            yield Number(found[0], at, at + found[1])
            at += found[1]

    def _services(self, words: list[str]) -> tuple[str, ...]:
        found: list[tuple[int, str]] = []
        for start, first in enumerate(words):
            if first not in self._first_words:
                continue
            for size in range(min(_MOST_NAME_WORDS, len(words) - start), 0, -1):
                services = self._named.get(" ".join(words[start : start + size]))
                if services:
                    found += [(size, service) for service in services]
                    break
        return tuple(dict.fromkeys(service for _, service in sorted(found, key=lambda each: -each[0])))


def _words(text: str) -> tuple[list[str], list[str]]:
    """Give the words of a message in lower case, and the same folded; of a long message those of its head and tail."""
    if len(text) > _HEAD_CHARS + _TAIL_CHARS:
        text = f"{text[:_HEAD_CHARS]} {text[-_TAIL_CHARS:]}"
    typed = _WORD.findall(text.lower().translate(_NO_APOSTROPHES))
    if len(typed) > HEAD_WORDS + TAIL_WORDS:
        typed = typed[:HEAD_WORDS] + typed[-TAIL_WORDS:]
    typed = [word[:_LONGEST_WORD] for word in typed]
    together = fold(" ".join(typed)).split()
    if len(together) == len(typed):  # so it is but for odd signs, and ten times as fast as word by word
        return typed, together
    pairs = [(word, folded.replace(" ", "")) for word in typed if (folded := fold(word))]
    return [word for word, _ in pairs], [folded for _, folded in pairs]


@dataclass(frozen=True, slots=True)
class Features:
    """What the weights know a message by: its words, each standing for itself and its pieces, and what it is made of."""

    words: tuple[str, ...]
    context: tuple[str, ...]


def features(reading: Reading) -> Features:
    """List what the weights know a message by."""
    numbers = {at for number in reading.numbers for at in range(number.start, number.end)}
    code = reading.code.lower() if reading.code else ""
    of_code = {
        fold(part) for part in (code.replace("-", ""), *code.split("-"))
    }  # no words: BLT alone is an aid in cash
    words: list[str] = []
    context: dict[str, None] = {}
    row: list[str] = []
    for start, end, meaning in reading.phrases:
        if start in reading.mentioned.words:
            classes: tuple[str, ...] = ("@place",)
        elif start in numbers:
            classes = ("@number",)
        else:
            word = "_".join(reading.words[start:end])
            if word in of_code:
                continue
            words.append(word)
            classes = meaning.classes if meaning else ()
        if classes and (not row or row[-1] != classes[0]):
            row.append(classes[0])
        context |= dict.fromkeys(f"c {name}" for name in classes)
    context |= dict.fromkeys(f"b {first}|{second}" for first, second in zip(("^", *row), (*row, "$"), strict=True))
    kinds = sorted(set(row))
    context |= dict.fromkeys(f"p {one}|{other}" for at, one in enumerate(kinds) for other in kinds[at + 1 :])
    context |= dict.fromkeys(f"s {service}" for service in reading.services)
    if reading.code:
        context["@code"] = None
    if reading.asks:
        context["@asks"] = None
    context[f"n {min(len(reading.words), 4) if len(reading.words) < _LONG_WORDS else _LONG_WORDS}"] = None
    return Features(tuple(dict.fromkeys(words)), tuple(context))


def features_of_word(word: str) -> list[str]:
    """List a word and its short stretches, with its ends marked: what a misspelt or inflected word shares with known ones."""
    marked = f"<{word}>"
    return [
        f"w {word}",
        *(f"g {marked[at : at + size]}" for size in _PIECE_CHARS for at in range(len(marked) - size + 1)),
    ]

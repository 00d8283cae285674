"""Linear weights over the features of a reading: which label fits a message, and how surely.

The weights are learned from the messages in ``tests/understand/train.csv`` by ``make understanding`` and kept, rounded, in
``weights.json``; applying them needs nothing but additions. What a word adds, with all its pieces, is kept in memory, since
most words come again with the next message.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flows.reading import Features, features_of_word

WEIGHTS = Path(__file__).with_name("weights.json")
SCALE = 100  # weights are kept in hundredths
_KNOWN_WORDS = 8_192  # of 61 labels 4 bytes each: 2.5 MB


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is told by the weights: its labels with their biases, and where they stand in the sums."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What the features of one message add up to, for every label of every question, in hundredths."""

    sums: Sequence[float]
    count: int


class Weights:
    """For each question the labels, and for each feature the labels it speaks for or against: place and weight in turn."""

    def __init__(self, questions: Mapping[str, Question], of: Mapping[str, array[int]]) -> None:
        self.questions = questions
        self._of = of
        self._labels = sum(len(question.labels) for question in questions.values())
        self._word = lru_cache(maxsize=_KNOWN_WORDS)(self._add_word)

    def knows(self, word: str) -> bool:
        """Tell whether a word was in enough of the messages learned from."""
        return f"w {word}" in self._of

    def add_up(self, features: Features) -> Sums:
        """Add up the weights of all features of a message."""
        words = [self._word(word) for word in features.words]
        vectors = [self._add(features.context), *(vector for vector, _ in words)]
        count = len(features.context) + sum(size for _, size in words)
        return Sums(list(map(sum, zip(*vectors, strict=True))), count)

    def weigh(self, name: str, sums: Sums) -> dict[str, float]:
        """Give the probability of each label of a question, adding up to 1.

        The sum is divided by the root of the number of features: a long message is no surer than a short one, and one with
        many unknown words is less so.
        """
        question = self.questions[name]
        scale = 1.0 / SCALE / math.sqrt(sums.count or 1)
        there = sums.sums[question.start : question.start + len(question.labels)]
        scores = [bias + each * scale for bias, each in zip(question.bias, there, strict=True)]
        top = max(scores)
        raised = [math.exp(score - top) for score in scores]
        total = sum(raised)
        return {label: each / total for label, each in zip(question.labels, raised, strict=True)}

    def _add_word(self, word: str) -> tuple[array[float], int]:
        features = features_of_word(word)
        return self._add(features), len(features)

    def _add(self, features: Iterable[str]) -> array[float]:
        sums = array("f", bytes(4 * self._labels))
        for feature in features:
            pairs = self._of.get(feature)
            if pairs is not None:
                for place, weight in zip(pairs[::2], pairs[1::2], strict=True):
                    sums[place] += weight
        return sums


def load_weights() -> Weights:
    """Read the weights from the file beside this module."""
    return make_weights(json.loads(WEIGHTS.read_text("utf-8")))


def make_weights(kept: Mapping[str, Any]) -> Weights:
    """Make weights of their kept form.

    That is for each question its labels and biases, and for each feature the places of labels, counted through all
    questions, and their weights in turn, in hundredths.
    """
    questions: dict[str, Question] = {}
    start = 0
    for name, each in kept["questions"].items():
        questions[name] = Question(tuple(each["labels"]), tuple(bias / SCALE for bias in each["bias"]), start)
        start += len(each["labels"])
    return Weights(questions, {feature: array("h", pairs) for feature, pairs in kept["of"].items()})

"""Finding lessons by what people call them: "ajari ngerteni hoaks", "cara bikin sandi yang kuat"."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from flows.lesson_content import Lesson
from flows.spelling import fold
from flows.text import LANGUAGES

_NAME, _TEXT = 4.0, 1.0  # what a word counts in a name, and in the lesson's text
_ENOUGH = 2.0  # of a word that two lessons have in a name; a word of every lesson counts nothing
_MOST_WORDS = 20
_SHORTEST = 3


class LessonSearch:
    """An index of all lessons; made once."""

    def __init__(self, lessons: Mapping[str, Lesson]) -> None:
        self._weights: dict[str, dict[str, float]] = defaultdict(dict)
        seen: Counter[str] = Counter()
        for lesson in lessons.values():
            names = _words(lesson.words)
            texts = _words([lesson.lesson[language] for language in LANGUAGES]) - names
            for word in names | texts:
                self._weights[word][lesson.id] = _NAME if word in names else _TEXT
                seen[word] += 1
        rare = {word: math.log(len(lessons) / count) for word, count in seen.items()}
        for word, found in self._weights.items():
            for lesson_id in found:
                found[lesson_id] *= rare[word]

    def find(self, text: str, most: int = 6) -> list[str]:
        """List the lessons that a text may mean, the likeliest first; none where its words say nothing."""
        scores: Counter[str] = Counter()
        for word in sorted(_words([text]))[:_MOST_WORDS]:
            for lesson_id, weight in self._weights.get(word, {}).items():
                scores[lesson_id] += weight  # type: ignore[assignment]  # a Counter of numbers
        best = scores.most_common(1)
        least = max(_ENOUGH * _NAME, best[0][1] / 2) if best else 0.0
        return [lesson_id for lesson_id, score in scores.most_common(most) if score >= least]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in fold(text).split() if len(word) >= _SHORTEST}

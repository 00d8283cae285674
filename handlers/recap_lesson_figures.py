"""Figures behind the recap of learning and its table: by pillar, and which questions are to be revised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from flows.lesson_content import PILLARS, Lesson
from flows.text import Text
from storage.lesson_counts import Counts

# From so many answers on, chance is no excuse: who only guesses among three options gets none of ten right once in 58 times.
LEAST_ANSWERS = 10
# Of the answers, in percent. Mere guessing among three options gives 33: a question below this teaches as good as nothing.
LEAST_RIGHT = 40


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A question to be revised, and how it was answered."""

    lesson: str
    counts: Counts


def is_doubtful(counts: Counts) -> bool:
    """Tell whether too few of enough answers are right: the question, or its lesson, is to be revised."""
    return counts.answers >= LEAST_ANSWERS and counts.right * 100 < LEAST_RIGHT * counts.answers


def list_doubtful(by_lesson: Mapping[str, Counts], lessons: Mapping[str, Lesson]) -> list[Doubtful]:
    """List the questions of today's lessons that are to be revised, worst first; of those alike the more often answered."""
    found = [Doubtful(each, counts) for each, counts in by_lesson.items() if each in lessons and is_doubtful(counts)]
    return sorted(found, key=lambda one: (one.counts.right / one.counts.answers, -one.counts.answers, one.lesson))


def by_pillar(by_lesson: Mapping[str, Counts]) -> dict[str, Counts]:
    """Add the lessons of each pillar up."""
    counted: dict[str, Counts] = defaultdict(Counts)
    for lesson, counts in by_lesson.items():
        counted[pillar_of(lesson)] += counts
    return dict(counted)


def pillar_of(lesson: str) -> str:
    """Give the pillar of a lesson, also of one that is taught no more: its id begins with it."""
    return lesson.partition("_")[0]


def pillar_name(pillar: str) -> Text:
    """Give what a pillar is called."""
    return PILLARS.get(pillar, pillar)


def lesson_name(lessons: Mapping[str, Lesson], lesson: str) -> Text:
    """Give what a lesson is called; one that is taught no more has only its id."""
    known = lessons.get(lesson)
    return known.title if known is not None else lesson

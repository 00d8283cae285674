"""Lessons of digital literacy as data: ``lessons/<id>.yaml``, each with a lesson, something to try, and a quiz question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import Field, field_validator, model_validator

from flows.content import Checked, Content, ContentError, keep_short, keep_unique, read_folder
from flows.text import LANGUAGES, N_, Both, Text, as_both

LESSONS = Path(__file__).parent / "lessons"
PILLARS: Mapping[str, Text] = MappingProxyType(
    {"cakap": N_("Digital skills"), "aman": N_("Digital safety"), "budaya": N_("Digital culture"), "etika": N_("Digital ethics")}
)  # fmt: skip
LEVELS = ("dasar", "menengah", "lanjut")
MOST_LESSON_CHARS = 600  # two or three bubbles' worth in one message
MOST_LONGEST = 0.5  # of all lessons: where the right option may be the longest


class Choice(Checked):
    """One option of a quiz question."""

    key: str = Field(pattern=r"^[a-d]$")
    label: Both
    right: bool = False

    @field_validator("label", mode="before")
    @classmethod
    def _label(cls, value: Any) -> Both:
        return keep_short(as_both(value), 60)


class Quiz(Checked):
    """A question about the lesson, with what is said after the right and after a wrong answer."""

    ask: Both
    options: tuple[Choice, ...]
    right: Both
    wrong: Both

    @field_validator("ask", "right", "wrong", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Both:
        return as_both(value)

    @model_validator(mode="after")
    def _fits(self) -> Quiz:
        keep_unique("option", [option.key for option in self.options])
        if not 3 <= len(self.options) <= 4:
            raise ValueError("a quiz has three or four options")
        if sum(option.right for option in self.options) != 1:
            raise ValueError("exactly one option is right")
        for language in LANGUAGES:
            if len({option.label[language] for option in self.options}) != len(self.options):
                raise ValueError(f"two options say the same ({language})")
        for text, most in ((self.ask, 160), (self.right, 200), (self.wrong, 220)):
            keep_short(text, most)
        return self

    def is_longest(self, language: str) -> bool:
        """Tell whether the right option has the longest label: then it can be guessed."""
        right = next(len(option.label[language]) for option in self.options if option.right)
        return all(len(option.label[language]) < right for option in self.options if not option.right)


class Lesson(Content):
    """One lesson; ``source`` is its topic in the curriculum, ``help`` the service that helps with it."""

    source: str
    pillar: str
    level: str
    lesson: Both
    try_now: Both = Field(alias="try")
    quiz: Quiz
    help: str | None = None

    @field_validator("lesson", "try_now", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Both:
        return as_both(value)

    @model_validator(mode="after")
    def _fits(self) -> Lesson:
        if self.pillar not in PILLARS:
            raise ValueError(f"pillar must be one of {', '.join(PILLARS)}")
        if not self.id.startswith(f"{self.pillar}_"):
            raise ValueError(f"the file's name must begin with '{self.pillar}_'")
        if self.level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}")
        keep_short(self.lesson, MOST_LESSON_CHARS)
        keep_short(self.try_now, 160)
        return self


def read_lessons(folder: Path = LESSONS) -> dict[str, Lesson]:
    """Read and check all lessons, by id.

    Raises:
        ContentError: a file is not right, two lessons share a name, or the right answers can be guessed by their length or place.
    """
    lessons = read_folder(Lesson, folder)
    owners: dict[str, str] = {}
    for lesson in lessons.values():
        for name in {name.casefold() for name in lesson.words}:
            other = owners.setdefault(name, lesson.id)
            if other != lesson.id:
                raise ContentError(f"lessons {other} and {lesson.id} are both called '{name}': change one")
    for language in LANGUAGES:
        longest = [lesson.id for lesson in lessons.values() if lesson.quiz.is_longest(language)]
        if len(longest) > MOST_LONGEST * len(lessons):
            raise ContentError(
                f"in {len(longest)} lessons the right option is the longest ({language}): anybody can guess it"
            )
    places = Counter(next(o.key for o in lesson.quiz.options if o.right) for lesson in lessons.values())
    if places and max(places.values()) > MOST_LONGEST * len(lessons) and len(lessons) > 3:
        raise ContentError("the right option stands in the same place in most lessons: vary it")
    return lessons

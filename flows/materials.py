"""The question "which lessons were taught?": up to five, picked from the pillar's or typed by any of their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.chat import Invalid, Json, Narrow, Option, Reply, Stale
from flows.choices import choose, seen
from flows.fields import GO_ON, NONE, is_done, page_of
from flows.lesson_content import Lesson
from flows.text import N_, Joined, Text

MOST_LESSONS = 5
_PER_PAGE = 6  # beside them: go on, and two that turn the page


@dataclass(frozen=True, slots=True)
class Materials:
    """Lessons of a pillar, one after another until the person goes on; the value is their ids."""

    lessons: Mapping[str, Lesson]
    pillar: str | None = None
    wants: str = "choice"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return self._page(1, ())

    def parse(self, reply: Reply) -> tuple[str, ...]:
        held = self._known(reply.held)
        if held and is_done(reply):
            return held
        every = tuple(_option(lesson) for lesson in self.lessons.values())
        choice = reply.choice or choose(reply.text, seen(every))
        if choice is not None and choice.startswith("page:"):
            raise Narrow(N_("Please choose."), self._page(int(choice[5:]), held), list(held))
        if choice is None or choice not in self.lessons:
            raise Invalid(N_("Please choose a lesson: press it, or type its number or a word of its name."))
        held = tuple(dict.fromkeys((*held, choice)))
        if len(held) == MOST_LESSONS:
            return held
        raise Narrow(
            N_("Noted: {lessons}. Another one, or *go on*?", lessons=self.show(held)), self._page(1, held), list(held)
        )

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def load(self, raw: Json) -> tuple[str, ...]:
        known = self._known(raw)
        if not known or not isinstance(raw, list) or len(known) != len(raw):
            raise Stale
        return known

    def show(self, value: tuple[str, ...]) -> Text:
        return Joined(tuple(self.lessons[each].title for each in value), ", ")

    def _known(self, raw: Json) -> tuple[str, ...]:
        return (
            tuple(each for each in raw if isinstance(each, str) and each in self.lessons)
            if isinstance(raw, list)
            else ()
        )

    def _page(self, page: int, held: tuple[str, ...]) -> tuple[Option, ...]:
        offered = tuple(
            _option(lesson)
            for lesson in self.lessons.values()
            if lesson.id not in held and self.pillar in (None, lesson.pillar)
        )
        done = (GO_ON,) if held else ()
        return (*page_of(offered, page, _PER_PAGE), *done)


def _option(lesson: Lesson) -> Option:
    return Option(lesson.id, lesson.short, lesson.words)

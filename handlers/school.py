"""The commands of learning: the next lesson, a lesson by its words or its id, what is to be repeated, help with a topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.registry import LESSON, REQUEST
from flows.text import N_
from handlers import learning, talking
from handlers.outcomes import begin, settle
from handlers.turn import Tx
from handlers.views import repeat

MOST_FOUND = 5


def teach(tx: Tx, topic: str) -> None:
    """Open the lesson that some words mean, let the person choose among several, or show what there is to learn."""
    found = tx.office.registry.lesson_search.find(topic, MOST_FOUND)
    if not found:
        begin(tx, "learn")
    elif len(found) == 1:
        begin(tx, f"{LESSON}{found[0]}")
    else:
        lessons = (tx.office.registry.lessons[each] for each in found)
        rows: list[Json] = [[lesson.id, lesson.short.id, lesson.short.jv] for lesson in lessons]
        begin(tx, "lessons_found", {"lessons": rows})


def _next(tx: Tx, argument: str) -> None:
    del argument
    lesson = learning.find_next(tx)
    if lesson is not None:
        begin(tx, f"{LESSON}{lesson}")
        return
    tx.say(N_("You have finished every lesson there is. Well done!"))
    begin(tx, "learn")


def _repeat(tx: Tx, argument: str) -> None:
    """Ask what is to be repeated; where nothing is, go on with the next lesson and its question."""
    if learning.find_repeat(tx) is None:
        _next(tx, argument)
        return
    talking.leave(tx)
    settle(tx, repeat(tx))


def _learn(tx: Tx, argument: str) -> None:
    del argument
    begin(tx, "learn")


def _lesson(tx: Tx, argument: str) -> None:
    """Open a lesson by its id; one of an earlier release leads to all there are."""
    begin(tx, f"{LESSON}{argument}" if argument in tx.office.registry.lessons else "learn")


def _help_with(tx: Tx, argument: str) -> None:
    """Open the request for help with a lesson's topic, with the topic filled in."""
    lesson = tx.office.registry.lessons.get(argument)
    service = tx.office.registry.services.get(lesson.help) if lesson is not None and lesson.help else None
    if lesson is None or service is None:
        begin(tx, "services")
        return
    topic = next((question.key for question in service.questions if question.field == "words"), None)
    given = {topic: tx.voice.say(lesson.title)} if topic else {}
    begin(tx, f"{REQUEST}{service.id}", given)


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {"learn": _learn, "tips": _next, "repeat": _repeat, "lesson": _lesson, "lesson_help": _help_with}
)

"""Use-cases of learning: the next lesson, an answer and what follows from it, the questions to repeat, a certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.chat import Json
from flows.codes import CERTIFICATE, make_code
from flows.lesson_content import LEVELS, PILLARS, Lesson
from flows.outcomes import LessonAnswered
from flows.spacing import step
from flows.text import N_
from handlers.made import ask_for
from handlers.turn import Tx
from storage import learning
from storage.learning import Learned

_SHORT_CODES = 27**4
_TRIES = 8
CERTIFICATE_MAKER = "certificate"


def facts_of_learning(tx: Tx) -> dict[str, Json]:
    """Say how far a person is, as the facts of the flow that finds a lesson."""
    mine = learning.list_learned(tx.connection, tx.person.contact_id)
    lessons = tx.office.registry.lessons
    finished = {row.lesson for row in mine if row.finished_at is not None}
    done = Counter(lessons[each].pillar for each in finished if each in lessons)
    everything = Counter(lesson.pillar for lesson in lessons.values())
    onward: dict[str, Json] = {}
    for pillar in ("", *PILLARS):
        lesson = _next(tx, finished, mine, pillar)
        if lesson is not None:
            onward[pillar] = lesson.id
    return {
        "done": {pillar: [done[pillar], everything[pillar]] for pillar in PILLARS},
        "next": onward,
        "again": len(_due(tx, mine)),
    }


def begin_lesson(tx: Tx, lesson_id: str) -> dict[str, Json]:
    """Note that a lesson begins, and give the facts of its flow."""
    if learning.start(tx.connection, tx.person.contact_id, lesson_id, tx.now):
        learning.count(tx.connection, lesson_id, tx.person.village or "", _month(tx), started=1)
    return {"seed": tx.office.random_below(1_000_000)}


def find_next(tx: Tx, pillar: str = "") -> str | None:
    """Find the lesson to go on with: one begun and not finished, or else the next in its level; None when all are."""
    mine = learning.list_learned(tx.connection, tx.person.contact_id)
    found = _next(tx, {row.lesson for row in mine if row.finished_at is not None}, mine, pillar)
    return found.id if found else None


def find_repeat(tx: Tx) -> str | None:
    """Find the question that has waited longest to be asked again."""
    due = _due(tx, learning.list_learned(tx.connection, tx.person.contact_id))
    return due[0].lesson if due else None


def answer(tx: Tx, answered: LessonAnswered) -> None:
    """Note an answer, say how far the person is, and offer what comes next; a finished pillar gives a certificate."""
    lesson = tx.office.registry.lessons.get(answered.lesson)
    known = learning.find(tx.connection, tx.person.contact_id, answered.lesson)
    if lesson is None or known is None:
        return
    today = tx.office.local(tx.now).date()
    box, due_on = step(known.box, right=answered.right, today=today)
    learning.note_answer(
        tx.connection, tx.person.contact_id, lesson.id, box, due_on.isoformat() if due_on else None, tx.now
    )
    learning.count(
        tx.connection, lesson.id, tx.person.village or "", _month(tx), finished=int(known.finished_at is None),
        right=int(answered.right), wrong=int(not answered.right),
    )  # fmt: skip
    _say_progress(tx, lesson, first=known.finished_at is None)
    tx.offer(N_("Next lesson"), "tips")
    if find_repeat(tx) is not None:
        tx.offer(N_("Repeat"), "ulangi")
    if lesson.help is not None:
        tx.offer(N_("Ask for help"), f"lesson_help {lesson.id}")
    tx.offer(N_("Main menu"), "menu")


def _say_progress(tx: Tx, lesson: Lesson, *, first: bool) -> None:
    rows = learning.list_learned(tx.connection, tx.person.contact_id)
    inside = [each.id for each in tx.office.registry.lessons.values() if each.pillar == lesson.pillar]
    done = sum(row.finished_at is not None and row.lesson in inside for row in rows)
    pillar = PILLARS[lesson.pillar]
    if done < len(inside):
        tx.say(N_("{pillar}: {done} of {all} lessons", pillar=pillar, done=done, all=len(inside)))
    elif first:
        _certify(tx, lesson.pillar)


def _certify(tx: Tx, pillar: str) -> None:
    """Give a certificate for a finished pillar, once."""
    if learning.find_certificate(tx.connection, contact_id=tx.person.contact_id, pillar=pillar) is not None:
        return
    name = tx.person.name or ""
    for _ in range(_TRIES):
        code = make_code(tx.office.random_below(_SHORT_CODES), 4, CERTIFICATE)
        if learning.add_certificate(tx.connection, code, tx.person.contact_id, pillar, name, tx.now):
            tx.photos.append(ask_for(tx, tx.person.contact_id, CERTIFICATE_MAKER, code, "photo"))
            tx.say(
                N_("*Well done!* You have finished all lessons of {pillar}. Your certificate: *{code}*. Anybody can check it here by typing its number. #onlinelebihasik", pillar=PILLARS[pillar], code=code)
            )  # fmt: skip
            return
    raise RuntimeError(f"no free certificate code after {_TRIES} tries: lengthen the codes")


def check_certificate(tx: Tx, code: str) -> None:
    """Say whether a certificate is real: whose it is, for what, and since when."""
    found = learning.find_certificate(tx.connection, code=code)
    if found is None:
        tx.say(N_("There is no certificate with that number."))
        return
    tx.say(
        N_("Certificate *{code}* is real: {name}, {pillar}, {day}.", code=found.code, name=found.name or "-", pillar=PILLARS[found.pillar], day=tx.office.local(found.at).date())
    )  # fmt: skip


def _next(tx: Tx, finished: set[str], mine: Iterable[Learned], pillar: str) -> Lesson | None:
    lessons = tx.office.registry.lessons
    begun = [row.lesson for row in mine if row.finished_at is None and row.lesson in lessons]
    for lesson_id in reversed(begun):
        if pillar in ("", lessons[lesson_id].pillar):
            return lessons[lesson_id]
    left = [each for each in lessons.values() if each.id not in finished and pillar in ("", each.pillar)]
    return min(
        left, key=lambda each: (LEVELS.index(each.level), list(PILLARS).index(each.pillar), each.source), default=None
    )


def _due(tx: Tx, mine: Iterable[Learned]) -> list[Learned]:
    today = tx.office.local(tx.now).date().isoformat()
    due = [
        row
        for row in mine
        if row.due_on is not None and row.due_on <= today and row.lesson in tx.office.registry.lessons
    ]
    return sorted(due, key=lambda row: (row.due_on or "", row.lesson))


def _month(tx: Tx) -> str:
    return f"{tx.office.local(tx.now):%Y-%m}"

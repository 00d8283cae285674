"""Plays any lesson: what it teaches, something to try, and a question whose options stand in another order for everybody."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from flows.chat import Chat, Flow, Option
from flows.fields import Pick
from flows.lesson_content import PILLARS, Choice, Lesson
from flows.outcomes import LessonAnswered, Nothing, Open, Outcome
from flows.text import N_, Both, Joined, Text, lines, paragraphs

LETTERS = ("A", "B", "C", "D")
AGAIN, ON = "again", "on"


def lesson_flow(lesson: Lesson) -> Flow[Outcome]:
    """Make the flow of one lesson. Facts: ``seed``, which orders the options; ``again`` where only the question is asked."""

    async def flow(chat: Chat) -> Outcome:
        if not chat.facts.get("again"):
            chat.say(taught(lesson))
        options = shuffled(lesson, str(chat.facts["seed"]))
        chosen = await chat.ask(
            "answer",
            asked(lesson, options),
            Pick(
                tuple(
                    Option(option.key, letter, (option.label.id, option.label.jv))
                    for letter, option in zip(LETTERS, options, strict=False)
                )
            ),
        )
        right = next(option.right for option in options if option.key == chosen)
        chat.say(lesson.quiz.right if right else lesson.quiz.wrong)
        return LessonAnswered(lesson.id, right=right)

    return flow


def taught(lesson: Lesson) -> Text:
    """Say what a lesson teaches, and what can be tried at once."""
    return paragraphs(
        N_("*{title}*", title=lesson.title), lesson.lesson, N_("*Try it now:* {what}", what=lesson.try_now)
    )


def asked(lesson: Lesson, options: Sequence[Choice]) -> Text:
    """Say a lesson's question with its options under their letters."""
    listed = (Joined((f"{letter}.", option.label), " ") for letter, option in zip(LETTERS, options, strict=False))
    return paragraphs(N_("*Question:* {question}", question=lesson.quiz.ask), lines(*listed))


def shuffled(lesson: Lesson, seed: str) -> list[Choice]:
    """Order the options of a lesson's question; the same seed gives the same order."""
    return sorted(
        lesson.quiz.options,
        key=lambda option: hashlib.blake2s(f"{seed}:{lesson.id}:{option.key}".encode(), digest_size=8).digest(),
    )


def learn_flow(lessons: Mapping[str, Lesson]) -> Flow[Outcome]:
    """Make the flow that finds a lesson: go on, repeat, a pillar, or any lesson by its name.

    Facts: ``done`` {pillar: [finished, all]}; ``next`` {pillar or "": lesson}, the one to go on with; ``again`` how many wait
    to be repeated.
    """
    every = tuple(Option(lesson.id, lesson.short, lesson.words) for lesson in lessons.values())

    async def flow(chat: Chat) -> Outcome:
        onward = chat.facts.get("next")
        found: dict[str, str] = {str(k): str(v) for k, v in onward.items()} if isinstance(onward, dict) else {}
        again = int(str(chat.facts.get("again", 0)))
        options: list[Option] = []
        if "" in found:
            options.append(Option(ON, N_("Next lesson"), ("lanjut", "lajeng", "terus", "berikutnya", "tips")))
        if again:
            options.append(Option(AGAIN, N_("Repeat ({count})", count=again), ("ulang", "ulangi", "baleni", "ambali", "kuis")))  # fmt: skip
        options += [Option(pillar, name, (pillar,)) for pillar, name in PILLARS.items()]
        chosen = await chat.ask(
            "choice",
            paragraphs(
                N_("*Learn about the digital world*, a few minutes a lesson. Choose, or type what you would like to know, for example *hoaks* or *kode otp*."),
                lines(*_progress(chat)),
            ),
            Pick(tuple(options), hidden=every),
        )  # fmt: skip
        if chosen == AGAIN:
            return Open("repeat")
        if chosen in lessons:
            return Open(f"lesson:{chosen}")
        lesson = found.get("" if chosen == ON else chosen)
        if lesson is None:
            chat.say(N_("You have finished all lessons of {pillar}. Well done!", pillar=PILLARS[chosen]))
            return Nothing()
        return Open(f"lesson:{lesson}")

    return flow


async def found_flow(chat: Chat) -> Outcome:
    """Let a person choose among the lessons that their words may mean. Fact ``lessons``: [[id, title id, title jv], …]."""
    kept = chat.facts.get("lessons")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 3]
    options = tuple(
        Option(str(lesson), Both(str(title_id), str(title_jv)), (str(title_id), str(title_jv)))
        for lesson, title_id, title_jv in rows
    )
    every = Option("every", N_("All lessons"), ("semua", "sedaya", "bukan", "sanes"))
    chosen = await chat.ask("lesson", N_("Which lesson would help you?"), Pick((*options, every)))
    return Open("learn") if chosen == "every" else Open(f"lesson:{chosen}")


def _progress(chat: Chat) -> list[Text]:
    done = chat.facts.get("done")
    rows: list[Text] = []
    for pillar, counts in done.items() if isinstance(done, dict) else ():
        if isinstance(counts, list) and counts[0]:
            rows.append(
                N_("{pillar}: {done} of {all} lessons", pillar=PILLARS[pillar], done=int(str(counts[0])), all=int(str(counts[1])))
            )  # fmt: skip
    return rows

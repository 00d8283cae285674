"""A volunteer reports a visit: what kind, where, when, how many people, then the questions of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.chat import Chat, Field, Flow, Json, Option, Stale
from flows.content import VisitKind
from flows.fields import Day, Maybe, Photos, Pick, Whole, Words
from flows.outcomes import Outcome, Visited
from flows.places import Places
from flows.request import field_of
from flows.text import N_, Text
from flows.villages import Village

MOST_PHOTOS = 5
MOST_PEOPLE = 5_000
OLDEST_DAYS = 60  # a visit reported later than that belongs to another report
MOST_NOTE_CHARS = 400


def visit_flow(kinds: Mapping[str, VisitKind], places: Places) -> Flow[Outcome]:
    """Make the flow of a visit. Fact ``today``; what a message said is prefilled."""

    async def flow(chat: Chat) -> Outcome:
        today = date.fromisoformat(str(chat.facts["today"]))
        options = tuple(
            Option(kind.id, kind.short, (kind.title.id, kind.title.jv, *kind.names["id"], *kind.names["jv"]))
            for kind in kinds.values()
        )
        kind = kinds[await chat.ask("kind", N_("What kind of visit was it?"), Pick(options), label=N_("Kind"))]
        await chat.ask(
            "village", N_("Which village did you visit? Type its name or share your location."), Village(places),
            label=N_("Village"),
        )  # fmt: skip
        await chat.ask(
            "day",
            N_("When was it? For example *yesterday* or *3 October*."),
            Day(today, OLDEST_DAYS, 0),
            label=N_("Day"),
        )
        await chat.ask("people", N_("How many people took part?"), Whole(0, MOST_PEOPLE), label=N_("People"))
        for question in kind.questions:
            await chat.ask(question.key, question.ask, field_of(question, today), label=question.label)
        await chat.ask(
            "photos",
            N_("Send up to {most} photos. If you have none now, type *skip*.", most=MOST_PHOTOS),
            Maybe(Photos(MOST_PHOTOS)),
            label=N_("Photos"),
        )
        await chat.ask(
            "note", N_("Anything else the office should know? If not, type *skip*."), Maybe(Words(MOST_NOTE_CHARS)),
            label=N_("Note"),
        )  # fmt: skip
        await chat.review(kind.title)
        return Visited(kind.id, dict(chat.answers))

    return flow


def told(kind: VisitKind, answers: Mapping[str, Json], places: Places, today: date) -> list[tuple[Text, Text]]:
    """Give the label and value of each answer of a visit, for who reported it and for the office."""
    shown: list[tuple[Text, Text]] = []
    fields: list[tuple[str, Text, Field[Any]]] = [
        ("village", N_("Village"), Village(places)),
        ("day", N_("Day"), Day(today)),
        ("people", N_("People"), Whole(0, MOST_PEOPLE)),
        *((question.key, question.label, field_of(question, today)) for question in kind.questions),
        ("note", N_("Note"), Words(MOST_NOTE_CHARS)),
    ]
    for key, label, field in fields:
        if answers.get(key) is None:
            continue
        try:
            shown.append((label, field.show(field.load(answers[key]))))
        except Stale:
            shown.append((label, str(answers[key])))
    return shown

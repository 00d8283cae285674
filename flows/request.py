"""Plays any service: what it is, then its questions, a review, and the request. Complaints go through here too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.chat import Chat, Field, Flow, Json, Option, Stale
from flows.content import Ask, Service
from flows.fields import Day, Maybe, Photos, Pick, Point, Whole, Words
from flows.outcomes import Nothing, Open, Outcome, Submitted
from flows.places import Places
from flows.text import N_, Joined, Text, lines, paragraphs
from flows.villages import Village
from flows.words import BARE_WORDS

GO = Option("go", N_("Ask for this"), ("ajukan", "ya", "mau", "lanjut", "nggih", "lajeng", "iya", "buat", "ndamel"))
LATER = Option("later", N_("Not now"), ("tidak", "nanti", "mboten", "mangke", "gak", "ora"))
NAMED = Option("named", N_("With my name"), ("dengan nama", "nama saya", "mawi nami"))
UNNAMED = Option("anonymous", N_("Without my name"), ("anonim", "rahasia", "tanpa nama", "tanpa nami"))
LONGEST_NAME = 60


def request_flow(service: Service, places: Places) -> Flow[Outcome]:
    """Make the flow of one service."""

    async def flow(chat: Chat) -> Outcome:
        today = date.fromisoformat(str(chat.facts["today"]))
        if service.kind == "complaint":
            chat.say(paragraphs(service.safety, None if service.safety else service.about))
        else:
            chat.say(describe(service))
        if not service.questions:
            return Nothing()
        if (
            service.kind == "service"
            and await chat.ask("go", N_("Shall we send a request to the office together?"), Pick((GO, LATER)))
            == "later"
        ):
            return Open("menu")
        if service.anonymous:
            await chat.ask("anonymous", N_("Do you report with your name, or without? Without your name nobody sees who you are; the answer still reaches you."),
                           Pick((NAMED, UNNAMED)), label=N_("Name"))  # fmt: skip
        else:
            await chat.ask(
                "name",
                N_("In whose name? Please type the full name."),
                Words(LONGEST_NAME, refused=BARE_WORDS),
                label=N_("Name"),
            )
        await chat.ask(
            "village",
            N_("In which village? Type its name or share your location."),
            Village(places),
            label=N_("Village"),
        )
        for question in service.questions:
            await chat.ask(question.key, question.ask, field_of(question, today), label=question.label)
        await chat.review(service.title)
        return Submitted(service.id, dict(chat.answers))

    return flow


def describe(service: Service) -> Text:
    """Say what a service is: for whom, who handles it, what to bring, cost, time and when this was last checked."""
    needed = (
        lines(N_("*What to bring*"), *(Joined(("•", each), " ") for each in service.requirements))
        if service.requirements
        else None
    )
    return paragraphs(
        N_("*{title}*", title=service.title),
        service.about,
        needed,
        lines(
            N_("*Handled by:* {handler}", handler=service.handler),
            N_("*Cost:* {cost}", cost=service.cost),
            N_("*Time:* {time}", time=service.time),
        ),
        service.note,
        N_("Last checked {day}.", day=service.checked)
        if service.certainty == "sure"
        else N_("Last checked {day}. Some of it may differ: please ask the office to be sure.", day=service.checked),
    )


def field_of(question: Ask, today: date, refused: tuple[str, ...] = BARE_WORDS) -> Field[Any]:
    """Make the field of a content question; ``refused`` alone are no words, where words are needed."""
    most, least = question.most, question.least
    field: Field[Any]
    match question.field:
        case "whole":
            field = Whole(least or 0, 1_000_000 if most is None else most)
        case "day":
            field = Day(today, -(least if least is not None else -3650), 730 if most is None else most)
        case "pick":
            field = Pick(
                tuple(
                    Option(choice.key, choice.label, (choice.label.id, choice.label.jv)) for choice in question.options
                )
            )
        case "photos":
            field = Photos(most or 3)
        case "location":
            field = Point()
        case _:
            field = Words(most or 300, refused=() if question.optional else refused)
    return Maybe(field) if question.optional else field


def answered(service: Service, answers: Mapping[str, Json], places: Places) -> list[tuple[Text, Text]]:
    """Give the label and value of each answer of a request, for those who handle it and for the one who asked."""
    shown: list[tuple[Text, Text]] = []
    fields: list[tuple[str, Text, Field[Any]]] = [
        ("name", N_("Name"), Words(LONGEST_NAME)),
        ("village", N_("Village"), Village(places)),
        *((question.key, question.label, field_of(question, service.checked)) for question in service.questions),
    ]
    for key, label, field in fields:
        if answers.get(key) is None:
            continue
        try:
            shown.append((label, field.show(field.load(answers[key]))))
        except Stale:
            shown.append((label, str(answers[key])))
    return shown

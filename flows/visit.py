"""A volunteer reports a visit: what kind, where, when, how many people, then the questions of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.chat import Chat, Field, Flow, Json, Location, Option, Stale
from flows.fields import Day, Maybe, Photos, Pick, Point, Whole, Words
from flows.lesson_content import Lesson
from flows.materials import Materials
from flows.outcomes import Open, Outcome, PhotosAdded, Resume, Visited
from flows.places import Places
from flows.request import field_of
from flows.text import N_, Both, Text
from flows.visit_content import WOMEN, VisitAsk, VisitKind
from flows.whereabouts import Whereabouts, find_nearest, strays
from flows.words import BARE_YES

MOST_PHOTOS = 5
MOST_PEOPLE = 5_000
OLDEST_DAYS = 60  # a visit reported later than that belongs to another report
MOST_NOTE_CHARS = 400
DROP = "drop"
PILLAR = "pilar"  # the key of the question for the pillar: it chooses the lessons offered
_DROP_LABEL = N_("Without location")


def visit_flow(kinds: Mapping[str, VisitKind], lessons: Mapping[str, Lesson], places: Places) -> Flow[Outcome]:
    """Make the flow of a visit.

    Facts: ``today``; ``amends`` [visit, version] where a visit is changed; ``among`` the codes of the villages of the name
    that was said, where several are called so. What is known already is prefilled.
    """

    async def flow(chat: Chat) -> Outcome:
        today = date.fromisoformat(str(chat.facts["today"]))
        options = tuple(Option(kind.id, kind.short, kind.words) for kind in kinds.values())
        kind = kinds[await chat.ask("kind", N_("What kind of visit was it?"), Pick(options), label=N_("Kind"))]
        village, flagged = await _where(chat, places)
        await chat.ask(
            "day",
            N_("When was it? For example *yesterday* or *3 October*."),
            Day(today, OLDEST_DAYS, 0),
            label=N_("Day"),
        )
        people = await chat.ask("people", N_("How many people took part?"), Whole(0, MOST_PEOPLE), label=N_("People"))
        for question in kind.questions:
            pillar = str(chat.answers.get(PILLAR, ""))
            field = _field_of(question, today, lessons, people, pillar)
            await chat.ask(question.key, question.ask, field, label=question.label)
        await chat.ask(
            "photos",
            N_(
                "Send up to {most} photos. If you have none now, type *skip*; you can send them later too.",
                most=MOST_PHOTOS,
            ),
            Maybe(Photos(MOST_PHOTOS)),
            label=N_("Photos"),
        )
        await chat.ask(
            "note", N_("Anything else the office should know? If not, type *skip*."), Maybe(Words(MOST_NOTE_CHARS)),
            label=N_("Note"),
        )  # fmt: skip
        await chat.review(kind.title)
        amends = chat.facts.get("amends")
        visit, version = amends if isinstance(amends, list) else (None, None)
        return Visited(
            kind.id,
            village,
            dict(chat.answers),
            flagged=flagged,
            amends=None if visit is None else (int(str(visit)), int(str(version))),
        )

    return flow


async def _where(chat: Chat, places: Places) -> tuple[str, bool]:
    """Ask for the village and the place; gives the village, and whether the place does not fit it all the same."""
    said = chat.facts.get("among")
    among = [place for code in (said if isinstance(said, list) else []) if (place := places.find_code(str(code)))]
    prompt: Text = N_("Which village did you visit? Type its name or share your location.")
    if among:
        prompt = N_("There is more than one {name}. Which one do you mean?", name=among[0].name)
    spot = await chat.ask(
        "village", prompt, Whereabouts(places, tuple(place.code for place in among)), label=N_("Village")
    )
    at = spot.at
    if at is None:
        at = await chat.ask(
            "place",
            N_("Are you still there? Share your location, so that the visit is sure. If not, type *skip*."),
            Maybe(Point()),
            label=N_("Location"),
        )
    if at is None or not strays(places, spot.village, at):
        return spot.village, False
    with chat.scope(spot.village):  # another village is another question
        return await _which(chat, places, spot.village, at)


async def _which(chat: Chat, places: Places, named: str, at: Location) -> tuple[str, bool]:
    """Ask which is right, the village named or the location; the village stands if the person says so."""
    village, near = places.get(named), find_nearest(places, at)
    keep = Option(named, village.name, (village.full_name, "ya", "benar", "nggih", "leres"))
    if near is None:
        prompt = N_(
            "Your location is outside the regency, but you named {village}. Is that right?", village=village.full_name
        )
        other = Option(DROP, _DROP_LABEL, ("tanpa lokasi", "tanpa", "hapus lokasi"))
    else:
        prompt = N_("Your location is close to {near}, but you named {village}. Which one did you visit?", near=near.full_name, village=village.full_name)  # fmt: skip
        other = Option(near.code, near.name, (near.full_name,))
    chosen = await chat.ask("mismatch", prompt, Pick((keep, other)))
    return (chosen if chosen != DROP else named), chosen == named


async def visit_drafts(chat: Chat) -> Outcome:
    """Offer the visits that were begun and not sent. Fact ``drafts``: [[conversation, title id, title jv], …]."""
    drafts = chat.facts.get("drafts")
    options = tuple(
        Option(f"draft:{number}", N_("Go on: {title}", title=Both(str(title_id), str(title_jv))), (str(title_id),))
        for number, title_id, title_jv in (row for row in (drafts if isinstance(drafts, list) else []) if isinstance(row, list))
    )  # fmt: skip
    new = Option("new", N_("A new visit"), ("baru", "kunjungan baru", "enggal", "anyar"))
    chosen = await chat.ask("draft", N_("You have begun a visit already. Go on with it?"), Pick((*options, new)))
    return Open("visit") if chosen == "new" else Resume(int(chosen.removeprefix("draft:")))


async def late_photos(chat: Chat) -> Outcome:
    """Ask to which visit photos belong that were sent afterwards. Facts: ``visits`` [[id, code, title id, title jv], …]."""
    rows = chat.facts.get("visits")
    options = tuple(
        Option(f"visit:{number}", N_("{code} {title}", code=str(code), title=Both(str(title_id), str(title_jv))), (str(code),))
        for number, code, title_id, title_jv in (row for row in (rows if isinstance(rows, list) else []) if isinstance(row, list))
    )  # fmt: skip
    photos = await chat.ask("photos", N_("Please send the photos."), Photos(MOST_PHOTOS))
    none = Option("none", N_("None of these"), ("bukan", "tidak", "sanes", "mboten"))
    chosen = await chat.ask("visit", N_("Which visit are the photos of?"), Pick((*options, none)))
    return PhotosAdded(None if chosen == "none" else int(chosen.removeprefix("visit:")), photos)


def told(
    kind: VisitKind, answers: Mapping[str, Json], lessons: Mapping[str, Lesson], day: date
) -> list[tuple[Text, Text]]:
    """Give the label and value of what was answered about a visit, for who reported it and for the office."""
    shown: list[tuple[Text, Text]] = []
    fields: list[tuple[str, Text, Field[Any]]] = [
        ("people", N_("People"), Whole(0, MOST_PEOPLE)),
        *((q.key, q.label, _field_of(q, day, lessons, MOST_PEOPLE, "")) for q in kind.questions),
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


def _field_of(question: VisitAsk, today: date, lessons: Mapping[str, Lesson], people: int, pillar: str) -> Field[Any]:
    if question.field == "lessons":
        materials: Field[Any] = Materials(lessons, pillar or None)
        return Maybe(materials) if question.optional else materials
    if question.key == WOMEN:  # among the people there
        return Whole(0, people)
    return field_of(question, today, BARE_YES)  # *baik* and *sampun* do tell how it went

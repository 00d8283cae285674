"""Recaps on request: a volunteer's own figures; for the regency's office those of everybody, a place or a volunteer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flows.chat import Json
from flows.periods import period_of
from flows.recap import LEARNING, Asked, read_asked
from flows.spelling import fold
from flows.text import N_, Joined, Text, lines, paragraphs
from handlers import recap_export, recap_lessons, recap_texts, talking
from handlers.outcomes import begin
from handlers.recap_figures import list_aims, scope_of
from handlers.recap_places import code_of, command, find_place
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, recaps, volunteers

SEEN = ("active", "paused", "ended")  # whose figures there are
_MOST_OFFERED = 8
_SHORTEST_BEGINNING = 3
_BEFORE: Mapping[str, Text] = MappingProxyType(  # for a button, which has no room for the name of every period
    {"week": N_("The week before"), "span": N_("The days before")}
)


@dataclass(frozen=True, slots=True)
class _About:
    """Whose visits a recap is about, and where."""

    contact_id: int | None = None
    name: Text = recap_texts.REGENCY
    place: str = ""


def show(tx: Tx, words: str, place: str = "") -> None:
    """Show the recap that somebody asks for in their words; ``place`` is the code of a place understood in them.

    Raises:
        Denied: they ask for another volunteer's figures, or for a table, and are not of the regency's office.
    """
    talking.leave(tx)
    today = tx.office.local(tx.now).date()
    asked = read_asked(words, today, tx.office.registry.visit_kinds)
    if asked.about == "lessons":
        recap_lessons.show(tx, asked, place)
        return
    own = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    is_volunteer = own is not None and own.state in SEEN
    if asked.wants == "table":
        recap_export.check_export(tx)
    if may_coordinate(tx.person) and not (asked.mine and is_volunteer):
        about = _for_office(tx, asked, place)
    else:
        _refuse_others(tx, asked)
        about = _for_volunteer(tx, asked, place) if is_volunteer else None
        if about is None:
            _invite(tx)
    if about is not None:
        _tell(tx, asked, about)


def _for_office(tx: Tx, asked: Asked, place: str) -> _About | None:
    """Find what an officer means; None where that was asked back."""
    if asked.volunteer is not None:
        return _one_volunteer(tx, asked.volunteer)
    code = find_place(tx, asked)
    if code is None:
        return None
    if not code and asked.rest and asked.is_short and not place:
        return _named(tx, asked)
    return _place(tx, code or asked.place or place)


def _named(tx: Tx, asked: Asked) -> _About | None:
    found = _find_named(tx, asked.rest)
    if len(found) == 1:
        return _one_volunteer(tx, found[0][0])
    if not found:
        tx.say(
            N_("I find no place, kind of visit or volunteer of that name. For example: *rekap kademangan*, *rekap literasi 2026*.")
        )  # fmt: skip
        tx.offer(N_("Recap of visits"), "rekap")
        return None
    tx.say(N_("Several volunteers are called that. Which one?"))
    for number, name in found[:_MOST_OFFERED]:
        tx.offer(name, command(asked, f"v{number}"))
    return None


def _one_volunteer(tx: Tx, number: int) -> _About:
    found = volunteers.find_volunteer(tx.connection, number)
    subject = f"volunteer {number}"
    if found is None:
        raise Denied(N_("There is no such volunteer."), "recap", subject)
    contacts.add_audit(tx.connection, tx.person.contact_id, "recap", subject, allowed=True, at=tx.now)
    tx.about = number  # the reply names them: with their erasure it goes
    return _About(number, found.name)


def _place(tx: Tx, code: str) -> _About:
    place = tx.office.registry.places.find_code(code) if code else None
    return _About(name=place.full_name, place=place.code) if place is not None else _About()


def _refuse_others(tx: Tx, asked: Asked) -> None:
    """Let nobody but the office name a volunteer other than themselves, by a button or in words."""
    me = tx.person.contact_id
    named = [asked.volunteer] if asked.volunteer is not None else []
    if asked.rest and asked.is_short:
        named += [number for number, _ in _find_named(tx, asked.rest)]
    if named and me not in named:
        raise Denied(
            N_("You see your own figures, not those of others. For yours, type *rekap*."), "recap", f"volunteer {named[0]}"
        )  # fmt: skip


def _for_volunteer(tx: Tx, asked: Asked, place: str) -> _About:
    """Show a volunteer nothing but their own figures; they may narrow them to a place."""
    found = tx.office.registry.places.find(asked.rest) if asked.rest else None
    where = _place(tx, code_of(found) or asked.place or place)
    return _About(tx.person.contact_id, N_("Your own visits"), where.place)


def _invite(tx: Tx) -> None:
    tx.say(
        N_("Recaps are for volunteers, who see what they have reached, and for the regency's office. To become a volunteer, type *daftar relawan*.")
    )  # fmt: skip
    tx.offer(N_("Become a volunteer"), "daftar relawan")
    tx.offer(N_("Main menu"), "menu")


def _find_named(tx: Tx, rest: str) -> list[tuple[int, str]]:
    """Find the volunteers in whose name each typed word stands, or begins a word of it."""
    typed = rest.split()
    return [
        (number, name)
        for number, name in tx.connection.execute(recaps.select_names())
        if all(_is_in(word, fold(name).split()) for word in typed)
    ]


def _is_in(typed: str, words: list[str]) -> bool:
    return any(word == typed or (len(typed) >= _SHORTEST_BEGINNING and word.startswith(typed)) for word in words)


def _tell(tx: Tx, asked: Asked, about: _About) -> None:
    today = tx.office.local(tx.now).date()
    period = asked.period or period_of("month", today)
    if asked.wants == "table":
        given: dict[str, Json] = {"place": about.place, "kind": asked.kind}
        begin(tx, "recap_export", given if asked.period is None else {**given, "period": period.iso})
        return
    subject = _subject(tx, asked, about)
    if asked.wants == "picture":
        year = period_of("year", period.first)
        recap_export.send_chart(tx, subject, year, about.contact_id, about.place, asked.kind)
        tx.offer(N_("Recap of visits"), command(asked, *_narrowed(about)))
        return
    scope = scope_of(tx.office, period, about.contact_id, about.place, asked.kind)
    before = recap_texts.before_of(tx.office, period, scope)
    year = period_of("year", today)
    of_year = None
    if asked.period is None:
        whole = scope_of(tx.office, year, about.contact_id, about.place, asked.kind)
        if about.contact_id is not None:
            told = recap_texts.tell_figures(tx.connection, tx.office, whole, None)
            of_year = lines(N_("*Year {year}*", year=year.name), told)
    tx.say(
        paragraphs(
            lines(N_("*Recap: {period}*", period=period.name), subject),
            recap_texts.tell_figures(tx.connection, tx.office, scope, before),
            of_year,
            *_more(tx, asked, about, scope, is_now=period.has(today)),
        )
    )
    tx.offer(
        _BEFORE.get(period.unit, period.before.name),
        command(asked, *_narrowed(about), period=period.before.iso),
    )
    tx.offer(N_("Picture"), command(asked, *_narrowed(about), "gambar", period=period.iso))
    if may_coordinate(tx.person) and about.contact_id is None:
        tx.offer(N_("Table"), command(asked, *_narrowed(about), "ekspor", period=period.iso))
    if may_coordinate(tx.person) and about == _About() and not asked.kind:
        tx.offer(N_("Recap of lessons"), f"rekap {LEARNING[0]} {period.in_months.iso}")


def _more(tx: Tx, asked: Asked, about: _About, scope: recaps.Scope, *, is_now: bool) -> list[Text | None]:
    """Give what stands below the figures: who was active; and as it is today which villages and what else waits, the targets."""
    today = tx.office.local(tx.now).date()
    connection, office = tx.connection, tx.office
    active = recap_texts.tell_most_active(connection, scope) if about.contact_id is None else None
    if asked.kind or not is_now:
        return [active]
    if about.contact_id is not None:
        is_own = about.contact_id == tx.person.contact_id
        aims = list_aims(connection, office, today, about.contact_id) if is_own else []
        return [
            recap_texts.tell_own_unvisited(connection, office, today, about.contact_id),
            recap_texts.tell_aims(office, aims, today, own=True),
        ]
    aims = [] if about.place else list_aims(connection, office, today)
    return [
        active,
        recap_texts.tell_unvisited(connection, office, today, about.place),
        recap_texts.tell_waiting(connection, about.place),
        recap_texts.tell_aims(office, aims, today),
    ]


def _subject(tx: Tx, asked: Asked, about: _About) -> Text:
    place = tx.office.registry.places.find_code(about.place) if about.contact_id is not None and about.place else None
    parts: list[Text] = [about.name]
    if place is not None:
        parts.append(place.full_name)
    if asked.kind:
        parts.append(recap_texts.kind_name(tx.office, asked.kind))
    return Joined(tuple(parts), " · ")


def _narrowed(about: _About) -> tuple[str, ...]:
    who = (f"v{about.contact_id}",) if about.contact_id is not None else ()
    return (*who, about.place) if about.place else who

"""The question "which places?": whole kecamatan and single villages, as many as are wanted, one after another."""

from __future__ import annotations

from dataclasses import dataclass

from flows.chat import Invalid, Json, Narrow, Option, Reply, Stale
from flows.fields import GO_ON, NONE, is_done, page_of
from flows.places import City, District, Nothing, One, Place, Places, Several
from flows.text import N_, Joined, Text
from flows.villages import LIST, NOT_OURS

MOST_AREAS = 30
_PER_PAGE = 7  # beside them: go on, and two that turn the page
_LIST = Option(LIST, N_("List of kecamatan"), ("daftar", "daftar kecamatan", "pilih kecamatan", "list"))


@dataclass(frozen=True, slots=True)
class Areas:
    """Kecamatan and villages until the officer goes on; the value is their official codes."""

    places: Places
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return (_LIST,)

    def parse(self, reply: Reply) -> tuple[str, ...]:
        held = self._known(reply.held)
        if held and is_done(reply):
            return held
        place = self._chosen(reply.choice, held) if reply.choice is not None else self._typed(reply.text, held)
        held = tuple(dict.fromkeys((*held, place.code)))
        if len(held) == MOST_AREAS:
            return held
        raise Narrow(
            N_("Noted: {places}. Another one, or *go on*?", places=self.show(held)), (_LIST, GO_ON), list(held)
        )

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def load(self, raw: Json) -> tuple[str, ...]:
        known = self._known(raw)
        if not known or not isinstance(raw, list) or len(known) != len(raw):
            raise Stale
        return known

    def show(self, value: tuple[str, ...]) -> Text:
        return name_places(self.places, value)

    def _known(self, raw: Json) -> tuple[str, ...]:
        codes = [str(each) for each in raw] if isinstance(raw, list) else []
        return tuple(code for code in codes if self.places.find_code(code) is not None)

    def _chosen(self, choice: str, held: tuple[str, ...]) -> Place:
        head, _, page = choice.partition(":")
        if choice == LIST or (head == "page" and page.isdecimal()):
            self._list(int(page or 1), held)
        place = self.places.find_code(choice)
        if place is None:
            raise Invalid(N_("Please choose one: press it, or type its number or name."))
        return place

    def _typed(self, text: str, held: tuple[str, ...]) -> Place:
        asked = N_("Which one do you mean?")
        match self.places.find(text):
            case One(place=place) | District(district=place):
                return place
            case Several(places=places, district=district):
                raise Narrow(asked, self._candidates((*((district,) if district else ()), *places)), list(held))
            case City():
                raise Invalid(NOT_OURS)
            case Nothing(suggestions=places) if places:
                raise Narrow(
                    N_("I do not find exactly that. Is it one of these?"), self._candidates(places), list(held)
                )
        raise Invalid(N_("I do not find that place. Please type the name of a kecamatan or a village."))

    def _candidates(self, places: tuple[Place, ...]) -> tuple[Option, ...]:
        return (*(_option(place) for place in places[:_PER_PAGE]), _LIST)

    def _list(self, page: int, held: tuple[str, ...]) -> None:
        options = page_of(tuple(_option(place) for place in self.places.districts()), page, _PER_PAGE)
        raise Narrow(N_("Which kecamatan?"), (*options, *((GO_ON,) if held else ())), list(held))


def name_places(places: Places, codes: tuple[str, ...]) -> Text:
    """Name kecamatan and villages in a row; a code that is none of today's stands for itself."""
    found = ((code, places.find_code(code)) for code in codes)
    return Joined(tuple(place.full_name if place is not None else code for code, place in found), "; ")


def _option(place: Place) -> Option:
    words = (place.name,) if place.kind == "district" else (place.name, f"{place.name} {place.district}")
    return Option(place.code, place.full_name, words)

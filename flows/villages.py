"""The question "from which village?": typed, from the list of kecamatan, or by a shared location; never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from flows.chat import Invalid, Json, Location, Narrow, Option, Reply, Stale
from flows.fields import NONE, PAGE, page_of
from flows.places import City, District, Nothing, One, Place, Places, Several
from flows.text import N_, Text

LIST = "list"
NEITHER = "none"
CITY_OPTION = "city"
IN_CITY = Option(CITY_OPTION, N_("In Kota Blitar"), ("kota", "kota blitar"))
NOT_OURS = N_(
    "Kota Blitar has its own service; Rewang serves Kabupaten Blitar. Please type a village of the kabupaten."
)
_LIST_WORDS = ("daftar", "daftar kecamatan", "pilih kecamatan", "list")
_NEITHER_WORDS = ("bukan", "tidak ada", "lainnya", "sanes", "sanesipun", "dudu", "liyane")


@dataclass(frozen=True, slots=True)
class Village:
    """A desa or kelurahan of the regency; the value is its official code.

    Half answers narrow the question: a kecamatan shows its villages, an ambiguous name or a location shows candidates.
    Those of a name that was said before, ``among`` (official codes), are shown from the start.
    """

    places: Places
    among: tuple[str, ...] = ()
    wants: str = "village"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        named = tuple(_option(place, full=True) for code in self.among if (place := self.places.find_code(code)))
        return (*named, Option(LIST, N_("List of kecamatan"), _LIST_WORDS))

    def parse(self, reply: Reply) -> str:
        if reply.location is not None:
            self._nearby(reply.location)
        if reply.choice is not None:
            return self._chosen(reply.choice)
        if not reply.text.strip():
            raise Invalid(N_("Please type the name of your village, or share your location."))
        return self._typed(reply.text)

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if not isinstance(raw, str) or self.places.find_code(raw) is None:
            raise Stale
        return raw

    def show(self, value: str) -> Text:
        return self.places.get(value).full_name

    def _chosen(self, choice: str) -> str:
        if choice == CITY_OPTION:
            raise Invalid(NOT_OURS)
        if choice in (LIST, NEITHER):
            self._districts(1)
        head, _, page = choice.partition(":")
        if head == "page" and page.isdecimal():
            self._districts(int(page))
        place = self.places.find_code(head)
        if place is None:
            raise Invalid(N_("Please choose one: press it, or type its number or name."))
        if place.kind == "district":
            self._villages(place, int(page) if page.isdecimal() else 1)
        return place.code

    def _typed(self, text: str) -> str:
        match self.places.find(text):
            case One(place=place, city=False):
                return place.code
            case One(place=place):
                raise Narrow(
                    N_("There is also a {name} in Kota Blitar. Which one do you mean?", name=place.name),
                    self._candidates((place,), (IN_CITY,)),
                )
            case Several(places=places, district=district, city=city):
                prompt = N_("There is more than one {name}. Which one do you mean?", name=places[0].name)
                if len(places) == 1 and district and not city:
                    prompt = N_(
                        "{name} is a village and a kecamatan too. Do you mean {village}, or another village of the kecamatan?",
                        name=district.name, village=places[0].full_name,
                    )  # fmt: skip
                more = (Option(district.code, N_("Another village"), (district.name,)),) if district else ()
                elsewhere = (IN_CITY,) if city else ()
                raise Narrow(prompt, self._candidates(places, (*more, *elsewhere)))
            case District(district=district):
                self._villages(district, 1)
            case City():
                raise Invalid(NOT_OURS)
            case Nothing(suggestions=()):
                raise Invalid(
                    N_("I do not find that village. Please check the spelling, or choose from the list of kecamatan.")
                )
            case Nothing(suggestions=places):
                raise Narrow(N_("I do not find exactly that. Is it one of these?"), self._candidates(places))
        raise Invalid(
            N_("I do not find that village. Please check the spelling, or choose from the list of kecamatan.")
        )

    def _nearby(self, location: Location) -> None:
        if not (location.is_on_earth and self.places.is_near(location.latitude, location.longitude)):
            raise Invalid(N_("That location is outside Kabupaten Blitar. Please type the name of your village."))
        found = tuple(place for place, _ in self.places.nearest(location.latitude, location.longitude, 3))
        raise Narrow(N_("Close to your location. Which one is your village?"), self._candidates(found))

    def _candidates(self, places: tuple[Place, ...], more: tuple[Option, ...] = ()) -> tuple[Option, ...]:
        return (
            *(_option(place, full=True) for place in places),
            *more,
            Option(NEITHER, N_("None of these"), _NEITHER_WORDS),
        )

    def _districts(self, page: int) -> None:
        options = tuple(Option(place.code, place.name) for place in self.places.districts())
        raise Narrow(N_("Which kecamatan?"), page_of(options, page, PAGE))

    def _villages(self, district: Place, page: int) -> None:
        villages = page_of(tuple(_option(place) for place in self.places.villages_of(district.code)), page, PAGE)
        turned = tuple(
            Option(option.id.replace("page", district.code, 1), option.label, option.words) for option in villages
        )
        raise Narrow(N_("Which village in Kecamatan {name}?", name=district.name), turned)


def _option(place: Place, *, full: bool = False) -> Option:
    return Option(
        place.code,
        place.full_name if full else place.name,
        (place.name, f"{place.name} {place.district}", place.district),
    )

"""The question "which village did you visit?": the village, and the shared location where there was one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.chat import Json, Location, Narrow, Option, Reply, Stale
from flows.fields import NONE, Point
from flows.places import Place, Places
from flows.text import Text
from flows.villages import Village

CLOSE_KM = 3.0  # from a village's centre: no reason to ask
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A village (official code), and where the person was when naming it."""

    village: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A village, typed, or chosen from those nearest to a shared location, which is then kept with it; ``among`` as in Village."""

    places: Places
    among: tuple[str, ...] = ()
    wants: str = "village"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return Village(self.places, self.among).options()

    def parse(self, reply: Reply) -> Spot:
        at = Point().parse(reply) if reply.location is not None else _point(reply.held)
        try:
            village = Village(self.places).parse(replace(reply, held=None))
        except Narrow as narrow:
            held = None if at is None else Point().dump(at)
            raise Narrow(narrow.prompt, narrow.options, held) from None
        return Spot(village, at)

    def dump(self, value: Spot) -> Json:
        return value.village if value.at is None else {"village": value.village, "at": Point().dump(value.at)}

    def load(self, raw: Json) -> Spot:
        if isinstance(raw, dict):
            return Spot(Village(self.places).load(raw.get("village")), Point().load(raw.get("at")))
        return Spot(Village(self.places).load(raw))

    def show(self, value: Spot) -> Text:
        return self.places.get(value.village).full_name


def strays(places: Places, village: str, at: Location) -> bool:
    """Tell whether a location does not fit a village: its centre is neither close nor among the nearest."""
    nearest = places.nearest(at.latitude, at.longitude, _NEAREST)
    return (
        village not in {place.code for place, _ in nearest}
        and places.distance(village, at.latitude, at.longitude) > CLOSE_KM
    )


def find_nearest(places: Places, at: Location) -> Place | None:
    """Find the village whose centre is nearest; None outside the regency."""
    return places.nearest(at.latitude, at.longitude, 1)[0][0] if places.is_near(at.latitude, at.longitude) else None


def _point(raw: Json) -> Location | None:
    try:
        return Point().load(raw)
    except Stale:
        return None

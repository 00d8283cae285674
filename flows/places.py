"""The kecamatan, desa and kelurahan of Kabupaten Blitar: found by name as villagers write it, by code or by location.

A name that several villages bear is answered with all of them: nothing here guesses.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from flows.spelling import closest, edits_between, fold, similar

Kind = Literal["district", "village", "ward"]

LONGEST_CHARS = 200  # a full address is shorter; longer texts are not looked at
MOST_WORDS = (
    5  # left when the small words are gone: two names have four at most, and a sentence names no place for sure
)
NEAR_KM = 15.0  # so that the edge of a long desa and an imprecise phone still count
MOST_SUGGESTIONS = 3
_BEGINNING_CHARS = 3
_EARTH_KM = 6371.0
_TITLES: dict[Kind, str] = {"district": "Kecamatan", "village": "Desa", "ward": "Kelurahan"}
_FILE = Path(__file__).with_name("places.csv")

# Kota Blitar (35.72) lies inside the kabupaten and has its own service: its kecamatan and kelurahan.
CITY = "Kota Blitar"
_CITY_NAMES = (
    "Kepanjenkidul", "Sukorejo", "Sananwetan", "Ngadirejo", "Sentul", "Kauman", "Tanggung", "Bendo", "Kepanjenlor", "Pakunden",
    "Blitar", "Tlumpu", "Turi", "Karangsari", "Tanjungsari", "Gedog", "Plosokerep", "Klampok", "Rembang", "Karangtengah",
    "Bendogerit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A kecamatan (district), desa (village) or kelurahan (ward). A district's own district is itself."""

    code: str
    kind: Kind
    name: str
    district: str
    district_code: str
    latitude: float
    longitude: float

    @property
    def full_name(self) -> str:
        name = f"{_TITLES[self.kind]} {self.name}"
        return name if self.kind == "district" else f"{name}, Kec. {self.district}"


@dataclass(frozen=True, slots=True)
class One:
    """Exactly one village; ``city`` where Kota Blitar has a place of that name too."""

    place: Place
    city: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """Villages of one name; ``district`` where a kecamatan bears it too, ``city`` where Kota Blitar has it too."""

    places: tuple[Place, ...]
    district: Place | None = None
    city: bool = False


@dataclass(frozen=True, slots=True)
class District:
    """A kecamatan, and no village named."""

    district: Place


@dataclass(frozen=True, slots=True)
class City:
    """A place of Kota Blitar, by its name there, or the city itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No place, or none surely; the suggestions, best first, are only to be asked about."""

    suggestions: tuple[Place, ...] = ()


Found = One | Several | District | City | Nothing


class Places:
    """All places of the regency, held in memory."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_code = {place.code: place for place in sorted(places, key=lambda place: (place.name, place.district))}
        self._districts = tuple(place for place in self._by_code.values() if place.kind == "district")
        self._all_villages = tuple(place for place in self._by_code.values() if place.kind != "district")
        self._district_named = {name_key(place.name): place for place in self._districts}
        self._villages_named: dict[str, tuple[Place, ...]] = {}
        for place in self._all_villages:
            key = name_key(place.name)
            self._villages_named[key] = (*self._villages_named.get(key, ()), place)
        self._city_named = {name_key(name): name for name in _CITY_NAMES}
        self._names = list(dict.fromkeys([*self._villages_named, *self._district_named, *self._city_named]))
        self._beginnings = frozenset(key[:_BEGINNING_CHARS].replace("o", "a") for key in self._names)
        self._loose_names = _loose(self._names)
        self._loose_districts = _loose(self._district_named)
        self._loose_in = {
            key: _loose(name_key(place.name) for place in self.villages_of(district.code))
            for key, district in self._district_named.items()
        }

    def __repr__(self) -> str:
        return f"Places({len(self._all_villages)} villages)"

    def find_code(self, code: str) -> Place | None:
        return self._by_code.get(code)

    def get(self, code: str) -> Place:
        """Give the place of an official code.

        Raises:
            KeyError: no place of the regency has it.
        """
        place = self.find_code(code)
        if place is None:
            raise KeyError(f"no place of Kabupaten Blitar has the code {code!r}; flows/places.csv lists them")
        return place

    def may_begin(self, word: str) -> bool:
        """Tell cheaply whether a folded word may be the beginning of a place's name."""
        return word[:_BEGINNING_CHARS].replace("o", "a") in self._beginnings

    def named(self, key: str) -> tuple[Place, ...]:
        """List the villages and the kecamatan of a name, given as its key (``name_key``); the kecamatan last."""
        district = self._district_named.get(key)
        return (*self._villages_named.get(key, ()), *((district,) if district else ()))

    def one_edit_away(self, key: str) -> tuple[Place, ...]:
        """List the places of the one name that a key is one edit from; nothing where it may be several names."""
        loose = key.replace("o", "a")
        likely = [name for name in closest(loose, list(self._loose_names), edits=1) if edits_between(loose, name) <= 1]
        return self.named(self._loose_names[likely[0]]) if len(likely) == 1 else ()

    def districts(self) -> tuple[Place, ...]:
        """List the kecamatan by name."""
        return self._districts

    def villages_of(self, district_code: str) -> tuple[Place, ...]:
        """List the villages and wards of a kecamatan by name."""
        return tuple(place for place in self._all_villages if place.district_code == district_code)

    def nearest(self, latitude: float, longitude: float, count: int = 3) -> list[tuple[Place, float]]:
        """List the villages and wards whose centres are nearest, with their distances in km."""
        away = [(_km(latitude, longitude, place), place) for place in self._all_villages]
        return [(place, km) for km, place in sorted(away, key=lambda pair: pair[0])[:count]]

    def distance(self, code: str, latitude: float, longitude: float) -> float:
        """Give the distance in km from a point to a village's centre."""
        return _km(latitude, longitude, self.get(code))

    def is_near(self, latitude: float, longitude: float) -> bool:
        """Tell whether a location may be in the regency: within 15 km of a village's centre."""
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            return False
        return self.nearest(latitude, longitude, 1)[0][1] <= NEAR_KM

    def find(self, text: str) -> Found:
        """Find the place meant by a typed text, such as "olakalen", "ds. Slorok kec Garum" or "kula saking Wates".

        One letter of a longer name may be wrong. A name that fits in more than one way is never decided here.
        """
        if len(text) > LONGEST_CHARS:
            return Nothing()
        typed = _read(text)
        if not typed.words:
            return self._unnamed(typed)
        if len(typed.words) > MOST_WORDS:
            return Nothing(self._like(typed))
        readings = tuple(_readings(typed))
        found = self._exactly(readings, typed) or self._corrected(readings, typed)
        if found is not None:
            return found
        if typed.in_city:
            return City(CITY)
        return Nothing(self._like(typed))

    def _unnamed(self, typed: _Typed) -> Found:
        if typed.in_city:
            return City(CITY)
        if typed.city_ward:
            return City("Blitar")
        return Nothing(self._like(typed))

    def _exactly(self, readings: tuple[_Reading, ...], typed: _Typed) -> Found | None:
        """Find what the readings mean as they are spelled.

        A village named with its kecamatan is sure. Without it, a name that only Kota Blitar has, or that stands beside
        the word "kota", is the city's; one that both have is ours with a doubt.
        """
        found = dict.fromkeys(place for reading in readings for place in self._meant(reading))
        sure = any(reading.village and reading.district and self._meant(reading) for reading in readings)
        if not typed.in_kabupaten and not sure and (typed.in_city or not found):
            for reading in readings:
                names = [key for key in (reading.village, reading.district) if key]
                if all(key in self._city_named for key in names):
                    return City(self._city_named[names[0]])
        if not found:
            return None
        keys = {name_key(place.name) for place in found if place.kind != "district"}
        if len(keys) > 1:
            return Nothing(tuple(found)[:MOST_SUGGESTIONS])
        in_city = not sure and not typed.in_kabupaten and bool(keys & self._city_named.keys())
        return _answer(tuple(found), city=in_city)

    def _meant(self, reading: _Reading) -> tuple[Place, ...]:
        """List the places whose names a reading gives exactly."""
        district = self._district_named.get(reading.district)
        if not reading.village:
            return (district,) if district else ()
        villages = self._villages_named.get(reading.village, ())
        if not reading.district:
            return villages
        return tuple(place for place in villages if district and place.district_code == district.code)

    def _corrected(self, readings: tuple[_Reading, ...], typed: _Typed) -> Found | None:
        """Find what the readings mean once misspelt names are put right; nothing sure where that gives several names."""
        costs: dict[_Reading, int] = {}
        for reading in readings:
            for right, cost in self._corrections(reading, typed):
                costs[right] = min(cost, costs.get(right, cost))
        if not costs:
            return None
        least = min(costs.values())
        likely = tuple(reading for reading, cost in costs.items() if cost == least)
        if len({reading.village or reading.district for reading in likely}) > 1:
            return Nothing(tuple(place for reading in likely for place in self._meant(reading))[:MOST_SUGGESTIONS])
        return self._exactly(likely, typed)

    def _corrections(self, reading: _Reading, typed: _Typed) -> Iterator[tuple[_Reading, int]]:
        if not reading.district:
            for name in _spelled_like(reading.village, self._loose_names):
                yield _Reading(name, ""), 1
            return
        if not reading.village:
            for name in _spelled_like(reading.district, self._loose_districts, shortest=4 if typed.marks[0] else 6):
                yield _Reading("", name), 1
            return
        known = reading.district in self._district_named
        for name in (
            (reading.district,) if known else _spelled_like(reading.district, self._loose_districts, shortest=4)
        ):
            # A name that is right as it stands is not turned into a neighbour's: Jati is no misspelt Jaten.
            if reading.village in self._villages_named:
                right: Iterable[str] = (reading.village,)
            else:
                right = _spelled_like(reading.village, self._loose_in[name], shortest=4)
            for village in right:
                corrected = _Reading(village, name)
                if self._meant(corrected):
                    yield corrected, (not known) + (village != reading.village)

    def _like(self, typed: _Typed) -> tuple[Place, ...]:
        """List the places whose names are like the words typed, or among them."""
        words = (*typed.words, *typed.hamlet)
        pieces = ["".join(words), *("".join(words[i : i + 2]) for i in range(len(words) - 1)), *words]
        keys = [piece for piece in pieces if piece in self._villages_named or piece in self._district_named]
        for piece in pieces if len(words) <= MOST_WORDS else ():
            if len(piece) >= 4 and len(keys) < MOST_SUGGESTIONS:
                keys += similar(piece, self._names, least=0.6, most=MOST_SUGGESTIONS)
        places: dict[Place, None] = {}
        for key in keys:
            places |= dict.fromkeys(self._villages_named.get(key, ()))
            if key in self._district_named and key not in self._villages_named:
                places[self._district_named[key]] = None
        return tuple(places)[:MOST_SUGGESTIONS]


def load_places() -> Places:
    """Read the places of the regency from the file beside this module."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    names = {row["code"]: row["name"] for row in rows if row["kind"] == "district"}
    return Places(
        Place(
            code=row["code"],
            kind=cast("Kind", row["kind"]),
            name=row["name"],
            district=names[row["code"][:8]],
            district_code=row["code"][:8],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
        for row in rows
    )


_VILLAGE, _DISTRICT, _HAMLET, _KABUPATEN, _KOTA = "village", "district", "hamlet", "kabupaten", "kota"
_MARKS = {
    fold(word): mark
    for mark, words in {
        _VILLAGE: "desa ds dsa desanipun desane kelurahan kel kelurahane kelurahanipun",
        _DISTRICT: "kecamatan kec kc kcmt kecamatane kecamatanipun",
        _HAMLET: "dusun dsn dukuh dukuhan lingkungan lingk",
        _KABUPATEN: "kabupaten kab kbupaten",
        _KOTA: "kota kotamadya kodya kutha",
    }.items()
    for word in words.split()
}
_LITTLE = (
    "saya sy aku kula dalem kami dari asal asli alamat alamatipun rumah omah omahku griya griyanipun di ing wonten teng ten "
    "nang neng ning saking sangking nggih inggih ya rt rw blitar jawa timur jatim provinsi prov indonesia"
)
_SMALL_WORDS = frozenset(fold(word) for word in _LITTLE.split())
# "tinggal di ..." is to live there, and no desa Tingal, although the two fold alike.
_LIVES = re.compile(
    r"\btinggal(?=\s+(?:di|ing|wonten|teng|desa|ds|kelurahan|kel|kecamatan|kec|dusun|dsn)\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Typed:
    """The words of a text that may be names, each with the mark before it ("" for none), and what else was said."""

    words: tuple[str, ...]
    marks: tuple[str, ...]
    hamlet: tuple[str, ...]
    in_city: bool
    in_kabupaten: bool
    city_ward: bool  # "kelurahan Blitar": a place of the city that is named like the regency


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to split the words: the keys of a village and of a district, one of them "" where not named."""

    village: str
    district: str


def _read(text: str) -> _Typed:
    words: list[tuple[str, str]] = []
    hamlet: list[str] = []
    seen: set[str] = set()
    mark = ""
    city_ward = False
    for word in fold(_LIVES.sub(" ", text)).split():
        if word in _MARKS:
            mark = _MARKS[word]
            seen.add(mark)
        elif word in _SMALL_WORDS or any(char.isdigit() for char in word):
            city_ward |= word == "blitar" and mark == _VILLAGE
        elif mark == _HAMLET:  # until the next mark: the name of a dusun may be that of some village
            hamlet.append(word)
        else:
            words.append((word, mark if mark in {_VILLAGE, _DISTRICT} else ""))
            mark = ""
    return _Typed(
        words=tuple(word for word, _ in words),
        marks=tuple(mark for _, mark in words),
        hamlet=tuple(name_key(word) for word in hamlet),
        in_city=_KOTA in seen and _KABUPATEN not in seen,
        in_kabupaten=_KABUPATEN in seen,
        city_ward=city_ward,
    )


def _readings(typed: _Typed) -> Iterator[_Reading]:
    """List the ways to read the words as one name or two, each name beginning where a mark stands."""
    words, marks = typed.words, typed.marks
    for cut in range(1, len(words) + 1):
        if any(marks[1:cut]) or any(marks[cut + 1 :]):
            continue
        first, second = "".join(words[:cut]), "".join(words[cut:])
        mark = marks[cut] if second else ""
        if marks[0] != _DISTRICT and mark != _VILLAGE:
            yield _Reading(first, second)
        if marks[0] != _VILLAGE and mark != _DISTRICT:
            yield _Reading(second, first)


def _answer(found: tuple[Place, ...], *, city: bool) -> Found:
    """Say what places of one name are."""
    villages = tuple(place for place in found if place.kind != "district")
    district = next((place for place in found if place.kind == "district"), None)
    if not villages and district:
        return District(district)
    if len(villages) == 1 and not district:
        return One(villages[0], city)
    return Several(villages, district, city)


def name_key(name: str) -> str:
    """Give the form in which names are equal: folded, in one word."""
    return fold(name).replace(" ", "")


def _loose(names: Iterable[str]) -> dict[str, str]:
    """List names, as keys, by a looser form in which every o is an a: to some, Sukorejo is Sukarejo."""
    return {key.replace("o", "a"): key for key in names}


def _spelled_like(typed: str, names: Mapping[str, str], *, shortest: int = 6) -> list[str]:
    """List the keys a typed name may be a misspelling of: one edit away where neither is short, as "malam" is not Salam."""
    long = len(typed) >= shortest
    found = closest(typed.replace("o", "a"), list(names), edits=1 if long else 0)
    return [names[name] for name in found if len(name) >= shortest or not long]


def _km(latitude: float, longitude: float, place: Place) -> float:
    """Give the great-circle distance (haversine)."""
    north, south = math.radians(latitude), math.radians(place.latitude)
    across = math.radians(place.longitude - longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, max(0.0, half))))

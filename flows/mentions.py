"""The village and kecamatan a sentence mentions, by their official names: "jalan rusak di ds slorok garum".

Many names are ordinary words too (*semen* is cement, *pojok* a corner, *sumber* a source), so where ``Places.find`` reads an
answer to "which village?", this reads a sentence and wants more proof. A name that several villages bear counts only with
its kecamatan: nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flows.places import Place, Places, name_key


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Names that are also everyday words, or one letter from such: they need a word like *desa* or *dari* before them.
_ORDINARY = _listed(
    "semen salam sumber serang duren kuningan tumpang pojok jati kunir suru tambakan siraman jajar kandangan "
    "pikatan langon beru talun wates krisik soso tingal sragi tepas gadungan bakung jugo tunjung doko butun "
    "boro bendo kauman dayu ploso bence ngoran"
)
_VERY_ORDINARY = _listed(
    "semen salam sumber pojok duren tumpang jajar jati kandangan kuningan"
)  # only after desa, kelurahan, kecamatan
_VILLAGE_MARKS = _listed(
    "desa ds dsa deso desane desanipun kelurahan kel klurahan kelurahane lurah kades balaidesa baldes bales"
)
_DISTRICT_MARKS = _listed("kecamatan kec kc kcmtn kecamatane kecamatanipun camat kecmatan kecamtan kecmtan")
_HAMLET_MARKS = _listed("dusun dsn dukuh dukuhan lingkungan lingk dusune")
_NEAR_MARKS = _listed(
    "dari dr di ke ing neng nang ning ndek teng ten saking saka soko seko teko warga wargane wong orang tiyang "
    "asal wilayah daerah sekitar kunjungan kunjungi visit balai bale pemdes perangkat posyandu pkk wonten "
    "nyang dateng ring d lapangan pasar prapatan perempatan bumdes taruna pokdarwis tekan sampai sd sdn mi mts smp smpn sma smk masjid "
    "musholla mushola pengajian yasinan arisan warung"
)
_BETWEEN = frozenset((*_DISTRICT_MARKS, *_VILLAGE_MARKS, "di", "ing", "wilayah", "kab", "kabupaten", "blitar"))
_MOST_NAME_WORDS = 3
_MOST_BETWEEN = 2
_SHORTEST_SURE = 9  # letters of a misspelt name that needs no mark
_NO_NAMES = _listed(
    "ngendi langgar malang barang tanggal tinggal kandang lurung ngono ngene pondok wingi tahun taun"
)  # one letter from one
_SHORTEST_MISSPELT = {"village": 5, "district": 5, "near": 6, "": 7}  # letters, by the word before it


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What was mentioned, each where it is sure, and the positions of the words that said it."""

    village: Place | None
    district: Place | None
    words: frozenset[int]
    either: bool = False  # the village's name is a kecamatan's too, and nothing said tells which is meant
    several: tuple[Place, ...] = ()  # the villages of the name that was said, where nothing tells which is meant


@dataclass(frozen=True, slots=True)
class _Name:
    """A stretch of words that may be a place's name."""

    start: int
    end: int
    places: tuple[Place, ...]
    mark: str  # "village", "district", "near" or ""
    sure: bool  # an unmistakable name, or one with the mark it needs


def find_mentioned(
    places: Places, typed: Sequence[str], folded: Sequence[str], is_word: Callable[[str], bool]
) -> Mentioned:
    """Find the village and the kecamatan that a sentence mentions.

    Args:
        places: where to look.
        typed: its words in lower case.
        folded: the same, folded.
        is_word: tells of a folded word whether it is an everyday one, and so no misspelt name.
    """
    names = list(_names(places, typed, folded, is_word))
    for first, second in _pairs(names, typed):
        for inner, outer in ((first, second), (second, first)):
            district = next((place for place in outer.places if place.kind == "district"), None)
            inside = [p for p in inner.places if district and p.kind != "district" and p.district == district.name]
            if district and inside and inner.mark != "district" and outer.mark != "village":
                return Mentioned(inside[0], district, _words(first, second))
    return _alone([name for name in names if name.sure])


def _alone(names: list[_Name]) -> Mentioned:
    """Find the village and kecamatan among names that do not stand together."""
    districts = [(n, p) for n in names for p in n.places if p.kind == "district" and n.mark == "district"]
    village: Place | None = None
    several: tuple[Place, ...] = ()
    said: list[_Name] = []
    for name in sorted(names, key=lambda name: name.mark != "village"):
        called = [place for place in name.places if place.kind != "district"]
        found = called
        if len(called) > 1:
            found = [place for place in called if any(place.district == district.name for _, district in districts)]
        if len(found) == 1 and name.mark != "district":
            village, several = found[0], ()
            said.append(name)
            break
        if len(called) > 1 and name.mark != "district":
            several = several or tuple(found or called)
    if not districts and village is None:  # a name that only a kecamatan bears needs no mark
        districts = [(n, p) for n in names for p in n.places if len(n.places) == 1 and p.kind == "district"]
    district = districts[0][1] if districts else None
    said += [districts[0][0]] if districts else []
    either = village is not None and district is None and said[0].mark != "village"
    also_district = either and any(place.kind == "district" for place in said[0].places)
    return Mentioned(village, district, _words(*said), also_district, several)


def _names(
    places: Places, typed: Sequence[str], folded: Sequence[str], is_word: Callable[[str], bool]
) -> Iterator[_Name]:
    """List the stretches of words that may be names, the longest first where they overlap."""
    at = 0
    while at < len(typed):
        before = typed[at - 1] if at else ""
        found = None if before in _HAMLET_MARKS else _name_at(places, typed, folded, at, before, is_word)
        if found is None:
            at += 1
            continue
        yield found
        at = found.end


def _name_at(
    places: Places, typed: Sequence[str], folded: Sequence[str], at: int, before: str, is_word: Callable[[str], bool]
) -> _Name | None:
    """Find the name that begins at a word: as spelled, over up to three words, or with one letter wrong."""
    mark = _mark(before)
    word = typed[at]
    if places.may_begin(folded[at]):
        for size in range(min(_MOST_NAME_WORDS, len(typed) - at), 0, -1):
            if size > 1 and word in _ALL_MARKS:
                continue
            key = folded[at] if size == 1 else name_key("".join(typed[at : at + size]))
            meant = places.named(key)
            if meant and (size > 1 or _is_meant(meant[0].name.lower(), word)):
                return _Name(at, at + size, meant, mark, _is_sure(meant[0].name.lower(), mark))
    if len(word) >= _SHORTEST_MISSPELT[mark] and word.isalpha() and word not in _NO_NAMES and not is_word(folded[at]):
        near = places.one_edit_away(folded[at])
        if near and near[0].name[0].lower() == word[0] and abs(len(near[0].name) - len(word)) <= 1:
            return _Name(at, at + 1, near, mark, mark != "" or len(word) >= _SHORTEST_SURE)
    return None


def _is_meant(name: str, word: str) -> bool:
    """Tell whether a word that folds to a name is the name: *juga* and *tinggal* are no Jugo and no Tingal."""
    return name not in _ORDINARY or word == name


def _is_sure(name: str, mark: str) -> bool:
    if name in _VERY_ORDINARY:
        return mark in ("village", "district")
    return name not in _ORDINARY or mark != ""


def _mark(before: str) -> str:
    if before in _VILLAGE_MARKS:
        return "village"
    if before in _DISTRICT_MARKS:
        return "district"
    return "near" if before in _NEAR_MARKS else ""


def _pairs(names: list[_Name], typed: Sequence[str]) -> Iterator[tuple[_Name, _Name]]:
    """List the neighbours with nothing between them but words like *kec*."""
    for first, second in pairwise(names):
        between = typed[first.end : second.start]
        if len(between) <= _MOST_BETWEEN and all(word in _BETWEEN for word in between):
            yield first, second


def _words(*names: _Name) -> frozenset[int]:
    return frozenset(at for name in names for at in range(name.start, name.end))


_ALL_MARKS = _VILLAGE_MARKS | _DISTRICT_MARKS | _HAMLET_MARKS | _NEAR_MARKS

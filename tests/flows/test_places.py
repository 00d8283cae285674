"""Villages found as villagers write them, and never guessed."""

from __future__ import annotations

import random
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.places import City, District, Found, Nothing, One, Place, Places, Several, load_places
from flows.spelling import fold

PLACES = load_places()
VILLAGES = tuple(village for district in PLACES.districts() for village in PLACES.villages_of(district.code))
TIMES = Counter(village.name for village in VILLAGES)
DISTRICT_NAMES = {district.name for district in PLACES.districts()}
AMBIGUOUS = {
    "Bacem", "Bakung", "Balerejo", "Bendosari", "Kendalrejo", "Maron", "Pojok", "Purworejo", "Sidomulyo", "Sidorejo", "Slorok",
    "Sukorejo", "Sumberagung", "Sumberjo", "Tawangrejo", "Tulungrejo", "Wonorejo",
}  # fmt: skip
CITY_TOO = {"Kauman", "Bendo", "Sukorejo"}


def brief(found: Found) -> str:
    """Write what was found in a line, so that a table of examples can be read."""
    match found:
        case One(place=place, city=city):
            return place.full_name + (" | kota?" if city else "")
        case Several(places=places, district=district, city=city):
            names = [f"{place.name} {place.district}" for place in places]
            return " / ".join([*names, *([district.full_name] if district else []), *(["kota?"] if city else [])])
        case District(district=district):
            return district.full_name
        case City(name=name):
            return f"city: {name}"
        case Nothing(suggestions=suggestions):
            return "? " + " / ".join(f"{place.name} {place.district}" for place in suggestions)


def same_name(name: str) -> tuple[Place, ...]:
    return tuple(village for village in VILLAGES if village.name == name)


def test_the_regency_has_22_kecamatan_220_desa_and_28_kelurahan() -> None:
    assert len(PLACES.districts()) == 22
    assert Counter(village.kind for village in VILLAGES) == {"village": 220, "ward": 28}
    assert {name for name, times in TIMES.items() if times > 1} == AMBIGUOUS


def test_every_place_is_found_by_its_code() -> None:
    for place in (*PLACES.districts(), *VILLAGES):
        assert PLACES.get(place.code) is place
        assert place.code.startswith(place.district_code)
        assert PLACES.get(place.district_code).name == place.district
    assert PLACES.find_code("35.72.01") is None
    with pytest.raises(KeyError, match=r"35\.72\.01"):
        PLACES.get("35.72.01")


def test_a_place_says_what_it_is_and_where() -> None:
    assert PLACES.get("35.05.01.2002").full_name == "Desa Salam, Kec. Wonodadi"
    assert PLACES.get("35.05.10.1008").full_name == "Kelurahan Kanigoro, Kec. Kanigoro"
    assert PLACES.get("35.05.20").full_name == "Kecamatan Wates"


@pytest.mark.parametrize("shape", ["{}", "desa {}", "Kel. {}", "kula saking {}", "dari desa {}", " {} , kab. Blitar"])
def test_every_official_name_finds_itself(shape: str) -> None:
    for village in VILLAGES:
        found = PLACES.find(shape.format(village.name))
        named = shape.startswith(("desa", "Kel", "dari desa"))
        in_city = village.name in CITY_TOO and "kab" not in shape
        if TIMES[village.name] == 1 and (named or village.name not in DISTRICT_NAMES):
            assert found == One(village, in_city)
        else:
            assert isinstance(found, Several)
            assert set(found.places) == set(same_name(village.name))
            assert (found.district is not None) == (village.name in DISTRICT_NAMES and not named)
            assert found.city == in_city


@pytest.mark.parametrize(
    "shape",
    [
        "desa {0} kec {1}",
        "ds.{0} kec.{1}",
        "{0} {1}",
        "{0}, kecamatan {1}, kabupaten Blitar",
        "kec {1} desa {0}",
        "DESA {0} {1}",
    ],
)
def test_every_village_is_one_once_its_kecamatan_is_named(shape: str) -> None:
    for village in VILLAGES:
        assert PLACES.find(shape.format(village.name, village.district)) == One(village)


def test_every_kecamatan_is_found_when_called_one() -> None:
    for district in PLACES.districts():
        for word in ("kec", "Kecamatan", "kc."):
            assert PLACES.find(f"{word} {district.name}") == District(district)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("olakalen", "Desa Olak Alen, Kec. Selorejo"),
        ("desa slorok garum", "Desa Slorok, Kec. Garum"),
        ("garum slorok", "Desa Slorok, Kec. Garum"),
        ("ds. sumberagung kec gandusari", "Desa Sumberagung, Kec. Gandusari"),
        ("sumber agung", "Sumberagung Gandusari / Sumberagung Panggungrejo / Sumberagung Selorejo"),
        ("sumber agung selorejo", "Desa Sumberagung, Kec. Selorejo"),
        ("kel kanigoro", "Kelurahan Kanigoro, Kec. Kanigoro"),
        ("kanigoro", "Kanigoro Kanigoro / Kecamatan Kanigoro"),
        ("kecamatan Wates", "Kecamatan Wates"),
        ("udanawu", "Kecamatan Udanawu"),
        ("sanan kulon", "Sanankulon Sanankulon / Kecamatan Sanankulon"),
        ("bakung", "Bakung Bakung / Bakung Udanawu / Kecamatan Bakung"),
        ("bakung bakung", "Desa Bakung, Kec. Bakung"),
        ("kula saking desa salam", "Desa Salam, Kec. Wonodadi"),
        ("saya tinggal di desa tingal", "Desa Tingal, Kec. Garum"),
        ("griya kula ing deso Gogodesa", "Desa Gogodeso, Kec. Kanigoro"),
        ("Jl. 17 Agustus", "? "),
        ("rt 03 rw 01 desa tingal kec garum", "Desa Tingal, Kec. Garum"),
        ("dsn krajan ds slorok kec garum", "Desa Slorok, Kec. Garum"),
        ("slorok garum kab blitar jawa timur", "Desa Slorok, Kec. Garum"),
    ],
)
def test_names_are_found_as_people_write_them(typed: str, found: str) -> None:
    assert brief(PLACES.find(typed)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("slorokk", "Slorok Doko / Slorok Garum"),
        ("slrok garum", "Desa Slorok, Kec. Garum"),
        ("gandusri", "Gandusari Gandusari / Kecamatan Gandusari"),
        ("sumberagung gandusri", "Desa Sumberagung, Kec. Gandusari"),
        ("sukarejo", "Sukorejo Sutojayan / Sukorejo Udanawu / Sukorejo Wates / kota?"),
        ("wanatirta", "Wonotirto Wonotirto / Kecamatan Wonotirto"),
        ("kec wate", "Kecamatan Wates"),
        ("pentaran", "Desa Penataran, Kec. Nglegok"),
    ],
)
def test_a_slip_is_put_right(typed: str, found: str) -> None:
    assert brief(PLACES.find(typed)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("salah", "? Salam Wonodadi"),
        ("bukan desa salam", "? Salam Wonodadi"),
        ("dusun krajan slorok", "? Slorok Doko / Slorok Garum"),
        ("plorejo", "? Lorejo Bakung / Plosorejo Kademangan / Pulerejo Bakung"),
        ("jati wonodadi", "? Jati Udanawu / Wonodadi Wonodadi"),
        ("tolong saya minta bantuan surat keterangan tidak mampu", "? "),
        ("kulo badhe ngurus kartu keluarga, griyo kulo wonten salam nggih", "? Salam Wonodadi"),
        ("asdfghjkl", "? "),
        ("desa", "? "),
        ("blitar", "? "),
        ("", "? "),
    ],
)
def test_doubt_is_asked_about(typed: str, found: str) -> None:
    assert brief(PLACES.find(typed)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kota blitar", "city: Kota Blitar"),
        ("kel blitar", "city: Blitar"),
        ("sananwetan", "city: Sananwetan"),
        ("kec Sukorejo", "city: Sukorejo"),
        ("klampok sananwetan", "city: Klampok"),
        ("kelurahan karangsari", "city: Karangsari"),
        ("kauman kota blitar", "city: Kauman"),
        ("jl merdeka kota blitar", "city: Kota Blitar"),
        ("kauman", "Kelurahan Kauman, Kec. Srengat | kota?"),
        ("bendo", "Desa Bendo, Kec. Ponggok | kota?"),
        ("bendo kabupaten blitar", "Desa Bendo, Kec. Ponggok"),
        ("kauman srengat", "Kelurahan Kauman, Kec. Srengat"),
        ("penataran kota blitar", "Desa Penataran, Kec. Nglegok"),
    ],
)
def test_the_city_is_told_from_the_kabupaten(typed: str, found: str) -> None:
    assert brief(PLACES.find(typed)) == found


def slip(name: str, chance: random.Random) -> str:
    """Write a name with one letter more, less or wrong, or two swapped."""
    at = chance.randrange(len(name) - 1)
    letter = chance.choice(string.ascii_lowercase)
    return chance.choice(
        (
            name[:at] + letter + name[at:],
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
    )


def test_one_wrong_letter_never_leads_to_another_village() -> None:
    chance = random.Random(35_05)
    official = {fold(village.name) for village in VILLAGES}
    counts: Counter[str] = Counter()
    for village in VILLAGES:
        name = village.name.lower()
        if TIMES[village.name] > 1 or village.name in DISTRICT_NAMES | CITY_TOO or len(name) < 6:
            continue
        for _ in range(20):
            typed = slip(name, chance)
            if fold(typed) in official - {fold(name)}:
                continue  # Sumbersari for Sumberasri: what was typed is a village
            found = PLACES.find(typed)
            if isinstance(found, Nothing):
                counts["asked about" if village in found.suggestions else "lost"] += 1
            else:
                assert found == One(village), typed
                counts["right"] += 1
    assert counts.total() > 2000
    assert counts["right"] > 0.8 * counts.total()
    assert counts["lost"] < 0.005 * counts.total()


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["desa", "kec", "kota", "kab", "dusun", "slorok", "Garum", "x", "blitar"]))
    )
)
def test_any_text_has_an_answer(text: str | list[str]) -> None:
    found = PLACES.find(text if isinstance(text, str) else " ".join(text))
    if isinstance(found, Nothing):
        assert len(found.suggestions) <= 3


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["a ", "slorok ", "desa kec ", "\u0301", "\ud800"])
def test_a_long_text_is_no_village(piece: str) -> None:
    assert PLACES.find(piece * (100_000 // len(piece))) == Nothing()


def test_the_nearest_villages_come_first_with_their_distance() -> None:
    salam = PLACES.get("35.05.01.2002")
    found = PLACES.nearest(salam.latitude, salam.longitude)
    assert [place.name for place, _ in found] == ["Salam", "Jati", "Rejosari"]
    assert [round(km, 1) for _, km in found] == [0.0, 1.4, 1.5]
    assert len(PLACES.nearest(-8.1, 112.2, 7)) == 7


@pytest.mark.parametrize(
    ("latitude", "longitude", "near"),
    [
        (-8.0955, 112.1609, True),  # Kota Blitar
        (-8.3269, 112.2270, True),  # the coast at Serang
        (-7.2575, 112.7521, False),  # Surabaya
        (-8.0667, 111.9, True),  # Tulungagung, the neighbour: asked about, not refused
        (8.1, 112.2, False),
        (float("nan"), 112.2, False),
        (float("inf"), float("-inf"), False),
    ],
)
def test_a_location_is_in_the_regency_or_not(latitude: float, longitude: float, near: bool) -> None:
    assert PLACES.is_near(latitude, longitude) is near


def test_places_of_a_few_rows_can_be_made() -> None:
    district = Place("35.05.99", "district", "Baru", "Baru", "35.05.99", -8.0, 112.0)
    assert Places([district]).find("baru") == District(district)

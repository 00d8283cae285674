"""The question "from which village?", played as a conversation: typed, leafed through, or by a location."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.chat import Reply
from flows.outcomes import VillageChosen
from flows.places import Place
from flows.text import LANGUAGES
from tests.talk import REGISTRY, Talk, spot

FLOW = REGISTRY.flows["village"]
PLACES = REGISTRY.places
VILLAGES = [village for district in PLACES.districts() for village in PLACES.villages_of(district.code)]
SALAM = PLACES.get("35.05.01.2002")


def asked(language: str = "id") -> Talk:
    return Talk(FLOW, language)


def chosen(talk: Talk) -> str:
    """Give the full name of the village a talk has ended with."""
    assert isinstance(talk.outcome, VillageChosen), (talk.said, talk.question)
    return PLACES.get(talk.outcome.village).full_name


def labels(talk: Talk) -> list[str]:
    assert talk.shown is not None
    return [label for _, label, _ in talk.shown.options]


def pages(talk: Talk) -> Iterator[list[str]]:
    """Leaf from the page shown to the last one; gives the options of each, without those that turn the page."""
    page = 1
    while True:
        yield [option for option in talk.options if "page:" not in option and not option.partition(":")[2]]
        later = next((option for option in talk.options if option.endswith(f":{page + 1}")), None)
        if later is None:
            return
        page += 1
        talk.hears(Reply(choice=later))


@pytest.mark.parametrize(
    ("typed", "village"),
    [
        ("Salam", "Desa Salam, Kec. Wonodadi"), ("SALAM", "Desa Salam, Kec. Wonodadi"), ("desa salam", "Desa Salam, Kec. Wonodadi"), ("olakalen", "Desa Olak Alen, Kec. Selorejo"),
        ("ds. Slorok kec Garum", "Desa Slorok, Kec. Garum"), ("kulo saking Salam", "Desa Salam, Kec. Wonodadi"), ("Togogan", "Kelurahan Togogan, Kec. Srengat"),
    ],
)  # fmt: skip
def test_a_name_that_means_one_village_is_taken(typed: str, village: str) -> None:
    assert chosen(asked().hears(typed)) == village


def test_every_village_is_taken_by_its_name_and_kecamatan() -> None:
    for village in VILLAGES:
        talk = asked().hears(f"{village.name} kecamatan {village.district}")
        assert talk.outcome == VillageChosen(village.code), village.full_name


def test_every_village_is_taken_by_its_name_alone_or_among_those_it_may_mean() -> None:
    for village in VILLAGES:
        talk = asked().hears(village.name)
        if talk.outcome is None:
            assert village.code in talk.options, village.full_name
            talk.hears(Reply(choice=village.code))
        assert talk.outcome == VillageChosen(village.code), village.full_name


def test_leafing_reaches_each_kecamatan_and_village_once() -> None:
    talk = asked().hears(Reply(choice="list"))
    districts = [district for page in pages(talk) for district in page]
    assert sorted(districts) == sorted(district.code for district in PLACES.districts())
    found: list[str] = []
    for district in districts:
        inside = asked().hears(Reply(choice="list"))
        while district not in inside.options:
            inside.hears("lanjut")
        inside.hears(Reply(choice=district))
        for page in pages(inside):
            assert len(inside.options) <= 10, "WhatsApp's list picker takes ten"
            found += page
            taken = Talk(FLOW)
            taken.journal, taken.shown = dict(inside.journal), inside.shown
            assert taken.hears("1").outcome == VillageChosen(page[0]), "a number means what it meant on this page"
    assert len(found) == 248
    assert sorted(found) == sorted(village.code for village in VILLAGES)


def test_leafing_goes_back_and_forth() -> None:
    talk = asked().hears("daftar")
    first = talk.options
    assert talk.hears("lanjut").options != first
    assert talk.hears("sebelumnya").options == first
    assert talk.goes_back()
    assert talk.options == ["list"], "one step back leads out of the list"


def test_a_village_can_be_typed_from_within_any_list() -> None:
    talk = asked().hears("daftar", "lanjut")
    assert chosen(talk.hears("Salam")) == SALAM.full_name
    assert chosen(asked().hears("daftar", "Wonodadi", "Salam")) == SALAM.full_name
    assert chosen(asked().hears("daftar", "Wonodadi", "Olak Alen")) == "Desa Olak Alen, Kec. Selorejo"


def test_a_name_of_several_villages_is_asked_about() -> None:
    talk = asked().hears("Slorok")
    assert labels(talk)[:-1] == ["Desa Slorok, Kec. Doko", "Desa Slorok, Kec. Garum"]
    assert talk.options[-1] == "none"
    for reply in ("2", "garum", "slorok garum", "Desa Slorok, Kec. Garum"):
        assert chosen(asked().hears("Slorok", reply)) == "Desa Slorok, Kec. Garum"


def test_a_name_of_a_village_and_a_kecamatan_offers_both() -> None:
    talk = asked().hears("Wonodadi")
    assert talk.options == ["35.05.01.2005", "35.05.01", "none"]
    assert "Wonodadi adalah nama desa dan juga kecamatan" in talk.question
    assert "lebih dari satu" in asked().hears("Slorok").question
    inside = asked().hears("Wonodadi", Reply(choice="35.05.01"))
    assert SALAM.code in [village for page in pages(inside) for village in page]


def test_the_name_of_a_kecamatan_alone_shows_its_villages() -> None:
    district = next(d for d in PLACES.districts() if d.name == "Selopuro")
    talk = asked().hears("kecamatan Selopuro")
    assert set(next(pages(talk))) <= {village.code for village in PLACES.villages_of(district.code)}


@pytest.mark.parametrize("typed", ["kota blitar", "kota", "sananwetan", "kelurahan Gedog", "Kepanjen Lor"])
def test_the_city_is_named_as_not_ours(typed: str) -> None:
    talk = asked().hears(typed)
    assert talk.outcome is None
    assert "Kota Blitar" in talk.said[-1]
    assert chosen(talk.hears("Salam")) == SALAM.full_name


def test_a_name_that_the_city_has_too_is_asked_about() -> None:
    talk = asked().hears("Bendo")
    assert talk.options[1:] == ["city", "none"]
    ours = talk.options[0]
    assert asked().hears("Bendo", "1").outcome == VillageChosen(ours)
    talk.hears("kota")
    assert talk.outcome is None
    assert "Kota Blitar" in talk.said[-1]


@pytest.mark.parametrize("word", ["tidak ada", "bukan", "lainnya", "sanes", "Tidak ada di sini"])
def test_none_of_these_leads_to_the_list(word: str) -> None:
    assert set(next(pages(asked().hears("Slorok", word)))) <= {district.code for district in PLACES.districts()}


def test_a_misspelt_name_is_only_asked_about_where_it_is_not_sure() -> None:
    talk = asked().hears("kalipucang wetan")
    assert talk.outcome is None
    assert talk.options[-1] in ("none", "list")


@pytest.mark.parametrize("village", VILLAGES[::12], ids=lambda village: village.name)
def test_a_location_offers_the_nearest_and_takes_none_by_itself(village: Place) -> None:
    talk = asked().hears(spot(village.latitude, village.longitude))
    assert talk.outcome is None
    assert talk.options[0] == village.code
    assert len(talk.options) == 4
    assert talk.hears("1").outcome == VillageChosen(village.code)


@pytest.mark.parametrize(
    "place",
    [
        (0.0, 0.0),
        (-7.2575, 112.7521),
        (-8.1, -112.1),
        (90.0, 180.0),
        (188.021654, 291.973073),
        (1e308, -1e308),
        (float("nan"), 0.0),
        (float("inf"), float("-inf")),
    ],
)
def test_a_location_elsewhere_is_refused_kindly(place: tuple[float, float]) -> None:
    talk = asked().hears(spot(*place))
    assert (talk.outcome, talk.options) == (None, ["list"])
    assert talk.said


def test_a_location_may_come_in_the_midst_of_a_list() -> None:
    talk = asked().hears("daftar", "lanjut", spot(SALAM.latitude, SALAM.longitude))
    assert talk.options[0] == SALAM.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_language_and_fits_a_phone(language: str) -> None:
    talk = asked(language).hears(Reply(choice="list"))
    for _ in pages(talk):
        assert all(1 <= len(label) <= 20 for label in labels(talk)), labels(talk)
        assert len(set(labels(talk))) == len(labels(talk))

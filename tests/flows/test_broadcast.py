"""Writing a broadcast: what is asked, how filters come together, and how they are told."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from flows.broadcast import MOST_TEXT_CHARS, read_kind
from flows.broadcast_audience import Names, describe, merge
from flows.chat import Json
from flows.outcomes import BroadcastComposed, Open
from flows.text import LANGUAGES
from handlers.render import MOST_CHARS
from handlers.topics import TOPIC_OF_KIND
from storage.audiences import Audience
from tests.talk import REGISTRY, VOICES, Talk

FACTS: dict[str, Json] = {
    "now": "2026-11-24T10:00:00+07:00",
    "channels": ["telegram", "whatsapp"],
    "events": [[7, "Lokakarya"], [3, "Rapat lalu"]],
    "upcoming": [[7, "Lokakarya"]],
    "audiences": [[1, "UMKM", '{"places": ["35.05.10"], "but": [{"languages": ["jv"]}]}']],
}
START = ("berita", "Halo", "lewati", "lewati", "tanpa tombol")
NAMES = Names(REGISTRY.places, REGISTRY.services, {7: "Lokakarya"})


def begun(language: str = "id") -> Talk:
    return Talk(REGISTRY.flows["broadcast_new"], language, None, **FACTS)


def composed(*answers: str) -> BroadcastComposed:
    """Play it with answers from the audience on."""
    outcome = begun().hears(*START, *answers).outcome
    assert isinstance(outcome, Open)
    return BroadcastComposed.from_json(outcome.given["composed"])


def filters(*answers: str) -> dict[str, Json]:
    return dict(composed(*answers, "cukup", "sekarang", "ya").audience)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["semua"], {}),
        (["relawan"], {"roles": ["volunteer"]}),
        (["warga"], {"roles": ["villager"]}),
        (["para petugas"], {"roles": ["staff"]}),
        (["warga desa", "kec. kanigoro", "lanjut"], {"places": ["35.05.11"]}),
        (["relawan desa", "ngaglik", "salam", "lanjut"], {"served": ["35.05.03.2016", "35.05.15.2009"]}),
        (["pernah minta layanan", "surat domisili"], {"requested": ["surat_domisili"]}),
        (["penerima tips", "semua"], {"pillars": ["*"]}),
        (["lama tidak menulis", "30"], {"inactive_days": 30}),
        (["tamu acara", "rapat lalu"], {"events": [3]}),
        (["menurut bahasa", "jawa"], {"languages": ["jv"]}),
        (["menurut saluran", "whatsapp"], {"channels": ["whatsapp"]}),
        (["daftar tersimpan", "umkm"], {"places": ["35.05.10"], "but": [{"languages": ["jv"]}]}),
        (["relawan", "saring", "warga"], {"roles": ["volunteer", "villager"]}),
        (["relawan", "saring", "bahasa", "jawa"], {"roles": ["volunteer"], "languages": ["jv"]}),
        (["semua", "kecuali", "relawan", "kecuali", "bahasa", "jawa"], {"but": [{"roles": ["volunteer"]}, {"languages": ["jv"]}]}),
    ],
)  # fmt: skip
def test_filters_are_those_of_the_store(answers: list[str], expected: dict[str, Json]) -> None:
    found = filters(*answers)
    places = {key: value for key, value in found.items() if key in ("places", "served")}
    assert {key: found[key] for key in found if key not in places} == {
        key: value for key, value in expected.items() if key not in places
    }
    assert {key: len(str(value)) for key, value in places.items()} == {key: len(str(expected[key])) for key in places}
    assert Audience.from_json(found).to_json() == found, "the store reads them, and under the same names"


def test_every_filter_of_the_store_is_told_in_both_languages() -> None:
    every: dict[str, Json] = {
        "roles": ["villager"], "languages": ["jv"], "channels": ["whatsapp"], "places": ["35.05.01"], "served": ["35.05.01.2002"],
        "pillars": ["*", "aman"], "requested": ["surat_domisili"], "inactive_days": 30, "events": [7],
        "but": [{"roles": ["staff"], "but": [{"languages": ["id"]}]}],
    }  # fmt: skip
    assert set(every) == {each.name for each in fields(Audience)}
    for language in LANGUAGES:
        say = VOICES.of(language).say
        assert len(say(describe(every, NAMES)).split("\n")) == len(every)
        for kind in every:
            without = {name: value for name, value in every.items() if name != kind}
            assert say(describe(every, NAMES)) != say(describe(without, NAMES)), kind
        assert say(describe({}, NAMES)) == say(describe({"roles": []}, NAMES)) != ""


def test_merging_keeps_both_and_nothing_twice() -> None:
    one: dict[str, Json] = {"roles": ["staff"], "places": ["a"]}
    assert merge(one, {"places": ["a", "b"], "inactive_days": 3}) == {
        "roles": ["staff"], "places": ["a", "b"], "inactive_days": 3,
    }  # fmt: skip
    assert one == {"roles": ["staff"], "places": ["a"]}


def test_what_repeats_asks_what_follows_when_missed() -> None:
    talk = begun().hears(*START, "semua", "cukup", "setiap Senin jam 8")
    assert talk.key == "missed"
    assert talk.hears("lewati saja").key == "review"
    assert begun().hears(*START, "semua", "cukup", "kapan-kapan").key == "when"


def test_only_warnings_can_be_urgent() -> None:
    assert begun().hears("peringatan").key == "urgent"
    assert begun().hears("berita").key == "text_id"


def test_an_event_takes_all_buttons() -> None:
    talk = begun().hears(*START[:-1], "jawaban acara", "lokakarya")
    assert talk.key == "to/1/what"
    assert talk.journal["button/1/event"] == "event:7"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_text_fits_in_one_message_with_the_line_that_mutes_it(language: str) -> None:
    for topic in TOPIC_OF_KIND.values():
        assert MOST_TEXT_CHARS + 2 + len(VOICES.of(language).say(topic.how_to_mute)) <= MOST_CHARS
    assert begun(language).hears("1", "x" * (MOST_TEXT_CHARS + 1)).key == "text_id"
    assert begun(language).hears("1", "x " * (MOST_TEXT_CHARS // 2)).key == "text_jv"


def test_the_kind_of_a_command() -> None:
    assert read_kind("warning:judi_online") == read_kind("warning") == "warning"
    assert [read_kind(each) for each in ("tip", "warning:", "warning:A b", "", "newsx")] == [None] * 5
    assert re.fullmatch("[a-z]+", read_kind("news") or "")

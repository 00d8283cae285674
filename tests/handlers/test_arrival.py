"""First contact: language, consent, village; and what was asked before is not lost."""

from __future__ import annotations

import pytest

from flows.onboarding import NOTICE_VERSION
from tests.world import World


def test_a_new_person_is_led_to_the_menu(world: World) -> None:
    world.says("sri", "halo")
    assert world.asks("sri") == "onboarding/language"
    world.says("sri", "2")
    assert world.asks("sri") == "onboarding/consent"
    world.says("sri", "nggih")
    assert world.asks("sri") == "onboarding/village"
    world.says("sri", "Salam")
    assert world.asks("sri") == "menu/choice"
    sri = world.person("sri")
    assert (sri.language, sri.village, sri.consent) == ("jv", "35.05.01.2002", True)


def test_consent_is_recorded_with_version_time_and_channel(world: World) -> None:
    world.arrives("sri")
    rows = world.rows("SELECT text_version, channel, given, at FROM consents")
    assert [tuple(row)[:3] for row in rows] == [(NOTICE_VERSION, "telegram", True)]
    assert rows[0].at == int(world.office.clock().timestamp() * 1e6)


@pytest.mark.parametrize(
    ("language", "words"), [("1", "Relawan desa yang membantu"), ("2", "Relawan desa ingkang mbiyantu")]
)
def test_the_notice_says_that_volunteers_read_what_they_help_with(world: World, language: str, words: str) -> None:
    world.says("sri", "halo")
    assert words in world.says("sri", language)


def test_a_consent_is_to_the_text_that_was_read(world: World) -> None:
    """Whoever was asked before a release agrees to what they read then, and is not asked again in the midst of it."""
    world.says("sri", "halo")
    world.says("sri", "1")
    with world.engine.begin() as connection:
        connection.exec_driver_sql('UPDATE conversations SET facts = \'{"today": "2026-11-24", "carried": ""}\'')
    for text in ("setuju", "Salam"):
        world.says("sri", text)
    assert world.rows("SELECT text_version FROM consents") == [("2026-11",)]
    assert world.asks("sri") == "menu/choice"


def test_who_agreed_to_an_earlier_text_is_not_asked_again(world: World) -> None:
    world.arrives("sri")
    with world.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE consents SET text_version = '2026-11'")
    world.says("sri", "surat domisili")
    assert world.asks("sri") == "request:surat_domisili/go"
    assert world.rows("SELECT text_version FROM consents") == [("2026-11",)]


def test_who_does_not_agree_leaves_nothing_behind(world: World) -> None:
    world.says("sri", "halo")
    world.says("sri", "1")
    world.says("sri", "tidak setuju")
    assert world.rows("SELECT * FROM addresses") == []
    assert world.rows("SELECT name FROM contacts WHERE name IS NOT NULL") == []


@pytest.mark.parametrize(
    "greeting", ["/start", "halo", "Assalamualaikum wr wb", "kula nuwun", "kulo nuwun", "P", "sugeng enjing"]
)
def test_every_greeting_begins_the_first_contact(world: World, greeting: str) -> None:
    world.says("sri", greeting)
    assert world.asks("sri") == "onboarding/language"


def test_a_salam_is_answered_as_one(world: World) -> None:
    assert world.says("sri", "assalamualaikum").startswith("Waalaikumsalam")


def test_a_question_asked_first_is_carried_over(world: World) -> None:
    world.says("sri", "surat domisili")
    assert world.asks("sri") == "onboarding/language"
    for answer in ("1", "1", "Salam"):
        world.says("sri", answer)
    assert world.asks("sri") == "request:surat_domisili/go"


@pytest.mark.parametrize("link", ["desa-35.05.01.2002", "desa-3505012002", "desa-35-05-01-2002"])
def test_a_link_names_the_village(world: World, link: str) -> None:
    world.says("sri", f"/start {link}")
    world.says("sri", "1")
    world.says("sri", "setuju")
    assert world.asks("sri") == "menu/choice"
    assert world.person("sri").village == "35.05.01.2002"


def test_a_link_can_name_a_service(world: World) -> None:
    world.says("sri", "/start layanan-kk")
    for answer in ("1", "1", "Salam"):
        world.says("sri", answer)
    assert world.asks("sri") == "request:kk/go"


def test_back_at_the_first_question_stays_there(world: World) -> None:
    world.says("sri", "halo")
    world.says("sri", "kembali")
    assert world.asks("sri") == "onboarding/language"


def test_back_from_consent_asks_the_language_again(world: World) -> None:
    world.says("sri", "halo")
    world.says("sri", "1")
    world.says("sri", "kembali")
    assert world.asks("sri") == "onboarding/language"


def test_danger_is_answered_before_anything_else(world: World) -> None:
    assert "112" in world.says("sri", "tolong ada kebakaran di rumah tetangga")


def test_a_village_is_found_by_location(world: World) -> None:
    world.says("sri", "halo")
    world.says("sri", "1")
    world.says("sri", "1")
    world.says("sri", location=(-8.021654, 111.973073))
    assert world.asks("sri") == "onboarding/village"
    world.says("sri", "1")
    assert world.person("sri").village == "35.05.01.2002"


def test_a_village_is_found_by_leafing(world: World) -> None:
    world.says("sri", "halo")
    world.says("sri", "1")
    world.says("sri", "1")
    world.picks("sri", "list")
    world.picks("sri", "page:2")
    world.picks("sri", "page:3")
    world.picks("sri", "35.05.01")
    world.says("sri", "Salam")
    assert world.person("sri").village == "35.05.01.2002"


def test_a_blocked_person_is_marked_and_comes_back(world: World) -> None:
    world.arrives("sri")
    assert world.hears(world.incoming("sri", event="left")) == []
    assert world.person("sri").refused == "blocked"
    world.says("sri", "menu")
    assert world.person("sri").refused is None


def test_the_same_message_twice_is_handled_once(world: World) -> None:
    world.arrives("sri")
    message = world.incoming("sri", "menu")
    assert len(world.hears(message)) == 1
    assert world.hears(message) == []

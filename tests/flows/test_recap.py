"""What somebody asks to see figures of: read from words, and from the words of a button."""

from __future__ import annotations

from datetime import date

import pytest

from flows.outcomes import Exported, LessonsExported
from flows.recap import Asked, is_plain, names_lessons, read_asked
from tests.talk import REGISTRY, Talk

TODAY = date(2026, 11, 24)


def asked(text: str) -> Asked:
    return read_asked(text, TODAY, REGISTRY.visit_kinds)


@pytest.mark.parametrize(
    ("text", "period", "kind", "rest"),
    [
        ("rekap", None, "", ""),
        ("rekap 2026 literasi", "2026", "literasi", ""),
        ("rekap lomba desa bulan lalu", "2026-10", "lomba_desa", ""),
        ("rekap relawan Budi Santoso", None, "", "budi santasa"),
        ("rekap kec talun oktober", "2026-10", "", "kec talun"),
        ("nyuwun rekap pendampingan sak kabupaten", None, "pendampingan", ""),
        ("tolong rekap kunjungan minggu lalu ya min", "2026-W47", "", ""),
    ],
)
def test_words_are_read(text: str, period: str | None, kind: str, rest: str) -> None:
    found = asked(text)
    assert (found.period.iso if found.period else None, found.kind, found.rest) == (period, kind, rest)


def test_a_button_carries_everything() -> None:
    words = "2026-W48 35.05.01.2002 k:pendampingan v123456789 gambar"
    found = asked(words)
    assert is_plain(words)
    assert len(f"!rekap {words}") <= 64
    assert found.period is not None
    assert (found.period.iso, found.place, found.kind, found.volunteer, found.wants) == (
        "2026-W48", "35.05.01.2002", "pendampingan", 123456789, "picture",
    )  # fmt: skip


@pytest.mark.parametrize("rest", ["budi", "kegiatan desa kami", "2026 juta rupiah", "v17 dong"])
def test_a_sentence_is_no_command(rest: str) -> None:
    assert not is_plain(rest)


@pytest.mark.parametrize(
    ("text", "about", "kind", "period", "rest"),
    [
        ("rekap belajar", "lessons", "", None, ""),
        ("rekap literasi digital kanigoro", "lessons", "", None, "kanigara"),
        ("belajar kanigoro bulan lalu", "lessons", "", "2026-10", "kanigara"),
        ("nyuwun rekap sinau literasi digital 2026", "lessons", "", "2026", ""),
        ("rekap literasi", "visits", "literasi", None, ""),
        ("rekap sinau bareng", "visits", "literasi", None, ""),
        ("rekap belajar literasi srengat", "lessons", "", None, "srengat"),
        ("sinau 2026-11 35.05.01 ekspor", "lessons", "", "2026-11", ""),
        ("rekap kademangan", "visits", "", None, "kademangan"),
    ],
)
def test_lessons_are_told_from_visits_by_the_longest_name(
    text: str, about: str, kind: str, period: str | None, rest: str
) -> None:
    found = asked(text)
    assert (found.about, found.kind, found.period.iso if found.period else None, found.rest) == (
        about,
        kind,
        period,
        rest,
    )


@pytest.mark.parametrize(
    ("rest", "is_it"),
    [
        ("belajar", True),
        ("sinau kecamatan wonodadi oktober 2026 ekspor", True),
        ("literasi digital 2026", True),
        ("literasi", False),
        ("belajaran", False),
        ("kegiatan belajar", False),
        ("belajar bersama ibu-ibu PKK di balai desa kami", False),
        ("", False),
    ],
)
def test_what_begins_with_lessons_and_is_short_is_a_command(rest: str, is_it: bool) -> None:
    assert names_lessons(rest) is is_it


def test_a_kind_that_a_button_names_and_that_is_not_there_is_none() -> None:
    assert asked("k:terbang").kind == ""


@pytest.mark.parametrize(
    ("text", "mine"), [("rekap saya", True), ("rekap kula wulan niki", True), ("rekap budi", False)]
)
def test_ones_own_recap_is_asked_for_in_words(text: str, mine: bool) -> None:
    assert asked(text).mine is mine


def test_a_table_is_chosen_by_period_and_form() -> None:
    talk = Talk(REGISTRY.flows["recap_export"], place="35.05.04")
    assert talk.hears("entah kapan").key == "period"
    assert talk.hears("oktober 2025", "excel").outcome == Exported("2025-10", "xlsx", "35.05.04")
    assert Talk(REGISTRY.flows["recap_export"]).hears("1", "2").outcome == Exported("2026-11", "csv")


def test_a_table_of_lessons_is_chosen_likewise() -> None:
    talk = Talk(REGISTRY.flows["lessons_export"], place="35.05.04")
    assert talk.hears("bulan lalu", "csv").outcome == LessonsExported("2026-10", "csv", "35.05.04")

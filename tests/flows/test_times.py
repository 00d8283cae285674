"""Times of day as officers in Blitar type them, in both languages."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.chat import Invalid, Narrow, Reply, Stale
from flows.spelling import fold
from flows.times import TimeOfDay, find_time, read_times

CLEAR = {
    "09.00": (9, 0), "9": (9, 0), "9:30": (9, 30), "jam 9": (9, 0), "jam 9 pagi": (9, 0), "Pukul 13.00 WIB": (13, 0), "pkl 07.30": (7, 30),
    "jam 1 siang": (13, 0), "jam 12 siang": (12, 0), "jam 4 sore": (16, 0), "jam 7 malam": (19, 0), "jam 12 malam": (0, 0), "21": (21, 0),
    "setengah sepuluh": (9, 30), "setengah 9 pagi": (8, 30), "setengah 1 siang": (12, 30), "jam setengah pitu bengi": (18, 30),
    "09.00 - selesai": (9, 0), "jam 9 sampai jam 12": (9, 0), "08.00 s/d 11.00": (8, 0), "jam 10 siang": (10, 0), "01.00 siang": (13, 0),
    "jam setunggal siyang": (13, 0), "jam sanga esuk": (9, 0), "jam songo isuk": (9, 0), "jam 2 awan": (14, 0), "jam tigo sonten": (15, 0),
    "jam kalih welas siyang": (12, 0), "jam sedasa enjing": (10, 0), "tabuh wolu enjing": (8, 0), "jam pitu ndalu": (19, 0), "jam rolas awan": (12, 0),
    "jam dua belas": (12, 0), "jam sewelas awan": (11, 0), "jam sekawan sonten": (16, 0),
}  # fmt: skip


@pytest.mark.parametrize("typed", CLEAR)
def test_a_clear_time_is_read(typed: str) -> None:
    assert read_times(typed) == (time(*CLEAR[typed]),)


@pytest.mark.parametrize(
    ("typed", "hours"), [("jam 2", (2, 14)), ("01.00", (1, 13)), ("jam sekawan", (4, 16)), ("6", (6, 18))]
)
def test_a_small_hour_without_a_part_of_the_day_may_be_two(typed: str, hours: tuple[int, int]) -> None:
    assert tuple(found.hour for found in read_times(typed)) == hours


@pytest.mark.parametrize(
    "typed",
    ["", "jam", "besok jam 9", "24.00", "9.60", "99", "bar subuh", "jam 9 9", "setengah", "jam 4 malam", "jam 9 pagi sore",
     "12 pagi", "1e9", "-9", "setengah 09.00"],
)  # fmt: skip
def test_what_is_no_time_is_not_guessed(typed: str) -> None:
    assert read_times(typed) == ()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tiap senin jam 9", "jam 9"),
        ("jam setengah sepuluh pagi tiap senin", "jam setengah sepuluh pagi"),
        ("besok 9 pagi", "9 pagi"),
        ("senin pukul 18.30 wib di balai desa", "pukul 18.30 wib"),
        ("jam sanga enjing saben senen", "jam sanga enjing"),
        ("jam kalih welas siyang", "jam kalih welas siyang"),
        ("setiap hari jam 9 mulai besok", "jam 9"),
        ("jam 9 sampai 31 desember", "jam 9"),
        ("tanggal 9 desember", None),
        ("tiap jam", None),
        ("9", None),
        ("", None),
    ],
)
def test_a_time_is_found_in_a_sentence(typed: str, found: str | None) -> None:
    words = [word if "." in word else fold(word) for word in typed.split()]
    stretch = find_time(words)
    assert (None if stretch is None else " ".join(words[slice(*stretch)])) == found


@given(st.text(max_size=80))
def test_any_text_is_read_or_not(typed: str) -> None:
    assert len(read_times(typed)) <= 2


@given(st.times().map(lambda value: value.replace(second=0, microsecond=0)))
def test_what_is_shown_is_read_as_what_was_meant(value: time) -> None:
    field = TimeOfDay()
    assert value in read_times(str(field.show(value)))
    assert field.load(field.dump(value)) == value


def test_two_readings_are_asked_about_and_either_can_be_chosen() -> None:
    with pytest.raises(Narrow) as narrow:
        TimeOfDay().parse(Reply("jam 2"))
    assert [option.id for option in narrow.value.options] == ["02:00", "14:00"]
    assert TimeOfDay().parse(Reply(choice="14:00")) == time(14)


def test_of_two_readings_the_one_gone_by_is_not_offered() -> None:
    assert TimeOfDay(after=time(10)).parse(Reply("jam 2")) == time(14)


@pytest.mark.parametrize("reply", [Reply("09.00"), Reply("10.00"), Reply(choice="08:00")])
def test_a_time_gone_by_is_refused(reply: Reply) -> None:
    with pytest.raises(Invalid):
        TimeOfDay(after=time(10)).parse(reply)


@pytest.mark.parametrize("raw", ["10:00", "09:00", "x", None, 5])
def test_a_kept_time_that_has_gone_by_is_asked_again(raw: str | None) -> None:
    with pytest.raises(Stale):
        TimeOfDay(after=time(10)).load(raw)

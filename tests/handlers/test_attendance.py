"""The code shown in the room: when it is good, what a wrong one does, and bare digits."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.attendance import MOST_WRONG_CODES
from tests.handlers.test_events import acts, announces, office
from tests.world import World

__all__ = ["office"]


def code_of(office: World, event: int) -> str:
    return str(office.value("SELECT code FROM events WHERE id = :event", event=event))


def wrong_for(office: World) -> str:
    """Give a code that no event has."""
    taken = {row[0] for row in office.rows("SELECT code FROM events")}
    return next(str(number) for number in range(1000, 9999) if str(number) not in taken)


def present(office: World, who: str) -> Any:
    contact = office.person(who).contact_id
    rows = office.rows(
        "SELECT attended_at FROM event_guests WHERE contact_id = :contact AND attended_at IS NOT NULL", contact=contact
    )
    return len(rows)


@pytest.mark.parametrize(
    ("hours", "good"),
    [(21.99, False), (22, True), (23, True), (37.99, True), (38, False), (62, False)],
    ids=["before the hour", "an hour before", "at the start", "before midnight", "at midnight", "a day later"],
)
def test_the_code_is_good_from_an_hour_before_until_the_end_of_the_day(office: World, hours: float, good: bool) -> None:
    event = announces(office)  # it is 10.00, the event is at 09.00 tomorrow
    office.later(hours=hours)
    said = office.says("budi", f"hadir {code_of(office, event)}")
    assert present(office, "budi") == good
    assert ("tercatat hadir" in said) == good
    if not good:
        assert said == office.says("budi", f"hadir {wrong_for(office)}"), "whether a code is right is not said before"


def test_twice_is_said_and_counted_once(office: World) -> None:
    event = announces(office)
    office.later(hours=23)
    office.says("budi", f"hadir {code_of(office, event)}")
    noted = office.rows("SELECT attended_at FROM event_guests WHERE attended_at IS NOT NULL")
    office.later(minutes=5)
    for text in (f"hadir {code_of(office, event)}", code_of(office, event), f"hadir {wrong_for(office)}"):
        assert "sudah tercatat hadir" in office.says("budi", text)
    assert office.rows("SELECT attended_at FROM event_guests WHERE attended_at IS NOT NULL") == noted


def test_after_five_wrong_codes_the_right_one_is_not_taken_and_an_officer_helps(office: World) -> None:
    event = announces(office)
    office.later(hours=23)
    lefts = [office.says("budi", f"hadir {wrong_for(office)}") for _ in range(MOST_WRONG_CODES)]
    assert [f"tinggal {4 - number}" in said for number, said in enumerate(lefts)] == [True] * 4 + [False]
    for said in (
        lefts[-1],
        office.says("budi", f"hadir {code_of(office, event)}"),
        office.says("budi", code_of(office, event)),
    ):
        assert "petugas di ruangan" in said
    assert not present(office, "budi")
    assert "tercatat hadir" in office.says("sri", f"hadir {code_of(office, event)}") or present(office, "sri"), (
        "others are free"
    )
    acts(office, event, "present", "budi")
    office.presses("dewi", "Budi")
    assert present(office, "budi") == 1


def test_wrong_codes_are_counted_for_the_day_of_the_event_only(office: World) -> None:
    event = announces(office)
    office.later(hours=22.5)
    for _ in range(MOST_WRONG_CODES):
        office.says("budi", f"hadir {wrong_for(office)}")
    acts(office, event, "move", "kamis", "09.00", "ya")
    office.later(hours=24)
    assert "tercatat hadir" in office.says("budi", f"hadir {code_of(office, event)}")


def test_who_is_no_guest_yet_becomes_one_in_the_room(office: World) -> None:
    event = announces(office)
    office.arrives("agus")
    office.makes_volunteer("agus", name="Agus")
    office.later(hours=23)
    office.says("agus", f"hadir {code_of(office, event)}")
    assert present(office, "agus") == 1


def test_bare_digits_are_a_code_only_while_an_event_awaits_them(office: World) -> None:
    event = announces(office)
    code = code_of(office, event)
    assert "belum paham" in office.says("budi", code)
    office.later(hours=23)
    office.says("joko", "menu")
    for who in ("budi", "joko"):
        office.says(who, code)
        assert present(office, who) == 1
    office.says("sri", "acara")
    office.says("sri", code)
    assert present(office, "sri") == 1


def test_digits_answer_the_question_that_is_open(office: World) -> None:
    announces(office)
    office.later(hours=23)
    for text in ("kunjungan", "pendampingan", "Ngaglik", "hari ini", "4821"):
        office.says("budi", text)
    assert office.asks("budi") != "visit/people"
    assert office.value("SELECT max(wrong_codes) FROM event_guests") == 0


def test_digits_of_a_villager_are_no_code(office: World) -> None:
    event = announces(office)
    office.arrives("wati")
    office.later(hours=23)
    assert "relawan" not in office.says("wati", code_of(office, event)).lower()


@pytest.mark.parametrize("typed", ["hadir {0}", "HADIR {0}", "/hadir {0}", "hadir {1} {2}", "rawuh {0}", "{0} "])
def test_the_code_is_read_as_people_type_it(office: World, typed: str) -> None:
    code = code_of(office, announces(office))
    office.later(hours=23)
    office.says("budi", typed.format(code, code[:2], code[2:]))
    assert present(office, "budi") == 1


def test_a_digit_too_few_is_a_wrong_code_and_a_number_of_people_is_none(office: World) -> None:
    event = announces(office)
    office.later(hours=23)
    assert "Bukan itu kode" in office.says("budi", f"hadir {code_of(office, event)[:3]}")
    for text in ("kunjungan", "pendampingan", "Ngaglik", "hari ini", "hadir 25"):
        office.says("budi", text)
    assert office.asks("budi") not in ("", "visit/people")
    assert office.value("SELECT max(wrong_codes) FROM event_guests") == 1


def test_hadir_alone_says_how(office: World) -> None:
    assert "spasi" in office.says("budi", "hadir")


def test_of_two_events_at_once_each_has_its_code(office: World) -> None:
    first = announces(office)
    second = announces(office, "acara baru", "Kelas foto", "Aula", "besok", "10.00", "lewati", "ya")
    office.later(hours=23.5)
    assert "Kelas foto" in office.says("budi", f"hadir {code_of(office, second)}")
    assert "sudah tercatat" in office.says("budi", f"hadir {code_of(office, second)}")
    assert "bukan itu kode" in office.says("budi", f"hadir {wrong_for(office)}").lower()
    assert "Lokakarya" in office.says("budi", f"hadir {code_of(office, first)}")
    assert present(office, "budi") == 2


def test_the_code_of_an_event_called_off_is_not_good(office: World) -> None:
    event = announces(office)
    acts(office, event, "cancel", "hujan lebat")
    office.later(hours=23)
    assert "tidak ada acara" in office.says("budi", f"hadir {code_of(office, event)}")
    assert not present(office, "budi")

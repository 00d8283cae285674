"""Silence about a request that a volunteer has, in office time: a reminder, then back to the others, then the coordinators."""

from __future__ import annotations

import concurrent.futures
from dataclasses import replace

import pytest

from handlers import help_rules
from handlers.hours import read_hours
from handlers.mail import Mail
from handlers.reminders import apply_rule
from tests.handlers.test_helping import help_of, opens, pauses, settled, steps_of, takes
from tests.handlers.test_requests import sends_domicile, state_of
from tests.world import World

# It is Tuesday, 10.00, and the office is open from 07.30 to 15.30: seven hours are over on Wednesday at 09.00, fourteen on
# Thursday at 08.00.
REMINDED = "Warga menunggu kabar"
TAKEN_BACK = "ambillah lagi"
NOT_TAKEN = "Belum ada relawan yang mengambil"


@pytest.fixture
def office(world: World) -> World:
    settled(world)
    world.says("dewi", "stop rekap")  # the weekly recap is another test's
    return world


def count(office: World, who: str, words: str) -> int:
    return sum(words in message.text for message in office.inboxes.get(who, []))


def test_silence_is_reminded_of_once(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(hours=22.9)  # Wednesday, 08.54
    assert office.ticks() == []
    office.later(hours=0.1)
    office.ticks()
    assert REMINDED in office.last("budi").text
    assert "stop pengingat" in office.last("budi").text
    assert office.last("budi").buttons[0].data == f"!tugas {code}"
    office.later(hours=4)
    assert office.ticks() == []


def test_a_word_begins_a_new_silence(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(hours=23)
    office.ticks()
    opens(office, "budi", code, "progress", "Sedang saya urus")
    office.later(hours=23)  # Thursday, 08.00: seven hours since the word, not fourteen since it was taken
    office.ticks()
    assert count(office, "budi", REMINDED) == 2
    assert help_of(office, code) == ("taken", "Budi", 1)


def test_a_longer_silence_gives_it_back_to_the_others(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(hours=45.9)
    office.ticks()
    assert help_of(office, code) == ("taken", "Budi", 1)
    office.later(hours=0.1)
    office.ticks()
    assert help_of(office, code) == ("offered", None, 2)
    assert count(office, "budi", TAKEN_BACK) == 1
    assert count(office, "siti", "Ada warga yang perlu dibantu") == 2
    assert count(office, "budi", "Ada warga yang perlu dibantu") == 1
    assert "tidak bisa melanjutkan" in office.last("sri").text
    assert steps_of(office, code) == ["send", "help_take", "help_requeue"]
    audit = office.rows("SELECT action, actor_id FROM audit WHERE action = 'help requeue'")
    assert [tuple(row) for row in audit] == [("help requeue", None)]
    assert office.ticks() == []
    office.presses("budi", "Saya bantu")
    assert help_of(office, code) == ("taken", "Budi", 2), "who can after all, may"


def test_what_goes_back_is_not_reminded_of_too(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(days=2)
    office.ticks()
    assert (count(office, "budi", REMINDED), count(office, "budi", TAKEN_BACK)) == (0, 1)


def test_a_second_round_has_its_own_silence(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    for round_ in (2, 3):
        office.later(days=4)
        office.ticks()
        assert help_of(office, code) == ("offered", None, round_)
        takes(office, "budi", code)
    assert count(office, "budi", TAKEN_BACK) == 2


@pytest.mark.parametrize(("holidays", "silent_hours"), [("", 71), ("2026-11-30", 95), ("2026-11-30, 2026-12-01", 119)])
def test_a_weekend_and_holidays_are_nobodys_silence(office: World, holidays: str, silent_hours: float) -> None:
    """Taken on Friday at 15.00: half an hour is left; the other six and a half are over at 14.00 of the next day of work."""
    office.office = replace(office.office, hours=read_hours("1-5 07.30-15.30", holidays))
    office.later(days=3, hours=5)
    code = sends_domicile(office)
    takes(office, "budi", code)
    while silent_hours > 1:
        office.later(hours=1)
        silent_hours -= 1
        office.ticks()
        assert count(office, "budi", REMINDED) == 0, f"{silent_hours} hours too soon"
    office.later(hours=silent_hours)
    office.ticks()
    assert count(office, "budi", REMINDED) == 1


def test_nothing_is_said_in_quiet_hours(office: World) -> None:
    office.office = replace(office.office, hours=read_hours("1-7 00.00-23.59"))
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(hours=11)  # 21.00
    assert office.ticks() == []
    office.later(hours=9)
    office.ticks()
    assert count(office, "budi", TAKEN_BACK) == 1


def test_while_the_sender_is_asked_no_time_runs_against_the_volunteer(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "ask", "Alamat lengkapnya di mana?")
    office.later(days=7)
    assert office.ticks() == []
    office.says("sri", "RT 02 RW 05")
    assert office.ticks() == []
    office.later(hours=23)
    office.ticks()
    assert count(office, "budi", REMINDED) == 1


def test_when_the_office_needs_no_answer_any_more_the_volunteers_time_begins_anew(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    opens(office, "budi", code, "ask", "Alamat lengkapnya di mana?")
    office.later(days=7)
    office.says("dewi", f"buka {code}")
    office.picks("dewi", "progress")
    office.picks("dewi", "skip")
    assert state_of(office, code) == "in_progress"
    assert office.ticks() == []


def test_what_nobody_takes_is_told_to_the_coordinators_once_a_round(office: World) -> None:
    office.employs("andi", "Andi", "officer")
    office.employs("itda", "Inspektorat", "inspector")
    code = sends_domicile(office)
    office.later(hours=45.9)
    assert office.ticks() == []
    office.later(hours=0.1)
    office.ticks()
    for who in ("dewi", "andi"):
        assert NOT_TAKEN in office.last(who).text
        assert code in office.last(who).text
        assert "Sri" not in office.last(who).text
        assert office.last(who).buttons[0].data == f"!open {code}"
    assert count(office, "itda", NOT_TAKEN) == 0
    office.later(hours=4)
    assert office.ticks() == []
    takes(office, "budi", code)
    opens(office, "budi", code, "return", "Saya sakit")
    office.later(days=4)
    office.ticks()
    assert count(office, "dewi", NOT_TAKEN) == 2


@pytest.mark.parametrize("who", ["budi", "dewi"])
def test_who_is_done_with_it_hears_no_more(office: World, who: str) -> None:
    code = sends_domicile(office)
    if who == "budi":
        takes(office, "budi", code)
        opens(office, "budi", code, "done", "lewati")
    else:
        office.says("dewi", f"buka {code}")
        office.picks("dewi", "decline")
        office.says("dewi", "Silakan ke balai desa")
    office.later(days=30)
    assert [message.text for message in office.ticks() if code in message.text] == []


def test_who_muted_reminders_is_not_reminded_but_told_when_it_goes_back(office: World) -> None:
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.says("budi", "stop pengingat")
    office.later(hours=23)
    assert office.ticks() == []
    office.later(hours=23)
    office.ticks()
    assert count(office, "budi", TAKEN_BACK) == 1


def test_with_nobody_left_to_ask_the_coordinators_hear_of_it(office: World) -> None:
    for who in ("siti", "joko"):
        pauses(office, who)
    code = sends_domicile(office)
    takes(office, "budi", code)
    pauses(office, "budi")
    office.later(days=2)
    office.ticks()
    assert NOT_TAKEN in office.last("dewi").text


def test_what_is_heard_while_a_rule_looks_counts(office: World) -> None:
    """A rule has found the silence; before it acts, the volunteer writes: nothing is taken from them, now or for it later."""
    code = sends_domicile(office)
    takes(office, "budi", code)
    office.later(days=2)
    rule = next(rule for rule in help_rules.RULES if rule.name == "help_return")
    with office.engine.begin() as connection:
        found = list(rule.due(Mail(connection, office.office, office.office.clock())))
    assert len(found) == 1
    opens(office, "budi", code, "progress", "Sedang saya urus")
    with office.engine.begin() as connection:
        apply_rule(connection, office.office, replace(rule, due=lambda mail: found))
    assert help_of(office, code) == ("taken", "Budi", 1)
    office.later(days=4)
    office.ticks()
    assert help_of(office, code) == ("offered", None, 2)


def test_several_processes_tick_at_once_and_each_thing_happens_once(office: World) -> None:
    codes = [sends_domicile(office) for _ in range(3)]
    takes(office, "budi", codes[0])
    office.later(days=2)

    def tick(_: int) -> int:
        sent = 0
        for rule in help_rules.RULES:
            with office.engine.begin() as connection:
                sent += len(apply_rule(connection, office.office, rule))
        return sent

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(tick, range(4)))
    # Budi, Sri, and the offers to Siti and Joko for the first; for the others the admin is told.
    assert sent == 4 + 2
    assert help_of(office, codes[0]) == ("offered", None, 2)
    assert steps_of(office, codes[0]).count("help_requeue") == 1

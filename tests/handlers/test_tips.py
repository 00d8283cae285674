"""Tips that come by themselves: when, to whom, one a period; their question, and what silence leads to."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.lesson_content import PILLARS
from flows.outcomes import Subscribed
from handlers import tips
from handlers.broadcast_texts import outgoing
from handlers.mail import Mail
from handlers.office import Programme
from handlers.render import MOST_CHARS
from handlers.tip_rounds import begin_tip, path, send_due
from handlers.turn import Tx
from storage import broadcasts
from storage.db import Database
from tests.world import World

TRUE, FALSE = "'1'", "'0'"  # both databases read them so
EVENING = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)  # 18.30 of that Tuesday in Blitar


@pytest.fixture
def office(world: World) -> World:
    world.arrives("sri")
    return world


def at(world: World, moment: datetime) -> None:
    world.office = replace(world.office, clock=lambda: moment)


def subscribe(world: World, who: str = "sri", *, hour: str = "18.30", about: str = "Semua", weekly: str = "") -> str:
    world.says(who, "langganan tips")
    world.presses(who, "Seminggu" if weekly else "Setiap hari")
    if weekly:
        world.says(who, weekly)
    world.says(who, hour)
    return world.says(who, about)


def test_a_tip_a_day_at_the_hour_that_was_chosen_the_next_unseen_one(office: World) -> None:
    said = subscribe(office)
    assert "setiap hari pukul 18.30" in said
    at(office, EVENING - timedelta(minutes=1))
    assert office.tips() == []
    at(office, EVENING)
    titles = [f"*{lesson.title.id}*" for lesson in path(office.office.registry.lessons)]
    assert office.tips() == [("sri", titles[0])]
    assert office.tips() == [], "once"
    at(office, EVENING + timedelta(days=1))
    assert office.tips() == [("sri", titles[1])]


def test_the_buttons_answer_the_question_and_pressed_twice_count_once(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    lesson = path(office.office.registry.lessons)[0]
    right = next(option.key for option in lesson.quiz.options if option.right)
    tip = office.last("sri")
    assert len(tip.buttons) == len(lesson.quiz.options)
    data = next(button.data for button in tip.buttons if button.data.endswith(f" {right}"))
    assert lesson.quiz.right.id in office.says("sri", choice=data)
    assert lesson.quiz.right.id in office.says("sri", choice=data)
    assert office.rows("SELECT started, finished, answers_right, answers_wrong FROM lesson_counts") == [(1, 1, 1, 0)]


def test_a_wrong_answer_is_repeated_as_after_any_lesson(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    lesson = path(office.office.registry.lessons)[0]
    wrong = next(option.key for option in lesson.quiz.options if not option.right)
    data = next(button.data for button in office.last("sri").buttons if button.data.endswith(f" {wrong}"))
    office.says("sri", choice=data)
    office.later(days=1)
    office.says("sri", "kuis")
    assert office.asks("sri") == f"lesson:{lesson.id}/answer"


def test_erasure_ends_them_and_what_waits_is_not_sent(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    with office.engine.begin() as connection:
        send_due(connection, office.office, None)
    office.says("sri", "hapus data")
    office.presses("sri", "Ya, hapus")
    assert office.value("SELECT count(*) FROM subscriptions") == 0
    assert office.value("SELECT count(*) FROM tips") == 0
    assert office.rows("SELECT state, reason, address_id FROM deliveries") == [("skipped", "erased", None)]
    assert office.sends_broadcasts() == []


def test_a_person_sees_what_is_stored_of_it(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    office.broadcasts(None)
    office.sends_broadcasts()
    said = office.says("sri", "data saya")
    assert "*Tips:* setiap hari pukul 18.30" in said
    assert "*Tips yang dikirim:* 1" in said
    assert "*Siaran yang dikirim:* 1" in said


def test_the_letter_can_be_typed_too(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    office.later(minutes=20)
    said = office.says("sri", "b")
    assert "materi" in said
    assert office.value("SELECT answers_right + answers_wrong FROM lesson_counts") == 1


def test_an_answer_in_the_midst_of_a_question_leaves_that_open(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    data = office.last("sri").buttons[0].data
    office.says("sri", "surat domisili")
    asked = office.asks("sri")
    assert asked.startswith("request:surat_domisili/")
    office.says("sri", choice=data)
    assert office.asks("sri") == asked


def test_what_was_learned_is_not_sent_and_a_pillar_keeps_to_itself(office: World) -> None:
    lessons = path(office.office.registry.lessons)
    safety = [lesson for lesson in lessons if lesson.pillar == "aman"]
    office.says("sri", "belajar")
    office.says("sri", "aman")
    assert office.asks("sri") == f"lesson:{safety[0].id}/answer"
    office.says("sri", "batal")
    subscribe(office, about=office.office.voices.of("id").say(PILLARS["aman"]))
    for day in range(1, 4):
        at(office, EVENING + timedelta(days=day))
        office.says("sri", "menu")
        assert office.tips() == [("sri", f"*{safety[day].title.id}*")]


def test_it_speaks_their_language(world: World) -> None:
    world.arrives("tumi", language="jv")
    world.says("tumi", "langganan tips")
    world.says("tumi", "saben dinten")
    world.says("tumi", "18.30")
    world.says("tumi", "sedaya")
    at(world, EVENING)
    lesson = path(world.office.registry.lessons)[0]
    world.tips()
    assert lesson.lesson.jv.split("\n")[0] in world.last("tumi").text


def test_once_a_week_on_the_day_that_was_chosen(office: World) -> None:
    assert "setiap Kamis pukul 09.15" in subscribe(office, hour="9.15", weekly="kamis")
    sent = []
    for hours in range(0, 24 * 21, 3):
        at(office, EVENING + timedelta(hours=hours, minutes=-15))
        office.says("sri", "menu")
        sent += [office.office.local(office.office.clock()) for _ in office.tips()]
    assert [f"{moment:%a %d %H.%M}" for moment in sent] == ["Thu 26 09.15", "Thu 03 09.15", "Thu 10 09.15"]


def test_nothing_comes_in_quiet_hours_and_none_can_be_chosen_there(office: World) -> None:
    office.says("sri", "langganan tips")
    office.presses("sri", "Setiap hari")
    assert "20.00" in office.says("sri", "21.00")
    assert office.asks("sri") == "subscribe/hour"
    office.says("sri", "19.59")
    office.says("sri", "semua")
    at(office, EVENING + timedelta(minutes=91))  # 20.01: the process had been down
    assert office.tips() == []
    at(office, EVENING + timedelta(hours=11, minutes=31))  # 06.01
    assert len(office.tips()) == 1
    at(office, EVENING + timedelta(days=1, minutes=89))
    assert office.tips() == [], "one a day, and today's was in the morning"


def test_it_waits_for_an_open_question_but_an_hour_at_most(office: World) -> None:
    subscribe(office)
    at(office, EVENING - timedelta(minutes=5))
    office.says("sri", "surat domisili")
    at(office, EVENING)
    assert office.tips() == []
    at(office, EVENING + timedelta(minutes=59))
    assert office.tips() == []
    at(office, EVENING + timedelta(minutes=60))
    assert len(office.tips()) == 1
    at(office, EVENING + timedelta(days=1))
    assert office.tips() == []
    at(office, EVENING + timedelta(days=1, minutes=3))
    office.says("sri", "batal")
    assert len(office.tips()) == 1, "it came when the question was gone"
    office.says("sri", "menu")
    at(office, EVENING + timedelta(days=2))
    assert len(office.tips()) == 1, "a menu is only an offer"


@pytest.mark.parametrize(("words", "back"), [("jeda tips", "lanjut tips"), ("stop tips", ""), ("stop", "langganan")])
def test_paused_ended_or_stopped_by_a_word(office: World, words: str, back: str) -> None:
    subscribe(office)
    office.says("sri", words)
    at(office, EVENING)
    assert office.tips() == []
    if back:
        office.says("sri", back)
    else:
        subscribe(office)
    at(office, EVENING + timedelta(days=1))
    assert len(office.tips()) == 1


@pytest.mark.parametrize("words", ["tolong stop kirim tips", "kirim tips e dipun stop rumiyin"])
def test_no_more_tips_in_other_words_ends_tips_alone(office: World, words: str) -> None:
    subscribe(office)
    office.says("sri", words)
    assert office.person("sri").stopped_at is None
    assert office.value("SELECT count(*) FROM subscriptions") == 0


def test_a_wish_for_tips_each_day_opens_the_subscription(office: World) -> None:
    office.says("sri", "kirimi saya tips tiap hari")
    assert office.asks("sri") == "subscribe/period"


def test_a_changed_hour_holds_from_the_next_tip(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    office.says("sri", "langganan tips")
    office.presses("sri", "Ubah")
    office.presses("sri", "Setiap hari")
    office.says("sri", "19.00")
    office.says("sri", "semua")
    at(office, EVENING + timedelta(minutes=30))
    assert office.tips() == [], "today's came already"
    at(office, EVENING + timedelta(days=1, minutes=29))
    assert office.tips() == []
    at(office, EVENING + timedelta(days=1, minutes=30))
    assert len(office.tips()) == 1


def test_the_next_time_is_said_and_never_gone_by(office: World) -> None:
    assert "Selasa, 24 November 2026 18.30" in subscribe(office)
    assert "Rabu, 25 November 2026 07.00" in again(office, "7 pagi"), "07.00 of today has gone by"
    assert "Selasa, 24 November 2026 18.30" in again(office, "18.30")
    at(office, EVENING)
    office.tips()
    assert "Rabu, 25 November 2026 19.15" in again(office, "19.15"), "today's was sent"


def test_who_ends_and_begins_again_gets_no_second_one_that_day(office: World) -> None:
    subscribe(office)
    at(office, EVENING)
    office.tips()
    office.says("sri", "stop tips")
    subscribe(office, hour="19.15")
    at(office, EVENING + timedelta(minutes=45))
    assert office.tips() == []


def test_a_lesson_that_all_have_got_goes_out_again_to_who_is_due_later_that_day(office: World) -> None:
    office.arrives("budi")
    subscribe(office)
    subscribe(office, "budi", hour="19.00")
    at(office, EVENING)
    assert len(office.tips()) == 1
    with office.engine.begin() as connection:
        assert broadcasts.change(connection, 1, ("running",), state="done", ended_at=EVENING)
    at(office, EVENING + timedelta(minutes=30))
    assert [who for who, _ in office.tips()] == ["budi"]
    assert office.value("SELECT count(*) FROM broadcasts") == 1


def again(world: World, hour: str) -> str:
    """Change the hour of a subscription."""
    world.says("sri", "langganan tips")
    world.presses("sri", "Ubah")
    world.presses("sri", "Setiap hari")
    world.says("sri", hour)
    return world.says("sri", "semua")


def test_after_an_outage_of_days_one_tip_comes_not_the_backlog(office: World) -> None:
    subscribe(office)
    at(office, EVENING + timedelta(days=3, hours=-8))
    assert len(office.tips()) == 1
    at(office, EVENING + timedelta(days=3))
    assert office.tips() == []
    at(office, EVENING + timedelta(days=4))
    assert len(office.tips()) == 1


def test_who_is_silent_is_asked_once_whether_it_shall_go_on(office: World) -> None:
    office.office = replace(office.office, programme=Programme(tip_silence=2))
    subscribe(office)
    got = []
    for day in range(6):
        at(office, EVENING + timedelta(days=day))
        got.append(len(office.tips()))
    assert got == [1, 1, 0, 0, 0, 0]
    asked = [message.text for message in office.inboxes["sri"] if "2 tips" in message.text]
    assert len(asked) == 1
    office.presses("sri", "Ya, lanjut")
    at(office, EVENING + timedelta(days=6))
    assert len(office.tips()) == 1


def test_who_writes_now_and_then_is_not_asked(office: World) -> None:
    office.office = replace(office.office, programme=Programme(tip_silence=2))
    subscribe(office)
    for day in range(5):
        at(office, EVENING + timedelta(days=day))
        assert len(office.tips()) == 1
        office.later(minutes=5)
        office.says("sri", "matur nuwun")


def test_on_whatsapp_it_waits_for_the_next_contact_and_says_why_once(world: World) -> None:
    world.arrives("whatsapp:62811")
    subscribe(world, "whatsapp:62811")
    at(world, EVENING + timedelta(days=2))
    assert world.tips() == []
    before = len(world.inboxes["whatsapp:62811"])
    world.later(minutes=10)
    assert world.tips() == []
    world.says("whatsapp:62811", "halo")
    world.later(minutes=1)
    assert len(world.tips()) == 1
    said = [message.text for message in world.inboxes["whatsapp:62811"][before:]]
    assert sum("24 jam" in text for text in said) == 1
    world.later(days=2)
    assert world.tips() == []
    world.says("whatsapp:62811", "halo")
    world.later(minutes=1)
    before = len(world.inboxes["whatsapp:62811"])
    assert len(world.tips()) == 1
    assert not any("24 jam" in message.text for message in world.inboxes["whatsapp:62811"][before:])


def test_with_a_template_it_need_not_wait(world: World) -> None:
    abilities = {**world.office.abilities}
    abilities["whatsapp"] = replace(abilities["whatsapp"], templates={"tip_id": "HX1"})
    world.office = replace(world.office, abilities=abilities)
    world.arrives("whatsapp:62811")
    subscribe(world, "whatsapp:62811")
    at(world, EVENING + timedelta(days=2))
    assert len(world.tips()) == 1


def test_when_all_were_sent_it_is_said_once(office: World) -> None:
    subscribe(office)
    lessons = path(office.office.registry.lessons)
    with office.engine.begin() as connection:
        for lesson in lessons:
            connection.exec_driver_sql(f"INSERT INTO tips VALUES (1, '{lesson.id}', 5)")
    for day in range(3):
        at(office, EVENING + timedelta(days=day))
        assert office.tips() == []
    assert sum("semua tips" in message.text for message in office.inboxes["sri"]) == 1


def test_every_lesson_fits_as_a_tip(office: World) -> None:
    lessons = path(office.office.registry.lessons)
    assert len(lessons) == 48
    assert [lesson.level for lesson in lessons] == sorted((lesson.level for lesson in lessons), key=["dasar", "menengah", "lanjut"].index)  # fmt: skip
    with office.engine.begin() as connection:
        for lesson in lessons:
            row = begin_tip(Mail(connection, office.office, EVENING), lesson, date(2026, 11, 24))
            found = broadcasts.find(connection, row)
            assert found is not None
            for language in ("id", "jv"):
                message = outgoing(office.office, found, language)
                assert len(message.text) <= MOST_CHARS, (lesson.id, language)
                assert all(len(button.data.encode()) <= 64 for button in message.buttons)


async def test_killed_in_the_middle_and_by_two_processes_each_gets_one(office: World, database_url: str) -> None:
    people = 20
    with office.engine.begin() as connection:
        for number in range(people):
            connection.exec_driver_sql(
                f"INSERT INTO contacts (id, language, consent, created_at) VALUES ({100 + number}, 'id', {TRUE}, 1)"
            )
            connection.exec_driver_sql(
                f"INSERT INTO addresses (contact_id, channel, address, last_in_at) VALUES ({100 + number}, 'telegram', 'p{number}', 1)"
            )
            connection.exec_driver_sql(
                f"INSERT INTO subscriptions (contact_id, period, weekday, minute, pillar, state, next_at, changed_at, window_told, silent) VALUES ({100 + number}, 'day', 0, 600, '', 'on', 1, 1, {FALSE}, 0)"
            )
    kill_after_one_step(database_url)
    both = [Database(database_url), Database(database_url)]
    try:
        await asyncio.gather(*(_send_all(each, office) for each in both))
    finally:
        for each in both:
            await each.close()
    assert office.value("SELECT count(*) FROM tips") == people
    assert office.value("SELECT count(*) FROM deliveries") == people
    assert len({who for who, _ in office.sends_broadcasts()}) == people


def kill_after_one_step(database_url: str) -> None:
    """Let a process send one step, and kill it before the commit of the next."""
    command = [sys.executable, "-m", "tests.handlers.tipping", database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdin is not None
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"stored 3\n"
        killed.stdin.write(b"go\n")
        killed.stdin.flush()
        assert killed.stdout.readline() == b"stored 3\n"
        killed.kill()


async def _send_all(database: Database, office: World) -> None:
    step = await database.write(send_due, office.office, None, 3)
    while step.after is not None:
        step = await database.write(send_due, office.office, step.after, 3)


ACTIONS = ("day", "week", "jeda tips", "lanjut tips", "stop tips", "menu", "tick", "tick", "tick")
_names = itertools.count()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(ACTIONS),
            st.one_of(st.integers(-60 * 24 * 2, 60 * 24 * 9), st.sampled_from((0, 1, 60, 60 * 24))),
            st.integers(6 * 60, 20 * 60 - 1),
            st.integers(0, 6),
        ),
        min_size=4,
        max_size=25,
    )
)
def test_whatever_is_done_and_however_the_clock_jumps_there_is_one_tip_a_period_at_most(
    world: World, steps: list[tuple[str, int, int, int]]
) -> None:
    who = f"s{next(_names)}"
    at(world, EVENING)
    world.arrives(who)
    got: list[tuple[str, date]] = []
    wish(world, who, Subscribed("day", 0, 600))
    for action, minutes, minute, weekday in steps:
        at(world, world.office.clock() + timedelta(minutes=minutes))
        if action in ("day", "week"):
            wish(world, who, Subscribed(action, weekday, minute))
        elif action == "tick":
            period = world.value("SELECT max(period) FROM subscriptions s JOIN addresses a ON a.contact_id = s.contact_id WHERE a.address = :who", who=who)  # fmt: skip
            got += [(period, world.office.local(world.office.clock()).date()) for to, _ in world.tips() if to == who]
            assert len({day for _, day in got}) == len(got), "two on a day"
            weeks = [day.isocalendar()[:2] for kind, day in got if kind == "week"]
            assert len(set(weeks)) == len(weeks), "two in a week"
        else:
            world.says(who, action)


def wish(world: World, who: str, wanted: Subscribed) -> None:
    """Subscribe as the flow's outcome does, without the talk."""
    person = world.person(who)
    with world.engine.begin() as connection:
        tips.subscribe(Tx(connection, world.office, world.office.clock(), person, world.office.voices.of("id")), wanted)

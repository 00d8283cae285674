"""Events for volunteers: announced, answered, moved, called off, with material; and who may do what."""

from __future__ import annotations

import concurrent.futures
import json
from dataclasses import replace
from typing import Any

import pytest

from handlers.messages import IncomingMedia
from tests.world import PHOTO, World

TOMORROW_AT_NINE = ("acara baru", "Lokakarya jualan online", "Balai Desa Ngaglik", "besok", "09.00", "Bawa HP", "ya")
ANSWER = {"coming": "coming", "maybe": "maybe", "not": "not_coming"}


@pytest.fixture
def office(world: World) -> World:
    """An admin, and three volunteers: two speak Indonesian, one Javanese."""
    world.employs("dewi")
    for who, name, language in (
        ("budi", "Budi Santoso", "id"),
        ("sri", "Sri Lestari", "jv"),
        ("joko", "Joko Widodo", "id"),
    ):
        world.arrives(who, language)
        world.makes_volunteer(who, name=name)
    return world


def announces(office: World, *steps: str) -> int:
    """Announce an event; returns its number."""
    for text in steps or TOMORROW_AT_NINE:
        office.says("dewi", text)
    assert office.asks("dewi") == "", office.last("dewi").text
    return int(office.value("SELECT max(id) FROM events"))


def answers(office: World, who: str, event: int, answer: str) -> str:
    return office.says(who, choice=f"!rsvp {event} {answer}")


def acts(office: World, event: int, action: str, *texts: str) -> str:
    """Let the officer open an event, choose what to do, and answer what is asked."""
    office.says("dewi", choice=f"!event {event}")
    office.picks("dewi", action)
    for text in texts:
        office.says("dewi", text)
    return office.last("dewi").text


def guests(office: World, event: int) -> dict[str, Any]:
    rows = office.rows(
        "SELECT name, answer FROM event_guests JOIN volunteers USING (contact_id) WHERE event_id = :event", event=event
    )
    return {name.split()[0]: answer for name, answer in rows}


def audited(office: World) -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in office.rows("SELECT action, subject, allowed FROM audit WHERE action LIKE 'event%' ORDER BY id")
    ]


def test_every_active_volunteer_is_invited_in_their_language_with_three_buttons(office: World) -> None:
    office.arrives("agus")
    office.makes_volunteer("agus", name="Agus", state="paused")
    event = announces(office)
    assert guests(office, event) == {"Budi": None, "Sri": None, "Joko": None}
    for who, labels in (
        ("budi", ["Saya datang", "Belum pasti", "Tidak bisa datang"]),
        ("sri", ["Kula saged dhateng", "Dereng temtu", "Mboten saged dhateng"]),
    ):
        message = office.last(who)
        assert [button.label for button in message.buttons] == labels
        assert all(len(label) <= 20 for label in labels)
        assert "25 November 2026 09.00 WIB" in message.text
        assert "Bawa HP" in message.text
        assert "stop acara" in message.text
    assert "Lokakarya" not in office.last("agus").text
    assert "Relawan yang diundang: 3" in office.last("dewi").text


def test_the_code_is_four_digits_and_nobody_but_officers_reads_it(office: World) -> None:
    event = announces(office)
    code = office.value("SELECT code FROM events")
    assert len(code) == 4
    assert code.isdecimal()
    assert code in office.last("dewi").text
    office.says("budi", "acara")
    office.presses("budi", "25-11")
    answers(office, "budi", event, "coming")
    office.later(hours=22)
    office.ticks()
    said = [
        json.loads(row[0])["text"]
        for row in office.rows(
            "SELECT payload FROM outbox WHERE contact_id <> :dewi", dewi=office.person("dewi").contact_id
        )
    ]
    assert len(said) > 5
    assert not any(code in text for text in said)


def test_a_code_that_was_used_is_not_used_again_and_they_do_not_follow_each_other(office: World) -> None:
    numbers = iter((5, 5, 7000))
    office.office = replace(office.office, random_below=lambda most: next(numbers) % most)
    announces(office)
    announces(office)
    assert [row[0] for row in office.rows("SELECT code FROM events ORDER BY id")] == ["1005", "8000"]


@pytest.mark.parametrize("language", ["id", "jv"])
def test_the_whole_life_in_both_languages(office: World, language: str) -> None:
    who = "budi" if language == "id" else "sri"
    event = announces(office)
    office.presses(who, "Saya datang" if language == "id" else "Kula saged")
    assert ("akan datang" if language == "id" else "saged rawuh") in office.last(who).text
    office.later(hours=22, minutes=30)
    assert len([message for message in office.ticks() if "hadir" in message.text]) >= 1
    code = office.value("SELECT code FROM events")
    assert ("tercatat hadir" if language == "id" else "kacathet rawuh") in office.says(who, f"hadir {code}")
    office.later(hours=3)
    acts(office, event, "material", "https://contoh.id/materi", "lanjut")
    assert "https://contoh.id/materi" in office.last(who).text
    assert "Hadir:∗" not in office.last("dewi").text
    office.later(days=2)
    said = office.says(who, "acara")
    assert ("Sudah lewat" if language == "id" else "Ingkang sampun rampung") in said
    office.presses(who, "25-11")
    assert "https://contoh.id/materi" in office.last(who).text
    assert ("Anda hadir" if language == "id" else "Panjenengan rawuh") in office.last(who).text


def test_past_times_are_refused_where_they_are_typed(office: World) -> None:
    for text in ("acara baru", "Rapat", "Aula", "kemarin"):
        office.says("dewi", text)
    assert office.asks("dewi") == "event_new/day"
    office.says("dewi", "hari ini")
    assert "sudah lewat" in office.says("dewi", "09.30")
    assert office.asks("dewi") == "event_new/time"
    office.says("dewi", "jam 1 siang")
    assert office.asks("dewi") == "event_new/about"


def test_a_day_changed_to_today_asks_for_the_time_again(office: World) -> None:
    for text in ("acara baru", "Rapat", "Aula", "besok", "09.00", "lewati", "3", "hari ini"):
        office.says("dewi", text)
    assert office.asks("dewi") == "event_new/time"


def test_a_time_that_goes_by_while_it_is_written_is_not_announced(office: World) -> None:
    for text in ("acara baru", "Rapat", "Aula", "hari ini", "10.30", "lewati"):
        office.says("dewi", text)
    office.later(hours=1)
    assert "Tidak ada yang diumumkan" in office.says("dewi", "ya")
    assert office.value("SELECT count(*) FROM events") == 0


def test_an_event_may_be_called_just_a_workshop(office: World) -> None:
    event = announces(office, "acara baru", "Workshop", *TOMORROW_AT_NINE[2:])
    assert office.value("SELECT title FROM events WHERE id = :event", event=event) == "Workshop"


def test_a_small_hour_is_asked_about(office: World) -> None:
    announces(office, "acara baru", "Rapat", "Aula", "besok", "jam 2", "sore", "lewati", "ya")
    assert "25 November 2026 14.00 WIB" in office.last("budi").text


def test_answers_are_changed_by_the_same_buttons_and_pressed_twice_count_once(office: World) -> None:
    event = announces(office)
    announcement = office.last("budi")
    for label in ("Saya datang", "Saya datang", "Belum pasti"):
        office.inboxes["budi"].append(announcement)
        office.presses("budi", label)
    assert guests(office, event) == {"Budi": "maybe", "Sri": None, "Joko": None}
    office.presses("budi", "Ubah jawaban")
    assert "belum pasti" in office.last("budi").text
    office.presses("budi", "Tidak bisa")
    assert guests(office, event)["Budi"] == "not_coming"


def test_an_answer_after_the_start_is_kindly_refused(office: World) -> None:
    event = announces(office)
    office.later(hours=23)
    said = answers(office, "budi", event, "coming")
    assert "sudah dimulai" in said
    assert "hadir" in said
    assert guests(office, event)["Budi"] is None
    office.later(days=1)
    assert "ketik" not in answers(office, "budi", event, "coming")


def test_an_answer_leaves_the_open_question_as_it_is(office: World) -> None:
    event = announces(office)
    for text in ("kunjungan", "pendampingan", "Ngaglik", "lewati"):
        office.says("budi", text)
    said = answers(office, "budi", event, "coming")
    assert "akan datang" in said
    assert "kemarin" in said, "the question is shown again"
    assert office.asks("budi") == "visit/day"


def test_who_is_accepted_later_sees_it_and_becomes_a_guest_by_answering(office: World) -> None:
    event = announces(office)
    office.arrives("agus")
    office.makes_volunteer("agus", name="Agus")
    assert "belum dijawab" in office.says("agus", "acara")
    office.presses("agus", "25-11")
    assert "Agus" not in guests(office, event)
    office.presses("agus", "Saya datang")
    assert guests(office, event)["Agus"] == "coming"


def test_the_list_holds_what_is_to_come_and_sixty_days_of_what_was(office: World) -> None:
    announces(office)
    office.later(days=61)
    assert "belum ada acara" in office.says("budi", "acara").lower()
    announces(office, "acara baru", "Kelas foto", *TOMORROW_AT_NINE[2:])
    office.later(days=60)
    said = office.says("budi", "acara")
    assert [button.label for button in office.last("budi").buttons] == ["25-01 Kelas foto"]
    assert "Kelas foto" not in said
    office.later(days=1)
    assert "belum ada acara" in office.says("budi", "acara").lower()


def test_moving_tells_every_guest_and_keeps_their_answers(office: World) -> None:
    event = announces(office)
    answers(office, "budi", event, "coming")
    said = acts(office, event, "move", "kamis", "jam 1 siang", "ya")
    assert "26 November 2026 13.00 WIB" in said
    for who in ("budi", "joko"):
        assert "26 November 2026 13.00 WIB" in office.last(who).text
        assert len(office.last(who).buttons) == 3
    assert "akan datang" in office.last("budi").text
    assert guests(office, event)["Budi"] == "coming"
    before = len(office.inboxes["budi"])
    assert "memang sudah itu" in acts(office, event, "move", "kamis", "13.00", "ya")
    assert len(office.inboxes["budi"]) == before


def test_calling_off_tells_every_guest_why(office: World) -> None:
    event = announces(office)
    acts(office, event, "cancel", "Balai desa dipakai hajatan")
    for who in ("budi", "sri", "joko"):
        assert "dipakai hajatan" in office.last(who).text
    assert "sudah dibatalkan" in answers(office, "budi", event, "coming")
    assert "belum ada acara" in office.says("budi", "acara").lower()
    office.says("dewi", choice=f"!event {event}")
    assert [button.data.rpartition("|")[2] for button in office.last("dewi").buttons] == ["names", "leave"]


def test_material_reaches_who_came_and_who_wanted_to(office: World) -> None:
    event = announces(office)
    answers(office, "budi", event, "coming")
    answers(office, "sri", event, "maybe")
    answers(office, "joko", event, "not_coming")
    office.later(hours=24)
    office.says("joko", f"hadir {office.value('SELECT code FROM events')}")
    office.says("dewi", choice=f"!event {event}")
    office.picks("dewi", "material")
    office.says("dewi", "https://contoh.id/materi")
    office.says("dewi", media=(PHOTO, IncomingMedia("document", "vendor-2", "application/pdf", 1000)))
    office.says("dewi", "lanjut")
    assert "Penerima: 2" in office.last("dewi").text
    assert "contoh.id" not in office.last("sri").text
    for who in ("budi", "joko"):
        assert "contoh.id" in office.last(who).text
        assert len(office.last(who).media) == 2
    acts(office, event, "material", "Rekaman: https://contoh.id/rekaman", "lanjut")
    assert "materi" in office.value("SELECT material FROM events")
    assert "contoh.id/materi" not in office.last("budi").text, "what was sent before is not sent again"
    office.says("sri", choice=f"!event {event}")
    assert "contoh.id/materi\nRekaman" in office.last("sri").text
    assert len(office.last("sri").media) == 2


def test_too_much_material_is_refused_in_words(office: World) -> None:
    event = announces(office)
    office.later(hours=24)
    for _ in range(3):
        acts(office, event, "material", "x" * 990, "lanjut")
    assert "terlalu banyak" in acts(office, event, "material", "x" * 990, "lanjut")


def test_the_office_sees_numbers_and_on_a_press_names_as_the_rows_have_them(office: World) -> None:
    event = announces(office)
    answers(office, "budi", event, "coming")
    answers(office, "sri", event, "maybe")
    office.later(hours=23)
    office.says("sri", f"hadir {office.value('SELECT code FROM events')}")
    said = office.says("dewi", choice=f"!event {event}").replace("*", "")
    recount = {
        "Diundang": "SELECT count(*) FROM event_guests",
        "Akan datang": "SELECT count(*) FROM event_guests WHERE answer = 'coming'",
        "Belum pasti": "SELECT count(*) FROM event_guests WHERE answer = 'maybe'",
        "Tidak datang": "SELECT count(*) FROM event_guests WHERE answer = 'not_coming'",
        "Belum menjawab": "SELECT count(*) FROM event_guests WHERE answer IS NULL",
        "Hadir": "SELECT count(*) FROM event_guests WHERE attended_at IS NOT NULL",
    }
    for label, query in recount.items():
        assert f"{label}: {office.value(query)}" in said
    assert "Budi" not in said
    office.picks("dewi", "names")
    said = office.last("dewi").text.replace("*", "")
    assert "Hadir: 1\nSri Lestari" in said
    assert "belum tercatat hadir: 1\nBudi Santoso" in said
    assert "Belum menjawab: 1\nJoko Widodo" in said


def test_an_officer_notes_somebody_present_by_name(office: World) -> None:
    event = announces(office)
    office.later(hours=22, minutes=30)
    acts(office, event, "present", "joko")
    office.presses("dewi", "Joko Widodo")
    joko = office.person("joko").contact_id
    assert (
        office.value(
            "SELECT count(*) FROM event_guests WHERE contact_id = :joko AND attended_at IS NOT NULL", joko=joko
        )
        == 1
    )
    acts(office, event, "present", "djoko widodo")
    office.presses("dewi", "Joko Widodo")
    assert "sudah tercatat" in office.last("dewi").text
    assert "Tidak ada relawan" in acts(office, event, "present", "Mukidi Prawiro")
    assert [row for row in audited(office) if row[0] == "event present"] == [
        ("event present", f"event {event} contact {joko}", True)
    ]


def test_what_the_office_does_is_audited(office: World) -> None:
    event = announces(office)
    acts(office, event, "move", "kamis", "13.00", "ya")
    acts(office, event, "names")
    acts(office, event, "cancel", "hujan lebat")
    subject = f"event {event}"
    assert audited(office) == [
        ("event announce", subject, True),
        ("event move", subject, True),
        ("event names", subject, True),
        ("event cancel", subject, True),
    ]


@pytest.mark.parametrize("who", ["villager", "rini", "paused"])
def test_who_has_no_part_is_refused_and_it_is_audited(office: World, who: str) -> None:
    event = announces(office)
    code = office.value("SELECT code FROM events")
    office.arrives(who)
    if who == "rini":
        office.employs("rini", "Rini", "village", "35.05.01.2002")
    if who == "paused":
        office.makes_volunteer(who, state="paused")
    office.later(hours=23)
    for data in (f"!event {event}", f"!rsvp {event} coming", f"!hadir {code}", "!acara baru"):
        said = office.says(who, choice=data)
        assert "untuk relawan aktif" in said or "Hanya petugas" in said
    assert "untuk relawan aktif" in office.says(who, "acara")
    denied = [(action, subject) for action, subject, allowed in audited(office) if not allowed]
    assert denied == [
        ("event", f"event {event}"),
        ("event answer", f"event {event}"),
        ("event attend", "event"),
        ("event announce", "event"),
    ]
    assert set(guests(office, event)) == {"Budi", "Sri", "Joko"}


def test_a_volunteer_cannot_press_an_officers_button_nor_an_officer_who_was_let_go(office: World) -> None:
    event = announces(office)
    office.says("dewi", choice=f"!event {event}")
    cancel = next(button.data for button in office.last("dewi").buttons if button.data.endswith("|cancel"))
    office.says("budi", choice=cancel)
    office.says("dewi", choice=cancel)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false")
    office.says("dewi", "hujan lebat")
    assert office.value("SELECT state FROM events") == "announced"
    assert ("event", f"event {event}", False) in audited(office)


def test_an_event_that_is_not_there_is_said_so(office: World) -> None:
    for who in ("budi", "dewi"):
        assert "tidak ada" in office.says(who, choice="!event 999")
    assert "tidak ada" in answers(office, "budi", 999, "coming")
    for data in ("!rsvp 1", "!rsvp 1 perhaps", "!rsvp x coming", "!event x"):
        assert "tombol" in office.says("budi", choice=data).lower()


def test_stop_and_mute_keep_messages_away_but_not_the_list(office: World) -> None:
    office.says("budi", "stop acara")
    office.says("joko", "stop")
    before = {who: len(office.inboxes[who]) for who in ("budi", "joko")}
    event = announces(office)
    answers_row = guests(office, event)
    assert set(answers_row) == {"Budi", "Sri", "Joko"}
    acts(office, event, "move", "kamis", "13.00", "ya")
    assert {who: len(office.inboxes[who]) for who in ("budi", "joko")} == before
    assert "Lokakarya" in office.says("budi", "acara")


def test_announced_at_night_it_is_read_in_the_morning(office: World) -> None:
    office.later(hours=11)
    before = len(office.inboxes["budi"])
    announces(office, *TOMORROW_AT_NINE[:3], "kamis", *TOMORROW_AT_NINE[4:])
    assert "jam tenang" in office.last("dewi").text
    assert "25 November 2026 06.00" in office.last("dewi").text
    assert len(office.inboxes["budi"]) == before
    assert office.value("SELECT count(*) FROM outbox WHERE state = 'queued' AND due_at > created_at") == 3


def test_erasing_oneself_takes_answers_and_presence_along(office: World) -> None:
    event = announces(office)
    answers(office, "budi", event, "coming")
    assert "Lokakarya jualan online" in office.says("budi", "data saya")
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert set(guests(office, event)) == {"Sri", "Joko"}
    assert office.value("SELECT count(*) FROM event_guests") == 2
    acts(office, event, "names")
    assert "Budi" not in office.last("dewi").text
    office.later(hours=1)
    assert all("Budi" not in message.text for message in office.ticks())


def test_an_officer_who_is_erased_leaves_the_event_standing(office: World) -> None:
    event = announces(office)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff SET active = false")
    office.arrives("dewi") if not office.person("dewi").consent else None
    for text in ("hapus data", "ya"):
        office.says("dewi", text)
    assert [tuple(row) for row in office.rows("SELECT author_id, state FROM events")] == [(None, "announced")]
    assert "belum dijawab" in office.says("budi", choice=f"!event {event}")


def test_of_two_officers_who_call_it_off_at_once_one_does(office: World) -> None:
    event = announces(office)
    office.employs("andi", "Andi", "officer")
    for who in ("dewi", "andi"):
        office.says(who, choice=f"!event {event}")
        office.picks(who, "cancel")
    before = len(office.inboxes["budi"])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda who: office.says(who, "hujan lebat"), ("dewi", "andi")))
    assert sorted("diberi tahu: 3" in text for text in said) == [False, True]
    assert len(office.inboxes["budi"]) == before + 1


def test_a_press_that_arrives_twice_announces_once(office: World) -> None:
    for text in TOMORROW_AT_NINE[:-1]:
        office.says("dewi", text)
    yes = office.incoming("dewi", "ya")
    office.hears(yes)
    office.hears(yes)
    assert office.value("SELECT count(*) FROM events") == 1

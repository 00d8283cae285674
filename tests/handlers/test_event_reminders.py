"""Reminders of events: a day and an hour before, once each, never in quiet hours, never of what does not take place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handlers.test_events import acts, announces, answers, office
from tests.world import TUESDAY_MORNING, ZONE, World

__all__ = ["office"]
IN_TWO_DAYS = ("acara baru", "Lokakarya jualan online", "Aula", "kamis")
DAY, HOUR = "Pengingat acara", "segera dimulai"
WHO = ("budi", "joko", "sri")
GIVEN = ("coming", "maybe", "not_coming", None)


def reminders(office: World, who: str) -> list[str]:
    """Let the clock tick; returns what kind of reminders somebody got."""
    before = len(office.inboxes.get(who, []))
    office.ticks()
    return [kind_of(message.text) for message in office.inboxes[who][before:]]


def kind_of(text: str) -> str:
    """Tell a day's from an hour's reminder, in both languages."""
    return (
        "day"
        if DAY in text or "Pangeling acara" in text
        else "hour"
        if HOUR in text or "sekedhap malih" in text
        else text
    )


def test_a_day_and_an_hour_before(office: World) -> None:
    event = announces(office, *IN_TWO_DAYS, "09.00", "lewati", "ya")
    answers(office, "budi", event, "coming")
    answers(office, "joko", event, "not_coming")
    office.later(hours=22, minutes=59)
    assert reminders(office, "budi") == []
    office.later(minutes=1)
    before = {who: len(office.inboxes[who]) for who in WHO}
    office.ticks()
    assert {who: len(office.inboxes[who]) - before[who] for who in WHO} == {"budi": 1, "joko": 0, "sri": 1}
    assert "akan datang" in office.last("budi").text
    assert [button.label for button in office.last("budi").buttons] == ["Ubah jawaban"]
    assert len(office.last("sri").buttons) == 3, "who has not answered has the buttons again"
    office.later(hours=23)
    before = {who: len(office.inboxes[who]) for who in WHO}
    office.ticks()
    assert {who: len(office.inboxes[who]) - before[who] for who in WHO} == {"budi": 1, "joko": 0, "sri": 0}
    assert "hadir" in office.last("budi").text
    assert reminders(office, "budi") == []


def test_after_a_stop_of_the_process_it_is_sent_while_it_is_not_too_late(office: World) -> None:
    event = announces(office, *IN_TWO_DAYS, "13.00", "lewati", "ya")
    for who in WHO:
        answers(office, who, event, "coming")
    office.later(hours=48)  # 10.00, three hours before
    assert reminders(office, "budi") == ["day"]
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM reminded")
    office.later(minutes=1)
    assert reminders(office, "budi") == [], "less than three hours before"
    office.later(hours=2, minutes=58)  # 12.59
    assert reminders(office, "budi") == ["hour"]
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM reminded")
    office.later(minutes=1)
    assert reminders(office, "budi") == [], "it has begun"


def test_a_day_before_in_quiet_hours_comes_at_their_end(office: World) -> None:
    announces(office, *IN_TWO_DAYS, "jam 9 malam", "lewati", "ya")
    office.later(hours=35)  # Wednesday, 21.00
    assert reminders(office, "budi") == []
    office.later(hours=8, minutes=59)
    assert reminders(office, "budi") == []
    office.later(minutes=1)
    assert reminders(office, "budi") == ["day"]


def test_who_has_just_heard_of_it_is_not_reminded_at_once(office: World) -> None:
    event = announces(office)  # in 23 hours
    assert reminders(office, "budi") == []
    office.arrives("agus")
    office.makes_volunteer("agus", name="Agus")
    answers(office, "agus", event, "coming")
    assert reminders(office, "agus") == []
    acts(office, event, "move", "besok", "08.00", "ya")
    assert reminders(office, "budi") == []
    office.later(hours=21)
    assert reminders(office, "agus") == ["hour"]


def test_moved_it_is_reminded_of_anew_and_called_off_not_at_all(office: World) -> None:
    event = announces(office, *IN_TWO_DAYS, "09.00", "lewati", "ya")
    office.later(hours=23)
    assert reminders(office, "budi") == ["day"]
    acts(office, event, "move", "jumat", "09.00", "ya")
    assert reminders(office, "budi") == []
    office.later(hours=24)
    assert reminders(office, "budi") == ["day"]
    acts(office, event, "cancel", "hujan lebat")
    answers(office, "budi", event, "coming")
    office.later(hours=23)
    assert reminders(office, "budi") == []


def test_paused_and_muted_volunteers_and_those_in_the_room_already_are_not_reminded(office: World) -> None:
    event = announces(office, *IN_TWO_DAYS, "09.00", "lewati", "ya")
    for who in WHO:
        answers(office, who, event, "coming")
    office.says("budi", "stop acara")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET state = 'paused' WHERE name = 'Joko Widodo'")
    office.later(hours=46)
    before = {who: len(office.inboxes[who]) for who in WHO}
    office.ticks()
    assert {who: len(office.inboxes[who]) - before[who] for who in WHO} == {"budi": 0, "joko": 0, "sri": 1}
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM reminded")
    office.says("sri", f"hadir {office.value('SELECT code FROM events')}")
    assert reminders(office, "sri") == []


@dataclass(frozen=True)
class Plan:
    """An event, what its guests answer, at which hours the process is down, and what the office does at an hour."""

    starts_in: timedelta
    given: tuple[str | None, ...]
    down: frozenset[int]
    changes: dict[int, tuple[str, timedelta]]


PLANS = st.builds(
    Plan,
    starts_in=st.integers(30, 60 * 47).map(lambda minutes: timedelta(minutes=minutes)),
    given=st.tuples(*(st.sampled_from(GIVEN) for _ in WHO)),
    down=st.frozensets(st.integers(1, 48), max_size=12),
    changes=st.dictionaries(
        st.integers(1, 48),
        st.tuples(
            st.sampled_from(["move", "cancel"]),
            st.integers(30, 60 * 30).map(lambda minutes: timedelta(minutes=minutes)),
        ),
        max_size=2,
    ),
)


@given(plan=PLANS)
@settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_at_every_hour_of_two_days_each_goes_out_at_most_once_and_never_amiss(office: World, plan: Plan) -> None:
    begins_anew(office)
    starts_at = office.office.clock() + plan.starts_in
    event = announces(office, "acara baru", "Kelas", "Aula", *typed(starts_at), "lewati", "ya")
    for who, given_answer in zip(WHO, plan.given, strict=True):
        if given_answer is not None:
            answers(office, who, event, given_answer)
    told_at = office.office.clock()
    cancelled = False
    sent: Counter[tuple[str, str, datetime]] = Counter()
    missed: dict[tuple[str, datetime], bool] = {}
    for hour in range(1, 49):
        office.later(hours=1)
        now = office.office.clock()
        local = now.astimezone(ZONE)
        quiet = local.hour >= 20 or local.hour < 6
        if hour in plan.changes and not cancelled and starts_at > now:
            action, ahead = plan.changes[hour]
            if action == "cancel":
                acts(office, event, "cancel", "hujan lebat")
                cancelled = True
            else:
                starts_at, told_at = now + ahead, now
                acts(office, event, "move", *typed(starts_at), "ya")
        if hour in plan.down:
            continue
        before = {who: len(office.inboxes[who]) for who in WHO}
        office.ticks()
        for who, given_answer in zip(WHO, plan.given, strict=True):
            for message in office.inboxes[who][before[who] :]:
                kind = kind_of(message.text)
                assert kind in ("day", "hour"), message.text
                sent[who, kind, starts_at] += 1
                assert not quiet, f"{kind} at {local}"
                assert not cancelled
                ahead_now = starts_at - now
                assert timedelta() < ahead_now <= timedelta(hours=24 if kind == "day" else 1)
                assert kind != "day" or ahead_now >= timedelta(hours=3)
                assert given_answer != "not_coming"
                assert kind == "day" or given_answer is not None
            day_due = timedelta(hours=3) <= starts_at - now <= timedelta(hours=24) < starts_at - told_at
            if day_due and not quiet and not cancelled and given_answer != "not_coming":
                missed[who, starts_at] = not sent[who, "day", starts_at]
    assert set(sent.values()) <= {1}
    assert not any(missed.values()), "who is to be reminded a day before is"


def begins_anew(office: World) -> None:
    """Take away what an earlier example did."""
    with office.engine.begin() as connection:
        for table in ("reminded", "event_guests", "events", "conversations", "outbox"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    office.office = replace(office.office, clock=lambda: TUESDAY_MORNING)


def typed(moment: datetime) -> tuple[Any, ...]:
    """Give day and time as an officer types them, with the part of the day where the hour is small."""
    local = moment.astimezone(ZONE)
    part = " pagi" if 1 <= local.hour <= 6 else ""
    return (f"{local:%d-%m-%Y}", f"{local:%H.%M}{part}")

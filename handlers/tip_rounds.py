"""Sends the tips that are due.

A tip is a broadcast of one lesson on one day; each subscriber whose next lesson it is gets a delivery. Lesson, delivery and
the subscription's next time change in one transaction with the row locked, so that a tip goes out once however many
processes tick and whenever one dies; and since the next time is found from now, an outage of days costs no more than a tip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from flows.lesson import LETTERS, asked, shuffled, taught
from flows.lesson_content import LEVELS, PILLARS, Lesson
from flows.text import LANGUAGES, N_, paragraphs
from handlers import talking
from handlers.filling import ways
from handlers.mail import Mail
from handlers.messages import Sending
from handlers.office import Office
from handlers.tips import next_time, period_of
from handlers.topics import TIPS
from storage import broadcasts, reminded, subscriptions
from storage.subscriptions import Due, Subscription

STEP = 250  # people a transaction: some 15 ms on SQLite, so that turns go on between
HOLD = timedelta(hours=1)  # for so long a tip waits while a person answers questions
OFFERS = (*talking.OFFERS, "learn")  # an open menu keeps no tip waiting


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did: messages to send beside the tips, and where the next step begins."""

    sendings: list[Sending]
    after: tuple[datetime, int] | None = None


def send_due(connection: sa.Connection, office: Office, after: tuple[datetime, int] | None, most: int = STEP) -> Step:
    """Send the tips that are due to the next people; ``after`` of the result is None where nobody is left."""
    now = office.clock()
    if not office.may_disturb(now):
        return Step([])
    due = subscriptions.list_due(connection, ways(office, "tip"), TIPS.name, now, now - HOLD, OFFERS, after, most)
    round_ = _Round(Mail(connection, office, now), due)
    for each in due:
        round_.send(each)
    round_.store()
    last = due[-1].subscription if len(due) == most else None
    more = (last.next_at, last.contact_id) if last is not None and last.next_at is not None else None
    return Step(round_.mail.sendings, more)


class _Round:
    """Tips to some people at one moment."""

    def __init__(self, mail: Mail, due: list[Due]) -> None:
        self.mail, self._due = mail, due
        self._today = mail.office.local(mail.now).date()
        self._path = path(mail.office.registry.lessons)
        self._seen = subscriptions.list_seen(mail.connection, [each.subscription.contact_id for each in due])
        self._tips: list[dict[str, object]] = []
        self._advanced: list[dict[str, object]] = []
        self._broadcasts: dict[str, int] = {}
        self._next: dict[tuple[object, ...], datetime] = {}

    def send(self, due: Due) -> None:
        mine = due.subscription
        heard = mine.last_at is None or (due.heard_at is not None and due.heard_at > mine.last_at)
        silent = 0 if heard else mine.silent
        seen = self._seen[mine.contact_id]
        lesson = next((each for each in self._path if each.id not in seen and mine.pillar in ("", each.pillar)), None)
        last = self.mail.office.local(mine.last_at).date() if mine.last_at else date.min
        if due.reason == "window":
            self._advance(mine, state="held", silent=silent)
        elif due.reason is not None or period_of(mine.period, self._today) <= period_of(mine.period, last):
            self._advance(mine, silent=silent)
        elif silent >= self.mail.office.programme.tip_silence:
            _ask_whether_on(self.mail, mine)
            self._advance(mine, state="asked", silent=silent)
        elif lesson is None:
            _tell_all_seen(self.mail, mine)
            self._advance(mine, silent=0)
        else:
            self._tips.append(
                {
                    "contact_id": mine.contact_id, "lesson": lesson.id, "broadcast_id": self._broadcast(lesson), "channel": due.channel,
                    "address_id": due.address_id, "at": self.mail.now,
                }
            )  # fmt: skip
            self._advance(mine, silent=silent + 1, last_at=self.mail.now)

    def store(self) -> None:
        subscriptions.add_tips(self.mail.connection, self._tips)
        subscriptions.advance(self.mail.connection, self._advanced)

    def _advance(self, mine: Subscription, *, silent: int, state: str = "on", last_at: datetime | None = None) -> None:
        last = last_at or mine.last_at
        self._advanced.append(
            {
                "b_contact": mine.contact_id, "state": state, "silent": silent, "last_at": last, "now": self.mail.now,
                "next_at": self._next_time(mine, last) if state == "on" else None,
            }
        )  # fmt: skip

    def _next_time(self, mine: Subscription, last: datetime | None) -> datetime:
        """Find a next time; of those with the same wish and the same last tip, who are many, only once."""
        key = (mine.period, mine.weekday, mine.minute, last)
        if key not in self._next:
            wanted = Subscription(0, mine.period, mine.weekday, mine.minute, "", "on", None, last, 0, window_told=False)
            self._next[key] = next_time(self.mail.office, wanted, self.mail.now)
        return self._next[key]

    def _broadcast(self, lesson: Lesson) -> int:
        """Find today's broadcast of a lesson, or begin it."""
        if lesson.id not in self._broadcasts:
            self._broadcasts[lesson.id] = begin_tip(self.mail, lesson, self._today)
        return self._broadcasts[lesson.id]


def path(lessons: Mapping[str, Lesson]) -> list[Lesson]:
    """Order all lessons as they are learned: level by level, the pillars in turn."""
    order = list(PILLARS)
    return sorted(
        lessons.values(), key=lambda each: (LEVELS.index(each.level), each.source[-2:], order.index(each.pillar))
    )


def begin_tip(mail: Mail, lesson: Lesson, today: date) -> int:
    """Find or add the broadcast of a lesson on a day, and let it run."""
    key = f"tip:{lesson.id}:{today.isoformat()}"
    options = shuffled(lesson, key)
    text = paragraphs(taught(lesson), asked(lesson, options))
    words = {language: mail.office.voices.of(language).say(text) for language in LANGUAGES}
    buttons = [
        [letter, letter, f"tip_answer {lesson.id} {option.key}"]
        for letter, option in zip(LETTERS, options, strict=False)
    ]
    values = {
        "kind": "tip", "state": "running", "text_id": words["id"], "text_jv": words["jv"], "buttons": json.dumps(buttons), "digest": "",
        "created_at": mail.now, "started_at": mail.now,
    }  # fmt: skip
    found = broadcasts.find_key(mail.connection, key)
    if found is None:
        added = broadcasts.add_once(mail.connection, key, **values)
        if added is not None:
            return added
        found = broadcasts.find_key(mail.connection, key)
    if found is None:
        raise RuntimeError(f"the broadcast {key} is neither there nor can it be added")
    broadcasts.change(mail.connection, found.id, ("done",), state="running", ended_at=None)
    return found.id


def _ask_whether_on(mail: Mail, mine: Subscription) -> None:
    mail.write_to(
        mine.contact_id,
        N_("You have had {count} tips and I have not heard from you. Shall they go on?", count=mine.silent),
        ((N_("Yes, go on"), "lanjut tips"), (N_("No more tips"), "stop tips")),
        topic=TIPS,
    )


def _tell_all_seen(mail: Mail, mine: Subscription) -> None:
    """Say once that there is no lesson left; when there are more, tips come again."""
    fence = len(mail.office.registry.lessons)
    if reminded.is_first(mail.connection, "tips_all", mine.contact_id, 0, fence, mail.now):
        mail.write_to(
            mine.contact_id,
            N_("You have had all the tips there are. When there is a new one, it comes to you. To repeat questions, type *kuis*."),
            ((N_("Repeat"), "kuis"),),
            topic=TIPS,
        )  # fmt: skip


def release(connection: sa.Connection, office: Office, contact_ids: list[int]) -> list[Sending]:
    """Let the held tips of people come who have written again; the first time, say why they waited."""
    mail = Mail(connection, office, office.clock())
    for mine in subscriptions.list_held(connection, contact_ids):
        if not mine.window_told:
            mail.write_to(
                mine.contact_id,
                N_("WhatsApp lets me write to you only within a day of your last message, so your tip waited until now. It comes in a moment."),
                topic=TIPS,
            )  # fmt: skip
        subscriptions.put(
            connection, mine.contact_id, state="on", next_at=mail.now, window_told=True, changed_at=mail.now
        )
    return mail.sendings

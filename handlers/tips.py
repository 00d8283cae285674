"""Use-cases of tips that come by themselves, as a person sees them: subscribing, pausing, ending, answering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from flows.chat import Json
from flows.outcomes import LessonAnswered, Subscribed, SubscriptionChanged
from flows.subscription import when_text
from flows.text import N_
from handlers import learning
from handlers.office import Office
from handlers.turn import Tx
from storage import learning as learned
from storage import subscriptions
from storage.subscriptions import Subscription


def next_time(office: Office, wanted: Subscription, now: datetime) -> datetime:
    """Say when the next tip is due: the next such time after now, in a period (day, ISO week) after that of the last."""
    local = office.local(now)
    last = office.local(wanted.last_at).date() if wanted.last_at else date.min
    day = max(local.date(), last)
    for days in range(15):
        each = day + timedelta(days)
        if wanted.period == "week" and each.weekday() != wanted.weekday:
            continue
        moment = datetime.combine(each, time(wanted.minute // 60, wanted.minute % 60), office.zone)
        if moment > local and period_of(wanted.period, each) > period_of(wanted.period, last):
            return moment
    raise RuntimeError("no time for a tip within two weeks")


def period_of(period: str, day: date) -> tuple[int, ...]:
    """Say in which period a day lies: in each there is at most one tip."""
    return tuple(day.isocalendar()[:2]) if period == "week" else (day.toordinal(),)


def subscribe(tx: Tx, wanted: Subscribed) -> None:
    """Let tips come as a person wishes; what was sent already is not sent again."""
    known = subscriptions.find(tx.connection, tx.person.contact_id)
    last_at = known.last_at if known else subscriptions.find_last_tip(tx.connection, tx.person.contact_id)
    fresh = Subscription(
        tx.person.contact_id, wanted.period, wanted.weekday, wanted.minute, wanted.pillar, "on", None, last_at, 0,
        window_told=False,
    )  # fmt: skip
    next_at = next_time(tx.office, fresh, tx.now)
    subscriptions.put(
        tx.connection, tx.person.contact_id, period=wanted.period, weekday=wanted.weekday, minute=wanted.minute,
        pillar=wanted.pillar, state="on", next_at=next_at, last_at=last_at, silent=0, changed_at=tx.now,
    )  # fmt: skip
    when = when_text(wanted.period, wanted.weekday, wanted.minute)
    tx.say(N_("Noted: a tip {when}, the next on {at}. To change, pause or end it, type *langganan tips*, *jeda tips* or *stop tips*.", when=when, at=tx.office.local(next_at)))  # fmt: skip
    tx.offer(N_("A tip now"), "tips")
    tx.offer(N_("Main menu"), "menu")


def change(tx: Tx, changed: SubscriptionChanged) -> None:
    """Pause, resume or end a person's tips."""
    known = subscriptions.find(tx.connection, tx.person.contact_id)
    if known is None:
        tx.say(N_("You have no tips that come by themselves. To get them, type *langganan tips*."))
    elif changed.action == "end":
        subscriptions.remove(tx.connection, known.contact_id)
        tx.say(N_("All right, no more tips. You can still learn when you like: type *belajar*."))
    elif changed.action == "pause":
        subscriptions.put(tx.connection, known.contact_id, state="paused", next_at=None, changed_at=tx.now)
        tx.say(N_("Paused: no tips until you type *lanjut tips*."))
    else:
        next_at = next_time(tx.office, known, tx.now)
        subscriptions.put(tx.connection, known.contact_id, state="on", next_at=next_at, silent=0, changed_at=tx.now)
        tx.say(N_("Tips come again, the next on {at}.", at=tx.office.local(next_at)))


def facts_of_subscription(tx: Tx) -> dict[str, Json]:
    """Say what a person gets, as the facts of the flow that asks for it."""
    known = subscriptions.find(tx.connection, tx.person.contact_id)
    quiet = tx.office.quiet
    facts: dict[str, Json] = {
        "quiet": [quiet.start.isoformat("minutes"), quiet.end.isoformat("minutes")],
        "weekday": tx.office.local(tx.now).weekday(),
    }
    if known is not None:
        facts["subscription"] = {
            "period": known.period, "weekday": known.weekday, "minute": known.minute, "pillar": known.pillar, "state": known.state,
        }  # fmt: skip
    return facts


def answer(tx: Tx, argument: str) -> None:
    """Take the answer to the question under a tip, whenever it comes; pressed again it counts no second time."""
    lesson_id, _, key = argument.partition(" ")
    lesson = tx.office.registry.lessons.get(lesson_id)
    option = next((each for each in lesson.quiz.options if each.key == key), None) if lesson else None
    if lesson is None or option is None:
        tx.say(N_("That lesson is not there any more."))
        tx.offer(N_("Next lesson"), "tips")
        return
    tx.say(lesson.quiz.right if option.right else lesson.quiz.wrong)
    known = learned.find(tx.connection, tx.person.contact_id, lesson.id)
    today = tx.office.local(tx.now).date().isoformat()
    if known is not None and known.finished_at is not None and not (known.due_on and known.due_on <= today):
        tx.offer(N_("Next lesson"), "tips")
        return
    learning.begin_lesson(tx, lesson.id)
    learning.answer(tx, LessonAnswered(lesson.id, right=option.right))


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "tips_pause": lambda tx, _: change(tx, SubscriptionChanged("pause")),
        "tips_resume": lambda tx, _: change(tx, SubscriptionChanged("resume")),
    }
)

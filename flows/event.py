"""Events for volunteers (workshops): announcing one, the lists of them, and what the office does with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from flows.chat import Chat, Json, Option
from flows.fields import Day, Maybe, Pick, Words
from flows.follow import Addition
from flows.outcomes import EventAnnounced, EventChanged, Nothing, Open, Outcome
from flows.text import N_, Text, lines, paragraphs
from flows.times import TimeOfDay

MOST_TITLE_CHARS = 60
MOST_DAYS_AHEAD = 365
MOST_LABEL_CHARS = 24  # a row of WhatsApp's list picker (twilio.com/docs/content/twilio-list-picker)
TO_COME = "to come"
OVER = "over"
CANCELLED = "cancelled"
ANSWERS: dict[str, Text] = {
    "coming": N_("I am coming"),
    "maybe": N_("Not sure yet"),
    "not_coming": N_("I cannot come"),
}
ANSWERED: dict[str | None, Text] = {
    "coming": N_("coming"),
    "maybe": N_("not sure yet"),
    "not_coming": N_("not coming"),
    "attended": N_("you are noted as present"),
    None: N_("no answer yet"),
}
ACTIONS: dict[str, Text] = {
    "names": N_("List of names"),
    "present": N_("Note somebody present"),
    "material": N_("Send material"),
    "move": N_("Change the time"),
    "cancel": N_("Call it off"),
}
_ACTION_WORDS: dict[str, tuple[str, ...]] = {
    "names": ("nama", "daftar", "asma"),
    "present": ("hadir", "catat", "cathet"),
    "material": ("materi", "bahan"),
    "move": ("ubah", "pindah", "undur", "ewahi"),
    "cancel": ("batalkan", "batalaken"),
}
_NEW = Option("new", N_("New event"), ("baru", "enggal", "acara baru"))
_BACK = Option("leave", N_("Back to the list"), ("kembali ke daftar", "daftar acara"))


@dataclass(frozen=True, slots=True)
class Row:
    """An event in a list.

    ``state``: to come (until its day ends), over or cancelled; ``answer``: the person's own, or that they attended.
    """

    id: int
    title: str
    starts_at: datetime
    state: str
    answer: str | None = None

    def to_json(self) -> Json:
        """Give the row as the facts of a conversation keep it."""
        return [self.id, self.title, self.starts_at.isoformat(), self.state, self.answer]

    @property
    def option(self) -> Option:
        """Give the option that opens the event: its day and as much of its title as a button takes."""
        label = f"{self.starts_at:%d-%m} {self.title}"
        short = label if len(label) <= MOST_LABEL_CHARS else label[: MOST_LABEL_CHARS - 1].rstrip() + "…"
        return Option(f"event:{self.id}", short, (self.title,))


async def events_flow(chat: Chat) -> Outcome:
    """Show a volunteer the events to come, with their own answer, and those gone by. Fact ``events``: rows."""
    rows = _rows(chat)
    if not rows:
        chat.say(N_("No events are planned at the moment. As soon as there is one, you read it here."))
        return Nothing()
    ahead = [row for row in rows if row.state == TO_COME]
    told = [
        N_("*{title}*, {at}: {answer}", title=row.title, at=row.starts_at, answer=ANSWERED[row.answer]) for row in ahead
    ]
    chosen = await chat.ask(
        "event",
        paragraphs(
            lines(N_("*Events of today and later*"), *told) if told else N_("No event is to come at the moment."),
            N_("Gone by in the last two months: {count}. Their material is there too.", count=len(rows) - len(ahead))
            if len(rows) > len(ahead)
            else None,
            N_("Choose one to see all about it."),
        ),
        Pick(tuple(row.option for row in rows)),
    )
    return Open("event", {"event": _number(chosen)})


async def event_desk(chat: Chat) -> Outcome:
    """Show an officer the events. Fact ``events``: rows, those to come first."""
    rows = _rows(chat)
    told = [N_("*{title}*, {at}", title=row.title, at=row.starts_at) for row in rows if row.state == TO_COME]
    rest = len(rows) - len(told)
    chosen = await chat.ask(
        "event",
        paragraphs(
            lines(N_("*Events of today and later*"), *told) if told else N_("No event is to come at the moment."),
            N_("Over or called off, of the last two months: {count}.", count=rest) if rest else None,
        ),
        Pick((_NEW, *(row.option for row in rows))),
    )
    return Open("event_new") if chosen == "new" else Open("event", {"event": _number(chosen)})


async def event_new(chat: Chat) -> Outcome:
    """Ask an officer what is to be announced. Fact ``now``: the local time, ISO."""
    title = await chat.ask(
        "title",
        N_("What is the event called? For example: Workshop on selling online."),
        Words(MOST_TITLE_CHARS, least=3),
        label=N_("Event"),
    )
    place = await chat.ask(
        "place", N_("Where is it? Name the building and the village."), Words(120), label=N_("Place")
    )
    day, at = await _ask_when(chat)
    about = await chat.ask(
        "about",
        N_("What is it about, and what should they bring? If there is nothing to add, type *skip*."),
        Maybe(Words(500)),
        label=N_("About"),
    )
    await chat.review(N_("New event, for all volunteers"))
    return EventAnnounced(title, place, day.isoformat(), f"{at:%H:%M}", about)


async def event_case(chat: Chat) -> Outcome:
    """Ask an officer what to do with an event. Facts: ``event``, ``title``, ``actions``, ``now``; it was shown before."""
    event, title, actions = _number(chat.facts["event"]), str(chat.facts["title"]), chat.facts["actions"]
    options = tuple(Option(each, ACTIONS[each], _ACTION_WORDS[each]) for each in ACTIONS if each in _texts(actions))
    action = await chat.ask(
        "action", N_("What would you like to do with *{title}*?", title=title), Pick((*options, _BACK))
    )
    if action == "leave":
        return Open("event_desk")
    if action == "names":
        return Open("event_names", {"event": event})
    if action == "present":
        name = await chat.ask("name", N_("Who was there? Type the name, or a part of it."), Words(60))
        return Open("event_present", {"event": event, "typed": name})
    if action == "material":
        given = await chat.ask(
            "material",
            N_("Send the link, a document or photos. Whoever came reads it, and whoever wanted to come."),
            Addition(),
        )
        return EventChanged(event, action, note=given.note, media=given.media)
    if action == "cancel":
        reason = await chat.ask("reason", N_("Why is it called off? All guests will read it."), Words(300))
        return EventChanged(event, action, note=reason)
    day, at = await _ask_when(chat)
    await chat.review(N_("New time for {title}", title=title))
    return EventChanged(event, action, day.isoformat(), f"{at:%H:%M}")


async def event_present(chat: Chat) -> Outcome:
    """Ask which of the volunteers with such a name was there. Facts: ``event``, ``people`` [[contact, name], …]."""
    people = chat.facts["people"]
    rows = [row for row in (people if isinstance(people, list) else []) if isinstance(row, list)]
    chosen = await chat.ask(
        "person", N_("Who is it?"), Pick((*(Option(f"person:{number}", str(name)) for number, name in rows), _BACK))
    )
    if chosen == "leave":
        return Open("event", {"event": chat.facts["event"]})
    return EventChanged(_number(chat.facts["event"]), "present", person=_number(chosen))


async def _ask_when(chat: Chat) -> tuple[date, time]:
    """Ask for a day and a time that is still to come."""
    now = datetime.fromisoformat(str(chat.facts["now"]))
    day = await chat.ask(
        "day",
        N_("On which day? For example *tomorrow* or *3 October*."),
        Day(now.date(), past_days=0, future_days=MOST_DAYS_AHEAD),
        label=N_("Day"),
    )
    at = await chat.ask(
        "time",
        N_("At what time does it begin? For example *09.00* or *1 in the afternoon*."),
        TimeOfDay(now.time() if day == now.date() else None),
        label=N_("Time"),
    )
    return day, at


def _rows(chat: Chat) -> list[Row]:
    kept = chat.facts.get("events")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 5]
    return [
        Row(_number(number), str(title), datetime.fromisoformat(str(at)), str(state), None if answer is None else str(answer))
        for number, title, at, state, answer in rows
    ]  # fmt: skip


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _number(value: Json) -> int:
    return int(str(value).rpartition(":")[2])

"""Broadcasts of the office: what is said, with which buttons, to whom and when; then the numbers, and off it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from flows.broadcast_audience import WORDS, ask_audience
from flows.chat import Chat, Flow, Invalid, Json, Option, Reply, Stale
from flows.content import Service
from flows.fields import NONE, Maybe, Pick, Words
from flows.guide_fields import Files
from flows.lesson_content import Lesson
from flows.outcomes import BroadcastComposed, BroadcastDeclined, Nothing, Open, Outcome
from flows.places import Places
from flows.recurrence import Once, Recurrence, describe, dump_recurrence, load_recurrence
from flows.recurring import read_recurring
from flows.text import N_, Text, paragraphs

NOW = "now"
MOST_TEXT_CHARS = 1000  # with the line that says how to mute it, it fits every channel in one message
MOST_BUTTONS = 3  # what WhatsApp takes under one message
MORNING = time(9)  # where no time of day is said
KINDS: Mapping[str, Text] = {
    "news": N_("News"),
    "service": N_("A service"),
    "event": N_("An event"),
    "warning": N_("A warning"),
    "system": N_("About Rewang"),
}
_KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "news": ("berita", "kabar", "pawartos", "warta"),
    "service": ("layanan", "ladosan"),
    "event": ("acara", "workshop"),
    "warning": ("peringatan", "waspada", "penipuan"),
    "system": ("sistem", "rewang", "gangguan"),
}
_KINDS = tuple(Option(kind, label, _KIND_WORDS[kind]) for kind, label in KINDS.items())
_YES = Option("yes", N_("Yes, urgent"), ("ya", "mendesak", "nggih", "penting"))
_NO = Option("no", N_("No"), ("tidak", "biasa", "mboten", "ora"))
_NO_BUTTON = Option("none", N_("No button"), ("tanpa tombol", "tidak", "lewati", "cukup", "mboten", "tanpa"))
_ENOUGH = Option("none", N_("That is all"), ("cukup", "sudah", "lewati", "selesai", "sampun", "tidak"))
_BUTTONS = (
    Option("service", N_("Open a service"), ("layanan", "ladosan")),
    Option("lesson", N_("Open a lesson"), ("materi", "belajar", "sinau")),
    Option("stop", N_("Stop this kind"), ("tombol stop", "tombol berhenti")),
)
_RSVP = Option("rsvp", N_("Answers to an event"), ("acara", "hadir", "jawaban acara"))
_MISSED = (
    Option("once_now", N_("Send it late"), ("kirim", "terlambat", "susulkan", "kirim terlambat")),
    Option("skip", N_("Leave it out"), ("lewati", "jangan", "langkungi")),
)
_SIGN = re.compile(r"(system|service|news|event|warning)(?::[a-z0-9_]{1,30})?")


def read_kind(text: str) -> str | None:
    """Read with which kind a broadcast begins, as a command has it: ``warning``, or ``warning:<what it warns of>``."""
    found = _SIGN.fullmatch(text)
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class When:
    """At once, at a time, or again and again; read from the officer's own words. ``now`` is local."""

    now: datetime
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return (Option(NOW, N_("Now"), ("sekarang", "langsung", "sakniki", "sapunika", "saiki")),)

    def parse(self, reply: Reply) -> str:
        found = "now" if reply.choice == NOW else read_recurring(reply.text, self.now, MORNING)
        if found is None:
            raise Invalid(
                N_("I do not see for sure when. For example *now*, *besok jam 9*, *setiap Senin jam 8* or *tiap tanggal 1 jam 7 sampai Desember*.")
            )  # fmt: skip
        return NOW if found == "now" else dump_recurrence(found)

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if raw != NOW:
            try:
                load_recurrence(str(raw))
            except ValueError:
                raise Stale from None
        return str(raw)

    def show(self, value: str) -> Text:
        return N_("now") if value == NOW else describe(load_recurrence(value))


def repeats(when: str) -> Recurrence | None:
    """Give the recurrence of what goes out again and again; None for what goes out once."""
    recurrence = None if when == NOW else load_recurrence(when)
    return None if recurrence is None or isinstance(recurrence.days, Once) else recurrence


def new_flow(places: Places, services: Mapping[str, Service], lessons: Mapping[str, Lesson]) -> Flow[Outcome]:
    """Make the flow in which an officer writes a broadcast; what it reaches is shown next, before it is sent.

    Facts: ``now``, the local time, ISO; those of the audience; ``kind`` or all answers may be given.
    """

    async def flow(chat: Chat) -> Outcome:
        kind = await chat.ask(
            "kind",
            paragraphs(
                N_("*New broadcast*\nWhat kind is it? People can stop each kind by itself."),
                N_("• *News*: what goes on in the regency\n• *A service*: new or changed services, schedules\n• *An event*: invitations and changes\n• *A warning*: fraud, weather, outages; it may be urgent\n• *About Rewang*: the bot itself"),
            ),
            Pick(_KINDS, keeps=WORDS),
            label=N_("Kind"),
        )  # fmt: skip
        urgent = kind == "warning" and await _ask_urgent(chat)
        text_id, text_jv = await _ask_texts(chat)
        files = await chat.ask(
            "file", N_("Send a picture or a PDF with it, or type *skip*."), Maybe(Files(1)), label=N_("File")
        )
        buttons = await _ask_buttons(chat, services, lessons)
        audience, name = await ask_audience(chat, places, services)
        when = await chat.ask(
            "when",
            N_("When shall it go out? *Now*, or write it: *besok jam 9*, *setiap Senin jam 8*, *tiap tanggal 1 jam 7*."),
            When(datetime.fromisoformat(str(chat.facts["now"]))),
            label=N_("When"),
        )  # fmt: skip
        missed = "once_now" if when == NOW else await _ask_missed(chat)
        await chat.review(N_("New broadcast"))
        media = files[0] if files else None
        composed = BroadcastComposed(
            kind, urgent, text_id, text_jv, media, buttons, audience, name, when, missed
        )  # fmt: skip
        return Open("broadcast_check", {"composed": composed.to_json(), "answers": dict(chat.answers)})

    return flow


async def check_flow(chat: Chat) -> Outcome:
    """Ask what to do with a broadcast whose numbers were shown. Facts: ``composed``, ``answers``."""
    composed, answers = chat.facts["composed"], chat.facts["answers"]
    choice = await chat.ask(
        "choice",
        N_("*Shall it go out like this?*"),
        Pick(
            (
                Option("send", N_("Send it"), ("kirim", "ya", "nggih", "siarkan", "oke")),
                Option("test", N_("Test it on me"), ("coba", "tes", "uji", "cobi")),
                Option("change", N_("Change something"), ("ubah", "ganti", "gantos", "ewahi")),
                Option("leave", N_("Do not send it"), ("jangan", "tidak", "buang", "mboten")),
            )
        ),
    )
    if choice == "send":
        return BroadcastComposed.from_json(composed)
    if choice == "test":
        return Open("broadcast_test", {"composed": composed, "answers": answers})
    if choice == "change":
        return Open("broadcast_new", {"answers": answers})
    chat.say(N_("All right, nothing is sent and nothing of it is kept."))
    return Nothing()


async def decline_flow(chat: Chat) -> Outcome:
    """Ask why a broadcast is not approved. Facts: ``broadcast``, ``seen`` (the digest that was shown)."""
    reason = await chat.ask("reason", N_("Why not? Whoever wrote it will read this."), Words(300))
    return BroadcastDeclined(int(str(chat.facts["broadcast"])), str(chat.facts["seen"]), reason)


async def _ask_urgent(chat: Chat) -> bool:
    asked = N_("Is it *urgent*? Urgent warnings go before everything else. At night they go out only once a second officer has approved.")  # fmt: skip
    return await chat.ask("urgent", asked, Pick((_NO, _YES)), label=N_("Urgent")) == _YES.id


async def _ask_texts(chat: Chat) -> tuple[str | None, str | None]:
    """Ask for the text in both languages; one of them may be missing, and is not made up."""
    words = Words(MOST_TEXT_CHARS, lines=True)
    text_id = await chat.ask(
        "text_id",
        N_("Write the text in *Indonesian*, at most {most} characters; or type *skip*.", most=MOST_TEXT_CHARS),
        Maybe(words),
        label=N_("Indonesian"),
    )
    label = N_("Javanese")
    if text_id is None:
        asked = N_("Then write it in *Javanese*, at most {most} characters. One of the two is needed.", most=MOST_TEXT_CHARS)  # fmt: skip
        return None, await chat.ask("text_jv", asked, words, label=label)
    asked = N_("Now the same in *Javanese* (krama), at most {most} characters; or type *skip*: then everybody reads the Indonesian text.", most=MOST_TEXT_CHARS)  # fmt: skip
    return text_id, await chat.ask("text_jv", asked, Maybe(words), label=label)


async def _ask_buttons(
    chat: Chat, services: Mapping[str, Service], lessons: Mapping[str, Lesson]
) -> tuple[tuple[str, str], ...]:
    """Ask for the buttons under it: what each does, and with which service, lesson or event."""
    found: list[tuple[str, str]] = []
    for number in range(1, MOST_BUTTONS + 1):
        with chat.scope(f"button/{number}"):
            events = _events(chat) if not found else []
            stops = [what for what, _ in found if what == "stop"]
            offered = tuple(each for each in _BUTTONS if each.id not in stops)
            options = (_ENOUGH if found else _NO_BUTTON, *offered, *((_RSVP,) if events else ()))
            asked = N_("Another button?") if found else N_("Shall there be a button under it?")
            what = await chat.ask("what", asked, Pick(options, keeps=WORDS), label=N_("Button"))
            if what == "none":
                break
            if what == "rsvp":
                rows = tuple(Option(f"event:{event}", title, (title,)) for event, title in events)
                asked = N_("Answers to which event? Only volunteers can answer.")
                event = await chat.ask("event", asked, Pick(rows), label=N_("Event"))
                return (("rsvp", event.removeprefix("event:")),)
            if what == "service":
                choices = tuple(Option(each.id, each.short, each.words) for each in services.values())
                asked = N_("Which service? Choose one, or type its name.")
                found.append((what, await chat.ask("service", asked, Pick(choices), label=N_("Service"))))
            elif what == "lesson":
                choices = tuple(Option(each.id, each.short, each.words) for each in lessons.values())
                asked = N_("Which lesson? Choose one, or type a word of its name.")
                found.append((what, await chat.ask("lesson", asked, Pick(choices), label=N_("Lesson"))))
            else:
                found.append((what, ""))
    return tuple(found)


async def _ask_missed(chat: Chat) -> str:
    asked = N_("And if Rewang is not running at that time?\n• *Send it late*: once, as soon as it runs again\n• *Leave it out*: that time is dropped\nEither way you are told.")  # fmt: skip
    return await chat.ask("missed", asked, Pick(_MISSED), label=N_("If missed"))


def _events(chat: Chat) -> list[tuple[int, str]]:
    """List the events to come: fact ``upcoming`` [[id, title], …]."""
    kept = chat.facts.get("upcoming")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 2]
    return [(int(str(number)), str(title)) for number, title in rows]

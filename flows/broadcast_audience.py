"""Whom a broadcast goes to: filters picked one after another, what they leave out again, and both in words.

The filters are those of storage/audiences.py under the same names; a test keeps the two in step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flows.areas import Areas, name_places
from flows.chat import Chat, Json, Option
from flows.content import Service
from flows.fields import Pick, Whole, Words
from flows.lesson_content import PILLARS
from flows.places import Places
from flows.text import N_, Both, Joined, Text, lines, paragraphs

Filters = dict[str, Json]
MOST_FILTERS = 8
MOST_NAME_CHARS = 40
ANY_PILLAR = "*"
WORDS = frozenset(
    ("volunteers", "events", "services", "tips", "language", "learn", "guides")
)  # commands that are answers here
ROLES: Mapping[str, Text] = {
    "villager": N_("villagers"),
    "volunteer": N_("volunteers"),
    "staff": N_("officers"),
}
LANGUAGES: Mapping[str, Text] = {
    "id": Both("Bahasa Indonesia", "Basa Indonesia"),
    "jv": Both("Bahasa Jawa", "Basa Jawi"),
}
CHANNELS: Mapping[str, str] = {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web"}
_ALL = Option("all", N_("Everybody"), ("semua", "semua orang", "sedaya", "kabeh"))
_WHAT = (
    Option("volunteer", N_("Volunteers"), ("relawan", "para relawan")),
    Option("places", N_("Who lives in …"), ("desa", "kecamatan", "tempat", "wilayah")),
    Option("villager", N_("Villagers"), ("warga",)),
    Option("served", N_("Volunteers for …"), ("desa relawan", "wilayah relawan", "desa binaan")),
    Option("requested", N_("Asked for a service"), ("layanan", "permohonan", "ladosan")),
    Option("saved", N_("A saved audience"), ("daftar tersimpan", "daftar simpenan")),
    Option("events", N_("Guests of an event"), ("acara", "tamu acara", "undangan")),
    Option("pillars", N_("Gets tips"), ("tips", "penerima tips", "ingkang nampi tips", "pilar")),
    Option("inactive", N_("Silent for long"), ("lama tidak menulis", "dangu mboten nyerat", "tidak aktif")),
    Option("languages", N_("By language"), ("bahasa", "basa", "menurut bahasa", "miturut basa")),
    Option("channels", N_("By channel"), ("saluran", "menurut saluran", "miturut saluran")),
    Option("staff", N_("Officers"), ("para petugas", "kantor")),
)
_DONE = Option(
    "done",
    N_("That is all"),
    ("cukup", "ya", "nggih", "sudah", "itu saja", "selesai", "sampun", "uwis", "wis", "lanjut"),
)
_NEXT = (
    _DONE,
    Option("more", N_("Another filter"), ("tambah", "saring", "lagi", "malih")),
    Option("but", N_("But not …"), ("kecuali", "bukan", "selain", "kajawi")),
    Option("save", N_("Save under a name"), ("simpan", "simpen")),
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the things in filters are called; events by their id."""

    places: Places
    services: Mapping[str, Service]
    events: Mapping[int, str]


async def ask_audience(chat: Chat, places: Places, services: Mapping[str, Service]) -> tuple[Filters, str | None]:
    """Ask whom a broadcast goes to; returns the filters, and the name under which they are to be saved.

    Facts: ``channels`` [name, …], ``events`` [[id, title], …], ``audiences`` [[id, name, filters as JSON], …].
    """
    names = Names(places, services, dict(_events(chat)))
    chosen: Filters = {}
    mode = "more"
    for number in range(1, MOST_FILTERS + 1):
        with chat.scope(f"to/{number}"):
            found = await _ask_filter(chat, names, first=number == 1, leaves_out=mode == "but")
            chosen = merge(chosen, {"but": [found]} if mode == "but" else found)
            mode = await chat.ask(
                "next",
                paragraphs(N_("*It goes to:*"), describe(chosen, names), N_("Is that all?")),
                Pick(_NEXT if number < MOST_FILTERS else (_DONE, _NEXT[-1])),
            )
        if mode in ("done", "save"):
            break
    if mode != "save":
        return chosen, None
    name = await chat.ask(
        "audience_name",
        N_("Under which name shall I keep this audience? For example *UMKM Kanigoro*. Who belongs to it is looked up anew each time."),
        Words(MOST_NAME_CHARS),
        label=N_("Saved as"),
    )  # fmt: skip
    return chosen, name


def merge(one: Mapping[str, Json], other: Mapping[str, Json]) -> Filters:
    """Put filters together: any of the values of one kind, all kinds at once, without anybody left out by either."""
    merged: Filters = dict(one)
    for kind, value in other.items():
        before = merged.get(kind)
        if isinstance(before, list) and isinstance(value, list):
            merged[kind] = [*before, *(each for each in value if each not in before)]
        else:
            merged[kind] = value
    return merged


def describe(filters: Mapping[str, Json], names: Names) -> Text:
    """Say in words whom filters mean, a line for each."""
    told = _told(filters, names) or [N_("everybody")]
    but = filters.get("but")
    left_out = [each for each in (but if isinstance(but, list) else []) if isinstance(each, dict)]
    return lines(
        *(N_("• {filter}", filter=each) for each in told),
        *(N_("• but not: {filters}", filters=Joined(tuple(_nested(each, names)), "; ")) for each in left_out),
    )


def _nested(filters: Mapping[str, Json], names: Names) -> list[Text]:
    but = filters.get("but")
    left_out = [each for each in (but if isinstance(but, list) else []) if isinstance(each, dict)]
    told = _told(filters, names) or [N_("everybody")]
    return [*told, *(N_("except ({filters})", filters=Joined(tuple(_nested(each, names)), "; ")) for each in left_out)]


def _told(filters: Mapping[str, Json], names: Names) -> list[Text]:
    def listed(kind: str, called: Mapping[str, Text]) -> Text | None:
        values = _values(filters.get(kind))
        return Joined(tuple(called.get(each, each) for each in values), ", ") if values else None

    titles: Mapping[str, Text] = {service.id: service.title for service in names.services.values()}
    found: list[Text] = []
    if roles := listed("roles", ROLES):
        found.append(roles)
    if codes := _values(filters.get("places")):
        found.append(N_("lives in {places}", places=name_places(names.places, codes)))
    if codes := _values(filters.get("served")):
        found.append(N_("volunteer for {places}", places=name_places(names.places, codes)))
    if services := listed("requested", titles):
        found.append(N_("has or had a request: {services}", services=services))
    if pillars := listed("pillars", {ANY_PILLAR: N_("any pillar"), **PILLARS}):
        found.append(N_("gets tips: {pillars}", pillars=pillars))
    if days := filters.get("inactive_days"):
        found.append(N_("has not written for {days} days", days=int(str(days))))
    if events := listed("events", {str(number): title for number, title in names.events.items()}):
        found.append(N_("guest of {events}", events=events))
    if languages := listed("languages", LANGUAGES):
        found.append(N_("speaks {languages}", languages=languages))
    if channels := listed("channels", CHANNELS):
        found.append(N_("on {channels}", channels=channels))
    return found


async def _ask_filter(chat: Chat, names: Names, *, first: bool, leaves_out: bool) -> Filters:
    if leaves_out:
        prompt, label = N_("Who shall *not* get it?"), N_("But not")
    elif first:
        prompt, label = N_("*Who shall get it?*\nChoose one; you can narrow it down afterwards."), N_("To whom")
    else:
        prompt = N_("Which filter? All filters hold together; of the same kind, one is enough.")
        label = N_("And")
    missing = {kind for kind, known in (("saved", _saved(chat)), ("events", _events(chat))) if not known}
    options = tuple(option for option in _WHAT if option.id not in missing)
    what = await chat.ask("what", prompt, Pick(options if leaves_out else (_ALL, *options), keeps=WORDS), label=label)
    if what in ROLES:
        return {"roles": [what]}
    if what == _ALL.id:
        return {}
    match what:
        case "places":
            return {
                what: list(await _ask_areas(chat, what, N_("Where do they live? Type kecamatan or villages."), names))
            }
        case "served":
            asked = N_("For which villages do the volunteers work? Type kecamatan or villages.")
            return {what: list(await _ask_areas(chat, what, asked, names))}
        case "inactive":
            days = await chat.ask(
                "days", N_("For how many days have they not written?"), Whole(1, 3650), label=N_("Days")
            )
            return {"inactive_days": days}
        case "saved":
            saved = _saved(chat)
            options = tuple(Option(f"saved:{number}", name, (name,)) for number, (name, _) in saved.items())
            number = await chat.ask("saved", N_("Which one?"), Pick(options), label=N_("Saved audience"))
            return saved[int(number.removeprefix("saved:"))][1]
        case "events":
            options = tuple(Option(f"event:{number}", title, (title,)) for number, title in _events(chat))
            number = await chat.ask("event", N_("Guests of which event?"), Pick(options), label=N_("Event"))
            return {what: [int(number.removeprefix("event:"))]}
    choices, wording, called = _choices(chat, what, names)
    value: str = await chat.ask(what, wording, Pick(choices), label=called)
    return {what: [value]}


def _choices(chat: Chat, what: str, names: Names) -> tuple[tuple[Option, ...], Text, Text]:
    match what:
        case "requested":
            open_ones = (each for each in names.services.values() if not each.confidential)
            return (
                tuple(Option(each.id, each.short, each.words) for each in open_ones),
                N_("Which service? Choose one, or type its name."),
                N_("Service"),
            )
        case "pillars":
            pillars = (Option(pillar, name, (pillar,)) for pillar, name in PILLARS.items())
            every = Option(ANY_PILLAR, N_("Any pillar"), ("semua", "sedaya"))
            return (every, *pillars), N_("Tips about which pillar?"), N_("Tips")
        case "languages":
            return tuple(Option(each, name) for each, name in LANGUAGES.items()), N_("Which language?"), N_("Language")
    channels = chat.facts.get("channels")
    known = [str(each) for each in (channels if isinstance(channels, list) else [])]
    return tuple(Option(each, CHANNELS.get(each, each)) for each in known), N_("Which channel?"), N_("Channel")


async def _ask_areas(chat: Chat, key: str, prompt: Text, names: Names) -> tuple[str, ...]:
    return await chat.ask(key, prompt, Areas(names.places), label=N_("Places"))


def _events(chat: Chat) -> list[tuple[int, str]]:
    kept = chat.facts.get("events")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 2]
    return [(int(str(number)), str(title)) for number, title in rows]


def _saved(chat: Chat) -> dict[int, tuple[str, Filters]]:
    kept = chat.facts.get("audiences")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 3]
    return {int(str(number)): (str(name), json.loads(str(filters))) for number, name, filters in rows}


def _values(raw: Json | None) -> tuple[str, ...]:
    return tuple(str(each) for each in raw) if isinstance(raw, list) else ()

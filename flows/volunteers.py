"""What the office does with its volunteers: finds them, decides, changes their villages, lets another take over."""

from __future__ import annotations

from flows.chat import Chat, Flow, Json, Option
from flows.fields import Pick, Words
from flows.finding import Find, Listed
from flows.follow import HISTORY
from flows.outcomes import Nothing, Open, Outcome, Replaced, VillagesChanged, VolunteerChanged
from flows.places import Places
from flows.text import N_, Joined, Text
from flows.villages import Village
from flows.volunteer import STATES

ACTIONS: dict[str, Text] = {
    "accept": N_("Accept"),
    "decline": N_("Decline"),
    "pause": N_("Pause"),
    "resume": N_("Let go on"),
    "end": N_("End"),
    "replace": N_("Replace"),
    "villages": N_("Change villages"),
}
_ACTION_WORDS: dict[str, tuple[str, ...]] = {
    "accept": ("terima", "setujui"),
    "decline": ("tolak",),
    "pause": ("jeda", "istirahat"),
    "resume": ("aktifkan", "lanjut"),
    "end": ("akhiri", "nonaktifkan"),
    "replace": ("ganti", "gantikan", "pengganti", "gantos"),
    "villages": ("desa", "ubah desa", "ganti desa", "tambah desa"),
}
NEXT: dict[str, tuple[str, ...]] = {
    "applied": ("accept", "decline"),
    "active": ("pause", "end"),
    "paused": ("resume", "end"),
    "declined": ("accept",),
    "ended": ("accept",),
}
MORE: dict[str, tuple[str, ...]] = {
    "applied": ("villages",), "active": ("replace", "villages"), "paused": ("replace", "villages"),
}  # fmt: skip
REASON_NEEDED = ("decline", "pause", "end")
ADD = Option("add", N_("Add a village"), ("tambah", "tambah desa", "tambahi"))
_MOST_NAME_CHARS = 24
_WHY = N_("Why? They will read it.")


def volunteers_flow(places: Places) -> Flow[Outcome]:
    """Make the flow that shows an officer the volunteers.

    Fact ``volunteers``: [[contact, name, state, [village, …]], …], those who have applied first.
    """

    async def flow(chat: Chat) -> Outcome:
        rows = _rows(chat)
        if not rows:
            chat.say(N_("There are no volunteers yet. Invite them: type *undang relawan*."))
            return Nothing()
        chosen = await chat.ask(
            "volunteer",
            N_(
                "*Volunteers*: {count}\nWaiting to be accepted: {waiting}. Choose one, or type a name, a village or a kecamatan. To invite more, type *undang relawan*.",
                count=len(rows),
                waiting=sum(row[2] == "applied" for row in rows),
            ),
            Find(tuple(_listed(row, places) for row in rows)),
        )
        return Open("volunteer_case", {"volunteer": int(chosen.removeprefix("volunteer:"))})

    return flow


def volunteer_case_flow(places: Places) -> Flow[Outcome]:
    """Make the flow by which an officer decides about a volunteer; who it is was shown before.

    Facts: ``volunteer``, ``name``, ``state``, ``villages`` (official codes); ``history``, whether they got any broadcasts.
    """

    async def flow(chat: Chat) -> Outcome:
        number, name, state = int(str(chat.facts["volunteer"])), str(chat.facts["name"]), str(chat.facts["state"])
        actions = (*NEXT[state], *MORE.get(state, ()))
        leave = Option("leave", N_("Back to the list"), ("kembali ke daftar", "daftar"))
        action = await chat.ask(
            "action",
            N_("What would you like to do with {name}?", name=name),
            Pick(
                (
                    *(Option(each, ACTIONS[each], _ACTION_WORDS[each]) for each in actions),
                    *((HISTORY,) if chat.facts.get("history") else ()),
                    leave,
                )
            ),
        )
        if action == "leave":
            return Open("volunteers")
        if action == HISTORY.id:
            return Open("broadcasts_got", {"contact": number})
        if action == "replace":
            return Open("volunteer_replace", {"volunteer": number})
        if action == "villages":
            return await _change_villages(chat, places, number, name)
        reason = None
        if action in REASON_NEEDED:
            reason = await chat.ask("reason", _WHY, Words(300))
        return VolunteerChanged(number, action, reason)

    return flow


def replace_flow(places: Places) -> Flow[Outcome]:
    """Make the flow by which an officer lets somebody take over from a volunteer.

    Facts: ``volunteer``, ``name``, ``villages``; ``volunteers``, who could, as in volunteers_flow.
    """

    async def flow(chat: Chat) -> Outcome:
        name, rows = str(chat.facts["name"]), _rows(chat)
        if not rows:
            chat.say(N_("There is nobody yet who could take over. Invite somebody: type *undang relawan*."))
            return Nothing()
        chosen = await chat.ask(
            "successor",
            N_("Who takes over from {name}? Choose, or type a name, a village or a kecamatan.", name=name),
            Find(tuple(_listed(row, places) for row in rows)),
        )
        successor = int(chosen.removeprefix("volunteer:"))
        reason = await chat.ask(
            "reason",
            N_(
                "{successor} takes over from {name}: {villages}.\n\nWhy does {name} end? They will read it. To choose somebody else, type *kembali*.",
                successor=next(str(row[1]) for row in rows if row[0] == successor),
                name=name,
                villages=Joined(tuple(places.get(code).name for code in _codes(chat.facts.get("villages"))), ", "),
            ),
            Words(300),
        )
        return Replaced(int(str(chat.facts["volunteer"])), successor, reason)

    return flow


async def _change_villages(chat: Chat, places: Places, number: int, name: str) -> Outcome:
    """Ask which village comes or goes; the last one stays, since a volunteer without any would be found by nobody."""
    codes = _codes(chat.facts.get("villages"))
    choice = "add"
    if len(codes) > 1:
        removals = tuple(
            Option(code, N_("Without {village}", village=places.get(code).name), (places.get(code).name,))
            for code in codes
        )
        choice = await chat.ask(
            "villages",
            N_("Add a village for {name}, or take one away?", name=name),
            Pick((ADD, *removals)),
        )
    if choice != "add":
        return VillagesChanged(number, removed=choice)
    added = await chat.ask("village", N_("Which village shall {name} look after as well?", name=name), Village(places))
    return VillagesChanged(number, added=added)


def _listed(row: list[Json], places: Places) -> Listed:
    number, name, state, _ = row
    named = [places.get(code) for code in _codes(row[3])]
    short = str(name) if len(str(name)) <= _MOST_NAME_CHARS else f"{str(name)[: _MOST_NAME_CHARS - 1].rstrip()}…"
    more = f" +{len(named) - 1}" if len(named) > 1 else ""
    where = f"{named[0].name}{more}" if named else "-"
    words = " ".join((str(name), *(f"{place.name} {place.district}" for place in named)))
    label = N_("{name}, {villages} ({state})", name=short, villages=where, state=STATES[str(state)])
    return Listed(f"volunteer:{number}", label, words)


def _rows(chat: Chat) -> list[list[Json]]:
    kept = chat.facts.get("volunteers")
    return [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 4]


def _codes(value: Json | None) -> list[str]:
    return [str(code) for code in value] if isinstance(value, list) else []

"""Becoming a volunteer (relawan TIK), and what the office does with those who would like to."""

from __future__ import annotations

from flows.chat import Chat, Flow, Option
from flows.fields import Pick, Words
from flows.outcomes import Applied, Nothing, Open, Outcome, VolunteerChanged
from flows.places import Places
from flows.text import N_, Text
from flows.villages import Village

MOST_VILLAGES = 5
MORE = Option("more", N_("One more village"), ("tambah", "lagi", "tambah desa", "malih", "maneh", "ya"))
ENOUGH = Option("enough", N_("That is all"), ("cukup", "sudah", "tidak", "sampun", "uwis", "wis", "mboten", "selesai"))
STATES: dict[str, Text] = {
    "applied": N_("has applied"),
    "active": N_("active"),
    "paused": N_("paused"),
    "declined": N_("not accepted"),
    "ended": N_("no longer a volunteer"),
}
ACTIONS: dict[str, Text] = {
    "accept": N_("Accept"),
    "decline": N_("Decline"),
    "pause": N_("Pause"),
    "resume": N_("Let go on"),
    "end": N_("End"),
}
_ACTION_WORDS: dict[str, tuple[str, ...]] = {
    "accept": ("terima", "setujui"),
    "decline": ("tolak",),
    "pause": ("jeda", "istirahat"),
    "resume": ("aktifkan", "lanjut"),
    "end": ("akhiri", "nonaktifkan"),
}
NEXT: dict[str, tuple[str, ...]] = {
    "applied": ("accept", "decline"),
    "active": ("pause", "end"),
    "paused": ("resume", "end"),
    "declined": ("accept",),
    "ended": ("accept",),
}
REASON_NEEDED = ("decline", "pause", "end")
_TOLD: dict[str, Text] = {
    "applied": N_("Your wish to become a volunteer has arrived. The office answers you here."),
    "active": N_("You are a volunteer already. Thank you for helping!"),
    "paused": N_("You are a volunteer, paused for now. To go on, talk to an officer."),
}


def join_flow(places: Places) -> Flow[Outcome]:
    """Make the flow by which somebody asks to become a volunteer. Fact ``state``: theirs, where they have one."""

    async def flow(chat: Chat) -> Outcome:
        told = _TOLD.get(str(chat.facts.get("state")))
        if told is not None:
            chat.say(told)
            return Nothing()
        chat.say(
            N_("Volunteers (relawan TIK) help their neighbours with phones and services online, and tell the office how it goes. Four questions, then the office decides.")
        )  # fmt: skip
        name = await chat.ask("name", N_("What is your full name?"), Words(60), label=N_("Name"))
        villages = [
            await chat.ask(
                "village",
                N_("Which village would you look after? Type its name or share your location."),
                Village(places),
                label=N_("Village"),
            )
        ]
        while len(villages) < MOST_VILLAGES:
            with chat.scope(f"village/{len(villages) + 1}"):
                more = await chat.ask("more", N_("Would you look after another village too?"), Pick((ENOUGH, MORE)))
                if more == "enough":
                    break
                villages.append(await chat.ask("village", N_("Which village?"), Village(places), label=N_("Village")))
        skills = await chat.ask(
            "skills",
            N_("What are you good at? For example: teaching the phone, photos, selling online, repairing computers."),
            Words(200),
            label=N_("Good at"),
        )
        await chat.review(N_("Become a volunteer"))
        return Applied(name, tuple(dict.fromkeys(villages)), skills)

    return flow


async def volunteers_flow(chat: Chat) -> Outcome:
    """Show an officer the volunteers. Fact ``volunteers``: [[contact, name, state], …], those who have applied first."""
    kept = chat.facts.get("volunteers")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 3]
    if not rows:
        chat.say(N_("There are no volunteers yet. Invite them: they type *daftar relawan*."))
        return Nothing()
    options = tuple(
        Option(
            f"volunteer:{number}",
            N_("{name} ({state})", name=str(name), state=STATES[str(state)]),
            (str(name),),
        )
        for number, name, state in rows
    )
    waiting = sum(state == "applied" for _, _, state in rows)
    chosen = await chat.ask(
        "volunteer", N_("*Volunteers*\nWaiting to be accepted: {waiting}. Choose one.", waiting=waiting), Pick(options)
    )
    return Open("volunteer_case", {"volunteer": int(chosen.removeprefix("volunteer:"))})


async def volunteer_case(chat: Chat) -> Outcome:
    """Let an officer decide about a volunteer. Facts: ``volunteer``, ``name``, ``state``; who it is was shown before."""
    actions = NEXT[str(chat.facts["state"])]
    leave = Option("leave", N_("Back to the list"), ("kembali ke daftar", "daftar"))
    action = await chat.ask(
        "action",
        N_("What would you like to do with {name}?", name=str(chat.facts["name"])),
        Pick((*(Option(each, ACTIONS[each], _ACTION_WORDS[each]) for each in actions), leave)),
    )
    if action == "leave":
        return Open("volunteers")
    reason = None
    if action in REASON_NEEDED:
        reason = await chat.ask("reason", N_("Why? They will read it."), Words(300))
    return VolunteerChanged(int(str(chat.facts["volunteer"])), action, reason)

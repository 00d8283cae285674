"""Becoming a volunteer (relawan TIK): who would like to, for which villages, with which skills."""

from __future__ import annotations

from flows.chat import Chat, Flow, Option
from flows.fields import Pick, Words
from flows.outcomes import Applied, Nothing, Outcome
from flows.places import Places
from flows.text import N_, Text
from flows.villages import Village
from flows.words import BARE_WORDS

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
_TOLD: dict[str, Text] = {
    "applied": N_("Your wish to become a volunteer has arrived. The office answers you here."),
    "active": N_("You are a volunteer already. Thank you for helping!"),
    "paused": N_("You are a volunteer, paused for now. To go on, talk to an officer."),
}


def join_flow(places: Places) -> Flow[Outcome]:
    """Make the flow by which somebody asks to become a volunteer.

    Facts: ``state``, theirs, where they have one; ``invitation`` and who it is from, ``inviter``, where they were invited;
    ``village``, which the invitation is for, is prefilled.
    """

    async def flow(chat: Chat) -> Outcome:
        told = _TOLD.get(str(chat.facts.get("state")))
        if told is not None:
            chat.say(told)
            return Nothing()
        chat.say(
            N_("Volunteers (relawan TIK) help their neighbours with phones and services online, and tell the office how it goes. A few questions, then the office decides.")
        )  # fmt: skip
        inviter, invitation = chat.facts.get("inviter"), chat.facts.get("invitation")
        if inviter:
            chat.say(N_("{name} of the office invites you.", name=str(inviter)))
        if (place := places.find_code(str(chat.facts.get("village")))) is not None:
            chat.say(N_("The invitation is for {village}.", village=place.full_name))
        name = await chat.ask("name", N_("What is your full name?"), Words(60, refused=BARE_WORDS), label=N_("Name"))
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
            Words(200, refused=BARE_WORDS),
            label=N_("Good at"),
        )
        await chat.review(N_("Become a volunteer"))
        return Applied(name, tuple(dict.fromkeys(villages)), skills, str(invitation) if invitation else None)

    return flow

"""What a person decides about themselves: language, village, erasure, and asking for an officer."""

from __future__ import annotations

from flows.chat import Chat, Flow, Option
from flows.fields import Pick, Words
from flows.onboarding import CHOOSE_LANGUAGE, INDONESIAN, JAVANESE
from flows.outcomes import EraseMe, HandedOver, LanguageChosen, Nothing, Outcome, VillageChosen
from flows.places import Places
from flows.text import N_
from flows.villages import Village
from flows.words import NO_WORDS, YES_WORDS

ERASE = Option("erase", N_("Yes, erase"), ("hapus", "busak", *YES_WORDS))
KEEP = Option("keep", N_("No, keep it"), NO_WORDS)


async def language_flow(chat: Chat) -> Outcome:
    """Ask for the language."""
    return LanguageChosen(await chat.ask("language", CHOOSE_LANGUAGE, Pick((INDONESIAN, JAVANESE))))


def village_flow(places: Places) -> Flow[Outcome]:
    """Make the flow that changes the village."""

    async def flow(chat: Chat) -> Outcome:
        return VillageChosen(
            await chat.ask(
                "village",
                N_("Which village are you from? Type its name, share your location, or choose from the list."),
                Village(places),
            )
        )

    return flow


async def erase_flow(chat: Chat) -> Outcome:
    """Ask for a confirmation before everything about a person goes."""
    choice = await chat.ask(
        "sure",
        N_("I will erase your name, village, drafts, messages and photos. Of your requests only a nameless record stays (service, village, dates), and the office can no longer answer you about them. This cannot be undone. Are you sure?"),
        Pick((ERASE, KEEP)),
    )  # fmt: skip
    if choice == "erase":
        return EraseMe()
    chat.say(N_("Nothing was erased."))
    return Nothing()


async def officer_flow(chat: Chat) -> Outcome:
    """Ask what the talk with an officer is about. Fact ``opens``: a text, when the office is closed now."""
    opens = chat.facts.get("opens")
    prompt = (
        N_("What would you like to talk about with the officer? Write it in a sentence.")
        if opens is None
        else N_(
            "The office is closed now; it opens {when}. Write your message, an officer will answer then.",
            when=str(opens),
        )
    )
    return HandedOver(await chat.ask("about", prompt, Words(500, least=1)))

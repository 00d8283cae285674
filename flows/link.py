"""Joining this account with the person's other one, whose code they have typed here."""

from __future__ import annotations

from flows.chat import Chat, Option
from flows.fields import Pick
from flows.outcomes import Linked, Nothing, Outcome
from flows.text import N_, Joined, Text, paragraphs
from flows.words import NO_WORDS, YES_WORDS

JOIN = Option("join", N_("Yes, join them"), ("gabung", "hubungkan", "gandhengaken", *YES_WORDS))
LEAVE = Option("leave", N_("No, leave it"), NO_WORDS)
_MASK = "…"


async def link_flow(chat: Chat) -> Outcome:
    """Say what will happen, and ask for a yes.

    Facts: ``code``; ``name`` (masked), ``village``, ``channel`` and ``staff`` of the other account.
    """
    named: list[Text] = [str(chat.facts[key]) for key in ("name", "village") if chat.facts.get(key)]
    nameless = N_("without a name")
    choice = await chat.ask(
        "sure",
        paragraphs(
            N_(
                "*Join two accounts*\nThe other account: {who} ({channel}).",
                who=Joined(tuple(named or [nameless]), ", "),
                channel=str(chat.facts["channel"]),
            ),
            N_("It works for the office; this account will, too.") if chat.facts.get("staff") else None,
            N_(
                "This account and that one become one person: requests, drafts, visits and villages of both are then seen from both. This cannot be undone. Is the other account yours, and shall I join them?"
            ),
        ),
        Pick((JOIN, LEAVE)),
    )
    if choice == "join":
        return Linked(str(chat.facts["code"]))
    chat.say(N_("All right, nothing was joined."))
    return Nothing()


def mask_name(name: str) -> str:
    """Show of a name what its bearer recognises and nobody else learns: the first letter of each word."""
    return " ".join(f"{word[0]}{_MASK}" for word in name.split()[:4])

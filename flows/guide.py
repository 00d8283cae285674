"""The library of guides for volunteers: leaf through it, search it, ask about a guide."""

from __future__ import annotations

from flows.chat import Chat, Json, Option
from flows.fields import Pick, Words
from flows.guide_fields import FOUND, Search
from flows.outcomes import GuideAsked, Nothing, Open, Outcome
from flows.text import N_, Text
from flows.words import BARE_WORDS

MOST_QUESTION_CHARS = 600
_ALL = Option("all", N_("All guides"), ("semua", "sedaya", "semua panduan", "sedaya panduan"))


async def library_flow(chat: Chat) -> Outcome:
    """Let somebody choose a guide or search. Facts: ``guides`` [[id, title], …], the newest first; ``count`` of all;
    ``words`` where they were searched for.
    """
    rows = chat.facts.get("guides")
    found = [row for row in (rows if isinstance(rows, list) else []) if isinstance(row, list) and len(row) == 2]
    words = chat.facts.get("words")
    if not chat.facts.get("count"):
        chat.say(N_("There are no guides yet. As soon as the office publishes one, you get it here."))
        return Nothing()
    options = tuple(guide_option(number, str(title)) for number, title in found)
    chosen = await chat.ask(
        "guide",
        _prompt(words, len(found), int(str(chat.facts["count"]))),
        Search(Pick((*options, _ALL) if words else options)),
    )
    if chosen == _ALL.id:
        return Open("guides")
    if chosen.startswith(FOUND):
        return Open("guides", {"words": chosen.removeprefix(FOUND)})
    return Open("guide", {"guide": int(chosen.removeprefix("guide:"))})


async def ask_flow(chat: Chat) -> Outcome:
    """Take a question about a guide. Facts: ``guide`` and ``title``."""
    text = await chat.ask(
        "question",
        N_("What would you like to ask about *{title}*? Write it here.", title=str(chat.facts["title"])),
        Words(MOST_QUESTION_CHARS, lines=True, refused=BARE_WORDS),
    )
    return GuideAsked(int(str(chat.facts["guide"])), text)


def guide_option(number: Json, title: str, label: Text | None = None) -> Option:
    """Make a guide's option: it is chosen by its title, too."""
    return Option(f"guide:{number}", label or title, (title,))


def _prompt(words: Json, found: int, count: int) -> Text:
    if not words:
        return N_("*Guides*\nThere are {count}, the newest first. Choose one, or type a word to search.", count=count)
    if not found:
        return N_(
            "No guide has *{words}*. Try another or a shorter word, or choose all guides. To leave, type *menu*.",
            words=str(words),
        )
    return N_("Guides with *{words}*: {found}. Choose one, or type another word.", words=str(words), found=found)

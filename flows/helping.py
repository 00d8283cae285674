"""A volunteer's tasks: requests of villagers they have taken, and those that still wait for somebody."""

from __future__ import annotations

from flows.chat import Chat, Json, Option
from flows.fields import Maybe, Pick, Words
from flows.outcomes import Helped, Nothing, Open, Outcome
from flows.text import N_, Both, Text
from flows.words import BARE_WORDS

ACTIONS: dict[str, Text] = {
    "progress": N_("Tell how it goes"),
    "ask": N_("Ask the sender"),
    "done": N_("Done"),
    "hand_on": N_("Hand on"),
    "return": N_("Give back"),
}
_ACTION_WORDS: dict[str, tuple[str, ...]] = {
    "progress": ("kabar", "kabari", "proses"),
    "ask": ("tanya", "minta", "taken"),
    "done": ("selesai", "rampung"),
    "hand_on": ("alihkan", "oper"),
    "return": ("kembalikan", "lepas", "wangsulaken"),
}


async def tasks(chat: Chat) -> Outcome:
    """Let a volunteer choose a task. Facts ``mine`` and ``offered``: [[id, code, title id, title jv, …], …]."""
    mine, offered = _rows(chat.facts.get("mine")), _rows(chat.facts.get("offered"))
    if not mine and not offered:
        chat.say(N_("You have no tasks, and nothing waits in your villages. Thank you!"))
        return Nothing()
    options = (
        *(_option("task", row) for row in mine),
        *(_option("offer", row) for row in offered),
    )
    choice = await chat.ask(
        "choice",
        N_(
            "*Your tasks*\nYou help with: {mine}. Waiting for a volunteer: {offered}. Choose one.",
            mine=len(mine),
            offered=len(offered),
        ),
        Pick(options),
    )
    kind, _, number = choice.partition(":")
    return Open(kind, {"request": int(number)})


async def task(chat: Chat) -> Outcome:
    """Let a volunteer act on a request they have taken; what it says was shown before.

    Facts: ``request``, ``code``, and ``others`` [[contact, name], …], to whom it can be handed on.
    """
    others = tuple(
        Option(f"to:{row[0]}", str(row[1]), (str(row[1]),)) for row in _rows(chat.facts.get("others")) if len(row) == 2
    )
    actions = [action for action in ACTIONS if action != "hand_on" or others]
    leave = Option("leave", N_("Back to my tasks"), ("kembali ke tugas", "tugas"))
    action = await chat.ask(
        "action",
        N_("What would you like to do with {code}?", code=str(chat.facts["code"])),
        Pick((*(Option(each, ACTIONS[each], _ACTION_WORDS[each]) for each in actions), leave)),
    )
    request, note, to = int(str(chat.facts["request"])), None, None
    match action:
        case "leave":
            return Open("tasks")
        case "progress":
            note = await chat.ask("note", N_("How does it go? Write it here; the sender will read it."), Words(700))
        case "ask":
            note = await chat.ask(
                "note", N_("What do you need? Write it here; the sender will read it."), Words(700, refused=BARE_WORDS)
            )
        case "done":
            note = await chat.ask(
                "note", N_("What shall the sender know? Write it here, or choose *skip*."), Maybe(Words(700))
            )
        case "hand_on":
            to = int((await chat.ask("to", N_("To whom?"), Pick(others))).removeprefix("to:"))
        case "return":
            note = await chat.ask(
                "reason", N_("Why? The office and the next volunteer will read it, not the sender."), Words(300)
            )
    return Helped(request, action, note, to)


def _option(kind: str, row: list[Json]) -> Option:
    number, code, title_id, title_jv = (str(each) for each in row[:4])
    title = Both(title_id, title_jv)
    label = N_("{code} {title}", code=code, title=title)
    if kind == "offer":
        label = N_("New: {code} {title}", code=code, title=title)
    return Option(f"{kind}:{number}", label, (code, title_id, title_jv))


def _rows(value: Json | None) -> list[list[Json]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []

"""Guides at the office: publish one, see how far it came, answer what volunteers ask, take it back."""

from __future__ import annotations

from flows.chat import Chat, Json, Option
from flows.fields import Maybe, Pick, Words
from flows.guide import guide_option
from flows.guide_fields import Files, Link
from flows.outcomes import GuideAnswered, GuidePublished, GuideWithdrawn, Open, Outcome
from flows.text import N_, Joined, Text, lines, paragraphs

MOST_TITLE_CHARS = 50  # it stands on a button, with the number of questions beside it
MOST_TEXT_CHARS = 1200
MOST_FILES = 4
MOST_ANSWER_CHARS = 1000
# How far a guide came with a reader, in the order told; then what readers did themselves.
STATES: dict[str, Text] = {
    "waiting": N_("waiting to be sent"),
    "sent": N_("sent"),
    "delivered": N_("delivered"),
    "read": N_("read"),
    "unknown": N_("not certain"),
    "failed": N_("failed"),
    "skipped": N_("not sent"),
    "not_written": N_("not written to"),
    "library": N_("found it themselves"),
}
DEEDS: dict[str, Text] = {"opened": N_("opened it"), "confirmed": N_("say that they have read it")}


async def publish_flow(chat: Chat) -> Outcome:
    """Take a guide from an officer. What was written before a file turned out unfit is prefilled."""
    title = await chat.ask(
        "title",
        N_("*New guide for all volunteers*\nWhat is it called? At most {most} characters.", most=MOST_TITLE_CHARS),
        Words(MOST_TITLE_CHARS, 3, keeps=frozenset(("broadcasts",))),  # "Wara-wara" is a good title too
        label=N_("Title"),
    )
    text = await chat.ask(
        "text",
        N_(
            "Write the guide itself, at most {most} characters. Lines and paragraphs stay as you write them.",
            most=MOST_TEXT_CHARS,
        ),
        Words(MOST_TEXT_CHARS, 10, lines=True),
        label=N_("Text"),
    )
    link = await chat.ask("link", N_("Is there a link to more? Send it, or type *skip*."), Link(), label=N_("Link"))
    files = await chat.ask(
        "files",
        N_("Send a PDF, or up to {most} photos. If there are none, type *skip*.", most=MOST_FILES),
        Maybe(Files(MOST_FILES)),
        label=N_("Files"),
    )
    await chat.review(N_("Publish a guide"))
    return GuidePublished(title, text, link, files or ())


async def desk_flow(chat: Chat) -> Outcome:
    """Show an officer all guides. Fact ``guides``: [[id, title, withdrawn, open questions], …]."""
    rows = [row for row in _rows(chat.facts.get("guides")) if len(row) == 4]
    new = Option("new", N_("New guide"), ("baru", "panduan baru", "terbitkan", "enggal"))
    options = tuple(guide_option(number, str(title), _label(str(title), gone, waiting)) for number, title, gone, waiting in rows)  # fmt: skip
    chosen = await chat.ask(
        "guide",
        N_(
            "*Guides for volunteers*\nQuestions to be answered: {open}. Choose a guide, or write a new one.",
            open=sum(int(str(row[3])) for row in rows),
        ),
        Pick((new, *options)),
    )
    return Open("guide_new") if chosen == new.id else Open("guide_case", {"guide": int(chosen.removeprefix("guide:"))})


async def case_flow(chat: Chat) -> Outcome:
    """Show an officer how far a guide came and ask what to do.

    Facts: ``guide``, ``title``, ``published``, ``withdrawn`` (or None), ``counts`` by state, ``open`` questions, ``threads``
    [[contact, name, open questions], …].
    """
    guide, counts = int(str(chat.facts["guide"])), _counts(chat.facts.get("counts"))
    threads = [row for row in _rows(chat.facts.get("threads")) if len(row) == 3]
    chat.say(_summary(chat, counts))
    actions = [Option("show", N_("Read it"), ("baca", "isi", "waos"))]
    named = [state for state in (*STATES, *DEEDS) if counts.get(state)]
    if named:
        actions.append(Option("names", N_("Names"), ("nama", "daftar nama", "asma")))
    if threads:
        actions.append(Option("threads", N_("Questions"), ("pertanyaan", "tanya", "pitakenan")))
    if not chat.facts.get("withdrawn"):
        actions.append(Option("withdraw", N_("Withdraw it"), ("tarik", "cabut", "hapus")))
    actions.append(Option("leave", N_("All guides"), ("kembali ke daftar", "daftar", "semua")))
    action = await chat.ask("action", N_("What would you like to do?"), Pick(tuple(actions)))
    if action == "show":
        return Open("guide", {"guide": guide})
    if action == "names":
        state = await chat.ask(
            "state",
            N_("Whose names?"),
            Pick(tuple(Option(each, _counted(each, counts[each])) for each in named), per_page=10),
        )
        return Open("guide_names", {"guide": guide, "state": state})
    if action == "threads":
        options = tuple(Option(f"thread:{contact}", _waiting(str(name), waiting)) for contact, name, waiting in threads)
        thread = await chat.ask("thread", N_("Whose questions?"), Pick(options))
        return Open("guide_thread", {"guide": guide, "volunteer": int(thread.removeprefix("thread:"))})
    if action == "withdraw":
        keep = Option("keep", N_("No, keep it"), ("tidak", "batal", "mboten"))
        sure = Option("sure", N_("Yes, withdraw it"), ("ya", "tarik", "nggih"))
        asked = N_("Withdraw this guide? It leaves the library; who got it keeps the message.")
        if await chat.ask("withdraw", asked, Pick((keep, sure))) == sure.id:
            return GuideWithdrawn(guide)
        return Open("guide_case", {"guide": guide})
    return Open("guide_desk")


async def names_flow(chat: Chat) -> Outcome:
    """Say who is in a state. Facts: ``guide``, ``state``, ``names``, ``count``."""
    names = chat.facts.get("names")
    shown = [str(name) for name in (names if isinstance(names, list) else [])]
    state, count = str(chat.facts["state"]), int(str(chat.facts["count"]))
    chat.say(
        lines(
            N_("*{state}: {count}*", state=STATES.get(state) or DEEDS[state], count=count),
            Joined(tuple(N_("• {name}", name=name) for name in shown)),
            N_("and {more} more", more=count - len(shown)) if count > len(shown) else None,
        )
    )
    return Open("guide_case", {"guide": int(str(chat.facts["guide"]))})


async def thread_flow(chat: Chat) -> Outcome:
    """Take an officer's answer to a thread that was shown before. Facts: ``guide``, ``volunteer``, ``name``, ``upto``:
    the last open question, None where all is answered.
    """
    guide, upto = int(str(chat.facts["guide"])), chat.facts.get("upto")
    if upto is None:
        chat.say(N_("This is answered already; nothing waits."))
        return Open("guide_case", {"guide": guide})
    text = await chat.ask(
        "answer",
        N_("Write the answer that {name} will read. To leave it, type *batal*.", name=str(chat.facts["name"])),
        Words(MOST_ANSWER_CHARS, lines=True),
    )
    return GuideAnswered(guide, int(str(chat.facts["volunteer"])), int(str(upto)), text)


def _summary(chat: Chat, counts: dict[str, int]) -> Text:
    told = {state: counts[state] for state in STATES if counts.get(state)}
    withdrawn = chat.facts.get("withdrawn")
    return paragraphs(
        lines(
            N_("*{title}*", title=str(chat.facts["title"])),
            N_("Published: {at}", at=str(chat.facts["published"])),
            N_("Withdrawn: {at}", at=str(withdrawn)) if withdrawn else None,
        ),
        lines(
            N_("Volunteers: {count}, each counted once, by how far it came:", count=sum(told.values())),
            *(N_("• {state}", state=_counted(state, number)) for state, number in told.items()),
        ),
        lines(
            *(N_("• {state}", state=_counted(state, counts.get(state, 0))) for state in DEEDS),
            N_("Questions to be answered: {count}", count=int(str(chat.facts["open"]))),
        ),
    )


def _counted(state: str, count: int) -> Text:
    return N_("{state}: {count}", state=STATES.get(state) or DEEDS[state], count=count)


def _label(title: str, gone: Json, waiting: Json) -> Text:
    return N_("✕ {title}", title=title) if gone else _waiting(title, waiting)


def _waiting(name: str, waiting: Json) -> Text:
    return N_("({open}) {name}", open=int(str(waiting)), name=name) if waiting else name


def _rows(value: Json | None) -> list[list[Json]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _counts(value: Json | None) -> dict[str, int]:
    return {state: int(str(count)) for state, count in value.items()} if isinstance(value, dict) else {}

"""Following up: a person's own requests, and what an office does with a request."""

from __future__ import annotations

from dataclasses import dataclass

from flows.broadcast import KINDS
from flows.chat import Chat, Invalid, Json, Narrow, Option, Reply, Stale
from flows.fields import GO_ON, NONE, Maybe, Pick, Words, is_done
from flows.outcomes import Changed, Nothing, Open, Outcome
from flows.text import N_, Both, Text
from flows.words import BARE_WORDS

STATES: dict[str, Text] = {
    "received": N_("received"),
    "checked": N_("checked"),
    "needs_more": N_("needs something from you"),
    "in_progress": N_("in progress"),
    "ready": N_("ready"),
    "done": N_("done"),
    "declined": N_("declined"),
}
ACTIONS: dict[str, Text] = {
    "take": N_("Take it"),
    "progress": N_("Start work"),
    "ask_more": N_("Ask for more"),
    "reply": N_("Reply"),
    "ready": N_("Ready"),
    "done": N_("Done"),
    "decline": N_("Decline"),
}
_ACTION_WORDS: dict[str, tuple[str, ...]] = {
    "take": ("ambil", "pendhet"),
    "progress": ("proses", "kerjakan"),
    "ask_more": ("minta", "kurang", "lengkapi"),
    "reply": ("balas", "jawab"),
    "ready": ("siap", "jadi", "dados"),
    "done": ("selesai", "rampung"),
    "decline": ("tolak",),
}
_BROADCAST = Option("broadcast", N_("New broadcast"), ("siaran baru", "buat siaran", "siaran enggal", "woro-woro"))
HISTORY = Option("broadcasts_got", N_("Broadcasts received"), ("siaran", "siaran diterima"))
NOTE_NEEDED = ("ask_more", "decline", "reply")
NEXT: dict[str, tuple[str, ...]] = {
    "received": ("take", "ask_more", "reply", "decline"),
    "checked": ("progress", "take", "ask_more", "ready", "done", "reply", "decline"),
    "needs_more": ("progress", "take", "ask_more", "reply", "decline"),
    "in_progress": ("ready", "done", "take", "ask_more", "reply", "decline"),
    "ready": ("done", "progress", "reply"),
    "done": ("progress",),
    "declined": ("progress",),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody adds to a request: words, photos or both."""

    note: str
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """Words and photos in any number of messages, until the person says that it is all; ``at_once`` the first is all."""

    most_photos: int = 5
    most_chars: int = 1000
    at_once: bool = False
    wants: str = "photo"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> Given:
        held = self._held(reply.held)
        if held is not None and is_done(reply):
            return held
        before = held or Given("", ())
        given = self.take(reply, before)
        if not given.note and not given.media:
            raise Invalid(N_("Please write your answer or send a photo."))
        if self.at_once and given != before:
            return given
        raise Narrow(
            N_("Noted. Send more if there is more, or choose *go on*."),
            (GO_ON,),
            self.dump(given),
        )

    def take(self, reply: Reply, before: Given = Given("", ())) -> Given:
        """Put what a message brings behind what was given before."""
        note = " ".join(reply.text.split())[: self.most_chars]
        media = tuple(item.id for item in reply.media if item.kind in ("photo", "document", "voice"))
        notes = "\n".join(filter(None, (before.note, note)))
        return Given(notes[: self.most_chars], (before.media + media)[: self.most_photos])

    def dump(self, value: Given) -> Json:
        return {"note": value.note, "media": list(value.media)}

    def load(self, raw: Json) -> Given:
        found = self._held(raw)
        if found is None:
            raise Stale
        return found

    def show(self, value: Given) -> Text:
        return value.note or N_("{count} photos", count=len(value.media))

    def _held(self, raw: Json) -> Given | None:
        if not isinstance(raw, dict):
            return None
        note, media = raw.get("note"), raw.get("media")
        if not isinstance(note, str) or not isinstance(media, list):
            return None
        return Given(note, tuple(str(item) for item in media))


ANSWER = Addition(most_photos=10, most_chars=4000, at_once=True)  # as many as are shown; as long as a message can be


async def my_requests(chat: Chat) -> Outcome:
    """Let a person choose one of their requests. Fact ``requests``: [[id, code, title id, title jv, state], …]."""
    rows = [row for row in _rows(chat.facts.get("requests")) if len(row) == 5]
    if not rows:
        chat.say(N_("You have no requests yet. Type *layanan* to ask for a service, or *lapor* to report something."))
        return Nothing()
    options = tuple(
        Option(
            str(number),
            N_("{code} {title}", code=str(code), title=Both(str(title_id), str(title_jv))),
            (str(code), str(title_id), str(title_jv)),
        )
        for number, code, title_id, title_jv, _ in rows
    )
    return Open(
        "my_request",
        {
            "request": int(
                await chat.ask("request", N_("Your requests. Which one would you like to see?"), Pick(options))
            )
        },
    )


async def supplement(chat: Chat) -> Outcome:
    """Take what the office still needs for a request: it goes to them with the first message. Facts: ``request``, ``code``."""
    given = await chat.ask(
        "more",
        N_("What would you like to add to {code}? Write it here or send photos.", code=str(chat.facts["code"])),
        ANSWER,
    )
    return Changed(_number(chat), "add", given.note or None, given.media)


async def reopen(chat: Chat) -> Outcome:
    """Ask why a request is not done after all. Facts: ``request``, ``code``."""
    why = await chat.ask(
        "why",
        N_("What is still missing in {code}? Write it in a sentence.", code=str(chat.facts["code"])),
        Words(500, refused=BARE_WORDS),
    )
    return Changed(_number(chat), "reopen", why)


async def desk(chat: Chat) -> Outcome:
    """Show an officer what waits. Facts: ``requests`` as in my_requests (the first few of ``open``), and
    ``handovers`` [[id, name or village], …], ``broadcasts`` that wait for approval [[id, kind], …], and ``office``: whether they may
    send broadcasts.
    """
    rows = [row for row in _rows(chat.facts.get("requests")) if len(row) == 5]
    waiting = [row for row in _rows(chat.facts.get("handovers")) if len(row) == 2]
    talks = tuple(Option(f"talk:{number}", N_("Talk: {name}", name=str(name)), ("bicara",)) for number, name in waiting)
    cases = tuple(
        Option(
            f"case:{number}",
            N_("{code} {title}", code=str(code), title=Both(str(title_id), str(title_jv))),
            (str(code),),
        )
        for number, code, title_id, title_jv, _ in rows
    )
    waits = [row for row in _rows(chat.facts.get("broadcasts")) if len(row) == 2]
    approvals = tuple(
        Option(f"broadcast:{number}", N_("Approve: {kind} {number}", kind=KINDS.get(str(kind), str(kind)), number=str(number)), ("siaran",))
        for number, kind in waits
    )  # fmt: skip
    if not talks and not cases and not approvals:
        chat.say(N_("Nothing is waiting. Thank you!"))
        return Nothing()
    choice = await chat.ask(
        "choice",
        N_(
            "*Officer's desk*\nOpen requests: {cases}, the oldest first. People waiting to talk: {talks}.",
            cases=int(str(chat.facts.get("open", len(cases)))),
            talks=len(talks),
        ),
        Pick(approvals + talks + cases + ((_BROADCAST,) if chat.facts.get("office") else ())),
    )
    kind, _, number = choice.partition(":")
    if kind == "broadcast":
        return Open("broadcast_request", {"broadcast": int(number)}) if number else Open("broadcast_new")
    return Open("case" if kind == "case" else "talk", {"request" if kind == "case" else "handover": int(number)})


async def case(chat: Chat) -> Outcome:
    """Let an officer act on a request. Facts: ``request``, ``code``, ``state``; what it says was shown before.

    Fact ``sender`` is who sent it, where there is something to see of what broadcasts they got.
    """
    actions = NEXT.get(str(chat.facts["state"]), ())
    leave = Option("leave", N_("Back to the desk"), ("kembali ke meja", "meja"))
    options = tuple(Option(action, ACTIONS[action], _ACTION_WORDS[action]) for action in actions)
    action = await chat.ask(
        "action",
        N_("What would you like to do with {code}?", code=str(chat.facts["code"])),
        Pick((*options, *((HISTORY,) if chat.facts.get("sender") else ()), leave), per_page=10),
    )
    if action == "leave":
        return Open("desk")
    if action == HISTORY.id:
        return Open("broadcasts_got", {"contact": chat.facts["sender"]})
    prompt = N_("Write the note that the sender will read.")
    words = Words(700)
    if action in NOTE_NEEDED:
        note: str | None = await chat.ask("note", prompt, words)
    elif action == "take":
        note = None
    else:
        note = await chat.ask("note", prompt, Maybe(words))
    return Changed(_number(chat), action, note)


def _rows(value: Json | None) -> list[list[Json]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _number(chat: Chat) -> int:
    return int(str(chat.facts["request"]))

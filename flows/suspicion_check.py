"""The check of a suspicious message: it is asked for, looked at, and answered with hints and with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.chat import Chat, Invalid, Json, Narrow, Option, Reply, Stale
from flows.fields import NONE
from flows.outcomes import Checked, Open, Outcome
from flows.suspicion import find_signs, keep_known
from flows.suspicion_signs import SIGNS
from flows.text import N_, Joined, Text, lines, paragraphs

FRAUD = "adu_penipuan"  # the complaint about it
REPORT = f"request:{FRAUD}"
MOST_PICTURES = 3  # as the complaint takes
MOST_HINTS = 5
_FEWEST_WORDS = 2
PASS_ON = Option("pass", N_("Pass it on"), ("teruskan", "terusno", "lajengaken", "kirim", "ya", "nggih", "petugas"))
MONEY_GONE = N_(
    "*Money or a code already given?* Do not be ashamed, and do not wait: call your bank now to block it, then report at iasc.ojk.go.id."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was sent to be checked: the signs in its words, or pictures (our ids) that are passed on unread."""

    signs: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A message to be looked at. Only the signs are kept, none of its words."""

    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> Seen:
        held = tuple(str(each) for each in reply.held) if isinstance(reply.held, list) else ()
        if held and reply.choice == PASS_ON.id:
            return Seen(pictures=held)
        signs = find_signs(reply.text)
        if signs or len(reply.text.split()) >= _FEWEST_WORDS:
            return Seen(signs)
        pictures = (*held, *(each.id for each in reply.media if each.kind == "photo"))[:MOST_PICTURES]
        if pictures:
            raise Narrow(
                N_("I can only read words, not pictures. Please type what it says, or pass the picture on to the office."),
                (PASS_ON,), list(pictures),
            )  # fmt: skip
        if reply.media:
            raise Invalid(N_("I can only read words. Please type what the message says."))
        raise Invalid(N_("Please send the message itself on to me, or type what it says."))

    def dump(self, value: Seen) -> Json:
        return [list(value.signs), list(value.pictures)]

    def load(self, raw: Json) -> Seen:
        if not (isinstance(raw, list) and len(raw) == 2 and all(isinstance(each, list) for each in raw)):
            raise Stale
        signs, pictures = (tuple(map(str, each)) for each in raw if isinstance(each, list))
        return Seen(keep_known(signs), pictures)

    def show(self, value: Seen) -> Text:
        return names_of(value.signs)


async def suspicion_flow(chat: Chat) -> Outcome:
    """Ask for the message, and look at it; what follows is the handler's."""
    seen = await chat.ask(
        "message",
        N_("Are you unsure about a message? Send it on to me, or type what it says. I never open its links."),
        Suspect(),
    )
    return Open(REPORT, {"photos": list(seen.pictures)}) if seen.pictures else Checked(seen.signs)


def names_of(signs: Sequence[str]) -> Text:
    """Name signs in a row."""
    return Joined(tuple(SIGNS[sign].name for sign in signs), "; ")


def tell_signs(signs: Sequence[str]) -> Text:
    """Say which signs there are and what to do; where there are none, that this proves nothing."""
    if not signs:
        return paragraphs(
            N_("I find none of the signs I know in it. *That proves nothing:* a swindler can write without them."),
            N_("*How to check:* ask the sender by another way, by the number you have kept yourself; look on the official website (government: go.id), or search its title with the word *hoaks*. Until you are sure, do not click, pay or send it on."),
            MONEY_GONE,
        )  # fmt: skip
    more = len(signs) - MOST_HINTS
    return paragraphs(
        lines(
            N_("*Signs to be wary of in this message:*"),
            *(Joined(("•", SIGNS[sign].hint), " ") for sign in signs[:MOST_HINTS]),
            N_("• and {count} more", count=more) if more > 0 else None,
        ),
        N_("These are hints only: I cannot tell whether the message is genuine."),
        N_("*What to do:* do not click, install or pay, and give nobody an OTP or PIN. Ask the bank, courier or office yourself, by the number on your card or their own website, not by the one in the message."),
        MONEY_GONE,
    )  # fmt: skip

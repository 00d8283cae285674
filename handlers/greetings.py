"""Greetings and thanks, answered as they were meant."""

from __future__ import annotations

from flows.choices import reads_as
from flows.spelling import fold
from flows.text import N_, Both, Text
from handlers.turn import Tx

_SALAM = (
    "assalamualaikum",
    "asalamualaikum",
    "asslmkm",
    "ass wr wb",
    "samlikum",
    "assalamu alaikum",
    "assalamualaikum wr wb",
    "assalamualaikum wr. wb.",
)
_KNOCK = ("kula nuwun", "kulo nuwun", "kulonuwun", "nuwun sewu", "permisi", "punten")
_HELLO = ("halo", "hallo", "hai", "hi", "hello", "p", "ping", "selamat pagi", "selamat siang", "selamat sore", "selamat malam", "pagi", "siang",
          "sore", "malam", "sugeng enjing", "sugeng siyang", "sugeng sonten", "sugeng dalu", "sugeng rawuh", "rahayu", "min", "pak", "bu", "mas", "mbak")  # fmt: skip
_THANKS = (
    "terima kasih",
    "makasih",
    "trims",
    "matur nuwun",
    "maturnuwun",
    "suwun",
    "nuwun",
    "matur suwun",
    "mksh",
    "tks",
    "thanks",
    "ok",
    "oke",
    "baik",
    "siap",
    "nggih",
)
_MOST_CHARS = 60


def answer(tx: Tx, text: str) -> Text | None:
    """Answer a message that is nothing but a greeting; None if it is none."""
    return begin(tx, text) if reads_as(text, (*_SALAM, *_KNOCK, *_HELLO)) else None


def begin(tx: Tx, text: str) -> Text:
    """Greet back somebody whose message begins with a greeting."""
    begun = f"{fold(text[:_MOST_CHARS])} "
    if any(begun.startswith(f"{fold(word)} ") for word in _SALAM):
        return Both(id="Waalaikumsalam.", jv="Waalaikumsalam.")
    if any(begun.startswith(f"{fold(word)} ") for word in _KNOCK):
        return Both(id="Mangga.", jv="Mangga.")
    return daytime(tx)


def daytime(tx: Tx) -> Text:
    """Greet by the time of day in Blitar."""
    hour = tx.office.local(tx.now).hour
    if 4 <= hour < 11:
        return N_("Good morning.")
    if 11 <= hour < 15:
        return N_("Good day.")
    if 15 <= hour < 18:
        return N_("Good afternoon.")
    return N_("Good evening.")


def is_thanks(text: str) -> bool:
    """Tell whether a message is nothing but thanks."""
    return reads_as(text, _THANKS)


def welcome(tx: Tx) -> None:
    """Answer thanks."""
    tx.say(N_("You are welcome. I am here whenever you need me."))
    tx.offer(N_("Main menu"), "menu")

"""A message while no question is open: a greeting, a code, the name of a service, or something not understood."""

from __future__ import annotations

from flows.chat import Option, Reply
from flows.choices import choose, reads_as, seen
from flows.codes import find_code
from flows.menu import COMPLAINT, HELP, LANGUAGE, LEARN, MINE, OFFICER, SERVICES
from flows.registry import Registry
from flows.text import N_, Both, Text
from handlers import commands, talking
from handlers.outcomes import settle
from handlers.turn import Tx
from storage import contacts, requests

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
_MENU = (SERVICES, COMPLAINT, MINE, LEARN, LANGUAGE, HELP, OFFICER)
_MOST_APOLOGIES = 1  # in a row; after that an officer is offered


def hear(tx: Tx, reply: Reply) -> None:
    """Do what a message asks for, where no question is open."""
    text = reply.text.strip()
    if (command := commands.find_command(text)) is not None:
        commands.run(tx, command)
    elif find_code(text):
        commands.show_code(tx, text)
    elif (said := greeting_for(tx, text)) is not None:
        tx.say(said)
        settle(tx, talking.start(tx, "menu"))
    elif reads_as(text, _THANKS):
        tx.say(N_("You are welcome. I am here whenever you need me."))
        tx.offer(N_("Main menu"), "menu")
    elif (found := find_wish(tx.office.registry, text)) is not None:
        settle(tx, talking.start(tx, found))
    elif not _adds_to_request(tx, reply):
        _apologise(tx, reply)
        return
    _forget_apologies(tx)


def greeting_for(tx: Tx, text: str) -> Text | None:
    """Answer a greeting as it was meant; None if the text is none."""
    if reads_as(text, _SALAM):
        return Both(id="Waalaikumsalam.", jv="Waalaikumsalam.")
    if reads_as(text, _KNOCK):
        return Both(id="Mangga.", jv="Mangga.")
    return daytime(tx) if reads_as(text, _HELLO) else None


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


def find_wish(registry: Registry, text: str) -> str | None:
    """Find the flow that a few words name: a service, a complaint, or a choice of the menu."""
    services = tuple(
        Option(
            f"request:{s.id}", s.short, (s.title.id, s.title.jv, s.short.id, s.short.jv, *s.names["id"], *s.names["jv"])
        )
        for s in registry.services.values()
    )
    return choose(text, seen(_MENU)) or choose(text, seen(services)) if text else None


def _adds_to_request(tx: Tx, reply: Reply) -> bool:
    """Take a message as the answer to the one request that waits for more from this person."""
    waiting = [
        row for row in requests.list_of_contact(tx.connection, tx.person.contact_id, 20) if row.state == "needs_more"
    ]
    if len(waiting) != 1 or not (reply.text or reply.media):
        return False
    settle(tx, talking.start(tx, "supplement", {"request": waiting[0].id, "code": waiting[0].code}, reply=reply))
    return True


def _apologise(tx: Tx, reply: Reply) -> None:
    if tx.said:  # something was answered already: whom to call, or that a number was masked
        settle(tx, talking.start(tx, "menu"))
        return
    contacts.change_contact(tx.connection, tx.person.contact_id, apologies=tx.person.apologies + 1)
    if reply.media or reply.location:
        tx.say(N_("Thank you for the file. What is it for? Please choose first, then send it again when I ask for it."))
        settle(tx, talking.start(tx, "menu"))
    elif tx.person.apologies < _MOST_APOLOGIES:
        tx.say(N_("Sorry, I do not understand that yet."))
        settle(tx, talking.start(tx, "menu"))
    else:
        tx.say(N_("Sorry, I still do not understand. Shall I pass it on to an officer?"))
        tx.offer(N_("Talk to an officer"), "petugas")
        tx.offer(N_("Main menu"), "menu")


def _forget_apologies(tx: Tx) -> None:
    if tx.person.apologies:
        contacts.change_contact(tx.connection, tx.person.contact_id, apologies=0)

"""A message while no question is open: a greeting, a code, the name of a service, or something not understood."""

from __future__ import annotations

from flows.chat import Reply
from flows.codes import find_code, find_invitation
from flows.suspicion import carries_bait, find_signs, looks_sent_on
from flows.suspicion_check import FRAUD
from flows.text import N_
from handlers import answers, attendance, checking, commands, fieldwork, greetings, suspicion, talking, wishes
from handlers.outcomes import settle
from handlers.replies import find_button, take_change
from handlers.turn import Tx
from handlers.words import Command, find_command
from storage import contacts

_WRITTEN_OF = frozenset(("request_service", "complaint"))
_MOST_APOLOGIES = 1  # in a row; after that an officer is offered


def hear(tx: Tx, reply: Reply) -> None:
    """Do what a message asks for, where no question is open."""
    text = reply.text.strip()
    if (command := find_command(text) or find_button(tx, text)) is not None:
        commands.run(tx, command)
    elif (invitation := find_invitation(text)) is not None:
        commands.run(tx, Command("invited", invitation))
    elif find_code(text):
        commands.show_code(tx, text)
    elif attendance.hear_code(tx, text):
        tx.offer(N_("Main menu"), "menu")
    elif (said := greetings.answer(tx, text)) is not None:
        tx.say(said)
        settle(tx, talking.start(tx, "menu"))
    elif greetings.is_thanks(text):
        greetings.welcome(tx)
    elif text and take_change(tx, text):
        pass  # it is in the review that was shown
    elif checking.hear_question(tx, reply):
        pass  # what was found in the message, or which one is meant
    elif (
        not answers.hear(tx, reply)
        and not _adds_to_visit(tx, reply)
        and not (text and (_sends_on(tx, text) or wishes.hear(tx, text)))
    ):
        _apologise(tx, reply)
        return
    _forget_apologies(tx)


def _adds_to_visit(tx: Tx, reply: Reply) -> bool:
    """Take photos as those of a visit reported before, unless their words report another."""
    if not reply.media or (reply.text and wishes.is_visit(tx, reply.text)):
        return False
    return fieldwork.take_late_photos(tx, reply)


def _sends_on(tx: Tx, text: str) -> bool:
    """Look at a message sent on without a question that has signs of fraud, unless its words surely mean something; says whether it did.

    Where it carries bait, a service that is surely meant may be only what the swindler writes of.
    """
    if not looks_sent_on(text):
        return False
    meant = wishes.understand(tx, text)
    is_own = meant.intent not in _WRITTEN_OF or meant.slots.get("service") == FRAUD or not carries_bait(text)
    if meant.is_sure and meant.intent != "out_of_scope" and is_own:
        return False
    tx.say(N_("This looks like a message that somebody sent you, so I looked at it for you."))
    suspicion.tell(tx, find_signs(text))
    return True


def _apologise(tx: Tx, reply: Reply) -> None:
    if tx.said:  # something was answered already: whom to call, or that a number was masked
        settle(tx, talking.start(tx, "menu"))
        return
    if reply == Reply():  # a sticker: as good as a greeting
        settle(tx, talking.start(tx, "menu"))
        return
    contacts.change_contact(tx.connection, tx.person.contact_id, apologies=tx.person.apologies + 1)
    if any(each.kind == "voice" for each in reply.media):
        tx.say(
            N_(
                "I cannot listen to voice messages yet. Please write in a few words what you need, or talk to an officer."
            )
        )
        tx.offer(N_("Talk to an officer"), "petugas")
        tx.offer(N_("Main menu"), "menu")
    elif reply.media or reply.location:
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

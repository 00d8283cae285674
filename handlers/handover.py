"""Use-cases of hand-overs: a person talks with an officer, and the bot is silent until that is closed."""

from __future__ import annotations

import json

from flows.text import N_, Joined, Text, paragraphs
from handlers.rights import may_talk
from handlers.turn import Denied, Tx
from storage import contacts, handovers, inbound
from storage.handovers import Handover


def open_talk(tx: Tx, about: str) -> None:
    """Open a hand-over and tell the staff who may take it."""
    number = handovers.open_handover(tx.connection, tx.person.contact_id, about, tx.now)
    tx.say(
        N_(
            "I pass this on to an officer; they answer you here. Until then I am silent; whatever you write, they will read. To end the talk type *batal*."
        )
    )
    notice = paragraphs(N_("*Somebody would like to talk*"), about)
    for officer in contacts.list_staff(tx.connection):
        if officer.role != "village" and officer.contact_id != tx.person.contact_id:
            tx.push(officer.contact_id, notice, ((N_("Take it"), f"talk {number}"),))


def take_talk(tx: Tx, number: int) -> None:
    """Let an officer take a hand-over: shows what was written so far and connects both.

    Raises:
        Denied: not staff of the regency's office.
    """
    if not may_talk(tx.person):
        raise Denied(N_("Only officers can take a talk."), "talk", f"handover {number}")
    if (mine := handovers.find_open(tx.connection, officer_id=tx.person.contact_id)) is not None:
        tx.say(N_("You are in a talk already. Close it first: type *tutup*."))
        del mine
        return
    talk = handovers.find_open(tx.connection, handover_id=number)
    if talk is None or not handovers.take(tx.connection, number, tx.person.contact_id, tx.now):
        tx.say(N_("Somebody else has taken it, or it is closed."))
        return
    contacts.add_audit(tx.connection, tx.person.contact_id, "talk", f"handover {number}", allowed=True, at=tx.now)
    tx.about = talk.contact_id
    messages = [json.loads(body) for body in inbound.list_bodies(tx.connection, talk.contact_id, talk.opened_at)]
    tx.say(
        paragraphs(
            N_(
                "*You now talk with {name}*. Whatever you write goes to them, until you type *tutup*.",
                name=name_of(tx, talk),
            ),
            talk.about,
            Joined(tuple(str(message["text"]) for message in messages if message["text"])),
        )
    )
    tx.photos += [item for message in messages for item in message["media"]][:10]
    tx.push(talk.contact_id, N_("You now talk with {name} of the office.", name=tx.person.staff_name or "-"))


def hear_contact(tx: Tx, talk: Handover, text: str) -> None:
    """Pass on what the person wrote; while nobody has taken the talk it is kept for whoever does."""
    if talk.officer_id is not None:
        photos = tuple(item.id for item in tx.media)
        tx.push(talk.officer_id, _signed(name_of(tx, talk), text or N_("(file)")), photos=photos)


def hear_officer(tx: Tx, talk: Handover, text: str) -> None:
    """Pass on what the officer wrote."""
    photos = tuple(item.id for item in tx.media)
    tx.push(talk.contact_id, _signed(tx.person.staff_name or "-", text or N_("(file)")), photos=photos)


def close_talk(tx: Tx, talk: Handover) -> None:
    """Close a hand-over from either side and tell both; the bot answers again."""
    if not handovers.close(tx.connection, talk.id, tx.now):
        return
    if tx.person.contact_id == talk.contact_id:
        tx.say(N_("The talk is closed. I am here again; type *menu* for the choices."))
        if talk.officer_id is not None:
            tx.push(talk.officer_id, N_("{name} has closed the talk.", name=name_of(tx, talk)))
        return
    contacts.add_audit(tx.connection, tx.person.contact_id, "close", f"handover {talk.id}", allowed=True, at=tx.now)
    tx.say(N_("The talk is closed."))
    tx.offer(N_("Back to the desk"), "desk")
    tx.push(talk.contact_id, N_("The officer has closed the talk. I am here again."), ((N_("Main menu"), "menu"),))


def name_of(tx: Tx, talk: Handover) -> str:
    """Say who the person of a hand-over is: their name, or at least their village."""
    place = tx.office.registry.places.find_code(talk.village) if talk.village else None
    return ", ".join(filter(None, (talk.name, place.full_name if place else None))) or f"#{talk.id}"


def _signed(name: str, text: Text) -> Text:
    return Joined((N_("*{name}:*", name=name), text))

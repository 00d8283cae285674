"""Use-cases of one person on two channels: a code is shown on one account and typed on the other, and both become one.

What gives trust is that somebody holds both accounts. So the account of somebody of the office only joins when the code was
shown there (linking gives the other address the role, so the role must have asked for it), and never with the web page,
where a cookie is all there is. storage/linking.py says which side's data holds.
"""

from __future__ import annotations

from datetime import timedelta

from flows.chat import Json
from flows.codes import LINK_DIGITS, make_link_code
from flows.link import mask_name
from flows.outcomes import Linked
from flows.text import N_, Text, paragraphs
from handlers.messages import Outgoing
from handlers.rights import WEB
from handlers.turn import Denied, Tx
from storage import contacts, handovers, link_codes, linking, outbox
from storage.contacts import Reach

VALID_FOR = timedelta(minutes=10)
MOST_WRONG = 5  # codes a contact may get wrong
WRONG_IN = timedelta(hours=1)  # in so long
_TRIES = 8  # with a new number each; there are 100 million


def show_code(tx: Tx) -> None:
    """Give the person a code for their other account, in place of an earlier one.

    Raises:
        Denied: in a talk, or of the office and on the web page.
    """
    me = tx.person.contact_id
    is_staff = contacts.find_staff(tx.connection, me) is not None
    if is_staff and _is_unproven(tx, tx.person.channel):
        raise _denied(me, N_("You work for the office: please begin on Telegram or WhatsApp, not on the web page."))
    _check_talks(tx, me)
    code = _put(tx)
    tx.say(
        paragraphs(
            N_("*Join two accounts*\nTo be the same person on your other channel (WhatsApp, Telegram or the web page), write there to Rewang, until {at}:", at=tx.now + VALID_FOR),
            N_("*hubungkan {code}*", code=code),
            N_("Whoever types the code sees everything of yours. Give it to nobody, not even to somebody who says they are from the office."),
            N_("You work for the office: the other account gets your role, too.") if is_staff else None,
        )
    )  # fmt: skip


def look_up(tx: Tx, code: str) -> dict[str, Json] | None:
    """Find whose code was typed: gives what the question about it needs; None where too many were wrong.

    A wrong code is audited, and these rows count the tries: they are durable and need no table of their own.

    Raises:
        Denied: a wrong code, or these two accounts may not be joined.
    """
    me = tx.person.contact_id
    link_codes.lock(tx.connection, me)
    if link_codes.count_wrong(tx.connection, me, tx.now - WRONG_IN) >= MOST_WRONG:
        tx.say(N_("That was wrong {most} times. Please try again in an hour, with a new code.", most=MOST_WRONG))
        tx.offer(N_("Main menu"), "menu")
        return None
    other = link_codes.find_other(tx.connection, code, tx.now)
    if other is None:
        raise Denied(
            N_("That code is not right, or its ten minutes are over. Get a new one: type *hubungkan* on your other account."),
            link_codes.WRONG_CODE,
            f"contact {me}",
        )  # fmt: skip
    _check(tx, other.contact_id)
    place = tx.office.registry.places.find_code(other.village) if other.village else None
    reach = tx.reach(other.contact_id)
    return {
        "code": code,
        "name": mask_name(other.name) if other.name else None,
        "village": place.full_name if place else None,
        "channel": _name(reach.channel if reach else None),
        "staff": contacts.find_staff(tx.connection, other.contact_id) is not None,
    }


def link(tx: Tx, linked: Linked) -> None:
    """Join this account to the one whose code was typed; the turn goes on as the one person they are now.

    Raises:
        Denied: these two accounts may not be joined.
    """
    second = tx.person.contact_id
    other = link_codes.find_other(tx.connection, linked.code, tx.now)
    if other is not None:
        link_codes.lock(tx.connection, other.contact_id, second)
    if other is None or not link_codes.take_code(tx.connection, other.contact_id, linked.code, tx.now):
        tx.say(
            N_("That code has run out or was used meanwhile. Get a new one: type *hubungkan* on your other account.")
        )
        return
    first = other.contact_id
    _check(tx, first)
    before = tx.reach(first)
    linking.merge(tx.connection, first, second, tx.now)
    contacts.add_audit(tx.connection, first, link_codes.JOINED, f"contact {second}", allowed=True, at=tx.now)
    person = contacts.find_person(tx.connection, tx.person.channel, tx.person.address)
    if person is None:
        raise RuntimeError("an account that was just joined is not there")
    tx.person, tx.conversation = person, person.conversation
    tx.speak(person.language)
    tx.say(N_("Done: both accounts are one now. Write on either; what I have to tell you comes where you wrote last."))
    if before is not None:
        _tell(tx, before)


def _tell(tx: Tx, before: Reach) -> None:
    """Tell the person on the account the code was shown on: if it was not them, they should know there."""
    told = tx.voice.say(
        N_(
            "This account is now one with an account on {channel}. Was that not you? Type *petugas* at once.",
            channel=_name(tx.person.channel),
        )
    )
    tx.enqueue(tx.person.contact_id, before.channel, before.address, outbox.PUSH, Outgoing(told), None)


def _check(tx: Tx, first: int) -> None:
    second = tx.person.contact_id
    if first == second:
        raise _denied(first, N_("That is this very account's code. Type it on your other account."))
    if contacts.find_staff(tx.connection, second) is not None:
        raise _denied(
            first, N_("This account works for the office: type *hubungkan* here, and the code on your other account.")
        )
    if contacts.find_staff(tx.connection, first) is not None and any(
        _is_unproven(tx, channel) for channel in contacts.list_channels(tx.connection, second)
    ):
        raise _denied(first, N_("An account of the office cannot be joined with one of the web page."))
    _check_talks(tx, first, second)


def _check_talks(tx: Tx, *contact_ids: int) -> None:
    if handovers.is_talking(tx.connection, *contact_ids):
        raise _denied(
            contact_ids[0], N_("A talk with an officer is still open. Close it first: type *batal*, officers *tutup*.")
        )


def _is_unproven(tx: Tx, channel: str) -> bool:
    return channel == WEB and not tx.office.demo


def _denied(first: int, why: Text) -> Denied:
    return Denied(why, link_codes.JOINED, f"contact {first}")


def _put(tx: Tx) -> str:
    for _ in range(_TRIES):
        code = make_link_code(tx.office.random_below(10**LINK_DIGITS))
        if link_codes.put_code(tx.connection, tx.person.contact_id, code, tx.now, tx.now + VALID_FOR):
            return code
    raise RuntimeError(f"no free code after {_TRIES} tries")


def _name(channel: str | None) -> str:
    """Name a channel as people do."""
    return {"telegram": "Telegram", "whatsapp": "WhatsApp", WEB: "web"}.get(channel or "", "-")

"""Use-cases of invitations: the office hands out a code, who sends it applies as invited, and a use counts when they have."""

from __future__ import annotations

from datetime import timedelta

from flows.chat import Json
from flows.codes import INVITATIONS, make_invitation
from flows.outcomes import Invited
from flows.text import N_, Text, lines, paragraphs
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, invitations, volunteers

LINK = "undang-"  # how a link's /start says that it invites
VALID_FOR = timedelta(days=30)
_TRIES = 8  # with a new number each; there are 387 million
_STANDS = ("applied", "active", "paused")


def check_rights(tx: Tx) -> None:
    """Let only those invite who decide about volunteers.

    Raises:
        Denied: not an officer of the regency's office.
    """
    if not may_coordinate(tx.person):
        raise Denied(
            N_("Only officers invite volunteers. To become one, type *daftar relawan*."), "invite", "invitation"
        )


def invite(tx: Tx, invited: Invited) -> None:
    """Make an invitation, and say it twice: as a message to be sent on as it is, and what there is to know about it.

    Raises:
        Denied: not an officer of the regency's office.
    """
    check_rights(tx)
    expires_at = tx.now + VALID_FOR
    code = _add(tx, invited)
    contacts.add_audit(tx.connection, tx.person.contact_id, "invite", f"invitation {code}", allowed=True, at=tx.now)
    until = tx.office.local(expires_at).date()
    link = f"https://t.me/{tx.office.telegram_name}?start={LINK}{code}" if tx.office.telegram_name else None
    place = tx.office.registry.places.get(invited.village) if invited.village else None
    tx.say(
        paragraphs(
            N_("*Become a volunteer (relawan TIK) of Kabupaten Blitar!*"),
            N_("We are looking for people in {village} who help their neighbours with phones and services online.", village=place.full_name)
            if place
            else N_("We are looking for people who help their neighbours with phones and services online."),
            lines(
                N_("WhatsApp or web: write to Rewang *undangan {code}*", code=code),
                N_("Telegram: open {link}", link=link)
                if link
                else N_("Telegram: write to Rewang */start {start}*", start=LINK + code),
            ),
            N_("Until {day}.", day=until),
        )
    )  # fmt: skip
    tx.flush()
    tx.say(
        N_(
            "Send the message above on as it is. It is good for {people} applications, until {day}. You will be told of each.",
            people=invited.people,
            day=until,
        )
    )


def accept(tx: Tx, code: str) -> dict[str, Json] | None:
    """Take up an invitation somebody has sent: gives what the application begins with; None where it says why not.

    Nothing is used up yet: that an invitation counts is decided when the application is sent.
    """
    known = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    if known is not None and known.state in _STANDS:
        return {}  # the flow says how their application or work stands
    found = invitations.find_invitation(tx.connection, code)
    why: Text | None = None
    if found is None:
        why = N_("I do not know the invitation {code}. Please check each letter and digit.", code=code)
    elif found.expires_at <= tx.now:
        why = N_("The invitation {code} was good until {day}.", code=code, day=tx.office.local(found.expires_at).date())
    elif found.uses_left < 1:
        why = N_("The invitation {code} has been used by as many people as it was for.", code=code)
    if found is None or why is not None:
        tx.say(paragraphs(why, N_("You can become a volunteer without an invitation too: type *daftar relawan*.")))
        tx.offer(N_("Become a volunteer"), "daftar relawan")
        tx.offer(N_("Main menu"), "menu")
        return None
    given: dict[str, Json] = {"invitation": code, "inviter": found.inviter}
    return given | ({"village": found.village} if found.village else {})


def use(tx: Tx, code: str) -> invitations.Invitation | None:
    """Use an invitation for an application that is just sent; None where it is used up or has expired meanwhile."""
    return (
        invitations.find_invitation(tx.connection, code)
        if invitations.use_invitation(tx.connection, code, tx.now)
        else None
    )


def _add(tx: Tx, invited: Invited) -> str:
    for _ in range(_TRIES):
        code = make_invitation(tx.office.random_below(INVITATIONS))
        if invitations.add_invitation(
            tx.connection, code, invited.village, tx.person.contact_id, invited.people, tx.now, tx.now + VALID_FOR
        ):
            return code
    raise RuntimeError(f"no free invitation code after {_TRIES} tries")

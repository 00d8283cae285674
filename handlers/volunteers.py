"""Use-cases of volunteers: applying, and what the office decides; rights and audit in one place."""

from __future__ import annotations

from collections.abc import Sequence

from flows.chat import Json
from flows.outcomes import Applied, VolunteerChanged
from flows.text import N_, Joined, Text, lines
from flows.volunteer import STATES
from flows.volunteers import NEXT
from handlers import invitations, offers
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, link_codes, volunteers
from storage.invitations import Invitation
from storage.volunteers import Volunteer

MOST_LISTED = 500  # volunteers an officer leafs through and searches; the programme has 150
STANDS = ("applied", "active", "paused")
_AFTER = {"accept": "active", "resume": "active", "decline": "declined", "pause": "paused", "end": "ended"}
_TOLD: dict[str, Text] = {
    "accept": N_("Welcome: you are a volunteer now! The office will write to you here."),
    "resume": N_("You are an active volunteer again. Welcome back!"),
    "decline": N_("The office has not taken you as a volunteer this time."),
    "pause": N_("Your work as a volunteer is paused."),
    "end": N_("Your work as a volunteer has ended. Thank you for all your help."),
}


def apply(tx: Tx, applied: Applied) -> None:
    """Keep an application and tell those who decide; one that waits or is accepted already stands."""
    known = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    if known is not None and known.state in STANDS:
        tx.say(N_("You have applied already; that stands."))
        return
    volunteers.put_application(
        tx.connection, tx.person.contact_id, applied.name, applied.skills, applied.villages, tx.now
    )
    invitation = invitations.use(tx, applied.invitation) if applied.invitation else None
    if applied.invitation and invitation is None:
        tx.say(N_("The invitation has been used up or has run out meanwhile; your application stands without it."))
    tx.say(N_("Thank you! The office looks at it and answers you here."))
    for officer in contacts.list_staff(tx.connection):
        if officer.role in ("admin", "officer") and officer.contact_id != tx.person.contact_id:
            notice = lines(
                N_("*Somebody would like to become a volunteer*"),
                _invited_by(invitation, officer.contact_id),
                N_("{name}: {skills}", name=applied.name, skills=applied.skills),
                villages_of(tx, applied.villages),
            )
            tx.push(officer.contact_id, notice, ((N_("Decide"), f"volunteer {tx.person.contact_id}"),))


def _invited_by(invitation: Invitation | None, reader: int) -> Text | None:
    if invitation is None or invitation.inviter is None:
        return None
    if invitation.inviter_id == reader:
        return N_("By your invitation {code}", code=invitation.code)
    return N_("Invited by {name}", name=invitation.inviter)


def change(tx: Tx, changed: VolunteerChanged) -> None:
    """Do what the office decides about a volunteer, and tell them.

    Raises:
        Denied: not an officer of the regency's office, or deciding about oneself.
    """
    volunteer = get_volunteer(tx, changed.volunteer)
    before = [state for state, actions in NEXT.items() if changed.action in actions]
    done = volunteers.change_state(
        tx.connection, volunteer.contact_id, before, _AFTER[changed.action], reason=changed.reason,
        by=tx.person.contact_id, at=tx.now,
    )  # fmt: skip
    if not done:
        tx.say(N_("Somebody has decided that already."))
        return
    subject = f"volunteer {volunteer.contact_id}"
    contacts.add_audit(
        tx.connection, tx.person.contact_id, f"volunteer {changed.action}", subject, allowed=True, at=tx.now
    )
    told = (_TOLD[changed.action], changed.reason) if changed.reason else (_TOLD[changed.action],)
    tx.push(volunteer.contact_id, Joined(told))
    if changed.action in ("pause", "end"):
        offers.free_tasks(tx, volunteer.contact_id, tx.person.contact_id)
    tx.say(N_("Done. {name} has been told.", name=volunteer.name))


def get_volunteer(tx: Tx, number: int) -> Volunteer:
    """Find a volunteer for somebody who decides about volunteers.

    Raises:
        Denied: not an officer of the regency's office, deciding about oneself, or no such volunteer.
    """
    subject = f"volunteer {number}"
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers decide about volunteers."), "volunteer", subject)
    volunteer = volunteers.find_volunteer(tx.connection, number)
    if volunteer is None and (joined := link_codes.find_joined(tx.connection, number)) is not None:
        volunteer = volunteers.find_volunteer(tx.connection, joined)
    if tx.person.contact_id in (number, volunteer.contact_id if volunteer else None):
        raise Denied(N_("A colleague has to decide that."), "volunteer", subject)
    if volunteer is None:
        raise Denied(N_("There is no such volunteer."), "volunteer", subject)
    return volunteer


def tell_volunteer(tx: Tx, volunteer: Volunteer) -> None:
    """Show an officer who a volunteer is."""
    tx.say(
        lines(
            N_("*{name}*: {state}", name=volunteer.name, state=STATES[volunteer.state]),
            N_("*Good at:* {skills}", skills=volunteer.skills),
            villages_of(tx, volunteer.villages),
            volunteer.reason,
        )
    )


def list_to_decide(tx: Tx) -> Sequence[Json]:
    """List who has applied, then the volunteers, as the facts of the officers' list."""
    return [*_listed(tx, "applied"), *_listed(tx, "active", "paused")][:MOST_LISTED]


def list_successors(tx: Tx, volunteer: int) -> Sequence[Json]:
    """List who could take over from a volunteer, as list_to_decide does: the active ones, then who has applied."""
    found = [*_listed(tx, "active"), *_listed(tx, "applied")]
    return [row for row in found if row[0] not in (volunteer, tx.person.contact_id)][:MOST_LISTED]


def _listed(tx: Tx, *states: str) -> list[list[Json]]:
    found = volunteers.list_volunteers(tx.connection, states, MOST_LISTED)
    return [[each.contact_id, each.name, each.state, list(each.villages)] for each in found]


def villages_of(tx: Tx, codes: tuple[str, ...]) -> Text:
    """Give the names of villages in one line."""
    return Joined(tuple(tx.office.registry.places.get(code).full_name for code in codes), "; ")

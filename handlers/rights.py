"""Who may do what. Looked up on every action from the database, never taken from a message."""

from __future__ import annotations

from storage.contacts import Person
from storage.requests import Request

WEB = "web"  # there a cookie is all that says who somebody is, and no proof of an office
ROLES = ("admin", "officer", "inspector", "village")


def may_see(person: Person, request: Request) -> bool:
    """Tell whether somebody may see a request as staff.

    A confidential one (a complaint about officials) is for admins and inspectors only: never for the village it is about.
    """
    if person.role == "village":
        return not request.confidential and request.village == person.staff_village
    if request.confidential:
        return person.role in ("admin", "inspector")
    return person.role in ("admin", "officer", "inspector")


def may_act(person: Person, request: Request, action: str) -> bool:
    """Tell whether somebody may take an action of the office on a request; they must see it.

    Anyone who sees an open request may take it, also over from a colleague who is away; the other actions are for the
    one who has it, and for admins.
    """
    if not may_see(person, request):
        return False
    return action == "take" or person.role == "admin" or request.assignee_id in (None, person.contact_id)


def may_talk(person: Person) -> bool:
    """Tell whether somebody may take hand-overs: those are for the regency's office."""
    return person.role in ("admin", "officer", "inspector")


def may_coordinate(person: Person) -> bool:
    """Tell whether somebody decides about volunteers: the regency's office does."""
    return person.role in ("admin", "officer")


def may_be_offered(request: Request) -> bool:
    """Tell whether volunteers may be asked to help: never with what is secret, nor where nobody shall know who asks."""
    return not request.confidential and not request.anonymous

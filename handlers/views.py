"""Views: what is shown of one thing before it is asked what to do with it, by the names that flows and commands open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.outcomes import Open
from flows.registry import LESSON
from flows.text import N_
from handlers import (
    attendance,
    broadcast_control,
    broadcast_desk,
    events,
    guide_desk,
    guides,
    handover,
    helping,
    learning,
    request_views,
    talking,
    visit_review,
    volunteers,
)
from handlers.rights import may_coordinate
from handlers.talking import Ended
from handlers.turn import Denied, Tx
from storage import requests as rows
from storage.visits import Visit, find_visit

Given = Mapping[str, Json]


def open_view(tx: Tx, opened: Open) -> Ended | None:
    """Go on with a view, or with the flow of that name.

    Raises:
        Denied: not for this person.
    """
    view = _VIEWS.get(opened.flow)
    return view(tx, opened.given) if view is not None else talking.start(tx, opened.flow, opened.given)


def _number(given: Given, name: str) -> int:
    return int(str(given[name]))


def _my_request(tx: Tx, given: Given) -> Ended | None:
    request = rows.find_request(tx.connection, request_id=_number(given, "request"))
    if request is None or not request_views.is_sender(tx, request):
        raise Denied(N_("That is not one of your requests."), "status", "request")
    request_views.tell_sender_view(tx, request)
    return None


def _case(tx: Tx, given: Given) -> Ended | None:
    request = rows.find_request(tx.connection, request_id=_number(given, "request"))
    if request is None:
        raise Denied(N_("There is no such request."), "open", "request")
    return open_case(tx, request)


def _visit(tx: Tx, given: Given) -> Ended | None:
    return open_visit(tx, find_visit(tx.connection, visit_id=_number(given, "visit")))


def _event_names(tx: Tx, given: Given) -> Ended | None:
    number = _number(given, "event")
    events.tell_names(tx, number)
    tx.offer(N_("Back to the event"), f"event {number}")
    return None


def _guide(tx: Tx, given: Given) -> Ended | None:
    guides.show(tx, _number(given, "guide"))
    return None


def _broadcast_request(tx: Tx, given: Given) -> Ended | None:
    broadcast_desk.tell_request(tx, _number(given, "broadcast"))
    return None


def _talk(tx: Tx, given: Given) -> Ended | None:
    handover.take_talk(tx, _number(given, "handover"))
    return None


def open_case(tx: Tx, request: rows.Request) -> Ended | None:
    """Show an officer a request and ask what to do with it."""
    request_views.tell_staff_view(tx, request)
    facts: dict[str, Json] = {"request": request.id, "code": request.code, "state": request.state}
    if broadcast_control.has_history(tx, request.contact_id):
        facts["sender"] = request.contact_id
    return talking.start(tx, "case", facts)


def open_volunteer(tx: Tx, number: int) -> Ended | None:
    """Show an officer a volunteer and ask what to do.

    Raises:
        Denied: not for this person.
    """
    volunteer = volunteers.get_volunteer(tx, number)
    volunteers.tell_volunteer(tx, volunteer)
    facts: dict[str, Json] = {
        "volunteer": volunteer.contact_id, "name": volunteer.name, "state": volunteer.state, "villages": list(volunteer.villages),
        "history": broadcast_control.has_history(tx, volunteer.contact_id),
    }  # fmt: skip
    return talking.start(tx, "volunteer_case", facts)


def open_replacing(tx: Tx, number: int) -> Ended | None:
    """Ask an officer who takes over from a volunteer.

    Raises:
        Denied: not for this person.
    """
    volunteer = volunteers.get_volunteer(tx, number)
    facts: dict[str, Json] = {
        "volunteer": number, "name": volunteer.name, "villages": list(volunteer.villages),
        "volunteers": list(volunteers.list_successors(tx, number)),
    }  # fmt: skip
    return talking.start(tx, "volunteer_replace", facts)


def open_task(tx: Tx, request_id: int | None = None, code: str | None = None) -> Ended | None:
    """Show a volunteer a request, and ask what to do where they have it.

    Raises:
        Denied: they do not have it, and it is not offered to them.
    """
    request = helping.open_task(tx, request_id, code)
    if request is None:
        return None
    facts: dict[str, Json] = {"request": request.id, "code": request.code, "others": helping.list_others(tx, request)}
    return talking.start(tx, "task", facts)


def open_thread(tx: Tx, guide: int, volunteer: int) -> Ended | None:
    """Show an officer what a volunteer asked about a guide, and take an answer where one is due.

    Raises:
        Denied: not for this person.
    """
    guide_desk.tell_thread(tx, guide, volunteer)
    return talking.start(tx, "guide_thread", {"guide": guide, "volunteer": volunteer})


def open_visit(tx: Tx, visit: Visit | None) -> Ended | None:
    """Show an officer a visit and ask what to do with it.

    Raises:
        Denied: not for this person.
    """
    seen = visit_review.get_to_review(tx, visit)
    return talking.start(tx, "visit_case", {"visit": seen.id, "version": seen.version, "code": seen.code})


def open_event(tx: Tx, number: int) -> Ended | None:
    """Show an event: to an officer with what can be done, to a volunteer with the buttons to answer.

    Raises:
        Denied: neither, or no such event.
    """
    if not may_coordinate(tx.person):
        attendance.tell_event(tx, number)
        return None
    event = events.get_event(tx, number)
    events.tell_office(tx, event)
    actions: list[Json] = [*events.actions_for(tx, event)]
    return talking.start(tx, "event_case", {"event": number, "title": event.title, "actions": actions})


def _open_present(tx: Tx, number: int, typed: str) -> Ended | None:
    """Ask an officer which of the people so called was at an event."""
    event = events.get_event(tx, number)
    people = events.people_called(tx, typed)
    if people:
        return talking.start(tx, "event_present", {"event": event.id, "people": people})
    tx.say(N_("I find no volunteer with such a name. Please type it as it stands in the list of volunteers."))
    tx.offer(N_("Back to the event"), f"event {number}")
    tx.offer(N_("Volunteers"), "volunteers")
    return None


def open_broadcast(tx: Tx, number: int) -> Ended | None:
    """Show an officer how far a broadcast is, and ask what to do with it.

    Raises:
        Denied: not for this person.
    """
    return talking.start(tx, "broadcast_case", broadcast_control.show(tx, number))


def _broadcasts(tx: Tx, given: Given) -> Ended | None:
    del given
    broadcast_control.tell_list(tx)
    return None


def _broadcasts_got(tx: Tx, given: Given) -> Ended | None:
    broadcast_control.tell_history(tx, _number(given, "contact"))
    return None


def repeat(tx: Tx) -> Ended | None:
    """Ask the question of a lesson again that has waited longest."""
    lesson = learning.find_repeat(tx)
    if lesson is None:
        tx.say(N_("There is nothing to repeat today."))
        tx.offer(N_("Next lesson"), "tips")
        return None
    return talking.start(tx, f"{LESSON}{lesson}", {"again": True})


_VIEWS: Mapping[str, Callable[[Tx, Given], Ended | None]] = MappingProxyType(
    {
        "my_request": _my_request,
        "case": _case,
        "volunteer_case": lambda tx, given: open_volunteer(tx, _number(given, "volunteer")),
        "volunteer_replace": lambda tx, given: open_replacing(tx, _number(given, "volunteer")),
        "visit_case": _visit,
        "event": lambda tx, given: open_event(tx, _number(given, "event")),
        "event_names": _event_names,
        "event_present": lambda tx, given: _open_present(tx, _number(given, "event"), str(given["typed"])),
        "broadcast_check": broadcast_desk.open_check,
        "broadcast_test": broadcast_desk.test_on_oneself,
        "broadcast_request": _broadcast_request,
        "broadcast_case": lambda tx, given: open_broadcast(tx, _number(given, "broadcast")),
        "broadcasts": _broadcasts,
        "broadcasts_got": _broadcasts_got,
        "guide": _guide,
        "guide_thread": lambda tx, given: open_thread(tx, _number(given, "guide"), _number(given, "volunteer")),
        "repeat": lambda tx, _: repeat(tx),
        "task": lambda tx, given: open_task(tx, request_id=_number(given, "request")),
        "offer": lambda tx, given: open_task(tx, request_id=_number(given, "request")),
        "talk": _talk,
    }
)

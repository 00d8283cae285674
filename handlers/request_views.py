"""How a request is shown: to its sender, to those who handle it, and what its sender is told when it moves on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from flows.chat import Json
from flows.content import Service, read_service
from flows.follow import STATES
from flows.registry import SUPPLEMENT
from flows.request import answered
from flows.text import N_, Both, Joined, Message, Text, lines, paragraphs
from handlers.mail import Mail
from handlers.rights import may_see
from handlers.turn import Denied, Tx
from storage import contacts, conversations, helps, requests, volunteers
from storage.requests import Event, Request

_HISTORY: Mapping[str, Message] = {
    "send": N_("sent"),
    "take": N_("taken by {name}"),
    "progress": N_("work started"),
    "ask_more": N_("more was asked for"),
    "reply": N_("the office wrote"),
    "ready": N_("ready"),
    "done": N_("done"),
    "decline": N_("declined"),
    "add": N_("you added something"),
    "confirm": N_("you confirmed"),
    "reopen": N_("you reopened it"),
    "help_take": N_("{name}, a volunteer, helps"),
    "help_progress": N_("{name}, a volunteer, wrote"),
    "help_ask": N_("{name}, a volunteer, asked for more"),
    "help_done": N_("{name}, a volunteer, was done"),
    "help_hand_on": N_("{name}, a volunteer, handed it on"),
    "help_return": N_("{name}, a volunteer, gave it back"),
    "help_requeue": N_("other volunteers were asked"),
}
_OF_SENDER = ("add", "confirm", "reopen")
_NOT_FOR_SENDER = ("help_return",)  # why somebody cannot help is between them and the office


def is_sender(tx: Tx, request: Request) -> bool:
    """Tell whether the person of this turn sent the request."""
    return requests.sender_of(tx.connection, request) == tx.person.contact_id


def tell_sender(
    mail: Mail, request: Request, what: Text, state: str, note: str | None = None, *, about: int | None = None
) -> None:
    """Write to the sender that the request has moved on, with the buttons of its new state.

    Args:
        mail: any transaction.
        request: which.
        what: what has happened.
        state: the state it is in now.
        note: what the sender shall read about it.
        about: whose words or name this is: with their erasure the text goes.
    """
    sender = requests.sender_of(mail.connection, request)
    if sender is None:
        return
    if state != "needs_more":
        _end_question(mail, sender, request)
    text = paragraphs(
        N_("*{code}* {title}", code=request.code, title=title_of(mail, request)),
        what,
        note,
        N_("State: {state}", state=STATES[state]),
    )
    buttons: dict[str, tuple[tuple[Text, str], ...]] = {
        "needs_more": ((N_("Answer now"), f"add {request.code}"),),
        "ready": ((N_("Yes, I have it"), f"confirm {request.code}"), (N_("Not yet right"), f"reopen {request.code}")),
        "done": ((N_("Not yet right"), f"reopen {request.code}"),),
        "declined": ((N_("Ask again"), f"reopen {request.code}"),),
    }
    mail.write_to(sender, text, buttons.get(state, ()), about=about)


def _end_question(mail: Mail, sender: int, request: Request) -> None:
    """End the open question for more about a request that needs no more: what is written now answers what is written to them."""
    for conversation, facts in conversations.list_open(mail.connection, sender, SUPPLEMENT):
        if json.loads(facts)["request"] == request.id:
            conversations.remove(mail.connection, conversation)


def tell_sender_view(tx: Tx, request: Request) -> None:
    """Say to its sender how a request stands, its history, and who has it."""
    history = [_history_line(event) for event in requests.list_events(tx.connection, request.id)]
    officer = contacts.find_staff(tx.connection, request.assignee_id) if request.assignee_id is not None else None
    answers = json.loads(request.answers)
    tx.photos += _photos(answers)[:10]
    tx.say(
        paragraphs(
            N_("*{code}* {title}", code=request.code, title=title_of(tx, request)),
            N_("State: {state}", state=STATES[request.state]),
            lines(
                N_("With: {name}", name=officer.name) if officer else N_("With: the office, not yet taken"),
                _helper(tx, request),
            ),
            _answers(tx, request, answers),
            Joined(tuple(history)),
        )
    )
    if request.state == "needs_more":
        tx.offer(N_("Answer now"), f"add {request.code}")
    if request.state == "ready":
        tx.offer(N_("Yes, I have it"), f"confirm {request.code}")
    if request.state in ("ready", "done", "declined"):
        tx.offer(N_("Not yet right"), f"reopen {request.code}")
    tx.offer(N_("Main menu"), "menu")


def tell_staff_view(tx: Tx, request: Request) -> None:
    """Show an officer a request with its answers, history and photos.

    Raises:
        Denied: the person may not see it.
    """
    if not may_see(tx.person, request):
        raise Denied(N_("You may not see {code}.", code=request.code), "open", f"request {request.code}")
    show_whole(tx, request)


def show_whole(tx: Tx, request: Request) -> None:
    """Show everything about a request to somebody who may see it, and note that they looked."""
    tx.about = request.contact_id
    answers = json.loads(request.answers)
    events = requests.list_events(tx.connection, request.id)
    tx.say(
        paragraphs(
            N_("*{code}* {title}", code=request.code, title=service_of(tx, request.service, request.version).title),
            lines(N_("State: {state}", state=STATES[request.state]), _helper(tx, request)),
            N_("Sent without a name") if request.anonymous else None,
            _answers(tx, request, answers),
            Joined(tuple(_history_line(event, staff=True) for event in events)),
        )
    )
    photos = _photos(answers)
    for event in events:
        photos += json.loads(event.media) if event.media else []
    tx.photos += photos[:10]
    contacts.add_audit(tx.connection, tx.person.contact_id, "open", f"request {request.code}", allowed=True, at=tx.now)


def service_of(mail: Mail, service_id: str, version: str) -> Service:
    """Find a service in the version a request was made with, or else as it is today."""
    today = mail.office.registry.services.get(service_id)
    if today is not None and today.digest == version:
        return today
    source = conversations.find_content(mail.connection, version)
    if source is not None:
        return read_service(service_id, source, f"{service_id} ({version})")
    if today is None:
        raise LookupError(f"service {service_id!r} of version {version!r} is gone, and its source was not kept")
    return today


def title_of(mail: Mail, request: Request) -> Both:
    """Give the short title of a request's service."""
    return service_of(mail, request.service, request.version).short


def village_of(mail: Mail, request: Request) -> str:
    """Give the name of the village a request is about."""
    place = mail.office.registry.places.find_code(request.village)
    return place.full_name if place else request.village


def _answers(tx: Tx, request: Request, answers: Mapping[str, Json]) -> Text:
    shown = answered(service_of(tx, request.service, request.version), answers, tx.office.registry.places)
    return lines(*(N_("*{label}:* {value}", label=label, value=value) for label, value in shown))


def _helper(tx: Tx, request: Request) -> Text | None:
    """Say which volunteer helps, or has helped to the end."""
    seen = helps.find_help(tx.connection, request.id)
    if seen is None or seen.contact_id is None or seen.state not in ("taken", "done"):
        return None
    found = volunteers.find_volunteer(tx.connection, seen.contact_id)
    return N_("Volunteer who helps: {name}", name=found.name) if found else None


def _photos(answers: Mapping[str, Json]) -> list[str]:
    return [item for value in answers.values() if isinstance(value, list) for item in value if isinstance(item, str)]


def _history_line(event: Event, *, staff: bool = False) -> Text:
    name = event.by_volunteer if event.action.startswith("help_") else event.by_staff
    what: Text = replace(_HISTORY[event.action], arguments={"name": name or "-"})
    if staff and event.action in _OF_SENDER:
        what = N_("the sender answered")
    note = f": {event.note}" if event.note and (staff or event.action not in _NOT_FOR_SENDER) else ""
    return Joined(("•", event.at, "-", Joined((what, note), "")), " ")

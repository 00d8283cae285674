"""Use-cases of requests: send, move on. Called by chat today and by a console alike: rules and audit in one place."""

from __future__ import annotations

import json

from flows.codes import make_code
from flows.content import Service
from flows.follow import ANSWER, NEXT, NOTE_NEEDED, STATES, Given
from flows.outcomes import Changed, Submitted
from flows.text import N_, Text, paragraphs
from handlers import helping, offers
from handlers.request_views import is_sender, service_of, tell_sender, village_of
from handlers.rights import may_act, may_see
from handlers.turn import Denied, Tx
from storage import contacts, requests
from storage.contacts import Person
from storage.requests import Answered, Request

MOST_ON_DESK = 500  # counted; the desk shows the first few
_SHORT_CODES = 27**3
_TRIES = 8  # with a new number each; then one character more
_RESULT = {
    "take": "checked", "progress": "in_progress", "ask_more": "needs_more", "ready": "ready", "done": "done", "decline": "declined",
}  # fmt: skip
_BY_SENDER = {"add": ("needs_more", "checked"), "confirm": ("ready", "done"), "reopen": (None, "checked")}
_PUSHED: dict[str, Text] = {
    "take": N_("Your request is being looked at."),
    "progress": N_("The office is working on it."),
    "ask_more": N_("The office needs something more from you."),
    "reply": N_("The office has written to you."),
    "ready": N_("It is ready."),
    "done": N_("It is done."),
    "decline": N_("The office cannot do this."),
}


def submit(tx: Tx, sent: Submitted, version: str) -> Request:
    """Store a reviewed request, say its code, and tell the staff who may see it."""
    service = service_of(tx, sent.service, version)
    answers = {key: value for key, value in sent.answers.items() if key != "anonymous"}
    anonymous = service.anonymous and sent.answers.get("anonymous") == "anonymous"
    request = _add(
        tx, service, version, str(answers["village"]), json.dumps(answers, ensure_ascii=False), anonymous=anonymous
    )
    name = answers.get("name")
    if isinstance(name, str) and tx.person.name is None:
        contacts.change_contact(tx.connection, tx.person.contact_id, name=name)
    offered = offers.offer(tx, request)
    tx.say(
        paragraphs(
            N_("Thank you, this has been received. Your number: *{code}*", code=request.code),
            N_("It stays secret: only inspectors and administrators of the regency can read it, not the village.")
            if service.confidential
            else None,
            N_("Nobody sees who you are; the answer still reaches you here.") if anonymous else None,
            N_("A volunteer of the village may help you with it; whoever does reads what you wrote.")
            if offered
            else None,
            N_("We tell you as soon as something changes. To ask, type *status* or the number.\n#onlinelebihasik"),
        )
    )
    notice = N_(
        "New: *{code}* {title}, {village}", code=request.code, title=service.title, village=village_of(tx, request)
    )
    for officer in contacts.list_staff(tx.connection):
        if officer.contact_id != tx.person.contact_id and may_see(_as_person(tx, officer), request):
            tx.push(officer.contact_id, notice, ((N_("Open"), f"open {request.code}"),), nameless=anonymous)
    return request


def _add(tx: Tx, service: Service, version: str, village: str, answers: str, *, anonymous: bool) -> Request:
    for attempt in range(_TRIES + 1):
        length = 3 if attempt < _TRIES else 4
        code = make_code(tx.office.random_below(_SHORT_CODES if length == 3 else _SHORT_CODES * 27), length)
        added = requests.add_request(
            tx.connection, code=code, contact_id=tx.person.contact_id, service=service.id, version=version, kind=service.kind,
            village=village, confidential=service.confidential, anonymous=anonymous, answers=answers, now=tx.now,
        )  # fmt: skip
        if added is not None:
            return added
    raise RuntimeError(f"no free request code after {_TRIES + 1} tries: lengthen the codes")


def act(tx: Tx, changed: Changed) -> None:
    """Move a request on, by staff or by its sender, with rights, audit, history and the message to the other side.

    Raises:
        Denied: the person may not do that.
    """
    request = requests.find_request(tx.connection, request_id=changed.request)
    if request is None:
        raise Denied(N_("There is no such request."), changed.action, f"request {changed.request}")
    if changed.action in _BY_SENDER:
        _act_as_sender(tx, request, changed)
    else:
        _act_as_staff(tx, request, changed)


def _act_as_staff(tx: Tx, request: Request, changed: Changed) -> None:
    action, subject = changed.action, f"request {request.code}"
    if not may_act(tx.person, request, action):
        raise Denied(
            N_("You may not do that with {code}. Take it first, or ask an admin.", code=request.code), action, subject
        )
    if action not in NEXT.get(request.state, ()):
        tx.say(N_("{code} has moved on meanwhile; it is now: {state}.", code=request.code, state=STATES[request.state]))
        return
    if action in NOTE_NEEDED and not changed.note:
        tx.say(N_("A note is needed for that: the sender will read it."))
        return
    state = request.state if action == "take" and request.state != "received" else _RESULT.get(action, request.state)
    values: dict[str, object] = {"state": state}
    if action == "take" or request.assignee_id is None:
        values["assignee_id"] = tx.person.contact_id
    requests.change_request(tx.connection, request.id, tx.now, **values)
    _note(tx, request, changed, state, tx.person.contact_id)
    contacts.add_audit(tx.connection, tx.person.contact_id, action, subject, allowed=True, at=tx.now)
    tx.say(N_("Noted: {code} is now: {state}.", code=request.code, state=STATES[state]))
    tx.offer(N_("Back to the desk"), "desk")
    tell_sender(tx, request, _PUSHED[action], state, changed.note, about=tx.person.contact_id)
    helping.hear_office(tx, request, state)


def add_more(tx: Tx, answered: Answered, given: Given) -> None:
    """Put more behind the answer a sender has given just before, and pass it on."""
    request = answered.request
    before = Given(answered.note or "", tuple(json.loads(answered.media or "[]")))
    media = (before.media + given.media)[: ANSWER.most_photos]
    note = "\n".join(filter(None, (before.note, given.note)))
    requests.extend_event(tx.connection, answered.event_id, note or None, json.dumps(media) if media else None)
    requests.change_request(tx.connection, request.id, tx.now)
    fresh = Given(given.note, media[len(before.media) :])
    if fresh.note or fresh.media:
        _pass_on(tx, request, fresh)
    if len(fresh.media) < len(given.media):
        tx.say(N_("{most} photos are kept, more are not needed.", most=ANSWER.most_photos))
    else:
        tx.say(N_("That is added to {code} too.", code=request.code))


def _pass_on(tx: Tx, request: Request, given: Given) -> None:
    """Pass more of an answer on to whoever has the request: words at once, photos alone with those that come right after."""
    what = N_("*{code}*: the sender adds more.", code=request.code)
    for reader, command in ((request.assignee_id, "open"), (helping.hear_more(tx, request), "tugas")):
        button = (N_("Open"), f"{command} {request.code}")
        if reader is not None and given.note:
            tx.push(reader, paragraphs(what, given.note), (button,), given.media, nameless=request.anonymous)
        elif reader is not None:
            tx.gather(reader, what, button, given.media, about=None if request.anonymous else tx.person.contact_id)


def _act_as_sender(tx: Tx, request: Request, changed: Changed) -> None:
    needed, state = _BY_SENDER[changed.action]
    if not is_sender(tx, request):
        raise Denied(N_("That is not one of your requests."), changed.action, f"request {request.code}")
    wrong = request.state != needed if needed else request.state not in ("ready", "done", "declined")
    if wrong:
        tx.say(N_("{code} has moved on meanwhile; it is now: {state}.", code=request.code, state=STATES[request.state]))
        return
    requests.change_request(tx.connection, request.id, tx.now, state=state)
    _note(tx, request, changed, state, None if request.anonymous else tx.person.contact_id)
    helped = helping.hear_sender(tx, request, changed, state)
    if state == "done":
        tx.say(N_("Thank you, {code} is done. #onlinelebihasik", code=request.code))
    elif helped:
        tx.say(N_("Thank you, that is added to {code}. The volunteer who helps you reads it.", code=request.code))
    else:
        tx.say(N_("Thank you, that is added to {code}. The office reads it.", code=request.code))
    if changed.action == "add":
        tx.say(N_("If there is more, just send it now: it is added too."))
    if request.assignee_id is not None and changed.action != "confirm":
        news = paragraphs(N_("*{code}*: the sender has answered.", code=request.code), changed.note)
        tx.push(
            request.assignee_id,
            news,
            ((N_("Open"), f"open {request.code}"),),
            changed.media,
            nameless=request.anonymous,
        )


def _note(tx: Tx, request: Request, changed: Changed, state: str, actor: int | None) -> None:
    media = json.dumps(list(changed.media)) if changed.media else None
    requests.add_event(tx.connection, request.id, actor, changed.action, state, changed.note, media, tx.now)


def list_for_desk(tx: Tx) -> list[Request]:
    """List the open requests an officer may see, the oldest first."""
    role = tx.person.role
    if role is None:
        return []
    return requests.list_open(
        tx.connection,
        village=tx.person.staff_village if role == "village" else None,
        confidential=role in ("admin", "inspector"),
        assignee_id=None,
        most=MOST_ON_DESK,
    )


def _as_person(tx: Tx, officer: contacts.Staff) -> Person:
    """See an officer as the rights do."""
    return Person(
        officer.contact_id, 0, "", "", "id", None, None, consent=True, stopped_at=None, apologies=0, javanese_offered=False, last_in_at=tx.now, refused=None,
        role=officer.role, staff_name=officer.name, staff_village=officer.village, handover_id=None, conversation=None,
    )  # fmt: skip

"""Use-cases of volunteers who help with a villager's request: take it, carry it, give it back. Exactly one has it."""

from __future__ import annotations

from dataclasses import replace

from flows.chat import Json
from flows.follow import STATES
from flows.outcomes import Changed, Helped
from flows.text import N_, Text, paragraphs
from handlers import offers
from handlers.request_views import show_whole, tell_sender
from handlers.topics import OFFERS
from handlers.turn import Denied, Tx
from storage import helps, mutes, requests, volunteers
from storage.helps import Help, Helper
from storage.requests import Request

MOST_LISTED = 20
_AFTER = {"progress": "in_progress", "ask": "needs_more", "done": "ready"}
_TOLD = {
    "progress": N_("{name}, a volunteer, writes:"),
    "ask": N_("{name}, a volunteer, needs something more from you:"),
    "done": N_("{name}, a volunteer, says that it is ready."),
}
_NOT_YOURS = N_("That request is not with you. To see what is, type *tugas*.")


def find_helper(tx: Tx) -> Helper | None:
    """Find the person as an active volunteer, who alone may help."""
    return helps.find_helper(tx.connection, tx.person.contact_id)


def has(tx: Tx, request: Request) -> bool:
    """Tell whether the person has this request as a volunteer."""
    seen = helps.find_help(tx.connection, request.id)
    return seen is not None and (seen.state, seen.contact_id) == ("taken", tx.person.contact_id)


def take(tx: Tx, code: str) -> Request | None:
    """Let a volunteer have an offered request; returns it where it is theirs now, or was already.

    Raises:
        Denied: not an active volunteer of its village, its own sender, or nothing is offered under this code.
    """
    helper, request, seen = _for_helper(tx, "take", code=code)
    if not helps.looks_after(tx.connection, helper.contact_id, request.village):
        raise Denied(
            N_("{code} is in a village of other volunteers.", code=request.code), "help take", _subject(request)
        )
    if request.contact_id == helper.contact_id:
        raise Denied(N_("That is your own request: somebody else helps you with it."), "help take", _subject(request))
    mine = {"state": "taken", "contact_id": helper.contact_id, "taken_at": tx.now, "heard_at": tx.now}
    if seen.state != "offered" or not helps.change_help(tx.connection, seen, **mine):
        return _tell_not_offered(tx, request)
    state = "checked" if request.state == "received" else request.state
    offers.note_step(tx, request, "help_take", helper.contact_id, state=state)
    tx.say(N_("{code} is yours now. The sender knows that you help. Thank you!", code=request.code))
    told = N_("{name}, a volunteer, helps you with this. The office still answers you too.", name=helper.name)
    tell_sender(tx, request, told, state, about=helper.contact_id)
    return replace(request, state=state)


def open_task(tx: Tx, request_id: int | None = None, code: str | None = None) -> Request | None:
    """Show a volunteer a request: all of it where they have it, what it is about where it is offered to them.

    Returns the request where there is something for them to do with it.

    Raises:
        Denied: neither is so.
    """
    helper, request, seen = _for_helper(tx, "open", code=code, request_id=request_id)
    if seen.contact_id == helper.contact_id:
        if seen.state != "taken":
            _tell_over(tx, request)
            return None
        show_whole(tx, request)
        return request
    own = request.contact_id == helper.contact_id
    if seen.state != "offered" or own or not helps.looks_after(tx.connection, helper.contact_id, request.village):
        raise Denied(_NOT_YOURS, "help open", _subject(request))
    tx.say(
        paragraphs(
            offers.summary_of(tx, request), N_("Whoever takes it sees what it says, and helps. Would you like to?")
        )
    )
    tx.offer(N_("I will help"), f"bantu {request.code}")
    tx.offer(N_("My tasks"), "tugas")
    return None


def act(tx: Tx, helped: Helped) -> None:
    """Do what a volunteer wants with a request they have, with history, audit, and a word to the sender.

    Raises:
        Denied: not an active volunteer, or not one who has this request.
    """
    helper, request, seen = _for_helper(tx, helped.action, request_id=helped.request)
    if seen.contact_id != helper.contact_id:
        raise Denied(_NOT_YOURS, f"help {helped.action}", _subject(request))
    if seen.state != "taken":
        _tell_over(tx, request)
        return
    if helped.action == "return":
        offers.offer_again(tx, request, seen, "help_return", helper.contact_id, helped.note)
        tx.say(N_("Noted: {code} is not with you any more. Thank you for telling us in time.", code=request.code))
    elif helped.action == "hand_on":
        _hand_on(tx, request, seen, helper, helped.to)
    else:
        _carry_on(tx, request, seen, helper, helped)
    tx.offer(N_("My tasks"), "tugas")


def _carry_on(tx: Tx, request: Request, seen: Help, helper: Helper, helped: Helped) -> None:
    """Tell how it goes, ask for more, or be done."""
    state = _AFTER[helped.action]
    helps.change_help(tx.connection, seen, state="done" if helped.action == "done" else "taken", heard_at=tx.now)
    offers.note_step(tx, request, f"help_{helped.action}", helper.contact_id, helped.note, state)
    told = replace(_TOLD[helped.action], arguments={"name": helper.name})
    tell_sender(tx, request, told, state, helped.note, about=helper.contact_id)
    tx.say(N_("Noted: {code} is now: {state}.", code=request.code, state=STATES[state]))


def _hand_on(tx: Tx, request: Request, seen: Help, helper: Helper, to: int | None) -> None:
    """Give a request to another volunteer of the village, who may give it back."""
    other = next((each for each in _others(tx, request) if each.contact_id == to), None)
    if other is None or helps.find_helper(tx.connection, other.contact_id) is None:
        tx.say(N_("They cannot take it just now. Please choose somebody else: type *tugas*."))
        return
    helps.change_help(tx.connection, seen, contact_id=other.contact_id, taken_at=tx.now, heard_at=tx.now)
    offers.note_step(tx, request, "help_hand_on", helper.contact_id)
    tx.push(
        other.contact_id,
        paragraphs(
            N_("*{name} hands a request on to you*", name=helper.name),
            offers.summary_of(tx, request),
            N_("If you cannot help, open it and give it back."),
        ),
        ((N_("Open"), f"tugas {request.code}"),),
        topic=OFFERS,
    )
    told = N_("{name}, a volunteer, helps you with this from now on.", name=other.name)
    tell_sender(tx, request, told, request.state, about=other.contact_id)
    tx.say(N_("Noted: {code} is with {name} now.", code=request.code, name=other.name))
    tx.about = other.contact_id


def hear_sender(tx: Tx, request: Request, changed: Changed, state: str) -> bool:
    """Tell the volunteer what the sender has done; what is not yet right after all is theirs again.

    Says whether there is a volunteer who goes on with it.
    """
    seen = helps.find_help(tx.connection, request.id)
    if seen is None or seen.contact_id is None:
        if seen is not None and changed.action == "reopen":
            _forget_done(tx, seen)
        return False
    if changed.action == "add" and seen.state == "taken":
        helps.change_help(tx.connection, seen, heard_at=tx.now)
        _tell_helper(tx, seen.contact_id, request, N_("*{code}*: the sender has answered.", code=request.code), changed)
    elif changed.action == "confirm" and seen.state == "done":
        thanks = N_(
            "*{code}*: the sender says that all is well. Thank you for helping! #onlinelebihasik", code=request.code
        )
        tx.push(seen.contact_id, thanks)
    elif changed.action == "reopen" and seen.state == "done":
        helper = helps.find_helper(tx.connection, seen.contact_id)
        if helper is None or not helps.looks_after(tx.connection, helper.contact_id, request.village):
            offers.offer_again(tx, replace(request, state=state), seen, "help_requeue", None)
            return False
        helps.change_help(tx.connection, seen, state="taken", heard_at=tx.now)
        again = N_("*{code}*: the sender says that it is not yet right. It is with you again.", code=request.code)
        _tell_helper(tx, helper.contact_id, request, again, changed)
    return changed.action != "confirm" and seen.state in ("taken", "done")


def hear_more(tx: Tx, request: Request) -> int | None:
    """Say which volunteer has a request to whose sender's answer more has come; they are heard of from now on."""
    seen = helps.find_help(tx.connection, request.id)
    if seen is None or seen.state != "taken":
        return None
    helps.change_help(tx.connection, seen, heard_at=tx.now)
    return seen.contact_id


def hear_office(tx: Tx, request: Request, state: str) -> None:
    """Close the help where the office has finished or declined a request, or goes on with what was done; thank whoever helped."""
    seen = helps.find_help(tx.connection, request.id)
    if seen is None:
        return
    if seen.state == "done" and state not in ("ready", "done"):
        helps.change_help(tx.connection, seen, state="closed")
    elif seen.state == "closed" and state not in ("ready", "done"):
        _forget_done(tx, seen)
    elif seen.state in ("offered", "taken") and state in ("ready", "done", "declined"):
        told = (
            N_("The office cannot do {code}, and has told the sender why. You need do nothing more. Thank you for helping!", code=request.code)
            if state == "declined"
            else N_("The office has finished {code}. You need do nothing more. Thank you for helping!", code=request.code)
        )  # fmt: skip
        _close(tx, seen, told)
    elif seen.state == "taken" and request.state == "needs_more" and state != "needs_more":
        helps.change_help(tx.connection, seen, heard_at=tx.now)  # it is the volunteer's turn again, from now on


def _forget_done(tx: Tx, seen: Help) -> None:
    """Where somebody erased since was done with a request that is not done after all: nothing was done then."""
    if seen.state == "closed" and seen.contact_id is None and seen.taken_at is not None:
        helps.change_help(tx.connection, seen, taken_at=None)


def leave(tx: Tx) -> None:
    """Before somebody is erased: what they have is offered to others, and what they asked for needs no help any more."""
    me = tx.person.contact_id
    offers.free_tasks(tx, me, me)
    for request in helps.list_open_of_sender(tx.connection, me):
        seen = helps.find_help(tx.connection, request.id)
        if seen is not None:
            told = N_("{code} needs no help any more: its sender has left. Thank you for helping!", code=request.code)
            _close(tx, seen, told)


def list_others(tx: Tx, request: Request) -> list[Json]:
    """List to whom a request can be handed on, as the facts of a flow."""
    return [[helper.contact_id, helper.name] for helper in _others(tx, request)[:MOST_LISTED]]


def _others(tx: Tx, request: Request) -> list[Helper]:
    """List the other volunteers of the village who want to be asked."""
    return [
        helper
        for helper in helps.list_helpers(tx.connection, request.village)
        if helper.contact_id not in (tx.person.contact_id, request.contact_id)
        and mutes.wants(tx.connection, helper.contact_id, OFFERS.name)
    ]


def _for_helper(
    tx: Tx, action: str, *, code: str | None = None, request_id: int | None = None
) -> tuple[Helper, Request, Help]:
    """Find who acts, then on what: always in this order, so that no two turns wait for each other.

    Raises:
        Denied: not an active volunteer, or that request was never offered.
    """
    helper = find_helper(tx)
    subject = f"request {code or request_id}"
    if helper is None:
        why = N_("Only active volunteers help with requests. To become one, type *daftar relawan*.")
        raise Denied(why, f"help {action}", subject)
    request = requests.find_request(tx.connection, code=code, request_id=request_id)
    seen = helps.find_help(tx.connection, request.id) if request is not None else None
    if request is None or seen is None:
        raise Denied(_NOT_YOURS, f"help {action}", subject)
    return helper, request, seen


def _tell_not_offered(tx: Tx, request: Request) -> Request | None:
    """Say who has a request, or that it needs nobody any more; returns it where it is the person's own task."""
    seen = helps.find_help(tx.connection, request.id)
    if seen is None or seen.state != "taken" or seen.contact_id is None:
        _tell_over(tx, request)
        return None
    if seen.contact_id == tx.person.contact_id:
        tx.say(N_("{code} is with you already.", code=request.code))
        return request
    holder = volunteers.find_volunteer(tx.connection, seen.contact_id)
    tx.about = seen.contact_id
    tx.say(
        N_(
            "{name} has {code} already. Thank you for wanting to help!",
            code=request.code,
            name=holder.name if holder else "-",
        )
    )
    tx.offer(N_("My tasks"), "tugas")
    return None


def _tell_over(tx: Tx, request: Request) -> None:
    tx.say(N_("{code} needs no help any more; it is now: {state}.", code=request.code, state=STATES[request.state]))
    tx.offer(N_("My tasks"), "tugas")


def _tell_helper(tx: Tx, contact_id: int, request: Request, what: Text, changed: Changed) -> None:
    button = (N_("Open"), f"tugas {request.code}")
    tx.push(contact_id, paragraphs(what, changed.note), (button,), changed.media)


def _close(tx: Tx, seen: Help, told: Text) -> None:
    """End the need for help; whoever helped is told."""
    if helps.change_help(tx.connection, seen, state="closed") and seen.state == "taken" and seen.contact_id is not None:
        tx.push(seen.contact_id, told, nameless=True)


def _subject(request: Request) -> str:
    return f"request {request.code}"

"""Offering requests to the volunteers of a village, in rounds: each return begins another."""

from __future__ import annotations

from collections.abc import Sequence

from flows.text import N_, Text, paragraphs
from handlers.mail import Mail
from handlers.request_views import tell_sender, title_of, village_of
from handlers.rights import may_be_offered
from handlers.topics import OFFERS
from storage import contacts, helps, requests
from storage.helps import Help, Helper
from storage.requests import Request


def offer(mail: Mail, request: Request) -> bool:
    """Offer a new request to the volunteers of its village; says whether there was anybody to offer it to."""
    asked = _list_others(mail, request) if may_be_offered(request) else []
    if asked:
        helps.add_help(mail.connection, request.id, mail.now)
        _ask(mail, request, asked)
    return bool(asked)


def offer_again(
    mail: Mail, request: Request, seen: Help, action: str, actor_id: int | None, note: str | None = None
) -> bool:
    """Take a request from its volunteer and offer it to all others; says whether it was still as seen.

    The sender is told without a name, so that the volunteer's erasure takes nothing from them.
    """
    free = {"state": "offered", "contact_id": None, "taken_at": None, "offered_at": mail.now, "heard_at": mail.now}
    if not helps.change_help(mail.connection, seen, **free, round=seen.round + 1):
        return False
    note_step(mail, request, action, actor_id, note)
    tell_sender(
        mail,
        request,
        N_("The volunteer cannot go on with it. We tell you when another one helps; the office still answers you too."),
        request.state,
    )
    _ask(mail, request, _list_others(mail, request, seen.contact_id))
    return True


def free_tasks(mail: Mail, contact_id: int, actor_id: int) -> None:
    """Offer to others all that a volunteer has who cannot go on."""
    for task in helps.list_taken_by(mail.connection, contact_id):
        request = requests.find_request(mail.connection, request_id=task.id)
        seen = helps.find_help(mail.connection, task.id)
        if request is not None and seen is not None and (seen.state, seen.contact_id) == ("taken", contact_id):
            offer_again(mail, request, seen, "help_requeue", actor_id)


def note_step(
    mail: Mail, request: Request, action: str, actor_id: int | None, note: str | None = None, state: str | None = None
) -> None:
    """Write a step of a volunteer's, or of the clock's about them, into the history and the audit; sets the state given."""
    if state is not None:
        requests.change_request(mail.connection, request.id, mail.now, state=state)
    requests.add_event(mail.connection, request.id, actor_id, action, state or request.state, note, None, mail.now)
    contacts.add_audit(
        mail.connection, actor_id, action.replace("_", " "), f"request {request.code}", allowed=True, at=mail.now
    )


def summary_of(mail: Mail, request: Request) -> Text:
    """Say what a request is about, and nothing of who sent it."""
    return N_(
        "*{code}* {title}, {village}",
        code=request.code,
        title=title_of(mail, request),
        village=village_of(mail, request),
    )


def _ask(mail: Mail, request: Request, asked: Sequence[Helper]) -> None:
    text = paragraphs(
        N_("*Somebody asks for help*"), summary_of(mail, request), N_("Whoever takes it first helps with it.")
    )
    for helper in asked:
        mail.write_to(
            helper.contact_id,
            text,
            ((N_("I will help"), f"bantu {request.code}"),),
            about=request.contact_id,
            topic=OFFERS,
        )


def _list_others(mail: Mail, request: Request, but: int | None = None) -> list[Helper]:
    """List the volunteers of the village, without the sender and one more."""
    found = helps.list_helpers(mail.connection, request.village)
    return [helper for helper in found if helper.contact_id not in (request.contact_id, but)]

"""What the clock does about requests that volunteers help with: nobody is left waiting for somebody who has gone silent.

All is measured in office time: a night, a weekend or a holiday is nobody's silence. While the sender is asked for more, it is
the sender's turn, and no time runs against the volunteer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flows.text import N_, paragraphs
from handlers import offers
from handlers.mail import Mail
from handlers.reminders import Due, Rule
from handlers.topics import REMINDERS
from storage import contacts, helps, requests
from storage.helps import Help
from storage.requests import Request

_EPOCH = datetime.fromisoformat("1970-01-01T00:00+00:00")


def _silent(mail: Mail, after: timedelta) -> Iterator[Due]:
    """Find the requests of whose volunteer nothing was heard for so long; each silence is fenced by when it began."""
    for seen, state in helps.list_unheard(mail.connection, "taken", mail.now - after):
        if seen.contact_id is not None and state != "needs_more" and _is_over(mail, seen.heard_at, after):
            yield Due(seen.contact_id, seen.request_id, _began(seen))


def _began(seen: Help) -> int:
    return (seen.heard_at - _EPOCH) // timedelta(microseconds=1)


def _is_still_silent(seen: Help, due: Due) -> bool:
    """Tell whether nothing has come in between: another process may have heard the volunteer just now."""
    return (seen.state, seen.contact_id, _began(seen)) == ("taken", due.contact_id, due.fence)


def _is_over(mail: Mail, since: datetime, after: timedelta) -> bool:
    office = mail.office
    return office.hours.elapsed(office.local(since), office.local(mail.now)) >= after


def _return(mail: Mail, due: Due) -> None:
    request, seen = _find(mail, due.subject)
    if not _is_still_silent(seen, due) or not offers.offer_again(mail, request, seen, "help_requeue", None):
        return
    mail.write_to(
        due.contact_id,
        N_(
            "Nothing was heard of {code} for a while, so other volunteers are asked now. If you can help after all, take it again.",
            code=request.code,
        ),
        ((N_("I will help"), f"bantu {request.code}"),),
    )


def _remind(mail: Mail, due: Due) -> None:
    request, seen = _find(mail, due.subject)
    if not _is_still_silent(seen, due):
        return
    mail.write_to(
        due.contact_id,
        paragraphs(
            offers.summary_of(mail, request),
            N_("How does it go? The sender waits for a word from you. If you cannot help just now, give it back."),
        ),
        ((N_("Open"), f"tugas {request.code}"),),
        topic=REMINDERS,
    )


def _due_to_coordinators(mail: Mail) -> Iterator[Due]:
    after = mail.office.programme.coordinator_after
    waiting = [
        seen
        for seen, _ in helps.list_unheard(mail.connection, "offered", mail.now - after)
        if _is_over(mail, seen.offered_at, after)
    ]
    for officer in contacts.list_staff(mail.connection) if waiting else ():
        if officer.role in ("admin", "officer"):
            for seen in waiting:
                yield Due(officer.contact_id, seen.request_id, seen.round)


def _tell_coordinator(mail: Mail, due: Due) -> None:
    request, seen = _find(mail, due.subject)
    if (seen.state, seen.round) != ("offered", due.fence):
        return
    mail.write_to(
        due.contact_id,
        paragraphs(
            N_("*No volunteer has taken this yet*"),
            offers.summary_of(mail, request),
            N_("Please see to it yourself, or speak to a volunteer of the village."),
        ),
        ((N_("Open"), f"open {request.code}"),),
    )


def _find(mail: Mail, request_id: int) -> tuple[Request, Help]:
    request = requests.find_request(mail.connection, request_id=request_id)
    seen = helps.find_help(mail.connection, request_id)
    if request is None or seen is None:
        raise LookupError(f"request {request_id} was offered and is not there")
    return request, seen


# What goes back to the queue is not reminded of in the same tick.
RULES: tuple[Rule, ...] = (
    Rule("help_return", lambda mail: _silent(mail, mail.office.programme.return_after), _return),
    Rule("help_remind", lambda mail: _silent(mail, mail.office.programme.remind_after), _remind),
    Rule("help_waits", _due_to_coordinators, _tell_coordinator),
)

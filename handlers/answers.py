"""What somebody writes while a request of theirs waits for more, and shortly after they have answered."""

from __future__ import annotations

from datetime import timedelta

from flows.chat import Reply
from flows.fields import is_done
from flows.follow import ANSWER
from flows.registry import SUPPLEMENT
from flows.spelling import fold
from flows.text import N_
from handlers import requests, talking, wishes
from handlers.outcomes import offer_later, settle
from handlers.turn import Tx
from storage import requests as rows
from storage.contacts import OpenConversation
from storage.requests import Answered, Request

MORE_WITHIN = timedelta(minutes=15)  # after the last piece of an answer: as long as one looks for a paper at home
_MOST_LISTED = 20
_NAME_WORDS = 2  # "surat domisili" asks for one; "ktp" alone may well be an answer


def hear(tx: Tx, reply: Reply) -> bool:
    """Take a message as the answer to the one request that waits for more, or as more of the last answer; says whether it was.

    Where it could be either, it is what came last: what was asked for, or the person's own answer.
    """
    if not reply.text and not reply.media:
        return False
    waiting = _find_waiting(tx)
    answered = rows.find_answered(tx.connection, tx.person.contact_id, tx.now - MORE_WITHIN)
    if answered is not None and (waiting is None or answered.request.updated_at > waiting.updated_at):
        return _hear_more(tx, answered, reply)
    if waiting is None or _is_instead(tx, reply):
        return False
    settle(tx, talking.start(tx, SUPPLEMENT, {"request": waiting.id, "code": waiting.code}, reply=reply))
    wish = wishes.find_very_sure(tx, reply.text) if reply.text and not reply.media else None
    if wish is not None and wish.service != waiting.service and tx.conversation is None:
        offer_later(tx, [wish.to_json()])  # nobody can tell whether it was the answer, so it is not lost either
    return True


def is_no_answer(tx: Tx, conversation: OpenConversation, reply: Reply) -> bool:
    """Tell whether a message surely is no answer to the open question for more."""
    return conversation.flow == SUPPLEMENT and _is_instead(tx, reply)


def _is_instead(tx: Tx, reply: Reply) -> bool:
    """Tell whether a message surely is no answer: it is about the chat itself, or is the whole name of a service."""
    if not reply.text or reply.media:
        return False
    typed = fold(reply.text)
    named = len(typed.split()) >= _NAME_WORDS and any(
        typed in map(fold, service.words) for service in tx.office.registry.services.values()
    )
    return named or wishes.is_about_chat(tx, reply.text)


def _find_waiting(tx: Tx) -> Request | None:
    """Find the request that waits for more, if it is the only one."""
    listed = rows.list_of_contact(tx.connection, tx.person.contact_id, _MOST_LISTED)
    waiting = [request for request in listed if request.state == "needs_more"]
    return waiting[0] if len(waiting) == 1 else None


def _hear_more(tx: Tx, answered: Answered, reply: Reply) -> bool:
    """Add a message to the answer given just before, unless it surely wishes something else."""
    request = answered.request
    if is_done(reply):
        tx.say(N_("All right, that is all for {code}. We tell you as soon as something changes.", code=request.code))
        tx.offer(N_("Main menu"), "menu")
        return True
    if _is_instead(tx, reply):
        return False
    if reply.text and not reply.media:
        wish = wishes.find_very_sure(tx, reply.text)
        if wish is not None and wish.service != request.service:
            return False
    given = ANSWER.take(reply)
    if not given.note and not given.media:
        return False
    requests.add_more(tx, answered, given)
    return True

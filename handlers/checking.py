"""The ways to the check of a suspicious message: its words, a question beside it, an app that was sent; and to what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json, Reply
from flows.suspicion import asks_whether_fraud, brings_message, find_signs
from flows.suspicion_check import FRAUD, REPORT
from flows.suspicion_signs import SIGNS
from handlers import suspicion, talking
from handlers.outcomes import begin, settle
from handlers.turn import Tx

FLOW = "suspicion"


def hear_question(tx: Tx, reply: Reply) -> bool:
    """Answer whether a message is fraud, where that is asked: at once if it stands beside the question; says whether it was asked."""
    if not asks_whether_fraud(reply.text):
        return False
    if brings_message(reply.text):
        suspicion.tell(tx, find_signs(reply.text))
    else:
        _check(tx, "")
    return True


def hear_instead(tx: Tx, reply: Reply) -> bool:
    """Where a message did not answer the question: answer whether it is fraud, if it asks that; says whether it did."""
    if not asks_whether_fraud(reply.text):
        return False
    tx.said.clear()
    tx.question = None
    talking.leave(tx)
    return hear_question(tx, reply)


def take_package(tx: Tx, reply: Reply) -> bool:
    """Go on after the warning of an app that was sent, unless words came with it or another question waits; says whether it did."""
    conversation = tx.conversation
    if reply.text or reply.media or (conversation is not None and conversation.flow not in (*talking.OFFERS, FLOW)):
        return False
    talking.drop(tx)
    suspicion.offer_after_package(tx)
    return True


def _check(tx: Tx, argument: str) -> None:
    """Ask for the message; a picture that came with the word is taken as it."""
    del argument
    talking.leave(tx)
    settle(tx, talking.start(tx, FLOW, reply=Reply(media=tx.media) if tx.media else None))


def _report(tx: Tx, argument: str) -> None:
    """Open the complaint, with the signs filled in by their numbers."""
    numbers = {int(number) for number in argument.split(".")}
    signs = [sign.id for sign in SIGNS.values() if sign.number in numbers]
    service = tx.office.registry.services[FRAUD]
    about = next((question.key for question in service.questions if question.field == "words"), None)
    given: dict[str, Json] = {about: suspicion.describe(tx, signs)} if about else {}
    begin(tx, REPORT, given)


def _figures(tx: Tx, argument: str) -> None:
    """Show the office the figures; who is wary otherwise may have a message to be checked."""
    if tx.person.role is None:
        _check(tx, argument)
        return
    talking.leave(tx)
    suspicion.show_figures(tx)


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {"suspicion": _check, "suspicion_report": _report, "suspicions": _figures}
)

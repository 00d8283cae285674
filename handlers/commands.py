"""What the global words do."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MappingProxyType

from flows.codes import CERTIFICATE, LINK_DIGITS, VISIT, find_code, is_code, read_invitation, read_link_code
from flows.outcomes import Changed, SubscriptionChanged
from flows.registry import BROADCAST
from flows.spelling import fold
from flows.text import N_
from handlers import (
    attendance,
    broadcast_control,
    checking,
    desk,
    erasure,
    fieldwork,
    helping,
    invitations,
    learning,
    linking,
    request_views,
    requests,
    school,
    talking,
    tips,
    visits,
)
from handlers.outcomes import begin, choose_language, settle
from handlers.topics import TIPS, TOPIC_WORDS
from handlers.turn import Denied, Tx
from handlers.views import open_task
from handlers.words import Command
from storage import contacts, mutes
from storage.requests import Request, find_request


def run(tx: Tx, command: Command) -> None:
    """Do what a global word says.

    Raises:
        Denied: the person may not do that.
    """
    _DO[command.name](tx, command.argument)


def _flow(name: str) -> Callable[[Tx, str], None]:
    def open_flow(tx: Tx, argument: str) -> None:
        del argument
        begin(tx, name)

    return open_flow


def _menu(tx: Tx, argument: str) -> None:
    """Show the menu; behind /start a link may name a service, ``layanan-surat_domisili``, or an invitation."""
    if argument.startswith(invitations.LINK):
        _invited(tx, argument.removeprefix(invitations.LINK))
        return
    service = argument.removeprefix("layanan-")
    begin(tx, f"request:{service}" if argument and service in tx.office.registry.services else "menu")


def _back(tx: Tx, argument: str) -> None:
    conversation = tx.conversation
    if conversation is not None and talking.go_back(tx, conversation):
        return
    _menu(tx, argument)


def _cancel(tx: Tx, argument: str) -> None:
    del argument
    if tx.conversation is None:
        tx.say(N_("There is nothing to cancel."))
    elif tx.conversation.flow == BROADCAST:
        number = int(json.loads(tx.conversation.facts)["broadcast"])
        talking.drop(tx)
        broadcast_control.tell_unchanged(tx, number)
    else:
        talking.drop(tx)
        tx.say(N_("Cancelled. Nothing of it is kept."))
    tx.offer(N_("Main menu"), "menu")


def _status(tx: Tx, argument: str) -> None:
    if argument:
        show_code(tx, argument)
        return
    begin(tx, "my_requests")


def _stop(tx: Tx, argument: str) -> None:
    """Stop everything that was not asked for, or one topic of it."""
    topic = TOPIC_WORDS.get(fold(argument))
    if topic is TIPS:
        tips.change(tx, SubscriptionChanged("end"))
        _ask_again(tx)
        return
    if topic is not None:
        if mutes.wants(tx.connection, tx.person.contact_id, topic.name):
            broadcast_control.count_stop(tx, topic)
        mutes.mute(tx.connection, tx.person.contact_id, topic.name, tx.now)
        tx.say(
            N_("Noted: no more {topic}. To get them again, type *langganan {word}*.", topic=topic.label, word=argument)
        )
        _ask_again(tx)
        return
    if tx.person.stopped_at is None:
        contacts.change_contact(tx.connection, tx.person.contact_id, stopped_at=tx.now)
        broadcast_control.count_stop(tx)
    tx.say(
        N_(
            "Stopped. You get no messages any more that you did not ask for. Answers to your own requests still come. To start again, type *langganan*."
        )
    )
    _ask_again(tx)


def _subscribe(tx: Tx, argument: str) -> None:
    """Take back a stop: one topic's, or everything."""
    topic = TOPIC_WORDS.get(fold(argument))
    nothing_stopped = tx.person.stopped_at is None and not mutes.list_muted(tx.connection, tx.person.contact_id)
    if topic is TIPS or (not argument and nothing_stopped):
        begin(tx, "subscribe")
        return
    mutes.unmute(tx.connection, tx.person.contact_id, topic.name if topic else None)
    contacts.change_contact(tx.connection, tx.person.contact_id, stopped_at=None)
    if topic is not None:
        tx.say(N_("Noted: you get {topic} again.", topic=topic.label))
    else:
        tx.say(
            N_("All right, you get news again. To stop, type *stop*. For a tip a day or a week, type *langganan tips*.")
        )
        if tx.conversation is None or tx.conversation.flow in talking.OFFERS:
            tx.offer(N_("Tips by themselves"), "langganan tips")
    _ask_again(tx)


def _data(tx: Tx, argument: str) -> None:
    del argument
    erasure.tell_data(tx)
    _ask_again(tx)


def _invited(tx: Tx, argument: str) -> None:
    """Begin the application somebody was invited to."""
    talking.leave(tx)
    given = invitations.accept(tx, read_invitation(argument) or argument[:10])
    if given is not None:
        settle(tx, talking.start(tx, "volunteer_join", given))


def _link(tx: Tx, argument: str) -> None:
    """Join two accounts: alone it gives a code, with the code of the other account it asks whether to."""
    if not argument:
        linking.show_code(tx)
        _ask_again(tx)
        return
    code = read_link_code(argument) or ""
    if len(code) != LINK_DIGITS + 1:
        tx.say(N_("The code has {count} digits and looks like 1234-5678. Please check it.", count=LINK_DIGITS))
        _ask_again(tx)
        return
    given = linking.look_up(tx, code)
    if given is not None:
        begin(tx, "link", given)


def _ask_again(tx: Tx) -> None:
    """After something that is no answer, show the open question again; a menu is an offer and can be asked for."""
    if tx.conversation is not None and tx.conversation.flow in talking.OFFERS:
        talking.drop(tx)
        tx.offer(N_("Main menu"), "menu")
    elif tx.conversation is not None:
        settle(tx, talking.answer(tx, tx.conversation, None))


def _in_between(do: Callable[[Tx, str], None]) -> Callable[[Tx, str], None]:
    """Do something that leaves the open question as it is, and show that again."""

    def run_and_ask(tx: Tx, argument: str) -> None:
        do(tx, argument)
        if tx.conversation is None:
            tx.offer(N_("Main menu"), "menu")
        _ask_again(tx)

    return run_and_ask


def _answer_tip(tx: Tx, argument: str) -> None:
    """Take the answer to a tip's question; another question that is open is asked again."""
    tips.answer(tx, argument)
    _ask_again(tx)


def _speak(language: str) -> Callable[[Tx, str], None]:
    def change(tx: Tx, argument: str) -> None:
        del argument
        choose_language(tx, language)
        _ask_again(tx)

    return change


def _mine(flow: str) -> Callable[[Tx, str], None]:
    def open_own(tx: Tx, argument: str) -> None:
        request = _request(tx, argument)
        if request is None:
            return
        if not request_views.is_sender(tx, request):
            raise Denied(N_("That is not one of your requests."), flow, f"request {request.code}")
        begin(tx, flow, {"request": request.id, "code": request.code})

    return open_own


def _open(tx: Tx, argument: str) -> None:
    request = _request(tx, argument)
    if request is not None:
        desk.open_request(tx, request)


def _confirm(tx: Tx, argument: str) -> None:
    request = _request(tx, argument)
    if request is not None:
        requests.act(tx, Changed(request.id, "confirm"))
        tx.offer(N_("Main menu"), "menu")


def show_code(tx: Tx, text: str) -> None:
    """Show the request whose code stands in a text: to its sender, to staff, and to the volunteer who has it; to others that it exists is not said."""
    code = find_code(text)
    if code is not None and code.startswith(VISIT):
        visits.show(tx, code)
        tx.offer(N_("Main menu"), "menu")
        return
    if code is not None and code.startswith(CERTIFICATE):
        learning.check_certificate(tx, code)
        tx.offer(N_("Main menu"), "menu")
        return
    request = _request(tx, text)
    if request is None:
        return
    if request_views.is_sender(tx, request):
        talking.leave(tx)
        request_views.tell_sender_view(tx, request)
    elif tx.person.role is not None:
        desk.open_request(tx, request)
    elif helping.has(tx, request):
        talking.leave(tx)
        settle(tx, open_task(tx, code=request.code))
    else:
        tx.say(N_("I find no request of yours with that number."))
        tx.offer(N_("My requests"), "status")


def _request(tx: Tx, text: str) -> Request | None:
    code = find_code(text)
    if code is None or not is_code(code):
        tx.say(N_("That number is not quite right: please check each letter and digit. It looks like BLT-7K3F."))
        tx.offer(N_("My requests"), "status")
        return None
    request = find_request(tx.connection, code=code)
    if request is None:
        tx.say(N_("I find no request of yours with that number."))
        tx.offer(N_("My requests"), "status")
    return request


_DO: MappingProxyType[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "menu": _menu,
        "help": _flow("help"),
        "back": _back,
        "cancel": _cancel,
        "status": _status,
        "stop": _stop,
        "subscribe": _subscribe,
        "language": _flow("language"),
        "indonesian": _speak("id"),
        "javanese": _speak("jv"),
        "erase": _flow("erase"),
        "data": _data,
        "officer": _flow("officer"),
        "services": _flow("services"),
        "join": _flow("volunteer_join"),
        "invited": _invited,
        "link": _link,
        "complaints": _flow("complaints"),
        "village": _flow("village"),
        "open": _open,
        "add": _mine("supplement"),
        "confirm": _confirm,
        "reopen": _mine("reopen"),
        "rsvp": _in_between(attendance.answer),
        "attend": _in_between(attendance.attend),
        **desk.DO,
        **fieldwork.DO,
        **school.DO,
        **{name: _in_between(do) for name, do in tips.DO.items()},
        "tip_answer": _answer_tip,
        **checking.DO,
    }
)

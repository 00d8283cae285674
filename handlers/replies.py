"""An answer to a message of ours while no question is open: what it was about, or which of its buttons is meant."""

from __future__ import annotations

import json

from flows.chat import Reply
from flows.choices import choose, reads_as
from flows.codes import VISIT, find_code
from flows.outcomes import PhotosAdded
from flows.wishes import wish_of
from handlers import visits
from handlers.fieldwork import amend, is_change
from handlers.messages import Outgoing, load_outgoing
from handlers.turn import Tx
from handlers.wishes import understand
from handlers.words import Command, find_command
from storage import outbox

_CHANGE_WORDS = ("ubah", "ganti", "perbaiki", "ewahi", "gantos", "dandosi")


def take_reply(tx: Tx, reply_to: str, reply: Reply) -> bool:
    """Take a reply to a message about a visit of one's own as a change of it, by words or photos; says whether it was one."""
    payload = outbox.find_payload(tx.connection, tx.person.channel, tx.person.address, reply_to)
    code = find_code(json.loads(payload)["text"]) if payload else None
    photos = visits.photos_in(reply.media)
    if code is None or not code.startswith(VISIT) or not (photos or reply.text) or not visits.may_report(tx):
        return False
    visit = visits.find_own(tx, code, "amend" if reply.text else "photos")
    if visit is None:
        return True
    if photos:
        visits.add_photos(tx, PhotosAdded(visit.id, photos))
        visit = visits.find_own(tx, code, "photos") or visit
    if reply.text:
        amend(tx, visit, wish_of(understand(tx, reply.text)).visit)
    return True


def find_button(tx: Tx, text: str) -> Command | None:
    """Find the command behind a button of the last message, typed by its number or its words instead of pressed."""
    last = _last(tx) if text else None
    data = choose(text, tuple((button.data, button.label, ()) for button in last.buttons)) if last else None
    return find_command(data.removeprefix("!")) if data and data.startswith("!") else None


def take_change(tx: Tx, text: str) -> bool:
    """Take words that say one thing of a visit anew, or only "ubah", as a change of the one just shown; says whether they were that."""
    last = _last(tx)
    code = find_code(last.text) if last else None
    if code is None or not code.startswith(VISIT) or not visits.may_report(tx):
        return False
    wish = wish_of(understand(tx, text))
    if not is_change(wish) and not reads_as(text, _CHANGE_WORDS):
        return False
    visit = visits.find_own(tx, code, "amend")
    if visit is not None:
        amend(tx, visit, wish.visit if is_change(wish) else {})
    return True


def _last(tx: Tx) -> Outgoing | None:
    """Load the last message to where the person writes now: what stands on their screen."""
    payload = outbox.find_last_payload(tx.connection, tx.person.contact_id, tx.person.channel, tx.person.address)
    return load_outgoing(payload) if payload else None

"""An answer to a message of ours while no question is open: what it was about, or which of its buttons is meant."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flows.chat import Reply
from flows.choices import choose, reads_as
from flows.codes import VISIT, find_code
from flows.outcomes import PhotosAdded
from flows.wishes import wish_of
from handlers import visits
from handlers.broadcast_texts import outgoing
from handlers.fieldwork import amend, is_change
from handlers.messages import Outgoing, load_outgoing
from handlers.turn import Tx
from handlers.wishes import understand
from handlers.words import Command, find_command
from storage import broadcasts, deliveries, outbox

_MOST_LABEL_CHARS = 40  # of what may be a button's number or words: a longer message costs no look for a broadcast
_BUTTONS_LIVE = timedelta(days=7)  # in which the buttons of a broadcast may be typed
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
    if not text:
        return None
    found = outbox.find_last(tx.connection, tx.person.contact_id, tx.person.channel, tx.person.address)
    broadcast = _last_broadcast(tx, found[1] if found else None) if len(text) <= _MOST_LABEL_CHARS else None
    written = load_outgoing(found[0]) if found and found[0] else None
    for shown in filter(None, (broadcast, written)):
        data = choose(text, tuple((button.data, button.label, ()) for button in shown.buttons))
        if data is not None:
            return find_command(data.removeprefix("!")) if data.startswith("!") else None
    return None


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


def _last_broadcast(tx: Tx, written_at: datetime | None) -> Outgoing | None:
    """Make the broadcast again that stands on the person's screen, where nothing was written to them after it."""
    since = tx.now - _BUTTONS_LIVE
    since = since if written_at is None else max(since, written_at)
    found = deliveries.find_last_sent(tx.connection, tx.person.contact_id, since, channel=tx.person.channel)
    broadcast = broadcasts.find(tx.connection, found) if found is not None else None
    return outgoing(tx.office, broadcast, tx.person.language) if broadcast is not None else None


def _last(tx: Tx) -> Outgoing | None:
    """Load the last message to where the person writes now: what stands on their screen."""
    found = outbox.find_last(tx.connection, tx.person.contact_id, tx.person.channel, tx.person.address)
    return load_outgoing(found[0]) if found and found[0] else None

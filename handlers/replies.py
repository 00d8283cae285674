"""A reply to a message of ours: what it was about tells what the reply changes."""

from __future__ import annotations

import json

from flows.chat import Reply
from flows.codes import VISIT, find_code
from flows.outcomes import PhotosAdded
from flows.wishes import wish_of
from handlers import visits
from handlers.fieldwork import amend
from handlers.turn import Tx
from handlers.wishes import understand
from storage import outbox


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

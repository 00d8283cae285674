"""Use-cases of broadcasts: compose one, approve or decline it; rights and audit in one place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.broadcast import NOW, repeats
from flows.chat import Facts, Json
from flows.outcomes import BroadcastComposed, BroadcastDeclined
from flows.recurrence import load_recurrence
from flows.text import N_, Text, paragraphs
from handlers import dry_run
from handlers.broadcast_begin import SIZE, digest_of, let_go, settle, tell_author
from handlers.broadcast_buttons import make_buttons
from handlers.events import list_around
from handlers.guides import name_file
from handlers.made import ask_for_words
from handlers.messages import to_json
from handlers.recurrence import next_after
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import audiences, broadcasts, contacts, media
from storage.audiences import Audience
from storage.broadcasts import Broadcast

MOST_SAVED = 20  # offered
SEEN_CHARS = 16  # of the digest, in a button


def check_rights(tx: Tx, action: str, subject: str = "broadcast") -> None:
    """Let only officers of the regency's office have to do with broadcasts.

    Raises:
        Denied: somebody else.
    """
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers of the regency's office send broadcasts."), f"broadcast {action}", subject)


def preview(tx: Tx, composed: BroadcastComposed) -> Broadcast:
    """Give the broadcast that would be sent, with no id yet."""
    values = _values(tx, composed)
    empty = dict.fromkeys(Broadcast.__dataclass_fields__)
    rest = {"id": 0, "state": "waiting", "filled_to": 0, "fill_until": 0, "stopped": 0}
    return Broadcast(**{**empty, **rest, **values})


def compose(tx: Tx, composed: BroadcastComposed) -> int | None:
    """Store a broadcast and let it go, or let it wait for its time or for a second officer; None where that cannot be.

    Raises:
        Denied: not an officer of the regency's office.
    """
    check_rights(tx, "compose")
    _check_secrets(tx, Audience.from_json(dict(composed.audience)))
    values = _values(tx, composed)
    if composed.when != NOW and values["start_at"] is None:
        tx.say(N_("That time has gone by meanwhile. Nothing was sent; choose another with *Change something*."))
        return None
    if why := find_fault(tx, composed.media):
        tx.say(why)
        return None
    number = broadcasts.add(tx.connection, state="waiting", **values)
    contacts.add_audit(
        tx.connection, tx.person.contact_id, "broadcast compose", f"broadcast {number}", allowed=True, at=tx.now
    )
    if composed.audience_name:
        audiences.save(tx.connection, composed.audience_name, values["audience"], tx.person.contact_id, tx.now)
    if dry_run.is_large(tx.connection):
        ask_for_words(tx, tx.person.contact_id, SIZE, str(number))
        tx.say(N_("Kept as broadcast {number}. I am counting whom it reaches, then I tell you how it goes on.", number=number))  # fmt: skip
    else:
        row = _get(tx, number, "compose")
        tx.say(settle(tx, row, dry_run.count(tx.connection, tx.office, row)))
        tx.offer(N_("About the broadcast"), f"siaran {number}")
    return number


def find_fault(tx: Tx, media_id: str | None) -> Text | None:
    """Say what is wrong with the file that is to go along, if something is."""
    if media_id is None:
        return None
    state, _ = media.list_states(tx.connection, [media_id]).get(media_id, ("refused", ""))
    if state == "refused":
        return N_("The file could not be taken. Send another one: *Change something*, then its line.")
    return N_("The file is still on its way to me. Please try again in a moment.") if state == "waiting" else None


def approve(tx: Tx, number: int, seen: str) -> None:
    """Let a broadcast of somebody else go, in exactly the form that was seen.

    Args:
        tx: the turn of who approves.
        number: which.
        seen: the beginning of the digest that was shown.

    Raises:
        Denied: not an officer of the regency's office, one's own, another form than was seen, or no such broadcast.
    """
    row = _decide(tx, number, seen, "approve")
    if row is None:
        return
    if not broadcasts.change(tx.connection, row.id, ("waiting",), approver_id=tx.person.contact_id):
        tx.say(_decided(row))
        return
    people = None if dry_run.is_large(tx.connection) else dry_run.count(tx.connection, tx.office, row).people
    told = let_go(tx, replace(row, approver_id=tx.person.contact_id), people)
    _audit(tx, "approve", row)
    tx.say(told)
    name = tx.person.staff_name or ""
    tell_author(tx, row, paragraphs(N_("{name} has approved broadcast {number}.", name=name, number=row.id), told))


def decline(tx: Tx, declined: BroadcastDeclined) -> None:
    """Do not let a broadcast of somebody else go; its author reads why.

    Raises:
        Denied: as with approve.
    """
    row = _decide(tx, declined.broadcast, declined.seen, "decline")
    if row is None:
        return
    gone = {"state": "declined", "reason": declined.reason, "ended_at": tx.now}
    if not broadcasts.change(tx.connection, row.id, ("waiting",), **gone):
        tx.say(_decided(row))
        return
    _audit(tx, "decline", row)
    tx.say(N_("Broadcast {number} is declined. Its author reads your reason.", number=row.id))
    why = N_("{name} has not approved broadcast {number}: {reason}", name=tx.person.staff_name or "", number=row.id, reason=declined.reason)  # fmt: skip
    tell_author(tx, row, paragraphs(why, N_("It is not sent. To write another, type *siaran baru*.")))


def find_to_decide(tx: Tx, number: int) -> Broadcast | None:
    """Find a broadcast that waits for somebody else than its author; says so where it was decided already.

    Raises:
        Denied: not an officer of the regency's office, one's own, or no such broadcast.
    """
    row = _get(tx, number, "decide")
    if row.author_id == tx.person.contact_id:
        raise Denied(N_("Nobody decides about their own broadcast: a colleague has to."), "broadcast decide", f"broadcast {row.id}")  # fmt: skip
    if row.state != "waiting":
        tx.say(_decided(row))
        return None
    return row


def list_to_decide(tx: Tx) -> list[Broadcast]:
    """List the broadcasts that wait for somebody like this person."""
    waiting = broadcasts.list_latest(tx.connection, 20, ("waiting",))
    return [row for row in waiting if row.author_id != tx.person.contact_id] if may_coordinate(tx.person) else []


def new_facts(tx: Tx, given: Facts) -> Facts:
    """Capture what an officer chooses from who writes a broadcast: channels, events, saved audiences; and the time."""
    del given
    check_rights(tx, "compose")
    ahead, past = list_around(tx)
    events: list[Json] = [[event.id, event.title] for event in (*ahead, *past)]
    kept = audiences.list_saved(tx.connection)[:MOST_SAVED]
    return {
        "now": tx.office.local(tx.now).isoformat(), "channels": list[Json](tx.office.abilities), "events": events,
        "upcoming": events[: len(ahead)], "audiences": [[each.id, each.name, each.filters] for each in kept],
    }  # fmt: skip


def _values(tx: Tx, composed: BroadcastComposed) -> dict[str, Any]:
    """Give the columns of a broadcast; start_at is None for what goes out at once, and for what has no time left."""
    recurrence = None if composed.when == NOW else load_recurrence(composed.when)
    holidays = tx.office.hours.holidays
    text = composed.text_id or composed.text_jv or ""
    kind = media.list_states(tx.connection, [composed.media]).get(composed.media, ("", ""))[1] if composed.media else ""
    values: dict[str, Any] = {
        "kind": composed.kind,
        "urgent": composed.urgent,
        "text_id": composed.text_id,
        "text_jv": composed.text_jv,
        "media": composed.media,
        "file_name": name_file(" ".join(text.split()[:5])) if kind == "document" else None,
        "buttons": to_json(make_buttons(tx, composed)),
        "audience": to_json(Audience.from_json(dict(composed.audience)).to_json()),
        "recurrence": composed.when if repeats(composed.when) else None,
        "if_missed": composed.if_missed,
        "start_at": next_after(recurrence, tx.now, tx.office.zone, holidays) if recurrence else None,
        "author_id": tx.person.contact_id,
        "created_at": tx.now,
    }
    return {**values, "digest": digest_of(values)}


def _check_secrets(tx: Tx, audience: Audience) -> None:
    """Let nobody find out by numbers who has sent a confidential complaint.

    Raises:
        Denied: the audience has such a service among what was asked for.
    """
    for part in (audience, *audience.but):
        services = (tx.office.registry.services.get(each) for each in part.requested)
        if any(service is not None and service.confidential for service in services):
            raise Denied(N_("Who has sent a confidential complaint is not for broadcasts."), "broadcast compose", "audience")  # fmt: skip


def _decided(row: Broadcast) -> Text:
    return N_("Broadcast {number} does not wait any more; somebody has decided already.", number=row.id)


def _decide(tx: Tx, number: int, seen: str, action: str) -> Broadcast | None:
    row = find_to_decide(tx, number)
    if row is None:
        return None
    if digest_of(row) != row.digest or len(seen) < SEEN_CHARS or not row.digest.startswith(seen):
        raise Denied(N_("The broadcast is not what you were shown. Nothing was decided; please look at it again: *meja*."), f"broadcast {action}", f"broadcast {row.id}")  # fmt: skip
    return row


def _get(tx: Tx, number: int, action: str) -> Broadcast:
    check_rights(tx, action, f"broadcast {number}")
    row = broadcasts.find(tx.connection, number)
    if row is None:
        raise Denied(N_("There is no such broadcast."), f"broadcast {action}", f"broadcast {number}")
    return row


def _audit(tx: Tx, action: str, row: Broadcast) -> None:
    contacts.add_audit(
        tx.connection, tx.person.contact_id, f"broadcast {action}", f"broadcast {row.id}", allowed=True, at=tx.now
    )

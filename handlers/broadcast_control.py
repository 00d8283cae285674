"""Use-cases of broadcasts that have been written: seeing how far one is, pausing, cancelling, sending again; rights and audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from flows.broadcast_case import ACTIONS, AGAIN
from flows.chat import Json
from flows.outcomes import BroadcastChanged, BroadcastExported
from flows.text import N_, Joined, Message, Text, lines, paragraphs
from handlers.broadcast_figures import RECIPIENT_STATES, STATES, Figures, beginning, reason_text, share, shorten, tell
from handlers.broadcast_table import TABLE, Order, form_of
from handlers.made import ask_for
from handlers.rights import may_coordinate
from handlers.topics import TOPIC_OF_KIND, Topic
from handlers.turn import Denied, Tx
from handlers.words import find_command
from storage import broadcasts, contacts, deliveries
from storage.broadcasts import Broadcast
from storage.deliveries import Got

MOST_LISTED = 8
MOST_HISTORY = 10
MOST_COUNTED = (
    20_000  # recipients counted while the officer waits: about 5 ms; of more, the figures last counted are shown
)
STOP_COUNTS = timedelta(hours=24)  # after a broadcast: a later stop is not its doing
NEW = "siaran_baru"
_LABEL_CHARS = 20
_LISTED_CHARS = 40
# From which states each action is possible; what it does is said in change().
_FROM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pause": ("running",),
        "resume": ("paused",),
        "cancel": ("waiting", "scheduled", "running", "paused"),
        **dict.fromkeys(AGAIN, ("running", "paused", "done")),
    }
)
_COLLEAGUE: Mapping[str, Message] = MappingProxyType(
    {
        "pause": N_("{name} has paused your broadcast {number}."),
        "resume": N_("{name} lets your broadcast {number} go on."),
        "cancel": N_("{name} has cancelled your broadcast {number}."),
        "again_failed": N_("{name} sends your broadcast {number} again to those it could not be sent to."),
        "again_unknown": N_("{name} sends your broadcast {number} again to those of whom it is not certain."),
    }
)


def check(tx: Tx, action: str, subject: str) -> None:
    """Let only the regency's office look after broadcasts.

    Raises:
        Denied: somebody else.
    """
    if not may_coordinate(tx.person):
        raise Denied(N_("Broadcasts are for the regency's office."), action, subject)


def get_broadcast(tx: Tx, number: int, action: str = "broadcast open") -> Broadcast:
    """Find a broadcast for somebody who may look after it.

    Raises:
        Denied: somebody else, or there is no such broadcast.
    """
    subject = f"broadcast {number}"
    check(tx, action, subject)
    broadcast = broadcasts.find(tx.connection, number)
    if broadcast is None:
        raise Denied(N_("There is no such broadcast."), action, subject)
    return broadcast


def tell_list(tx: Tx) -> None:
    """List the latest broadcasts, each with a button that opens it.

    Raises:
        Denied: not for this person.
    """
    check(tx, "broadcast list", "broadcasts")
    found = broadcasts.list_latest(tx.connection, MOST_LISTED)
    _audit(tx, "broadcast list", "broadcasts")
    tx.say(
        paragraphs(
            N_("*Broadcasts*, the newest first"),
            lines(*map(_row, found)) if found else N_("None has been written yet."),
            N_("To see one, press it or type for example *siaran {number}*.", number=str(found[0].id))
            if found
            else None,
        )
    )
    if find_command(NEW) is not None:
        tx.offer(N_("New broadcast"), NEW)
    for each in found:
        tx.offer(
            shorten(f"{each.id} {beginning(each, _LABEL_CHARS)[tx.voice.language]}", _LABEL_CHARS), f"siaran {each.id}"
        )
    tx.offer(N_("Main menu"), "menu")


def _row(broadcast: Broadcast) -> Text:
    figures = Figures.of(broadcast)
    sent = N_("sent to {share} % of {count}", share=share(figures), count=figures.wanted) if figures.counts else None
    about = (TOPIC_OF_KIND[broadcast.kind].label, STATES[broadcast.state], sent)
    told = Joined(tuple(each for each in about if each is not None), ", ")
    begins = beginning(broadcast, _LISTED_CHARS)
    return N_("*{number}* {told}: “{beginning}”", number=str(broadcast.id), told=told, beginning=begins)


def figures_now(tx: Tx, broadcast: Broadcast) -> Figures:
    """Count a broadcast's recipients; of a large one, give what was counted last, and have it counted soon."""
    kept = Figures.of(broadcast)
    if (kept.count() if kept.counts and broadcast.is_filled else broadcast.fill_until) <= MOST_COUNTED:
        rows = tx.connection.execute(deliveries.count_states(broadcast.id)).all()
        return Figures.from_rows([tuple(row) for row in rows], kept.per_minute)
    if not broadcast.watched:
        broadcasts.change(tx.connection, broadcast.id, (broadcast.state,), watched=True, told=True)
    return kept


def show(tx: Tx, number: int) -> dict[str, Json]:
    """Show an officer how far a broadcast is; gives the facts of what can be done with it.

    Raises:
        Denied: not for this person, or no such broadcast.
    """
    broadcast = get_broadcast(tx, number)
    figures = figures_now(tx, broadcast)
    _audit(tx, "broadcast open", f"broadcast {number}")
    tx.say(tell(tx.office, broadcast, figures, tx.now))
    if figures.counts and figures.count() > MOST_COUNTED and broadcast.counted_at is not None:
        tx.say(N_("Counted: {at}. Newer figures come about every ten seconds.", at=broadcast.counted_at))
    failed, unknown = figures.count("failed"), figures.count("unknown")
    possible = {action for action, states in _FROM.items() if broadcast.state in states}
    possible -= set() if failed and not broadcast.sweep else {"again_failed"}
    possible -= set() if unknown and not broadcast.sweep else {"again_unknown"}
    possible |= {"refresh"} | ({"table"} if figures.counts else set())
    return {
        "broadcast": number, "actions": [*sorted(possible)], "failed": failed, "unknown": unknown,
        "waiting": figures.count("queued", "claimed"), "rows": figures.count(), "begun": broadcast.started_at is not None,
    }  # fmt: skip


def change(tx: Tx, changed: BroadcastChanged) -> None:
    """Pause a broadcast, let it go on, cancel it, or send it again to those it failed with, or of whom it is not known.

    What is just being sent goes out; everything else stops at once. Recipients are cancelled and queued again in steps.

    Raises:
        Denied: not for this person, or no such broadcast.
    """
    action = f"broadcast {changed.action}"
    broadcast = get_broadcast(tx, changed.broadcast, action)
    number = str(broadcast.id)
    if not _move(tx, broadcast, changed.action):
        tx.say(N_("That is not possible any more. Broadcast {number} now: {state}.", number=number, state=STATES[broadcast.state]))  # fmt: skip
    else:
        _audit(tx, action, f"broadcast {number}")
        tx.say(_said(broadcast, changed.action))
        if broadcast.author_id not in (None, tx.person.contact_id):
            told = replace(
                _COLLEAGUE[changed.action], arguments={"name": tx.person.staff_name or "-", "number": number}
            )
            tx.push(int(broadcast.author_id or 0), told, ((N_("See the broadcast"), f"siaran {number}"),))
    tx.offer(N_("See the broadcast"), f"siaran {number}")
    tx.offer(N_("All broadcasts"), "siaran")


def _move(tx: Tx, broadcast: Broadcast, action: str) -> bool:
    """Do an action where the broadcast's state allows it; says whether it did."""
    states = _FROM[action]
    if action in AGAIN:
        return broadcasts.send_again(tx.connection, broadcast.id, states, AGAIN[action])
    values: dict[str, object] = {"reason": None, "watched": True, "told": True}
    if action == "pause":
        values |= {"state": "paused"}
    elif action == "resume":  # its author is shown anew how far it is, where they look now
        values |= {"state": "running", "told": False, "progress_outbox_id": None}
    else:
        begun = broadcast.started_at is not None
        values |= {"state": "cancelled", "ended_at": tx.now, "watched": begun, "sweep": "cancel" if begun else None}
    return broadcasts.change(tx.connection, broadcast.id, states, **values)


def _said(broadcast: Broadcast, action: str) -> Text:
    match action:
        case "pause":
            return N_("Paused. What was on its way just now still arrives; nobody else gets it until you let it go on.")
        case "resume":
            return N_("It goes on where it stopped. Nobody gets it twice.")
        case "cancel" if broadcast.started_at is None:
            return N_("Cancelled. It does not go out.")
        case "cancel":
            return N_("Cancelled. Whoever has it keeps it; the others do not get it any more.")
        case _ if broadcast.state == "paused":
            return N_("They are lined up again. They get it when you let the broadcast go on.")
    return N_("They are lined up again and get it soon. I tell the author when it is done.")


def tell_unchanged(tx: Tx, number: int) -> None:
    """Say to somebody who types *batal* that this only leaves the question: they may think that the broadcast ends."""
    tx.say(N_("All right, nothing is changed: broadcast {number} stays as it is. To end it, open it and choose *{label}*.", number=str(number), label=ACTIONS["cancel"]))  # fmt: skip
    tx.offer(N_("See the broadcast"), f"siaran {number}")


def export(tx: Tx, exported: BroadcastExported) -> None:
    """Send an officer the table of a broadcast's result.

    Raises:
        Denied: not for this person, or no such broadcast.
    """
    broadcast = get_broadcast(tx, exported.broadcast, "broadcast export")
    form = form_of(exported.form, figures_now(tx, broadcast).count())
    _audit(tx, "broadcast export", f"broadcast {broadcast.id} {form}")
    tx.say(N_("Here is the table of broadcast {number}: a row for each recipient, without names and phone numbers.", number=str(broadcast.id)))  # fmt: skip
    order = Order(broadcast.id, tx.voice.language, form)
    tx.photos.append(ask_for(tx, tx.person.contact_id, TABLE, order.to_ref(), "document"))
    tx.file_name = f"siaran-{broadcast.id}.{form}"


def has_history(tx: Tx, contact_id: int | None) -> bool:
    """Tell whether there is something to see of what a contact was sent, for somebody who may."""
    if contact_id is None or not may_coordinate(tx.person):
        return False
    return tx.connection.execute(deliveries.select_history(contact_id, 1)).first() is not None


def tell_history(tx: Tx, contact_id: int) -> None:
    """Tell an officer which broadcasts a contact got, or why not.

    Raises:
        Denied: not for this person.
    """
    check(tx, "broadcast history", f"contact {contact_id}")
    _audit(tx, "broadcast history", f"contact {contact_id}")
    rows = [Got(*row) for row in tx.connection.execute(deliveries.select_history(contact_id, MOST_HISTORY))]
    told = [_got(row) for row in rows]
    tx.say(paragraphs(N_("*Broadcasts to this person*, the newest first"), lines(*told)) if told else N_("No broadcast went to this person yet."))  # fmt: skip
    tx.offer(N_("Main menu"), "menu")


def _got(row: Got) -> Text:
    state = RECIPIENT_STATES[row.state]
    if row.reason and row.state in ("failed", "skipped"):
        state = N_("{state} ({reason})", state=state, reason=reason_text(row.reason))
    return N_("• {at}, {kind} “{beginning}”: {state}", at=row.at, kind=TOPIC_OF_KIND[row.kind].label, beginning=shorten(row.text, _LISTED_CHARS), state=state)  # fmt: skip


def count_stop(tx: Tx, topic: Topic | None = None) -> None:
    """Count against the broadcast that somebody got last that they want no more, of its kind or of anything."""
    kinds = [kind for kind, each in TOPIC_OF_KIND.items() if each == topic]
    if topic is not None and not kinds:
        return
    since = tx.now - STOP_COUNTS
    last = deliveries.find_last_sent(tx.connection, tx.person.contact_id, since, kinds=kinds)
    if last is not None:
        broadcasts.count_stop(tx.connection, last)


def _audit(tx: Tx, action: str, subject: str) -> None:
    contacts.add_audit(tx.connection, tx.person.contact_id, action, subject, allowed=True, at=tx.now)

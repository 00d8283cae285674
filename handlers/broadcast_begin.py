"""Lets broadcasts go: at once, at their time, and each occurrence of a series once; told where nothing ran at the time.

What was approved is exactly what is sent: a digest is taken of all that an officer saw, and looked at again before it goes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from flows.recurrence import load_recurrence
from flows.text import N_, Text, lines, paragraphs
from handlers.broadcast_words import gap, numbers, request, request_buttons
from handlers.dry_run import DryRun, count, is_large
from handlers.made import ask_for_words
from handlers.mail import Mail
from handlers.office import Office
from handlers.recurrence import IN_TIME, MissedRule, due_occurrence
from storage import broadcasts, contacts
from storage.broadcasts import Broadcast

SIZE = "broadcast_size"  # the maker that counts after the commit, where that takes long
_APPROVED = (
    "kind",
    "urgent",
    "text_id",
    "text_jv",
    "media",
    "file_name",
    "buttons",
    "audience",
    "recurrence",
    "if_missed",
)
_COPIED = ("kind", "urgent", "text_id", "text_jv", "media", "file_name", "buttons", "audience", "if_missed", "author_id", "approver_id")  # fmt: skip


def begin_due(connection: sa.Connection, office: Office) -> Mail:
    """Begin what is due, each once; returns what to send, and whether something was begun.

    A series' occurrence is a broadcast of its own. Its key, made of series and time, lets one process alone begin it.
    """
    mail = Mail(connection, office, office.clock())
    for row in broadcasts.list_due(connection, mail.now):
        if digest_of(row) != row.digest:
            _drop_changed(mail, row)
        elif row.recurrence is not None:
            _begin_occurrence(mail, row)
        elif not _has_grown(mail, row):
            _begin_once(mail, row)
    return mail


def settle(mail: Mail, row: Broadcast, counted: DryRun) -> Text:
    """Once it is known how many it reaches: let a broadcast go, or ask the other officers to approve it; says which."""
    why = why_second(mail.office, row, counted.people)
    if row.state != "waiting" or row.approver_id is not None:
        return N_("Broadcast {number} does not wait any more; somebody has decided already.", number=row.id)
    if why is None:
        return let_go(mail, row, counted.people)
    asked = [each for each in coordinators(mail) if each != row.author_id]
    text = paragraphs(request(mail.office, row, mail.connection), gap(row, counted), numbers(mail.office, counted))
    for each in asked:
        mail.write_to(each, text, request_buttons(row), (row.media,) if row.media else (), file_name=row.file_name)
    return paragraphs(
        N_("Broadcast {number} waits: {why}", number=row.id, why=why),
        N_("Officers asked to approve it: {count}. I tell you what they decide.", count=len(asked))
        if asked
        else N_("*You are the only officer here, and nobody approves their own.* Somebody has to be added: the administrator runs *rewang staff add* with the role officer. Until then it waits."),
    )  # fmt: skip


def why_second(office: Office, row: Broadcast, people: int) -> Text | None:
    """Say why a second officer has to approve a broadcast, if so."""
    if row.urgent and not office.may_broadcast(row.start_at or office.clock()):
        return N_("urgent ones go out in quiet hours only once a second officer has approved.")
    if people > office.programme.approve_over:
        return N_("it reaches {count} people; over {most}, a second officer has to approve.", count=people, most=office.programme.approve_over)  # fmt: skip
    return None


def let_go(mail: Mail, row: Broadcast, people: int | None) -> Text:
    """Begin a broadcast, or let it wait for its time; says which."""
    if row.start_at is not None and row.start_at > mail.now:
        broadcasts.change(mail.connection, row.id, ("waiting",), state="scheduled")
        return N_("Broadcast {number} is planned. It goes out on {at}.", number=row.id, at=row.start_at)
    if row.recurrence is not None:  # approved after its first time
        broadcasts.change(mail.connection, row.id, ("waiting",), state="scheduled")
        _begin_occurrence(mail, row)
        return N_("Broadcast {number} is planned.", number=row.id)
    if row.start_at is not None:
        broadcasts.change(mail.connection, row.id, ("waiting",), state="scheduled")
        if not _begin_once(mail, row):
            return N_("Broadcast {number} was approved after its time, and is left out.", number=row.id)
    else:
        _begin(mail, row)
    waits = None if row.disturbs or mail.office.may_broadcast(mail.now) else mail.office.window.opens_at(mail.office.local(mail.now))  # fmt: skip
    return lines(
        N_("Broadcast {number} has begun: {count} people.", number=row.id, count=people)
        if people is not None
        else N_("Broadcast {number} has begun.", number=row.id),
        N_("Nobody is disturbed now: the messages leave from {at} on.", at=waits) if waits else None,
    )


def digest_of(row: Broadcast | Mapping[str, Any]) -> str:
    """Take the digest of all that is approved: texts, picture, buttons, audience, kind, urgency and time."""
    values = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in (*_APPROVED, "start_at")}
    start = values["start_at"] if values["recurrence"] is None else None
    kept = [*(values[name] for name in _APPROVED), start.astimezone(UTC).isoformat() if start else None]
    return hashlib.blake2b(json.dumps(kept).encode(), digest_size=16).hexdigest()


def coordinators(mail: Mail) -> Sequence[int]:
    """List the contacts of the officers who may have to do with broadcasts."""
    return [each.contact_id for each in contacts.list_staff(mail.connection) if each.role in ("admin", "officer")]


def tell_author(mail: Mail, row: Broadcast, text: Text) -> None:
    """Tell who wrote a broadcast, or, where they have left the office, all officers."""
    officers = coordinators(mail)
    for each in [each for each in officers if each == row.author_id] or officers:
        mail.write_to(each, text, ((N_("About the broadcast"), f"siaran {row.id}"),))


def _has_grown(mail: Mail, row: Broadcast) -> bool:
    """Tell whether a broadcast that needed no second officer when it was written needs one now; then it waits for one.

    Where counting takes long, it waits until it is counted.
    """
    officers = coordinators(mail)
    if row.approver_id is not None or not officers:
        return False
    waiting = replace(row, state="waiting", start_at=None)  # its time has come: whenever it is approved, it begins
    held = {"state": "waiting", "start_at": None, "digest": digest_of(waiting)}
    if is_large(mail.connection):
        reader = next((each for each in officers if each == row.author_id), officers[0])
        ask_for_words(mail, reader, SIZE, str(row.id))
        return broadcasts.change(mail.connection, row.id, ("scheduled",), **held)
    counted = count(mail.connection, mail.office, row)
    if why_second(mail.office, row, counted.people) is None:
        return False
    broadcasts.change(mail.connection, row.id, ("scheduled",), **held)
    tell_author(mail, row, settle(mail, replace(waiting, digest=digest_of(waiting)), counted))
    return True


def _begin(mail: Mail, row: Broadcast) -> bool:
    begun = broadcasts.begin(mail.connection, row.id, mail.now)
    mail.begun = mail.begun or begun
    return begun


def _begin_once(mail: Mail, row: Broadcast) -> bool:
    """Begin what goes out once, however late by its rule; its author is told of what is late or left out."""
    start_at = row.start_at or mail.now
    if mail.now - start_at < IN_TIME:
        return _begin(mail, row)
    if row.if_missed == "skip":
        broadcasts.change(
            mail.connection, row.id, ("scheduled",), state="cancelled", reason="missed", ended_at=mail.now
        )
        tell_author(mail, row, N_("Broadcast {number} was to go out on {at}. Nothing ran then, or nobody had approved it; so it is left out, as you had chosen.", number=row.id, at=start_at))  # fmt: skip
        return False
    _tell_late(mail, row, start_at)
    return _begin(mail, row)


def _begin_occurrence(mail: Mail, series: Broadcast) -> None:
    """Begin the occurrence of a series that is due, if one is, and advance the series; what was missed is told."""
    rule: MissedRule = "skip" if series.if_missed == "skip" else "once_now"
    due = due_occurrence(
        load_recurrence(series.recurrence or ""), series.start_at, mail.now, rule, mail.office.zone, mail.office.hours.holidays
    )  # fmt: skip
    if due.next_at is None:
        broadcasts.change(mail.connection, series.id, ("scheduled",), state="done", ended_at=mail.now)
    else:
        broadcasts.change(mail.connection, series.id, ("scheduled",), start_at=due.next_at)
    if due.missed:
        tell_author(mail, series, N_("Broadcast {number}: nothing ran at {count} of its times, and these are left out, by the rule you had chosen.", number=series.id, count=due.missed))  # fmt: skip
    if due.run_at is None:
        return
    values: dict[str, Any] = {name: getattr(series, name) for name in _COPIED}
    values |= {"recurrence": None, "parent_id": series.id, "start_at": due.run_at, "created_at": mail.now}
    key = f"{series.id}:{due.run_at.isoformat()}"
    number = broadcasts.add_once(mail.connection, key, state="scheduled", digest=digest_of(values), **values)
    found = broadcasts.find(mail.connection, number) if number is not None else None
    if found is None or _has_grown(mail, found):
        return
    if mail.now - due.run_at >= IN_TIME:
        _tell_late(mail, series, due.run_at)
    _begin(mail, found)


def _tell_late(mail: Mail, row: Broadcast, start_at: datetime) -> None:
    tell_author(mail, row, N_("Broadcast {number} was to go out on {at}. Nothing ran then, or nobody had approved it; so it goes out now, as you had chosen.", number=row.id, at=start_at))  # fmt: skip


def _drop_changed(mail: Mail, row: Broadcast) -> None:
    """Do not send what is not what was approved: somebody changed it in the database."""
    broadcasts.change(mail.connection, row.id, ("scheduled",), state="cancelled", reason="changed", ended_at=mail.now)
    contacts.add_audit(mail.connection, None, "broadcast begin", f"broadcast {row.id}", allowed=False, at=mail.now)
    tell_author(mail, row, N_("Broadcast {number} is not what was written and approved any more, so it is not sent.", number=row.id))  # fmt: skip

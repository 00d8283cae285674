"""Keeps authors informed of their broadcasts: counts the recipients, changes the message that shows how far it is, tells the end.

The clock asks every few seconds. Counting is a scan of the broadcast's rows, so it is done on the reader's connection; what
follows from it is written down with the figures, by the one process whose count it is. All that is known stands in the
broadcast's row, so a restart goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from flows.text import N_, Text, paragraphs
from handlers.broadcast_figures import Figures, tell
from handlers.mail import LEASE, Mail
from handlers.messages import Button, Outgoing, Sending, dump_outgoing, load_outgoing
from handlers.office import Office
from storage import broadcasts, contacts, deliveries, outbox
from storage.broadcasts import Broadcast
from storage.db import Database
from storage.outbox import PUSH

COUNT_EVERY = timedelta(seconds=9)  # the clock ticks every ten: two processes count each but once
_OPEN = N_("See the broadcast")


async def list_watched(database: Database, office: Office) -> Sequence[Broadcast]:
    """List the broadcasts whose figures are due."""
    async with database.read() as connection:
        rows = await connection.execute(broadcasts.select_watched(office.clock() - COUNT_EVERY))
        return [Broadcast(*row) for row in rows]


async def report(database: Database, office: Office, seen: Broadcast) -> list[Sending]:
    """Count a broadcast and keep its author informed; returns what to send."""
    async with database.read() as connection:
        rows = [tuple(row) for row in await connection.execute(deliveries.count_states(seen.id))]
    return await database.write(note, office, seen, rows)


def note(connection: sa.Connection, office: Office, seen: Broadcast, rows: Sequence[Sequence[object]]) -> list[Sending]:
    """Keep what was counted of a broadcast as it was seen before, and tell its author; returns what to send."""
    now = office.clock()
    figures = Figures.from_rows(rows).since(seen, now)
    if not broadcasts.note_figures(connection, seen, figures.to_json(), now):
        return []  # another process has counted it, and tells
    broadcast = broadcasts.find(connection, seen.id)
    if broadcast is None or (broadcast.state, broadcast.sweep) != (seen.state, seen.sweep):
        return []  # it has moved on since it was counted: the next tick tells
    mail = Mail(connection, office, now)
    _show_progress(mail, broadcast, figures)
    if broadcast.state != "running" and broadcast.sweep is None:
        if not broadcast.told:
            _tell_end(mail, broadcast, figures)
        broadcasts.note_progress(connection, broadcast.id, watched=False, told=True)
    return mail.sendings


def _author(mail: Mail, broadcast: Broadcast) -> int | None:
    """Give the author's number while they are of the regency's office."""
    if broadcast.author_id is None:
        return None
    staff = contacts.find_staff(mail.connection, broadcast.author_id)
    return broadcast.author_id if staff is not None and staff.role in ("admin", "officer") else None


def _show_progress(mail: Mail, broadcast: Broadcast, figures: Figures) -> None:
    """Begin or change the message that shows how far a broadcast is, where the author's channel lets messages be changed."""
    author = _author(mail, broadcast)
    reach = mail.reach(author) if author is not None else None
    if author is None or reach is None:
        return
    text: Text = tell(mail.office, broadcast, figures, mail.now)
    if broadcast.progress_outbox_id is not None:
        _change(mail, broadcast.progress_outbox_id, text, reach.language, broadcast.id)
        return
    ability = mail.office.abilities.get(reach.channel)
    if broadcast.state == "running" and ability is not None and ability.edits:
        row = mail.write_to(author, text, _buttons(broadcast.id))
        broadcasts.note_progress(mail.connection, broadcast.id, progress_outbox_id=row)


def _change(mail: Mail, row: int, text: Text, language: str, number: int) -> None:
    """Change the message; not one that is on its way, that could not be changed before, or that says this already."""
    sent = outbox.find_sent(mail.connection, row)
    if sent is None:
        return
    voice = mail.office.voices.of(language)
    words = voice.say(text)
    if load_outgoing(sent.payload).text == words:
        return
    buttons = tuple(Button(voice.say(label), "!" + command) for label, command in _buttons(number))
    message = Outgoing(words, buttons, edits=sent.vendor_id)
    if outbox.change(mail.connection, row, dump_outgoing(message), mail.now + LEASE):
        mail.sendings.append(Sending(row, sent.channel, sent.address, sent.contact_id, PUSH, 1, message))


def _tell_end(mail: Mail, broadcast: Broadcast, figures: Figures) -> None:
    """Tell the author that a broadcast is done, or has paused by itself, with the result."""
    author = _author(mail, broadcast)
    if author is None:
        return
    heading = (
        N_("Your broadcast {number} is done.", number=str(broadcast.id))
        if broadcast.state == "done"
        else N_("Your broadcast {number} needs you.", number=str(broadcast.id))
    )
    mail.write_to(author, paragraphs(heading, tell(mail.office, broadcast, figures, mail.now)), _buttons(broadcast.id))


def _buttons(number: int) -> tuple[tuple[Text, str], ...]:
    return ((_OPEN, f"siaran {number}"),)

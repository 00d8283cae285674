"""What leaves in one transaction: rows of the outbox, to anybody, in their own language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from flows.text import Text, paragraphs
from handlers.messages import Ability, Button, Outgoing, Sending, dump_outgoing, load_outgoing
from handlers.office import Office
from handlers.render import fit
from handlers.topics import Topic
from storage import contacts, mutes, outbox

LEASE = timedelta(minutes=1)  # how long a claimed row is left to the process that claimed it; it renews it
GATHERED_FOR = timedelta(seconds=15)  # photos of an album come one by one, on a weak line some seconds apart
ANY = Ability(per_second=1, in_flight=1)  # of a channel that is not configured any more


@dataclass(slots=True)
class Mail:
    """Writes messages to people; ``sendings`` are what this process sends once the transaction is committed.

    ``begun`` tells that a broadcast was begun: then those who send them are woken.
    """

    connection: sa.Connection
    office: Office
    now: datetime
    sendings: list[Sending] = field(default_factory=list, kw_only=True)
    begun: bool = field(default=False, kw_only=True)

    def write_to(
        self,
        contact_id: int,
        text: Text,
        buttons: Sequence[tuple[Text, str]] = (),
        media: tuple[str, ...] = (),
        *,
        file_name: str | None = None,
        about: int | None = None,
        topic: Topic | None = None,
        wait: timedelta | None = None,
    ) -> int | None:
        """Write to a person where they were last seen and may be written to; returns the outbox row of the last piece.

        Args:
            contact_id: to whom.
            text: what; longer ones leave in pieces.
            buttons: labels, and the commands they are pressed for.
            media: our ids of files.
            file_name: what a document among them is called, with its ending.
            about: whose words these are: with their erasure the text goes.
            wait: how long to wait before it leaves, where it may not leave at once.
            topic: what nobody asked for belongs to one: it is left unsent to those who stopped or muted it (None is
                returned), offers to mute it, and waits for the end of quiet hours.
        """
        reach = self.reach(contact_id)
        if reach is None or (topic is not None and not mutes.wants(self.connection, contact_id, topic.name)):
            return None
        voice = self.office.voices.of(reach.language)
        soonest = self.now + (wait or timedelta())
        due_at = soonest if topic is None else self.office.quiet.end_after(self.office.local(self.now)) or soonest
        whole = text if topic is None else paragraphs(text, topic.how_to_mute)
        shown = tuple(Button(voice.say(label), "!" + command) for label, command in buttons)
        *before, last = fit(voice.say(whole)) or [""]
        for piece in before:
            self.enqueue(contact_id, reach.channel, reach.address, outbox.PUSH, Outgoing(piece), about, due_at)
        message = Outgoing(last, shown, media=media, file_name=file_name)
        return self.enqueue(contact_id, reach.channel, reach.address, outbox.PUSH, message, about, due_at)

    def gather(
        self, contact_id: int, text: Text, button: tuple[Text, str], media: tuple[str, ...], *, about: int | None
    ) -> None:
        """Pass on photos that come one by one: those of some seconds leave in one message."""
        until = self.now + GATHERED_FOR
        found = outbox.find_gathering(self.connection, contact_id, f'"!{button[1]}"', until)
        if found is None:
            self.write_to(contact_id, text, (button,), media, about=about, wait=GATHERED_FOR)
            return
        waiting = load_outgoing(found[1])
        together = dump_outgoing(replace(waiting, media=waiting.media + media))
        outbox.change_payload(self.connection, found[0], together)

    def enqueue(
        self,
        contact_id: int,
        channel: str,
        address: str,
        lane: int,
        message: Outgoing,
        about: int | None,
        due_at: datetime | None = None,
    ) -> int:
        """Add one outbox row and return its id; after the commit the sender takes it at once, or when it is due."""
        payload = dump_outgoing(message)
        if due_at is not None and due_at > self.now:
            return outbox.add_later(
                self.connection, contact_id, channel, address, lane, payload, self.now, due_at, about_id=about
            )
        row = outbox.add(
            self.connection, contact_id, channel, address, lane, payload, self.now, self.now + LEASE, about_id=about
        )
        self.sendings.append(Sending(row, channel, address, contact_id, lane, 1, message))
        return row

    def reach(self, contact_id: int) -> contacts.Reach | None:
        """Choose where to write to a contact: the channel last used whose window is open, or else the one last used."""
        reaches = contacts.list_reaches(self.connection, contact_id)
        return next((reach for reach in reaches if self._is_open(reach)), reaches[0] if reaches else None)

    def _is_open(self, reach: contacts.Reach) -> bool:
        window = self.office.abilities.get(reach.channel, ANY).window
        return window is None or (reach.last_in_at is not None and self.now - reach.last_in_at < window)

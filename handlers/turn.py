"""One turn's transaction: what is said is collected, and becomes outbox rows in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from flows.chat import Json, Media
from flows.text import Text
from handlers.messages import Ability, Button, Outgoing, Sending, dump_outgoing
from handlers.office import Office
from handlers.render import Voice, fit
from storage import contacts, outbox
from storage.contacts import OpenConversation, Person

LEASE = timedelta(minutes=1)  # how long a claimed row is left to the process that claimed it; it renews it
ANY = Ability(per_second=1, in_flight=1)  # of a channel that is not configured any more


class Denied(Exception):  # noqa: N818
    """Somebody may not do that: said to the person, and audited."""

    def __init__(self, why: Text, action: str, subject: str) -> None:
        super().__init__(action, subject)
        self.why, self.action, self.subject = why, action, subject


@dataclass(slots=True)
class Tx:
    """What one turn works with. ``said`` waits for the question, if one follows, and leaves with it in one message."""

    connection: sa.Connection
    office: Office
    now: datetime
    person: Person
    voice: Voice
    conversation: OpenConversation | None = None
    media: tuple[Media, ...] = ()
    said: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    question: Outgoing | None = None
    sendings: list[Sending] = field(default_factory=list)
    about: int | None = None  # whose words an officer is shown in this turn; with that contact's erasure they go
    removed_files: list[str] = field(default_factory=list)
    carried: str | None = None
    wished: Mapping[str, Json] | None = None  # what an either/or question was answered with
    unanswered: bool = False  # the message was no answer to the question that is open

    def say(self, text: Text) -> None:
        """Say something to the person whose turn it is."""
        if words := self.voice.say(text):
            self.said.append(words)

    def offer(self, label: Text, command: str) -> None:
        """Put a button under what is said; pressing it is like typing the command."""
        self.buttons.append(Button(self.voice.say(label), "!" + command))

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self.voice = self.office.voices.of(language)
        self.person = replace(self.person, language=language)

    def arrived(self, village: str | None, carried: str) -> None:
        """Note that the first contact is over: what was asked before it is taken up next."""
        self.person = replace(self.person, consent=True, village=village)
        self.carried = carried

    def flush(self) -> None:
        """Make the rows of the reply: one message where it fits."""
        question = self.question
        text = "\n\n".join([*self.said, question.text] if question else self.said)
        buttons = question.buttons if question else tuple(self.buttons)
        if text or self.photos:
            *before, last = fit(text) or [""]
            for piece in before:
                self._send(Outgoing(piece))
            self._send(
                Outgoing(
                    last,
                    buttons,
                    question.numbered if question else False,
                    question.ask if question else None,
                    tuple(self.photos),
                )
            )
        self.said, self.buttons, self.photos, self.question = [], [], [], None

    def _send(self, message: Outgoing) -> None:
        self.enqueue(
            self.person.contact_id, self.person.channel, self.person.address, outbox.REPLY, message, self.about
        )

    def enqueue(
        self, contact_id: int, channel: str, address: str, lane: int, message: Outgoing, about: int | None
    ) -> None:
        """Add one outbox row; after the commit the sender takes it at once."""
        payload = dump_outgoing(message)
        row = outbox.add(
            self.connection, contact_id, channel, address, lane, payload, self.now, self.now + LEASE, about_id=about
        )
        self.sendings.append(Sending(row, channel, address, contact_id, lane, 1, message))

    def push(
        self,
        contact_id: int,
        text: Text,
        buttons: Sequence[tuple[Text, str]] = (),
        photos: tuple[str, ...] = (),
        *,
        nameless: bool = False,
    ) -> None:
        """Send something to another person, in their language, where they were last seen and may be written to.

        The row notes whose turn it came from, so that it goes with their erasure; ``nameless`` leaves that out.
        """
        reach = self.reach(contact_id)
        if reach is None:
            return
        voice = self.office.voices.of(reach.language)
        shown = tuple(Button(voice.say(label), "!" + command) for label, command in buttons)
        about = None if nameless else self.person.contact_id
        *before, last = fit(voice.say(text)) or [""]
        for piece in before:
            self.enqueue(contact_id, reach.channel, reach.address, outbox.PUSH, Outgoing(piece), about)
        self.enqueue(contact_id, reach.channel, reach.address, outbox.PUSH, Outgoing(last, shown, media=photos), about)

    def reach(self, contact_id: int) -> contacts.Reach | None:
        """Choose where to write to a contact: the channel last used whose window is open, or else the one last used."""
        reaches = contacts.list_reaches(self.connection, contact_id)
        return next((reach for reach in reaches if self._is_open(reach)), reaches[0] if reaches else None)

    def _is_open(self, reach: contacts.Reach) -> bool:
        window = self.office.abilities.get(reach.channel, ANY).window
        return window is None or (reach.last_in_at is not None and self.now - reach.last_in_at < window)

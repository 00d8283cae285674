"""One turn's transaction: what is said is collected, and becomes outbox rows in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flows.chat import Json, Media
from flows.text import Text
from handlers.mail import Mail
from handlers.messages import Button, Outgoing
from handlers.render import Voice, fit
from handlers.topics import Topic
from storage import outbox
from storage.contacts import OpenConversation, Person


class Denied(Exception):  # noqa: N818
    """Somebody may not do that: said to the person, and audited."""

    def __init__(self, why: Text, action: str, subject: str) -> None:
        super().__init__(action, subject)
        self.why, self.action, self.subject = why, action, subject


@dataclass(slots=True)
class Tx(Mail):
    """What one turn works with. ``said`` waits for the question, if one follows, and leaves with it in one message."""

    person: Person
    voice: Voice
    conversation: OpenConversation | None = None
    media: tuple[Media, ...] = ()
    said: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    file_name: str | None = None  # of a document among them
    question: Outgoing | None = None
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
                    self.file_name,
                )
            )
        self.said, self.buttons, self.photos, self.question = [], [], [], None

    def _send(self, message: Outgoing) -> None:
        self.enqueue(
            self.person.contact_id, self.person.channel, self.person.address, outbox.REPLY, message, self.about
        )

    def push(
        self,
        contact_id: int,
        text: Text,
        buttons: Sequence[tuple[Text, str]] = (),
        photos: tuple[str, ...] = (),
        *,
        nameless: bool = False,
        topic: Topic | None = None,
    ) -> None:
        """Send something to another person, in their language, where they were last seen and may be written to.

        The row notes whose turn it came from, so that it goes with their erasure; ``nameless`` leaves that out.
        """
        self.write_to(
            contact_id, text, buttons, photos, about=None if nameless else self.person.contact_id, topic=topic
        )

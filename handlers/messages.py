"""What goes in and out, the same for every channel: frozen data and the Channel protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

to_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one a call for such options
MOST_TEXT_CHARS = 4000  # of one incoming text; what is beyond is cut (Telegram's own limit is 4096)


class ChannelError(Exception):
    """The world fails for now: send the row again later.

    Args:
        reason: short code for the operator, without personal data.
        retry_after: how long the vendor asks to wait; None lets the outbox choose.
        taken: True if the vendor may have taken the message (a connection dropped while the answer was awaited).
    """

    def __init__(self, reason: str, *, retry_after: timedelta | None = None, taken: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.retry_after, self.taken = reason, retry_after, taken


class ChannelRefused(Exception):  # noqa: N818  a refusal is an answer, not a fault
    """The vendor will never take this message.

    Args:
        reason: short code for the operator, without personal data.
        gone: True if the whole address is unreachable (blocked, deactivated, unknown), not only this message.
    """

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.gone = reason, gone


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """A file somebody sent. ``ref`` is what the channel needs to fetch it later; ``id`` ours, where it is stored already."""

    kind: Literal["photo", "document", "voice", "video", "sticker"]
    ref: str
    mime: str
    size_bytes: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message, press or event of one person on one channel.

    Attributes:
        message_id: unique on the channel; a repeat is dropped.
        choice: the data of the pressed button, as sent; it may be forged.
        location: latitude and longitude in WGS 84 degrees.
        event: "left" when the person blocked the bot, "joined" when they came back, "edited" for a changed text.
        name: the profile name the channel tells.
        language: the language code the channel tells ("id", "en", …); never a sign of Javanese.
        reply_to: the vendor's id of our message that this one replies to; what it was, storage/outbox.py finds.
    """

    channel: str
    message_id: str
    address: str
    received_at: datetime
    text: str = ""
    choice: str | None = None
    media: tuple[IncomingMedia, ...] = ()
    location: tuple[float, float] | None = None
    phone: str | None = None
    name: str | None = None
    language: str | None = None
    reply_to: str | None = None
    event: Literal["left", "joined", "edited"] | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: its label, and at most 64 bytes that come back as ``Incoming.choice``."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person, in their language, before a vendor's form.

    Attributes:
        text: ``*…*`` marks emphasis and nothing else is markup; at most 1,500 characters, so that it fits every channel.
        buttons: choices in order; their number is what a person may type instead.
        numbered: the text lists the choices already (a review does), so a channel without buttons need not.
        ask: a keyboard to offer beside: the phone's location.
        media: our ids of photos and documents to send along.
        file_name: what a document among them is called on the person's phone; with its ending.
        template: the vendor's id of an approved text that this message is put into, where it opens a conversation.
        edits: the vendor's id of an earlier message to the same person whose text and buttons become these.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    numbered: bool = False
    ask: Literal["location"] | None = None
    media: tuple[str, ...] = ()
    file_name: str | None = None
    template: str | None = None
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """An outbox row on its way: the message and to whom."""

    id: int
    channel: str
    address: str
    contact_id: int
    lane: int
    attempts: int
    message: Outgoing


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as the vendor gave it: its bytes are not yet checked."""

    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Ability:
    """How fast a channel takes messages, when, and whether it shows them again. How a message is shown is its own affair.

    Attributes:
        per_second: messages a second over all people, replies and bulk together.
        in_flight: messages on their way at once.
        window: how long after a person's last message free text may be sent; None: always.
        keeps_history: bodies of incoming messages are stored for the page to show again.
        chat_seconds: how long after a message of a broadcast the next may go to the same person.
        new_people_a_day: how many people may be written to first in 24 hours, by a template; None: any number.
        templates: the vendor's ids of approved texts, by kind of broadcast and language ("news_id"); "any_id" is for any kind.
        tells_later: the vendor tells of each message what became of it, so that its id is kept.
        edits: a message that was sent can be changed.
    """

    per_second: float
    in_flight: int
    window: timedelta | None = None
    keeps_history: bool = False
    chat_seconds: float = 1.0
    new_people_a_day: int | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    tells_later: bool = False
    edits: bool = False

    def find_template(self, kind: str, language: str) -> str | None:
        """Find the template for a kind and language; Javanese falls back to Indonesian."""
        names = [f"{which}_{spoken}" for spoken in (language, "id") for which in (kind, "any")]
        return next((self.templates[name] for name in names if name in self.templates), None)


class Channel(Protocol):
    """One way to people. A file in bot/channels/ implements it; everything else only knows this."""

    @property
    def name(self) -> str: ...

    @property
    def ability(self) -> Ability: ...

    async def send(self, sending: Sending) -> str | None:
        """Send one message and return the vendor's id of it, where there is one.

        Raises:
            ChannelError: it may be sent again later.
            ChannelRefused: it can never be sent.
        """
        ...

    async def fetch(self, ref: str) -> Fetched:
        """Fetch a file a person sent.

        Raises:
            ChannelError: it may be fetched again later.
            ChannelRefused: it cannot be had (gone, over the size limit).
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


def dump_outgoing(message: Outgoing) -> str:
    """Give a message the form it has in the outbox."""
    row: dict[str, object] = {"text": message.text}
    if message.buttons:
        row["buttons"] = [[button.label, button.data] for button in message.buttons]
    if message.numbered:
        row["numbered"] = True
    if message.ask:
        row["ask"] = message.ask
    if message.media:
        row["media"] = message.media
    if message.file_name:
        row["file_name"] = message.file_name
    if message.edits:
        row["edits"] = message.edits
    return to_json(row)


def load_outgoing(payload: str) -> Outgoing:
    """Read a message back from the outbox."""
    row = json.loads(payload)
    return Outgoing(
        row["text"],
        tuple(Button(label, data) for label, data in row.get("buttons", ())),
        row.get("numbered", False),
        row.get("ask"),
        tuple(row.get("media", ())),
        row.get("file_name"),
        edits=row.get("edits"),
    )

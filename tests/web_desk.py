"""A desk for the web chat that keeps everything in memory and answers as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image

from bot.channels.web import NAME, WebChannel
from bot.webchat import MOST_LINES, ChatLine
from handlers.media import check, new_id
from handlers.messages import Button, Incoming, Outgoing, Sending


@dataclass(frozen=True, slots=True)
class Said:
    """A line, and whose conversation it is in."""

    address: str
    line: ChatLine


class MemoryDesk:
    """Answers each message with the next of ``answers``, else with what it heard. ``broken`` fails instead."""

    def __init__(self) -> None:
        self.channel = WebChannel()
        self.received: list[Incoming] = []
        self.answers: list[Outgoing] = []
        self.files: dict[str, tuple[str, bytes, str]] = {}
        self.uploads: list[bytes] = []
        self.broken = False
        self._said: list[Said] = []
        self._changed = asyncio.Condition()
        self._seen: set[str] = set()

    async def receive(self, incoming: Incoming) -> None:
        if self.broken:
            raise OSError(f"no space for {incoming.text}")
        if incoming.message_id in self._seen:
            return
        self._seen.add(incoming.message_id)
        self.received.append(incoming)
        text = incoming.text or self._label_of(incoming) or (f"📍 {incoming.location}" if incoming.location else "")
        media = tuple((item.id, "") for item in incoming.media if item.id)
        line = ChatLine(0, True, text, (), None, media, incoming.received_at, incoming.message_id.partition(":")[2])
        self._add(incoming.address, line)
        await self.say(incoming.address, self.answers.pop(0) if self.answers else Outgoing(f"Saya dengar: {text}"))
        await self._tell()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that changes as messages are received or pages begin to wait."""
        async with self._changed:
            await self._changed.wait_for(holds)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def say(self, address: str, message: Outgoing) -> None:
        """Say something of our own accord, through the channel."""
        buttons = tuple((button.label, button.data) for button in message.buttons)
        files = tuple(
            (each, "" if self.files[each][2].startswith("image/") else message.file_name or "")
            for each in message.media
        )
        self._add(address, ChatLine(0, False, message.text, buttons, message.ask, files, datetime.now(UTC)))
        await self.channel.send(Sending(len(self._said), NAME, address, 1, 0, 1, message))

    def keep(self, address: str, content: bytes, mime: str) -> str:
        """Keep a file for somebody; returns its id."""
        media_id = new_id()
        self.files[media_id] = (address, content, mime)
        return media_id

    async def history(self, address: str, after: int) -> list[ChatLine]:
        lines = [said.line for said in self._said if said.address == address and said.line.number > after]
        return lines[-MOST_LINES:]

    async def wait(self, address: str, after: int, seconds: float) -> None:
        with self.channel.listen(address) as bell:
            await self._tell()
            if not await self.history(address, after):
                await bell.wait(seconds)

    async def store_photo(self, content: bytes, mime: str, address: str) -> str:
        if self.broken:
            raise OSError("no space")
        self.uploads.append(content)
        checked, media_id = check(content, mime), new_id()
        self.files[media_id] = (address, checked.content, checked.mime)
        return media_id

    async def read_media(self, media_id: str, address: str) -> tuple[bytes, str] | None:
        owner, content, mime = self.files.get(media_id, ("", b"", ""))
        return (content, mime) if owner == address else None

    def _add(self, address: str, line: ChatLine) -> None:
        self._said.append(Said(address, replace(line, number=len(self._said) + 1)))

    def _label_of(self, incoming: Incoming) -> str:
        mine = reversed([said.line for said in self._said if said.address == incoming.address])
        return next((label for line in mine for label, data in line.buttons if data == incoming.choice), "")


def ask(text: str, *labels: str, location: bool = False) -> Outgoing:
    """Make a question with buttons whose data tells their label."""
    buttons = tuple(Button(label, f"1|key|{label}") for label in labels)
    return Outgoing(text, buttons, ask="location" if location else None)


def make_photo(width: int, height: int, picture: str = "JPEG") -> bytes:
    """Make a photo that no encoder makes small."""
    content = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(content, picture, quality=95)
    return content.getvalue()

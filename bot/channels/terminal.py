"""The terminal as a channel: for trying flows and for scripts."""

from __future__ import annotations

from collections.abc import Callable

from handlers.attachments import Find, list_attachments
from handlers.messages import Ability, ChannelRefused, Fetched, Outgoing, Sending

NAME = "terminal"


class TerminalChannel:
    """Writes messages as lines; choices are numbered."""

    name = NAME
    ability = Ability(per_second=10_000, in_flight=1)

    def __init__(self, write: Callable[[str], None], find_file: Find) -> None:
        self._write, self._find_file = write, find_file

    async def send(self, sending: Sending) -> str | None:
        self._write(as_lines(sending.message, self._find_file))
        return None

    async def fetch(self, ref: str) -> Fetched:
        raise ChannelRefused(f"the terminal stores files itself, so {ref!r} cannot be fetched")

    async def close(self) -> None:
        return None


def as_lines(message: Outgoing, find_file: Find) -> str:
    """Write a message out for a terminal; a file is named, with where it is."""
    lines = [message.text.replace("*", "")]
    for number, button in enumerate(message.buttons, start=1):
        label = button.label.removeprefix(f"{number}. ")
        lines.append(f"  [{number}] {label}")
    lines += [f"  ({file.name or 'foto'}: {file.path})" for file in list_attachments(message, find_file)]
    return "\n".join(lines)

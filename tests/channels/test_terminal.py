"""What a message is in a terminal."""

from __future__ import annotations

from pathlib import Path

from bot.channels.terminal import TerminalChannel
from handlers.messages import Button, Outgoing, Sending


async def test_choices_are_numbered_and_files_named_with_their_place() -> None:
    written: list[str] = []
    files = {"a": Path("media/a.jpg"), "d": Path("media/d.csv")}
    channel = TerminalChannel(written.append, files.get)
    message = Outgoing("*Rekap*", (Button("Ya", "1"),), media=("d", "a", "gone"), file_name="rekap.csv")
    assert await channel.send(Sending(1, "terminal", "sri", 1, 0, 1, message)) is None
    assert written == ["Rekap\n  [1] Ya\n  (foto: media/a.jpg)\n  (rekap.csv: media/d.csv)"]

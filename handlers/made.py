"""Files the program makes itself (a recap as a table, a chart), and words that take long: asked for in a turn, made after it.

A row of ``media`` on the channel MADE waits like a file that a vendor holds; its reference names the maker and what is to
be made. So a turn stays quick, a restart makes what was not made, and the outbox holds the message until the file is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from handlers.mail import Mail
from handlers.media import Checked, new_id
from handlers.turn import Tx
from storage import media
from storage.media import MADE

# What is done with what was found out, in a transaction: words to the person who asked, and what follows from it.
Then = Callable[[Tx], None]
# Makes a file, or finds out what to say and do. Raises Refused, whose words the person is told, where there is nothing to make; ChannelError where it may be
# tried again later. Anything else it raises is a mistake: logged without its words, not tried again, and the person is told.
Maker = Callable[[str], Awaitable[Checked | Then]]


def ask_for(mail: Mail, contact_id: int, maker: str, argument: str, kind: Literal["photo", "document"]) -> str:
    """Ask for a file to be made for a person and return its id, to be sent along in the same turn."""
    media_id = new_id()
    mime = "image/png" if kind == "photo" else "application/octet-stream"
    media.add_waiting(mail.connection, media_id, contact_id, MADE, f"{maker}:{argument}", kind, mime, None, mail.now)
    return media_id


def ask_for_words(mail: Mail, contact_id: int, maker: str, argument: str) -> None:
    """Ask for something to be found out, and a person to be told of it, after the commit."""
    ask_for(mail, contact_id, maker, argument, "document")


def read_ref(ref: str) -> tuple[str, str]:
    """Read maker and argument back."""
    maker, _, argument = ref.partition(":")
    return maker, argument

"""Which files WhatsApp takes from Twilio; any other becomes a link under the text, which works on every phone.

The kinds are those of twilio.com/docs/whatsapp/guidance-whatsapp-media-messages. Twilio's page of all channels
(.../messaging/guides/accepted-mime-types) lists CSV for WhatsApp too, but Meta's own list of documents does not, and what
WhatsApp does not take fails only after Twilio has taken it (63021): so CSV is a link.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from handlers.attachments import Attachment, Find, list_attachments
from handlers.messages import Outgoing

# A file must be smaller, by the same page.
_MOST_BYTES = {".jpg": 5 << 20, ".png": 5 << 20, ".pdf": 16 << 20, ".xlsx": 16 << 20}

Link = Callable[[Attachment], str]  # where Twilio, or the person, can get a file of ours


@dataclass(frozen=True, slots=True)
class Media:
    """A file as Twilio is given it. Only a photo shows words with it: those sent with a document are lost."""

    url: str
    takes_words: bool


def arrange(message: Outgoing, find: Find, link: Link) -> tuple[Outgoing, list[Media]]:
    """Split the files of a message: those to be sent, one a call, and those whose links its text ends with."""
    files = list_attachments(message, find)
    taken = [file for file in files if file.path.stat().st_size < _MOST_BYTES.get(file.path.suffix, 0)]
    linked = [f"📎 {file.name or 'foto'}\n{link(file)}" for file in files if file not in taken]
    if linked:
        message = replace(message, text="\n\n".join([message.text, *linked]).strip())
    return message, [Media(link(file), file.is_photo) for file in taken]

"""What a broadcast is as a message, in each language."""

from __future__ import annotations

import json

from handlers.messages import Button, Outgoing
from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage.broadcasts import Broadcast


def outgoing(office: Office, broadcast: Broadcast, language: str) -> Outgoing:
    """Make the message somebody gets who is spoken to in a language; a text that is missing is given in the other."""
    texts = {"id": broadcast.text_id, "jv": broadcast.text_jv}
    text = texts[language] or broadcast.text_id or broadcast.text_jv or ""
    voice = office.voices.of(language)
    how_to_mute = voice.say(TOPIC_OF_KIND[broadcast.kind].how_to_mute)
    buttons = tuple(
        Button(label_jv if language == "jv" else label_id, "!" + command)
        for label_id, label_jv, command in json.loads(broadcast.buttons)
    )
    media = (broadcast.media,) if broadcast.media else ()
    return Outgoing(f"{text}\n\n{how_to_mute}", buttons, media=media, file_name=broadcast.file_name)

"""What is taken of a message before anything else looks at it, and what of it is kept."""

from __future__ import annotations

import json
from dataclasses import replace

from flows.chat import Location, Media
from flows.privacy import mask_identity_numbers
from handlers.media import new_id
from handlers.messages import MOST_TEXT_CHARS, Incoming, IncomingMedia
from handlers.render import load_shown, read_button
from handlers.turn import Tx
from handlers.words import find_command
from storage import inbound, media
from storage.contacts import OpenConversation

PACKAGE = "application/vnd.android.package-archive"  # iana.org/assignments/media-types/application
MOST_MIME_CHARS = 80  # the sender's phone writes it; the real ones are shorter


def clean(incoming: Incoming) -> tuple[Incoming, bool]:
    """Mask identity numbers in everything a person typed, cut it to size, and drop what no database takes."""
    text, masked = mask_identity_numbers(_printable(incoming.text)[:MOST_TEXT_CHARS])
    choice = incoming.choice
    if choice is not None:
        choice = mask_identity_numbers(_printable(choice)[:200])[0]
    if incoming.choice is None and not incoming.media and incoming.location is None and incoming.phone is None:
        plain = Incoming(
            incoming.channel,
            incoming.message_id,
            incoming.address,
            incoming.received_at,
            text,
            event=incoming.event,
            reply_to=incoming.reply_to,
        )
        return plain, masked
    files = tuple(
        replace(item, ref=_printable(item.ref), mime=_printable(item.mime)[:MOST_MIME_CHARS]) for item in incoming.media
    )
    place = incoming.location if incoming.location and Location(*incoming.location).is_on_earth else None
    return replace(incoming, text=text, choice=choice, media=files, location=place, name=None, phone=None), masked


def note_media(tx: Tx, incoming: Incoming) -> tuple[Media, ...]:
    """Give each file our own id; the bytes are fetched after the commit, the row makes sure of that."""
    if not tx.person.consent and tx.person.role is None:
        return ()  # nobody has agreed to anything being kept
    noted = []
    for item in incoming.media:
        if item.kind == "sticker" or is_package(item):
            continue
        media_id = item.id
        if media_id is None:
            media_id = new_id()
            media.add_waiting(
                tx.connection,
                media_id,
                tx.person.contact_id,
                incoming.channel,
                item.ref,
                item.kind,
                item.mime,
                item.size_bytes,
                tx.now,
            )
        noted.append(Media(media_id, item.kind))
    return tuple(noted)


def is_package(item: IncomingMedia) -> bool:
    """Tell whether a file is an app for Android: one is warned of, and never fetched."""
    return item.mime.lower() == PACKAGE


def keep_body(tx: Tx, incoming: Incoming) -> None:
    """Keep what was said only where it must be shown again: on the web page, and to an officer in a hand-over."""
    ability = tx.office.abilities.get(incoming.channel)
    if tx.person.handover_id is None and (ability is None or not ability.keeps_history):
        return
    label = words_of(incoming)
    if incoming.choice is not None:
        label = _label_of(tx.conversation, incoming.choice) or label
    command = find_command(label)
    if command is not None and command.name == "link" and command.argument:
        label = label.replace(
            command.argument, "••••-••••"
        )  # while it is valid it opens an account: for nobody else's eyes
    body = {"text": label, "media": [item.id for item in tx.media]}
    inbound.keep_body(
        tx.connection, incoming.channel, incoming.message_id, tx.person.contact_id, json.dumps(body, ensure_ascii=False)
    )


def words_of(incoming: Incoming) -> str:
    """Say in words what another person shall read: the text, or a location's degrees."""
    if incoming.text or incoming.location is None:
        return incoming.text
    return "{:.5f}, {:.5f}".format(*incoming.location)


def _label_of(conversation: OpenConversation | None, data: str) -> str:
    """Say what stands on a pressed button of the question shown."""
    button = read_button(data)
    if conversation is None or button is None:
        return ""
    return next((label for option, label, _ in load_shown(conversation.shown).options if option == button[2]), "")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")

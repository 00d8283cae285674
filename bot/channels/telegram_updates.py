"""Reads Telegram's updates: what somebody did in their chat with the bot becomes an Incoming."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User

from handlers.messages import MOST_TEXT_CHARS, Incoming, IncomingMedia

# The kinds we ask for: Telegram then sends no others (core.telegram.org/bots/api#getupdates).
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

# Parts of a message nobody here reads; decoding them costs as much as the message itself.
_UNREAD = (
    "external_reply",
    "quote",
    "forward_origin",
    "entities",
    "caption_entities",
    "reply_markup",
)
# Messages a client makes by itself: answering them would puzzle the person.
_SERVICE = ("pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set")
_PLAIN = frozenset(
    ("message_id", "from", "chat", "date", "text", "entities", "link_preview_options", "reply_to_message")
)
_OF_REPLIED = ("message_id", "from", "chat", "date")  # what the library needs of a message, and all we read of this one
_COMMAND = re.compile(r"\A(/\w+)@\w+")


def read_plain(raw: dict[str, Any], received_at: datetime) -> Incoming | None:
    """Read a plain text message by hand; None for anything else, which goes through the library.

    Most messages are such, and the library's objects take a quarter of all the CPU of a turn. A test holds both ways
    equal.
    """
    message = raw.get("message")
    if len(raw) != 2 or not isinstance(message, dict) or not message.keys() <= _PLAIN:
        return None
    chat, user, text, update_id = message.get("chat"), message.get("from"), message.get("text"), raw.get("update_id")
    if not (isinstance(chat, dict) and isinstance(user, dict) and isinstance(text, str) and isinstance(update_id, int)):
        return None
    if not text or chat.get("type") != "private" or not isinstance(chat.get("id"), int):
        return None
    name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
    return Incoming(
        "telegram",
        f"u{update_id}",
        str(chat["id"]),
        received_at,
        text=_COMMAND.sub(r"\1", text, count=1)[:MOST_TEXT_CHARS] if text[0] == "/" else text[:MOST_TEXT_CHARS],
        name=name,
        language=user.get("language_code"),
        reply_to=_read_replied(message.get("reply_to_message")),
    )


def _read_replied(replied: Any) -> str | None:
    """Give the id of the message that was replied to, if it is ours: in a private chat the only bot is us."""
    if not isinstance(replied, dict):
        return None
    author, message_id = replied.get("from"), replied.get("message_id")
    is_ours = isinstance(author, dict) and author.get("is_bot") is True
    return str(message_id) if is_ours and isinstance(message_id, int) else None


def read_update(raw: dict[str, Any]) -> Update:
    """Make the library's object of an update as it came; ``raw`` loses what nobody reads.

    The message under a pressed button is left out where its chat is private, which makes a press four times cheaper
    to decode: it tells nothing but the chat, and that is the presser's own.
    """
    if (query := raw.get("callback_query")) is not None:
        if query.get("message", {}).get("chat", {}).get("type") == "private":
            del query["message"]
    elif (message := raw.get("message") or raw.get("edited_message")) is not None:
        for part in _UNREAD:
            message.pop(part, None)
        if (replied := message.get("reply_to_message")) is not None:
            message["reply_to_message"] = {part: replied[part] for part in _OF_REPLIED if part in replied}
    return Update.de_json(raw)


def decode(update: Update, received_at: datetime) -> Incoming | None:
    """Say what an update is to us; None if it is not a person's own doing in a private chat.

    A message of a kind we cannot use gives an Incoming with an empty text, so that the person is answered. The phone
    of a shared contact is whosever it is, not always the sender's.
    """
    if update.message is not None:
        return _decode_message(update.update_id, update.message, received_at)
    if update.callback_query is not None:
        return _decode_press(update.update_id, update.callback_query, received_at)
    if update.edited_message is not None:
        return _decode_message(update.update_id, update.edited_message, received_at, edited=True)
    if update.my_chat_member is not None:
        return _decode_membership(update.update_id, update.my_chat_member, received_at)
    return None


def _decode_message(
    update_id: int, message: Message, received_at: datetime, *, edited: bool = False
) -> Incoming | None:
    user = message.from_user
    if message.chat.type != "private" or user is None:
        return None
    text = message.text or message.caption or ""
    media = () if message.text else _decode_media(message)
    location = message.location or (message.venue.location if message.venue else None)
    phone = message.contact.phone_number if message.contact else None
    replied = message.reply_to_message
    is_ours = replied is not None and replied.from_user is not None and replied.from_user.is_bot
    if not (text or media or location or phone) and any(getattr(message, part) for part in _SERVICE):
        return None
    return Incoming(
        "telegram",
        f"u{update_id}",
        str(message.chat.id),
        received_at,
        text=_COMMAND.sub(r"\1", text, count=1)[:MOST_TEXT_CHARS] if text[:1] == "/" else text[:MOST_TEXT_CHARS],
        media=media,
        location=(location.latitude, location.longitude) if location else None,
        phone=phone,
        name=_full_name(user),
        language=user.language_code,
        event="edited" if edited else None,
        reply_to=str(replied.message_id) if replied is not None and is_ours else None,
    )


def _decode_press(update_id: int, query: CallbackQuery, received_at: datetime) -> Incoming | None:
    user = query.from_user
    if query.inline_message_id is not None or (query.message is not None and query.message.chat.type != "private"):
        return None
    return Incoming(
        "telegram",
        f"u{update_id}",
        str(user.id),  # a private chat has its person's id
        received_at,
        choice=query.data or "",
        name=_full_name(user),
        language=user.language_code,
    )


def _decode_membership(update_id: int, change: ChatMemberUpdated, received_at: datetime) -> Incoming | None:
    status = change.new_chat_member.status
    if change.chat.type != "private" or status not in {"kicked", "member"}:
        return None
    return Incoming(
        "telegram",
        f"u{update_id}",
        str(change.chat.id),
        received_at,
        name=_full_name(change.from_user),
        language=change.from_user.language_code,
        event="left" if status == "kicked" else "joined",
    )


def _full_name(user: User) -> str:
    return f"{user.first_name} {user.last_name}" if user.last_name else user.first_name


def _decode_media(message: Message) -> tuple[IncomingMedia, ...]:
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return (IncomingMedia("photo", photo.file_id, "image/jpeg", photo.file_size),)
    if voice := message.voice or message.audio:
        return (IncomingMedia("voice", voice.file_id, voice.mime_type or "audio/ogg", voice.file_size),)
    if moving := message.video or message.animation:  # an animation comes with a document of itself
        return (IncomingMedia("video", moving.file_id, moving.mime_type or "video/mp4", moving.file_size),)
    if round_video := message.video_note:
        return (IncomingMedia("video", round_video.file_id, "video/mp4", round_video.file_size),)
    if file := message.document:
        return (IncomingMedia("document", file.file_id, file.mime_type or "application/octet-stream", file.file_size),)
    if sticker := message.sticker:
        mime = "video/webm" if sticker.is_video else "application/x-tgsticker" if sticker.is_animated else "image/webp"
        return (IncomingMedia("sticker", sticker.file_id, mime, sticker.file_size),)
    return ()

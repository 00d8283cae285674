"""Telegram as a channel: an Outgoing becomes calls of the Bot API, and their failures ours."""

from __future__ import annotations

import asyncio
import html
import json
import logging
import re
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from telegram import Bot, BotCommand, InputMediaDocument, InputMediaPhoto, Message
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.telegram_http import MOST_FILE_BYTES, AiohttpRequest, read_failure
from bot.channels.telegram_updates import UPDATES
from handlers.attachments import Attachment, Find, list_attachments
from handlers.bulk import BULK
from handlers.messages import Ability, ChannelError, ChannelRefused, Fetched, Outgoing, Sending

LONG_POLL_SECONDS = 50  # the server cuts longer ones (LONG_POLL_MAX_TIMEOUT in tdlib/telegram-bot-api)
# An Outgoing carries no language; these words are good Indonesian and good Javanese.
LOCATION_LABEL = "📍 Kirim lokasi"
_MOST_UPDATES = 100  # core.telegram.org/bots/api#getupdates
FREE_PER_SECOND = 30  # core.telegram.org/bots/faq#broadcasting-to-users; more only where broadcasts are paid for
# A tenth of a second more than core.telegram.org/bots/faq#my-bot-is-hitting-limits asks for between two messages of one chat:
# they do not arrive as evenly as they leave.
_CHAT_SECONDS = 1.1
_CAPTION_CHARS = 1024  # core.telegram.org/bots/api#sendphoto, the same of #senddocument
_ALBUM_FILES = 10  # core.telegram.org/bots/api#sendmediagroup
_MOST_UPLOAD_BYTES = 50 << 20  # core.telegram.org/bots/api#senddocument
_SHORT_LABEL_CHARS = 18  # two such buttons fit beside each other on a small phone
_REMEMBERED_FILES = 256
_NO_PREVIEW = '{"is_disabled":true}'  # a link in a reported fraud must not show its page
_IN_FLIGHT = 16
_PAID_IN_FLIGHT = 64  # 800 a second at 80 ms an answer
_NOT_MODIFIED = "message is not modified"  # Telegram's words for an edit that changes nothing
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_MIMES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".pdf": "application/pdf",
    ".oga": "audio/ogg", ".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4",
}  # fmt: skip

_log = logging.getLogger("rewang.telegram")


class Markup(NamedTuple):
    """A text as Telegram shall read it."""

    text: str
    parse_mode: str | None


def mark_up(text: str) -> Markup:
    """Turn ``*…*`` into bold; a text without any goes as it is."""
    if "*" not in text:
        return Markup(text, None)
    return Markup(_EMPHASIS.sub(r"<b>\1</b>", html.escape(text, quote=False)), "HTML")


def keyboard(message: Outgoing) -> str | None:
    """Make the one keyboard a message can have, as JSON.

    Where a location is asked and there is at most one button, a reply keyboard offers both; that button's label comes
    back as a typed text. With more buttons they win: a location can be sent from the phone's own menu too.
    """
    if message.ask == "location" and len(message.buttons) <= 1:
        rows = [[{"text": LOCATION_LABEL, "request_location": True}], *([{"text": b.label}] for b in message.buttons)]
        return json.dumps({"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True})
    if not message.buttons:
        return None
    keys = [{"text": button.label, "callback_data": button.data} for button in message.buttons]
    a_row = 2 if all(len(button.label) <= _SHORT_LABEL_CHARS for button in message.buttons) else 1
    return json.dumps({"inline_keyboard": [keys[at : at + a_row] for at in range(0, len(keys), a_row)]})


class TelegramChannel:
    """The bot's way to people on Telegram.

    Args:
        bot: need not be initialised, so that no network is needed to begin.
        find_file: finds the file of one of our media ids.
        requests: what to close with the channel.
        per_second: how many messages this process may send.
        paid: broadcasts are paid for, by which Telegram takes more than 30 a second.
    """

    name: Final = "telegram"

    def __init__(
        self,
        bot: Bot,
        find_file: Find,
        requests: Sequence[AiohttpRequest] = (),
        *,
        per_second: float = FREE_PER_SECOND,
        paid: bool = False,
    ) -> None:
        self.ability: Final = Ability(
            per_second, _PAID_IN_FLIGHT if paid else _IN_FLIGHT, chat_seconds=_CHAT_SECONDS, edits=True
        )
        self._paid = paid
        self._bot = bot
        self._find_file = find_file
        self._requests = requests
        # Of a file as it was called: Telegram's id, so that what goes to many is uploaded once.
        self._file_ids: dict[tuple[str, str], str] = {}
        self._answers: set[asyncio.Task[None]] = set()

    async def send(self, sending: Sending) -> str | None:
        message = sending.message
        paid = self._paid and sending.lane == BULK
        try:
            if message.edits is not None:
                return await self._edit_text(sending.address, message.edits, message)
            if message.media:
                return await self._send_files(sending.address, message, paid)
            return await self._send_text(sending.address, message.text, keyboard(message), paid)
        except TelegramError as error:
            raise read_failure(error) from None

    async def _edit_text(self, address: str, message_id: str, message: Outgoing) -> str:
        """Change a message; what says already what it should is as good as changed."""
        marked = mark_up(message.text)
        call = {"chat_id": address, "message_id": message_id, "text": marked.text, "link_preview_options": _NO_PREVIEW}
        if marked.parse_mode:
            call["parse_mode"] = marked.parse_mode
        if keys := keyboard(message):
            call["reply_markup"] = keys
        try:
            await self._bot.do_api_request("edit_Message_text", call)
        except BadRequest as error:
            if _NOT_MODIFIED not in error.message.lower():
                raise
        return message_id

    async def _send_text(self, address: str, text: str, keys: str | None, paid: bool) -> str:
        marked = mark_up(text)
        call: dict[str, str | bool] = {"chat_id": address, "text": marked.text, "link_preview_options": _NO_PREVIEW}
        if marked.parse_mode:
            call["parse_mode"] = marked.parse_mode
        if keys:
            call["reply_markup"] = keys
        if paid:
            call["allow_paid_broadcast"] = True
        # Bot.send_message would make objects of the keyboard and of the answer: three times the cost. The odd
        # spelling is the library's own snake case for sendMessage, which keeps it from pointing at that method.
        sent = await self._bot.do_api_request("send_Message", call)
        return str(sent["message_id"])

    async def _send_files(self, address: str, message: Outgoing, paid: bool) -> str:
        """Send one file with the text as its caption where that fits; otherwise photos, documents, and then the text."""
        files = list_attachments(message, self._find_file)
        if len(files) < len(message.media):
            raise ChannelRefused("media_missing")
        groups = [list(group) for _, group in groupby(files, lambda file: file.is_photo)]
        if max(map(len, groups)) > _ALBUM_FILES:
            raise ChannelRefused("too_many_files")
        keys = keyboard(message)
        captioned = len(files) == 1 and len(message.text) <= _CAPTION_CHARS
        steps = [partial(self._send_group, address, group, paid) for group in groups]
        if captioned:
            steps = [partial(self._send_file, address, files[0], mark_up(message.text), keys, paid)]
        elif message.text:
            steps.append(partial(self._send_text, address, message.text, keys, paid))
        sent = ""
        for step in steps:
            try:
                sent = await step()
            except TelegramError as error:
                failure = self._read_failure(files, error)
                if not sent or isinstance(failure, ChannelRefused):
                    raise failure from None
                # A part is there already: sent again blindly, it would come twice.
                raise ChannelError(failure.reason, retry_after=failure.retry_after, taken=True) from None
        return sent

    async def _send_group(self, address: str, files: Sequence[Attachment], paid: bool) -> str:
        if len(files) == 1:
            return await self._send_file(address, files[0], Markup("", None), None, paid)
        opened = [await self._open_file(file) for file in files]
        album: list[InputMediaPhoto | InputMediaDocument] = [
            InputMediaPhoto(content) if file.is_photo else InputMediaDocument(content, filename=file.name)
            for file, content in zip(files, opened, strict=True)
        ]
        sent = await self._bot.send_media_group(address, album, allow_paid_broadcast=paid or None)
        for file, message in zip(files, sent, strict=True):
            self._remember_file(file, message)
        return str(sent[-1].message_id)

    async def _send_file(self, address: str, file: Attachment, caption: Markup, keys: str | None, paid: bool) -> str:
        content = await self._open_file(file)
        text, parse_mode, more = caption.text or None, caption.parse_mode, {"reply_markup": keys} if keys else {}
        if paid:
            more["allow_paid_broadcast"] = "true"
        if file.is_photo:
            sent = await self._bot.send_photo(address, content, caption=text, parse_mode=parse_mode, api_kwargs=more)
        else:
            sent = await self._bot.send_document(
                address, content, caption=text, parse_mode=parse_mode, filename=file.name, api_kwargs=more
            )
        self._remember_file(file, sent)
        return str(sent.message_id)

    async def _open_file(self, file: Attachment) -> str | bytes:
        if file_id := self._file_ids.get((file.id, file.name)):
            return file_id
        try:
            if file.path.stat().st_size > _MOST_UPLOAD_BYTES:
                raise ChannelRefused("file_too_big")
            return await asyncio.to_thread(file.path.read_bytes)
        except OSError:
            raise ChannelRefused("media_missing") from None

    def _remember_file(self, file: Attachment, sent: Message) -> None:
        kept = sent.photo[-1] if sent.photo else sent.document
        if kept is None:  # what Telegram made another kind of; it is uploaded again each time
            return
        if len(self._file_ids) >= _REMEMBERED_FILES:
            del self._file_ids[next(iter(self._file_ids))]
        self._file_ids[file.id, file.name] = kept.file_id

    def _read_failure(self, files: Sequence[Attachment], error: TelegramError) -> ChannelError | ChannelRefused:
        """Say what a failure to send files means; a file Telegram no longer knows is to be uploaded again."""
        failure = read_failure(error)
        if failure.reason == "file_gone":
            known = [self._file_ids.pop((file.id, file.name), None) for file in files]
            return ChannelError("file_gone") if any(known) else failure
        return failure

    async def fetch(self, ref: str) -> Fetched:
        try:
            file = await self._bot.get_file(ref)
        except TelegramError as error:
            raise read_failure(error) from None
        if (file.file_size or 0) > MOST_FILE_BYTES:
            raise ChannelRefused("file_too_big")
        if file.file_path is None:
            raise ChannelError("file_unavailable")
        try:
            content = await file.download_as_bytearray()
        except InvalidToken:  # what the library makes of a 404; getFile has just taken the token
            raise ChannelRefused("file_gone") from None
        except TelegramError as error:
            raise read_failure(error) from None
        suffix = PurePosixPath(file.file_path).suffix.lower()
        return Fetched(bytes(content), _MIMES.get(suffix, "application/octet-stream"))

    async def answer(self, callback_id: str) -> None:
        """Stop the waiting sign on a pressed button. A failure is only logged: the reply itself comes anyway."""
        try:
            await self._bot.answer_callback_query(callback_id)
        except TelegramError as error:
            _log.info("a pressed button was not answered: %s", read_failure(error).reason)

    def answer_soon(self, callback_id: str) -> None:
        """Answer a pressed button beside the work it causes."""
        task = asyncio.create_task(self.answer(callback_id))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def list_updates(self, offset: int | None, wait_seconds: int) -> list[dict[str, Any]]:
        """Take updates as they came, at most 100; those before ``offset`` are confirmed, so Telegram forgets them.

        Raises:
            ChannelError: there is no answer, or "conflict_poller" / "conflict_webhook": updates go elsewhere.
            ChannelRefused: Telegram finds fault with the call.
        """
        call: dict[str, Any] = {"timeout": wait_seconds, "limit": _MOST_UPDATES, "allowed_updates": UPDATES}
        if offset is not None:
            call["offset"] = offset
        try:
            # Not Bot.get_updates: one update it cannot read would lose it the whole batch. Spelling: as above.
            updates: list[dict[str, Any]] = await self._bot.do_api_request("get_Updates", call)
        except TelegramError as error:
            raise read_failure(error) from None
        return updates

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to an address.

        Raises:
            ChannelError: it may be tried again later.
            ChannelRefused: Telegram does not take the address.
        """
        try:
            await self._bot.set_webhook(url, allowed_updates=UPDATES, secret_token=secret)
        except TelegramError as error:
            raise read_failure(error) from None

    async def remove_webhook(self) -> None:
        """Let updates be polled again; those that wait are kept.

        Raises:
            ChannelError: it may be tried again later.
            ChannelRefused: Telegram finds fault with the call.
        """
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            raise read_failure(error) from None

    async def set_commands(self, commands: Mapping[str, Sequence[tuple[str, str]]], default: str = "id") -> None:
        """Set the menu of commands: (command, description) by two-letter language, one of them for all other languages.

        Raises:
            ChannelError: it may be tried again later.
            ChannelRefused: Telegram does not take a command or a description.
        """
        menus = [(None, commands[default]), *commands.items()]
        try:
            for language, entries in menus:
                menu = [BotCommand(command, description) for command, description in entries]
                await self._bot.set_my_commands(menu, language_code=language)
        except TelegramError as error:
            raise read_failure(error) from None

    async def close(self) -> None:
        await asyncio.gather(*self._answers)
        for request in self._requests:
            await request.shutdown()


def open_telegram(
    token: str, api_url: str, find_file: Find, *, per_second: float = FREE_PER_SECOND, senders: int = 1
) -> TelegramChannel:
    """Make the channel; nothing is sent yet.

    Args:
        token: the bot's, from BotFather.
        api_url: where the Bot API is, without a path: https://api.telegram.org, or a server of one's own.
        find_file: finds the file of one of our media ids.
        per_second: how many messages all processes together may send; above 30 broadcasts are paid for.
        senders: how many processes send.
    """
    logging.getLogger("telegram").setLevel(logging.WARNING)  # below, the library writes the token and all texts
    base = api_url.rstrip("/")
    paid = per_second > FREE_PER_SECOND
    calls = AiohttpRequest(read_seconds=20, connections=2 * (_PAID_IN_FLIGHT if paid else _IN_FLIGHT))
    polls = AiohttpRequest(read_seconds=LONG_POLL_SECONDS + 10, connections=1)
    bot = Bot(token, f"{base}/bot", f"{base}/file/bot", request=calls, get_updates_request=polls)
    return TelegramChannel(bot, find_file, (calls, polls), per_second=per_second / senders, paid=paid)

"""A Bot API that answers as Telegram does: limits, refusals, and seeded faults.

Control: ``POST /_push`` queues updates, ``POST /_files?file_id=…&path=…`` keeps a file, ``POST /_faults`` sets what goes
wrong, ``GET /_journal`` tells every call that was taken.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import random
import re
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn

from aiohttp import web

Call = dict[str, Any]
TOKEN = "7000000001:AAFake_token_for_tests_only"
_TAGS = {"b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "a", "pre", "code", "blockquote"}
_TAG = re.compile(r"<(/?)([^\s>/]*)([^>]*)(>?)")
_SENDS = ["sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup"]
_MOST_UPLOAD_BYTES = 50 << 20


class Refusal(Exception):  # noqa: N818  an answer of the vendor
    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after = code, description, retry_after


@dataclass
class Faults:
    """What goes wrong. Rates are shares of the calls of ``methods``, drawn from the seed."""

    seed: int = 0
    methods: list[str] = field(default_factory=lambda: list(_SENDS))
    too_fast: float = 0.0
    bad_gateway: float = 0.0
    drop_before: float = 0.0
    drop_after: float = 0.0
    silent: float = 0.0
    garbled: float = 0.0
    retry_after: int = 1
    per_second: int | None = None
    per_chat_burst: int | None = None
    blocked: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    unstarted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StoredFile:
    path: str
    content: bytes
    told_bytes: int


class FakeTelegram:
    def __init__(self, seed: int = 0, token: str = TOKEN) -> None:
        self.token = token
        self.set_faults({"seed": seed})
        self.journal: list[Call] = []
        self.files: dict[str, StoredFile] = {}
        self.updates: list[dict[str, Any]] = []
        self.webhook = ""
        self._next_update_id = 915_000_001
        self._next_message_id = 1
        self._presses: set[str] = set()
        self._texts: dict[tuple[int, int], tuple[str, object]] = {}  # of texts sent: what they say, and their keyboard
        self._arrived = asyncio.Event()
        self._changed = asyncio.Event()
        self._poller: asyncio.Task[Any] | None = None
        self._sent_at: deque[float] = deque()
        self._allowance: dict[str, tuple[float, float]] = {}
        self._methods: dict[str, Callable[[Call], Awaitable[Any]]] = {
            name.lower(): getattr(self, "_" + re.sub(r"([A-Z])", r"_\1", name).lower())
            for name in (
                *_SENDS, "editMessageText", "getMe", "getUpdates", "answerCallbackQuery", "getFile", "setMyCommands", "setWebhook", "deleteWebhook",
            )
        }  # fmt: skip

    def app(self) -> web.Application:
        app = web.Application(client_max_size=70 << 20)
        app.router.add_get("/_journal", self._show_journal)
        app.router.add_post("/_push", self._take_push)
        app.router.add_post("/_files", self._take_file)
        app.router.add_post("/_faults", self._take_faults)
        app.router.add_get("/file/bot{token}/{path:.+}", self._give_file)
        app.router.add_route("*", "/bot{token}/{method}", self._take_call)
        return app

    def set_faults(self, given: Mapping[str, Any]) -> None:
        unknown = given.keys() - {known.name for known in fields(Faults)}
        if unknown:
            raise ValueError(f"no such faults: {sorted(unknown)}")
        self.faults = Faults(**given)
        self._dice = random.Random(self.faults.seed)

    def push(self, *updates: dict[str, Any]) -> list[int]:
        """Queue updates; those without an id get the next one."""
        for update in updates:
            update.setdefault("update_id", self._next_update_id)
            self._next_update_id = max(self._next_update_id, update["update_id"]) + 1
            if "callback_query" in update:
                self._presses.add(update["callback_query"]["id"])
            self.updates.append(update)
        self._arrived.set()
        return [update["update_id"] for update in updates]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of the calls taken, the updates left or who polls."""
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def is_polled(self) -> bool:
        """Say whether somebody waits for updates."""
        return self._poller is not None

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.journal if call["method"] == method]

    def forget(self, chat_id: int) -> None:
        """Let a chat's texts be gone, as when the person deletes them: they cannot be edited any more."""
        self._texts = {key: text for key, text in self._texts.items() if key[0] != chat_id}

    async def _show_journal(self, request: web.Request) -> web.Response:
        return web.json_response(self.journal)

    async def _take_push(self, request: web.Request) -> web.Response:
        given = await request.json()
        return web.json_response(self.push(*(given if isinstance(given, list) else [given])))

    async def _take_file(self, request: web.Request) -> web.Response:
        content = await request.read()
        self.files[request.query["file_id"]] = StoredFile(request.query["path"], content, len(content))
        return web.json_response(len(content))

    async def _take_faults(self, request: web.Request) -> web.Response:
        try:
            self.set_faults(await request.json())
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(True)

    async def _give_file(self, request: web.Request) -> web.StreamResponse:
        for file in self.files.values():
            if file.path == request.match_info["path"] and request.match_info["token"] == self.token:
                return web.Response(body=file.content, content_type="application/octet-stream")
        return _answer_refusal(Refusal(404, "Not Found"))

    async def _take_call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _answer_refusal(Refusal(401, "Unauthorized"))
        method = self._methods.get(request.match_info["method"].lower())
        if method is None:
            return _answer_refusal(Refusal(404, "Not Found"))
        if (request.content_length or 0) > _MOST_UPLOAD_BYTES:
            return _answer_refusal(Refusal(413, "Request Entity Too Large"))
        call = await _read_call(request)
        faulty = request.match_info["method"] in self.faults.methods
        if faulty and self._draw(self.faults.too_fast):
            return _answer_refusal(_too_fast(self.faults.retry_after))
        if faulty and self._draw(self.faults.bad_gateway):
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        if faulty and self._draw(self.faults.drop_before):
            return _drop(request)
        try:
            result = await method(call)
        except Refusal as refusal:
            return _answer_refusal(refusal)
        if request.match_info["method"] != "getUpdates":
            kept = {name: value for name, value in call.items() if not isinstance(value, bytes)}
            self.journal.append({"method": request.match_info["method"], "result": result, **kept})
            self._changed.set()
        if faulty and self._draw(self.faults.drop_after):
            return _drop(request)
        if faulty and self._draw(self.faults.silent):
            await asyncio.Event().wait()
        if faulty and self._draw(self.faults.garbled):
            return web.Response(body=b'{"ok":true,"result":{"mess', content_type="application/json")
        return web.json_response({"ok": True, "result": result})

    def _draw(self, rate: float) -> bool:
        return rate > 0 and self._dice.random() < rate

    def _check_chat(self, call: Call, messages: int = 1) -> int:
        """Refuse what Telegram refuses of an address, then what comes too fast."""
        address = str(call.get("chat_id", ""))
        if not re.fullmatch(r"-?\d+", address) or address in self.faults.unknown:
            raise Refusal(400, "Bad Request: chat not found")
        if address in self.faults.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if address in self.faults.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if address in self.faults.unstarted:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        now = time.monotonic()
        if self.faults.per_second is not None:
            while self._sent_at and self._sent_at[0] <= now - 1:
                self._sent_at.popleft()
            if len(self._sent_at) + messages > self.faults.per_second:
                raise _too_fast(1)
        if self.faults.per_chat_burst is not None:
            allowed, at = self._allowance.get(address, (float(self.faults.per_chat_burst), now))
            allowed = min(float(self.faults.per_chat_burst), allowed + now - at)
            if allowed < messages:
                raise _too_fast(1)
            self._allowance[address] = (allowed - messages, now)
        self._sent_at.extend([now] * messages)
        return int(address)

    def _message(self, chat_id: int, **content: object) -> dict[str, Any]:
        message_id, self._next_message_id = self._next_message_id, self._next_message_id + 1
        bot = {
            "id": int(self.token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "Rewang",
            "username": "rewang_bot",
        }
        chat = {"id": chat_id, "type": "private", "first_name": "Sri"}
        return {"message_id": message_id, "from": bot, "chat": chat, "date": 1_794_000_000, **content}

    async def _send_message(self, call: Call) -> dict[str, Any]:
        text = call["shown"] = _read_text(call, "text", 4096, "message is too long")
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        _read_keyboard(call)
        message = self._message(self._check_chat(call), text=text)
        self._texts[message["chat"]["id"], message["message_id"]] = (call["text"], call.get("reply_markup"))
        return message

    async def _edit_message_text(self, call: Call) -> dict[str, Any]:
        text = call["shown"] = _read_text(call, "text", 4096, "message is too long")
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        _read_keyboard(call)
        chat_id = self._check_chat(call)
        message_id = int(call.get("message_id", 0))
        before = self._texts.get((chat_id, message_id))
        if before is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if isinstance(before[1], dict) and "keyboard" in before[1]:
            raise Refusal(400, "Bad Request: message can't be edited")
        if before == (call["text"], call.get("reply_markup")):
            why = "specified new message content and reply markup are exactly the same as a current content"
            raise Refusal(400, f"Bad Request: message is not modified: {why} and reply markup of the message")
        self._texts[chat_id, message_id] = (call["text"], call.get("reply_markup"))
        return {**self._message(chat_id, text=text), "message_id": message_id, "edit_date": 1_794_000_060}

    async def _send_photo(self, call: Call) -> dict[str, Any]:
        call["shown"] = _read_text(call, "caption", 1024, "message caption is too long")
        _read_keyboard(call)
        photo = self._read_photo(call.get("photo"))
        return self._message(self._check_chat(call), photo=photo, caption=call["shown"])

    async def _send_document(self, call: Call) -> dict[str, Any]:
        call["shown"] = _read_text(call, "caption", 1024, "message caption is too long")
        _read_keyboard(call)
        document = self._read_document(call.get("document"), call.get("names", {}).get("document", ""))
        return self._message(self._check_chat(call), document=document, caption=call["shown"])

    async def _send_media_group(self, call: Call) -> list[dict[str, Any]]:
        media = json.loads(call["media"])
        if not 2 <= len(media) <= 10:
            raise Refusal(400, "Bad Request: wrong number of messages to send")
        kinds = {one["type"] for one in media}
        if "document" in kinds and len(kinds) > 1:
            raise Refusal(400, "Bad Request: documents can't be mixed with other media types")
        made: list[dict[str, Any]] = []
        for one in media:
            field = one["media"].removeprefix("attach://")
            given = call.get(field, one["media"])
            if one["type"] == "photo":
                made.append({"photo": self._read_photo(given)})
            else:
                made.append({"document": self._read_document(given, call.get("names", {}).get(field, ""))})
        chat_id = self._check_chat(call, len(media))
        return [self._message(chat_id, media_group_id="1", **content) for content in made]

    def _read_photo(self, given: object) -> list[dict[str, Any]]:
        file_id = self._keep_upload("photo", given, "jpg")
        size = {"width": 800, "height": 600, "file_size": self.files[file_id].told_bytes}
        return [{"file_id": file_id, "file_unique_id": "u" + file_id, **size}]

    def _read_document(self, given: object, name: str) -> dict[str, Any]:
        file_id = self._keep_upload("document", given, name.rpartition(".")[2])
        size = self.files[file_id].told_bytes
        return {"file_id": file_id, "file_unique_id": "u" + file_id, "file_name": name, "file_size": size}

    def _keep_upload(self, kind: str, given: object, ending: str) -> str:
        """Keep what is uploaded, or find what is named by its id; gives the id. A photo's id is no document's."""
        if isinstance(given, bytes):
            if not given:
                raise Refusal(400, "Bad Request: file must be non-empty")
            file_id = f"{kind}-{len(self.files) + 1}"
            self.files[file_id] = StoredFile(f"{kind}s/file_{len(self.files)}.{ending}", given, len(given))
            return file_id
        if not isinstance(given, str) or given not in self.files:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if not given.startswith(kind):
            raise Refusal(400, f"Bad Request: can't use file of type {given.split('-')[0]} as {kind}")
        return given

    async def _get_me(self, call: Call) -> dict[str, Any]:
        return self._message(1)["from"]  # type: ignore[no-any-return]  # JSON

    async def _get_updates(self, call: Call) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            )
        if self._poller is not None:
            self._poller.cancel()
        if "offset" in call:
            self.updates = [update for update in self.updates if update["update_id"] >= int(call["offset"])]
            self._changed.set()
        if not self.updates and int(call.get("timeout", 0)):
            self._arrived.clear()
            self._poller = waiting = asyncio.ensure_future(self._arrived.wait())
            self._changed.set()
            try:
                await asyncio.wait({waiting}, timeout=min(int(call["timeout"]), 50))
                if waiting.cancelled():
                    raise Refusal(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
            finally:
                waiting.cancel()
                if self._poller is waiting:
                    self._poller = None
        allowed = json.loads(call.get("allowed_updates", "[]"))
        kinds = [update for update in self.updates if not allowed or set(update) & set(allowed)]
        return kinds[: int(call.get("limit", 100))]

    async def _answer_callback_query(self, call: Call) -> bool:
        if call.get("callback_query_id") not in self._presses:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    async def _get_file(self, call: Call) -> dict[str, Any]:
        file = self.files.get(call.get("file_id", ""))
        if file is None:
            raise Refusal(400, "Bad Request: invalid file_id")
        if file.told_bytes > 20 << 20:
            raise Refusal(400, "Bad Request: file is too big")
        file_id = call["file_id"]
        return {"file_id": file_id, "file_unique_id": "u", "file_size": file.told_bytes, "file_path": file.path}

    async def _set_my_commands(self, call: Call) -> bool:
        commands = json.loads(call["commands"])
        if len(commands) > 100 or not re.fullmatch(r"([a-z]{2})?", call.get("language_code", "")):
            raise Refusal(400, "Bad Request: language_code_invalid")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _set_webhook(self, call: Call) -> bool:
        if not call["url"].startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = call["url"]
        return True

    async def _delete_webhook(self, call: Call) -> bool:
        self.webhook = ""
        return True


async def _read_call(request: web.Request) -> Call:
    """Read parameters from wherever the Bot API takes them: the query, JSON, a form, an upload."""
    call: Call = dict(request.query)
    if request.content_type == "application/json":
        for name, value in (await request.json()).items():
            call[name] = value if isinstance(value, str) else json.dumps(value)
    else:
        for name, value in (await request.post()).items():
            call[name] = value.file.read() if isinstance(value, web.FileField) else value
            if isinstance(value, web.FileField):
                call.setdefault("names", {})[name] = value.filename
    return call


def _read_text(call: Call, name: str, most_chars: int, too_long: str) -> str:
    text: str = call.get(name, "")
    if call.get("parse_mode") == "HTML":
        text = parse_html(text)
    elif "parse_mode" in call:
        raise Refusal(400, "Bad Request: unsupported parse_mode")
    text = text.strip()
    if len(text) > most_chars:
        raise Refusal(400, f"Bad Request: {too_long}")
    return text


def parse_html(text: str) -> str:
    """Give the text without its tags, or refuse them as Telegram does."""
    plain: list[str] = []
    stack: list[str] = []
    at = 0
    for found in _TAG.finditer(text):
        plain.append(html.unescape(text[at : found.start()]))
        at = found.end()
        closing, name, _, end = found.groups()
        offset = len(text[: found.start()].encode())
        if not end:
            _refuse_html(f"Unclosed start tag at byte offset {offset}")
        if not closing:
            if name.lower() not in _TAGS:
                _refuse_html(f'Unsupported start tag "{name}" at byte offset {offset}')
            stack.append(name.lower())
        elif not stack:
            _refuse_html(f"Unexpected end tag at byte offset {offset}")
        elif (opened := stack.pop()) != name.lower():
            _refuse_html(f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"')
    if stack:
        _refuse_html(f'Can\'t find end tag corresponding to start tag "{stack[-1]}"')
    return "".join([*plain, html.unescape(text[at:])])


def _refuse_html(why: str) -> NoReturn:
    raise Refusal(400, f"Bad Request: can't parse entities: {why}")


def _read_keyboard(call: Call) -> None:
    keyboard = json.loads(call.get("reply_markup", "{}"))
    for row in keyboard.get("inline_keyboard", []):
        for button in row:
            if not button.get("callback_data"):
                what = "Text buttons are unallowed in the inline keyboard"
                raise Refusal(400, f"Bad Request: can't parse inline keyboard button: {what}")
            if len(button["callback_data"].encode()) > 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if keyboard:
        call["reply_markup"] = keyboard


def _too_fast(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", seconds)


def _answer_refusal(refusal: Refusal) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    headers = {}
    if refusal.retry_after is not None:
        answer["parameters"] = {"retry_after": refusal.retry_after}
        headers["Retry-After"] = str(refusal.retry_after)
    return web.json_response(answer, status=refusal.code, headers=headers)


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def serving(fake: FakeTelegram, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback; gives the address."""
    runner = web.AppRunner(fake.app(), handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _serve(port: int, seed: int, token: str) -> None:
    async with serving(FakeTelegram(seed, token), port) as address:
        sys.stdout.write(f"ready {address.rpartition(':')[2]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.seed, given.token))


if __name__ == "__main__":
    main()

"""How python-telegram-bot reaches Telegram: over aiohttp, and what its failures mean for the outbox.

The library's default, httpx, costs four to ten times the CPU a message and slows down with more in flight.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from handlers.messages import ChannelError, ChannelRefused

MOST_FILE_BYTES = 20 << 20  # getFile gives no larger ones (MAX_DOWNLOAD_FILE_SIZE in tdlib/telegram-bot-api)
_CONNECT_SECONDS = 10.0
_KEEP_SECONDS = 30.0  # we drop an idle connection before the server may, just as a message goes out
_JSON = {"Content-Type": "application/json"}
_PIECE_BYTES = 65_536

# What Telegram's descriptions of a 400 or 403 mean; the first that occurs in the text counts.
_REFUSALS: tuple[tuple[str, str, bool], ...] = (
    ("bot was blocked", "blocked", True),
    ("user is deactivated", "deactivated", True),
    ("can't initiate conversation", "cannot_initiate", True),
    ("chat not found", "chat_not_found", True),
    ("can't parse entities", "bad_markup", False),
    ("button_data_invalid", "button_data_invalid", False),
    ("is too long", "too_long", False),
    ("text is empty", "empty", False),
    ("must be non-empty", "empty", False),
    ("to edit not found", "not_editable", False),
    ("can't be edited", "not_editable", False),
    ("file is too big", "file_too_big", False),
    ("file_id", "file_gone", False),
    ("file identifier", "file_gone", False),
)


class NotSentError(NetworkError):
    """The request never left: no connection was made."""


class UnansweredError(NetworkError):
    """The request was written, or may have been, and no whole answer came."""


class TooFastError(TelegramError):
    """A 429. The library's own RetryAfter warns of its deprecation wherever it is made.

    Args:
        seconds: how long Telegram asks to wait.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class TooLargeError(TelegramError):
    """A file is over MOST_FILE_BYTES, or over what Telegram takes."""


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's requests over one aiohttp session, made at the first of them.

    Args:
        read_seconds: longest wait between two pieces of an answer.
        connections: most open ones; further requests wait up to 10 s for one.
    """

    def __init__(self, read_seconds: float, connections: int) -> None:
        self._read_seconds = read_seconds
        self._connections = connections
        self._timeout = _timeout(read_seconds)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_seconds

    async def initialize(self) -> None:
        self._open()

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEEP_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            headers={"User-Agent": self.USER_AGENT},
        )
        return self._session

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer. The library's own way logs the whole of one that is not JSON: it may hold people's texts."""
        try:
            answer = json.loads(payload)
        except ValueError:
            raise UnansweredError("the answer is not JSON") from None
        if not isinstance(answer, dict) or answer.keys().isdisjoint(("result", "description")):
            raise UnansweredError("the answer is not the Bot API's")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # a number, None or this mark, whose class is not public
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Do one request. Of a call's own time-outs only the one for reading counts; the others are the session's.

        Raises:
            NotSentError: no connection was made.
            UnansweredError: the connection broke, or the answer did not come in time.
            TooFastError: Telegram asks to wait.
            TooLargeError: the file asked for or sent is over the limit.
        """
        session = self._session or self._open()
        timeout = _timeout(read_timeout) if isinstance(read_timeout, int | float) else self._timeout
        data, headers = _body(request_data)
        try:
            async with session.request(method, url, data=data, headers=headers, timeout=timeout) as response:
                content = await (_read_file(response) if method == "GET" else response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NotSentError("no connection") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise UnansweredError("no answer") from None
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooFastError(_wait_asked(content, response.headers))
        if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise TooLargeError("upload over the limit")
        if response.status == HTTPStatus.GATEWAY_TIMEOUT:
            raise UnansweredError("gateway time-out")
        return response.status, content


def read_failure(error: TelegramError) -> ChannelError | ChannelRefused:
    """Say what a failed call means for the message: later again, or never."""
    match error:
        case TooFastError():
            return ChannelError("too_fast", retry_after=timedelta(seconds=error.seconds))
        case TooLargeError():
            return ChannelRefused("file_too_big")
        case NotSentError():
            return ChannelError("not_connected")
        case UnansweredError():
            return ChannelError("unanswered", taken=True)
        case InvalidToken():
            return ChannelError("token_refused")
        case Conflict():
            return ChannelError("conflict_webhook" if "webhook" in error.message else "conflict_poller")
        case BadRequest() | Forbidden():
            return _read_refusal(error)
        case _:
            return ChannelError("telegram_down")


def _read_refusal(error: BadRequest | Forbidden) -> ChannelError | ChannelRefused:
    if "temporarily unavailable" in error.message:  # "wrong file_id or the file is temporarily unavailable"
        return ChannelError("file_unavailable")
    message = error.message.lower()  # the library writes its first letter large
    for words, reason, gone in _REFUSALS:
        if words in message:
            return ChannelRefused(reason, gone=gone)
    return ChannelRefused("forbidden", gone=True) if isinstance(error, Forbidden) else ChannelRefused("bad_request")


def _timeout(read_seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=read_seconds + 60, connect=_CONNECT_SECONDS, sock_read=read_seconds)


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, Mapping[str, str] | None]:
    if request_data is None:
        return None, None
    if not request_data.contains_files:
        return request_data.json_payload, _JSON
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form, None


async def _read_file(response: aiohttp.ClientResponse) -> bytes:
    pieces: list[bytes] = []
    size_bytes = 0
    async for piece in response.content.iter_chunked(_PIECE_BYTES):
        size_bytes += len(piece)
        if size_bytes > MOST_FILE_BYTES:
            raise TooLargeError("file over the limit")
        pieces.append(piece)
    return b"".join(pieces)


def _wait_asked(content: bytes, headers: Mapping[str, str]) -> float:
    """Find the wait a 429 asks for, in its JSON or its header; 1 s where it tells none."""
    try:
        return max(float(json.loads(content)["parameters"]["retry_after"]), 0.0)
    except (ValueError, KeyError, TypeError):
        told = headers.get("Retry-After", "")
        return float(told) if told.isdecimal() else 1.0

"""How the twilio library reaches Twilio: over one aiohttp session with time-outs, and what failed calls mean.

The library's own client has no time-outs, sends JSON bodies as forms, and logs the addresses of calls; this one does none
of these. Its import is slow: channels/whatsapp.py imports it where it is used.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urljoin

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from handlers.messages import ChannelError, ChannelRefused, Fetched

MOST_FILE_BYTES = 16 << 20  # twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0  # 99 % of answers come within a second; Twilio's own clients wait for ever
_FILE_SECONDS = 60.0
_KEEP_SECONDS = 30.0  # we drop an idle connection before the server may, just as a message goes out
_CONNECTIONS = 20
_REDIRECTS = 3
# Whole addresses, so strict that no two readers of them can differ: no port, no user, no escape before the path.
_TWILIO = re.compile(r"https://(?:[a-z0-9-]+\.)+twilio\.com(/[!-~]*)")
_NAMED = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z]{2,}/[!-~]*")  # a host by its name, not by its number
_MOVED = (301, 302, 303, 307, 308)
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

_log = logging.getLogger("rewang.whatsapp")


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # the library has no types
    """The library's requests, and fetching of files, over one session, made at the first of them.

    Args:
        api_url: where all calls go instead of Twilio's hosts; empty: to Twilio.
    """

    def __init__(self, api_url: str = "") -> None:
        super().__init__(_log, True)
        self._api_url = api_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the library's signature
        allow_redirects: bool = False,
    ) -> Response:
        """Do one call of the library.

        Raises:
            ChannelError: Twilio was not reached, did not answer, or asks to come again later.
        """
        target = self._place(url)
        if target is None:
            raise ChannelError("foreign_host")
        given = dict(headers or {})
        if auth is not None:
            given["Authorization"] = _basic(auth)
        try:
            async with self._open().request(
                method,
                target,
                params={name: str(value) for name, value in (params or {}).items()},
                data=_body(data, given.get("Content-Type", "")),
                headers=given,
                timeout=_timeout(timeout or _READ_SECONDS),
                allow_redirects=allow_redirects,
            ) as response:
                text = await response.text()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise ChannelError("not_connected") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise ChannelError("unanswered", taken=method == "POST") from None
        _check(response.status, response.headers)
        return Response(response.status, text, response.headers)

    async def fetch(self, ref: str, auth: tuple[str, str]) -> Fetched:
        """Fetch a file a person sent: with our credentials from Twilio, without them from where it redirects to.

        Raises:
            ChannelError: it may be fetched again later.
            ChannelRefused: it is gone, too large, or not at Twilio.
        """
        target = self._place(ref)
        if target is None:
            raise ChannelRefused("foreign_host")
        headers = {"Authorization": _basic(auth)}
        try:
            async with asyncio.timeout(_FILE_SECONDS):
                for _ in range(_REDIRECTS + 1):
                    async with self._open().get(
                        target, headers=headers, timeout=_timeout(_READ_SECONDS), allow_redirects=False
                    ) as response:
                        if response.status not in _MOVED:
                            return await _read_file(response, ours=bool(headers))
                        target, headers = self._follow(target, response.headers.get("Location", "")), {}
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise ChannelError("file_unanswered") from None
        raise ChannelRefused("too_many_redirects")

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEEP_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _place(self, url: str) -> str | None:
        """Say where a call to Twilio goes; None if the address is not Twilio's nor the one set instead."""
        if self._is_set_instead(url):
            return url
        found = _TWILIO.fullmatch(url)
        if found is None:
            return None
        return f"{self._api_url}{found[1]}" if self._api_url else url

    def _follow(self, source: str, location: str) -> str:
        """Say where a redirect leads. Only to a named host over TLS: never into our own network."""
        try:
            target = urljoin(source, location)
        except ValueError:
            target = ""
        if self._is_set_instead(target) or _NAMED.fullmatch(target):
            return target
        raise ChannelRefused("bad_redirect")

    def _is_set_instead(self, url: str) -> bool:
        return bool(self._api_url) and url.startswith(f"{self._api_url}/")


def _check(status: int, headers: Mapping[str, str]) -> None:
    """Raise where the answer says nothing about the message itself."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # 20429: too many at once; it was not taken
        told = headers.get("Retry-After", "")
        raise ChannelError("too_fast", retry_after=timedelta(seconds=int(told)) if told.isdecimal() else None)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise ChannelError("credentials_refused")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ChannelError(f"twilio_{status}", taken=status == HTTPStatus.GATEWAY_TIMEOUT)


async def _read_file(response: aiohttp.ClientResponse, *, ours: bool) -> Fetched:
    if response.status in _GONE:
        raise ChannelRefused("file_gone")
    if ours:
        _check(response.status, response.headers)
    if response.status != HTTPStatus.OK:
        raise ChannelError(f"file_{response.status}")
    pieces: list[bytes] = []
    size_bytes = 0
    async for piece in response.content.iter_chunked(65_536):
        size_bytes += len(piece)
        if size_bytes > MOST_FILE_BYTES:
            raise ChannelRefused("file_too_big")
        pieces.append(piece)
    return Fetched(b"".join(pieces), response.content_type)


def _body(data: Mapping[str, object] | None, content_type: str) -> bytes | None:
    if data is None:
        return None
    if content_type == "application/json":
        return json.dumps(data, ensure_ascii=False).encode()
    return urlencode(data, doseq=True).encode() if data else None


def _basic(auth: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()


def _timeout(read_seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS, sock_read=read_seconds)

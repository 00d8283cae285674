"""What the page of the web chat calls: its files, what was said, and what a visitor sends.

Whatever is refused is answered with ``{"error": KEY}``; the page has a sentence for each key in both languages.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.app import now_utc
from bot.channels.web import NAME
from bot.web_files import StaticFile, read_static
from bot.web_requests import Wrong, check_id, read_body, read_json, read_message, read_number
from bot.web_visitors import Pace, Persona, Visitor, Visitors, make_token
from handlers.media import MEGABYTE, MOST_PHOTO_MB, Refused
from handlers.messages import Incoming, IncomingMedia

__all__ = ["MOST_LINES", "MOST_WAITS", "ChatLine", "Persona", "WebDesk", "webchat_routes"]

MOST_LINES = 200
MOST_WAIT_SECONDS = 25.0  # proxies commonly cut a silent connection after 30 or 60 s
MOST_WAITS = 4  # of one visitor at once: pages in that many tabs
MOST_UPLOADS = 16  # at once, each up to MOST_PHOTO_MB in memory
UPLOAD_SECONDS = 300
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self)",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MEDIA_ID = re.compile(r"[0-9a-f]{20}")
_NEVER_KEPT = {"Cache-Control": "no-store"}  # the next person at the device must not find it with the back button

_log = logging.getLogger("rewang.web")


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of a conversation as the page shows it.

    Attributes:
        number: rises from line to line; the page asks for what is after the last it has. A line that is committed
            later must have a higher number.
        buttons: label and data of each.
        ask: "location" where the message asks for one.
        media: our ids of the files in it, each with what a document is called; a photo has no name.
        sent_id: for a visitor's own line, the id the page gave it (what stands behind the colon in the message id):
            by it the page knows which of its waiting messages this is.
    """

    number: int
    mine: bool
    text: str
    buttons: tuple[tuple[str, str], ...]
    ask: str | None
    media: tuple[tuple[str, str], ...]
    at: datetime
    sent_id: str = ""


class WebDesk(Protocol):
    """What the endpoints need of the rest of the program."""

    async def receive(self, incoming: Incoming) -> None:
        """Handle a message; returns once it is committed, and raises if it is not."""
        ...

    async def history(self, address: str, after: int) -> list[ChatLine]:
        """List what was said after a line, the oldest first; of more than MOST_LINES the newest."""
        ...

    async def wait(self, address: str, after: int, seconds: float) -> None:
        """Return when there is something after a line, or when the time is over."""
        ...

    async def store_photo(self, content: bytes, mime: str, address: str) -> str:
        """Check and keep a photo; returns our id.

        Raises:
            Refused: it is not taken.
        """
        ...

    async def read_media(self, media_id: str, address: str) -> tuple[bytes, str] | None:
        """Read a file of this person's own conversation, and its type; None for any other."""
        ...


Kept = TypeVar("Kept")
Endpoint = Callable[[Request], Awaitable[Response]]


def webchat_routes(
    desk: WebDesk,
    public_url: str,
    personas: Sequence[Persona] | None,
    count: Callable[[str], None],
    *,
    clock: Callable[[], datetime] = now_utc,
    seconds: Callable[[], float] = time.monotonic,
) -> list[Route]:
    """Make the routes of the page.

    Args:
        desk: the rest of the program.
        public_url: the address the page is reached under, or "" on the machine itself.
        personas: whom one can be in the demo; None turns that off.
        count: told of each refused call.
        clock: tells the time, in UTC.
        seconds: gives seconds that never go back.
    """
    return _WebChat(desk, Visitors(public_url, personas), count, clock, Pace(seconds)).routes()


class _WebChat:
    """The endpoints of the page."""

    def __init__(
        self, desk: WebDesk, visitors: Visitors, count: Callable[[str], None], clock: Callable[[], datetime], pace: Pace
    ) -> None:
        self._desk, self._visitors, self._count, self._clock, self._pace = desk, visitors, count, clock, pace
        self._waits: Counter[str] = Counter()
        self._uploads: set[str] = set()

    def routes(self) -> list[Route]:
        """Give the routes."""
        page = read_static("chat.html")
        if self._visitors.is_demo:
            page = page.with_changed('data-who="off"', 'data-who="on"')

        async def chat(request: Request) -> Response:
            response = page.answer(request)
            response.headers.update(_NEVER_KEPT)
            return response

        table: list[tuple[str, str, Endpoint]] = [("GET", "/chat", chat)]
        table += [("GET", f"/chat/{name}", _serve(read_static(name))) for name in ("chat.css", "chat.js", "kawung.svg")]
        table += [
            ("GET", "/chat/lines", self._lines),
            ("GET", "/chat/media/{media_id}", self._media),
            ("GET", "/chat/media/{media_id}/{name}", self._media),  # old browsers save a document under the last part
            ("GET", "/chat/who", self._who),
            ("POST", "/chat/who", self._be),
            ("POST", "/chat/send", self._send),
            ("POST", "/chat/photo", self._photo),
            ("POST", "/chat/leave", self._leave),
        ]
        return [Route(path, self._guard(endpoint), methods=[method]) for method, path, endpoint in table]

    def _guard(self, endpoint: Endpoint) -> Endpoint:
        """Answer what an endpoint raises, and put the headers on every answer."""

        async def guarded(request: Request) -> Response:
            try:
                if request.method == "POST" and not self._visitors.is_own_page(request):
                    raise Wrong(403, "other_site")
                response = await endpoint(request)
            except Wrong as wrong:
                self._count(f"web_{wrong.key}")
                response = JSONResponse({"error": wrong.key}, wrong.status, _NEVER_KEPT)
                if wrong.wait_seconds:
                    response.headers["Retry-After"] = str(math.ceil(wrong.wait_seconds))
            except ClientDisconnect:
                response = Response(status_code=400)  # nobody is there to read it
            response.headers.update(HEADERS)
            return response

        return guarded

    async def _lines(self, request: Request) -> Response:
        """Tell what is new: at once, or as soon as there is something.

        Here a new visitor gets their cookie, and not with the page itself: a browser that follows a link from another
        site to the page keeps a strict cookie back, so the visitor would lose their conversation to a second one.
        """
        after, wait = read_number(request, "after"), min(read_number(request, "wait"), MOST_WAIT_SECONDS)
        if self._visitors.find(request) is None and self._visitors.is_own_page(request):
            response = JSONResponse({"lines": [], "new": True}, headers=_NEVER_KEPT)
            self._visitors.remember(make_token(), response)
            return response
        visitor = self._get_visitor(request)
        lines = await self._desk.history(visitor.address, after)
        if not lines and wait:
            await self._wait(visitor, after, wait)
            lines = await self._desk.history(visitor.address, after)
        response = JSONResponse({"lines": [_write_line(line) for line in lines]}, headers=_NEVER_KEPT)
        if not wait:
            self._visitors.remember(visitor.token, response)
        return response

    async def _wait(self, visitor: Visitor, after: int, seconds: float) -> None:
        if self._waits[visitor.own] >= MOST_WAITS:
            raise Wrong(429, "too_many_pages", MOST_WAIT_SECONDS)
        self._waits[visitor.own] += 1
        try:
            await self._desk.wait(visitor.address, after, seconds)
        finally:
            self._waits[visitor.own] -= 1
            if not self._waits[visitor.own]:
                del self._waits[visitor.own]

    async def _send(self, request: Request) -> Response:
        visitor = self._get_visitor(request)
        body = await read_json(request)
        message_id = check_id(body.get("id"))
        text, choice, location = read_message(body)
        self._keep_pace(visitor)
        sent_id, address, now = f"{visitor.address}:{message_id}", visitor.address, self._clock()
        await _commit(
            self._desk.receive(Incoming(NAME, sent_id, address, now, text=text, choice=choice, location=location))
        )
        return _done()

    async def _photo(self, request: Request) -> Response:
        """Take a photo: the body is the file itself, its id stands in the query."""
        visitor = self._get_visitor(request)
        message_id = check_id(request.query_params.get("id"))
        self._keep_pace(visitor)
        if visitor.own in self._uploads or len(self._uploads) >= MOST_UPLOADS:
            raise Wrong(429, "busy", 5)
        self._uploads.add(visitor.own)
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                content = await read_body(request, MOST_PHOTO_MB * MEGABYTE)
            mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            media_id = await _commit(self._desk.store_photo(content, mime, visitor.address))
        except TimeoutError:
            raise Wrong(408, "too_slow") from None
        finally:
            self._uploads.remove(visitor.own)
        item = IncomingMedia("photo", "", mime, len(content), media_id)
        sent_id, address, now = f"{visitor.address}:{message_id}", visitor.address, self._clock()
        await _commit(self._desk.receive(Incoming(NAME, sent_id, address, now, media=(item,))))
        return _done()

    async def _media(self, request: Request) -> Response:
        visitor = self._get_visitor(request)
        media_id = request.path_params["media_id"]
        found = await self._desk.read_media(media_id, visitor.address) if _MEDIA_ID.fullmatch(media_id) else None
        if found is None:
            raise Wrong(404, "not_found")
        content, mime = found
        shown = "inline" if mime in ("image/jpeg", "image/png") else "attachment"
        return Response(content, media_type=mime, headers={**_NEVER_KEPT, "Content-Disposition": shown})

    async def _leave(self, request: Request) -> Response:
        response = _done()
        self._visitors.forget(self._get_visitor(request), response)
        return response

    async def _who(self, request: Request) -> Response:
        visitor, personas = self._get_visitor(request), self._get_personas(request)
        people = [{"key": persona.key, "label": persona.label} for persona in personas.values()]
        return JSONResponse({"people": people, "chosen": self._visitors.chosen(visitor)}, headers=_NEVER_KEPT)

    async def _be(self, request: Request) -> Response:
        visitor, personas = self._get_visitor(request), self._get_personas(request)
        key = (await read_json(request)).get("key")
        if not isinstance(key, str) or (key and key not in personas):
            raise Wrong(400, "bad_request")
        self._visitors.choose(visitor, key)
        return _done()

    def _get_visitor(self, request: Request) -> Visitor:
        visitor = self._visitors.find(request)
        if visitor is None:
            raise Wrong(401, "no_session")
        return visitor

    def _get_personas(self, request: Request) -> Mapping[str, Persona]:
        personas = self._visitors.list_personas(request)
        if not personas:
            raise Wrong(404, "not_found")
        return personas

    def _keep_pace(self, visitor: Visitor) -> None:
        if wait := self._pace.take(visitor.own):
            raise Wrong(429, "too_fast", wait)


async def _commit(work: Awaitable[Kept]) -> Kept:
    """Await what stores something; a failure tells the page to send it again."""
    try:
        return await work
    except Refused as refused:
        raise Wrong(422, refused.reason) from None
    except Exception as error:  # noqa: BLE001  whatever it is, nothing is stored
        # Without a trace: it could hold the message.
        _log.error("a message was not stored: %s", type(error).__name__)
        raise Wrong(503, "not_stored") from None


def _serve(file: StaticFile) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return file.answer(request)

    return endpoint


def _done() -> Response:
    """Tell the page that it worked; it believes no other answer, such as the sign-in page of somebody's Wi-Fi."""
    return JSONResponse({"ok": True}, headers=_NEVER_KEPT)


def _write_line(line: ChatLine) -> dict[str, object]:
    return {
        "number": line.number, "mine": line.mine, "text": line.text, "buttons": line.buttons, "ask": line.ask,
        "media": line.media, "at": line.at.isoformat(), "id": line.sent_id,
    }  # fmt: skip

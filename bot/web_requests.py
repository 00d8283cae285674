"""How the web chat's requests are read: each value is checked here, and a wrong one is refused with a key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from handlers.messages import MOST_TEXT_CHARS

MOST_BODY_BYTES = 64 << 10  # a text of MOST_TEXT_CHARS written with JSON's escapes takes 48,000
MOST_CHOICE_CHARS = 200
_MESSAGE_ID = re.compile(r"[0-9a-f]{32}")


class Wrong(Exception):  # noqa: N818  an answer to the page
    """A request that is answered with an error."""

    def __init__(self, status: int, key: str, wait_seconds: float = 0) -> None:
        super().__init__(key)
        self.status, self.key, self.wait_seconds = status, key, wait_seconds


def read_number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "0")
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise Wrong(400, "bad_request")
    return int(given)


def check_id(given: object) -> str:
    if not isinstance(given, str) or not _MESSAGE_ID.fullmatch(given):
        raise Wrong(400, "bad_request")
    return given


def read_message(sent: Mapping[str, Any]) -> tuple[str, str | None, tuple[float, float] | None]:
    """Read the one thing that was sent: a text, a choice or a location."""
    match [sent.get(name) for name in ("text", "choice", "location")]:
        case [str(text), None, None] if text.strip() and len(text) <= MOST_TEXT_CHARS:
            return text, None, None
        case [None, str(choice), None] if 0 < len(choice) <= MOST_CHOICE_CHARS:
            return "", choice, None
        case [None, None, [float() | int() as latitude, float() | int() as longitude]] if (
            abs(latitude) <= 90 and abs(longitude) <= 180
        ):
            return "", None, (float(latitude), float(longitude))
    raise Wrong(400, "bad_request")


async def read_json(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(await read_body(request, MOST_BODY_BYTES))
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise Wrong(400, "bad_request")
    return sent


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Read a body; too large a one is refused, whatever its header says."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > most_bytes:
        raise Wrong(413, "too_big")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise Wrong(413, "too_big")
    return bytes(body)

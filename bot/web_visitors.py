"""Who a request to the web chat is from, and whether it may do what it asks.

A visitor is a random token in a cookie; the address is made from its hash, so the database never holds the token.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "rewang_chat"
COOKIE_PATH = "/chat"
COOKIE_SECONDS = 90 * 24 * 3600  # as long as the texts of a conversation are kept unless set otherwise
MOST_MESSAGES = 20
PER_SECONDS = 10.0
_MOST_COUNTED = 10_000  # visitors whose messages are counted at once
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the sample data whom a visitor of the demo can be."""

    key: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor: their token, their own address, and the one they speak as; the two differ only in the demo."""

    token: str = field(repr=False)
    own: str
    address: str


def make_token() -> str:
    """Make the secret of a new visitor: 32 random bytes."""
    return secrets.token_urlsafe(32)


def make_address(token: str) -> str:
    """Make the address of a token."""
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


class Visitors:
    """Knows visitors by their cookie, and in the demo which person of the sample data each is.

    Args:
        public_url: the address the page is reached under, or "".
        personas: the people of the demo; None, as everywhere else, lets nobody be anyone but themselves.
    """

    def __init__(self, public_url: str, personas: Sequence[Persona] | None = None) -> None:
        self._public = urlsplit(public_url)
        self._personas = None if personas is None else {persona.key: persona for persona in personas}
        self._chosen: dict[str, str] = {}

    @property
    def is_demo(self) -> bool:
        """Whether there are people one can be."""
        return self._personas is not None

    def find(self, request: Request) -> Visitor | None:
        """Find who a request is from; None without a cookie of ours."""
        token = request.cookies.get(COOKIE, "")
        if not _TOKEN.fullmatch(token):
            return None
        own = make_address(token)
        persona = self.list_personas(request).get(self._chosen.get(own, ""))
        return Visitor(token, own, persona.address if persona else own)

    def list_personas(self, request: Request) -> dict[str, Persona]:
        """List the people one can be: none but in the demo, opened on the machine itself.

        The name in the address bar is checked, since another site's name can be made to lead to this machine; and a
        request that came through a proxy is not from this machine.
        """
        if self._personas is None or any(name in request.headers for name in _FORWARDED):
            return {}
        return self._personas if request.url.hostname in _LOOPBACK else {}

    def choose(self, visitor: Visitor, key: str) -> None:
        """Let a visitor be somebody; "" is themselves again."""
        if key:
            self._chosen[visitor.own] = key
        else:
            self._chosen.pop(visitor.own, None)

    def chosen(self, visitor: Visitor) -> str:
        """Say whom a visitor chose to be; "" is themselves."""
        return self._chosen.get(visitor.own, "")

    def remember(self, token: str, response: Response) -> None:
        """Give a visitor their token, new or for another while."""
        self._set(response, token, COOKIE_SECONDS)

    def forget(self, visitor: Visitor, response: Response) -> None:
        """Take the token away, so that the next person at this device starts anew."""
        self.choose(visitor, "")
        self._set(response, "", 0)

    def _set(self, response: Response, token: str, seconds: int) -> None:
        response.set_cookie(
            COOKIE, token, max_age=seconds, path=COOKIE_PATH, secure=self._public.scheme == "https", httponly=True,
            samesite="strict",
        )  # fmt: skip

    def is_own_page(self, request: Request) -> bool:
        """Tell whether a request was made by our page: another site can neither add the header nor hide its origin."""
        if request.headers.get("x-rewang") != "1":
            return False
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        origin = request.headers.get("origin")
        if origin is None:
            return True
        return urlsplit(origin).netloc in {request.headers.get("host"), self._public.netloc} - {None, ""}


class Pace:
    """Counts each visitor's messages in the last seconds. ``clock`` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def take(self, own: str) -> float:
        """Count one message; returns the seconds to wait if it is one too many, else 0."""
        now = self._clock()
        times = self._times.pop(own, None) or deque()
        while times and times[0] <= now - PER_SECONDS:
            times.popleft()
        wait = times[0] + PER_SECONDS - now if len(times) >= MOST_MESSAGES else 0.0
        if not wait:
            times.append(now)
        self._times[own] = times  # at the end: the first one is who has been quiet the longest
        if len(self._times) > _MOST_COUNTED:
            self._times.pop(next(iter(self._times)))
        return wait

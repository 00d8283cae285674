"""Links under which a vendor may fetch one of our files: signed, and good for a day."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from handlers.media import MediaStore

GOOD_FOR = timedelta(days=1)  # Twilio fetches within minutes; its own queue holds a message for 10 hours at most


class Links:
    """Makes and checks links; the key is the account's secret, so that they end with it."""

    def __init__(self, public_url: str, secret: str, store: MediaStore, clock: Callable[[], datetime]) -> None:
        self._public_url, self._key, self._store, self._clock = public_url, secret.encode(), store, clock

    def url(self, media_id: str) -> str | None:
        """Give the link of a file, or None where it is not stored (yet)."""
        if self._store.find(media_id) is None:
            return None
        until = int((self._clock() + GOOD_FOR).timestamp())
        return f"{self._public_url}/media/{media_id}.{until}.{self._sign(media_id, until)}"

    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        """Make the endpoint that answers such a link."""

        async def serve(request: Request) -> Response:
            media_id, _, rest = request.path_params["token"].partition(".")
            until, _, signature = rest.partition(".")
            good = until.isascii() and until.isdecimal() and len(until) < 12 and int(until) > self._clock().timestamp()
            if not good or not hmac.compare_digest(signature.encode(), self._sign(media_id, int(until)).encode()):
                return Response(status_code=404)
            path = self._store.find(media_id)
            return FileResponse(path) if path is not None else Response(status_code=404)

        return serve

    def _sign(self, media_id: str, until: int) -> str:
        return hmac.new(self._key, f"{media_id}.{until}".encode(), hashlib.sha256).hexdigest()[:32]

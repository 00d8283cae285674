"""Links under which a vendor, or the person, may fetch one of our files: signed, and good for a day."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from handlers.attachments import MIMES, UNKNOWN_MIME, Attachment
from handlers.media import MediaStore

GOOD_FOR = timedelta(days=1)  # Twilio fetches within minutes; its own queue holds a message for 10 hours at most


class Links:
    """Makes and checks links; the key is the account's secret, so that they end with it."""

    def __init__(self, public_url: str, secret: str, store: MediaStore, clock: Callable[[], datetime]) -> None:
        self._public_url, self._key, self._store, self._clock = public_url, secret.encode(), store, clock

    def url(self, file: Attachment) -> str:
        """Give the link of a stored file; a document's ends in its name, which is signed as well."""
        until = int((self._clock() + GOOD_FOR).timestamp())
        link = f"{self._public_url}/media/{file.id}.{until}.{self._sign(file.id, until, file.name)}"
        return f"{link}/{file.name}" if file.name else link

    def routes(self) -> list[Route]:
        """Make the routes that answer such links."""
        paths = ("/media/{token}", "/media/{token}/{name}")
        return [Route(path, self._serve, methods=["GET"]) for path in paths]  # and HEAD: Twilio asks for that first

    async def _serve(self, request: Request) -> Response:
        media_id, _, rest = request.path_params["token"].partition(".")
        until, _, signature = rest.partition(".")
        name = request.path_params.get("name", "")
        good = until.isascii() and until.isdecimal() and len(until) < 12 and int(until) > self._clock().timestamp()
        if not good or not hmac.compare_digest(signature.encode(), self._sign(media_id, int(until), name).encode()):
            return Response(status_code=404)
        path = self._store.find(media_id)
        if path is None:
            return Response(status_code=404)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private"}
        mime = MIMES.get(path.suffix, UNKNOWN_MIME)
        return FileResponse(
            path, headers=headers, media_type=mime, filename=name or None, content_disposition_type="inline"
        )

    def _sign(self, media_id: str, until: int, name: str) -> str:
        return hmac.new(self._key, f"{media_id}.{until}.{name}".encode(), hashlib.sha256).hexdigest()[:32]

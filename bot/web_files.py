"""The files of the web chat's page, as a browser fetches them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

PAGE = Path(__file__).parent / "chat_page"
TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript", "svg": "image/svg+xml"}


class StaticFile:
    """A file of the page, also packed for slow connections."""

    def __init__(self, text: str, extension: str) -> None:
        self._text, self._extension = text, extension
        self._plain = text.encode()
        self._packed = gzip.compress(self._plain, mtime=0)
        self._type = TYPES[extension]
        self._etag = f'W/"{hashlib.sha256(self._plain).hexdigest()[:16]}"'  # weak: one for both forms

    def with_changed(self, old: str, new: str) -> StaticFile:
        """Make the file with one piece of it changed."""
        return StaticFile(self._text.replace(old, new), self._extension)

    def answer(self, request: Request) -> Response:
        """Answer with the file, or with 304 if the browser has it."""
        headers = {"ETag": self._etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self._packed, media_type=self._type, headers=headers)
        return Response(self._plain, media_type=self._type, headers=headers)


def read_static(name: str) -> StaticFile:
    """Read a file of the page."""
    return StaticFile((PAGE / name).read_text("utf-8"), name.rpartition(".")[2])

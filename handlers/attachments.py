"""The files a message takes along: which are photos, and what its documents are called on the person's phone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from handlers.messages import Outgoing

PHOTO_ENDINGS = frozenset((".jpg", ".png"))
# What a stored file is, by its ending. Not from the machine's own table: that differs from one to the next.
MIMES: Mapping[str, str] = MappingProxyType(
    {
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".pdf": "application/pdf",
        ".csv": "text/csv; charset=utf-8",
        ".zip": "application/zip",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
UNKNOWN_MIME = "application/octet-stream"
Find = Callable[[str], Path | None]  # the file of one of our media ids, where it is stored

_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_MOST_STEM_CHARS = 60
_NAMELESS = "berkas"  # good Indonesian and good Javanese: an Outgoing carries no language


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file of a message; ``name`` is what a document is called, and empty for a photo."""

    id: str
    path: Path
    name: str = ""

    @property
    def is_photo(self) -> bool:
        return not self.name

    @property
    def mime(self) -> str:
        return MIMES.get(self.path.suffix, UNKNOWN_MIME)


def list_attachments(message: Outgoing, find: Find) -> list[Attachment]:
    """List the files of a message, photos first; those that are not stored are left out.

    A document's name is made of ``message.file_name`` and of the ending of what is stored, with a number from the second
    one on. It has no blanks and no special characters, as Twilio asks for and every phone can keep
    (twilio.com/docs/messaging/guides/accepted-mime-types).
    """
    stored = [(media_id, path) for media_id in message.media if (path := find(media_id)) is not None]
    photos = [Attachment(media_id, path) for media_id, path in stored if path.suffix in PHOTO_ENDINGS]
    documents = [(media_id, path) for media_id, path in stored if path.suffix not in PHOTO_ENDINGS]
    stem = _clean_stem(message.file_name or "")
    names = [stem if number == 1 else f"{stem}-{number}" for number in range(1, len(documents) + 1)]
    return photos + [
        Attachment(media_id, path, name + path.suffix) for (media_id, path), name in zip(documents, names, strict=True)
    ]


def _clean_stem(file_name: str) -> str:
    stem = file_name.rpartition(".")[0] or file_name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-")[:_MOST_STEM_CHARS] or _NAMELESS

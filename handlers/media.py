"""Files people send: what is taken, how a photo is cleaned, and where the file is kept.

Everything here costs processor time or waits for the disk: callers run it in a thread, one file at a time (a photo
at the pixel limit takes about 0.3 GB while it is read). What a file is, is told by its bytes; the type that the sender
declares only picks the sentence of a refusal. Photos are always written anew from their pixels, so nothing else that
was in the file is kept: place, time, comments, a second file behind the picture. Documents and voice are kept as sent.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps

from flows.text import N_, Message

MEGABYTE = 1024 * 1024
MOST_PHOTO_MB = 10
MOST_DOCUMENT_MB = 10
MOST_VOICE_MB = 16  # WhatsApp's own limit for sound
MOST_PIXELS = 16_000_000  # of PNG and WebP: 40 bytes of WebP can claim any number, and all are unpacked
MOST_JPEG_PIXELS = 50_000_000  # as many as phones make unless told otherwise; unpacked at a half or a quarter
MOST_JPEG_SCANS = 64  # progressive files have about 10; each goes over the whole picture and need only be some bytes
MOST_SIDE = 10_000
KEPT_SIDE = 2560  # longest side of a kept photo: a letter photographed whole stays readable
JPEG_QUALITY = 85
FEW_COLOURS = 256  # as a drawing or a plain screenshot has: PNG may then be the smaller one

Kind = Literal["photo", "document", "voice"]
Reason = Literal["empty", "too_big", "broken", "program", "video", "wrong_type"]

# All that Pillow's readers let out for files that are not what they say; warnings where these are made errors.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, struct.error, zlib.error, Warning
)  # fmt: skip
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_TOO_LARGE = N_("That photo has too many pixels. Please send a smaller one, or send it as a photo and not as a file.")
_MADE_ID = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it may be kept and shown to staff."""

    kind: Kind
    mime: str
    content: bytes
    extension: str


class Refused(Exception):  # noqa: N818  an answer to the person, not a fault
    """The file is not taken.

    Args:
        reason: short code for the row and the count.
        why: what to tell the person, with what to do instead.
    """

    def __init__(self, reason: Reason, why: Message) -> None:
        super().__init__(reason)
        self.reason, self.why = reason, why


def check(content: bytes, mime: str) -> Checked:
    """Tell what a file is and make it fit to keep.

    Raises:
        Refused: it is not taken; says why and what to do.
    """
    if not content:
        raise Refused("empty", N_("That file arrived empty. Please send it once more."))
    if picture := _find_picture(content):
        return _check_photo(content, picture)
    if content.startswith(b"%PDF-"):
        return _check_document(content)
    if sound := _find_sound(content):
        if len(content) > MOST_VOICE_MB * MEGABYTE:
            raise _too_big(
                N_("That voice message is too long (at most {most} MB). Please send a shorter one.", most=MOST_VOICE_MB)
            )
        return Checked("voice", sound[0], content, sound[1])
    raise _name_refusal(content, mime.lower())


def _find_picture(content: bytes) -> str | None:
    """Tell the name Pillow has for the format."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    return None


def _find_sound(content: bytes) -> tuple[str, str] | None:
    """Tell type and extension of a recording: what the two messengers and phones' recorders make."""
    if content.startswith(b"OggS") and b"OpusHead" in content[:64]:
        return "audio/ogg", "ogg"
    if content.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr", "amr"
    if content[4:8] == b"ftyp":
        tracks = _list_tracks(content)
        return ("audio/mp4", "m4a") if b"soun" in tracks and b"vide" not in tracks else None
    if content.startswith(b"ID3"):
        return "audio/mpeg", "mp3"
    if len(content) > 3 and content[0] == 0xFF:
        # Frame heads, ISO 11172-3 2.4.2.3 and ISO 13818-7 6.2: eleven or twelve bits set, then the layer (0 in AAC).
        if content[1] & 0xE6 == 0xE2 and content[2] >> 4 != 0xF and content[2] & 0x0C != 0x0C:
            return "audio/mpeg", "mp3"
        if content[1] & 0xF6 == 0xF0:
            return "audio/aac", "aac"
    return None


def _list_tracks(content: bytes) -> set[bytes]:
    """List the handler types in an MP4 file (ISO 14496-12, 8.4.3): sound alone has the same brands as video."""
    return {content[found.end() + 8 : found.end() + 12] for found in re.finditer(b"hdlr", content)}


def _check_document(content: bytes) -> Checked:
    if len(content) > MOST_DOCUMENT_MB * MEGABYTE:
        raise _too_big(
            N_(
                "That document is too big (at most {most} MB). Please send a smaller one, or photos of its pages.",
                most=MOST_DOCUMENT_MB,
            )
        )
    # The end mark is in the last 1,024 bytes (ISO 32000-1, annex H); an archive behind it is a second file in one.
    if b"%%EOF" not in content[-1024:] or zipfile.is_zipfile(BytesIO(content)):
        raise Refused("broken", N_("I cannot open that PDF. Please save it again, or send photos of its pages."))
    return Checked("document", "application/pdf", content, "pdf")


def _check_photo(content: bytes, picture: str) -> Checked:
    if len(content) > MOST_PHOTO_MB * MEGABYTE:
        raise _too_big(N_("That photo is too big (at most {most} MB). Please send a smaller one.", most=MOST_PHOTO_MB))
    try:
        if picture == "JPEG" and content.count(b"\xff\xda") > MOST_JPEG_SCANS:
            raise ValueError("too many scans")
        with Image.open(BytesIO(content), formats=[picture]) as image:
            most = MOST_JPEG_PIXELS if picture == "JPEG" else MOST_PIXELS
            if image.width * image.height > most or max(image.size) > MOST_SIDE:
                raise _too_big(_TOO_LARGE)
            if picture == "JPEG":
                image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            image.load()
            clean = _redraw(image)
    except _BOMB:
        raise _too_big(_TOO_LARGE) from None
    except _BROKEN:
        raise Refused("broken", N_("I cannot open that photo. Please send it again, or take a new one.")) from None
    jpeg = _encode(clean, "JPEG", quality=JPEG_QUALITY)
    if picture == "PNG" and clean.getcolors(FEW_COLOURS):
        png = _encode(clean, "PNG", optimize=True)
        if len(png) < len(jpeg):
            return Checked("photo", "image/png", png, "png")
    return Checked("photo", "image/jpeg", jpeg, "jpg")


def _redraw(image: Image.Image) -> Image.Image:
    """Put the pixels, upright and not larger than is kept, into a picture that has nothing else."""
    clear = image.has_transparency_data
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode not in ("L", "RGB", "RGBA", "CMYK"):  # shrinking would not mix the colours of a palette
        image = image.convert("RGBA" if clear else "RGB")
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    with suppress(*_BROKEN):  # a broken note on which side is up does not break the picture
        image = ImageOps.exif_transpose(image)
    clean = Image.new("RGB", image.size, "white")
    if clear:
        image = image.convert("RGBA")
        clean.paste(image, mask=image.getchannel("A"))
    else:
        clean.paste(image.convert("RGB"))
    return clean


def _encode(image: Image.Image, picture: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, picture, **options)
    return output.getvalue()


def _too_big(why: Message) -> Refused:
    return Refused("too_big", why)


def _name_refusal(content: bytes, mime: str) -> Refused:
    """Find the sentence for a file that is not taken."""
    if _is_program(content, mime):
        return Refused(
            "program",
            N_(
                "That file is a program. Programs sent in a chat are often made to steal accounts and money, so I did "
                "not open it. Please do not open it either, and delete it, whoever it came from."
            ),
        )
    if mime.startswith("video/") or _is_video(content):
        return Refused(
            "video", N_("I cannot take videos. Please send a photo instead, or tell me in words what it shows.")
        )
    return Refused(
        "wrong_type",
        N_(
            "I can take photos (JPEG, PNG), PDF documents and voice messages. That file is something else, so I did "
            "not open it. Please send a photo or a PDF."
        ),
    )


def _is_program(content: bytes, mime: str) -> bool:
    # Android packages are archives: names in them are plain. Then Windows, Linux, Android's own code, scripts.
    if content.startswith(b"PK") and any(
        name in content for name in (b"AndroidManifest.xml", b"classes.dex", b".apk", b".exe", b"META-INF/MANIFEST.MF")
    ):
        return True
    return content.startswith((b"MZ", b"\x7fELF", b"dex\n", b"#!/")) or mime in (
        "application/vnd.android.package-archive",
        "application/x-msdownload",
        "application/java-archive",
    )


def _is_video(content: bytes) -> bool:
    matroska, avi = content.startswith(b"\x1aE\xdf\xa3"), content.startswith(b"RIFF") and content[8:12] == b"AVI "
    return matroska or avi or (content[4:8] == b"ftyp" and b"vide" in _list_tracks(content))


def new_id() -> str:
    """Make an id for a file: 80 random bits, so that none can be guessed; the same on disks that ignore case."""
    return secrets.token_hex(10)


class MediaStore:
    """A folder of checked files under our own ids, readable for the program's user alone.

    Every method raises ValueError for an id that ``new_id`` cannot have made, so no id is ever a path.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, media_id: str, checked: Checked) -> None:
        """Keep a file; once this returns it is on disk, and before that nobody sees any of it."""
        folder = self._get_folder(media_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f"{media_id}.part"  # left behind by a crash, it is overwritten by the next try or removed
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(checked.content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / f"{media_id}.{checked.extension}")
        for changed in (folder, self._folder):
            _sync(changed)

    def find(self, media_id: str) -> Path | None:
        """Find a kept file."""
        return next((path for path in self._list(media_id) if path.suffix != ".part"), None)

    def remove(self, media_id: str) -> None:
        """Remove a file, where there is one."""
        for path in self._list(media_id):
            path.unlink(missing_ok=True)

    def _list(self, media_id: str) -> list[Path]:
        return sorted(self._get_folder(media_id).glob(f"{media_id}.*"))

    def _get_folder(self, media_id: str) -> Path:
        if not _MADE_ID.fullmatch(media_id):
            raise ValueError("that is no id of a kept file")
        return self._folder / media_id[:2]


def _sync(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

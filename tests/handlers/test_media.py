"""Files people send: hostile, broken and odd ones; what is kept of a photo; ids that are never paths."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from handlers import media
from handlers.media import Checked, MediaStore, Refused, check, new_id

RED, BLUE = (220, 30, 30), (30, 30, 220)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
ID = "0123456789abcdef0123"


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """A picture with a red left half and a blue right half."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return encode(image.quantize(2) if mode == "P" else image.convert(mode), kind, **options)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def opened(checked: Checked) -> Image.Image:
    assert checked.kind == "photo"
    with Image.open(BytesIO(checked.content)) as image:
        image.load()
        assert checked.mime == image.get_format_mimetype()
        return image.convert("RGB")


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 30 for one, other in zip(found, colour, strict=True))


def refusal(content: bytes, mime: str = "application/octet-stream") -> str:
    with pytest.raises(Refused) as caught:
        check(content, mime)
    assert caught.value.why.msgid.endswith(".")
    assert "Please" in caught.value.why.msgid
    return caught.value.reason


def archive(*names: str) -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return output.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(*tracks: bytes) -> bytes:
    handlers = (box(b"trak", box(b"hdlr", bytes(8) + track + bytes(12))) for track in tracks)
    return box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", b"".join(handlers))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mime", ["image/jpeg", "application/pdf", "video/mp4", ""])
def test_a_photo_is_told_by_its_bytes_whatever_is_declared(kind: str, mime: str) -> None:
    image = opened(check(picture(kind), mime))
    assert image.size == (60, 40)
    assert near(image, (5, 20), RED)
    assert near(image, (55, 20), BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_photos_of_every_colour_mode_are_taken(mode: str) -> None:
    if mode == "I;16":
        content = encode(Image.new(mode, (60, 40), 128 * 256), "PNG")
        assert near(opened(check(content, "image/png")), (5, 5), (128, 128, 128))
        return
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    image = opened(check(picture(kind, mode=mode), "image/png"))
    grey = mode in {"1", "L"}
    assert grey or (near(image, (5, 20), RED) and near(image, (55, 20), BLUE))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    content = encode(image.convert(mode), "PNG", **({"transparency": 0} if mode == "P" else {}))
    assert near(opened(check(content, "image/png")), (10, 10), (255, 255, 255))


def test_a_photo_keeps_nothing_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET maker"
    exif.get_ifd(0x8825).update({1: "S", 2: (8.0, 5.0, 0.0), 29: "SECRET"})
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "SECRET")
    hidden.add_itxt("XML:com.adobe.xmp", "<x>SECRET</x>")
    named: dict[str, Any] = {"exif": exif, "icc_profile": b"SECRET profile", "xmp": b"<x>SECRET</x>"}
    for content in (
        picture("JPEG", comment=b"SECRET", **named),
        picture("PNG", pnginfo=hidden, exif=exif, icc_profile=b"SECRET profile"),
        picture("WEBP", **named),
        picture("JPEG") + b"<script>SECRET</script>",
        picture("PNG") + archive("SECRET.txt"),
    ):
        assert b"SECRET" in content
        checked = check(content, "image/jpeg")
        assert b"SECRET" not in checked.content
        assert not zipfile.is_zipfile(BytesIO(checked.content))
        with Image.open(BytesIO(checked.content)) as image:
            assert dict(image.getexif()) == {}
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_as_it_was_seen(orientation: int) -> None:
    # https://exiftool.org/TagNames/EXIF.html#Orientation; where the stored left half is seen.
    red_side = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(check(picture("JPEG", (60, 40), exif=exif, quality=95), "image/jpeg"))
    assert image.size == ((60, 40) if orientation < 5 else (40, 60))
    width, height = image.size
    at = {
        "left": (4, height // 2), "right": (width - 4, height // 2), "top": (width // 2, 4), "bottom": (width // 2, height - 4)
    }  # fmt: skip
    assert [side for side, point in at.items() if near(image, point, RED)] == ([red_side]), (
        "the red half is seen on one side only"
    )


def test_a_photo_with_a_torn_orientation_is_taken_as_it_lies() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = picture("JPEG", exif=exif)
    start = content.index(b"Exif\0\0") + 6
    torn = content[:start] + b"\xff" * 8 + content[start + 8 :]
    assert opened(check(torn, "image/jpeg")).size == (60, 40)


def test_a_large_photo_is_made_smaller_and_keeps_its_shape() -> None:
    assert opened(check(picture("JPEG", (6000, 3000)), "image/jpeg")).size == (2560, 1280)
    assert opened(check(picture("PNG", (3000, 300)), "image/png")).size == (2560, 256)


def test_shrinking_mixes_the_colours_of_a_palette() -> None:
    stripes = Image.new("P", (2, 1))
    stripes.putpalette([0, 0, 0, 255, 255, 255])
    stripes.putpixel((1, 0), 1)
    wide = Image.new("P", (5120, 20))
    wide.putpalette([0, 0, 0, 255, 255, 255])
    for column in range(0, 5120, 2):
        wide.paste(stripes.resize((2, 20)), (column, 0))
    assert near(opened(check(encode(wide, "PNG"), "image/png")), (1280, 5), (128, 128, 128))


def test_a_drawing_stays_png_and_a_photo_does_not() -> None:
    assert check(picture("PNG", (600, 400)), "image/png").extension == "png"
    noise = Image.effect_noise((300, 200), 60).convert("RGB")
    assert check(encode(noise, "PNG"), "image/png").extension == "jpg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_photo_is_refused(kind: str) -> None:
    whole = encode(Image.effect_noise((200, 200), 60).convert("RGB"), kind)
    assert check(whole, "image/jpeg").kind == "photo"
    assert {refusal(whole[:length], "image/jpeg") for length in (12, 40, len(whole) // 2, len(whole) - 100)} == {
        "broken"
    }


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(4001, 4000), (10_001, 10), (9_500, 9_500), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_a_small_file_that_claims_many_pixels_is_refused_unread(size: tuple[int, int]) -> None:
    assert refusal(png_that_claims(*size), "image/png") == "too_big"


def test_a_jpeg_that_claims_many_pixels_is_refused_unread() -> None:
    content = picture("JPEG")
    at = content.index(b"\xff\xc0") + 5
    assert refusal(content[:at] + struct.pack(">HH", 9000, 9000) + content[at + 4 :], "image/jpeg") == "too_big"


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    content = picture("JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    assert check(content[:-2] + content[last:-2] * 20 + b"\xff\xd9", "image/jpeg").kind == "photo"
    assert refusal(content[:-2] + content[last:-2] * 100 + b"\xff\xd9", "image/jpeg") == "broken"


@pytest.mark.parametrize(
    ("head", "most"), [(picture("JPEG"), media.MOST_PHOTO_MB), (PDF, media.MOST_DOCUMENT_MB), (b"OggS" + bytes(24) + b"OpusHead", media.MOST_VOICE_MB)]
)  # fmt: skip
def test_each_kind_has_its_size_limit(head: bytes, most: int) -> None:
    tail = b"%%EOF"
    full = head.ljust(most * 1024 * 1024 - len(tail), b"\0") + tail
    assert check(full, "").content
    assert refusal(full + b"\n") == "too_big"
    with pytest.raises(Refused) as caught:
        check(full + b"\n", "")
    assert caught.value.why.arguments == {"most": most}


@pytest.mark.parametrize(
    ("content", "mime", "extension"),
    [
        (b"OggS\0\x02" + bytes(22) + b"OpusHead\x01", "audio/ogg", "ogg"),
        (b"ID3\x04" + bytes(40), "audio/mpeg", "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(40), "audio/mpeg", "mp3"),
        (b"\xff\xf1\x50\x80" + bytes(40), "audio/aac", "aac"),
        (b"#!AMR\n\x3c" + bytes(40), "audio/amr", "amr"),
        (b"#!AMR-WB\n\x24" + bytes(40), "audio/amr", "amr"),
        (mp4(b"soun"), "audio/mp4", "m4a"),
    ],
)
def test_voice_is_kept_as_it_was_sent(content: bytes, mime: str, extension: str) -> None:
    assert check(content, "application/octet-stream") == Checked("voice", mime, content, extension)


def test_a_pdf_is_kept_as_it_was_sent() -> None:
    assert check(PDF, "image/jpeg") == Checked("document", "application/pdf", PDF, "pdf")


@pytest.mark.parametrize(
    ("content", "mime", "reason"),
    [
        (b"", "image/jpeg", "empty"),
        (PDF[:60], "application/pdf", "broken"),
        (PDF[:-6] + archive("AndroidManifest.xml") + b"%%EOF\n", "application/pdf", "broken"),
        (archive("AndroidManifest.xml", "classes.dex"), "application/pdf", "program"),
        (archive("Undangan.apk"), "application/zip", "program"),
        (b"MZ\x90\0" + bytes(60), "image/jpeg", "program"),
        (b"\x7fELF" + bytes(60), "", "program"),
        (b"anything", "application/vnd.android.package-archive", "program"),
        (b"anything", "Application/VND.android.package-archive", "program"),
        (mp4(b"vide", b"soun"), "audio/mp4", "video"),
        (mp4(b"vide"), "video/mp4", "video"),
        (b"\x1aE\xdf\xa3" + bytes(40), "video/webm", "video"),
        (b"RIFF\0\0\0\0AVI LIST", "", "video"),
        (b"anything", "video/3gpp", "video"),
        (b"<!doctype html><script>", "image/png", "wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml", "wrong_type"),
        (b"GIF89a" + bytes(40), "image/gif", "wrong_type"),
        (archive("word/document.xml"), "application/msword", "wrong_type"),
        (box(b"ftyp", b"heic" + bytes(4)) + bytes(40), "image/heic", "wrong_type"),
        (b"OggS\0\x02" + bytes(22) + b"\x80theora", "audio/ogg", "wrong_type"),
        (b"%!PS-Adobe", "application/pdf", "wrong_type"),
        (b"\n%PDF-1.4 %%EOF", "application/pdf", "wrong_type"),
        (b"\xff", "image/jpeg", "wrong_type"),
        (b"\xff\xd8\xff", "image/jpeg", "broken"),
        (b"RIFF\0\0\0\0WEBP", "image/webp", "broken"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_refused_with_its_reason(content: bytes, mime: str, reason: str) -> None:
    assert refusal(content, mime) == reason


def outcome(content: bytes, mime: str) -> str:
    try:
        return check(content, mime).kind
    except Refused as refused:
        return refused.reason


def picture_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "S", 2: (8.0, 5.0, 0.0)})
    return picture("JPEG", exif=exif, progressive=True)


WHOLE = [picture("JPEG"), picture_with_place(), picture("PNG", mode="P"), picture("WEBP"), PDF, mp4(b"soun")]


@settings(max_examples=300)
@given(st.data())
def test_no_damage_lets_another_error_out(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(WHOLE)))
    places = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, min_size=1, max_size=12)):
        content[at] = value
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    assert outcome(bytes(content), "image/jpeg") in {
        "photo",
        "document",
        "voice",
        "broken",
        "too_big",
        "wrong_type",
        "video",
    }


@settings(max_examples=100)
@given(st.binary(max_size=200), st.text(max_size=20))
def test_arbitrary_bytes_are_taken_or_refused(content: bytes, mime: str) -> None:
    assert outcome(content, mime) != "photo"


def test_a_kept_file_is_found_and_removed(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "media")
    assert store.find(ID) is None
    store.remove(ID)
    store.write(ID, Checked("document", "application/pdf", PDF, "pdf"))
    path = store.find(ID)
    assert path == tmp_path / "media" / "01" / f"{ID}.pdf"
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.remove(ID)
    assert store.find(ID) is None
    assert list(path.parent.iterdir()) == []


def test_a_file_half_written_before_a_crash_is_never_found_and_can_be_removed(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    part = tmp_path / "01" / f"{ID}.part"
    part.parent.mkdir()
    part.write_bytes(b"half of somebody's letter, longer than what comes next" * 10)
    assert store.find(ID) is None
    store.write(ID, Checked("document", "application/pdf", PDF, "pdf"))
    assert [path.read_bytes() for path in part.parent.iterdir()] == [PDF]
    part.write_bytes(b"half")
    store.remove(ID)
    assert list(part.parent.iterdir()) == []


def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    folder = tmp_path / "media" / "01"
    folder.mkdir(parents=True)
    (folder / f"{ID}.part").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic links"):
        MediaStore(tmp_path / "media").write(ID, Checked("document", "application/pdf", PDF, "pdf"))
    assert outside.read_text() == "untouched"


@pytest.mark.parametrize(
    "media_id",
    ["", ".", "..", "../../etc/passwd", "/etc/passwd", "*", f"{ID}\n", ID.upper(), ID[:-1], f"{ID}0", f"{ID[:-1]}/", f"{ID[:-1]}\0", "٠" * 20],
)  # fmt: skip
def test_what_is_no_id_of_ours_never_becomes_a_path(tmp_path: Path, media_id: str) -> None:
    store = MediaStore(tmp_path / "media")
    checked = Checked("document", "application/pdf", PDF, "pdf")
    for use in (store.find, store.remove, lambda given: store.write(given, checked)):
        with pytest.raises(ValueError, match="no id"):
            use(media_id)
    assert list(tmp_path.iterdir()) == []


def test_ids_are_ours_and_fit_the_column(tmp_path: Path) -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert max(map(len, ids)) <= 20
    assert {MediaStore(tmp_path).find(made) for made in ids} == {None}

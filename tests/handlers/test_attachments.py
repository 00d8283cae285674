"""What a message's documents are called on the person's phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.attachments import list_attachments
from handlers.messages import Outgoing


def names(file_name: str | None, *stored: str) -> list[str]:
    files = {path.partition(".")[0]: Path(path) for path in stored}
    return [file.name for file in list_attachments(Outgoing("", media=tuple(files), file_name=file_name), files.get)]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("rekap.pdf", "rekap.pdf"),
        ("Rekap Désa Ngaglik, November 2026.pdf", "Rekap-Desa-Ngaglik-November-2026.pdf"),
        ("rekap", "rekap.pdf"),
        ("rekap.v2.csv", "rekap-v2.pdf"),
        ("../../etc/passwd.pdf", "etc-passwd.pdf"),
        ('a"\r\nSet-Cookie: x', "a-Set-Cookie-x.pdf"),
        ("🙂.pdf", "berkas.pdf"),
        ("", "berkas.pdf"),
        (None, "berkas.pdf"),
        ("x" * 300 + ".pdf", "x" * 60 + ".pdf"),
    ],
)
def test_a_name_is_one_that_every_phone_can_keep(given: str | None, name: str) -> None:
    assert names(given, "a.pdf") == [name]


def test_photos_come_first_and_have_no_name_and_each_document_its_own() -> None:
    assert names("rekap.pdf", "a.pdf", "b.jpg", "c.xlsx", "d.png", "e.csv") == [
        "",
        "",
        "rekap.pdf",
        "rekap-2.xlsx",
        "rekap-3.csv",
    ]

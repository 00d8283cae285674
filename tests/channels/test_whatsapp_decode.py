"""Webhook forms become Incoming: each kind Twilio sends, with and without a phone number."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.whatsapp import decode
from handlers.messages import MOST_TEXT_CHARS, Incoming, IncomingMedia

PAYLOADS = Path(__file__).parent.parent / "payloads" / "whatsapp"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/ACsample/Messages/MMsample0001/Media/ME"
SOMEBODY = "whatsapp:+6281200000001"
NUMBERLESS = "whatsapp:ID.4566000000000001"


def read(name: str) -> Incoming | None:
    return decode(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8")), AT)


def incoming(text: str = "", **other: object) -> Incoming:
    usual: dict[str, object] = {"phone": "+6281200000001", "name": "Sri Rahayu"}
    return Incoming("whatsapp", "SMsample0001", SOMEBODY, AT, text, **{**usual, **other})  # type: ignore[arg-type]  # given by name


def media(kind: str, number: int, mime: str) -> IncomingMedia:
    return IncomingMedia(kind, f"{MEDIA}{number}", mime)  # type: ignore[arg-type]  # one of the kinds


EXPECTED: dict[str, Incoming | None] = {
    "text": incoming("Kulo badhe tanglet bab KTP 🙏\nsuwun"),
    "text_unknown_fields": incoming("Halo", reply_to="SMsample0000"),
    "reply": incoming("Niki pripun, Mas?", reply_to="SMsample0090"),
    "reply_own": incoming("Niki pripun, Mas?"),
    "reply_photo": incoming("Lampu mati di sini", media=(media("photo", 1, "image/jpeg"),), reply_to="MMsample0092"),
    "button_reply": incoming("Ya", choice="12|konfirmasi|ya", reply_to="SMsample0091"),
    "button": incoming("Ya", choice="12|konfirmasi|ya"),
    "button_without_payload": incoming("Ya"),
    "list": incoming("Surat Domisili", choice="12|layanan|domisili"),
    "list_as_button": incoming("Surat Domisili", choice="12|layanan|domisili"),
    "list_without_id": incoming("Surat Domisili"),
    "photo": incoming("Lampu mati di sini", media=(media("photo", 1, "image/jpeg"),)),
    "sticker": incoming(media=(media("sticker", 2, "image/webp"),)),
    "voice": incoming(media=(media("voice", 3, "audio/ogg"),)),
    "video": incoming(media=(media("video", 4, "video/mp4"),)),
    "document": incoming("kk.pdf", media=(media("document", 5, "application/pdf"),)),
    "contact_card": incoming(media=(media("document", 6, "text/vcard"),)),
    "media_without_type": incoming(media=(media("document", 7, "application/octet-stream"),)),
    "two_photos": incoming(media=(media("photo", 8, "image/jpeg"), media("photo", 9, "image/png"))),
    "location": incoming(location=(-8.0955, 112.1609)),
    "location_broken": incoming(),
    "location_impossible": incoming(),
    "reaction": incoming(),
    "unsupported": incoming(),
    "opted_out": incoming("STOP", event="left"),
    "only_wa_id": incoming("Halo"),
    "only_old_sid": incoming("Halo"),
    "no_phone": Incoming("whatsapp", "SMsample0001", NUMBERLESS, AT, "Halo", name="sri.rahayu"),
    "no_from": Incoming("whatsapp", "SMsample0001", NUMBERLESS, AT, "Halo", name="Sri Rahayu"),
    "nobody": None,
    "no_sid": None,
    "misdirected_status": None,
}


def test_every_sample_is_expected() -> None:
    assert sorted(path.stem for path in PAYLOADS.glob("*.json")) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_form_becomes_the_message_it_means(name: str) -> None:
    assert read(name) == EXPECTED[name]


def test_a_number_that_moves_away_from_the_form_changes_nothing_while_from_is_there() -> None:
    form = json.loads((PAYLOADS / "text.json").read_text("utf-8"))
    without = {name: value for name, value in form.items() if name != "WaId"}
    with_id = {**form, "ExternalUserId": NUMBERLESS}
    assert [decode(given, AT).address for given in (form, without, with_id)] == [SOMEBODY] * 3  # type: ignore[union-attr]  # None fails


def test_a_user_id_is_no_phone_number() -> None:
    form = {"MessageSid": "SM1", "From": NUMBERLESS, "WaId": "ID.4566000000000001"}
    assert decode(form, AT) == Incoming("whatsapp", "SM1", NUMBERLESS, AT)


def test_a_text_is_cut_to_what_every_channel_keeps() -> None:
    read = decode({"MessageSid": "SM1", "From": SOMEBODY, "Body": "a" * (MOST_TEXT_CHARS + 1)}, AT)
    assert read is not None
    assert read.text == "a" * MOST_TEXT_CHARS

"""Every kind of update as Telegram sends it, and what it is to us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram_updates import decode, read_plain, read_update
from handlers.messages import MOST_TEXT_CHARS, Incoming, IncomingMedia

PAYLOADS = Path(__file__).parent.parent / "payloads" / "telegram"
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def decoded(name: str) -> Incoming | None:
    return decode(read_update(sample(name)), AT)


def incoming(name: str, **differs: Any) -> Incoming:
    usual: dict[str, Any] = {"name": "Sri Wahyuni", "language": "id"}
    return Incoming("telegram", f"u{sample(name)['update_id']}", "5551234567", AT, **usual | differs)


EXPECTED: dict[str, dict[str, Any] | None] = {
    "text": {"text": "Lampu jalan depan rumah mati *sudah* seminggu <b>"},
    "command": {"text": "/start desa-35.05.01.2002"},
    "reply": {"text": "Yang ini", "reply_to": "90"},
    "reply_own": {"text": "Maksud saya yang ini"},
    "reply_photo": {
        "text": "Tiang miring",
        "media": (IncomingMedia("photo", "AAlarge", "image/jpeg", 118_230),),
        "reply_to": "95",
    },
    "reply_quote": {"text": "Bagian ini yang saya tanyakan", "reply_to": "90"},
    "photo": {"text": "Tiang miring", "media": (IncomingMedia("photo", "AAlarge", "image/jpeg", 118_230),)},
    "document": {"media": (IncomingMedia("document", "AAdoc", "application/pdf", 40_211),)},
    "voice": {"media": (IncomingMedia("voice", "AAvoice", "audio/ogg", 30_120),)},
    "audio": {"media": (IncomingMedia("voice", "AAaudio", "audio/mpeg", 930_120),)},
    "video": {"media": (IncomingMedia("video", "AAvideo", "video/mp4", 1_930_120),)},
    "animation": {"media": (IncomingMedia("video", "AAanim", "video/mp4", 19_301),)},
    "video_note": {"media": (IncomingMedia("video", "AAround", "video/mp4", 88_120),)},
    "sticker": {"media": (IncomingMedia("sticker", "AAsticker", "image/webp", 20_112),)},
    "location": {"location": (-8.0983, 112.1681)},
    "venue": {"location": (-8.13, 112.2)},
    "contact": {"phone": "6281200000001"},
    "edited_message": {"text": "Lampu jalan mati sejak Senin", "event": "edited"},
    "poll": {},
    "dice": {},
    "unknown_kind": {},
    "callback": {"choice": "12|kind|dead"},
    "callback_old": {"choice": "12|kind|dead"},
    "blocked": {"event": "left"},
    "unblocked": {"event": "joined"},
    "pinned": None,
    "group_text": None,
    "callback_group": None,
    "callback_inline": None,
    "added_to_group": None,
    "channel_post": None,
}


def test_every_sample_is_expected() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in PAYLOADS.glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_update(name: str) -> None:
    expected = EXPECTED[name]
    assert decoded(name) == (None if expected is None else incoming(name, **expected))


@pytest.mark.parametrize("name", ["text", "reply", "reply_own"])
def test_a_plain_sample_is_read_by_hand_and_reads_the_same(name: str) -> None:
    assert read_plain(sample(name), AT) == decoded(name)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_left_out_before_decoding_changes_nothing(name: str) -> None:
    assert decode(Update.de_json(sample(name)), AT) == decoded(name)


def test_message_ids_differ_between_all_samples() -> None:
    ids = [read.message_id for name in EXPECTED if (read := decoded(name)) is not None]
    assert len(ids) == 25
    assert len(set(ids)) == 25


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("/menu@rewang_bot", "/menu"),
        ("/start", "/start"),
        ("surat ke warga@desa.id", "surat ke warga@desa.id"),
        ("/lapor ke /a@b", "/lapor ke /a@b"),
        ("x" * 4096, "x" * MOST_TEXT_CHARS),
    ],
)
def test_typed_text(typed: str, text: str) -> None:
    raw = sample("text")
    raw["message"]["text"] = typed
    read = decode(read_update(raw), AT)
    assert read is not None
    assert read.text == text


def test_a_person_without_last_name_or_language() -> None:
    raw = sample("text")
    del raw["message"]["from"]["last_name"], raw["message"]["from"]["language_code"]
    read = decode(read_update(raw), AT)
    assert read is not None
    assert (read.name, read.language) == ("Sri", None)


@pytest.mark.parametrize(("kind", "mime"), [("is_animated", "application/x-tgsticker"), ("is_video", "video/webm")])
def test_moving_sticker(kind: str, mime: str) -> None:
    raw = sample("sticker")
    raw["message"]["sticker"][kind] = True
    read = decode(read_update(raw), AT)
    assert read is not None
    assert read.media[0].mime == mime


@given(
    text=st.text(min_size=1, max_size=60),
    last_name=st.none() | st.text(min_size=1, max_size=8),
    language=st.none() | st.sampled_from(["id", "en", "jv"]),
    replied=st.none() | st.booleans(),
    more=st.dictionaries(
        st.sampled_from(["forward_origin", "via_bot", "quote", "media_group_id"]), st.just("x"), max_size=1
    ),
)
def test_a_plain_message_reads_the_same_both_ways(
    text: str, last_name: str | None, language: str | None, replied: bool | None, more: dict[str, str]
) -> None:
    user: dict[str, object] = {"id": 7, "is_bot": False, "first_name": "Sri"}
    user |= {"last_name": last_name} if last_name else {}
    user |= {"language_code": language} if language else {}
    chat = {"id": 7, "type": "private", "first_name": "Sri"}
    message: dict[str, object] = {"message_id": 3, "from": user, "chat": chat, "date": 1_700_000_000, "text": text}
    if replied is not None:  # to a message of a bot or of a person
        author = {"id": 8, "is_bot": replied, "first_name": "Rewang"}
        message["reply_to_message"] = {
            "message_id": 2,
            "from": author,
            "chat": chat,
            "date": 1_600_000_000,
            "text": "?",
        }
    raw = {"update_id": 5, "message": {**message, **more}}
    at = datetime(2026, 11, 24, tzinfo=UTC)
    plain = read_plain(raw, at)
    if more:
        assert plain is None, "only what is plain is read by hand"
    else:
        assert plain is not None
        assert plain.reply_to == ("2" if replied else None)
        assert plain == decode(read_update(json.loads(json.dumps(raw))), at)

"""What people get on Telegram, and what each failure means, over real HTTP to a server that answers as Telegram does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from bot.channels.telegram import LOCATION_LABEL, TelegramChannel, open_telegram
from bot.channels.telegram_http import AiohttpRequest
from handlers.attachments import Find
from handlers.bulk import BULK
from handlers.messages import Button, ChannelError, ChannelRefused, Fetched, Outgoing, Sending
from tests.fakes.telegram_server import TOKEN, FakeTelegram, StoredFile, serving

CHAT = "5551234567"


@pytest.fixture
def fake() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
async def address(fake: FakeTelegram) -> AsyncIterator[str]:
    async with serving(fake) as url:
        yield url


@pytest.fixture
async def channel(address: str, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    opened = open_telegram(TOKEN, address, finding(tmp_path))
    yield opened
    await opened.close()


def finding(folder: Path) -> Find:
    """Find files as the store does: by their id, whatever their ending."""
    return lambda media_id: next(folder.glob(f"{media_id}.*"), None)


def to(address: str, text: str, *buttons: Button, **more: Any) -> Sending:
    message = Outgoing(text, buttons, **more)
    return Sending(id=1, channel="telegram", address=address, contact_id=1, lane=0, attempts=0, message=message)


async def failure(channel: TelegramChannel, sending: Sending) -> ChannelError | ChannelRefused:
    try:
        message_id = await channel.send(sending)
    except (ChannelError, ChannelRefused) as error:
        return error
    pytest.fail(f"it was sent as {message_id}")


async def test_plain_text(channel: TelegramChannel, fake: FakeTelegram) -> None:
    assert await channel.send(to(CHAT, "Sugeng enjing & <salam>")) == "1"
    [call] = fake.calls("sendMessage")
    assert call["chat_id"] == CHAT
    assert call["shown"] == "Sugeng enjing & <salam>"
    assert "parse_mode" not in call
    assert "reply_markup" not in call


async def test_emphasis_is_bold_and_what_a_person_wrote_never_is_markup(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    await channel.send(to(CHAT, "*Jalan:* <b>Melati</b> &amp; <a href='x'>"))
    [call] = fake.calls("sendMessage")
    assert call["text"] == "<b>Jalan:</b> &lt;b&gt;Melati&lt;/b&gt; &amp;amp; &lt;a href='x'&gt;"
    assert call["shown"] == "Jalan: <b>Melati</b> &amp; <a href='x'>"


@pytest.mark.parametrize("text", ["5 * 3", "**", "*<*>*", "a *b", "*a*b*c*"])
async def test_any_stars_are_taken(channel: TelegramChannel, fake: FakeTelegram, text: str) -> None:
    await channel.send(to(CHAT, text))
    assert len(fake.calls("sendMessage")) == 1


async def test_short_buttons_stand_two_in_a_row(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.send(
        to(CHAT, "Yang mana?", Button("Mati", "1|k|a"), Button("Berkedip", "1|k|b"), Button("Lain", "1|k|c"))
    )
    [call] = fake.calls("sendMessage")
    rows = call["reply_markup"]["inline_keyboard"]
    assert [[key["text"] for key in row] for row in rows] == [["Mati", "Berkedip"], ["Lain"]]
    assert rows[0][0]["callback_data"] == "1|k|a"


async def test_one_long_button_gives_each_its_row(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.send(to(CHAT, "Yang mana?", Button("Lampu jalan mati total", "1|k|a"), Button("Lain", "1|k|b")))
    assert [len(row) for row in fake.journal[0]["reply_markup"]["inline_keyboard"]] == [1, 1]


async def test_a_location_is_asked_beside_one_button(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.send(to(CHAT, "Di mana?", Button("Lewati", "1|k|skip"), ask="location"))
    assert fake.journal[0]["reply_markup"] == {
        "keyboard": [[{"text": LOCATION_LABEL, "request_location": True}], [{"text": "Lewati"}]],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }


async def test_several_buttons_win_over_the_location(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.send(
        to(CHAT, "Desa mana?", Button("Sumberejo", "1|k|a"), Button("Tegalrejo", "1|k|b"), ask="location")
    )
    assert list(fake.journal[0]["reply_markup"]) == ["inline_keyboard"]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({"blocked": [CHAT]}, ("blocked", True)),
        ({"deactivated": [CHAT]}, ("deactivated", True)),
        ({"unstarted": [CHAT]}, ("cannot_initiate", True)),
        ({"unknown": [CHAT]}, ("chat_not_found", True)),
    ],
)
async def test_somebody_who_is_gone(
    channel: TelegramChannel, fake: FakeTelegram, faults: dict[str, Any], expected: tuple[str, bool]
) -> None:
    fake.set_faults(faults)
    refused = await failure(channel, to(CHAT, "Halo"))
    assert isinstance(refused, ChannelRefused)
    assert (refused.reason, refused.gone) == expected
    assert fake.journal == []


@pytest.mark.parametrize(
    ("sending", "reason"),
    [
        (to(CHAT, "x" * 4097), "too_long"),
        (to(CHAT, " "), "empty"),
        (to(CHAT, "Pilih", Button("A", "d" * 65)), "button_data_invalid"),
        (to(CHAT, "Pilih", Button("A", "")), "bad_request"),
        (to(CHAT, "Foto", media=("gone",)), "media_missing"),
    ],
)
async def test_a_message_that_can_never_be_sent(channel: TelegramChannel, sending: Sending, reason: str) -> None:
    refused = await failure(channel, sending)
    assert isinstance(refused, ChannelRefused)
    assert (refused.reason, refused.gone) == (reason, False)


@pytest.mark.parametrize(
    ("faults", "reason", "retry_after", "taken", "arrived"),
    [
        ({"too_fast": 1, "retry_after": 17}, "too_fast", timedelta(seconds=17), False, 0),
        ({"bad_gateway": 1}, "telegram_down", None, False, 0),
        ({"drop_before": 1}, "unanswered", None, True, 0),
        ({"drop_after": 1}, "unanswered", None, True, 1),
        ({"garbled": 1}, "unanswered", None, True, 1),
    ],
)
async def test_a_failure_that_may_pass(
    channel: TelegramChannel,
    fake: FakeTelegram,
    faults: dict[str, Any],
    reason: str,
    retry_after: timedelta | None,
    taken: bool,
    arrived: int,
) -> None:
    fake.set_faults(faults)
    error = await failure(channel, to(CHAT, "Halo"))
    assert isinstance(error, ChannelError)
    assert (error.reason, error.retry_after, error.taken) == (reason, retry_after, taken)
    assert len(fake.journal) == arrived


async def test_no_answer_in_time_may_have_been_taken(address: str, fake: FakeTelegram, tmp_path: Path) -> None:
    fake.set_faults({"silent": 1})
    impatient = AiohttpRequest(read_seconds=0.05, connections=1)
    bot = Bot(TOKEN, f"{address}/bot", request=impatient, get_updates_request=impatient)
    channel = TelegramChannel(bot, finding(tmp_path), [impatient])
    error = await failure(channel, to(CHAT, "Halo"))
    await channel.close()
    assert isinstance(error, ChannelError)
    assert (error.reason, error.taken) == ("unanswered", True)
    assert len(fake.journal) == 1


async def test_nobody_listens(tmp_path: Path) -> None:
    async with serving(FakeTelegram()) as address:
        pass
    channel = open_telegram(TOKEN, address, finding(tmp_path))
    error = await failure(channel, to(CHAT, "Halo"))
    await channel.close()
    assert isinstance(error, ChannelError)
    assert (error.reason, error.taken) == ("not_connected", False)


async def test_a_wrong_token_is_no_fault_of_the_message(address: str, tmp_path: Path) -> None:
    channel = open_telegram("1:wrong", address, finding(tmp_path))
    error = await failure(channel, to(CHAT, "Halo"))
    await channel.close()
    assert isinstance(error, ChannelError)
    assert error.reason == "token_refused"


async def test_over_the_rate_of_one_chat(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.set_faults({"per_chat_burst": 2})
    await channel.send(to(CHAT, "1"))
    await channel.send(to(CHAT, "2"))
    error = await failure(channel, to(CHAT, "3"))
    assert isinstance(error, ChannelError)
    assert error.retry_after == timedelta(seconds=1)
    assert await channel.send(to("5557654321", "1")) == "3"


async def test_over_the_rate_of_all_chats(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.set_faults({"per_second": 1})
    await channel.send(to(CHAT, "1"))
    assert (await failure(channel, to("5557654321", "1"))).reason == "too_fast"


async def test_one_photo_carries_its_text_and_buttons(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"jpeg a")
    assert await channel.send(to(CHAT, "*Bukti* <x>", Button("Baik", "1|k|ok"), media=("a",))) == "1"
    [call] = fake.journal
    assert (call["method"], call["shown"], call["parse_mode"]) == ("sendPhoto", "Bukti <x>", "HTML")
    assert call["reply_markup"]["inline_keyboard"][0][0]["text"] == "Baik"
    assert [file.content for file in fake.files.values()] == [b"jpeg a"]


async def test_a_photo_is_uploaded_once(channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"jpeg a")
    for _ in range(2):
        await channel.send(to(CHAT, "Bukti", media=("a",)))
    assert [call.get("photo") for call in fake.journal] == [None, "photo-1"]
    fake.files.clear()
    error = await failure(channel, to(CHAT, "Bukti", media=("a",)))
    assert isinstance(error, ChannelError)
    assert error.reason == "file_gone"
    await channel.send(to(CHAT, "Bukti", media=("a",)))
    assert len(fake.files) == 1


async def test_a_text_too_long_for_a_caption_follows_its_photo(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"jpeg a")
    assert await channel.send(to(CHAT, "x" * 1025, Button("Baik", "1|k|ok"), media=("a",))) == "2"
    assert [call["method"] for call in fake.journal] == ["sendPhoto", "sendMessage"]
    assert "reply_markup" not in fake.journal[0]
    assert "reply_markup" in fake.journal[1]


async def test_several_photos_are_an_album_and_then_the_text(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jpg").write_bytes(b"jpeg " + name.encode())
    assert await channel.send(to(CHAT, "Bukti", media=("a", "b"))) == "3"
    assert [call["method"] for call in fake.journal] == ["sendMediaGroup", "sendMessage"]
    assert [file.content for file in fake.files.values()] == [b"jpeg a", b"jpeg b"]


async def test_a_text_that_fails_after_its_photos_may_not_be_repeated_blindly(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jpg").write_bytes(b"jpeg")
    fake.set_faults({"methods": ["sendMessage"], "too_fast": 1, "retry_after": 3})
    error = await failure(channel, to(CHAT, "Bukti", media=("a", "b")))
    assert isinstance(error, ChannelError)
    assert (error.reason, error.retry_after, error.taken) == ("too_fast", timedelta(seconds=3), True)


async def test_more_than_an_album_holds_is_refused(channel: TelegramChannel, tmp_path: Path) -> None:
    for name in "abcdefghijk":
        (tmp_path / f"{name}.jpg").write_bytes(b"jpeg")
    refused = await failure(channel, to(CHAT, "Foto", media=tuple("abcdefghijk")))
    assert isinstance(refused, ChannelRefused)
    assert refused.reason == "too_many_files"


# Documents


def keep(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(f"content of {name}".encode())


async def test_one_document_carries_its_name_text_and_buttons(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    keep(tmp_path, "d.pdf")
    sending = to(CHAT, "*Rekap* <x>", Button("Baik", "1|k|ok"), media=("d",), file_name="Rekap Désa November.pdf")
    assert await channel.send(sending) == "1"
    [call] = fake.journal
    assert (call["method"], call["shown"], call["parse_mode"]) == ("sendDocument", "Rekap <x>", "HTML")
    assert call["names"] == {"document": "Rekap-Desa-November.pdf"}
    assert call["reply_markup"]["inline_keyboard"][0][0]["text"] == "Baik"
    assert [file.content for file in fake.files.values()] == [b"content of d.pdf"]


async def test_a_document_is_uploaded_once_and_again_when_telegram_has_lost_it(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    keep(tmp_path, "d.xlsx")
    for _ in range(2):
        await channel.send(to(CHAT, "Rekap", media=("d",), file_name="rekap.xlsx"))
    assert [call.get("document") for call in fake.journal] == [None, "document-1"]
    fake.files.clear()
    error = await failure(channel, to(CHAT, "Rekap", media=("d",), file_name="rekap.xlsx"))
    assert isinstance(error, ChannelError)
    assert (error.reason, error.taken) == ("file_gone", False)
    await channel.send(to(CHAT, "Rekap", media=("d",), file_name="rekap.xlsx"))
    assert len(fake.files) == 1


async def test_under_another_name_it_is_another_upload(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    keep(tmp_path, "d.pdf")
    for name in ("rekap.pdf", "panduan.pdf"):
        await channel.send(to(CHAT, "", media=("d",), file_name=name))
    assert [call["names"]["document"] for call in fake.journal] == ["rekap.pdf", "panduan.pdf"]


async def test_a_text_too_long_for_a_caption_follows_its_document(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    keep(tmp_path, "d.csv")
    assert await channel.send(to(CHAT, "x" * 1025, Button("Baik", "1|k|ok"), media=("d",))) == "2"
    assert [call["method"] for call in fake.journal] == ["sendDocument", "sendMessage"]
    assert fake.journal[0]["names"] == {"document": "berkas.csv"}
    assert ["reply_markup" in call for call in fake.journal] == [False, True]


async def test_photos_come_first_then_documents_then_the_text(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    keep(tmp_path, "a.pdf", "b.jpg", "c.xlsx", "d.png")
    sending = to(CHAT, "Rekap", Button("Baik", "1|k|ok"), media=("a", "b", "c", "d"), file_name="rekap.pdf")
    assert await channel.send(sending) == "5"
    assert [call["method"] for call in fake.journal] == ["sendMediaGroup", "sendMediaGroup", "sendMessage"]
    assert sorted(fake.journal[1]["names"].values()) == ["rekap-2.xlsx", "rekap.pdf"]
    assert ["reply_markup" in call for call in fake.journal] == [False, False, True]
    assert [file.content for file in fake.files.values()] == [
        f"content of {name}".encode() for name in ("b.jpg", "d.png", "a.pdf", "c.xlsx")
    ]


@pytest.mark.parametrize(
    ("faults", "reason", "arrived"),
    [
        ({"methods": ["sendDocument"], "too_fast": 1, "retry_after": 3}, "too_fast", ["sendPhoto"]),
        ({"methods": ["sendDocument"], "drop_before": 1}, "unanswered", ["sendPhoto"]),
        ({"methods": ["sendDocument"], "drop_after": 1}, "unanswered", ["sendPhoto", "sendDocument"]),
        ({"methods": ["sendMessage"], "bad_gateway": 1}, "telegram_down", ["sendPhoto", "sendDocument"]),
    ],
)
async def test_what_fails_behind_a_part_that_arrived_may_not_be_repeated_blindly(
    channel: TelegramChannel,
    fake: FakeTelegram,
    tmp_path: Path,
    faults: dict[str, Any],
    reason: str,
    arrived: list[str],
) -> None:
    keep(tmp_path, "a.jpg", "d.pdf")
    fake.set_faults(faults)
    error = await failure(channel, to(CHAT, "Rekap", media=("a", "d")))
    assert isinstance(error, ChannelError)
    assert (error.reason, error.taken) == (reason, True)
    assert [call["method"] for call in fake.journal] == arrived


@pytest.mark.parametrize(("fault", "arrived"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_connection_that_breaks_during_an_upload(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path, fault: str, arrived: int
) -> None:
    keep(tmp_path, "d.pdf")
    fake.set_faults({fault: 1})
    error = await failure(channel, to(CHAT, "Rekap", media=("d",)))
    assert isinstance(error, ChannelError)
    assert (error.reason, error.taken) == ("unanswered", True)
    assert len(fake.journal) == arrived


async def test_a_document_over_50_megabytes_is_refused_before_it_is_read(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    with (tmp_path / "d.pdf").open("wb") as file:
        file.truncate((50 << 20) + 1)
    refused = await failure(channel, to(CHAT, "Rekap", media=("d",)))
    assert isinstance(refused, ChannelRefused)
    assert (refused.reason, refused.gone) == ("file_too_big", False)
    assert fake.journal == []


async def test_what_telegram_finds_too_large_is_not_tried_again(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.telegram_server._MOST_UPLOAD_BYTES", 1000)
    (tmp_path / "d.pdf").write_bytes(bytes(1000))
    refused = await failure(channel, to(CHAT, "Rekap", media=("d",)))
    assert isinstance(refused, ChannelRefused)
    assert refused.reason == "file_too_big"


async def test_fetch(channel: TelegramChannel, fake: FakeTelegram) -> None:
    content = bytes(range(256)) * 1000
    fake.files["AAlarge"] = StoredFile("photos/file_1.jpg", content, len(content))
    assert await channel.fetch("AAlarge") == Fetched(content, "image/jpeg")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (StoredFile("videos/big.mp4", b"", (20 << 20) + 1), "file_too_big"),
        (StoredFile("videos/lies.mp4", bytes((20 << 20) + 1), 5), "file_too_big"),
        (None, "file_gone"),
    ],
    ids=["told", "untold", "unknown"],
)
async def test_fetch_what_cannot_be_had(
    channel: TelegramChannel, fake: FakeTelegram, file: StoredFile | None, reason: str
) -> None:
    if file is not None:
        fake.files["AAfile"] = file
    with pytest.raises(ChannelRefused) as refused:
        await channel.fetch("AAfile")
    assert refused.value.reason == reason


async def test_fetch_while_telegram_is_down(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.set_faults({"methods": ["getFile"], "bad_gateway": 1})
    with pytest.raises(ChannelError):
        await channel.fetch("AAfile")


async def test_a_late_answer_to_a_press_raises_nothing(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.push({"callback_query": {"id": "known"}})
    await channel.answer("expired")
    assert fake.journal == []
    await channel.answer("known")
    assert [call["callback_query_id"] for call in fake.journal] == ["known"]


async def test_commands_in_each_language_and_for_all_others(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.set_commands({"id": [("menu", "Menu utama")], "jv": [("menu", "Menu utami")]})
    calls = fake.calls("setMyCommands")
    assert [(call.get("language_code"), call["commands"]) for call in calls] == [
        (None, '[{"command": "menu", "description": "Menu utama"}]'),
        ("id", '[{"command": "menu", "description": "Menu utama"}]'),
        ("jv", '[{"command": "menu", "description": "Menu utami"}]'),
    ]
    with pytest.raises(ChannelRefused):
        await channel.set_commands({"id": [("Menu", "Huruf besar")]})


async def test_nothing_said_and_no_token_is_logged(
    channel: TelegramChannel, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("rewang.telegram").debug("the capture works")
    await channel.send(to(CHAT, "rahasia satu"))
    for fault in ("too_fast", "bad_gateway", "drop_after", "garbled"):
        fake.set_faults({fault: 1})
        error = await failure(channel, to(CHAT, "rahasia dua"))
        logging.getLogger("rewang.telegram").error("sending failed", exc_info=error)
    await channel.answer("expired")
    assert "the capture works" in caplog.text
    assert "was not answered: bad_request" in caplog.text
    for hidden in (TOKEN, TOKEN.split(":")[1], "rahasia", CHAT):
        assert hidden not in caplog.text


async def test_a_message_is_changed_with_its_buttons(channel: TelegramChannel, fake: FakeTelegram) -> None:
    first = await channel.send(to(CHAT, "*Terkirim: 1*", Button("Lihat", "!siaran 1")))
    assert await channel.send(to(CHAT, "*Terkirim: 2*", Button("Lihat", "!siaran 1"), edits=first)) == first
    [call] = fake.calls("editMessageText")
    assert (call["message_id"], call["shown"], call["parse_mode"]) == (first, "Terkirim: 2", "HTML")
    assert call["reply_markup"]["inline_keyboard"] == [[{"text": "Lihat", "callback_data": "!siaran 1"}]]
    assert len(fake.calls("sendMessage")) == 1


async def test_a_change_that_changes_nothing_is_a_success(channel: TelegramChannel, fake: FakeTelegram) -> None:
    first = await channel.send(to(CHAT, "Terkirim: 1"))
    assert await channel.send(to(CHAT, "Terkirim: 1", edits=first)) == first
    assert fake.calls("editMessageText") == []


@pytest.mark.parametrize("why", ["gone", "never there", "reply keyboard", "of another chat"])
async def test_a_message_that_cannot_be_changed_is_refused_and_nothing_is_sent_instead(
    channel: TelegramChannel, fake: FakeTelegram, why: str
) -> None:
    first = await channel.send(to(CHAT, "Di mana?", ask="location" if why == "reply keyboard" else None)) or ""
    if why == "gone":
        fake.forget(int(CHAT))
    asked = to(
        "5550000000" if why == "of another chat" else CHAT, "Baru", edits="99" if why == "never there" else first
    )
    refused = await failure(channel, asked)
    assert isinstance(refused, ChannelRefused)
    assert (refused.reason, refused.gone) == ("not_editable", False)
    assert len(fake.calls("sendMessage")) == 1


async def test_a_change_is_tried_again_where_telegram_asks_to_wait(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    first = await channel.send(to(CHAT, "Terkirim: 1"))
    fake.set_faults({"methods": ["editMessageText"], "too_fast": 1.0, "retry_after": 3})
    error = await failure(channel, to(CHAT, "Terkirim: 2", edits=first))
    assert isinstance(error, ChannelError)
    assert error.retry_after == timedelta(seconds=3)


@pytest.mark.parametrize("files", [(), ("m1",), ("m1", "m2")])
async def test_only_broadcasts_above_thirty_a_second_are_paid_for(
    address: str, fake: FakeTelegram, tmp_path: Path, files: tuple[str, ...]
) -> None:
    for name in files:
        (tmp_path / f"{name}.jpg").write_bytes(b"a photo")
    methods = ("sendMessage", "sendPhoto", "sendMediaGroup")
    for per_second, paid in ((30, False), (1000, True)):
        channel = open_telegram(TOKEN, address, finding(tmp_path), per_second=per_second, senders=2)
        assert channel.ability.per_second == per_second / 2
        for lane in (0, 1, BULK):
            fake.journal.clear()
            await channel.send(replace(to(CHAT, "Kabar", media=files), lane=lane))
            flags = {"allow_paid_broadcast" in call for method in methods for call in fake.calls(method)}
            assert flags == {paid and lane == BULK}
        await channel.close()

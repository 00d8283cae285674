"""Updates are confirmed to Telegram only after they are committed, by polling and by webhook."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request

from bot.channels.telegram import TelegramChannel, open_telegram
from bot.telegram_intake import MOST_BODY_BYTES, poll, set_webhook, webhook
from handlers.messages import ChannelRefused, Incoming
from tests.fakes.telegram_server import TOKEN, FakeTelegram, serving

SECRET = "A-secret_1"
SRI, BUDI = 5551234567, 5557654321


@pytest.fixture
def fake() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture
async def address(fake: FakeTelegram) -> AsyncIterator[str]:
    async with serving(fake) as url:
        yield url


@pytest.fixture
async def channel(address: str) -> AsyncIterator[TelegramChannel]:
    opened = open_telegram(TOKEN, address, lambda _: None)
    yield opened
    await opened.close()


def said(text: str, person: int = SRI) -> dict[str, Any]:
    who = {"id": person, "is_bot": False, "first_name": "Sri"}
    chat = {"id": person, "type": "private", "first_name": "Sri"}
    return {"message": {"message_id": 1, "from": who, "chat": chat, "date": 1_794_000_000, "text": text}}


def pressed(callback_id: str) -> dict[str, Any]:
    message = said("Yang mana?")["message"]
    query = {"id": callback_id, "from": message["from"], "message": message, "chat_instance": "1", "data": "1|k|a"}
    return {"callback_query": query}


class Inbox:
    """Keeps what it received; a text in ``fails`` raises so many times first."""

    def __init__(self, **fails: int) -> None:
        self.committed: list[str] = []
        self.tried: Counter[str] = Counter()
        self.fails = fails

    async def receive(self, incoming: Incoming) -> None:
        self.tried[incoming.text] += 1
        if self.tried[incoming.text] <= self.fails.get(incoming.text, 0):
            raise RuntimeError(f"the database is locked while writing {incoming.text}")
        self.committed.append(incoming.text or incoming.choice or "")


class Polling:
    """Polls until all updates are confirmed to Telegram."""

    def __init__(self, channel: TelegramChannel, fake: FakeTelegram) -> None:
        self.channel, self.fake = channel, fake
        self.stop = asyncio.Event()
        self.pauses: list[float] = []
        self.counted: Counter[str] = Counter()
        self.on_pause: Callable[[int], None] = lambda _: None

    async def run(self, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        polling = asyncio.create_task(poll(self.channel, receive, stop=self.stop, count=self._count, pause=self._pause))
        confirmed = asyncio.create_task(self.fake.until(lambda: not self.fake.updates))
        await asyncio.wait({polling, confirmed}, return_when=asyncio.FIRST_COMPLETED)
        confirmed.cancel()
        self.stop.set()
        await polling

    def _count(self, name: str) -> None:
        self.counted[name] += 1

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.on_pause(len(self.pauses))


@pytest.fixture
def polling(channel: TelegramChannel, fake: FakeTelegram) -> Polling:
    return Polling(channel, fake)


async def test_each_update_is_received_once_and_in_order(polling: Polling, fake: FakeTelegram) -> None:
    fake.push(*(said(str(number)) for number in range(250)))
    inbox = Inbox()
    await polling.run(inbox.receive)
    assert inbox.committed == [str(number) for number in range(250)]
    assert polling.pauses == []


async def test_nothing_is_confirmed_before_it_is_committed(polling: Polling, fake: FakeTelegram) -> None:
    begun, may_commit = asyncio.Event(), asyncio.Event()

    async def receive(_: Incoming) -> None:
        begun.set()
        await may_commit.wait()

    fake.push(said("satu"))
    running = asyncio.create_task(polling.run(receive))
    await begun.wait()
    async with asyncio.timeout(5):
        assert [update["message"]["text"] for update in await polling.channel.list_updates(None, 0)] == ["satu"]
    may_commit.set()
    await running
    assert fake.updates == []


async def test_chats_do_not_wait_for_each_other_but_a_chat_waits_for_itself(
    polling: Polling, fake: FakeTelegram
) -> None:
    order: list[str] = []
    budi_is_done = asyncio.Event()

    async def receive(incoming: Incoming) -> None:
        if incoming.text == "Sri 1":
            await budi_is_done.wait()
        order.append(incoming.text)
        if incoming.text == "Budi 2":
            budi_is_done.set()

    fake.push(said("Sri 1"), said("Sri 2"), said("Budi 1", BUDI), said("Budi 2", BUDI))
    async with asyncio.timeout(5):
        await polling.run(receive)
    assert order == ["Budi 1", "Budi 2", "Sri 1", "Sri 2"]


async def test_what_fails_once_comes_again_and_keeps_its_place(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox(dua=1)
    fake.push(said("satu"), said("dua"), said("tiga"), said("empat", BUDI))
    await polling.run(inbox.receive)
    assert inbox.committed == ["satu", "empat", "dua", "tiga"]
    assert inbox.tried == {"satu": 1, "dua": 2, "tiga": 1, "empat": 1}
    assert polling.pauses == [1]


async def test_an_update_that_fails_alone_is_given_up_after_five_tries(
    polling: Polling, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(racun=99)
    [poison, *_] = fake.push(said("racun"), said("sesudahnya"), said("lain", BUDI))
    await polling.run(inbox.receive)
    assert inbox.committed == ["lain", "sesudahnya"]
    assert inbox.tried["racun"] == 5
    assert polling.counted == {"telegram_skipped": 1}
    assert polling.pauses == [1, 2, 4, 8]
    assert f"update {poison} is skipped" in caplog.text


async def test_while_nothing_can_be_committed_nothing_is_given_up(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox(satu=20, dua=20)
    fake.push(said("satu"), said("dua", BUDI))
    await polling.run(inbox.receive)
    assert sorted(inbox.committed) == ["dua", "satu"]
    assert not polling.counted
    assert max(polling.pauses) == 60


async def test_an_update_nobody_else_is_with_blocks_for_an_hour_at_most(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox(racun=99)
    fake.push(said("racun"), said("sesudahnya"))
    await polling.run(inbox.receive)
    assert inbox.committed == ["sesudahnya"]
    assert inbox.tried["racun"] == 60
    assert sum(polling.pauses) < 3600


async def test_a_failing_press_that_expires_at_telegram_is_forgotten(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox(satu=99)
    fake.push(said("satu"))

    def expire(pauses: int) -> None:
        if pauses == 2:
            fake.updates.clear()
            fake.push(said("dua"))

    polling.on_pause = expire
    await polling.run(inbox.receive)
    assert inbox.committed == ["dua"]
    assert polling.pauses == [1, 2]


async def test_an_unreadable_update_is_passed_over(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox()
    fake.push({"message": {"message_id": "?", "text": "no chat"}}, said("satu"))
    await polling.run(inbox.receive)
    assert inbox.committed == ["satu"]
    assert polling.counted == {"telegram_unreadable": 1}


async def test_a_press_is_answered_before_its_work_is_done(polling: Polling, fake: FakeTelegram) -> None:
    async def receive(incoming: Incoming) -> None:
        assert incoming.choice == "1|k|a"
        await fake.until(lambda: bool(fake.calls("answerCallbackQuery")))

    fake.push(pressed("press-1"))
    async with asyncio.timeout(5):
        await polling.run(receive)
    assert [call["callback_query_id"] for call in fake.journal] == ["press-1"]


async def test_a_press_that_is_received_again_is_not_answered_again(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox(**{"": 2})
    fake.push(pressed("press-1"))
    await polling.run(inbox.receive)
    await polling.channel.close()
    assert inbox.committed == ["1|k|a"]
    assert len(fake.calls("answerCallbackQuery")) == 1


async def test_polling_goes_on_when_the_webhook_is_gone(
    polling: Polling, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    fake.push(said("satu"))
    await set_webhook(polling.channel, "https://rewang.example", SECRET)
    [call] = fake.journal
    assert (call["url"], call["secret_token"]) == ("https://rewang.example/telegram/webhook", SECRET)

    def remove(pauses: int) -> None:
        if pauses == 3:
            fake.webhook = ""

    polling.on_pause = remove
    await polling.run(inbox.receive)
    assert inbox.committed == ["satu"]
    assert polling.pauses == [1, 2, 4]
    assert "polling pauses 1 s: conflict_webhook" in caplog.text


async def test_polling_lives_through_an_outage(polling: Polling, fake: FakeTelegram) -> None:
    inbox = Inbox()
    fake.push(said("satu"))
    fake.set_faults({"methods": ["getUpdates"], "too_fast": 1, "retry_after": 9})

    def next_fault(pauses: int) -> None:
        faults = ({"bad_gateway": 1}, {"drop_after": 1}, {"garbled": 1}, {})[pauses - 1]
        fake.set_faults({"methods": ["getUpdates"], **faults})

    polling.on_pause = next_fault
    await polling.run(inbox.receive)
    assert inbox.committed == ["satu"]
    assert polling.pauses == [9, 2, 4, 8]
    assert polling.counted == {"telegram_poll_failed": 4}


async def test_told_to_stop_the_long_poll_ends_at_once(channel: TelegramChannel, fake: FakeTelegram) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(poll(channel, Inbox().receive, stop=stop, count=lambda _: None))
    await fake.until(fake.is_polled)
    stop.set()
    async with asyncio.timeout(5):
        await running


async def test_a_second_poller_is_noticed(
    channel: TelegramChannel, fake: FakeTelegram, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    names: Counter[str] = Counter()

    async def pause(_: float) -> None:
        stop.set()

    def count(name: str) -> None:
        names[name] += 1

    running = asyncio.create_task(poll(channel, Inbox().receive, stop=stop, count=count, pause=pause))
    await fake.until(fake.is_polled)
    async with aiohttp.ClientSession() as other, other.get(f"{address}/bot{TOKEN}/getUpdates") as answer:
        assert (await answer.json())["result"] == []
    await running
    assert names == {"telegram_poll_failed": 1}
    assert "conflict_poller" in caplog.text


class Hook:
    """The webhook's endpoint, called as the server calls it."""

    def __init__(self, channel: TelegramChannel, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        self.counted: Counter[str] = Counter()
        self.pieces_read = 0
        self._endpoint = webhook(channel, receive, SECRET, self._count)

    def _count(self, name: str) -> None:
        self.counted[name] += 1

    async def post(self, pieces: Sequence[bytes], secret: str | None = SECRET, length: int | None = None) -> int:
        headers = [] if secret is None else [(b"x-telegram-bot-api-secret-token", secret.encode("latin-1"))]
        if length is not None:
            headers.append((b"content-length", str(length).encode()))
        left = list(pieces)

        async def receive() -> dict[str, Any]:
            self.pieces_read += 1
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        scope = {"type": "http", "method": "POST", "path": "/telegram/webhook", "headers": headers}
        return (await self._endpoint(Request(scope, receive))).status_code


def body(update: dict[str, Any]) -> list[bytes]:
    return [json.dumps({"update_id": 1, **update}).encode()]


async def test_webhook_answers_after_the_commit(channel: TelegramChannel) -> None:
    begun, may_commit = asyncio.Event(), asyncio.Event()

    async def receive(_: Incoming) -> None:
        begun.set()
        await may_commit.wait()

    answering = asyncio.create_task(Hook(channel, receive).post(body(said("satu"))))
    await begun.wait()
    assert not answering.done()
    may_commit.set()
    assert await answering == 200


async def test_webhook_asks_for_what_failed_again(channel: TelegramChannel) -> None:
    inbox = Inbox(satu=1)
    hook = Hook(channel, inbox.receive)
    assert [await hook.post(body(said("satu"))) for _ in range(2)] == [503, 200]
    assert inbox.committed == ["satu"]
    assert hook.counted == {"telegram_not_received": 1}


@pytest.mark.parametrize("secret", [None, "", "A-secret_2", "A-secret_", "å"])
async def test_webhook_stores_nothing_from_strangers(channel: TelegramChannel, secret: str | None) -> None:
    inbox = Inbox()
    hook = Hook(channel, inbox.receive)
    assert await hook.post(body(said("satu")), secret) == 403
    assert (hook.pieces_read, inbox.tried) == (0, {})
    assert hook.counted == {"telegram_wrong_secret": 1}


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000])
async def test_webhook_refuses_what_is_no_update(channel: TelegramChannel, garbage: bytes) -> None:
    hook = Hook(channel, Inbox().receive)
    assert await hook.post([garbage]) == 400
    assert hook.counted == {"telegram_bad_json": 1}


@pytest.mark.parametrize("length", [None, 10, MOST_BODY_BYTES + 1])
async def test_webhook_refuses_a_body_that_is_too_large(channel: TelegramChannel, length: int | None) -> None:
    hook = Hook(channel, Inbox().receive)
    assert await hook.post([bytes(600_000)] * 9, length=length) == 413
    assert hook.pieces_read == (0 if length == MOST_BODY_BYTES + 1 else 2)
    assert hook.counted == {"telegram_too_large": 1}


async def test_webhook_passes_over_what_is_not_for_us(channel: TelegramChannel) -> None:
    inbox = Inbox()
    hook = Hook(channel, inbox.receive)
    assert await hook.post(body({"message": {"text": "no chat"}})) == 200
    assert await hook.post(body({"poll": {}})) == 200
    assert not inbox.tried
    assert hook.counted == {"telegram_unreadable": 2}


async def test_webhook_answers_a_press(channel: TelegramChannel, fake: FakeTelegram) -> None:
    update = pressed("press-1")
    fake.push(update)
    inbox = Inbox()
    assert await Hook(channel, inbox.receive).post(body(pressed("press-1"))) == 200
    await channel.close()
    assert inbox.committed == ["1|k|a"]
    assert [call["callback_query_id"] for call in fake.journal] == ["press-1"]


@pytest.mark.parametrize("secret", ["", "two words", "x" * 257])
async def test_a_secret_telegram_would_not_take(channel: TelegramChannel, secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        webhook(channel, Inbox().receive, secret, lambda _: None)
    with pytest.raises(ValueError, match="secret"):
        await set_webhook(channel, "https://rewang.example", secret)


async def test_a_public_address_telegram_does_not_take(channel: TelegramChannel, fake: FakeTelegram) -> None:
    with pytest.raises(ChannelRefused):
        await set_webhook(channel, "http://rewang.example", SECRET)
    await set_webhook(channel, "https://rewang.example", SECRET)
    await channel.remove_webhook()
    assert fake.webhook == ""


async def test_logs_name_no_person_and_no_text(
    polling: Polling, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox = Inbox(rahasia=1)
    fake.push(said("rahasia"), pressed("press-1"), {"message": {"text": "rahasia lain"}})
    await polling.run(inbox.receive)
    assert await Hook(polling.channel, Inbox(rahasia=1).receive).post(body(said("rahasia"))) == 503
    assert "was not received (try 1): RuntimeError" in caplog.text
    assert "cannot be read: KeyError" in caplog.text
    for hidden in (TOKEN, "rahasia", str(SRI), "Sri", SECRET):
        assert hidden not in caplog.text


async def test_the_server_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.telegram_server",
        "--port",
        "0",
        "--seed",
        "3",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        word, port = (await process.stdout.readline()).decode().split()
        assert word == "ready"
        base = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{base}/_push", json=[said("satu")]) as pushed:
                [update_id] = await pushed.json()
            async with session.get(f"{base}/bot{TOKEN}/getUpdates") as answer:
                assert [update["update_id"] for update in (await answer.json())["result"]] == [update_id]
            async with session.post(f"{base}/bot{TOKEN}/sendMessage", data={"chat_id": SRI, "text": "<b"}) as sent:
                assert sent.status == 200
            async with session.get(f"{base}/_journal") as journal:
                assert [call["text"] for call in await journal.json()] == ["<b"]
            async with session.post(f"{base}/_faults", json={"no_such": 1}) as refused:
                assert refused.status == 400
    finally:
        process.terminate()
        await process.wait()

"""How updates come from Telegram: by long polling or by its webhook. None is confirmed before it is committed."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.telegram import LONG_POLL_SECONDS, TelegramChannel
from bot.channels.telegram_updates import decode, read_plain, read_update
from handlers.messages import ChannelError, ChannelRefused, Incoming

Receive = Callable[[Incoming], Awaitable[None]]
Count = Callable[[str], None]
Pause = Callable[[float], Awaitable[None]]

WEBHOOK_PATH = "/telegram/webhook"
MOST_BODY_BYTES = 1_000_000  # an update with a 4,096 character text is some 20 kB
_TRIES = 5  # of an update that fails while others are committed: then the fault is its own
_TRIES_ALONE = 60  # of one that fails while nothing else succeeds: about an hour, the database may be down
_LONGEST_PAUSE_SECONDS = 60.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # core.telegram.org/bots/api#setwebhook
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError)  # of a form we do not know

_log = logging.getLogger("rewang.telegram")


@dataclass(slots=True)
class _Failing:
    """An update that was not received: how often, and how many others had been when it first failed."""

    committed_before: int
    tries: int = 0


@dataclass(slots=True)
class _Progress:
    """What is known of the updates not yet confirmed to Telegram."""

    offset: int | None = None
    done: set[int] = field(default_factory=set)
    failing: dict[int, _Failing] = field(default_factory=dict)
    committed: int = 0

    def is_poison(self, update_id: int) -> bool:
        failing = self.failing[update_id]
        if self.committed > failing.committed_before:
            return failing.tries >= _TRIES
        return failing.tries >= _TRIES_ALONE

    def settle(self, update_id: int) -> None:
        self.done.add(update_id)
        self.failing.pop(update_id, None)

    def confirm(self, update_ids: list[int]) -> None:
        """Move the offset behind the last of a batch before which all are done.

        A failing update that Telegram gave no longer has expired there (a press does after 150 s): it is forgotten.
        """
        self.failing = {update_id: self.failing[update_id] for update_id in update_ids if update_id in self.failing}
        for update_id in sorted(update_ids):
            if update_id not in self.done:
                break
            self.offset = update_id + 1
        self.done = {update_id for update_id in self.done if self.offset is None or update_id >= self.offset}


async def poll(
    channel: TelegramChannel, receive: Receive, *, stop: asyncio.Event, count: Count, pause: Pause | None = None
) -> None:
    """Take updates until told to stop, those of different chats at once and those of one chat in order.

    An update whose ``receive`` raises comes again, after growing pauses, and holds back only its own chat. It is given
    up after 5 tries if others were committed meanwhile, else after 60.

    Args:
        channel: its webhook must have been removed (``channel.remove_webhook``).
        receive: returns once the message is committed.
        stop: ends the waiting for updates; what is being received is finished.
        count: counts an event by its name.
        pause: waits so many seconds, or until ``stop``.
    """
    pause = pause or (lambda seconds: _wait(stop, seconds))
    progress = _Progress()
    failures = 0
    while not stop.is_set():
        try:
            batch = await _next_batch(channel, progress, stop)
        except (ChannelError, ChannelRefused) as error:
            failures += 1
            seconds = _pause_seconds(failures)
            if isinstance(error, ChannelError) and error.retry_after is not None:
                seconds = max(seconds, error.retry_after.total_seconds())
            _log.warning("polling pauses %.0f s: %s", seconds, error.reason)
            count("telegram_poll_failed")
            await pause(seconds)
            continue
        fresh = [raw for raw in batch if raw["update_id"] not in progress.done]
        await _receive_batch(channel, receive, fresh, progress, count)
        progress.confirm([raw["update_id"] for raw in batch])
        failures = 0
        if progress.failing:
            await pause(_pause_seconds(max(failing.tries for failing in progress.failing.values())))


async def _next_batch(channel: TelegramChannel, progress: _Progress, stop: asyncio.Event) -> list[dict[str, Any]]:
    """Wait for updates; none when told to stop. What failed is unconfirmed, so Telegram gives it at once again."""
    asking = asyncio.create_task(channel.list_updates(progress.offset, 0 if progress.failing else LONG_POLL_SECONDS))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else []
    finally:
        asking.cancel()
        stopping.cancel()
        await asyncio.gather(asking, stopping, return_exceptions=True)


async def _receive_batch(
    channel: TelegramChannel, receive: Receive, batch: list[dict[str, Any]], progress: _Progress, count: Count
) -> None:
    received_at = datetime.now(UTC)
    chats: dict[str, list[tuple[int, Incoming]]] = defaultdict(list)
    for raw in batch:
        update_id = raw["update_id"]
        incoming = _read(channel, raw, received_at, count, is_new=update_id not in progress.failing)
        if incoming is None:
            progress.settle(update_id)
        else:
            chats[incoming.address].append((update_id, incoming))
    await asyncio.gather(*(_receive_chat(receive, chat, progress, count) for chat in chats.values()))


async def _receive_chat(receive: Receive, chat: list[tuple[int, Incoming]], progress: _Progress, count: Count) -> None:
    """Receive one chat's updates in order, up to the first that fails."""
    for update_id, incoming in chat:
        try:
            await receive(incoming)
        except Exception as error:  # noqa: BLE001  whatever it is, the update is not committed and must come again
            failing = progress.failing.setdefault(update_id, _Failing(progress.committed))
            failing.tries += 1
            _log.error("update %d was not received (try %d): %s", update_id, failing.tries, type(error).__name__)
            if not progress.is_poison(update_id):
                return
            _log.error("update %d is skipped", update_id)
            count("telegram_skipped")
        else:
            progress.committed += 1
        progress.settle(update_id)


def _read(
    channel: TelegramChannel, raw: dict[str, Any], received_at: datetime, count: Count, *, is_new: bool = True
) -> Incoming | None:
    """Read an update and answer the button that was pressed; None if there is nothing to receive."""
    try:
        plain = read_plain(raw, received_at)
        if plain is not None:
            return plain
        update = read_update(raw)
        incoming = decode(update, received_at)
    except _UNREADABLE as error:
        _log.error("update %s cannot be read: %s", raw.get("update_id"), type(error).__name__)
        count("telegram_unreadable")
        return None
    if update.callback_query is not None and is_new:
        channel.answer_soon(update.callback_query.id)
    return incoming


def _pause_seconds(failures: int) -> float:
    """Double from 1 s up to a minute."""
    return min(2.0 ** min(failures - 1, 10), _LONGEST_PAUSE_SECONDS)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def webhook(
    channel: TelegramChannel, receive: Receive, secret: str, count: Count
) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint Telegram posts updates to. It answers 200 after the commit, 503 if that failed: they come again.

    Raises:
        ValueError: the secret is not one Telegram takes.
    """
    _check_secret(secret)
    expected = secret.encode()

    async def take(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), expected):
            count("telegram_wrong_secret")
            return Response(status_code=HTTPStatus.FORBIDDEN)
        body = await _read_body(request)
        if body is None:
            count("telegram_too_large")
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict):
            count("telegram_bad_json")
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        incoming = _read(channel, raw, datetime.now(UTC), count)
        if incoming is not None:
            try:
                await receive(incoming)
            except Exception as error:  # noqa: BLE001  whatever it is, the update is not committed and must come again
                _log.error("an update was not received: %s", type(error).__name__)
                count("telegram_not_received")
                return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return Response(status_code=HTTPStatus.OK)

    return take


async def _read_body(request: Request) -> bytes | None:
    """Read a body, at most MOST_BODY_BYTES of it; None if it is larger, whatever its header says."""
    told = request.headers.get("Content-Length", "0")
    if told.isdecimal() and int(told) > MOST_BODY_BYTES:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY_BYTES:
            return None
    return bytes(body)


async def set_webhook(channel: TelegramChannel, public_url: str, secret: str) -> None:
    """Have Telegram send updates to our address.

    Raises:
        ValueError: the secret is not one Telegram takes.
        ChannelError: it may be tried again later.
        ChannelRefused: Telegram does not take the address.
    """
    _check_secret(secret)
    await channel.set_webhook(public_url.rstrip("/") + WEBHOOK_PATH, secret)


def _check_secret(secret: str) -> None:
    if not _SECRET.fullmatch(secret):
        raise ValueError("the webhook's secret must be 1 to 256 letters, digits, '_' or '-'")

"""Telegram and Twilio in a process that outlives the server.

Their journals tell when each message was taken and whether the answer to it was lost; ``/_journal?after=N`` waits for
more than N entries and gives the new ones.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextvars import ContextVar
from typing import Any

from aiohttp import web

from tests.fakes.telegram_server import FakeTelegram
from tests.fakes.twilio_server import FakeTwilio

LONGEST_WAIT_SECONDS = 10.0
_taken: ContextVar[dict[str, Any] | None] = ContextVar("taken", default=None)


class Journal(list[dict[str, Any]]):
    def __init__(self) -> None:
        super().__init__()
        self._grown = asyncio.Event()

    def append(self, entry: dict[str, Any]) -> None:
        entry |= {"at": time.monotonic(), "answer_lost": False}
        super().append(entry)
        _taken.set(entry)
        self._grown.set()
        self._grown = asyncio.Event()

    async def show(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        if len(self) <= after:
            await asyncio.wait({asyncio.ensure_future(self._grown.wait())}, timeout=LONGEST_WAIT_SECONDS)
        return web.json_response(self[after:])


def note_loss(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Note with the message taken in this call that the sender was not told."""
    entry = _taken.get()
    if entry is not None and (request.transport is None or request.transport.is_closing()):
        entry["answer_lost"] = True
    return response


class Telegram(FakeTelegram):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.journal: Journal = Journal()

    async def _show_journal(self, request: web.Request) -> web.Response:
        return await self.journal.show(request)

    async def _take_call(self, request: web.Request) -> web.StreamResponse:
        _taken.set(None)
        return note_loss(request, await super()._take_call(request))


class Twilio(FakeTwilio):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.journal: Journal = Journal()

    async def _show_journal(self, request: web.Request) -> web.Response:
        return await self.journal.show(request)

    async def _take_message(self, request: web.Request) -> web.StreamResponse:
        _taken.set(None)
        return note_loss(request, await super()._take_message(request))


async def _serve(seed: int) -> None:
    ports = []
    for fake in (Telegram(seed), Twilio(seed)):
        runner = web.AppRunner(fake.app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
    sys.stdout.write(f"ready {ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    asyncio.run(_serve(parser.parse_args().seed))

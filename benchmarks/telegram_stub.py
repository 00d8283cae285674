"""A Telegram in a process of its own that answers at once, for measuring what a delivery costs the sender."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import web

_ANSWER = b'{"ok":true,"result":{"message_id":1,"date":1794000000,"chat":{"id":1,"type":"private"},"text":"x"}}'


async def _answer(request: web.BaseRequest) -> web.Response:
    await request.read()
    return web.Response(body=_ANSWER, content_type="application/json")


async def _serve() -> None:
    runner = web.ServerRunner(web.Server(_answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())

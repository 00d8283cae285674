"""The real process: its routes, wrong callers, the demo and what is not one, and the terminal from a pipe."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/rewang.db",
        "DATA_DIR": str(folder),
        **settings,
    }


@asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=folder, env=environment(folder, PORT=str(port), **settings)
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"X-Rewang": "1"}
        ) as session:
            await _until_ready(session, url)
            yield url, session
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 20) in (0, -15)


async def _until_ready(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(40):
        while True:
            try:
                async with session.get(f"{url}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0)


async def say(session: aiohttp.ClientSession, url: str, text: str) -> list[dict[str, Any]]:
    """Say something on the page and return all lines after the answer has come."""
    before = len(await lines(session, url))
    message = {"id": uuid.uuid4().hex, "text": text}
    async with session.post(f"{url}/chat/send", json=message, headers={"Origin": url}) as answer:
        assert answer.status < 300, await answer.text()
    async with asyncio.timeout(20):
        while len(found := await lines(session, url)) < before + 2:
            await asyncio.sleep(0)
    return found


async def lines(session: aiohttp.ClientSession, url: str) -> list[dict[str, Any]]:
    async with session.get(f"{url}/chat/lines", params={"after": "0", "wait": "0"}) as answer:
        found: dict[str, Any] = await answer.json()
    listed: list[dict[str, Any]] = found["lines"]
    return listed


async def test_a_fresh_machine_serves_a_demo(tmp_path: Path) -> None:
    async with serving(tmp_path) as (url, session):
        async with session.get(f"{url}/health/live") as live:
            assert live.status == 200
        async with session.get(f"{url}/chat") as page:
            assert "Rewang" in await page.text()
        assert await lines(session, url) == []
        async with session.get(f"{url}/chat/who") as who:
            assert who.status == 200
        found = await say(session, url, "halo")
        assert found[-1]["buttons"], "the first contact offers the languages"
        async with session.get(f"{url}/metrics") as metrics:
            assert 'rewang_turn_seconds_count{channel="web"} 1.0' in await metrics.text()


async def test_with_a_public_address_a_visitor_is_a_villager(tmp_path: Path) -> None:
    async with serving(tmp_path, PUBLIC_URL="https://rewang.test") as (url, session):
        async with session.get(f"{url}/chat/lines", params={"after": "0", "wait": "0"}) as first:
            cookie = first.headers["Set-Cookie"].partition(";")[0]
        async with session.get(f"{url}/chat/who", headers={"Cookie": cookie}) as who:
            assert who.status == 404
        with sqlite3.connect(tmp_path / "rewang.db") as database:
            assert database.execute("SELECT count(*) FROM contacts").fetchone() == (0,), "no sample data either"


async def test_wrong_callers_are_refused_counted_and_leave_nothing(tmp_path: Path) -> None:
    settings = {
        "PUBLIC_URL": "https://rewang.test",
        "TELEGRAM_TOKEN": "1:x",
        "TELEGRAM_API_URL": f"http://127.0.0.1:{free_port()}",
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_SECRET": "right",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_FROM": "whatsapp:+62811",
        "TWILIO_API_URL": f"http://127.0.0.1:{free_port()}",
    }
    async with serving(tmp_path, **settings) as (url, session):
        calls: list[tuple[str, Mapping[str, str]]] = [
            ("/telegram/webhook", {}),
            ("/telegram/webhook", {"X-Telegram-Bot-Api-Secret-Token": "wrong"}),
            ("/whatsapp/webhook", {}),
            ("/whatsapp/webhook", {"X-Twilio-Signature": "d3Jvbmc="}),
            ("/whatsapp/status", {}),
        ]
        for path, headers in calls:
            async with session.post(
                f"{url}{path}", data={"Body": "halo", "From": "whatsapp:+62812"}, headers=headers
            ) as answer:
                assert answer.status == 403, path
        async with session.get(f"{url}/media/{'a' * 20}.99999999999.{'0' * 32}") as media:
            assert media.status == 404
        async with session.get(f"{url}/metrics") as metrics:
            assert 'rewang_events_total{name="telegram_wrong_secret"} 2.0' in await metrics.text()
        with sqlite3.connect(tmp_path / "rewang.db") as database:
            assert database.execute("SELECT count(*) FROM inbound").fetchone() == (0,)


async def test_settings_that_do_not_fit_are_refused_with_their_name(tmp_path: Path) -> None:
    for settings, word in (
        ({"TIMEZONE": "Blitar"}, "TIMEZONE"),
        ({"TELEGRAM_TOKEN": "1:x", "TELEGRAM_MODE": "webhook"}, "PUBLIC_URL"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"OFFICE_HOURS": "Monday"}, "OFFICE_HOURS"),
        ({"PORT": "99999"}, "PORT"),
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=tmp_path, env=environment(tmp_path, **settings),
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, error = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 2
        assert word in error.decode()
        assert "Traceback" not in error.decode()


async def test_the_terminal_talks_from_a_pipe(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "talk", "--as", "budi", "--language", "jv", cwd=tmp_path,
        env=environment(tmp_path), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(b"menu\nlayanan\n:location 1,2\n:photo nothing.jpg\n"), 40)
    assert process.returncode == 0
    assert "Menu utami" in said.decode()
    assert "[1] Surat saking desa" in said.decode()
    assert "nothing.jpg" in said.decode()

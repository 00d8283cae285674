"""A scripted load on a server that is killed at seeded moments, and what is found of it afterwards."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiohttp
import sqlalchemy as sa

from handlers.messages import load_outgoing
from tests.fakes.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.fakes.twilio_server import ACCOUNT, SENDER, sign
from tests.fakes.twilio_server import TOKEN as TWILIO_TOKEN

ROOT = Path(__file__).parents[2]
PUBLIC_URL = "https://rewang.test"  # what Twilio signs; calls go to the port on loopback, as behind a proxy
SECRET = "a-secret-for-tests"
SCRIPT = ("halo", "1", "1", "Salam", "surat pengantar", "1", "{name}", "{purpose}", "ya")
REPLY_SECONDS = 60.0  # the longest a person waits for a reply: kills, pauses and retries included
START_SECONDS = 60.0
RATES = {"too_fast": 0.01, "bad_gateway": 0.04, "drop_before": 0.04, "drop_after": 0.04}
AGAIN_RATE = 0.1  # of webhook calls made again though they were answered


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round is like. ``kills_at_start`` come as soon as the server is back from one of the others."""

    seed: int
    people: int
    kills: int
    kills_at_start: int
    telegram_mode: Literal["polling", "webhook"]


@dataclass(frozen=True, slots=True)
class Copy:
    """A message as a vendor took it."""

    address: str
    text: str
    vendor_id: str
    at: float
    answer_lost: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """When the server was dead, and the messages that were not marked as sent then."""

    at: float
    unmarked: frozenset[tuple[str, str]]


@dataclass
class Person:
    """Somebody who says the next line once the last one was answered."""

    channel: str
    address: str
    name: str
    purpose: str
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def lines(self) -> list[str]:
        return [line.format(name=self.name, purpose=self.purpose) for line in SCRIPT]


class Server:
    """`rewang serve` as a process."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder
        self.log = folder / "server.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", cwd=self._folder, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip

    async def until_ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)
        assert line.startswith(b"Rewang: http"), f"the server did not start: {line!r}\n{self.log.read_text()[-3000:]}"

    async def kill(self) -> None:
        assert self._process is not None
        assert self._process.returncode is None, f"the server ended by itself\n{self.log.read_text()[-3000:]}"
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        await asyncio.wait_for(self._process.wait(), 30)

    async def end(self) -> None:
        """Leave no process behind."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()


class Round:
    """One round: people, vendors, the server and its kills."""

    def __init__(self, plan: Plan, url: str, folder: Path) -> None:
        self.plan, self.url = plan, url
        self.folder = folder
        self.people = [_make_person(number) for number in range(plan.people)]
        self.copies: list[Copy] = []
        self.kills: list[Kill] = []
        self.repeated = 0
        self._by_address = {person.address: person for person in self.people}
        self._dice = random.Random(plan.seed)
        self._said = self._answered = 0
        self._moved = asyncio.Event()
        self._update_ids = itertools.count(10_000)
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._port = _free_port()

    async def play(self) -> None:
        """Play it to the end; afterwards the server has stopped and all is in the database."""
        async with (
            self._vendors() as vendors,
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
        ):
            self._session, self._vendor_urls = session, vendors
            telegram_methods = ["sendMessage", "getUpdates"]
            await self._post(f"{vendors[0]}/_faults", {**RATES, "seed": self.plan.seed, "methods": telegram_methods})
            await self._post(
                f"{vendors[1]}/_faults",
                {**RATES, "seed": self.plan.seed, "callbacks": True, "callback_base": f"http://127.0.0.1:{self._port}"},
            )
            server = Server(self._environment(), self.folder)
            followers = [asyncio.create_task(self._follow(vendor)) for vendor in vendors]
            try:
                await server.start()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._kill_at_times(server))
                    for person in self.people:
                        group.create_task(self._talk(person, server))
                await self._until_all_is_sent()
                await server.stop()
            finally:
                await server.end()
                for follower in followers:
                    follower.cancel()
                await asyncio.gather(*followers, return_exceptions=True)
                self._engine.dispose()

    # People

    async def _talk(self, person: Person, server: Server) -> None:
        for number, line in enumerate(person.lines(), 1):
            await self._say(person, line)
            self._said += 1
            self._moved.set()
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    while len(person.heard) < number:
                        person.news.clear()
                        await person.news.wait()
            except TimeoutError:
                log = server.log.read_text()[-3000:]
                raise AssertionError(f"{person.address} got no reply to message {number}, {line!r}\n{log}") from None

    async def _say(self, person: Person, text: str) -> None:
        if person.channel == "whatsapp":
            await self._say_on_whatsapp(person, text)
            return
        user = {"id": int(person.address), "is_bot": False, "first_name": person.name}
        chat = {"id": int(person.address), "type": "private", "first_name": person.name}
        update: dict[str, Any] = {
            "message": {
                "message_id": len(person.said) + 1,
                "from": user,
                "chat": chat,
                "date": 1_794_000_000,
                "text": text,
            }
        }
        if self.plan.telegram_mode == "polling":
            [update_id] = await self._post(f"{self._vendor_urls[0]}/_push", update)
            person.said.append(f"u{update_id}")
            return
        update["update_id"] = next(self._update_ids)
        person.said.append(f"u{update['update_id']}")
        await self._call_webhook(
            "/telegram/webhook", {"json": update, "headers": {"X-Telegram-Bot-Api-Secret-Token": SECRET}}
        )

    async def _say_on_whatsapp(self, person: Person, text: str) -> None:
        sid = f"SM{person.address[-6:]}-{len(person.said)}"
        person.said.append(sid)
        form = {
            "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "SmsStatus": "received",
            "MessageType": "text", "From": person.address, "To": SENDER, "WaId": person.address.removeprefix("whatsapp:+"), "Body": text,
            "NumMedia": "0", "ProfileName": person.name,
        }  # fmt: skip
        signature = sign(f"{PUBLIC_URL}/whatsapp/webhook", form)
        await self._call_webhook("/whatsapp/webhook", {"data": form, "headers": {"X-Twilio-Signature": signature}})

    async def _call_webhook(self, path: str, call: dict[str, Any]) -> None:
        """Call again until it is answered with success, and sometimes once more."""
        async with asyncio.timeout(REPLY_SECONDS):
            while not await self._is_taken(path, call):
                self.repeated += 1
                await asyncio.sleep(0.05)
        if self._dice.random() < AGAIN_RATE:
            self.repeated += 1
            await self._is_taken(path, call)

    async def _is_taken(self, path: str, call: dict[str, Any]) -> bool:
        try:
            async with self._session.post(f"http://127.0.0.1:{self._port}{path}", **call) as response:
                assert response.status < 300 or response.status >= 500, f"{path} answered {response.status}"
                return response.status < 300
        except (aiohttp.ClientError, OSError):
            return False

    # Vendors

    @asynccontextmanager
    async def _vendors(self) -> AsyncIterator[tuple[str, str]]:
        with (self.folder / "vendors.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.e2e.chaos_vendors", "--seed", str(self.plan.seed), cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            assert process.stdout is not None
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
            word, telegram, twilio = line.decode().split()
            assert word == "ready"
            yield f"http://127.0.0.1:{telegram}", f"http://127.0.0.1:{twilio}"
        finally:
            process.kill()
            await process.wait()

    async def _follow(self, vendor: str) -> None:
        """Hand each message a vendor takes to its person; one heard before is a copy and no news."""
        seen = 0
        while True:
            async with self._session.get(f"{vendor}/_journal", params={"after": seen}) as response:
                entries = await response.json()
            seen += len(entries)
            for entry in entries:
                copy = _read_copy(entry)
                if copy is None:
                    continue
                self.copies.append(copy)
                person = self._by_address[copy.address]
                if not any(is_same(copy.text, text) for text in person.heard):
                    person.heard.append(copy.text)
                    person.news.set()
                    self._answered += 1
                    self._moved.set()

    async def _post(self, url: str, body: object) -> Any:
        async with self._session.post(url, json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    # The server

    async def _kill_at_times(self, server: Server) -> None:
        """Kill once so many messages were said, or so many were answered, and start again at once."""
        total = self.plan.people * len(SCRIPT)
        moments = sorted(self._dice.sample(range(total // 20, total * 17 // 20), self.plan.kills))
        again = set(self._dice.sample(moments, self.plan.kills_at_start))
        await server.until_ready()
        for moment in moments:
            counts_said = self._dice.random() < 0.5
            while (self._said if counts_said else self._answered) < moment:
                self._moved.clear()
                await self._moved.wait()
            await self._kill(server)
            if moment in again:
                await self._kill(server)

    async def _kill(self, server: Server) -> None:
        await server.kill()
        self.kills.append(Kill(time.monotonic(), await asyncio.to_thread(self._after_kill)))
        await server.start()
        await server.until_ready()

    def _after_kill(self) -> frozenset[tuple[str, str]]:
        """Note what is not marked; among several processes, let the leases of the dead one run out."""
        with self._engine.begin() as connection:
            found = connection.execute(
                sa.text("SELECT address, payload FROM outbox WHERE state IN ('queued', 'claimed')")
            )
            unmarked = frozenset((address, plain(load_outgoing(payload).text)) for address, payload in found)
            if self._engine.dialect.name != "sqlite":
                connection.execute(sa.text("UPDATE outbox SET lease_until = 0 WHERE state = 'claimed'"))
        return unmarked

    async def _until_all_is_sent(self) -> None:
        query = sa.text("SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'claimed')")
        async with asyncio.timeout(REPLY_SECONDS):
            while await asyncio.to_thread(lambda: self.rows(query)[0][0]):
                await asyncio.sleep(0.05)

    def rows(self, query: sa.TextClause) -> list[Any]:
        """Read rows with a query."""
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOST": "127.0.0.1", "PORT": str(self._port), "PUBLIC_URL": PUBLIC_URL,
            "DATABASE_URL": self.url, "DATA_DIR": str(self.folder / "data"),
            "TELEGRAM_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_URL": self._vendor_urls[0], "TELEGRAM_MODE": self.plan.telegram_mode,
            "TELEGRAM_SECRET": SECRET, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN, "TWILIO_FROM": SENDER,
            "TWILIO_API_URL": self._vendor_urls[1],
        }  # fmt: skip


def plain(text: str) -> str:
    """Give a text without emphasis and with single spaces, as the vendors' forms of it have in common."""
    return re.sub(r"\s+", " ", text.replace("*", "")).strip()


def is_same(one: str, other: str) -> bool:
    """Tell whether two texts are one message: where a channel has no buttons, numbered choices follow the text."""
    return one.startswith(other) or other.startswith(one)


def _make_person(number: int) -> Person:
    channel, address = (
        ("telegram", str(5_550_000_000 + number)) if number % 2 else ("whatsapp", f"whatsapp:+628120{number:07}")
    )
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}")
    return Person(channel, address, f"Warga {letters.title()}", f"keperluan {letters}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _read_copy(entry: dict[str, Any]) -> Copy | None:
    if "form" in entry:
        assert entry["error_code"] is None, entry["error_code"]
        address, text, vendor_id = entry["form"]["To"], entry["body"], entry["sid"]
    elif entry["method"] == "sendMessage":
        address, text, vendor_id = entry["chat_id"], entry["shown"], str(entry["result"]["message_id"])
    else:
        return None
    return Copy(address, plain(text), vendor_id, entry["at"], entry["answer_lost"])

"""`rewang serve`: the web application, and everything that runs beside it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import FrameType

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.app import App, open_app, open_store
from bot.channels.web import WebChannel
from bot.clock import ticking
from bot.config import Settings
from bot.metrics import Metrics
from bot.sample import PEOPLE
from bot.vendors import open_vendors
from bot.webchat import webchat_routes
from bot.webdesk import Desk
from handlers.marks import mark_later
from handlers.messages import Incoming
from storage import outbox

log = logging.getLogger("rewang.server")
SAMPLE_CONTACTS = 40
LATE_SECONDS = (1.0, 3.0, 10.0)  # a callback can overtake the mark of its message
CLOSING_SECONDS = 3  # for what is being received
MOST_WAITING_SECONDS = 5.0  # a database that takes longer to answer is not ready


def run(settings: Settings) -> None:
    """Serve until a signal comes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if settings.demo:
        from bot.cli import load_sample

        if load_sample(settings, SAMPLE_CONTACTS, seed=1):
            print("Rewang: no channel is configured, so sample data was loaded.", flush=True)  # noqa: T201
    server = Server(settings)
    app = Starlette(routes=server.routes(), lifespan=server.lifespan)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, timeout_graceful_shutdown=5
    )
    _Process(config, server.web).run()


class _Process(uvicorn.Server):
    """Lets the pages that wait for news go at the signal: they would hold up the end."""

    def __init__(self, config: uvicorn.Config, web: WebChannel) -> None:
        super().__init__(config)
        self._web = web

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the signal came before the loop ran: nobody waits
            loop = asyncio.get_running_loop()
            loop.call_soon_threadsafe(lambda: loop.create_task(self._web.close()))
        super().handle_exit(sig, frame)


class Server:
    """Binds the routes, made before anything is open, to the app that the lifespan opens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.store = open_store(settings)
        self.web = WebChannel()
        self.vendors = open_vendors(settings, self.store, self.receive, self.on_status, self.metrics)
        self.desk = Desk(self.store, self.web, self.receive)
        self.app: App | None = None
        self._late: set[asyncio.Task[None]] = set()

    async def receive(self, incoming: Incoming) -> None:
        """Receive a message and note how long it took."""
        began = time.perf_counter()
        await self.opened.inbox.receive(incoming)
        self.metrics.turns.labels(incoming.channel).observe(time.perf_counter() - began)

    async def on_status(self, vendor_id: str, state: str, code: str | None) -> None:
        """Note what Twilio tells of a message that was sent."""
        known = "failed" if state in ("failed", "undelivered") else state
        if not await self._note(vendor_id, known, code):
            task = asyncio.create_task(self._note_later(vendor_id, known, code))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _note(self, vendor_id: str, state: str, code: str | None) -> bool:
        now = self.opened.office.clock()
        return await self.opened.database.write(mark_later, "whatsapp", vendor_id, state, code, now)

    async def _note_later(self, vendor_id: str, state: str, code: str | None) -> None:
        """Note a state that came before our own mark of the message was stored."""
        for seconds in LATE_SECONDS:
            await asyncio.sleep(seconds)
            if await self._note(vendor_id, state, code):
                return
        self.metrics.count("whatsapp_unknown_status")

    @property
    def opened(self) -> App:
        """The opened app.

        Raises:
            RuntimeError: before the lifespan has begun.
        """
        if self.app is None:
            raise RuntimeError("a message came before the server was ready")
        return self.app

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Open everything, run it, close it."""
        channels = {self.web.name: self.web, **{vendor.channel.name: vendor.channel for vendor in self.vendors}}
        async with open_app(self.settings, channels, self.store) as app, ticking(app):
            self.app = app
            self.desk.open(app.database)
            stop = asyncio.Event()
            tasks = [asyncio.ensure_future(vendor.work(app.office.voices, stop)) for vendor in self.vendors]
            print(f"Rewang: http://{self.settings.host}:{self.settings.port}/chat", flush=True)  # noqa: T201
            try:
                yield
            finally:
                stop.set()
                if tasks:
                    await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
                for task in (*tasks, *self._late):
                    task.cancel()
                await asyncio.gather(*tasks, *self._late, return_exceptions=True)

    async def live(self, request: Request) -> Response:
        """Answer that the process runs."""
        del request
        return PlainTextResponse("ok")

    async def ready(self, request: Request) -> Response:
        """Answer whether the database takes writes."""
        del request
        try:
            async with asyncio.timeout(MOST_WAITING_SECONDS):
                await self.opened.database.write(lambda connection: connection.execute(sa.select(1)).scalar())
        except (TimeoutError, RuntimeError, sa.exc.SQLAlchemyError):
            return PlainTextResponse("not ready: the database does not answer", status_code=503)
        return PlainTextResponse("ok")

    async def figures(self, request: Request) -> Response:
        """Give the figures for Prometheus."""
        del request
        for name in self.opened.channels:
            waiting = await self.opened.database.write(outbox.count_waiting, name)
            self.metrics.waiting.labels(name).set(waiting)
        return Response(self.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def home(self, request: Request) -> Response:
        """Lead to the chat."""
        del request
        return RedirectResponse("/chat")

    def routes(self) -> list[BaseRoute]:
        """List all routes."""
        personas = PEOPLE if self.settings.demo else None
        return [
            Route("/", self.home),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/metrics", self.figures),
            *webchat_routes(self.desk, self.settings.public_url, personas, self.metrics.count),
            *(route for vendor in self.vendors for route in vendor.routes),
        ]

"""The vendors' channels as configured: what each brings to the web server and what runs beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute, Route

from bot.app import now_utc
from bot.config import Settings
from bot.links import Links
from bot.metrics import Metrics
from flows.text import N_
from handlers.media import MediaStore
from handlers.messages import Channel, ChannelError, ChannelRefused, Incoming
from handlers.render import Voices

log = logging.getLogger("rewang.vendors")
Receive = Callable[[Incoming], Awaitable[None]]
OnStatus = Callable[[str, str, str | None], Awaitable[None]]
RETRY_SECONDS = 30.0
# Telegram shows these; the words themselves work on every channel.
COMMANDS = ("menu", "bahasa", "status", "batal", "bantuan", "stop", "data_saya", "hapus_data")


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: its channel, its routes, and its work, which runs until ``stop`` is set."""

    channel: Channel
    routes: Sequence[BaseRoute]
    work: Callable[[Voices, asyncio.Event], Awaitable[None]]


def open_vendors(
    settings: Settings, store: MediaStore, receive: Receive, on_status: OnStatus, metrics: Metrics
) -> list[Vendor]:
    """Open the vendors that are configured; a vendor's library is only imported then."""
    vendors = []
    if settings.telegram:
        vendors.append(_telegram(settings, store, receive, metrics))
    if settings.whatsapp:
        vendors.append(_whatsapp(settings, store, receive, on_status, metrics))
    return vendors


def _telegram(settings: Settings, store: MediaStore, receive: Receive, metrics: Metrics) -> Vendor:
    from bot.channels.telegram import open_telegram
    from bot.telegram_intake import poll, set_webhook, webhook

    secret = settings.telegram_secret.get_secret_value()
    channel = open_telegram(
        settings.telegram_token.get_secret_value(), settings.telegram_api_url, store.find,
        per_second=settings.telegram_per_second, senders=settings.senders,
    )  # fmt: skip

    async def work(voices: Voices, stop: asyncio.Event) -> None:
        commands = {language: describe_commands(voices, language) for language in ("id", "jv")}
        await _until_done("telegram", stop, lambda: channel.set_commands(commands))
        if settings.telegram_mode == "webhook":
            await _until_done("telegram", stop, lambda: set_webhook(channel, settings.public_url, secret))
        else:
            await _until_done("telegram", stop, channel.remove_webhook)
            await poll(channel, receive, stop=stop, count=metrics.count)

    routes: list[BaseRoute] = []
    if settings.telegram_mode == "webhook":
        routes.append(Route("/telegram/webhook", webhook(channel, receive, secret, metrics.count), methods=["POST"]))
    return Vendor(channel, routes, work)


def _whatsapp(settings: Settings, store: MediaStore, receive: Receive, on_status: OnStatus, metrics: Metrics) -> Vendor:
    from bot.channels.whatsapp import open_whatsapp
    from bot.whatsapp_intake import Signed, status, webhook

    token = settings.twilio_auth_token.get_secret_value()
    links = Links(settings.public_url, token, store, now_utc)
    channel = open_whatsapp(
        settings.twilio_account_sid,
        token,
        sender=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        public_url=settings.public_url,
        api_url=settings.twilio_api_url,
        find_file=store.find,
        link=links.url,
        templates=settings.templates,
        new_people_a_day=settings.whatsapp_new_people_a_day,
        senders=settings.senders,
    )
    signed = Signed(settings.public_url, token, metrics.count)

    async def work(voices: Voices, stop: asyncio.Event) -> None:
        del voices, stop
        await channel.ensure_templates()

    routes: list[BaseRoute] = [
        Route("/whatsapp/webhook", webhook(signed, receive, now_utc), methods=["POST"]),
        Route("/whatsapp/status", status(signed, on_status), methods=["POST"]),
        *links.routes(),
    ]
    return Vendor(channel, routes, work)


def describe_commands(voices: Voices, language: str) -> list[tuple[str, str]]:
    """Give the commands with what they do, as Telegram lists them."""
    said = {
        "menu": N_("main menu"),
        "bahasa": N_("Indonesian or Javanese"),
        "status": N_("how far your requests are"),
        "batal": N_("stop what we are doing"),
        "bantuan": N_("how to use Rewang"),
        "stop": N_("no unasked messages"),
        "data_saya": N_("see what is stored about you"),
        "hapus_data": N_("erase what is stored about you"),
    }
    voice = voices.of(language)
    return [(command, voice.say(said[command])) for command in COMMANDS]


async def _until_done(name: str, stop: asyncio.Event, step: Callable[[], Awaitable[None]]) -> None:
    """Do a step that needs the vendor, again until it works: a vendor that is down must not keep the rest from starting."""
    while not stop.is_set():
        try:
            await step()
        except ChannelError as error:
            log.warning("%s does not answer (%s); trying again in %d s", name, error.reason, RETRY_SECONDS)
        except ChannelRefused as refused:
            log.error("%s refuses: %s", name, refused.reason)
            return
        else:
            return
        try:
            await asyncio.wait_for(stop.wait(), RETRY_SECONDS)
        except TimeoutError:
            continue

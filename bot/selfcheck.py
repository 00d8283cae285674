"""`rewang check`: looks at settings, database, content, clock, tokens, webhook and templates, and says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from bot.config import Settings

MOST_DRIFT_SECONDS = 60.0
_SECONDS = aiohttp.ClientTimeout(total=15)


class Wrong(Exception):  # noqa: N818  a finding, not a fault
    """Something an operator must mend: what, and how."""


async def run(settings: Settings) -> bool:
    """Run all checks and print a line for each; returns whether all is right."""
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("settings", lambda: _settings(settings)),
        ("database", lambda: _database(settings)),
        ("files", lambda: _files(settings)),
        ("content", _content),
    ]
    if settings.telegram:
        checks.append(("telegram", lambda: _telegram(settings)))
    if settings.whatsapp:
        checks.append(("whatsapp", lambda: _whatsapp(settings)))
    right = True
    for name, check in checks:
        try:
            print(f"ok     {name}: {await check()}")
        except Wrong as wrong:
            right = False
            print(f"wrong  {name}: {wrong}")
    return right


async def _settings(settings: Settings) -> str:
    on = [name for name, given in (("Telegram", settings.telegram), ("WhatsApp", settings.whatsapp)) if given]
    return f"channels: {', '.join([*on, 'web chat'])}; zone {settings.timezone}; now {datetime.now(settings.zone):%Y-%m-%d %H.%M}"


async def _database(settings: Settings) -> str:
    from storage.db import open_engine
    from storage.migrate import HEAD, DatabaseTooNew, migrate

    try:
        await asyncio.to_thread(migrate, settings.database_url)
        engine = open_engine(settings.database_url)
        with engine.begin() as connection:
            connection.execute(sa.select(1))
        engine.dispose()
    except (sa.exc.SQLAlchemyError, DatabaseTooNew, OSError) as error:
        raise Wrong(
            f"cannot be used ({type(error).__name__}); check DATABASE_URL, its rights, and the free space"
        ) from error
    return f"{engine.dialect.name}, schema {HEAD}"


async def _files(settings: Settings) -> str:
    folder = Path(settings.data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"ok")
        probe.unlink()
    except OSError as error:
        raise Wrong(f"DATA_DIR cannot be written ({error.strerror})") from error
    return f"{folder} can be written"


async def _content() -> str:
    from flows.content import ContentError
    from flows.registry import load_registry

    try:
        registry = load_registry()
    except ContentError as error:
        raise Wrong(str(error)) from error
    return f"{len(registry.services)} services, {len(registry.places.districts())} kecamatan"


async def _telegram(settings: Settings) -> str:
    base = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}"
    async with aiohttp.ClientSession(timeout=_SECONDS) as session:
        me, drift = await _ask(session, f"{base}/getMe", "TELEGRAM_TOKEN")
        hook, _ = await _ask(session, f"{base}/getWebhookInfo", "TELEGRAM_TOKEN")
    url = hook.get("url") if isinstance(hook, dict) else None
    wanted = f"{settings.public_url}/telegram/webhook" if settings.telegram_mode == "webhook" else ""
    if (url or "") not in ("", wanted):
        raise Wrong("another webhook is set for this bot; `rewang serve` will replace it. Is another copy running?")
    if isinstance(hook, dict) and hook.get("last_error_message"):
        raise Wrong(f"Telegram cannot reach the webhook: {hook['last_error_message']}")
    name = me.get("username") if isinstance(me, dict) else "?"
    return f"@{name}, {settings.telegram_mode}{drift}"


async def _ask(session: aiohttp.ClientSession, url: str, setting: str) -> tuple[object, str]:
    try:
        async with session.get(url) as response:
            answer = await response.json(content_type=None)
            served_at = response.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Wrong(f"does not answer ({type(error).__name__}); check the network and the API url") from error
    if not isinstance(answer, dict) or not answer.get("ok"):
        raise Wrong(f"{setting} is refused; copy it again from @BotFather")
    return answer.get("result"), _drift(served_at)


def _drift(served_at: str | None) -> str:
    """Compare this machine's clock with the vendor's.

    Raises:
        Wrong: it is off by more than a minute: greetings, windows and signatures would be wrong.
    """
    if served_at is None:
        return ""
    seconds = abs((datetime.now(UTC) - parsedate_to_datetime(served_at)).total_seconds())
    if seconds > MOST_DRIFT_SECONDS:
        raise Wrong(f"this machine's clock is {seconds:.0f} s off; set it (NTP)")
    return ", clock right"


async def _whatsapp(settings: Settings) -> str:
    base = settings.twilio_api_url or "https://content.twilio.com"
    auth = aiohttp.BasicAuth(settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
    try:
        async with (
            aiohttp.ClientSession(timeout=_SECONDS, auth=auth) as session,
            session.get(f"{base}/v1/Content", params={"PageSize": "100"}) as response,
        ):
            if response.status in (401, 403):
                raise Wrong("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are refused; copy them again from the console")
            if response.status != 200:
                raise Wrong(f"Twilio answers {response.status}; try again later")
            found = await response.json(content_type=None)
            drift = _drift(response.headers.get("Date"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Wrong(f"Twilio does not answer ({type(error).__name__}); check the network") from error
    names = [item.get("friendly_name", "") for item in found.get("contents", [])]
    ours = sum(name.startswith("rewang_") for name in names)
    return f"account is taken, {ours} templates of Rewang there{drift}"

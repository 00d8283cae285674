"""A process that sends broadcasts over the real Telegram channel until it is killed: see tests/e2e/test_bulk_chaos.py."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvloop

from bot.channels.telegram import open_telegram
from flows.registry import load_registry
from handlers import beats, bulk
from handlers.hours import read_hours, read_quiet
from handlers.office import Office
from handlers.outboxes import Outbox
from handlers.render import load_voices
from handlers.windows import read_window
from storage.db import Database
from tests.fakes.telegram_server import TOKEN

ALWAYS = read_window("", read_quiet(""))  # they are to run at any hour
ZONE = ZoneInfo("Asia/Jakarta")


async def send(given: argparse.Namespace) -> None:
    """Send for ever."""
    for module in (beats, bulk):
        module.LEASE = timedelta(seconds=given.lease_seconds)  # type: ignore[attr-defined]  # what it was imported as
    channel = open_telegram(TOKEN, given.telegram_url, lambda _: Path("none"))
    ability = replace(channel.ability, per_second=given.per_second)
    channel.ability = ability  # type: ignore[misc]  # Telegram's own limit is not what is tried
    office = Office(
        load_registry(), load_voices(ZONE), {"telegram": ability}, ZONE, read_hours("1-5 07.30-15.30"), window=ALWAYS
    )
    outbox = Outbox({"telegram": channel}, Database(given.database_url), office)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await outbox.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url")
    parser.add_argument("telegram_url")
    parser.add_argument("--per-second", type=float, default=30.0)
    parser.add_argument(
        "--lease-seconds", type=float, default=3.0, help="after which a killed process's deliveries are in doubt"
    )
    uvloop.run(send(parser.parse_args()))

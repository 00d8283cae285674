"""The clock: APScheduler only ticks and says which use-case runs when. Nothing is stored in it, so nothing can be lost."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import App
from handlers.broadcast_begin import begin_due
from handlers.broadcast_progress import list_watched, report
from handlers.reminders import apply_rule
from handlers.rules import RULES
from handlers.sweeps import tidy, tidy_made
from handlers.tip_rounds import release, send_due
from storage.subscriptions import select_back

log = logging.getLogger("rewang.clock")
TIDY_HOUR = 3  # at night, when nobody waits
REPORT_SECONDS = 10  # between two looks at how far broadcasts are


@asynccontextmanager
async def ticking(app: App) -> AsyncIterator[None]:
    """Tick while the block runs."""
    scheduler = schedule(app)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def schedule(app: App) -> AsyncIOScheduler:
    """Make the clock with all that is due by it; it does not tick yet."""

    async def tidy_up() -> None:
        try:
            settings = app.settings
            removed = await app.database.write(
                tidy, app.office.clock(), draft_days=settings.draft_days, chat_days=settings.chat_days
            )
            log.info("tidied: %s", removed)
            for made in await app.database.write(tidy_made, app.office.clock(), chat_days=settings.chat_days):
                app.store.remove(made)
        except Exception:  # the tick's own place for it: the next tick tries again
            log.exception("tidying failed")

    async def remind() -> None:
        for rule in RULES:
            try:
                app.outbox.take(await app.database.write(apply_rule, app.office, rule))
            except Exception as error:  # noqa: BLE001  likewise: one rule that fails keeps no other from its work
                log.error(
                    "rule %s failed: %s", rule.name, type(error).__name__
                )  # an error's own words may be a person's

    async def begin() -> None:
        try:
            mail = await app.database.write(begin_due, app.office)
            app.outbox.take(mail.sendings)
            if mail.begun:
                app.outbox.wake()
        except Exception as error:  # noqa: BLE001  likewise
            log.error("broadcasts were not begun: %s", type(error).__name__)

    async def send_tips() -> None:
        try:
            async with app.database.read() as connection:
                back = list((await connection.execute(select_back())).scalars())
            if back:
                app.outbox.take(await app.database.write(release, app.office, back))
            step = await app.database.write(send_due, app.office, None)
            app.outbox.take(step.sendings)
            while step.after is not None:
                step = await app.database.write(send_due, app.office, step.after)
                app.outbox.take(step.sendings)
        except Exception as error:  # noqa: BLE001  likewise
            log.error("tips failed: %s", type(error).__name__)
        app.outbox.wake()

    async def report_broadcasts() -> None:
        for each in await list_watched(app.database, app.office):
            try:
                app.outbox.take(await report(app.database, app.office, each))
            except Exception as error:  # noqa: BLE001  likewise: one that cannot be counted keeps no other from it
                log.error("counting broadcast %d failed: %s", each.id, type(error).__name__)

    scheduler = AsyncIOScheduler(timezone=app.settings.zone)
    every_minute = {"minute": "*"}
    jobs = (
        (tidy_up, {"hour": TIDY_HOUR}),
        (remind, every_minute),
        (begin, every_minute),
        (send_tips, every_minute),
        (report_broadcasts, {"second": f"*/{REPORT_SECONDS}"}),
    )
    for job, when in jobs:
        scheduler.add_job(job, "cron", id=job.__name__, misfire_grace_time=None, coalesce=True, max_instances=1, **when)
    return scheduler

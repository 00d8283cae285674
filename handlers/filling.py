"""Adds the audience of each broadcast that has begun to its deliveries, and goes through them again where that is asked for.

All in steps short enough that turns go on between; how far it has come stands in the broadcast, so a restart goes on there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

import sqlalchemy as sa

from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage import broadcasts, deliveries
from storage.audiences import Audience, Way, select_recipients
from storage.broadcasts import Broadcast
from storage.db import Database

log = logging.getLogger("rewang.filling")
SWEEP = 1_000  # recipients changed in one transaction: about 7 ms on SQLite
STEP = 5_000  # contacts looked at in one transaction: about 10 ms on SQLite
IDLE_SECONDS = 2.0


class Filler:
    """Adds recipients while broadcasts run that have not all of theirs; cancels recipients, and queues them again."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database, self._office = database, office
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Look at once: a broadcast was begun, cancelled, or is to be sent again."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._news.clear()
            try:
                for step in (fill_step, sweep_step):
                    while await self._database.write(step, self._office):
                        pass
            except sa.exc.DBAPIError:
                log.warning("recipients wait to be added: the database does not answer")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), IDLE_SECONDS)


def fill_step(connection: sa.Connection, office: Office, step: int = STEP) -> bool:
    """Add the recipients among the next contacts to the oldest broadcast that lacks some; False if none does."""
    lacking = next((each for each in broadcasts.list_running(connection) if not each.is_filled), None)
    if lacking is None:
        return False
    upto = min(lacking.filled_to + step, lacking.fill_until)
    if broadcasts.advance(connection, lacking.id, lacking.filled_to, upto):
        audience = select_audience(office, lacking)
        deliveries.add_recipients(connection, lacking.id, audience, lacking.filled_to, upto, office.clock())
    return True


def sweep_step(connection: sa.Connection, office: Office, step: int = SWEEP) -> bool:
    """Cancel, or queue again, some more recipients of each broadcast that asks for it; False if nothing is left to do now.

    Those that are just being sent to are left until it is known what became of them.
    """
    channels, now = list(office.abilities), office.clock()
    more = False
    for each in broadcasts.list_swept(connection):
        if each.sweep == "cancel":
            skipped = deliveries.skip_waiting(connection, each.id, channels, "cancelled", now, step)
            done = skipped < step and not deliveries.has_waiting(connection, each.id, channels)
            broadcasts.note_swept(connection, each.id, 0, done=done)
            more |= skipped == step
        elif each.sweep is not None:
            upto = min(each.swept_to + step, each.filled_to)
            deliveries.queue_again(connection, each.id, each.sweep, each.swept_to, upto, now)
            broadcasts.note_swept(connection, each.id, upto, done=upto == each.filled_to)
            more |= upto < each.filled_to
    return more


def select_audience(office: Office, broadcast: Broadcast) -> sa.Select[Any]:
    """Select whom a broadcast goes to as things are now."""
    audience = Audience.from_json(json.loads(broadcast.audience))
    return select_recipients(audience, TOPIC_OF_KIND[broadcast.kind].name, ways(office, broadcast.kind), office.clock())


def ways(office: Office, kind: str) -> list[Way]:
    """List the channels there are, for a kind of broadcast."""
    return [
        Way(name, ability.window, ability.find_template(kind, "id") is not None)
        for name, ability in office.abilities.items()
    ]

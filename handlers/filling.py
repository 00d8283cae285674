"""Adds the audience of each broadcast that has begun to its deliveries, in steps short enough that turns go on between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import sqlalchemy as sa

from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage import broadcasts, deliveries
from storage.audiences import Audience, Way, select_recipients
from storage.broadcasts import Broadcast
from storage.db import Database
from storage.tables import contacts

log = logging.getLogger("rewang.filling")
STEP = 5_000  # contacts looked at in one transaction: about 10 ms on SQLite
IDLE_SECONDS = 2.0


class Filler:
    """Adds recipients while broadcasts run that have not all of theirs."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database, self._office = database, office
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Look at once: a broadcast was begun."""
        self._news.set()

    async def run(self) -> None:
        """Add until cancelled."""
        while True:
            self._news.clear()
            try:
                more = True
                while more:
                    more = await self._database.write(fill_step, self._office)
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
        some = select_audience(office, lacking).where(contacts.c.id > lacking.filled_to, contacts.c.id <= upto)
        deliveries.add_recipients(connection, lacking.id, some, office.clock())
    return True


def select_audience(office: Office, broadcast: Broadcast) -> sa.Select[tuple[int]]:
    """Select whom a broadcast goes to as things are now."""
    audience = Audience.from_json(json.loads(broadcast.audience))
    return select_recipients(audience, TOPIC_OF_KIND[broadcast.kind].name, ways(office, broadcast.kind), office.clock())


def ways(office: Office, kind: str) -> list[Way]:
    """List the channels there are, for a kind of broadcast."""
    return [
        Way(name, ability.window, ability.find_template(kind, "id") is not None)
        for name, ability in office.abilities.items()
    ]

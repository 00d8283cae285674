"""All that sends in a process: on each channel a sender of replies and pushes and one of broadcasts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from handlers.bulk import Bulk
from handlers.filling import Filler
from handlers.messages import Channel, Sending
from handlers.office import Office
from handlers.outbox import Sender
from storage.db import Database


class Outbox:
    """All senders of the process."""

    def __init__(self, channels: Mapping[str, Channel], database: Database, office: Office) -> None:
        """Make it within the event loop it runs in."""
        self._database = database
        self._senders = {name: Sender(channel, database, office.clock) for name, channel in channels.items()}
        self._bulks = [Bulk(channel, self._senders[name], database, office) for name, channel in channels.items()]
        self._filler = Filler(database, office)

    def take(self, sendings: list[Sending]) -> None:
        """Take the rows of a committed turn. Rows of a channel not configured here stay for a process that has it."""
        for sending in sendings:
            sender = self._senders.get(sending.channel)
            if sender is not None:
                sender.take(sending)

    def wake(self) -> None:
        """Look at once whether a broadcast was begun or goes on."""
        self._filler.wake()
        for bulk in self._bulks:
            bulk.wake()

    async def run(self) -> None:
        """Send until cancelled."""
        alone = self._database.is_sqlite
        async with asyncio.TaskGroup() as group:
            group.create_task(self._filler.run())
            for sender in self._senders.values():
                group.create_task(sender.run(alone=alone))
            for bulk in self._bulks:
                group.create_task(bulk.run(alone=alone))

    def idle(self) -> bool:
        """Tell whether all senders of replies are idle."""
        return all(sender.idle() for sender in self._senders.values())

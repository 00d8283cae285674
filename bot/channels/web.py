"""The web chat as a channel: the row in the outbox is the delivery, and the page asks for what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from handlers.messages import Ability, ChannelRefused, Fetched, Sending

NAME = "web"


class Bell:
    """Rings once when there is something new for an address."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for the ring, at most so long; says whether it rang."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        return self._rung.is_set()


class WebChannel:
    """Wakes the pages that wait for an address. It knows those of its own process only."""

    name = NAME
    ability = Ability(per_second=1000, in_flight=64, keeps_history=True)

    def __init__(self) -> None:
        self._bells: dict[str, set[Bell]] = {}
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many pages wait."""
        return sum(map(len, self._bells.values()))

    @contextmanager
    def listen(self, address: str) -> Iterator[Bell]:
        """Lend a bell for an address.

        Look for what is new inside the block and before waiting: what comes after the look then rings.
        """
        bell = Bell()
        if self._closed:
            bell.ring()
        self._bells.setdefault(address, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[address]
            bells.remove(bell)
            if not bells:
                del self._bells[address]

    async def send(self, sending: Sending) -> str | None:
        for bell in self._bells.get(sending.address, ()):
            bell.ring()
        return f"w{sending.id}"

    async def fetch(self, ref: str) -> Fetched:
        raise ChannelRefused(f"the web chat stores files itself, so {ref!r} cannot be fetched")

    async def close(self) -> None:
        """Let nobody wait any more, so that the server can stop at once."""
        self._closed = True
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()

"""The web chat as a channel: sending is waking whoever waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.web import WebChannel
from handlers.messages import Channel, ChannelRefused, Outgoing, Sending


def _sending(address: str, number: int = 7) -> Sending:
    return Sending(number, "web", address, 1, 0, 1, Outgoing("halo"))


async def test_sending_wakes_every_page_of_the_address_and_no_other() -> None:
    channel = WebChannel()
    with channel.listen("wa") as first, channel.listen("wa") as second, channel.listen("wb") as other:
        waits = [asyncio.create_task(bell.wait(30)) for bell in (first, second)]
        assert await channel.send(_sending("wa")) == "w7"
        assert await asyncio.gather(*waits) == [True, True]
        assert await other.wait(0.001) is False


async def test_what_comes_between_looking_and_waiting_is_not_missed() -> None:
    channel = WebChannel()
    with channel.listen("wa") as bell:
        await channel.send(_sending("wa"))
        assert await bell.wait(30) is True


async def test_nothing_is_kept_of_those_who_wait_no_more() -> None:
    channel = WebChannel()
    with channel.listen("wa"), channel.listen("wa"):
        assert channel.waiting == 2
    assert channel.waiting == 0
    assert await channel.send(_sending("wa", 8)) == "w8"


async def test_closing_wakes_all_and_lets_nobody_wait_again() -> None:
    channel = WebChannel()
    with channel.listen("wa") as bell:
        waiting = asyncio.create_task(bell.wait(30))
        await channel.close()
        assert await waiting is True
    with channel.listen("wb") as bell:
        assert await bell.wait(30) is True


async def test_it_is_a_channel_that_keeps_its_history_and_fetches_nothing() -> None:
    channel: Channel = WebChannel()
    assert (channel.name, channel.ability.keeps_history) == ("web", True)
    with pytest.raises(ChannelRefused):
        await channel.fetch("x")

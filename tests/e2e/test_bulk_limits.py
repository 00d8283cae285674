"""A running broadcast uses its share of Telegram's limits, never oversteps them, and lets replies go first."""

from __future__ import annotations

import logging
import statistics

import pytest

from handlers.bulk import SHARE
from tests.e2e.broadcast_limits import measure

log = logging.getLogger("limits")
SECONDS = 10.5
MOST_BEFORE_A_REPLY = 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_broadcast_uses_its_share_causes_no_429_and_is_overtaken(database_url: str) -> None:
    found = await measure(database_url, SECONDS)
    waits = [reply.milliseconds for reply in found.replies]
    log.info(
        "%.2f/s, %d replies, p95 %.0f ms, overtaken by %s; distances %s", found.bulk_per_second, len(waits),
        statistics.quantiles(waits, n=20)[18], [reply.overtaken_by for reply in found.replies],
        [round(each, 2) for each in found.distances],
    )  # fmt: skip
    assert found.too_fast == 0
    assert found.bulk_per_second >= 0.95 * SHARE * 30
    assert len(found.replies) >= 8
    assert max(reply.overtaken_by for reply in found.replies) <= MOST_BEFORE_A_REPLY
    assert len(found.distances) >= 8
    assert min(found.distances) >= 1.0

"""Dry runs: whom a broadcast would reach, whom not and why, by which way, at what cost, and when it would be finished.

The numbers come from the very statement that adds the recipients later (storage/audiences.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from handlers.beats import TIER
from handlers.bulk import SHARE
from handlers.filling import ways
from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage import contacts, deliveries
from storage.audiences import Audience, select_counts
from storage.broadcasts import Broadcast

MOST_IN_TURN = 10_000  # contacts that are counted within a turn: about 45 ms on SQLite
MOST_DAYS = 366  # beyond that no end is foreseen


class Group(NamedTuple):
    """What the recipients of one count have in common.

    Attributes:
        channel: on which they would be written to; None where they cannot be.
        language: theirs.
        district: code of the kecamatan they live in; "" where it is not known.
        reason: why they are left out; None for those who get it.
        by_template: their window is closed, so that a template has to open it.
    """

    channel: str | None
    language: str
    district: str
    reason: str | None
    by_template: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a broadcast would do now.

    Attributes:
        counts: people by what they have in common.
        over_tier: those among the recipients whom the vendor's tier leaves for later days, by channel.
        finishes_at: when the last would be sent; None where that is not within a year.
    """

    counts: Mapping[Group, int]
    over_tier: Mapping[str, int]
    finishes_at: datetime | None

    @property
    def people(self) -> int:
        """Count who gets it."""
        return sum(count for group, count in self.counts.items() if group.reason is None)

    @property
    def paid(self) -> int:
        """Count who gets it by a template, which the vendor charges for."""
        return sum(count for group, count in self.counts.items() if group.reason is None and group.by_template)

    def by(self, name: str) -> dict[str, int]:
        """Count who gets it by channel, language or district, the most first."""
        found: Counter[str] = Counter()
        for group, count in self.counts.items():
            if group.reason is None:
                found[str(getattr(group, name))] += count
        return dict(found.most_common())

    @property
    def left_out(self) -> dict[str, int]:
        """Count who is left out, by reason, the most first."""
        found: Counter[str] = Counter()
        for group, count in self.counts.items():
            if group.reason is not None:
                found[group.reason] += count
        return dict(found.most_common())


def is_large(connection: sa.Connection) -> bool:
    """Tell whether there are too many contacts to be counted within a turn."""
    return contacts.find_last_id(connection) > MOST_IN_TURN


def count(connection: sa.Connection, office: Office, row: Broadcast) -> DryRun:
    """Count what a broadcast would do now: a look at every contact, so for a large office on the reader only."""
    now = office.clock()
    starts_at = max(row.start_at or now, now)
    audience = Audience.from_json(json.loads(row.audience))
    query = select_counts(audience, TOPIC_OF_KIND[row.kind].name, ways(office, row.kind), now)
    counts = {
        Group(each[0], each[1], each[2], each[3], bool(each[4])): int(each[5]) for each in connection.execute(query)
    }
    over_tier: dict[str, int] = {}
    ends: list[datetime | None] = []
    for channel, ability in office.abilities.items():
        on_it = [(group, each) for group, each in counts.items() if group.reason is None and group.channel == channel]
        people, first = sum(each for _, each in on_it), sum(each for group, each in on_it if group.by_template)
        if not people:
            continue
        needed = timedelta(seconds=people / (ability.per_second * SHARE))
        ends.append(starts_at + needed if row.urgent else office.window.finish_at(office.local(starts_at), needed))
        if ability.new_people_a_day is None or not first:
            continue
        left = max(0, ability.new_people_a_day - deliveries.count_templates(connection, channel, now - TIER))
        if first > left:
            over_tier[channel] = first - left
            days = -(-(first - left) // ability.new_people_a_day) if ability.new_people_a_day else MOST_DAYS + 1
            ends.append(starts_at + timedelta(days) if days <= MOST_DAYS else None)
    return DryRun(counts, over_tier, _last(ends, starts_at))


def _last(ends: Sequence[datetime | None], starts_at: datetime) -> datetime | None:
    return max((end or starts_at for end in ends), default=starts_at) if None not in ends else None

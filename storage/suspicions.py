"""How many messages people had checked for signs of fraud: numbers by day (ISO), sign and village, which name nobody."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from storage.tables import suspicion_counts

ALL = ""  # counts every message checked
NONE = "none"  # those in which no sign was found

_ADD = sa.text(
    "INSERT INTO suspicion_counts (day, sign, village, count) VALUES (:day, :sign, :village, 1)"
    " ON CONFLICT (day, sign, village) DO UPDATE SET count = suspicion_counts.count + 1"
)
_SUM = sa.func.sum(suspicion_counts.c.count)


def add(connection: sa.Connection, day: str, signs: Iterable[str], village: str) -> None:
    """Count one message that was checked."""
    # In one order, so that two transactions wait for each other at most once.
    for sign in sorted({ALL, *(signs or (NONE,))}):
        connection.execute(_ADD, {"day": day, "sign": sign, "village": village})


def count_by_sign(connection: sa.Connection, first: str, last: str) -> dict[str, int]:
    """Count the messages from one day to another by sign; ALL is among them."""
    query = sa.select(suspicion_counts.c.sign, _SUM).where(suspicion_counts.c.day.between(first, last))
    return {sign: int(count) for sign, count in connection.execute(query.group_by(suspicion_counts.c.sign))}


def list_villages(
    connection: sa.Connection, first: str, last: str, most: int, sign: str = ALL
) -> list[tuple[str, int]]:
    """List the villages with the most messages from one day to another, of all or of one sign; the unknown one is left out."""
    query = (
        sa.select(suspicion_counts.c.village, _SUM)
        .where(
            suspicion_counts.c.day.between(first, last),
            suspicion_counts.c.sign == sign,
            suspicion_counts.c.village != "",
        )
        .group_by(suspicion_counts.c.village)
        .order_by(_SUM.desc(), suspicion_counts.c.village)
        .limit(most)
    )
    return [(village, int(count)) for village, count in connection.execute(query)]

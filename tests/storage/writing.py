"""A process of its own that writes marks as fast as it can and prints each one's name once it is acknowledged."""

from __future__ import annotations

import asyncio
import os
import sys

import sqlalchemy as sa

from storage.db import Database
from storage.tables import marks


def add_mark(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.insert(marks), {"name": name, "value": ""})


async def main(url: str, prefix: str, most: int) -> None:
    database = Database(url)

    async def write(number: int) -> None:
        name = f"{prefix}{number}"
        await database.write(add_mark, name)
        os.write(1, f"{name}\n".encode())

    for first in range(0, most, 20):
        await asyncio.gather(*(write(number) for number in range(first, min(first + 20, most))))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))

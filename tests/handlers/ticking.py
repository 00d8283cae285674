"""A process that reminds: one tick for each fence, a word out for each person told, and waiting for a go-ahead after it.

So whoever reads its output can kill it in the middle of a transaction: after a word, and before the next.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import sqlalchemy as sa

from flows.text import N_
from handlers.mail import Mail
from handlers.reminders import Due, Rule, apply_rule
from handlers.topics import REMINDERS
from storage.db import open_engine
from tests.world import World


def make_rule(fences: int) -> Rule:
    """Make a rule by which everybody is due once for each fence so far."""

    def due(mail: Mail) -> Iterator[Due]:
        people = list(mail.connection.execute(sa.text("SELECT id FROM contacts ORDER BY id")).scalars())
        yield from (Due(person, 1, fence) for fence in range(fences) for person in people)

    def act(mail: Mail, due: Due) -> None:
        mail.write_to(due.contact_id, N_("Drafts: {count}", count=due.fence), topic=REMINDERS)
        os.write(1, b"told\n")
        os.read(0, 1)

    return Rule("made_up", due, act)


def main(url: str, fences: int) -> None:
    engine = open_engine(url)
    office = World(engine).office
    for fence in range(1, fences + 1):
        with engine.begin() as connection:
            apply_rule(connection, office, make_rule(fence))
        os.write(1, b"committed\n")
        os.read(0, 1)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

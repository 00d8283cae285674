"""A process that sends tips, three people a step, and before each commit says so and waits: whoever reads that can kill it there."""

from __future__ import annotations

import os
import sys

from handlers.tip_rounds import send_due
from storage.db import open_engine
from tests.world import World


def main(url: str) -> None:
    engine = open_engine(url)
    office = World(engine).office
    after = None
    while True:
        with engine.begin() as connection:
            step = send_due(connection, office, after, 3)
            os.write(1, b"stored 3\n")
            os.read(0, 10)
        after = step.after


if __name__ == "__main__":
    main(sys.argv[1])

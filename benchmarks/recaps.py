"""A coordinator's recap over 50,000 visits, as one turn: from the message to the committed reply."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from flows.registry import load_registry
from handlers.hours import read_hours
from handlers.inbox import turn
from handlers.messages import Ability, Incoming
from handlers.office import INDICATORS, Office, Programme
from handlers.people import add_staff
from handlers.recap_figures import all_villages
from handlers.render import load_voices
from storage import contacts
from storage.db import open_engine
from storage.migrate import migrate
from storage.tables import contacts as contacts_table
from storage.tables import visits, volunteer_villages, volunteers

VISITS, VOLUNTEERS, YEARS = 50_000, 400, 2
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")
ROUNDS = 15
ASKED = ("rekap", "rekap 2026", "rekap srengat 2026", "rekap 2026 literasi")


def turns(url: str) -> dict[str, list[float]]:
    """Fill a database and ask for each recap several times; gives the milliseconds of processor time of each turn: the
    database runs in this process, and what else runs on the machine does not count.
    """
    migrate(url)
    voices, targets = load_voices(ZONE), dict.fromkeys(INDICATORS, 10_000)
    office = Office(
        load_registry(), voices, {"telegram": Ability(30, 16)}, ZONE, read_hours("1-5 07.30-15.30"),
        programme=Programme(targets=targets), clock=lambda: NOW,
    )  # fmt: skip
    engine = open_engine(url)
    with engine.begin() as connection:
        _fill(connection, all_villages(office), list(office.registry.visit_kinds))
    times: dict[str, list[float]] = {text: [] for text in ASKED}
    for number in range(ROUNDS):
        for text in ASKED:
            message = Incoming("telegram", f"{text} {number}", "dewi", NOW, text)
            began = time.process_time()
            with engine.begin() as connection:
                sendings, _, _ = turn(connection, office, message)
            times[text].append((time.process_time() - began) * 1e3)
            assert "Rekap" in sendings[0].message.text
    engine.dispose()
    return times


def _fill(connection: sa.Connection, villages: list[str], kinds: list[str]) -> None:
    dice = random.Random(7)
    contacts.add_person(connection, "telegram", "dewi", None, NOW)
    add_staff(connection, "telegram", "dewi", "Dewi", "admin", None, NOW)
    people = range(1000, 1000 + VOLUNTEERS)
    values = {"skills": "HP", "state": "active", "applied_at": NOW}
    connection.execute(sa.insert(contacts_table), [{"id": each, "created_at": NOW} for each in people])
    connection.execute(sa.insert(volunteers), [{"contact_id": n, "name": f"Relawan {n}", **values} for n in people])
    connection.execute(
        sa.insert(volunteer_villages), [{"contact_id": n, "village": villages[n % len(villages)]} for n in people]
    )
    answers = json.dumps({"materi": "kode OTP " * 60})  # half a kilobyte, as real ones are
    connection.execute(
        sa.insert(visits),
        [
            {
                "code": f"KNJ-{number}", "contact_id": dice.choice(people), "kind": dice.choice(kinds),
                "village": dice.choice(villages[:200]), "people": dice.randrange(80), "women": dice.choice((None, 12)),
                "day": (date(2026, 11, 24) - timedelta(dice.randrange(365 * YEARS))).isoformat(), "answers": answers,
                "state": dice.choices(("approved", "received", "sent_back"), (90, 5, 5))[0], "created_at": NOW, "updated_at": NOW,
            }
            for number in range(VISITS)
        ],
    )  # fmt: skip

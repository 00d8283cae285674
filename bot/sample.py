"""Made-up people, requests, visits and officers for trying out. Seeded: the same seed makes the same people."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.sample_visits import add_visits
from bot.web_visitors import Persona
from flows.codes import make_code
from flows.content import Service, read_services
from flows.places import Places, load_places
from handlers.people import add_staff
from storage import contacts, requests, volunteers
from storage.tables import contacts as contacts_table

WEB = "web"
OFFICER = "sample-officer"
VILLAGER = "sample-villager"
VOLUNTEER = "sample-volunteer"
_FIRST = (
    "Sri",
    "Siti",
    "Sutinah",
    "Wahyu",
    "Agus",
    "Bambang",
    "Slamet",
    "Dewi",
    "Endang",
    "Eko",
    "Joko",
    "Ratna",
    "Tri",
    "Yuli",
    "Supri",
    "Ani",
)
_LAST = (
    "Lestari",
    "Wahyuni",
    "Santoso",
    "Prasetyo",
    "Utami",
    "Handayani",
    "Suryani",
    "Widodo",
    "Rahayu",
    "Purnomo",
    "Kusuma",
    "Hartati",
)
_WORDS = (
    "untuk keperluan sekolah",
    "untuk melamar kerja",
    "di depan balai desa",
    "sudah dua minggu",
    "kangge nyuwun keringanan",
    "dekat mushola",
)
_STATES = ("received", "received", "checked", "in_progress", "done")


PEOPLE = (
    Persona("villager", "Warga: Bu Sri", VILLAGER),
    Persona("volunteer", "Relawan: Mas Agus", VOLUNTEER),
    Persona("officer", "Petugas: Bu Dewi", OFFICER),
)


def fill(connection: sa.Connection, count: int, seed: int) -> int:
    """Fill an empty database; returns how many contacts were made, 0 if there were some already."""
    if connection.execute(sa.select(contacts_table.c.id).limit(1)).first() is not None:
        return 0
    dice = random.Random(seed)  # noqa: S311  sample data shall be repeatable
    now = datetime.now(UTC)
    places, services = load_places(), read_services()
    codes = [place.code for district in places.districts() for place in places.villages_of(district.code)]
    _people(connection, places, seed, now)
    for number in range(count):
        name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
        arrived = now - timedelta(days=dice.randrange(1, 60), minutes=dice.randrange(1440))
        language = "jv" if dice.random() < 0.4 else "id"
        person = contacts.add_person(connection, WEB, f"sample-{seed}-{number}", name, arrived)
        village = dice.choice(codes)
        contacts.add_consent(connection, person.contact_id, "sample", WEB, given=True, at=arrived)
        contacts.change_contact(connection, person.contact_id, language=language, village=village)
        if dice.random() < 0.6:
            _request(connection, dice, person.contact_id, name, village, services, arrived)
    return count + len(PEOPLE)


def _people(connection: sa.Connection, places: Places, seed: int, now: datetime) -> None:
    """Add the three people of the demo's page, and the visits of the volunteer."""
    villages = [place.code for place in places.villages_of(places.districts()[0].code)[:3]]
    officer = add_staff(connection, WEB, OFFICER, "Dewi", "admin", None, now)
    for address, name, language in ((VILLAGER, "Sri Lestari", "jv"), (VOLUNTEER, "Agus Santoso", "id")):
        joined = now - timedelta(days=90) if address == VOLUNTEER else now
        person = contacts.add_person(connection, WEB, address, name, joined)
        contacts.add_consent(connection, person.contact_id, "sample", WEB, given=True, at=joined)
        contacts.change_contact(connection, person.contact_id, language=language, village=villages[0])
        if address == VOLUNTEER:
            make_volunteer(connection, person.contact_id, name, villages[0], joined)
            add_visits(connection, person.contact_id, officer, villages, seed, now)


def make_volunteer(connection: sa.Connection, contact_id: int, name: str, village: str, now: datetime) -> None:
    """Make somebody an active volunteer without asking the office: for the demo and the terminal."""
    volunteers.put_application(connection, contact_id, name, "mengajar HP", [village], now)
    volunteers.change_state(connection, contact_id, ["applied"], "active", reason=None, by=contact_id, at=now)


def _request(
    connection: sa.Connection,
    dice: random.Random,
    contact_id: int,
    name: str,
    village: str,
    services: dict[str, Service],
    arrived: datetime,
) -> None:
    service = dice.choice([service for service in services.values() if service.questions])
    answers: dict[str, object] = {"village": village}
    if service.kind == "service":
        answers["name"] = name
    for question in service.questions:
        if question.field == "words":
            answers[question.key] = dice.choice(_WORDS)
        elif question.field == "pick":
            answers[question.key] = dice.choice(question.options).key
        elif question.field == "whole":
            answers[question.key] = max(question.least or 1, 1)
        elif question.field == "day":
            answers[question.key] = (arrived + timedelta(days=14)).date().isoformat()
    at = arrived + timedelta(minutes=10)
    added = requests.add_request(
        connection, code=make_code(dice.randrange(27**3)), contact_id=contact_id, service=service.id, version=service.digest,
        kind=service.kind, village=village, confidential=service.confidential, anonymous=False,
        answers=json.dumps(answers, ensure_ascii=False), now=at,
    )  # fmt: skip
    state = dice.choice(_STATES)
    if added is not None and state != "received":
        requests.change_request(connection, added.id, at + timedelta(days=1), state=state)
        action = {"checked": "take", "in_progress": "progress", "done": "done"}[state]
        requests.add_event(connection, added.id, None, action, state, None, None, at + timedelta(days=1))

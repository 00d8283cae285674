"""What the clock does about suspicious messages: coordinators hear of a wave of them, once for each sign and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from flows.suspicion_signs import SIGNS
from flows.text import N_, paragraphs
from handlers.mail import Mail
from handlers.reminders import Due, Rule
from handlers.suspicion import list_warnings, tell_villages
from handlers.topics import REMINDERS
from storage import contacts, suspicions

_BY_NUMBER = {sign.number: sign for sign in SIGNS.values()}


def _due(mail: Mail) -> Iterator[Due]:
    """Find the signs with many messages today, and yesterday: a wave of the night is told of in the morning."""
    today = mail.office.local(mail.now).date()
    waves = [
        (SIGNS[sign].number, day.toordinal())
        for day in (today, today - timedelta(1))
        for sign, count in suspicions.count_by_sign(mail.connection, day.isoformat(), day.isoformat()).items()
        if sign in SIGNS and count >= mail.office.programme.suspicion_wave
    ]
    for officer in contacts.list_staff(mail.connection) if waves else ():
        if officer.role in ("admin", "officer"):
            for number, day_number in waves:
                yield Due(officer.contact_id, number, day_number)


def _tell(mail: Mail, due: Due) -> None:
    sign, day = _BY_NUMBER[due.subject], date.fromordinal(due.fence)
    count = suspicions.count_by_sign(mail.connection, day.isoformat(), day.isoformat())[sign.id]
    mail.write_to(
        due.contact_id,
        paragraphs(
            N_("*Many suspicious messages of one kind*"),
            N_("{sign}: on {day} people had {count} messages with this sign checked.", sign=sign.name, day=day, count=count),
            tell_villages(mail, day, day, sign.id),
        ),
        (*list_warnings(sign.id), (N_("Show the figures"), "waspada")),
        topic=REMINDERS,
    )  # fmt: skip


RULES: tuple[Rule, ...] = (Rule("suspicion_wave", _due, _tell),)

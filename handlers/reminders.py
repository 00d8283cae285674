"""Reminders: rules that find who is to be told what, each told once for each state of the matter, never in quiet hours.

A rule reads the truth (visits, drafts, events) whenever the clock ticks; nothing is scheduled beforehand, so nothing can be
lost or go out late with old words. The row in ``reminded`` is the fence: rule, person, subject, and the state the subject
was in. Its key lets each go out once, whatever restarts and however many processes tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from handlers.mail import Mail
from handlers.messages import Sending
from handlers.office import Office
from storage import reminded


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something to tell a person: which subject (a row's id), and in which state of it (a version, a turn, a day)."""

    contact_id: int
    subject: int
    fence: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of reminder.

    Attributes:
        name: at most 20 characters; names the rule in the database for good.
        due: finds who is to be told what now; may find what was told before, and is asked at every tick.
        act: tells one person, or does what else is due.
    """

    name: str
    due: Callable[[Mail], Iterable[Due]]
    act: Callable[[Mail, Due], None]


def apply_rule(connection: sa.Connection, office: Office, rule: Rule) -> list[Sending]:
    """Do what is due by one rule, in one transaction; returns what to send."""
    now = office.clock()
    if office.quiet.end_after(office.local(now)) is not None:
        return []
    mail = Mail(connection, office, now)
    for due in sorted(rule.due(mail)):  # so of two processes only one ever waits for the other
        if reminded.is_first(connection, rule.name, due.contact_id, due.subject, due.fence, now):
            rule.act(mail, due)
    return mail.sendings

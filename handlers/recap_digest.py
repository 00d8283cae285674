"""The weekly digest: on Monday, once the office is open, each coordinator reads how last week went; once a week, not more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from flows.periods import Period, period_of
from flows.text import N_, Text, lines, paragraphs
from handlers import recap_texts
from handlers.mail import Mail
from handlers.office import Office
from handlers.recap_figures import Unvisited, list_aims, list_unvisited, scope_of
from handlers.reminders import Due, Rule
from handlers.topics import DIGESTS
from storage import contacts, recaps

_ALL = 0  # a digest is about the whole programme, not about a row


def _due(mail: Mail) -> Iterator[Due]:
    """Find the coordinators, from the week's first opening on: after an outage of days it still goes out.

    Who joined the office later than that reads their first one the week after.
    """
    local = mail.office.local(mail.now)
    opening = _opening(mail.office, local)
    if local < opening:
        return
    year, week, _ = local.isocalendar()
    for officer in contacts.list_staff(mail.connection, added_before=opening):
        if officer.role in ("admin", "officer"):
            yield Due(officer.contact_id, _ALL, year * 100 + week)


def _opening(office: Office, local: datetime) -> datetime:
    monday = datetime.combine(local.date() - timedelta(local.weekday()), time(), local.tzinfo)
    return office.hours.next_opening(monday - timedelta(microseconds=1))


def _tell(mail: Mail, due: Due) -> None:
    today = mail.office.local(mail.now).date()
    week = period_of("week", today).before
    mail.write_to(
        due.contact_id,
        digest(mail.connection, mail.office, today, week),
        ((N_("This month"), f"rekap {period_of('month', today).iso}"), (N_("Table"), f"rekap {week.iso} ekspor")),
        topic=DIGESTS,
    )


def digest(connection: sa.Connection, office: Office, today: date, week: Period) -> Text:
    """Put a week into words."""
    scope = scope_of(office, week)
    return paragraphs(
        N_("*Last week: {week}*", week=week.name),
        recap_texts.tell_figures(connection, office, scope, recap_texts.before_of(office, week, scope)),
        recap_texts.tell_waiting(connection),
        _newly_unvisited(connection, office, today),
        recap_texts.tell_aims(office, list_aims(connection, office, today), today),
    )


def _newly_unvisited(connection: sa.Connection, office: Office, today: date) -> Text | None:
    """Name the villages with a volunteer that have gone without a visit for too long since a week ago."""
    cared = set(connection.execute(recaps.select_looked_after()).scalars())
    before = list_unvisited(connection, office, cared, today - timedelta(7))
    new: list[Unvisited] = [each for each in list_unvisited(connection, office, cared, today) if each not in before]
    if not new:
        return None
    return lines(
        N_(
            "*Newly without a visit for more than {days} days: {count}*",
            days=office.programme.no_visit_days, count=len(new),
        ),
        *recap_texts.list_villages(new),
    )  # fmt: skip


RULES: tuple[Rule, ...] = (Rule("digest", _due, _tell),)

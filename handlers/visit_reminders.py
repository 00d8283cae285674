"""Reminders about visits: none for long, one begun and not sent, one sent back; and to the office what waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from flows.registry import VISIT
from flows.text import N_, paragraphs
from handlers.mail import Mail
from handlers.reminders import Due, Rule
from handlers.topics import REMINDERS
from storage import contacts, visits

_COORDINATES = ("admin", "officer")


def _without_visit(mail: Mail) -> Iterator[Due]:
    """Find active volunteers without a visit for long; again after each such stretch of days."""
    today = mail.office.local(mail.now).date()
    span = mail.office.programme.no_visit_days
    for contact_id, since, day in visits.list_last_days(mail.connection):
        newest = max(mail.office.local(since).date(), date.fromisoformat(day) if day else date.min)
        if (today - newest).days >= span:
            yield Due(contact_id, newest.toordinal(), (today - newest).days // span)


def _ask_for_visit(mail: Mail, due: Due) -> None:
    mail.write_to(
        due.contact_id,
        N_("It has been a while since your last visit. Is there a village that could use you? When you have been there, type *kunjungan*."),
        ((N_("Report a visit"), "kunjungan"),),
        topic=REMINDERS,
    )  # fmt: skip


def _begun(mail: Mail) -> Iterator[Due]:
    before = mail.now - timedelta(hours=mail.office.programme.draft_hours)
    for contact_id, conversation, turn in visits.list_open_drafts(mail.connection, before, VISIT):
        yield Due(contact_id, conversation, turn)


def _remind_of_draft(mail: Mail, due: Due) -> None:
    mail.write_to(
        due.contact_id,
        N_("You have begun a visit report and not sent it yet. It is kept for you."),
        ((N_("Go on"), f"draft {due.subject}"),),
        topic=REMINDERS,
    )


def _sent_back(mail: Mail) -> Iterator[Due]:
    before = mail.now - timedelta(days=mail.office.programme.sent_back_days)
    for visit in visits.list_sent_back(mail.connection, before):
        if visit.contact_id is not None:
            yield Due(visit.contact_id, visit.id, visit.version)


def _remind_of_sent_back(mail: Mail, due: Due) -> None:
    visit = visits.find_visit(mail.connection, visit_id=due.subject)
    if visit is not None:
        mail.write_to(
            due.contact_id,
            N_("The office still waits for your change of visit {code}.", code=visit.code),
            ((N_("Change it"), f"amend {visit.code}"),),
            topic=REMINDERS,
        )


def _waiting(mail: Mail) -> Iterator[Due]:
    """Find each officer once on a day the office is open, while visits wait."""
    local = mail.office.local(mail.now)
    if not mail.office.hours.is_open(local):
        return
    waiting = visits.count_to_review(mail.connection)
    for officer in contacts.list_staff(mail.connection) if waiting else ():
        if officer.role in _COORDINATES:
            yield Due(officer.contact_id, 0, local.date().toordinal())


def _tell_waiting(mail: Mail, due: Due) -> None:
    waiting = visits.count_to_review(mail.connection)
    mail.write_to(
        due.contact_id,
        paragraphs(N_("{count} visits of volunteers wait for you.", count=waiting)),
        ((N_("Look at them"), "tinjau"),),
        topic=REMINDERS,
    )


RULES: tuple[Rule, ...] = (
    Rule("no_visit", _without_visit, _ask_for_visit),
    Rule("visit_draft", _begun, _remind_of_draft),
    Rule("visit_sent_back", _sent_back, _remind_of_sent_back),
    Rule("visits_waiting", _waiting, _tell_waiting),
)

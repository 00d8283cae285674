"""Two contacts become one: everything that belongs to the second goes over to the first.

The first is the account the code was shown on, the second the one it was typed on. Where both have something:

===================  ==========================================================================================
contacts             language, erasure and apologies are the first's; name and village too, where it has them; consent
                     only where both gave it; a STOP on either side holds, the earlier; created_at is the earlier;
                     Javanese was offered if it was to either
addresses, consents  all are kept: the log of consents is the log of both
staff                the first's row stands; without one, the second's becomes history (inactive): a role never passes
volunteers           the office's latest decision holds; an application counts where it is later, but takes the place of
                     no active or paused volunteer; name, skills and reason are of the row that holds
volunteer_villages   of the row that holds; of both where the office has accepted both: nothing it has not agreed to
visits               all are kept; the same report sent from both loses the second's digest, which marks repeats
conversations        drafts are kept; an open one of the second stays open, or is a draft where the first has one open
handovers            all are kept; a second open one, and a talk with oneself, is closed
guide_readers        one row a guide: the first's delivery, opened and confirmed at the earlier time
event_guests         one row an event: the later answer, attended at the earlier time, the more wrong codes
learned              one row a lesson: begun and finished at the earlier time, repeated at the later day
mutes                each topic muted on either side stays muted, since the earlier time
reminded             one row a reminder: what either was told is not told again
deliveries           one row a broadcast: the one that came further; what waits still is sent once
tips                 one row a lesson: what either got is not sent again
subscriptions        the first's, or the second's where it has none; the last tip is the later
template_uses        all are kept
link_codes           both go: a code joins once
===================  ==========================================================================================

Everything else (MOVED) has one owner a row and just changes hands. The second contact's row is deleted in the end (the
newest is emptied instead); the database refuses that while anything refers to it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.tables import (
    addresses,
    audiences,
    audit,
    broadcasts,
    certificates,
    consents,
    contacts,
    conversations,
    deliveries,
    event_guests,
    events,
    guide_questions,
    guide_readers,
    guides,
    handovers,
    helps,
    inbound,
    invitations,
    learned,
    link_codes,
    media,
    mutes,
    outbox,
    reminded,
    reporters,
    request_events,
    requests,
    staff,
    subscriptions,
    template_uses,
    tips,
    visit_events,
    visits,
    volunteer_villages,
    volunteers,
)

MOVED: tuple[sa.Column[Any], ...] = (
    addresses.c.contact_id,
    audiences.c.author_id,
    audit.c.actor_id,
    broadcasts.c.author_id,
    broadcasts.c.approver_id,
    certificates.c.contact_id,
    consents.c.contact_id,
    events.c.author_id,
    guide_questions.c.contact_id,
    guide_questions.c.author_id,
    guides.c.author_id,
    helps.c.contact_id,
    inbound.c.contact_id,
    invitations.c.inviter_id,
    media.c.contact_id,
    outbox.c.contact_id,
    outbox.c.about_id,
    reporters.c.contact_id,
    request_events.c.actor_id,
    requests.c.contact_id,
    requests.c.assignee_id,
    visit_events.c.actor_id,
    volunteers.c.decided_by,
)
# Columns with a rule of their own, from the table above.
RULED: tuple[sa.Column[Any], ...] = (
    conversations.c.contact_id,
    deliveries.c.contact_id,
    event_guests.c.contact_id,
    guide_readers.c.contact_id,
    learned.c.contact_id,
    handovers.c.contact_id,
    handovers.c.officer_id,
    link_codes.c.contact_id,
    mutes.c.contact_id,
    reminded.c.contact_id,
    staff.c.contact_id,
    subscriptions.c.contact_id,
    template_uses.c.contact_id,
    tips.c.contact_id,
    visits.c.contact_id,
    volunteer_villages.c.contact_id,
    volunteers.c.contact_id,
)
_ACCEPTED = ("active", "paused")


def merge(connection: sa.Connection, first: int, second: int, now: datetime) -> None:
    """Make two contacts one, by the rules above; the second's row is gone afterwards."""
    _merge_contact(connection, first, second)
    _merge_staff(connection, first, second)
    _merge_volunteer(connection, first, second)
    _merge_visits(connection, first, second)
    _merge_conversations(connection, first, second)
    _merge_handovers(connection, first, second, now)
    _merge_keyed(connection, guide_readers, first, second, _read_once)
    _merge_keyed(connection, event_guests, first, second, _answer_last)
    _merge_keyed(connection, learned, first, second, _learn_both)
    _merge_keyed(connection, mutes, first, second, _earlier)
    for table in (reminded, tips, template_uses):
        _merge_keyed(connection, table, first, second, _earlier)
    _merge_keyed(connection, deliveries, first, second, _further)
    _merge_keyed(connection, subscriptions, first, second, _keep_subscription)
    connection.execute(sa.delete(link_codes).where(link_codes.c.contact_id.in_((first, second))))
    for column in MOVED:
        _move(connection, column, first, second)
    _remove(connection, second, now)


def _remove(connection: sa.Connection, contact_id: int, now: datetime) -> None:
    """Delete an emptied contact; the newest stays as a number, as after erasure: SQLite would give it to the next person."""
    newest = connection.execute(sa.select(sa.func.max(contacts.c.id))).scalar()
    if contact_id != newest:
        connection.execute(sa.delete(contacts).where(contacts.c.id == contact_id))
        return
    nobody = {"name": None, "village": None, "consent": False, "stopped_at": None, "erased_at": now}
    connection.execute(sa.update(contacts).where(contacts.c.id == contact_id).values(nobody))


def _move(connection: sa.Connection, column: sa.Column[Any], first: int, second: int) -> None:
    connection.execute(sa.update(column.table).where(column == second).values({column.name: first}))


def _merge_contact(connection: sa.Connection, first: int, second: int) -> None:
    query = sa.select(contacts).where(contacts.c.id.in_((first, second)))
    rows = {row.id: row for row in connection.execute(query)}
    ours, theirs = rows[first], rows[second]
    stops = [row.stopped_at for row in (ours, theirs) if row.stopped_at is not None]
    connection.execute(
        sa.update(contacts)
        .where(contacts.c.id == first)
        .values(
            name=ours.name or theirs.name,
            village=ours.village or theirs.village,
            consent=ours.consent and theirs.consent,
            stopped_at=min(stops, default=None),
            created_at=min(ours.created_at, theirs.created_at),
            javanese_offered=ours.javanese_offered or theirs.javanese_offered,
        )
    )


def _merge_staff(connection: sa.Connection, first: int, second: int) -> None:
    if connection.execute(sa.select(staff.c.name).where(staff.c.contact_id == first)).first():
        connection.execute(sa.delete(staff).where(staff.c.contact_id == second))
    else:
        connection.execute(sa.update(staff).where(staff.c.contact_id == second).values(contact_id=first, active=False))


def _merge_volunteer(connection: sa.Connection, first: int, second: int) -> None:
    """Keep one row. Villages refer to it, so the row is there before they move, and the other goes after them."""
    ours, theirs = (
        connection.execute(sa.select(volunteers).where(volunteers.c.contact_id == each)).mappings().first()
        for each in (first, second)
    )
    if theirs is None:
        return
    if ours is None:
        connection.execute(sa.insert(volunteers).values({**theirs, "contact_id": first}))
    ours_holds = ours is not None and not _holds_over(theirs, ours)
    if ours is not None and not ours_holds:
        holding = {name: value for name, value in theirs.items() if name != "contact_id"}
        connection.execute(sa.update(volunteers).where(volunteers.c.contact_id == first).values(holding))
    kept = [first] if ours_holds else [second]
    if ours is not None and ours["state"] in _ACCEPTED and theirs["state"] in _ACCEPTED:
        kept = [first, second]
    villages = connection.execute(
        sa.select(volunteer_villages.c.village).where(volunteer_villages.c.contact_id.in_(kept)).distinct()
    ).scalars()
    rows = [{"contact_id": first, "village": village} for village in villages]
    connection.execute(sa.delete(volunteer_villages).where(volunteer_villages.c.contact_id.in_((first, second))))
    if rows:
        connection.execute(sa.insert(volunteer_villages), rows)
    connection.execute(sa.delete(volunteers).where(volunteers.c.contact_id == second))


def _holds_over(one: sa.RowMapping, other: sa.RowMapping) -> bool:
    """Tell whether one row of a volunteer holds over the other: said later, and no mere wish over a work agreed to."""
    if one["state"] == "applied" and other["state"] in _ACCEPTED:
        return False
    if other["state"] == "applied" and one["state"] in _ACCEPTED:
        return True
    return bool((one["decided_at"] or one["applied_at"]) > (other["decided_at"] or other["applied_at"]))


def _merge_visits(connection: sa.Connection, first: int, second: int) -> None:
    same = sa.select(visits.c.digest).where(visits.c.contact_id == first, visits.c.digest.is_not(None))
    connection.execute(
        sa.update(visits).where(visits.c.contact_id == second, visits.c.digest.in_(same)).values(digest=None)
    )
    _move(connection, visits.c.contact_id, first, second)


def _merge_conversations(connection: sa.Connection, first: int, second: int) -> None:
    is_open = sa.select(conversations.c.id).where(conversations.c.contact_id == first, sa.not_(conversations.c.parked))
    if connection.execute(is_open).first():
        connection.execute(sa.update(conversations).where(conversations.c.contact_id == second).values(parked=True))
    _move(connection, conversations.c.contact_id, first, second)


def _merge_handovers(connection: sa.Connection, first: int, second: int, now: datetime) -> None:
    both = (first, second)
    for column in (handovers.c.contact_id, handovers.c.officer_id):
        ours = sa.select(handovers.c.id).where(column == first, handovers.c.closed_at.is_(None))
        if connection.execute(ours).first():
            _close(connection, column == second, now)
    _close(connection, sa.and_(handovers.c.contact_id.in_(both), handovers.c.officer_id.in_(both)), now)
    for column in (handovers.c.contact_id, handovers.c.officer_id):
        _move(connection, column, first, second)


def _close(connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> None:
    connection.execute(sa.update(handovers).where(which, handovers.c.closed_at.is_(None)).values(closed_at=now))


_Row = sa.RowMapping
_Combine = Callable[[_Row, _Row], dict[str, Any]]


def _merge_keyed(connection: sa.Connection, table: sa.Table, first: int, second: int, combine: _Combine) -> None:
    """Merge rows whose key holds the contact: what both have becomes one row, as ``combine`` says; the rest moves."""
    keys = [column.name for column in table.primary_key if column.name != "contact_id"]

    def of(contact_id: int) -> dict[tuple[Any, ...], _Row]:
        rows = connection.execute(sa.select(table).where(table.c.contact_id == contact_id)).mappings()
        return {tuple(row[key] for key in keys): row for row in rows}

    def at(contact_id: int, key: tuple[Any, ...]) -> sa.ColumnElement[bool]:
        return sa.and_(
            table.c.contact_id == contact_id, *(table.c[name] == value for name, value in zip(keys, key, strict=True))
        )

    ours, theirs = of(first), of(second)
    for key in ours.keys() & theirs.keys():
        connection.execute(sa.update(table).where(at(first, key)).values(combine(ours[key], theirs[key])))
        connection.execute(sa.delete(table).where(at(second, key)))
    _move(connection, table.c.contact_id, first, second)


def _earlier(ours: _Row, theirs: _Row) -> dict[str, Any]:
    return {"at": min(ours["at"], theirs["at"])}


def _read_once(ours: _Row, theirs: _Row) -> dict[str, Any]:
    sent = theirs["outbox_id"] if ours["outbox_id"] is None else ours["outbox_id"]
    moments = {name: _first(ours[name], theirs[name]) for name in ("opened_at", "confirmed_at")}
    return {"outbox_id": sent, **moments}


def _learn_both(ours: _Row, theirs: _Row) -> dict[str, Any]:
    later = max((ours, theirs), key=lambda row: row["due_on"] or "")
    return {
        "started_at": _first(ours["started_at"], theirs["started_at"]),
        "finished_at": _first(ours["finished_at"], theirs["finished_at"]),
        "box": later["box"],
        "due_on": later["due_on"],
    }


_COURSE = ("skipped", "failed", "queued", "claimed", "unknown", "sent", "delivered", "read")


def _further(ours: _Row, theirs: _Row) -> dict[str, Any]:
    best = max((ours, theirs), key=lambda row: _COURSE.index(row["state"]))
    return {name: value for name, value in best.items() if name not in ("broadcast_id", "contact_id")}


def _keep_subscription(ours: _Row, theirs: _Row) -> dict[str, Any]:
    return {"last_at": max(filter(None, (ours["last_at"], theirs["last_at"])), default=None)}


def _answer_last(ours: _Row, theirs: _Row) -> dict[str, Any]:
    last = max((ours, theirs), key=lambda row: (row["answered_at"] is not None, row["answered_at"] or 0))
    attended = _first(ours["attended_at"], theirs["attended_at"])
    wrong = max(ours["wrong_codes"], theirs["wrong_codes"])
    return {
        "answer": last["answer"], "answered_at": last["answered_at"], "attended_at": attended, "wrong_codes": wrong,
    }  # fmt: skip


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)

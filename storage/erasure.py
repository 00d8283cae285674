"""Erasure: everything that names a contact goes; of requests the nameless skeleton stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage import broadcasts, deliveries, events, guides, invitations, learning, volunteers
from storage import media as media_rows
from storage import visits as visit_rows
from storage.tables import (
    addresses,
    certificates,
    contacts,
    conversations,
    guide_questions,
    handovers,
    helps,
    inbound,
    learned,
    link_codes,
    media,
    mutes,
    outbox,
    reminded,
    reporters,
    request_events,
    requests,
    subscriptions,
    template_uses,
    tips,
    visits,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is stored of what a person did (visits, requests helped with, questions about guides, lessons, certificates) and got (tips)."""

    visits: int
    helped: int
    questions: int
    lessons: int
    certificates: int
    tips: int


def count_kept(connection: sa.Connection, contact_id: int) -> Kept:
    """Count what is stored of what a person did."""
    asked = (guide_questions.c.contact_id == contact_id, sa.not_(guide_questions.c.by_staff))
    wheres = (
        (visits.c.contact_id == contact_id,),
        (helps.c.contact_id == contact_id,),
        asked,
        (learned.c.contact_id == contact_id,),
        (certificates.c.contact_id == contact_id,),
        (tips.c.contact_id == contact_id,),
    )
    counts = (sa.select(sa.func.count()).where(*where).scalar_subquery() for where in wheres)
    return Kept(*connection.execute(sa.select(*counts)).one())


def erase_contact(connection: sa.Connection, contact_id: int, now: datetime) -> list[str]:
    """Erase a contact and return the ids of the files to be removed.

    The consent log stays: it holds no more than a number, times and versions, and proves what was agreed and withdrawn. A row of the outbox added afterwards can still carry the receipt.
    """
    mine = sa.or_(
        requests.c.contact_id == contact_id,
        requests.c.id.in_(sa.select(reporters.c.request_id).where(reporters.c.contact_id == contact_id)),
    )
    theirs = sa.select(requests.c.id).where(mine)
    connection.execute(
        sa.update(request_events).where(request_events.c.request_id.in_(theirs)).values(note=None, media=None)
    )
    connection.execute(
        sa.update(request_events)
        .where(request_events.c.actor_id == contact_id)
        .values(actor_id=None, note=None, media=None)
    )
    connection.execute(sa.update(requests).where(mine).values(answers="{}", contact_id=None))
    connection.execute(sa.delete(reporters).where(reporters.c.contact_id == contact_id))
    connection.execute(sa.delete(conversations).where(conversations.c.contact_id == contact_id))
    connection.execute(
        sa.update(handovers)
        .where(handovers.c.contact_id == contact_id)
        .values(
            about=None,
            closed_at=sa.func.coalesce(
                handovers.c.closed_at, sa.bindparam("now", now, type_=handovers.c.closed_at.type)
            ),
        )
    )
    connection.execute(sa.update(inbound).where(inbound.c.contact_id == contact_id).values(body=None, contact_id=None))
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.contact_id == contact_id, outbox.c.state.not_in(("queued", "claimed")))
        .values(payload=None, address="", vendor_id=None)
    )
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.contact_id == contact_id, outbox.c.state.in_(("queued", "claimed")))
        .values(payload=None, address="", state="skipped", reason="erased", lease_until=None)
    )
    about = sa.update(outbox).where(outbox.c.about_id == contact_id)
    connection.execute(
        about.where(outbox.c.state.in_(("queued", "claimed"))).values(
            state="skipped", reason="erased", lease_until=None
        )
    )
    connection.execute(about.values(payload=None, about_id=None))
    kept = [*guides.list_files_of(connection, contact_id), *broadcasts.list_files(connection)]
    guides.forget(connection, contact_id)
    made = media_rows.remove_made(connection) if volunteers.find_volunteer(connection, contact_id) else []
    learning.forget(connection, contact_id)
    deliveries.forget(connection, contact_id, now)
    visit_rows.forget(connection, contact_id)
    events.forget(connection, contact_id)
    volunteers.forget(connection, contact_id)
    invitations.forget(connection, contact_id)
    for table in (mutes, reminded, link_codes, tips, subscriptions, template_uses):
        connection.execute(sa.delete(table).where(table.c.contact_id == contact_id))
    was_done = sa.case((helps.c.state == "done", helps.c.taken_at))  # that it was done stays, who did it goes
    connection.execute(
        sa.update(helps)
        .where(helps.c.contact_id == contact_id)
        .values(contact_id=None, state="closed", taken_at=was_done)
    )
    mine_alone = sa.and_(media.c.contact_id == contact_id, media.c.id.not_in(kept))
    files = list(connection.execute(sa.delete(media).where(mine_alone).returning(media.c.id)).scalars())
    connection.execute(sa.delete(addresses).where(addresses.c.contact_id == contact_id))
    connection.execute(
        sa.update(contacts)
        .where(contacts.c.id == contact_id)
        .values(
            name=None, village=None, consent=False, stopped_at=None, erased_at=now, apologies=0, javanese_offered=False
        )
    )
    return files + made

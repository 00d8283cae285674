"""What was said on a channel that shows it again: statements for the reader, newest first."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.tables import addresses, inbound, media, outbox


def said_to(channel: str, address: str, since: datetime, most: int) -> sa.Select[int, datetime, str]:
    """Select what was sent to an address since a time: row, time, payload. What waits for a file is not sent yet."""
    return (
        sa.select(outbox.c.id, outbox.c.created_at, outbox.c.payload)
        .where(
            outbox.c.contact_id.in_(_contact(channel, address)),
            outbox.c.channel == channel,
            outbox.c.address == address,
            outbox.c.created_at >= since,
            outbox.c.payload.is_not(None),
            ~sa.exists().where(media.c.state == "waiting", outbox.c.payload.contains(media.c.id)),
        )
        .order_by(outbox.c.id.desc())
        .limit(most)
    )


def said_by(channel: str, address: str, since: datetime, most: int) -> sa.Select[str, datetime, str]:
    """Select what came from an address since a time: message id, time, body."""
    return (
        sa.select(inbound.c.message_id, inbound.c.received_at, inbound.c.body)
        .where(
            inbound.c.contact_id.in_(_contact(channel, address)),
            inbound.c.channel == channel,
            inbound.c.received_at >= since,
            inbound.c.body.is_not(None),
        )
        .order_by(inbound.c.received_at.desc())
        .limit(most)
    )


def seen_file(channel: str, address: str, media_id: str) -> sa.Select[str]:
    """Select the type of a stored file, if this person sent it or it was sent to them."""
    mine = media.c.contact_id.in_(_contact(channel, address))
    shown = sa.exists().where(
        outbox.c.channel == channel, outbox.c.address == address, outbox.c.payload.contains(media_id)
    )
    return sa.select(media.c.mime).where(media.c.id == media_id, media.c.state == "stored", sa.or_(mine, shown))


def _contact(channel: str, address: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(addresses.c.contact_id)
        .where(addresses.c.channel == channel, addresses.c.address == address)
        .scalar_subquery()
    )

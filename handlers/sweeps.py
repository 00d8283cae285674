"""What is tidied up by the clock: old drafts, and texts that are not needed any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import conversations, inbound, invitations, media, outbox, reminded

INVITATION_DAYS = 90  # after it expired: so long who sends it is told that it has
REMINDED_DAYS = 400  # longer than the slowest rule's period


def tidy_made(connection: sa.Connection, now: datetime, *, chat_days: int) -> list[str]:
    """Delete tables and pictures the program made, as old as texts get; returns the ids of the files to be removed."""
    return media.remove_made(connection, now - timedelta(days=chat_days))


def tidy(connection: sa.Connection, now: datetime, *, draft_days: int, chat_days: int) -> dict[str, int]:
    """Delete what has outlived its purpose; returns how many rows of each kind.

    Args:
        connection: inside a write.
        now: the time.
        draft_days: how long an unfinished conversation is kept.
        chat_days: how long texts of messages are kept; a vendor repeats a message for a day at most.
    """
    return {
        "drafts": conversations.remove_older(connection, now - timedelta(days=draft_days)),
        "inbound": inbound.remove_older(connection, now - timedelta(days=chat_days)),
        "invitations": invitations.remove_older(connection, now - timedelta(days=INVITATION_DAYS)),
        "reminded": reminded.remove_older(connection, now - timedelta(days=REMINDED_DAYS)),
        "texts": outbox.forget_texts(connection, now - timedelta(days=chat_days)),
    }

"""Broadcasts: one message to many, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import contacts
from storage.tables import broadcasts

OPEN = ("waiting", "scheduled", "running", "paused")


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast.

    Attributes:
        key: lets what a clock begins (a tip of a day, an occurrence of a series) begin once.
        kind: what can be muted: system, service, news, event, warning, tip.
        state: waiting (for approval), declined, scheduled, running, paused, done, cancelled.
        urgent: goes before all others; once a second officer has approved it, in quiet hours too.
        buttons: JSON [[label id, label jv, command], …].
        audience: JSON of storage/audiences.py.
        digest: of all that was approved.
        recurrence: JSON of flows/recurrence.py for a series; its occurrences are broadcasts with it as parent.
        if_missed: what follows where the process was down at the time: once_now or skip.
        start_at: when it begins, or the next occurrence does.
        filled_to: up to which contact the audience was added; fill_until is the last.
        stopped: how many wanted no more within a day of getting it.
        reason: why it is paused or was declined.
        sweep: what is still to be done to its recipients, in steps: cancel those that wait, or queue the failed or the
            unknown again; swept_to is the contact up to which the latter is done.
        watched: its figures are still counted every few seconds.
        told: its author knows how it ended, or that it paused.
        figures: JSON of handlers/broadcast_figures.py, as last counted.
        progress_outbox_id: the message that shows its author how far it is.
    """

    id: int
    key: str | None
    kind: str
    state: str
    urgent: bool
    text_id: str | None
    text_jv: str | None
    media: str | None
    file_name: str | None
    buttons: str
    audience: str
    digest: str
    recurrence: str | None
    if_missed: str
    parent_id: int | None
    author_id: int | None
    approver_id: int | None
    created_at: datetime
    start_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    filled_to: int
    fill_until: int
    stopped: int
    reason: str | None
    sweep: str | None
    swept_to: int
    watched: bool
    told: bool
    figures: str | None
    counted_at: datetime | None
    progress_outbox_id: int | None

    @property
    def is_filled(self) -> bool:
        """Tell whether all recipients have been added."""
        return self.filled_to >= self.fill_until

    @property
    def disturbs(self) -> bool:
        """Tell whether it goes out in quiet hours too: what is urgent, and was approved by a second officer."""
        return self.urgent and self.approver_id is not None


_COLUMNS = [broadcasts.c[name] for name in Broadcast.__dataclass_fields__]
_SELECT = sa.select(*_COLUMNS)


def add(connection: sa.Connection, **values: Any) -> int:
    """Add a broadcast and return its id."""
    return int(connection.execute(sa.insert(broadcasts).values(**values).returning(broadcasts.c.id)).scalar_one())


def add_once(connection: sa.Connection, key: str, **values: Any) -> int | None:
    """Add a broadcast with a key; None if there is one with it, whoever added it."""
    try:
        with connection.begin_nested():
            return add(connection, key=key, **values)
    except sa.exc.IntegrityError:
        return None


def find(connection: sa.Connection, broadcast_id: int) -> Broadcast | None:
    """Find a broadcast."""
    row = connection.execute(_SELECT.where(broadcasts.c.id == broadcast_id)).first()
    return Broadcast(*row) if row else None


def find_key(connection: sa.Connection, key: str) -> Broadcast | None:
    """Find a broadcast by its key."""
    row = connection.execute(_SELECT.where(broadcasts.c.key == key)).first()
    return Broadcast(*row) if row else None


def list_files(connection: sa.Connection) -> list[str]:
    """List our ids of the files that go with broadcasts: they are the office's, whoever sent them."""
    return list(connection.execute(sa.select(broadcasts.c.media).where(broadcasts.c.media.is_not(None))).scalars())


def list_running(connection: sa.Connection) -> list[Broadcast]:
    """List what runs, in the order it is sent: urgent ones, then the oldest."""
    query = _SELECT.where(broadcasts.c.state == "running").order_by(
        broadcasts.c.urgent.desc(), broadcasts.c.started_at, broadcasts.c.id
    )
    return [Broadcast(*row) for row in connection.execute(query)]


def list_due(connection: sa.Connection, now: datetime) -> list[Broadcast]:
    """List the scheduled ones whose time has come, locked against another process that looks."""
    query = (
        _SELECT.where(broadcasts.c.state == "scheduled", broadcasts.c.start_at <= now)
        .order_by(broadcasts.c.start_at, broadcasts.c.id)
        .with_for_update(skip_locked=True)
    )
    return [Broadcast(*row) for row in connection.execute(query)]


def list_latest(connection: sa.Connection, most: int, states: Sequence[str] = ()) -> list[Broadcast]:
    """List what staff wrote, the newest first; tips are not among them."""
    query = _SELECT.where(broadcasts.c.kind != "tip").order_by(broadcasts.c.id.desc()).limit(most)
    if states:
        query = query.where(broadcasts.c.state.in_(states))
    return [Broadcast(*row) for row in connection.execute(query)]


def change(connection: sa.Connection, broadcast_id: int, states: Sequence[str], **values: Any) -> bool:
    """Change a broadcast that is in one of some states; False if it is not."""
    return (
        connection.execute(
            sa.update(broadcasts)
            .where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(states))
            .values(**values)
        ).rowcount
        == 1
    )


def begin(connection: sa.Connection, broadcast_id: int, now: datetime, *, fills: bool = True) -> bool:
    """Let a broadcast run, with everybody there is now as those it may go to; False if it runs or has run already."""
    last = contacts.find_last_id(connection) if fills else 0
    return change(
        connection, broadcast_id, ("waiting", "scheduled"), state="running", started_at=now, fill_until=last,
        watched=True,
    )  # fmt: skip


def end(connection: sa.Connection, broadcast_id: int, now: datetime) -> bool:
    """End a broadcast that runs, unless recipients are to be queued again; False if it goes on."""
    return (
        connection.execute(
            sa.update(broadcasts)
            .where(broadcasts.c.id == broadcast_id, broadcasts.c.state == "running", broadcasts.c.sweep.is_(None))
            .values(state="done", ended_at=now)
        ).rowcount
        == 1
    )


def send_again(connection: sa.Connection, broadcast_id: int, states: Sequence[str], which: str) -> bool:
    """Let those who failed, or of whom it is not known, be queued again; a broadcast that is done then runs again.

    False if it is in another state, or its recipients are being gone through already.
    """
    again = sa.case((broadcasts.c.state == "done", "running"), else_=broadcasts.c.state)
    return (
        connection.execute(
            sa.update(broadcasts)
            .where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(states), broadcasts.c.sweep.is_(None))
            .values(
                state=again, ended_at=None, sweep=which, swept_to=0, watched=True, told=False, progress_outbox_id=None
            )
        ).rowcount
        == 1
    )


def list_swept(connection: sa.Connection) -> list[Broadcast]:
    """List those whose recipients are to be cancelled or queued again, locked against another process that does it."""
    query = _SELECT.where(broadcasts.c.sweep.is_not(None)).order_by(broadcasts.c.id).with_for_update(skip_locked=True)
    return [Broadcast(*row) for row in connection.execute(query)]


def note_swept(connection: sa.Connection, broadcast_id: int, swept_to: int, *, done: bool) -> None:
    """Note how far the recipients of a broadcast were gone through."""
    values: dict[str, Any] = {"swept_to": swept_to} | ({"sweep": None} if done else {})
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == broadcast_id).values(values))


def select_watched(before: datetime) -> sa.Select[Any]:
    """Select those whose figures were not counted since a time."""
    due = sa.or_(broadcasts.c.counted_at.is_(None), broadcasts.c.counted_at <= before)
    return _SELECT.where(broadcasts.c.watched, due).order_by(broadcasts.c.id)


def note_figures(connection: sa.Connection, seen: Broadcast, figures: str, now: datetime) -> bool:
    """Keep what was counted; False if another process did so since this one looked."""
    return (
        connection.execute(
            sa.update(broadcasts)
            .where(
                broadcasts.c.id == seen.id,
                broadcasts.c.watched,
                broadcasts.c.counted_at.is_not_distinct_from(
                    sa.bindparam("seen_at", seen.counted_at, type_=broadcasts.c.counted_at.type)
                ),
            )
            .values(figures=figures, counted_at=now)
        ).rowcount
        == 1
    )


def note_progress(connection: sa.Connection, broadcast_id: int, **values: Any) -> None:
    """Note what its author has been shown or told."""
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == broadcast_id).values(**values))


def advance(connection: sa.Connection, broadcast_id: int, known: int, filled_to: int) -> bool:
    """Note that the audience is added up to a contact; False if another process did that meanwhile, or it was stopped."""
    return (
        connection.execute(
            sa.update(broadcasts)
            .where(broadcasts.c.id == broadcast_id, broadcasts.c.filled_to == known, broadcasts.c.state == "running")
            .values(filled_to=filled_to)
        ).rowcount
        == 1
    )


def count_stop(connection: sa.Connection, broadcast_id: int) -> None:
    """Note that somebody wants no more of it, having got this one."""
    connection.execute(
        sa.update(broadcasts).where(broadcasts.c.id == broadcast_id).values(stopped=broadcasts.c.stopped + 1)
    )

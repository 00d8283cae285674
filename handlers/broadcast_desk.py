"""What officers are shown of a broadcast: the dry run and a sample before it goes, a test on oneself, what waits for approval."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from flows.chat import Json
from flows.outcomes import BroadcastComposed
from flows.registry import CHECK_BROADCAST
from flows.text import N_, Text, paragraphs
from handlers import broadcasts, talking
from handlers.broadcast_begin import SIZE, settle, why_second
from handlers.broadcast_texts import outgoing
from handlers.broadcast_words import gap, headline, numbers, request, request_buttons, sample
from handlers.dry_run import DryRun, count, is_large
from handlers.made import Maker, Then, ask_for_words
from handlers.office import Office
from handlers.talking import Ended
from handlers.turn import Tx
from storage import broadcasts as rows
from storage.broadcasts import Broadcast
from storage.db import Database
from storage.outbox import REPLY

DRY_RUN = "broadcast_dry_run"  # the maker of the numbers, where they take long


def open_check(tx: Tx, given: Mapping[str, Json]) -> Ended | None:
    """Show an officer what a broadcast would do and how it looks, and ask whether it shall go out.

    Raises:
        Denied: not an officer of the regency's office.
    """
    broadcasts.check_rights(tx, "compose")
    composed = BroadcastComposed.from_json(given["composed"])
    if (why := broadcasts.find_fault(tx, composed.media)) is not None:
        tx.say(why)
    row = broadcasts.preview(tx, composed)
    for language, text in (("id", row.text_id), ("jv", row.text_jv)):
        if text:
            tx.say(sample(tx.office, row, language))
    tx.say(paragraphs(N_("*Before it goes*"), headline(tx.office, row, tx.connection)))
    if is_large(tx.connection):
        ask_for_words(tx, tx.person.contact_id, DRY_RUN, json.dumps(asdict(row), default=str))
        tx.say(N_("The numbers take a moment; they follow in a message of their own."))
    else:
        tx.say(_told(tx.office, row, count(tx.connection, tx.office, row)))
    return talking.start(tx, CHECK_BROADCAST, given)


def test_on_oneself(tx: Tx, given: Mapping[str, Json]) -> Ended | None:
    """Send an officer the broadcast as others get it, in each language it has, and ask again.

    Raises:
        Denied: not an officer of the regency's office.
    """
    broadcasts.check_rights(tx, "test")
    composed = BroadcastComposed.from_json(given["composed"])
    row = broadcasts.preview(tx, composed)
    if (why := broadcasts.find_fault(tx, composed.media)) is not None:
        tx.say(why)
    else:
        me = tx.person
        for language, text in (("id", row.text_id), ("jv", row.text_jv)):
            if text:
                tx.enqueue(me.contact_id, me.channel, me.address, REPLY, outgoing(tx.office, row, language), None)
        tx.say(N_("This went to you alone."))
    return talking.start(tx, CHECK_BROADCAST, given)


def compose(tx: Tx, composed: BroadcastComposed, ended: Ended) -> Ended | None:
    """Let it go; where that cannot be, ask again, so that nothing written is lost."""
    if broadcasts.compose(tx, composed) is None:
        return talking.start(tx, CHECK_BROADCAST, {key: ended.facts[key] for key in ("composed", "answers")})
    return None


def tell_request(tx: Tx, number: int) -> None:
    """Show an officer a broadcast that waits for their approval.

    Raises:
        Denied: not an officer of the regency's office, one's own, or no such broadcast.
    """
    row = broadcasts.find_to_decide(tx, number)
    if row is None:
        return
    tx.say(request(tx.office, row, tx.connection))
    if not is_large(tx.connection):
        counted = count(tx.connection, tx.office, row)
        tx.say(paragraphs(gap(row, counted), numbers(tx.office, counted)))
    if row.media:
        tx.photos.append(row.media)
        tx.file_name = row.file_name
    for label, command in request_buttons(row):
        tx.offer(label, command)


def makers(database: Database, office: Office) -> dict[str, Maker]:
    """Give the makers of what is counted after the commit: for a look before it is sent, and for whether it may go."""

    async def read(row: Broadcast) -> DryRun:
        async with database.read() as connection:
            return await connection.run_sync(count, office, row)

    async def tell_numbers(argument: str) -> Then:
        row = _load(argument)
        told = _told(office, row, await read(row))
        return lambda tx: tx.say(told)

    async def decide_by_size(argument: str) -> Then:
        async with database.read() as connection:
            row = await connection.run_sync(rows.find, int(argument))
        if row is None:
            return lambda _: None
        counted = await read(row)
        return lambda tx: tx.say(settle(tx, rows.find(tx.connection, row.id) or row, counted))

    return {DRY_RUN: tell_numbers, SIZE: decide_by_size}


def _told(office: Office, row: Broadcast, counted: DryRun) -> Text:
    second = why_second(office, row, counted.people)
    return paragraphs(
        gap(row, counted),
        numbers(office, counted),
        N_("*Needs a second officer:* {why}", why=second) if second is not None else None,
    )


def _load(argument: str) -> Broadcast:
    kept = json.loads(argument)
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("start_at", "created_at") if kept[name]}
    return Broadcast(**{**kept, **moments})

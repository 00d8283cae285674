"""Drafts: conversations put aside, named by what they are about."""

from __future__ import annotations

import json

from flows.chat import Json
from flows.registry import CHECK_BROADCAST, NEW_BROADCAST, NEW_GUIDE, REQUEST, VISIT
from flows.whereabouts import Whereabouts
from handlers.turn import Tx
from storage import conversations
from storage.conversations import Draft

_TITLES = {
    NEW_GUIDE: ("Panduan baru", "Panduan enggal"),
    **dict.fromkeys((NEW_BROADCAST, CHECK_BROADCAST), ("Siaran baru", "Siaran enggal")),
}


def list_drafts(tx: Tx, most: int, *, only: str | None = None) -> list[Json]:
    """List a person's drafts as facts, the newest first: [conversation, title id, title jv]; ``only`` those of one flow."""
    found: list[Json] = []
    for draft in conversations.list_drafts(tx.connection, tx.person.contact_id):
        title = _visit_title(tx, draft) if draft.flow == VISIT else _TITLES.get(draft.flow) or _service_title(tx, draft)
        if title is not None and only in (None, draft.flow):
            found.append([draft.id, *title])
    return found[:most]


def _service_title(tx: Tx, draft: Draft) -> tuple[str, str] | None:
    service = tx.office.registry.services.get(draft.flow.removeprefix(REQUEST))
    return (service.short.id, service.short.jv) if service else None


def _visit_title(tx: Tx, draft: Draft) -> tuple[str, str]:
    """Name a begun visit by its kind and village, as far as they are known."""
    journal = json.loads(draft.journal)
    kind = tx.office.registry.visit_kinds.get(str(journal.get("kind")))
    places = tx.office.registry.places
    village = places.get(Whereabouts(places).load(journal["village"]).village).name if "village" in journal else ""
    named = (kind.short.id, kind.short.jv) if kind else ("Kunjungan", "Kunjungan")
    return f"{named[0]} {village}".strip(), f"{named[1]} {village}".strip()

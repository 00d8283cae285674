"""What people are written to about without having asked just then; each can be muted by itself, and STOP mutes them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flows.spelling import fold
from flows.text import N_, Text


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of message: its name in the database, and what people call it."""

    name: str
    label: Text
    how_to_mute: Text


REMINDERS = Topic("reminders", N_("reminders"), N_("No more reminders? Type *stop pengingat*."))
OFFERS = Topic("offers", N_("requests of villagers"), N_("No more requests? Type *stop permintaan*."))
GUIDES = Topic("guides", N_("guides"), N_("No more guides? Type *stop panduan*."))
EVENTS = Topic("events", N_("events"), N_("No more events? Type *stop acara*."))
DIGESTS = Topic("digests", N_("weekly recaps"), N_("No more weekly recaps? Type *stop rekap*."))
SYSTEM = Topic("system", N_("notices about Rewang"), N_("No more such notices? Type *stop sistem*."))
SERVICES = Topic("services", N_("news of services"), N_("No more news of services? Type *stop layanan*."))
NEWS = Topic("news", N_("news"), N_("No more news? Type *stop berita*."))
WARNINGS = Topic("warnings", N_("warnings"), N_("No more warnings? Type *stop peringatan*."))
TIPS = Topic("tips", N_("tips"), N_("No more tips? Type *stop tips*."))

# What a broadcast of each kind is muted by.
TOPIC_OF_KIND: Mapping[str, Topic] = MappingProxyType(
    {"system": SYSTEM, "service": SERVICES, "news": NEWS, "event": EVENTS, "warning": WARNINGS, "tip": TIPS}
)

# The words behind *stop* and *langganan*.
TOPIC_WORDS: Mapping[str, Topic] = MappingProxyType(
    {
        fold(word): topic
        for topic, words in (
            (REMINDERS, ("pengingat", "pangeling", "pepenget")),
            (OFFERS, ("permintaan", "panyuwunan")),
            (GUIDES, ("panduan",)),
            (EVENTS, ("acara", "workshop", "lokakarya")),
            (DIGESTS, ("rekap",)),
            (SYSTEM, ("sistem",)),
            (SERVICES, ("layanan", "ladosan")),
            (NEWS, ("berita", "kabar", "warta", "pawartos")),
            (WARNINGS, ("peringatan", "waspada")),
            (TIPS, ("tips", "tip")),
        )
        for word in words
    }
)

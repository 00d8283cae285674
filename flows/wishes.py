"""A wish: what somebody wants, as understood from a message; and the either/or question where that is not sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from flows.chat import Chat, Flow, Json, Option
from flows.content import Service
from flows.fields import Pick
from flows.outcomes import Open, Outcome, Wished
from flows.text import N_, Text
from flows.understand import Understood

_LABELS: Mapping[str, Text] = {
    "menu": N_("Main menu"),
    "help": N_("Help"),
    "request_service": N_("Services and letters"),
    "complaint": N_("Complain or report"),
    "track_status": N_("My requests"),
    "cancel": N_("Cancel"),
    "language_change": N_("Language"),
    "tips": N_("Stay safe online"),
    "quiz": N_("Quiz"),
    "subscribe": N_("Get news and tips"),
    "unsubscribe": N_("No more messages"),
    "volunteer_register": N_("Become a volunteer"),
    "volunteer_checkin": N_("Report a visit"),
    "volunteer_recap": N_("Recap of visits"),
    "talk_to_human": N_("Talk to an officer"),
    "delete_my_data": N_("Erase my data"),
}
# What one would type for it: the command words of handlers/words.py.
_TYPED: Mapping[str, str] = {
    "menu": "menu", "help": "bantuan", "request_service": "layanan", "complaint": "lapor", "track_status": "status", "cancel": "batal",
    "language_change": "bahasa", "tips": "tips", "quiz": "kuis", "subscribe": "langganan", "unsubscribe": "stop",
    "volunteer_register": "daftar relawan", "volunteer_checkin": "kunjungan", "volunteer_recap": "rekap", "talk_to_human": "petugas",
    "delete_my_data": "hapus data",
}  # fmt: skip
NEITHER = Option(
    "neither", N_("Something else"), ("lain", "lainnya", "bukan", "tidak", "sanes", "liyane", "mboten", "dudu")
)
_MOST_OFFERED = 2
_MOST_WORDS_CHARS = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants.

    ``village`` is an official code, ``service`` the id of a service or complaint; ``activity`` the kind of a visit, ``day`` ISO;
    ``among`` are the codes of the villages of one name, where it is not clear which is meant; ``words`` are the message itself where they say more than that: which recap, no more of what.
    """

    intent: str
    service: str = ""
    village: str = ""
    ticket: str = ""
    language: str = ""
    activity: str = ""
    day: str = ""
    topic: str = ""  # what somebody wants to learn about, in their words
    people: int | None = None
    words: str = ""
    among: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Give the wish as the facts of a conversation keep it."""
        kept = {**asdict(self), "among": list(self.among)}
        return {key: value for key, value in kept.items() if value not in ("", None, [])}

    @classmethod
    def from_json(cls, raw: Json) -> Wish:
        """Read a kept wish."""
        kept = raw if isinstance(raw, dict) else {}
        people = kept.get("people")
        among = kept.get("among")
        texts = {key: str(value) for key, value in kept.items() if key not in ("people", "among")}
        return cls(
            **texts,
            people=people if isinstance(people, int) else None,
            among=tuple(map(str, among)) if isinstance(among, list) else (),
        )

    @property
    def visit(self) -> dict[str, Json]:
        """Give the answers about a visit that the message gave already."""
        given = {"kind": self.activity, "village": self.village, "day": self.day, "people": self.people}
        return {key: value for key, value in given.items() if value not in ("", None)}

    @property
    def typed(self) -> str:
        """Say what command brings it about."""
        return f"/start layanan-{self.service}" if self.service else _TYPED[self.intent]

    def label(self, services: Mapping[str, Service]) -> Text:
        """Say in a button's length what is wanted."""
        service = services.get(self.service)
        return service.short if service is not None else _LABELS[self.intent]


def can_be_offered(intent: str) -> bool:
    """Tell whether an intent is something to do, and not only a word of a conversation."""
    return intent in _LABELS


def wish_of(understood: Understood, village: str = "") -> Wish:
    """Give what was understood as a wish; ``village`` is the code of a village mentioned elsewhere in the message."""
    slots = understood.slots
    return Wish(
        intent=understood.intent,
        service=str(slots.get("service", "")),
        village=understood.village_code or village,
        ticket=str(slots.get("ticket", "")),
        language=str(slots.get("lang", "")),
        activity=str(slots.get("activity", "")),
        day=str(slots.get("date_iso", "")),
        topic=str(slots.get("topic", "")),
        people=int(slots["count"]) if "count" in slots else None,
        words=understood.text[:_MOST_WORDS_CHARS] if understood.intent in ("volunteer_recap", "unsubscribe") else "",
        among=understood.village_codes if understood.intent == "volunteer_checkin" else (),
    )


def likely_wishes(understood: Understood) -> list[Wish]:
    """List the one or two likeliest things that somebody may want, for the either/or question."""
    first, village = wish_of(understood), understood.village_code
    found = [Wish(first.intent, service, village) for service in understood.services] or [first]
    found += [Wish(each.intent, each.service or "", village) for each in understood.alternatives]
    return list(dict.fromkeys(wish for wish in found if can_be_offered(wish.intent)))[:_MOST_OFFERED]


def either_flow(services: Mapping[str, Service]) -> Flow[Outcome]:
    """Make the flow that asks which of the wishes in ``facts["wishes"]`` is meant."""

    async def flow(chat: Chat) -> Outcome:
        kept = chat.facts["wishes"]
        wishes = [Wish.from_json(raw) for raw in kept] if isinstance(kept, list) else []
        options = tuple(Option(f"wish:{number}", wish.label(services)) for number, wish in enumerate(wishes))
        prompt = N_("Do I understand you right?") if len(wishes) == 1 else N_("Which of these do you mean?")
        chosen = await chat.ask("meant", prompt, Pick((*options, NEITHER)))
        if chosen == NEITHER.id:
            return Open("menu")
        return Wished(wishes[int(chosen.removeprefix("wish:"))].to_json())

    return flow

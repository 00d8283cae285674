"""How far a broadcast has come: its recipients counted by state and reason, and these figures in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from flows.text import N_, Both, Message, Text, lines, paragraphs
from handlers.office import Office
from handlers.topics import TOPIC_OF_KIND
from storage.broadcasts import Broadcast

SENT = ("sent", "delivered", "read")
WAITING = ("queued", "claimed")
MOST_REASONS = 6  # of a state, told one by one
_BEGINNING_CHARS = 80
_RATE_OVER = timedelta(minutes=1)  # two counts further apart say nothing of how fast it goes now
_MINUTE = timedelta(minutes=1)

STATES: Mapping[str, Text] = MappingProxyType(
    {
        "waiting": N_("waits for approval"),
        "declined": N_("not approved"),
        "scheduled": N_("planned"),
        "running": N_("is being sent"),
        "paused": N_("paused"),
        "done": N_("done"),
        "cancelled": N_("cancelled"),
    }
)
RECIPIENT_STATES: Mapping[str, Text] = MappingProxyType(
    {
        "queued": N_("waits"),
        "claimed": N_("is on its way"),
        "sent": N_("sent"),
        "delivered": N_("arrived"),
        "read": N_("read"),
        "failed": N_("failed"),
        "skipped": N_("left out"),
        "unknown": N_("not certain"),
    }
)
# Why somebody got nothing, in the words of an office; several codes of vendors may mean the same.
_BLOCKED = N_("have blocked the bot")
_NO_ACCOUNT = N_("the account or number is not there any more")
_WINDOW = N_("last wrote on WhatsApp over 24 hours ago, and there is no template")
_MESSAGE = N_("the message itself was refused")
_CHANNEL = N_("the channel did not answer for long")
_TEMPLATE = N_("the WhatsApp template was refused")
_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "stopped": N_("have said *stop*"),
        "muted": N_("do not want this kind of news"),
        "unreachable": N_("have blocked us, or have no account any more"),
        "window": _WINDOW,
        "cancelled": N_("not sent any more: it was cancelled"),
        "erased": N_("have had their data erased"),
        **dict.fromkeys(("blocked", "63014"), _BLOCKED),
        **dict.fromkeys(
            ("deactivated", "cannot_initiate", "chat_not_found", "forbidden", "invalid_number", "21211", "63003", "63024"),
            _NO_ACCOUNT,
        ),
        **dict.fromkeys(("opted_out", "21610"), N_("have said *stop* to WhatsApp")),
        **dict.fromkeys(("window_closed", "63016"), _WINDOW),
        **dict.fromkeys(("63049", "63032"), N_("WhatsApp holds back advertising for them")),
        **dict.fromkeys(("template_unknown", "variables_refused", "63021", "63028"), _TEMPLATE),
        **dict.fromkeys(
            ("bad_request", "bad_markup", "button_data_invalid", "too_long", "empty", "file_gone", "file_too_big", "media_missing", "too_many_files"),
            _MESSAGE,
        ),
        **dict.fromkeys(
            ("not_connected", "telegram_down", "too_fast", "credentials_refused", "token_refused", "account_not_found", "sender_not_found", "queue_full", "rate_limited"),
            _CHANNEL,
        ),
        "channel_fault": N_("a fault of Rewang: please tell whoever looks after it"),
    }
)  # fmt: skip


def reason_text(reason: str | None) -> Text:
    """Put a reason into words; a vendor's code that is not known is given as it is."""
    return _REASONS.get(reason or "") or N_("another reason ({code})", code=reason or "-")


@dataclass(frozen=True, slots=True)
class Figures:
    """The recipients by state and reason, and how many a minute were being sent to when they were counted."""

    counts: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    per_minute: int | None = None

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]], per_minute: int | None = None) -> Figures:
        """Take the rows of storage/deliveries.py count_states."""
        counts = {(str(state), None if reason is None else str(reason)): int(str(n)) for state, reason, n in rows}
        return cls(counts, per_minute)

    @classmethod
    def of(cls, broadcast: Broadcast) -> Figures:
        """Give those that were counted last."""
        kept = json.loads(broadcast.figures or '{"counts": []}')
        return cls.from_rows(kept["counts"], kept.get("per_minute"))

    def to_json(self) -> str:
        """Give them the form a broadcast keeps."""
        counts = [[state, reason, count] for (state, reason), count in sorted(self.counts.items(), key=str)]
        return json.dumps({"counts": counts, "per_minute": self.per_minute})

    def count(self, *states: str) -> int:
        """Count the recipients in some states, or all."""
        return sum(count for (state, _), count in self.counts.items() if not states or state in states)

    def reasons(self, state: str) -> Counter[str]:
        """Count the recipients in a state by reason."""
        return Counter({reason or "": count for (each, reason), count in self.counts.items() if each == state})

    @property
    def wanted(self) -> int:
        """How many are to get it: all that were not left out."""
        return self.count() - self.count("skipped")

    @property
    def tried(self) -> int:
        """How many have been sent to, with whatever end."""
        return self.count(*SENT, "failed", "unknown")

    @property
    def over_tier(self) -> int:
        """How many wait since no more people may be written to first today."""
        return self.counts.get(("queued", "over_tier"), 0)

    def since(self, earlier: Broadcast, now: datetime) -> Figures:
        """Say how fast it goes, by what was counted a moment earlier."""
        apart = now - earlier.counted_at if earlier.counted_at is not None else timedelta()
        if earlier.state != "running" or not timedelta() < apart <= _RATE_OVER:
            return self
        more = self.tried - Figures.of(earlier).tried
        return Figures(self.counts, round(more * (_MINUTE / apart)) if more > 0 else None)


def beginning(broadcast: Broadcast, most_chars: int = _BEGINNING_CHARS) -> Both:
    """Give how its text begins; a text that is missing is the other."""
    text_id, text_jv = broadcast.text_id or broadcast.text_jv or "", broadcast.text_jv or broadcast.text_id or ""
    return Both(shorten(text_id, most_chars), shorten(text_jv, most_chars))


def shorten(text: str, most_chars: int) -> str:
    """Put a text into one line of so many characters, without marks of emphasis."""
    line = " ".join(text.replace("*", "").split())
    return line if len(line) <= most_chars else line[: most_chars - 1].rstrip() + "…"


def title(broadcast: Broadcast) -> Text:
    """Name a broadcast, its kind and its state in a line."""
    return N_(
        "*Broadcast {number}* ({kind}): {state}", number=str(broadcast.id), kind=TOPIC_OF_KIND[broadcast.kind].label,
        state=STATES[broadcast.state],
    )  # fmt: skip


def tell(office: Office, broadcast: Broadcast, figures: Figures, now: datetime) -> Text:
    """Say all about how far a broadcast has come."""
    return paragraphs(
        lines(title(broadcast), N_("“{beginning}”", beginning=beginning(broadcast))),
        _when(office, broadcast, now),
        lines(*_counted(broadcast, figures)) if figures.counts else _not_begun(broadcast),
        _pace(office, broadcast, figures, now),
    )


def share(figures: Figures) -> int:
    """Say how many of a hundred of those who are to get it were sent it; all where nobody is to."""
    return 100 * figures.count(*SENT) // figures.wanted if figures.wanted else 100


def _when(office: Office, broadcast: Broadcast, now: datetime) -> Text | None:
    if broadcast.state == "paused" and broadcast.reason:
        return N_(
            "It has paused by itself since nobody could be sent it any more: {reason}. Nobody gets it twice when it goes on.",
            reason=reason_text(broadcast.reason),
        )
    if broadcast.state == "running" and not broadcast.disturbs and not office.may_broadcast(now):
        opens = office.window.opens_at(office.local(now))
        return N_("It rests outside the send window and goes on at {at}.", at=opens)
    if broadcast.ended_at is not None:
        return N_("Ended: {at}", at=broadcast.ended_at)
    if broadcast.started_at is not None:
        return N_("Begun: {at}", at=broadcast.started_at)
    return N_("Goes out: {at}", at=broadcast.start_at) if broadcast.start_at is not None else None


def _not_begun(broadcast: Broadcast) -> Text | None:
    return N_("The figures are being counted.") if broadcast.started_at is not None else None


def _counted(broadcast: Broadcast, figures: Figures) -> list[Text]:
    told: list[Text] = [
        N_("Chosen people: {count}", count=figures.count()),
        N_("*Sent: {count}*", count=figures.count(*SENT)),
    ]
    arrived, read = figures.count("delivered", "read"), figures.count("read")
    if arrived:
        told.append(N_("• of these arrived: {arrived}, read: {read} (only WhatsApp tells)", arrived=arrived, read=read))
    if waiting := figures.count(*WAITING):
        told.append(N_("Still to be sent: {count}", count=waiting))
    if figures.over_tier:
        told.append(N_("• {count} of these wait for WhatsApp's limit of new people a day", count=figures.over_tier))
    told += _by_reason(N_("Failed: {count}", count=figures.count("failed")), figures.reasons("failed"))
    told += _by_reason(N_("Left out: {count}", count=figures.count("skipped")), figures.reasons("skipped"))
    if unknown := figures.count("unknown"):
        told.append(N_("Not certain: {count} (the line broke while it was sent: it may have arrived)", count=unknown))
    if broadcast.stopped:
        told.append(N_("Wanted no more after it: {count}", count=broadcast.stopped))
    return told


def _by_reason(heading: Message, reasons: Counter[str]) -> list[Text]:
    """List the reasons of a state, the most frequent first; the same words once."""
    if not reasons:
        return []
    worded: dict[str, tuple[Text, int]] = {}
    for reason, count in reasons.items():
        text = reason_text(reason)
        key = text.msgid + str(text.arguments) if isinstance(text, Message) else str(text)
        worded[key] = (text, count + worded.get(key, (text, 0))[1])
    most = sorted(worded.values(), key=lambda pair: -pair[1])
    rest = sum(count for _, count in most[MOST_REASONS:])
    told: list[Text] = [N_("• {count}: {reason}", count=count, reason=text) for text, count in most[:MOST_REASONS]]
    return [heading, *told, *([N_("• {count}: other reasons", count=rest)] if rest else [])]


def _pace(office: Office, broadcast: Broadcast, figures: Figures, now: datetime) -> Text | None:
    if broadcast.state != "running" or figures.per_minute is None:
        return None
    waiting = figures.count(*WAITING) - figures.over_tier
    needed = timedelta(minutes=waiting / figures.per_minute)
    ends = now + needed if broadcast.disturbs else office.window.finish_at(office.local(now), needed)
    known = broadcast.is_filled and not broadcast.sweep and waiting > 0 and ends is not None
    return lines(
        N_("Speed: {count} a minute", count=figures.per_minute),
        N_("Done at about: {at}", at=ends) if known and ends is not None else None,
    )

"""What officers read of a broadcast before it is sent: what it is, whom it reaches, how it looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from flows.broadcast import KINDS
from flows.broadcast_audience import CHANNELS, LANGUAGES, Names, describe
from flows.recurrence import describe as describe_recurrence
from flows.recurrence import load_recurrence
from flows.text import N_, Both, Joined, Message, Text, lines, paragraphs
from handlers.broadcast_texts import outgoing
from handlers.dry_run import DryRun
from handlers.office import Office
from storage import events
from storage.broadcasts import Broadcast

MOST_DISTRICTS = 8  # named one by one
MISSING: Mapping[str, Message] = {
    "id": N_("⚠ There is *no Indonesian text*: {count} people who read Indonesian get the Javanese one."),
    "jv": N_("⚠ There is *no Javanese text*: {count} people who read Javanese get the Indonesian one."),
}
REASONS: Mapping[str, Text] = {
    "stopped": N_("want no messages (STOP)"),
    "muted": N_("have stopped this kind"),
    "unreachable": N_("cannot be reached: no address, or it blocks us"),
    "window": N_("WhatsApp: silent for over 24 hours, and there is no template"),
}


def request(office: Office, row: Broadcast, connection: sa.Connection) -> Text:
    """Say all of a broadcast that a second officer decides about."""
    return paragraphs(
        N_("*Broadcast {number} waits for your approval*", number=row.id),
        headline(office, row, connection),
        *(
            lines(N_("*{language}:*", language=LANGUAGES[language]), raw(text))
            for language, text in (("id", row.text_id), ("jv", row.text_jv))
            if text
        ),
    )


def request_buttons(row: Broadcast) -> tuple[tuple[Text, str], ...]:
    """Give the buttons by which a broadcast is approved or declined in exactly the form shown."""
    seen = f"{row.id} {row.digest[:16]}"
    return (N_("Approve it"), f"siaran_setuju {seen}"), (N_("Decline it"), f"siaran_tolak {seen}")


def headline(office: Office, row: Broadcast, connection: sa.Connection) -> Text:
    """Say what kind a broadcast is, to whom it goes, when, and what stands under it."""
    buttons = tuple(Both(label_id, label_jv) for label_id, label_jv, _ in json.loads(row.buttons))
    return lines(
        N_("Kind: {kind}", kind=KINDS.get(row.kind, row.kind)),
        N_("*Urgent*: it goes before all others, and at night too once it is approved.") if row.urgent else None,
        N_("When: {when}", when=_when(row)),
        N_("Buttons: {buttons}", buttons=Joined(buttons, ", ")) if buttons else None,
        N_("With a file.") if row.media else None,
        N_("It goes to:"),
        describe(
            json.loads(row.audience),
            Names(office.registry.places, office.registry.services, events.list_titles(connection)),
        ),
    )


def numbers(office: Office, counted: DryRun) -> Text:
    """Put a dry run into words: how many, by what, who is left out and why, what it costs, and when it is over."""
    districts = list(counted.by("district").items())
    names: dict[str, Text] = {place.code: place.name for place in office.registry.places.districts()}
    names[""] = N_("not known")
    rest = sum(count for _, count in districts[MOST_DISTRICTS:])
    over = sum(counted.over_tier.values())
    left_out = counted.left_out
    return paragraphs(
        lines(
            N_("*It reaches {count} people*", count=counted.people),
            *(
                (
                    N_("Channel: {counts}", counts=_counts(counted.by("channel"), CHANNELS)),
                    N_("Language: {counts}", counts=_counts(counted.by("language"), LANGUAGES)),
                    N_("Kecamatan: {counts}", counts=_counts(dict(districts[:MOST_DISTRICTS]), names)),
                )
                if counted.people
                else ()
            ),
            N_("… and {count} in other kecamatan", count=rest) if rest else None,
        ),
        lines(
            N_("*Left out: {count}*", count=sum(left_out.values())),
            *(N_("• {count}: {reason}", count=n, reason=REASONS.get(name, name)) for name, n in left_out.items()),
        )
        if left_out
        else N_("Nobody is left out."),
        lines(
            N_("Cost: {paid} paid WhatsApp messages (by template), the other {free} are free.", paid=counted.paid, free=counted.people - counted.paid),
            N_("{count} of them go over WhatsApp's limit of a day, and follow on later days.", count=over) if over else None,
            N_("At today's limits it is finished by {at}.", at=counted.finishes_at) if counted.finishes_at else N_("At today's limits it would not be finished within a year."),
        )
        if counted.people
        else None,
    )  # fmt: skip


def gap(row: Broadcast, counted: DryRun) -> Text | None:
    """Say whose language has no text, and how many they are."""
    for language, text in (("id", row.text_id), ("jv", row.text_jv)):
        if not text:
            return replace(MISSING[language], arguments={"count": counted.by("language").get(language, 0)})
    return None


def sample(office: Office, row: Broadcast, language: str) -> Text:
    """Show the message as somebody gets it who is spoken to in a language."""
    message = outgoing(office, row, language)
    buttons = " ".join(f"[{button.label}]" for button in message.buttons)
    return lines(N_("*This is how it looks ({language}):*", language=LANGUAGES[language]), raw(message.text), buttons)


def raw(text: str) -> Both:
    """Give an officer's text with its marks of emphasis: of a broadcast they are meant."""
    return Both(text, text)


def _when(row: Broadcast) -> Text:
    if row.recurrence is not None:
        return describe_recurrence(load_recurrence(row.recurrence))
    return row.start_at or N_("now")


def _counts(counts: Mapping[str, int], names: Mapping[str, Text]) -> Text:
    return Joined(
        tuple(N_("{name} {count}", name=names.get(each, each), count=number) for each, number in counts.items()), ", "
    )

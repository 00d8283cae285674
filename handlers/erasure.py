"""Use-cases of a person's own data: see it, and have it erased."""

from __future__ import annotations

from flows.onboarding import INDONESIAN, JAVANESE, NOTICE_VERSION
from flows.subscription import when_text
from flows.text import N_, Text, lines, paragraphs
from handlers import helping
from handlers.attendance import told_data
from handlers.request_views import title_of
from handlers.turn import Tx
from storage import contacts, conversations, deliveries, requests, subscriptions
from storage.erasure import count_kept, erase_contact

MOST_LISTED = 50


def tell_data(tx: Tx) -> None:
    """Say everything that is stored about the person."""
    person, office = tx.person, tx.office
    place = office.registry.places.find_code(person.village) if person.village else None
    reaches = contacts.list_reaches(tx.connection, person.contact_id)
    sent = requests.list_of_contact(tx.connection, person.contact_id, MOST_LISTED)
    drafts = conversations.list_drafts(tx.connection, person.contact_id)
    wanted = subscriptions.find(tx.connection, person.contact_id)
    agreed = contacts.find_consent(tx.connection, person.contact_id)
    rows: list[Text] = [
        N_("*Request* {code}: {title}, sent {at}", code=row.code, title=title_of(tx, row), at=row.created_at)
        for row in sent
    ]
    tx.say(
        paragraphs(
            N_("*What Rewang stores about you*"),
            lines(
                N_("*Name:* {name}", name=person.name or "-"),
                N_("*Village:* {village}", village=place.full_name if place else "-"),
                N_("*Language:* {language}", language=JAVANESE.label if person.language == "jv" else INDONESIAN.label),
                *(
                    N_("*{channel}:* {address}", channel=reach.channel.capitalize(), address=reach.address)
                    for reach in reaches
                ),
                N_("*Agreed:* {at}, text {version}", at=agreed[0], version=agreed[1]) if agreed else None,
                N_("*Stopped unasked messages:* {at}", at=person.stopped_at) if person.stopped_at else None,
                N_("*Tips:* {when}", when=when_text(wanted.period, wanted.weekday, wanted.minute)) if wanted else None,
            ),
            lines(*rows) if rows else N_("No requests."),
            _did(tx),
            lines(*kept_events) if (kept_events := told_data(tx)) else None,
            N_("Drafts: {count}", count=len(drafts)),
            N_("To see a request with everything in it, type its number. To erase all of this, type *hapus data*."),
        )
    )


def _did(tx: Tx) -> Text | None:
    """Say how much is stored of what the person did and was sent, where there is any."""
    kept = count_kept(tx.connection, tx.person.contact_id)
    sent = deliveries.count_sent_to(tx.connection, tx.person.contact_id)
    told = (
        (kept.visits, N_("*Visits reported:* {count}", count=kept.visits)),
        (kept.helped, N_("*Requests helped with:* {count}", count=kept.helped)),
        (kept.questions, N_("*Questions about guides:* {count}", count=kept.questions)),
        (kept.lessons, N_("*Lessons:* {count}", count=kept.lessons)),
        (kept.certificates, N_("*Certificates:* {count}", count=kept.certificates)),
        (kept.tips, N_("*Tips sent to you:* {count}", count=kept.tips)),
        (sent, N_("*Broadcasts sent to you:* {count}", count=sent)),
    )
    found = [text for count, text in told if count]
    return lines(*found) if found else None


def erase(tx: Tx) -> None:
    """Erase the person, keep the nameless skeleton of requests, and answer with a receipt."""
    person = tx.person
    if person.role is not None:
        tx.say(N_("You work for the office with this account; an admin must end that first."))
        return
    helping.leave(tx)
    number = f"{tx.now:%y%m%d}-{person.contact_id}"
    contacts.add_consent(tx.connection, person.contact_id, NOTICE_VERSION, person.channel, given=False, at=tx.now)
    contacts.add_audit(
        tx.connection, person.contact_id, "erase", f"contact {person.contact_id}", allowed=True, at=tx.now
    )
    tx.removed_files = erase_contact(tx.connection, person.contact_id, tx.now)
    tx.say(
        N_(
            "Everything about you has been erased, {at}. Receipt: {number}. If you write again, we begin anew.",
            at=tx.now,
            number=number,
        )
    )

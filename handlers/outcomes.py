"""Applies what a finished flow asks for, in the turn's own transaction: a table of outcomes, one small function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flows import outcomes as o
from flows.chat import FlowError, Json
from flows.onboarding import FIRST_VERSION
from flows.registry import NEW_GUIDE
from flows.text import N_, Text
from flows.wishes import Wish
from handlers import (
    broadcast_control,
    broadcast_desk,
    broadcasts,
    erasure,
    events,
    guide_desk,
    guides,
    handover,
    helping,
    invitations,
    learning,
    linking,
    recap_export,
    replacing,
    requests,
    suspicion,
    talking,
    tips,
    visit_review,
    visits,
    volunteers,
)
from handlers.talking import Ended
from handlers.turn import Tx
from handlers.views import open_view
from storage import contacts
from storage.erasure import erase_contact

MOST_FLOWS = 8  # flows that open flows within one turn
Apply = Callable[
    [Tx, Any, Ended], Ended | None
]  # the outcome's own type in the middle; gives a flow that ended at once


def settle(tx: Tx, ended: Ended | None) -> None:
    """Apply outcomes until nothing is left to do or a question waits for an answer.

    Raises:
        Denied: the person may not do what an outcome asks for.
    """
    later: Json = None
    for _ in range(MOST_FLOWS):
        if ended is None:
            offer_later(tx, later)
            return
        later = ended.facts.get(talking.LATER, later)
        ended = _APPLY[type(ended.outcome)](tx, ended.outcome, ended)
    raise FlowError(f"flows open each other in a circle; the last was {ended.flow!r}" if ended else "flows in a circle")


def begin(tx: Tx, flow: str, given: Mapping[str, Json] | None = None) -> None:
    """Leave what is open and begin a flow."""
    talking.leave(tx)
    settle(tx, talking.start(tx, flow, given))


def offer_later(tx: Tx, later: Json) -> None:
    """Offer what else somebody wished for, once the first thing is done."""
    services = tx.office.registry.services
    for wish in (Wish.from_json(raw) for raw in (later if isinstance(later, list) else [])):
        label = wish.label(services)
        tx.say(N_("You also asked about this: *{wish}*.", wish=label))
        tx.offer(label, wish.typed)


def _then(use_case: Callable[[Tx, Any], object], *offers: tuple[Text, str]) -> Apply:
    """Apply a use-case, then offer what one would do next: labels and commands."""

    def apply(tx: Tx, outcome: Any, ended: Ended) -> Ended | None:
        del ended
        use_case(tx, outcome)
        for label, command in offers:
            tx.offer(label, command)
        return None

    return apply


def _go_on(tx: Tx) -> Ended | None:
    """Go on with the question that is open on the other account, or offer the menu; whether to join is asked no more."""
    if tx.conversation is not None and tx.conversation.flow not in (*talking.OFFERS, "link"):
        return talking.answer(tx, tx.conversation, None)
    talking.drop(tx)
    tx.offer(N_("Main menu"), "menu")
    return None


def _publish(tx: Tx, published: o.GuidePublished, ended: Ended) -> Ended | None:
    """Publish a guide; where a file turned out unfit, ask for another and keep the words."""
    del ended
    if guide_desk.publish(tx, published):
        return None
    return talking.start(tx, NEW_GUIDE, {"title": published.title, "text": published.text, "link": published.link})


def _link(tx: Tx, linked: o.Linked, ended: Ended) -> Ended | None:
    del ended
    linking.link(tx, linked)
    return _go_on(tx)


def _change_event(tx: Tx, changed: o.EventChanged, ended: Ended) -> Ended | None:
    del ended
    events.change(tx, changed)
    tx.offer(N_("Back to the event"), f"event {changed.event}")
    tx.offer(N_("Events"), "acara")
    return None


def _submit(tx: Tx, sent: o.Submitted, ended: Ended) -> Ended | None:
    requests.submit(tx, sent, ended.version)
    tx.offer(N_("Main menu"), "menu")
    return None


def _decline(tx: Tx, declined: o.Declined, ended: Ended) -> Ended | None:
    del declined, ended
    tx.removed_files = erase_contact(tx.connection, tx.person.contact_id, tx.now)
    tx.say(
        N_(
            "All right. Nothing about you is kept. If you change your mind, just write again. For urgent matters please go to your village office."
        )
    )
    return None


def _choose_village(tx: Tx, chosen: o.VillageChosen) -> None:
    contacts.change_contact(tx.connection, tx.person.contact_id, village=chosen.village)
    tx.say(N_("Noted: {village}.", village=tx.office.registry.places.get(chosen.village).full_name))


def _wish(tx: Tx, wished: o.Wished) -> None:
    tx.wished = wished.wish


def choose_language(tx: Tx, language: str) -> None:
    """Speak another language from now on."""
    contacts.change_contact(tx.connection, tx.person.contact_id, language=language)
    tx.speak(language)
    tx.say(N_("All right, I speak Indonesian from now on."))
    tx.offer(N_("Main menu"), "menu")


def _onboarded(tx: Tx, outcome: o.Onboarded, ended: Ended) -> Ended | None:
    read = str(ended.facts.get("notice") or FIRST_VERSION)
    contacts.add_consent(tx.connection, tx.person.contact_id, read, tx.person.channel, given=True, at=tx.now)
    contacts.change_contact(tx.connection, tx.person.contact_id, language=outcome.language, village=outcome.village)
    tx.arrived(outcome.village, str(ended.facts.get("carried") or ""))
    tx.say(N_("Thank you, that is all I need to know."))
    return None


_MENU = (N_("Main menu"), "menu")
_VOLUNTEERS = (N_("Volunteers"), "volunteers")
_APPLY: Mapping[type, Apply] = MappingProxyType(
    {
        o.Nothing: _then(lambda tx, outcome: None, _MENU),
        o.Open: lambda tx, outcome, ended: open_view(tx, outcome),
        o.Resume: lambda tx, outcome, ended: talking.resume(tx, outcome.conversation),
        o.Onboarded: _onboarded,
        o.Declined: _decline,
        o.LanguageChosen: _then(lambda tx, outcome: choose_language(tx, outcome.language)),
        o.VillageChosen: _then(_choose_village, _MENU),
        o.Submitted: _submit,
        o.Changed: _then(requests.act),
        o.EraseMe: _then(lambda tx, outcome: erasure.erase(tx)),
        o.HandedOver: _then(lambda tx, outcome: handover.open_talk(tx, outcome.about)),
        o.Linked: _link,
        o.Wished: _then(_wish),
        o.LessonAnswered: _then(learning.answer),
        o.Subscribed: _then(tips.subscribe),
        o.SubscriptionChanged: _then(tips.change, _MENU),
        o.Checked: _then(lambda tx, outcome: suspicion.tell(tx, outcome.signs)),
        o.Applied: _then(volunteers.apply, _MENU),
        o.VolunteerChanged: _then(volunteers.change, _VOLUNTEERS),
        o.Invited: _then(invitations.invite, _VOLUNTEERS),
        o.Replaced: _then(replacing.replace, _VOLUNTEERS),
        o.VillagesChanged: _then(replacing.change_villages, _VOLUNTEERS),
        o.Visited: _then(visits.submit, _MENU),
        o.PhotosAdded: _then(visits.add_photos, _MENU),
        o.VisitsDecided: _then(visit_review.decide, (N_("Next visits"), "tinjau")),
        o.Helped: _then(helping.act),
        o.Exported: _then(recap_export.export),
        o.LessonsExported: _then(recap_export.export_lessons),
        o.EventAnnounced: _then(events.announce, (N_("Events"), "acara")),
        o.EventChanged: _change_event,
        o.BroadcastComposed: broadcast_desk.compose,
        o.BroadcastDeclined: _then(broadcasts.decline),
        o.GuidePublished: _publish,
        o.GuideWithdrawn: _then(lambda tx, outcome: guide_desk.withdraw(tx, outcome.guide)),
        o.GuideAsked: _then(guides.ask),
        o.BroadcastChanged: _then(broadcast_control.change),
        o.BroadcastExported: _then(broadcast_control.export),
        o.GuideAnswered: _then(guide_desk.answer),
    }
)

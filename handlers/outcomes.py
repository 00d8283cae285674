"""Applies what a finished flow asks for: one small function per outcome, in the turn's own transaction."""

from __future__ import annotations

from collections.abc import Mapping

from flows import outcomes as o
from flows.chat import FlowError, Json
from flows.onboarding import NOTICE_VERSION
from flows.registry import LESSON
from flows.text import N_
from flows.wishes import Wish
from handlers import erasure, handover, learning, requests, talking, visit_review, visits, volunteers
from handlers.talking import Ended
from handlers.turn import Denied, Tx
from storage import contacts
from storage import requests as rows
from storage.erasure import erase_contact
from storage.visits import Visit, find_visit

MOST_FLOWS = 8  # flows that open flows within one turn


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
        ended = _apply(tx, ended)
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


def _apply(tx: Tx, ended: Ended) -> Ended | None:
    match ended.outcome:
        case o.Nothing():
            tx.offer(N_("Main menu"), "menu")
        case o.Open() as opened:
            return _open(tx, opened)
        case o.Resume(conversation=number):
            return talking.resume(tx, number)
        case o.Onboarded() as onboarded:
            _onboarded(tx, onboarded, ended)
        case o.Declined():
            tx.removed_files = erase_contact(tx.connection, tx.person.contact_id, tx.now)
            tx.say(
                N_(
                    "All right. Nothing about you is kept. If you change your mind, just write again. For urgent matters please go to your village office."
                )
            )
        case o.LanguageChosen(language=language):
            choose_language(tx, language)
        case o.VillageChosen(village=village):
            contacts.change_contact(tx.connection, tx.person.contact_id, village=village)
            tx.say(N_("Noted: {village}.", village=tx.office.registry.places.get(village).full_name))
            tx.offer(N_("Main menu"), "menu")
        case o.Submitted() as sent:
            requests.submit(tx, sent, ended.version)
            tx.offer(N_("Main menu"), "menu")
        case o.Changed() as changed:
            requests.act(tx, changed)
        case o.EraseMe():
            erasure.erase(tx)
        case o.HandedOver(about=about):
            handover.open_talk(tx, about)
        case o.Applied() as applied:
            volunteers.apply(tx, applied)
            tx.offer(N_("Main menu"), "menu")
        case o.Visited() as visited:
            visits.submit(tx, visited)
            tx.offer(N_("Main menu"), "menu")
        case o.PhotosAdded() as added:
            visits.add_photos(tx, added)
            tx.offer(N_("Main menu"), "menu")
        case o.VisitsDecided() as ruled:
            visit_review.decide(tx, ruled)
            tx.offer(N_("Next visits"), "tinjau")
        case o.VolunteerChanged() as decided:
            volunteers.change(tx, decided)
            tx.offer(N_("Volunteers"), "volunteers")
        case o.LessonAnswered() as answered:
            learning.answer(tx, answered)
        case o.Wished(wish=wish):
            tx.wished = wish
    return None


def _open(tx: Tx, outcome: o.Open) -> Ended | None:
    """Go on with another flow, or with a view that belongs to no flow."""
    if outcome.flow == "my_request":
        request = rows.find_request(tx.connection, request_id=int(str(outcome.given["request"])))
        if request is None or not requests.is_sender(tx, request):
            raise Denied(N_("That is not one of your requests."), "status", "request")
        requests.tell_sender_view(tx, request)
        return None
    if outcome.flow == "case":
        found = rows.find_request(tx.connection, request_id=int(str(outcome.given["request"])))
        if found is None:
            raise Denied(N_("There is no such request."), "open", "request")
        return open_case(tx, found)
    if outcome.flow == "volunteer_case":
        return open_volunteer(tx, int(str(outcome.given["volunteer"])))
    if outcome.flow == "repeat":
        return repeat(tx)
    if outcome.flow == "visit_case":
        return open_visit(tx, find_visit(tx.connection, visit_id=int(str(outcome.given["visit"]))))
    if outcome.flow == "talk":
        handover.take_talk(tx, int(str(outcome.given["handover"])))
        return None
    return talking.start(tx, outcome.flow, outcome.given)


def open_case(tx: Tx, request: rows.Request) -> Ended | None:
    """Show an officer a request and ask what to do with it."""
    requests.tell_staff_view(tx, request)
    return talking.start(tx, "case", {"request": request.id, "code": request.code, "state": request.state})


def open_volunteer(tx: Tx, number: int) -> Ended | None:
    """Show an officer a volunteer and ask what to do.

    Raises:
        Denied: not for this person.
    """
    volunteer = volunteers.get_volunteer(tx, number)
    volunteers.tell_volunteer(tx, volunteer)
    facts: dict[str, Json] = {"volunteer": number, "name": volunteer.name, "state": volunteer.state}
    return talking.start(tx, "volunteer_case", facts)


def open_visit(tx: Tx, visit: Visit | None) -> Ended | None:
    """Show an officer a visit and ask what to do with it.

    Raises:
        Denied: not for this person.
    """
    seen = visit_review.get_to_review(tx, visit)
    return talking.start(tx, "visit_case", {"visit": seen.id, "version": seen.version, "code": seen.code})


def repeat(tx: Tx) -> Ended | None:
    """Ask the question again that has waited longest."""
    lesson = learning.find_repeat(tx)
    if lesson is None:
        tx.say(N_("There is nothing to repeat today."))
        tx.offer(N_("Next lesson"), "tips")
        return None
    return talking.start(tx, f"{LESSON}{lesson}", {"again": True})


def choose_language(tx: Tx, language: str) -> None:
    """Speak another language from now on."""
    contacts.change_contact(tx.connection, tx.person.contact_id, language=language)
    tx.speak(language)
    tx.say(N_("All right, I speak Indonesian from now on."))
    tx.offer(N_("Main menu"), "menu")


def _onboarded(tx: Tx, outcome: o.Onboarded, ended: Ended) -> None:
    contacts.add_consent(tx.connection, tx.person.contact_id, NOTICE_VERSION, tx.person.channel, given=True, at=tx.now)
    contacts.change_contact(tx.connection, tx.person.contact_id, language=outcome.language, village=outcome.village)
    tx.arrived(outcome.village, str(ended.facts.get("carried") or ""))
    tx.say(N_("Thank you, that is all I need to know."))

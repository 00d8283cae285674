"""Use-cases of the office for visits: what waits, and to approve or send back, one or many at once."""

from __future__ import annotations

from collections import defaultdict

from flows.chat import Json
from flows.outcomes import VisitsDecided
from flows.text import N_, Joined, paragraphs
from flows.visit_review import APPROVE, SEND_BACK
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from handlers.visits import tell, title_of
from storage import contacts, visits
from storage.visits import Visit

MOST_LISTED = 8
_AFTER = {APPROVE: "approved", SEND_BACK: "sent_back"}


def list_waiting(tx: Tx) -> tuple[list[Json], int]:
    """List the visits that wait as the facts of the officers' list: the first few, and how many there are."""
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers decide about visits."), "visits", "visits")
    rows: list[Json] = []
    for visit in visits.list_to_review(tx.connection, MOST_LISTED):
        kind = tx.office.registry.visit_kinds.get(visit.kind)
        place = tx.office.registry.places.find_code(visit.village)
        rows.append(
            [
                visit.id, visit.version, visit.code, kind.short.id if kind else visit.kind,
                kind.short.jv if kind else visit.kind, place.name if place else visit.village, visit.people, visit.flagged,
            ]
        )  # fmt: skip
    return rows, visits.count_to_review(tx.connection)


def get_to_review(tx: Tx, visit: Visit | None) -> Visit:
    """Show an officer a visit to decide about.

    Raises:
        Denied: not an officer of the regency's office, one's own visit, or no such visit.
    """
    subject = f"visit {visit.id}" if visit else "visit"
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers decide about visits."), "review", subject)
    if visit is None:
        raise Denied(N_("There is no such visit."), "review", subject)
    if visit.contact_id == tx.person.contact_id:
        raise Denied(N_("A colleague has to decide that."), "review", subject)
    tell(tx, visit)
    contacts.add_audit(tx.connection, tx.person.contact_id, "visit open", subject, allowed=True, at=tx.now)
    return visit


def decide(tx: Tx, decided: VisitsDecided) -> None:
    """Approve or send back visits, each only in the version that was seen; tells their volunteers.

    Raises:
        Denied: not an officer of the regency's office, or one's own visit.
    """
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers decide about visits."), decided.action, "visits")
    done: dict[int, list[Visit]] = defaultdict(list)
    missed = 0
    for visit_id, version in decided.visits:
        visit = visits.find_visit(tx.connection, visit_id=visit_id)
        if visit is not None and visit.contact_id == tx.person.contact_id:
            raise Denied(N_("A colleague has to decide that."), decided.action, f"visit {visit_id}")
        changed = visit is not None and visits.change_visit(
            tx.connection, visit_id, version, visits.TO_REVIEW, tx.now, state=_AFTER[decided.action]
        )
        if visit is None or not changed:
            missed += 1
            continue
        visits.add_event(
            tx.connection, visit_id, tx.person.contact_id, decided.action, version, tx.now, note=decided.reason
        )
        contacts.add_audit(
            tx.connection, tx.person.contact_id, f"visit {decided.action}", f"visit {visit_id}", allowed=True, at=tx.now
        )
        if visit.contact_id is not None:
            done[visit.contact_id].append(visit)
        else:
            done[0].append(visit)
    count = sum(map(len, done.values()))
    if count:
        tx.say(
            N_("Approved: {count} visits.", count=count)
            if decided.action == APPROVE
            else N_("Sent back with your question; the volunteer has been told.")
        )
    if missed:
        tx.say(N_("{count} visits have changed or were decided meanwhile; nothing was done with them.", count=missed))
    for contact_id, mine in done.items():
        if contact_id:
            _tell(tx, contact_id, mine, decided)


def _tell(tx: Tx, contact_id: int, mine: list[Visit], decided: VisitsDecided) -> None:
    named = Joined(tuple(Joined((f"• {visit.code}", title_of(tx, visit)), " ") for visit in mine))
    if decided.action == APPROVE:
        tx.push(contact_id, paragraphs(N_("Thank you! The office has approved your visits:"), named))
        return
    visit = mine[0]
    tx.push(
        contact_id,
        paragraphs(N_("The office has a question about your visit:"), named, decided.reason),
        ((N_("Change it"), f"amend {visit.code}"),),
    )

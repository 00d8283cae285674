"""Use-cases of villages and who looks after them: another volunteer takes over, a village comes or goes.

Somebody who applies names at most five villages. The office is not bound by that: whoever takes over gets all of them, so
that no village is left without anybody in silence.
"""

from __future__ import annotations

from flows.outcomes import Replaced, VillagesChanged
from flows.text import N_, Text, paragraphs
from handlers import offers
from handlers.turn import Tx
from handlers.volunteers import STANDS, get_volunteer, villages_of
from storage import contacts, volunteers

MAY_TAKE_OVER = ("applied", "active")
_MAY_END = ("active", "paused")


def replace(tx: Tx, replaced: Replaced) -> None:
    """Let a volunteer, or somebody who has applied and is accepted by it, take over all villages of another, who ends.

    Raises:
        Denied: not an officer of the regency's office, or deciding about oneself.
    """
    volunteers.lock(tx.connection, replaced.volunteer, replaced.successor)
    old, new = get_volunteer(tx, replaced.volunteer), get_volunteer(tx, replaced.successor)
    if old.state not in _MAY_END or new.state not in MAY_TAKE_OVER or old.contact_id == new.contact_id:
        tx.say(N_("Somebody has decided that already."))
        return
    by, now = tx.person.contact_id, tx.now
    volunteers.change_state(tx.connection, old.contact_id, _MAY_END, "ended", reason=replaced.reason, by=by, at=now)
    volunteers.change_state(tx.connection, new.contact_id, ("applied",), "active", reason=None, by=by, at=now)
    added = volunteers.add_villages(tx.connection, new.contact_id, old.villages)
    volunteers.remove_villages(tx.connection, old.contact_id, old.villages)
    offers.free_tasks(tx, old.contact_id, by)  # the successor is asked too: the villages are theirs by now
    subject = f"volunteer {old.contact_id} by {new.contact_id}"
    contacts.add_audit(tx.connection, by, "volunteer replace", subject, allowed=True, at=now)
    tx.push(
        old.contact_id,
        paragraphs(
            N_("Your work as a volunteer has ended. Thank you for all your help."),
            replaced.reason,
            N_("{name} takes over your villages.", name=new.name),
        ),
    )
    welcome = N_("Welcome: you are a volunteer now! The office will write to you here.")
    tx.push(
        new.contact_id,
        paragraphs(
            welcome if new.state == "applied" else None,
            N_("You take over from {name}: {villages}", name=old.name, villages=villages_of(tx, old.villages)),
        ),
    )
    tx.say(
        N_(
            "Done. {successor} takes over from {name} and looks after {count} villages now. Both have been told.",
            successor=new.name,
            name=old.name,
            count=len(new.villages) + len(added),
        )
    )


def change_villages(tx: Tx, changed: VillagesChanged) -> None:
    """Give a volunteer a village, or take one away; the last one stays.

    Raises:
        Denied: not an officer of the regency's office, or deciding about oneself.
    """
    volunteers.lock(tx.connection, changed.volunteer)
    volunteer = get_volunteer(tx, changed.volunteer)
    what: Text
    if volunteer.state not in STANDS:
        tx.say(N_("Somebody has decided that already."))
        return
    if changed.added is not None:
        if not volunteers.add_villages(tx.connection, volunteer.contact_id, (changed.added,)):
            tx.say(N_("{name} looks after that village already.", name=volunteer.name))
            return
        what = N_("You look after one village more: {village}", village=villages_of(tx, (changed.added,)))
    elif changed.removed in volunteer.villages and len(volunteer.villages) > 1:
        volunteers.remove_villages(tx.connection, volunteer.contact_id, (changed.removed,))
        what = N_("You no longer look after this village: {village}", village=villages_of(tx, (changed.removed,)))
    else:
        tx.say(N_("That village cannot be taken away: it is the last one, or is gone already."))
        return
    action, code = ("village add", changed.added) if changed.added is not None else ("village remove", changed.removed)
    subject = f"volunteer {volunteer.contact_id} {code}"
    contacts.add_audit(tx.connection, tx.person.contact_id, f"volunteer {action}", subject, allowed=True, at=tx.now)
    tx.push(volunteer.contact_id, what)
    tx.say(N_("Done. {name} has been told.", name=volunteer.name))

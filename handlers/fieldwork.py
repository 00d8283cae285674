"""The commands of volunteers in the field: visits, changed and begun ones, photos that follow; tasks; guides; recaps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from flows.chat import Json, Reply, Shown
from flows.codes import find_code
from flows.registry import LATE_PHOTOS, VISIT
from flows.text import N_
from flows.visit import MOST_PHOTOS
from flows.wishes import Wish
from handlers import guides, helping, recap, talking, visits
from handlers.drafts import list_drafts
from handlers.outcomes import begin, settle
from handlers.rights import may_coordinate
from handlers.turn import Tx
from handlers.views import open_task
from storage.contacts import OpenConversation
from storage.visits import Visit

_HOLDING = frozenset((VISIT, LATE_PHOTOS))  # flows in which a photo is kept whatever is asked just now


def begin_visit(tx: Tx, said: Mapping[str, Json], among: Sequence[str] = ()) -> None:
    """Let an active volunteer report a visit, with what the message said and the photos in it; tell others how to become one.

    ``among`` are the codes of the villages of the name it said, where several are called so.
    """
    photos = visits.merge_photos(None, visits.photos_in(tx.media))
    given = {**said, "photos": photos} if photos else said
    if not visits.may_report(tx):
        talking.leave(tx)
        tx.say(N_("Visits are reported by volunteers. To become one, type *daftar relawan*."))
        tx.offer(N_("Become a volunteer"), "daftar relawan")
        tx.offer(N_("Main menu"), "menu")
    elif tx.conversation is not None and _has(tx.conversation, given):
        tx.say(N_("That is what we are writing down."))
        settle(tx, talking.answer(tx, tx.conversation, None))
    else:
        begun = {**given, "among": list[Json](among)} if among else given
        begin(tx, VISIT if begun or not list_drafts(tx, 1, only=VISIT) else "visit_drafts", begun)


def is_said_again(conversation: OpenConversation, wish: Wish) -> bool:
    """Tell whether a message that begins a visit was sent once more: the visit that is being written down says the same."""
    return wish.intent == "volunteer_checkin" and len(wish.visit) > 1 and _has(conversation, wish.visit)


def is_change(wish: Wish) -> bool:
    """Tell whether a message says just one thing of a visit ("pesertanya 30 orang"): a visit of its own says more."""
    return wish.intent == "volunteer_checkin" and len(wish.visit) == 1 and "kind" not in wish.visit


def change_answer(tx: Tx, conversation: OpenConversation, said: Mapping[str, Json]) -> None:
    """Put one answer of the visit that is being reviewed right, and show it again."""
    journal = json.dumps({**json.loads(conversation.journal), **said})
    settle(tx, talking.answer(tx, replace(conversation, journal=journal), None))


def hold_photos(tx: Tx, conversation: OpenConversation, shown: Shown, reply: Reply) -> OpenConversation:
    """Keep photos that come while another question of a visit is open: on a weak line they overtake the words."""
    photos = visits.photos_in(reply.media)
    if conversation.flow not in _HOLDING or not photos or shown.key == "photos":
        return conversation
    journal = json.loads(conversation.journal)
    before = journal.get("photos") or []
    journal["photos"] = visits.merge_photos(before, photos)
    if len(journal["photos"]) < len(before) + len(photos):
        tx.say(N_("{most} photos are kept, more are not needed.", most=MOST_PHOTOS))
    else:
        tx.say(N_("The photo is kept for this visit."))
    return replace(conversation, journal=json.dumps(journal))


def take_late_photos(tx: Tx, reply: Reply) -> bool:
    """Take photos sent while nothing is asked as belonging to a visit of the last days; says whether they may."""
    photos = visits.photos_in(reply.media)
    recent = visits.list_late(tx) if photos else []
    if not recent:
        return False
    rows: list[Json] = []
    for visit in recent:
        title = visits.title_of(tx, visit)
        rows.append([visit.id, visit.code, title.id, title.jv])
    settle(tx, talking.start(tx, LATE_PHOTOS, {"visits": rows, "photos": list(photos)}))
    return True


def amend(tx: Tx, visit: Visit, said: Mapping[str, Json]) -> None:
    """Let a volunteer change a visit: its answers stand in the review, with what was said already in place."""
    begin(tx, VISIT, {**json.loads(visit.answers), **said, "amends": [visit.id, visit.version]})


def _has(conversation: OpenConversation, given: Mapping[str, Json]) -> bool:
    """Tell whether a visit is being written down that has these answers."""
    journal = json.loads(conversation.journal)
    where = journal.get("village")
    known = {**journal, "village": where["village"] if isinstance(where, dict) else where}
    return conversation.flow == VISIT and all(known.get(key) == value for key, value in given.items())


def _amend(tx: Tx, argument: str) -> None:
    visit = visits.find_own(tx, find_code(argument) or "", "amend")
    if visit is not None:
        amend(tx, visit, {})


def _draft(tx: Tx, argument: str) -> None:
    number = int(argument)
    if tx.conversation is not None and tx.conversation.id == number:
        settle(tx, talking.answer(tx, tx.conversation, None))
        return
    talking.leave(tx)
    settle(tx, talking.resume(tx, number))


def _visit(tx: Tx, argument: str) -> None:
    del argument
    begin_visit(tx, {})


def _tasks(tx: Tx, argument: str) -> None:
    """Show a volunteer their tasks, or one of them."""
    if code := find_code(argument):
        talking.leave(tx)
        settle(tx, open_task(tx, code=code))
    elif helping.find_helper(tx) is not None:
        begin(tx, "tasks")
    else:
        talking.leave(tx)
        tx.say(N_("Tasks are for active volunteers. To become one, type *daftar relawan*."))
        tx.offer(N_("Become a volunteer"), "daftar relawan")
        tx.offer(N_("Main menu"), "menu")


def _help(tx: Tx, argument: str) -> None:
    """Let a volunteer take a request that is offered to them; without its code, show them all."""
    if not argument:
        _tasks(tx, "") if helping.find_helper(tx) is not None else begin(tx, "help")
        return
    talking.leave(tx)
    request = helping.take(tx, find_code(argument) or argument)
    if request is not None:
        settle(tx, open_task(tx, request_id=request.id))


def _guides(tx: Tx, argument: str) -> None:
    """Open the library, or one guide; for the office what stands behind it, and for others the help it always was."""
    if not argument and not guides.may_read(tx):
        begin(tx, "help")
    elif not argument:
        begin(tx, "guide_desk" if may_coordinate(tx.person) else "guides")
    elif may_coordinate(tx.person):
        begin(tx, "guide_case", {"guide": int(argument)})
    else:
        talking.leave(tx)
        guides.show(tx, int(argument))


def _seen_guide(tx: Tx, argument: str) -> None:
    guides.confirm(tx, int(argument))
    if tx.conversation is not None:
        settle(tx, talking.answer(tx, tx.conversation, None))


def _ask_about_guide(tx: Tx, argument: str) -> None:
    guide = guides.find_to_ask(tx, int(argument))
    if guide is not None:
        begin(tx, "guide_ask", {"guide": guide.id, "title": guide.title})


def _own_thread(tx: Tx, argument: str) -> None:
    talking.leave(tx)
    guides.tell_own_thread(tx, int(argument))


DO: Mapping[str, Callable[[Tx, str], None]] = MappingProxyType(
    {
        "visit": _visit,
        "amend": _amend,
        "draft": _draft,
        "tasks": _tasks,
        "assist": _help,
        "guides": _guides,
        "guide_seen": _seen_guide,
        "guide_ask": _ask_about_guide,
        "guide_talk": _own_thread,
        "recap": recap.show,
    }
)

"""Plays flows for a person: starts, answers, goes back, parks and ends conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.chat import Done, Flow, FlowError, Json, Reply, Shown, Turn, Waiting, back, play
from flows.outcomes import Outcome
from flows.registry import CHECK_BROADCAST, NEW_BROADCAST, NEW_GUIDE, REQUEST, VISIT
from flows.text import N_
from handlers.facts import facts_for
from handlers.messages import to_json
from handlers.render import dump_shown, load_shown, show_question
from handlers.turn import Tx
from storage import conversations
from storage.contacts import OpenConversation

LATER = "later"  # the fact that keeps what else was wished for
OFFERS = frozenset(
    ("menu", "either", "events", "lessons_found")
)  # not questions but offers: any wish may be said instead of an answer
ONBOARDING = "onboarding"  # the flow in which the language is being chosen


@dataclass(frozen=True, slots=True)
class Ended:
    """A flow that has ended: what it knew, and the outcome that is still to be applied."""

    flow: str
    version: str
    facts: Mapping[str, Json]
    outcome: Outcome


def start(
    tx: Tx,
    flow: str,
    given: Mapping[str, Json] | None = None,
    *,
    reply: Reply | None = None,
    later: Sequence[Json] = (),
) -> Ended | None:
    """Begin a flow; what is known beforehand (``given`` answers) is prefilled and shown in the review.

    With a ``reply``, its first question is answered at once. ``later`` are the wishes to offer when the flow has ended.
    """
    found = tx.office.registry.find(flow)
    if found is None:
        raise FlowError(f"there is no flow {flow!r}")
    facts, journal = facts_for(tx, flow, given or {})
    if later:
        facts[LATER] = list(later)
    version = tx.office.registry.version(flow)
    turn = play(found, facts, journal, None, None)
    if isinstance(turn, Done):
        return _end(tx, flow, version, facts, turn)
    conversation = conversations.open_conversation(
        tx.connection, tx.person.contact_id, flow, version, json.dumps(facts), "{}", '{"key": ""}', tx.now
    )
    opened = OpenConversation(conversation, flow, version, json.dumps(facts), "{}", '{"key": ""}', 1)
    _wait(tx, opened, turn)
    if reply is not None and tx.conversation is not None:
        return answer(tx, tx.conversation, reply)
    return None


def answer(tx: Tx, conversation: OpenConversation, reply: Reply | None, shown: Shown | None = None) -> Ended | None:
    """Play the person's answer; with no answer, ask the question again. ``shown`` saves reading it twice."""
    flow = flow_of(tx, conversation)
    shown = shown or load_shown(conversation.shown)
    turn: Turn[Outcome] = play(flow, json.loads(conversation.facts), json.loads(conversation.journal), shown, reply)
    _speak_as_chosen(tx, conversation.flow, turn)
    if isinstance(turn, Done):
        conversations.remove(tx.connection, conversation.id)
        tx.conversation = None
        return _end(tx, conversation.flow, conversation.version, json.loads(conversation.facts), turn)
    _wait(tx, conversation, turn)
    return None


def go_back(tx: Tx, conversation: OpenConversation) -> bool:
    """Go one question back; False if the first question is being asked."""
    flow = flow_of(tx, conversation)
    waiting = back(
        flow, json.loads(conversation.facts), json.loads(conversation.journal), load_shown(conversation.shown)
    )
    if waiting is None:
        return False
    _speak_as_chosen(tx, conversation.flow, waiting)
    _wait(tx, conversation, waiting)
    return True


def leave(tx: Tx) -> None:
    """Put the open conversation aside: a begun request, visit, guide or broadcast becomes a draft, anything else ends."""
    conversation = tx.conversation
    if conversation is None:
        return
    facts, journal = json.loads(conversation.facts), json.loads(conversation.journal)
    given = facts.get("given", [])
    answered = [key for key in journal if key not in given]
    written = conversation.flow.startswith(REQUEST) or conversation.flow in (NEW_GUIDE, NEW_BROADCAST)
    if conversation.flow == VISIT and "amends" in facts:
        conversations.remove(tx.connection, conversation.id)
        tx.say(N_("The visit stays as it was."))
    elif (
        (written and len(answered) > 1)
        or (conversation.flow == VISIT and len(journal) > 1)
        or conversation.flow == CHECK_BROADCAST
    ):
        conversations.park(tx.connection, conversation.id, tx.now)
        tx.say(N_("What you have written so far is kept as a draft; you find it in the menu."))
    else:
        conversations.remove(tx.connection, conversation.id)
    tx.conversation = None


def drop(tx: Tx) -> None:
    """End the open conversation and forget its answers."""
    if tx.conversation is not None:
        conversations.remove(tx.connection, tx.conversation.id)
        tx.conversation = None


def resume(tx: Tx, conversation_id: int) -> Ended | None:
    """Open a draft again and ask where it stopped."""
    found = conversations.unpark(tx.connection, conversation_id, tx.person.contact_id)
    if found is None:
        tx.say(N_("That draft is not there any more."))
        return start(tx, "menu")
    return answer(tx, found, None)


def flow_of(tx: Tx, conversation: OpenConversation) -> Flow[Outcome]:
    """Find the flow a conversation began with, in the version it began with.

    Raises:
        FlowError: neither today's content nor the kept sources have it.
    """
    registry = tx.office.registry
    today = registry.find(conversation.flow)
    if today is not None and registry.version(conversation.flow) == conversation.version:
        return today
    source = conversations.find_content(tx.connection, conversation.version)
    if source is not None:
        return registry.play_older(conversation.flow, source, conversation.version)
    raise FlowError(f"no content for {conversation.flow!r} in version {conversation.version!r}")


def _wait(tx: Tx, conversation: OpenConversation, turn: Waiting) -> None:
    for text in turn.said:
        tx.say(text)
    if turn.unheard:
        tx.say(N_("The questions have changed meanwhile; please answer this one first."))
    if turn.why is not None:
        tx.say(turn.why)
        tx.unanswered = True
    tx.question, shown = show_question(turn.question, tx.voice, conversation.id, turn.undo)
    journal, stored = to_json(turn.journal), dump_shown(shown)
    conversations.advance(tx.connection, conversation.id, conversation.turn, journal, stored, tx.now)
    fresh = OpenConversation(
        conversation.id,
        conversation.flow,
        conversation.version,
        conversation.facts,
        journal,
        stored,
        conversation.turn + 1,
    )
    tx.conversation = fresh


def _end(tx: Tx, flow: str, version: str, facts: Mapping[str, Json], turn: Done[Outcome]) -> Ended:
    tx.question = None
    for text in turn.said:
        tx.say(text)
    return Ended(flow, version, facts, turn.outcome)


def _speak_as_chosen(tx: Tx, flow: str, turn: Turn[Outcome]) -> None:
    """During the first contact the language is chosen; from that answer on it is spoken."""
    if flow == ONBOARDING:
        journal = turn.journal if isinstance(turn, Waiting) else turn.answers
        language = journal.get("language")
        if isinstance(language, str) and language != tx.voice.language:
            tx.speak(language)

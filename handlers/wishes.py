"""Does what a message in free text wishes: at once where that is sure, after an either/or question where it is likely."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.chat import Json
from flows.spelling import fold
from flows.text import N_, Both
from flows.understand import Understood
from flows.wishes import Wish, can_be_offered, likely_wishes, wish_of
from handlers import commands, fieldwork, greetings, recap, school, talking
from handlers.outcomes import offer_later, settle
from handlers.topics import TOPIC_WORDS
from handlers.turn import Tx
from handlers.words import Command
from storage import contacts

_SHORT_WORDS = 6  # a message this short that cancels, stops or calls an officer does so whatever was asked
_SENTENCE_WORDS = 3  # from here on a message shows which language its writer prefers
_MOST_CLAUSES = 4
_VERY_SURE = 0.95  # before a question is left for what was meant as its answer, perhaps
_MOST_LATER = 2
_JOINTS = re.compile(
    r"[.;,!?\n]+\s*|\s(?:dan|lan|terus|trus|sekalian|sama|karo|kaliyan|juga|lalu|lajeng|lha|oh iya|oya)\s",
    re.IGNORECASE,
)
_COMMANDS = {
    "menu": "menu",
    "help": "help",
    "track_status": "status",
    "cancel": "cancel",
    "back": "back",
    "yes": "menu",
    "no": "menu",
    "greet": "menu",
    "quiz": "repeat",
    "subscribe": "subscribe",
    "unsubscribe": "stop",
    "talk_to_human": "officer",
    "delete_my_data": "erase",
    "volunteer_register": "join",
}
_ABOUT_CHAT = frozenset(_COMMANDS) - {"yes", "no", "back", "greet", "quiz"} | {"language_change"}
_DONE_FIRST = frozenset(("request_service", "complaint", "track_status", "tips", "quiz", "subscribe", "talk_to_human", "volunteer_register", "volunteer_checkin"))  # fmt: skip


def understand(tx: Tx, text: str, *, asked: bool = False) -> Understood:
    """Understand a message of the person whose turn it is."""
    today = tx.office.local(tx.now).date()
    return tx.office.registry.understanding.understand(text, today=today, language=tx.person.language, asked=asked)


def hear(tx: Tx, text: str) -> bool:
    """Do what a message wishes, or ask which of two it is; says whether anything was understood."""
    understood = understand(tx, text)
    if understood.is_sure and understood.intent == "out_of_scope":
        if "thanks" not in tx.office.registry.understanding.classes(text):
            return False
        greetings.welcome(tx)
        return True
    if understood.is_sure and understood.intent == "greet":
        tx.say(greetings.begin(tx, text))
    first, later = _in_turn(tx, text, understood)
    if first is not None:
        do(tx, first, later)
    elif not tx.said and understood.is_likely and (wishes := likely_wishes(understood)):
        kept: list[Json] = [wish.to_json() for wish in wishes]
        settle(tx, talking.start(tx, "either", {"wishes": kept}))
    else:
        return False
    _offer_javanese(tx, understood)
    return True


def do(tx: Tx, wish: Wish, later: Sequence[Wish] = ()) -> None:
    """Do one thing that is wished; what else was wished is offered when it is done."""
    if wish.intent == "volunteer_checkin":  # it may be the visit that is being written down
        fieldwork.begin_visit(tx, wish.visit, wish.among)
        offer_later(tx, [each.to_json() for each in later])
        return
    talking.leave(tx)
    if wish.intent in ("request_service", "complaint"):
        flow = f"request:{wish.service}" if wish.service else _LISTS[wish.intent]
        given: dict[str, Json] = {"village": wish.village} if wish.service and wish.village else {}
        settle(tx, talking.start(tx, flow, given, later=[each.to_json() for each in later]))
        return
    if wish.intent == "volunteer_recap":
        recap.show(tx, wish.words or "rekap", wish.village)
    elif wish.intent == "tips":
        school.teach(tx, wish.topic)
    elif wish.intent == "language_change":
        commands.run(tx, Command(_LANGUAGES.get(wish.language, "language")))
    else:
        behind = {"track_status": wish.ticket, "unsubscribe": _topic_in(wish.words)}
        commands.run(tx, Command(_COMMANDS[wish.intent], behind.get(wish.intent, "")))
    offer_later(tx, [each.to_json() for each in later])


def may_break_in(tx: Tx, text: str) -> bool:
    """Tell cheaply whether a message has words that may cancel, go back, stop or call an officer."""
    return len(text.split()) <= _SHORT_WORDS and not _LEAVING.isdisjoint(tx.office.registry.understanding.classes(text))


def break_in(tx: Tx, meant: Understood) -> bool:
    """Let a few words through that cancel, go back, stop or call an officer, whatever is asked; says whether they were that.

    What was written so far is kept as a draft: the words were understood, not typed as a command.
    """
    if not meant.is_sure or meant.intent not in _BREAKING_IN or len(meant.text.split()) > _SHORT_WORDS:
        return False
    if meant.intent == "back":
        commands.run(tx, Command("back"))
        return True
    talking.leave(tx)
    if meant.intent == "cancel":
        tx.say(N_("All right, we leave it."))
        tx.offer(N_("Main menu"), "menu")
    else:
        commands.run(tx, Command(_COMMANDS[meant.intent], _topic_in(wish_of(meant).words)))
    return True


def _topic_in(words: str) -> str:
    """Find what somebody wants no more of, where they say it."""
    return next((word for word in fold(words).split() if word in TOPIC_WORDS), "")


def is_about_chat(tx: Tx, text: str) -> bool:
    """Tell whether a message surely is about the chat itself (its menu, a status, the language, an officer), not a matter."""
    understood = understand(tx, text)
    return understood.is_sure and understood.intent in _ABOUT_CHAT


def find_very_sure(tx: Tx, text: str) -> Wish | None:
    """Find what a message wishes, where that is very sure; what says that something is done or is not so wishes nothing."""
    understood = understand(tx, text)
    if understood.confidence < _VERY_SURE or not can_be_offered(understood.intent):
        return None
    told = not _TELLING.isdisjoint(tx.office.registry.understanding.classes(text))
    return None if told else wish_of(understood)


def is_visit(tx: Tx, text: str) -> bool:
    """Tell whether a message surely reports a visit."""
    understood = understand(tx, text)
    return understood.is_sure and understood.intent == "volunteer_checkin"


def hear_instead(tx: Tx, meant: Understood) -> bool:
    """Where a message did not answer the question: do what it surely wishes instead; says whether it was done."""
    if meant.confidence < _VERY_SURE or meant.intent == "cancel" or not can_be_offered(meant.intent):
        return False
    if len(meant.text.split()) < _SENTENCE_WORDS:
        return False
    tx.said.clear()
    tx.question = None
    do(tx, wish_of(meant))
    _offer_javanese(tx, meant)
    return True


def word_of_answer(meant: Understood) -> str | None:
    """Give the plain word for an answer said in more words: "ya pak betul" is *ya*, "mboten rumiyin" is *tidak*."""
    return _PLAIN.get(meant.intent) if meant.is_sure else None


_LISTS = {"request_service": "services", "complaint": "complaints"}
_LANGUAGES = {"id": "indonesian", "jv": "javanese"}
_PLAIN = {"yes": "ya", "no": "tidak"}
_LEAVING = frozenset(
    ("cancel", "back", "stop", "unsubscribe", "do not", "officer", "talk")
)  # classes of vocabulary.yaml
_TELLING = frozenset(("already", "not", "this"))
_BREAKING_IN = frozenset(("back", "cancel", "unsubscribe", "talk_to_human"))


def _in_turn(tx: Tx, text: str, understood: Understood) -> tuple[Wish | None, list[Wish]]:
    """Find the wish to do first and those to offer after it: a message may carry several, in its clauses."""
    clauses = [clause for clause in _JOINTS.split(text) if clause and len(clause.split()) > 1]
    wishes: list[Wish] = []
    if 1 < len(clauses) <= _MOST_CLAUSES:
        found = [understand(tx, clause) for clause in clauses]
        for each in found:
            if each.is_sure and each.intent in _DONE_FIRST:
                wish = wish_of(each, understood.village_code)
                if not any((wish.intent, wish.service) == (kept.intent, kept.service) for kept in wishes):
                    wishes.append(wish)
    if len(wishes) > 1:
        return wishes[0], wishes[1 : 1 + _MOST_LATER]
    return (wish_of(understood) if understood.is_sure else None), []


def _offer_javanese(tx: Tx, understood: Understood) -> None:
    """Offer once to speak Javanese, to somebody who writes it and is answered in Indonesian."""
    if (
        understood.language != "jv"
        or tx.voice.language != "id"
        or tx.person.javanese_offered
        or len(understood.text.split()) < _SENTENCE_WORDS
    ):
        return
    contacts.change_contact(tx.connection, tx.person.contact_id, javanese_offered=True)
    told = "Kula ugi saged ngginakaken basa Jawi. Menawi kersa, ketik *basa jawa*."
    tx.say(Both(id=told, jv=told))
    tx.offer(Both(id="Basa Jawi", jv="Basa Jawi"), "basa jawa")

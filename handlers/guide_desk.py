"""Use-cases of guides at the office: publish, see how far one came, answer, take one back; rights and audit in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flows.chat import Json
from flows.outcomes import GuideAnswered, GuidePublished
from flows.text import N_, Text, lines, paragraphs
from handlers.guides import MOST_SAID, library_facts, name_file, search_text, told
from handlers.rights import may_coordinate
from handlers.topics import GUIDES
from handlers.turn import Denied, Tx
from storage import contacts, guide_threads, guides, media, volunteers
from storage.guide_threads import Question
from storage.guides import Guide

MOST_LISTED = 100
MOST_THREADS = 50
MOST_NAMED = 200


def publish(tx: Tx, published: GuidePublished) -> bool:
    """Keep a guide and write to every active volunteer; False where a file of it was not taken: then nothing is done.

    Raises:
        Denied: not an officer of the regency's office.
    """
    _check(tx, "publish", "guide")
    states = media.list_states(tx.connection, published.files)
    if any(state == "refused" for state, _ in states.values()):
        tx.say(N_("That file could not be taken, so nothing is published yet. Send another one, or type *skip*."))
        return False
    number = guides.add_guide(
        tx.connection, title=published.title, body=published.text, url=published.link, media=published.files,
        search=search_text(published.title, published.text), author_id=tx.person.contact_id, now=tx.now,
    )  # fmt: skip
    text = paragraphs(N_("*New guide: {title}*", title=published.title), published.text, published.link)
    buttons: tuple[tuple[Text, str], ...] = (
        (N_("Ask about it"), f"guide_ask {number}"),
        (N_("I have read it"), f"guide_seen {number}"),
    )
    file_name = name_file(published.title) if published.files else None
    readers = [
        (contact, tx.write_to(contact, text, buttons, published.files, file_name=file_name, topic=GUIDES))
        for contact in guides.list_recipients(tx.connection)
    ]
    guides.add_readers(tx.connection, number, readers)
    _audit(tx, "publish", number)
    missed = sum(row is None for _, row in readers)
    tx.say(
        lines(
            N_("Published. Written to {count} volunteers.", count=len(readers) - missed),
            N_("{count} do not want guides or cannot be reached; they find it in the library.", count=missed)
            if missed
            else None,
        )
    )
    tx.offer(N_("About this guide"), f"guides {number}")
    tx.offer(N_("All guides"), "guides")
    return True


def withdraw(tx: Tx, number: int) -> None:
    """Take a guide out of the library; who got it keeps the message.

    Raises:
        Denied: not an officer of the regency's office, or there is no such guide.
    """
    guide = _get_guide(tx, "withdraw", number)
    if guides.withdraw(tx.connection, guide, tx.now):
        _audit(tx, "withdraw", number)
        tx.say(N_("*{title}* is withdrawn: it has left the library, and what was not sent yet is not sent.", title=guide.title))  # fmt: skip
    else:
        tx.say(N_("Somebody has withdrawn it already."))
    tx.offer(N_("All guides"), "guides")


def get_question(tx: Tx, number: int) -> Question:
    """Find a volunteer's question for somebody who answers.

    Raises:
        Denied: not an officer of the regency's office, or there is no such question (any more).
    """
    _check(tx, "answer", f"guide question {number}")
    question = guide_threads.find_question(tx.connection, number)
    if question is None:
        raise Denied(N_("There is no such question any more."), "guide answer", f"guide question {number}")
    return question


def tell_thread(tx: Tx, number: int, volunteer: int) -> None:
    """Show an officer what a volunteer and the office wrote about a guide.

    Raises:
        Denied: not an officer of the regency's office, or there is no such guide.
    """
    guide = _get_guide(tx, "thread", number)
    tx.about = volunteer
    said = guide_threads.list_thread(tx.connection, guide.id, volunteer, MOST_SAID)
    tx.say(told(guide, said, _name_of(tx, volunteer)) if said else N_("There is no such question any more."))
    _audit(tx, "thread", number)


def answer(tx: Tx, answered: GuideAnswered) -> None:
    """Answer a volunteer's questions for the whole office and tell them; who comes second is told so.

    Raises:
        Denied: not an officer of the regency's office, or there is no such guide.
    """
    guide = _get_guide(tx, "answer", answered.guide)
    asked = guide_threads.answer(
        tx.connection, guide.id, answered.volunteer, answered.upto, tx.person.contact_id, answered.text, tx.now
    )
    tx.offer(N_("About this guide"), f"guides {guide.id}")
    if not asked:
        tx.say(N_("Somebody else has answered already; your answer was not sent."))
        return
    _audit(tx, "answer", guide.id)
    text = paragraphs(
        N_("*Answer about the guide {title}*", title=guide.title),
        *(N_("You asked: {text}", text=each) for each in asked),
        N_("*{name}:* {text}", name=tx.person.staff_name or "-", text=answered.text),
    )
    buttons: list[tuple[Text, str]] = [(N_("My questions"), f"guide_talk {guide.id}")]
    if guide.withdrawn_at is None:
        buttons.insert(0, (N_("Ask more"), f"guide_ask {guide.id}"))
    tx.push(answered.volunteer, text, buttons)
    tx.say(N_("The answer has gone to {name}.", name=_name_of(tx, answered.volunteer)))


def _desk_facts(tx: Tx, given: Mapping[str, Json]) -> dict[str, Json]:
    del given
    _check(tx, "desk", "guides")
    listed = guides.list_for_office(tx.connection, MOST_LISTED)
    return {"guides": [[each.id, each.title, each.withdrawn, each.open] for each in listed]}


def _case_facts(tx: Tx, given: Mapping[str, Json]) -> dict[str, Json]:
    guide = _get_guide(tx, "open", int(str(given["guide"])))
    threads = guide_threads.list_threads(tx.connection, guide.id, MOST_THREADS)
    return {
        "title": guide.title,
        "published": tx.voice.say(guide.published_at),
        "withdrawn": tx.voice.say(guide.withdrawn_at) if guide.withdrawn_at else None,
        "counts": {**guides.count_readers(tx.connection, guide.id)},
        "threads": [[each.contact_id, each.name or f"#{each.contact_id}", each.open] for each in threads],
        "open": sum(each.open for each in threads),
    }


def _names_facts(tx: Tx, given: Mapping[str, Json]) -> dict[str, Json]:
    guide, state = _get_guide(tx, "names", int(str(given["guide"]))), str(given["state"])
    _audit(tx, "names", guide.id)
    names = guides.list_names(tx.connection, guide.id, state, MOST_NAMED)
    count = guides.count_readers(tx.connection, guide.id).get(state, 0)
    return {"names": [*names], "count": count}


def _thread_facts(tx: Tx, given: Mapping[str, Json]) -> dict[str, Json]:
    guide, volunteer = _get_guide(tx, "thread", int(str(given["guide"]))), int(str(given["volunteer"]))
    said = guide_threads.list_thread(tx.connection, guide.id, volunteer, MOST_SAID)
    waiting = [each.id for each in said if not each.by_staff and each.answered_at is None]
    return {"name": _name_of(tx, volunteer), "upto": max(waiting, default=None)}


# What the flows of guides know when they begin.
FACTS: Mapping[str, Callable[[Tx, Mapping[str, Json]], dict[str, Json]]] = MappingProxyType(
    {
        "guides": library_facts,
        "guide_desk": _desk_facts,
        "guide_case": _case_facts,
        "guide_names": _names_facts,
        "guide_thread": _thread_facts,
    }
)


def _check(tx: Tx, action: str, subject: str) -> None:
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers look after guides."), f"guide {action}", subject)


def _get_guide(tx: Tx, action: str, number: int) -> Guide:
    _check(tx, action, f"guide {number}")
    guide = guides.find_guide(tx.connection, number)
    if guide is None:
        raise Denied(N_("There is no such guide."), f"guide {action}", f"guide {number}")
    return guide


def _audit(tx: Tx, action: str, number: int) -> None:
    contacts.add_audit(
        tx.connection, tx.person.contact_id, f"guide {action}", f"guide {number}", allowed=True, at=tx.now
    )


def _name_of(tx: Tx, contact: int) -> str:
    found = volunteers.find_volunteer(tx.connection, contact)
    return found.name if found else f"#{contact}"

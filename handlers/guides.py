"""Use-cases of guides on the volunteers' side: read them, say so, ask about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from flows.chat import Json
from flows.outcomes import GuideAsked
from flows.spelling import fold
from flows.text import N_, Joined, Text, lines, paragraphs
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, guide_threads, guides, volunteers
from storage.guide_threads import Said
from storage.guides import Guide
from storage.volunteers import Volunteer

MOST_LISTED = 100  # of the library; older ones are found by searching
MOST_FOUND = 40
MOST_SAID = 20  # of one thread, the latest
MOST_NAME_CHARS = 60
_ONLY_VOLUNTEERS = N_("Guides are for volunteers. To become one, type *daftar relawan*.")


def find_reader(tx: Tx) -> Volunteer | None:
    """Find the volunteer whose turn it is, where they read guides: active, or paused for a while."""
    found = volunteers.find_volunteer(tx.connection, tx.person.contact_id)
    return found if found is not None and found.state in ("active", "paused") else None


def may_read(tx: Tx) -> bool:
    """Tell whether somebody reads guides: volunteers and staff do."""
    return tx.person.role is not None or find_reader(tx) is not None


def get_guide(tx: Tx, number: int) -> Guide:
    """Find a guide for somebody who reads guides.

    Raises:
        Denied: neither volunteer nor staff, or there is no such guide.
    """
    if not may_read(tx):
        raise Denied(_ONLY_VOLUNTEERS, "guide", f"guide {number}")
    guide = guides.find_guide(tx.connection, number)
    if guide is None:
        raise Denied(N_("There is no such guide."), "guide", f"guide {number}")
    return guide


def show(tx: Tx, number: int) -> None:
    """Show a guide with its files; for a volunteer, note that they opened it.

    Raises:
        Denied: neither volunteer nor staff, or there is no such guide.
    """
    guide, contact = get_guide(tx, number), tx.person.contact_id
    reader = find_reader(tx)
    if guide.withdrawn_at is not None and not may_coordinate(tx.person):
        _tell_withdrawn(tx, guide)
        return
    tx.say(
        paragraphs(
            N_("*{title}*", title=guide.title), guide.body, guide.url, N_("Published: {at}", at=guide.published_at)
        )
    )
    if guide.media:
        tx.photos += guide.media
        tx.file_name = name_file(guide.title)
    if reader is not None:
        guides.note_opened(tx.connection, guide.id, contact, tx.now)
        tx.offer(N_("Ask about it"), f"guide_ask {guide.id}")
        if not guides.has_confirmed(tx.connection, guide.id, contact):
            tx.offer(N_("I have read it"), f"guide_seen {guide.id}")
        if guide_threads.list_thread(tx.connection, guide.id, contact, 1):
            tx.offer(N_("My questions"), f"guide_talk {guide.id}")
    if may_coordinate(tx.person):
        tx.offer(N_("About this guide"), f"guides {guide.id}")
    tx.offer(N_("All guides"), "guides")


def confirm(tx: Tx, number: int) -> None:
    """Note that a volunteer says that they have read a guide.

    Raises:
        Denied: not a volunteer, or there is no such guide.
    """
    _get_own_reader(tx, number)
    guides.note_confirmed(tx.connection, get_guide(tx, number).id, tx.person.contact_id, tx.now)
    tx.say(N_("Thank you for reading it! That is noted."))
    tx.offer(N_("All guides"), "guides")


def find_to_ask(tx: Tx, number: int) -> Guide | None:
    """Find the guide a volunteer would like to ask about; where it was withdrawn, say so.

    Raises:
        Denied: not a volunteer, or there is no such guide.
    """
    _get_own_reader(tx, number)
    guide = get_guide(tx, number)
    if guide.withdrawn_at is not None:
        _tell_withdrawn(tx, guide)
        return None
    return guide


def ask(tx: Tx, asked: GuideAsked) -> None:
    """Keep a volunteer's question and put it before those who answer.

    Raises:
        Denied: not a volunteer any more.
    """
    reader, guide = _get_own_reader(tx, asked.guide), find_to_ask(tx, asked.guide)
    if guide is None:
        return
    question = guide_threads.add_question(tx.connection, guide.id, reader.contact_id, asked.text, tx.now)
    tx.say(N_("Thank you, your question is with the office. The answer comes here."))
    tx.offer(N_("My questions"), f"guide_talk {guide.id}")
    tx.offer(N_("All guides"), "guides")
    notice = paragraphs(
        N_("*Question about the guide {title}*", title=guide.title),
        N_("{name}: {text}", name=reader.name, text=asked.text),
    )
    for officer in contacts.list_staff(tx.connection):
        if officer.role in ("admin", "officer") and officer.contact_id != tx.person.contact_id:
            tx.push(officer.contact_id, notice, ((N_("Answer"), f"guide_answer {question}"),))


def tell_own_thread(tx: Tx, number: int) -> None:
    """Show a volunteer what they and the office wrote about a guide.

    Raises:
        Denied: not a volunteer, or there is no such guide.
    """
    _get_own_reader(tx, number)
    guide = get_guide(tx, number)
    said = guide_threads.list_thread(tx.connection, guide.id, tx.person.contact_id, MOST_SAID)
    tx.say(told(guide, said, N_("You")) if said else N_("You have not asked anything about this guide yet."))
    if guide.withdrawn_at is None:
        tx.offer(N_("Ask more") if said else N_("Ask about it"), f"guide_ask {guide.id}")
        tx.offer(N_("Read the guide"), f"guides {guide.id}")
    tx.offer(N_("All guides"), "guides")


def told(guide: Guide, said: list[Said], asker: Text) -> Text:
    """Put a thread into words, the latest text last."""
    office = N_("The office")
    texts = (
        lines(
            N_("*{name}*, {at}:", name=(each.name or office) if each.by_staff else asker, at=each.at),
            each.text,
        )
        for each in said
    )
    return Joined((N_("*Questions about {title}*", title=guide.title), *texts), "\n\n")


def library_facts(tx: Tx, given: Mapping[str, Json]) -> dict[str, Json]:
    """Give the facts of the library: the newest guides, or those that have all of some words.

    Raises:
        Denied: neither volunteer nor staff.
    """
    if not may_read(tx):
        raise Denied(_ONLY_VOLUNTEERS, "guide", "guides")
    spellings = [spellings_of(word) for word in str(given.get("words") or "").split()]
    searched = [each for each in spellings if each]
    found = guides.list_library(tx.connection, MOST_FOUND if searched else MOST_LISTED, searched)
    return {"guides": [[number, title] for number, title in found], "count": guides.count_library(tx.connection)}


def search_text(title: str, body: str) -> str:
    """Give a guide's words in the spellings that are searched: folded, and as they are written."""
    return " ".join(f" {spelled} " for spelled in (fold(f"{title} {body}"), _plain(f"{title} {body}")))


def spellings_of(word: str) -> tuple[str, ...]:
    """Give the spellings in which a word is searched for: *foto* folded is found in *fata*, as it is in *fotonya*."""
    return tuple(dict.fromkeys(filter(None, (fold(word), _plain(word)))))


def name_file(title: str) -> str:
    """Name a guide's document by its title: letters and digits only, since it is a file name on people's phones."""
    words = re.findall(r"[a-z0-9]+", _plain(title))
    return ("".join(word.capitalize() for word in words)[:MOST_NAME_CHARS] or "Panduan") + ".pdf"


def _plain(text: str) -> str:
    """Give a text's letters and digits in lower case and without accents, a space for all else."""
    letters = (char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def _get_own_reader(tx: Tx, number: int) -> Volunteer:
    reader = find_reader(tx)
    if reader is None:
        raise Denied(_ONLY_VOLUNTEERS, "guide", f"guide {number}")
    return reader


def _tell_withdrawn(tx: Tx, guide: Guide) -> None:
    tx.say(N_("The guide *{title}* has been withdrawn by the office.", title=guide.title))
    tx.offer(N_("All guides"), "guides")

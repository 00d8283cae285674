"""The one way in: every message of every channel goes through ``receive``, which returns once it is committed."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from flows.chat import FlowError, Location, Reply, Shown
from flows.choices import choose
from flows.codes import find_invitation, is_only_code
from flows.emergency import CALL_NOW, NOT_ALONE, is_despair, is_emergency
from flows.registry import NEW_BROADCAST, VISIT
from flows.text import N_, Both, paragraphs
from flows.wishes import Wish, wish_of
from handlers import answers, checking, commands, fieldwork, greetings, handover, idle, suspicion, talking, wishes
from handlers.intake import clean, is_package, keep_body, note_media, words_of
from handlers.invitations import LINK
from handlers.loops import goes_round
from handlers.messages import Incoming, Sending
from handlers.office import Office
from handlers.outcomes import settle
from handlers.render import load_shown, read_button
from handlers.replies import take_reply
from handlers.rights import WEB
from handlers.turn import Denied, Tx
from handlers.words import ALWAYS, Command, find_command
from storage import contacts, handovers, inbound, outbox
from storage.contacts import OpenConversation
from storage.conversations import Conflict
from storage.db import Database

log = logging.getLogger("rewang.inbox")
MOST_TRIES = 3  # of a turn that met another of the same contact
SORRY = N_("Sorry, something went wrong on our side. Please begin again; if it happens again, talk to an officer.")
_LINE_WORDS = 3  # of a message that begins a visit: shorter ones are answers
_HEARD_EVERY = timedelta(minutes=1)  # the window of a channel is a day: a minute's exactness is enough

Done = tuple[list[Sending], list[str], bool]  # the rows to send, the files to remove, and whether a broadcast was begun


class Inbox:
    """Receives messages.

    ``after`` is told of each commit: the rows to send, and the files to remove; ``wake`` of one that began a broadcast.
    """

    def __init__(
        self,
        database: Database,
        office: Office,
        after: Callable[[list[Sending], list[str]], None],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._office, self._after, self._wake = database, office, after, wake

    async def receive(self, incoming: Incoming) -> None:
        """Handle one message; returns when all that follows from it is on disk.

        A failure of ours is answered with an apology and logged; a failure of the database is raised, since then
        nothing is stored and the vendor shall send the message again.
        """
        cleaned, masked = clean(incoming)
        for attempt in range(1, MOST_TRIES + 1):
            try:
                done = await self._database.write(turn, self._office, cleaned, masked=masked)
            except (Conflict, sa.exc.IntegrityError) as error:
                if attempt < MOST_TRIES:
                    continue
                done = await self._fail(cleaned, error)
            except sa.exc.DataError as error:  # a value that no column takes: the same again would fail the same way
                done = await self._fail(cleaned, error)
            except sa.exc.DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001  one of the two places for it: see ARCHITECTURE.md
                done = await self._fail(cleaned, error)
            sendings, removed, begun = done
            self._after(sendings, removed)
            if begun:
                self._wake()
            return

    async def _fail(self, incoming: Incoming, error: Exception) -> Done:
        # Not exc_info: an error's own words may be a person's.
        frames = "".join(traceback.format_tb(error.__traceback__)[-6:])
        detail = f"{error}\n" if isinstance(error, FlowError) else ""  # that one is in our words
        log.error("turn failed: %s on %s\n%s%s", type(error).__name__, incoming.channel, detail, frames)
        return await self._database.write(apologise, self._office, incoming)


def turn(connection: sa.Connection, office: Office, incoming: Incoming, *, masked: bool = False) -> Done:
    """Handle one message in one transaction."""
    contacts.lock_address(connection, incoming.channel, incoming.address)
    now = office.clock()  # after the lock: what is committed later is later
    if not inbound.is_new(connection, incoming.channel, incoming.message_id, now):
        return [], [], False
    person = contacts.find_person(connection, incoming.channel, incoming.address)
    if incoming.event in ("left", "joined"):
        if person is not None and incoming.event == "left":
            contacts.refuse_address(connection, incoming.channel, incoming.address, "blocked")
        return [], [], False
    if person is None:
        person = contacts.add_person(connection, incoming.channel, incoming.address, None, now)
    elif person.last_in_at is None or person.refused or now - person.last_in_at > _HEARD_EVERY:
        contacts.heard_from(connection, person.address_id, now)
    if person.role is not None and incoming.channel == WEB and not office.demo:
        person = replace(person, role=None, staff_name=None, staff_village=None)  # a cookie is no proof of an office
    tx = Tx(connection, office, now, person, office.voices.of(person.language), person.conversation)
    tx.media = note_media(tx, incoming)
    keep_body(tx, incoming)
    try:
        _hear(tx, incoming, masked=masked)
    except Denied as denied:
        contacts.add_audit(connection, person.contact_id, denied.action, denied.subject, allowed=False, at=now)
        tx.question = None
        tx.say(denied.why)
        tx.offer(N_("Main menu"), "menu")
    tx.flush()
    if goes_round(tx, incoming):
        outbox.mark_ended(connection, [(sending.id, "skipped", "loop") for sending in tx.sendings])
        return [], tx.removed_files, tx.begun
    return tx.sendings, tx.removed_files, tx.begun


def apologise(connection: sa.Connection, office: Office, incoming: Incoming) -> Done:
    """After a failure of ours: note the message, end the conversation that cannot go on, and say sorry."""
    contacts.lock_address(connection, incoming.channel, incoming.address)
    now = office.clock()  # after the lock: what is committed later is later
    if not inbound.is_new(connection, incoming.channel, incoming.message_id, now):
        return [], [], False
    person = contacts.find_person(connection, incoming.channel, incoming.address) or contacts.add_person(
        connection, incoming.channel, incoming.address, None, now
    )
    tx = Tx(connection, office, now, person, office.voices.of(person.language), person.conversation)
    talking.drop(tx)
    tx.say(SORRY)
    tx.offer(N_("Main menu"), "menu")
    tx.offer(N_("Talk to an officer"), "petugas")
    tx.flush()
    return tx.sendings, [], False


def _hear(tx: Tx, incoming: Incoming, *, masked: bool) -> None:
    reply = Reply(
        text=incoming.text, media=tx.media, location=Location(*incoming.location) if incoming.location else None
    )
    if masked:
        tx.say(N_("I have masked the NIK or KK number: please never send it here, and delete it from your message."))
    if is_emergency(incoming.text) and not _warns_others(tx):
        tx.say(CALL_NOW)
    if is_despair(incoming.text):
        tx.say(NOT_ALONE)
    if any(map(is_package, incoming.media)):
        suspicion.warn_of_package(tx)
    if _in_talk(tx, incoming, reply):
        return
    if not tx.person.consent and tx.person.role is None:
        _first_contact(tx, incoming, reply)
    elif incoming.event == "edited":
        tx.say(
            N_("I only read new messages, not changed ones. Please send it again; to change an answer type *kembali*.")
        )
        _ask_again(tx)
    elif not (any(map(is_package, incoming.media)) and checking.take_package(tx, reply)):
        _answer_or_idle(tx, incoming, reply)
    if tx.wished is not None:
        wishes.do(tx, Wish.from_json(dict(tx.wished)))
    if tx.carried is not None:
        _take_up(tx, tx.carried)


def _warns_others(tx: Tx) -> bool:
    """Tell whether somebody writes a broadcast: what sounds like an emergency in it is what others are warned of."""
    return tx.conversation is not None and tx.conversation.flow == NEW_BROADCAST


def _in_talk(tx: Tx, incoming: Incoming, reply: Reply) -> bool:
    """Pass a message on, where the person is in a hand-over; says whether it was."""
    if tx.person.handover_id is None and tx.person.role is None:
        return False
    command = find_command((incoming.choice or incoming.text).removeprefix("!"))
    if tx.person.handover_id is not None:
        talk = handovers.find_open(tx.connection, handover_id=tx.person.handover_id)
        if _is_about_erasure(tx, incoming, command):
            return False
        if talk is not None and command is not None and command.name == "cancel":
            handover.close_talk(tx, talk)
        elif command is not None and command.name in ("stop", "erase", "link"):
            return False  # the code of an account is for no officer's eyes
        elif talk is not None and (words_of(incoming) or reply.media):
            handover.hear_contact(tx, talk, words_of(incoming))
        return True
    talk = handovers.find_open(tx.connection, officer_id=tx.person.contact_id)
    if talk is None or command is not None or incoming.choice is not None or tx.conversation is not None:
        return False  # an officer who has opened a question in between answers that first
    handover.hear_officer(tx, talk, words_of(incoming))
    return True


def _is_about_erasure(tx: Tx, incoming: Incoming, command: Command | None) -> bool:
    """Tell whether a message in a hand-over answers the only question that can be open in one: whether to erase."""
    if tx.conversation is None:
        return False
    if command is not None and command.name == "cancel":
        return True
    if incoming.choice is not None:
        button = read_button(incoming.choice)
        return button is not None and button[0] == tx.conversation.id
    return choose(incoming.text, load_shown(tx.conversation.shown).options) is not None


def _answer_or_idle(tx: Tx, incoming: Incoming, reply: Reply) -> None:
    conversation = tx.conversation
    if incoming.choice is not None:
        _pressed(tx, incoming.choice)
        return
    if (
        incoming.reply_to is not None
        and find_command(incoming.text) is None
        and take_reply(tx, incoming.reply_to, reply)
    ):
        return
    command = find_command(incoming.text)
    shown = load_shown(conversation.shown) if conversation is not None else None
    if command is not None and (command.name in ALWAYS or shown is None or command.name not in shown.keeps):
        commands.run(tx, command)
    elif conversation is None or shown is None:
        idle.hear(tx, reply)
    else:
        _answer(tx, conversation, shown, reply)


def _answer(tx: Tx, conversation: OpenConversation, shown: Shown, reply: Reply) -> None:
    """Take a message as the answer to the open question, unless its words surely mean something else."""
    choice = choose(reply.text, shown.options) if reply.text else None
    if reply.media and (held := fieldwork.hold_photos(tx, conversation, shown, reply)) is not conversation:
        settle(tx, talking.answer(tx, held, replace(reply, choice=choice, media=()) if reply.text else None, shown))
        return
    if choice is None and conversation.flow in talking.OFFERS:
        talking.drop(tx)
        idle.hear(tx, reply)
        return
    if choice is None and answers.is_no_answer(tx, conversation, reply):
        talking.drop(tx)
        idle.hear(tx, reply)
        return
    if choice is None and is_only_code(reply.text):
        commands.show_code(tx, reply.text)
        return
    meant = None
    said = len(reply.text.split())
    if choice is None and conversation.flow == VISIT and (said >= _LINE_WORDS or (said and shown.key == "review")):
        meant = wishes.understand(tx, reply.text, asked=True)
        wish = wish_of(meant)
        if meant.is_sure and fieldwork.is_said_again(conversation, wish):
            fieldwork.begin_visit(tx, wish.visit)
            return
        if shown.key == "review" and fieldwork.is_change(wish):
            fieldwork.change_answer(tx, conversation, wish.visit)
            return
    if choice is None and reply.text and (shown.options or wishes.may_break_in(tx, reply.text)):
        meant = meant or wishes.understand(tx, reply.text, asked=True)
        if wishes.break_in(tx, meant):
            return
        word = wishes.word_of_answer(meant)
        choice = choose(word, shown.options) if word else None
    given = reply if choice is None else replace(reply, choice=choice)
    settle(tx, talking.answer(tx, conversation, given, shown))
    if tx.unanswered and reply.text and not checking.hear_instead(tx, reply):
        wishes.hear_instead(tx, meant or wishes.understand(tx, reply.text, asked=True))


def _pressed(tx: Tx, data: str) -> None:
    """Take a pressed button: a command, an option of the question shown, or one that is stale or forged."""
    if data.startswith("!"):
        command = find_command(data[1:])
        if command is not None:
            commands.run(tx, command)
            return
    conversation = tx.conversation
    button = read_button(data)
    if conversation is not None and button is not None:
        shown = load_shown(conversation.shown)
        number, key, option = button
        if number == conversation.id and key == shown.key[-12:] and any(option == each for each, _, _ in shown.options):
            settle(tx, talking.answer(tx, conversation, Reply(choice=option)))
            return
    tx.say(N_("That button belongs to an earlier question."))
    _ask_again(tx)


def _ask_again(tx: Tx) -> None:
    """Show the open question again, or the menu where none is open."""
    if tx.conversation is not None:
        settle(tx, talking.answer(tx, tx.conversation, None))
    elif tx.person.consent or tx.person.role is not None:
        settle(tx, talking.start(tx, "menu"))


def _first_contact(tx: Tx, incoming: Incoming, reply: Reply) -> None:
    """Before consent: the first contact's questions, and only the words that must always get through."""
    conversation = tx.conversation
    command = find_command(incoming.text)
    if conversation is None and (command is None or command.name != "stop"):
        _welcome(tx, incoming)
        return
    if conversation is None:
        commands.run(tx, Command("stop"))
        return
    if command is not None and command.name in ("back", "cancel", "stop", "erase", "indonesian", "javanese"):
        if command.name in ("indonesian", "javanese"):
            settle(
                tx,
                talking.answer(
                    tx,
                    conversation,
                    replace(reply, choice=choose(incoming.text, load_shown(conversation.shown).options)),
                ),
            )
        elif command.name == "back":
            if not talking.go_back(tx, conversation):
                _ask_again(tx)
        else:
            commands.run(tx, command)
        return
    if incoming.choice is not None:
        _pressed(tx, incoming.choice)
        return
    choice = choose(incoming.text, load_shown(conversation.shown).options) if incoming.text else None
    settle(tx, talking.answer(tx, conversation, replace(reply, choice=choice)))


def _welcome(tx: Tx, incoming: Incoming) -> None:
    """Greet somebody new in both languages; what they asked is carried over until they have arrived."""
    text = incoming.text.strip()
    command = find_command(text)
    link = command.argument if command is not None and command.name == "menu" else ""
    village = village_of_link(link)
    given = {"village": village} if tx.office.registry.places.find_code(village) else {}
    greeting = greetings.begin(tx, text)
    salam = tx.office.voices.of("id").say(greeting)
    matur = tx.office.voices.of("jv").say(greeting)
    hello = salam if salam == matur else f"{salam} / {matur}"
    tx.say(
        paragraphs(
            hello,
            Both(
                id="Saya *Rewang*, pembantu layanan desa Kabupaten Blitar. / Kula *Rewang*, ingkang mbiyantu layanan desa Kabupaten Blitar.",
                jv="Kula *Rewang*, ingkang mbiyantu layanan desa Kabupaten Blitar.",
            ),
        )
    )
    carried = link if link.startswith(("layanan-", LINK)) else text
    if greetings.answer(tx, text) is not None or (command is not None and command.name == "menu" and carried == text):
        carried = ""
    if carried.startswith(LINK) or find_invitation(carried):
        tx.say(
            Both(
                id="Terima kasih sudah menerima undangan relawan. Kita berkenalan dulu sebentar. / Matur nuwun sampun nampi undangan relawan. Tepangan rumiyin nggih.",
                jv="Matur nuwun sampun nampi undangan relawan. Tepangan rumiyin nggih.",
            )
        )
    elif carried:
        tx.say(
            Both(
                id="Pertanyaan Anda saya catat dulu, sebentar lagi saya bantu. / Pitakenanipun kula cathet rumiyin.",
                jv="Pitakenanipun kula cathet rumiyin.",
            )
        )
    settle(tx, talking.start(tx, "onboarding", {**given, "carried": carried}))


def village_of_link(link: str) -> str:
    """Read the village code of a link: desa-3505012002, or with dots or dashes (Telegram takes no dots in a link)."""
    digits = "".join(c for c in link.removeprefix("desa-") if c.isascii() and c.isdigit())
    return (
        f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
        if link.startswith("desa-") and len(digits) == 10
        else ""
    )


def _take_up(tx: Tx, carried: str) -> None:
    """After the first contact: do what was asked at its beginning, or show the menu."""
    tx.carried = None
    service = carried.removeprefix("layanan-")
    if service in tx.office.registry.services:
        settle(tx, talking.start(tx, f"request:{service}"))
    elif carried.startswith(LINK):
        commands.run(tx, Command("invited", carried.removeprefix(LINK)))
    elif carried:
        idle.hear(tx, Reply(text=carried))
    else:
        settle(tx, talking.start(tx, "menu"))

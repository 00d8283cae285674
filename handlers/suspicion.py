"""Use-cases of suspicious messages: what was found is told and counted, officers read the figures. What a message said is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flows.suspicion_check import names_of, tell_signs
from flows.suspicion_signs import SIGNS
from flows.text import N_, Text, lines, paragraphs
from handlers.mail import Mail
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from handlers.words import find_command
from storage import contacts, suspicions

WRITE_WARNING = "broadcast_new warning:{sign}"  # the command behind the button; it is shown where there is one
SPAN_DAYS = 7
MOST_VILLAGES = 5
_IN_DOUBT = "budaya_cek_hoaks"
_MONEY_GONE = "aman_telanjur_transfer"


def tell(tx: Tx, signs: Sequence[str]) -> None:
    """Say what was found in a message and what to do, count it, and offer the lesson that fits, and the office."""
    _count(tx, signs)
    tx.say(tell_signs(signs))
    _offer_help(tx, signs)


def warn_of_package(tx: Tx) -> None:
    """Warn of an Android package that was sent: it is neither fetched nor kept."""
    _count(tx, ("apk",))
    tx.say(
        paragraphs(
            N_(
                "*That file is an Android app (APK).* Apps sent in a chat are often made to read your SMS and empty your account. I did not open it: please do not open or install it either, and delete it."
            ),
            N_(
                "*Already installed?* Switch off mobile data and wifi, then call your bank from another phone."
            ),
        )
    )  # fmt: skip


def offer_after_package(tx: Tx) -> None:
    """Offer what one would do next after that warning."""
    _offer_help(tx, ("apk",))


def describe(tx: Tx, signs: Sequence[str]) -> str:
    """Describe a checked message for a report, by its signs: its words are not kept."""
    if not signs:
        return tx.voice.say(N_("I received a message that I do not trust."))
    return tx.voice.say(N_("I received a message that I do not trust. Signs in it: {signs}.", signs=names_of(signs)))


def show_figures(tx: Tx) -> None:
    """Show officers what people had checked in the last days, beside the days before.

    Raises:
        Denied: not somebody who decides about the programme.
    """
    if not may_coordinate(tx.person):
        raise Denied(N_("Only officers of the regency see these figures."), "suspicions", "figures")
    contacts.add_audit(tx.connection, tx.person.contact_id, "suspicions", "figures", allowed=True, at=tx.now)
    today = tx.office.local(tx.now).date()
    now, before = (_figures(tx, today - timedelta(back)) for back in (0, SPAN_DAYS))
    rows = sorted((sign for sign in SIGNS if now.get(sign) or before.get(sign)), key=lambda sign: -now.get(sign, 0))
    tx.say(
        paragraphs(
            lines(
                N_("*Suspicious messages that people had checked*"),
                N_("Last {days} days: *{count}* (the {days} days before: {before})", days=SPAN_DAYS, count=now.get(suspicions.ALL, 0), before=before.get(suspicions.ALL, 0)),
            ),
            lines(
                *(_row(SIGNS[sign].name, now.get(sign, 0), before.get(sign, 0)) for sign in rows),
                _row(N_("No sign found"), now.get(suspicions.NONE, 0), before.get(suspicions.NONE, 0)),
            ) if now or before else None,
            tell_villages(tx, today - timedelta(SPAN_DAYS - 1), today),
        )
    )  # fmt: skip
    if rows and now.get(rows[0]):
        for label, command in list_warnings(rows[0]):
            tx.offer(label, command)
    tx.offer(N_("Main menu"), "menu")


def tell_villages(mail: Mail, first: date, last: date, sign: str = suspicions.ALL) -> Text | None:
    """Name the villages with the most messages checked."""
    places = mail.office.registry.places
    found = suspicions.list_villages(mail.connection, first.isoformat(), last.isoformat(), MOST_VILLAGES, sign)
    named = [(place, count) for village, count in found if (place := places.find_code(village)) is not None]
    if not named:
        return None
    return lines(
        N_("*Where most*"),
        *(N_("• {village}: {count}", village=place.full_name, count=count) for place, count in named),
    )


def list_warnings(sign: str) -> tuple[tuple[Text, str], ...]:
    """Give the button by which an officer writes a warning about a sign, where there is such a command."""
    command = WRITE_WARNING.format(sign=sign)
    return ((N_("Write a warning"), command),) if find_command(command) is not None else ()


def _row(name: Text, count: int, before: int) -> Text:
    return N_("• {sign}: *{count}* (before: {before})", sign=name, count=count, before=before)


def _figures(tx: Tx, last: date) -> dict[str, int]:
    first = last - timedelta(SPAN_DAYS - 1)
    return suspicions.count_by_sign(tx.connection, first.isoformat(), last.isoformat())


def _count(tx: Tx, signs: Sequence[str]) -> None:
    suspicions.add(tx.connection, tx.office.local(tx.now).date().isoformat(), signs, tx.person.village or "")


def _offer_help(tx: Tx, signs: Sequence[str]) -> None:
    lesson = SIGNS[signs[0]].lesson if signs else _IN_DOUBT
    tx.offer(N_("Learn about it"), f"lesson {lesson}")
    if lesson != _MONEY_GONE:
        tx.offer(N_("Money already sent"), f"lesson {_MONEY_GONE}")
    tx.offer(N_("Pass to the office"), f"suspicion_report {'.'.join(str(SIGNS[sign].number) for sign in signs) or 0}")
    tx.offer(N_("Main menu"), "menu")

"""Asks for a recap's table or picture to be made: rights, audit, and the order that the maker reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from flows.outcomes import Exported, LessonsExported
from flows.periods import Period, read_period
from flows.recap import LEARNING
from flows.text import N_, Text
from handlers.made import ask_for
from handlers.recap_figures import scope_of
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, lesson_counts, recaps

TABLE = "recap_table"
CHART = "recap_chart"
LESSON_TABLE = "lesson_table"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, for whom it was allowed: as flows/periods.py and storage/recaps.py mean it.

    ``form`` is png, xlsx or csv.
    """

    language: str
    period: str
    form: str
    contact_id: int | None = None
    place: str = ""
    kind: str = ""

    @property
    def days(self) -> Period:
        """Give the period itself.

        Raises:
            ValueError: it is none.
        """
        period = read_period(self.period)
        if period is None:
            raise ValueError(f"{self.period!r} is no period")
        return period

    def to_ref(self) -> str:
        """Give the order the form it waits in."""
        return json.dumps({key: value for key, value in asdict(self).items() if value not in ("", None)})

    @classmethod
    def from_ref(cls, ref: str) -> Order:
        """Read an order that waited."""
        return cls(**json.loads(ref))


def export(tx: Tx, exported: Exported) -> None:
    """Send staff a table.

    Raises:
        Denied: not an officer of the regency's office, or not any more.
    """
    check_export(tx)
    order = Order(tx.voice.language, exported.period, exported.form, place=exported.place, kind=exported.kind)
    period = order.days
    scope = scope_of(tx.office, period, place=order.place, kind=order.kind)
    if tx.connection.execute(recaps.select_visits(scope).limit(1)).first() is None:
        tx.say(N_("There were no visits in this period: {period}.", period=period.name))
        tx.offer(N_("Another table"), "rekap ekspor")
        return
    tx.say(
        N_("Here is the table of visits: {period}. It names people, so please keep it within the office.", period=period.name)
    )  # fmt: skip
    _send_table(tx, TABLE, order, "visits", "rekap")


def export_lessons(tx: Tx, exported: LessonsExported) -> None:
    """Send staff a table of how lessons go, over whole months.

    Raises:
        Denied: not an officer of the regency's office, or not any more.
    """
    check_lessons_export(tx)
    asked = Order(tx.voice.language, exported.period, exported.form, place=exported.place)
    period = asked.days.in_months
    order = replace(asked, period=period.iso)
    found = lesson_counts.select_rows(scope_of(tx.office, period, place=order.place))
    if tx.connection.execute(found.order_by(None).limit(1)).first() is None:
        tx.say(N_("Nobody learned in this period: {period}.", period=period.name))
        tx.offer(N_("Another table"), f"rekap {LEARNING[0]} ekspor")
        return
    tx.say(N_("Here is the table of lessons: {period}. It has numbers only and names nobody.", period=period.name))
    _send_table(tx, LESSON_TABLE, order, "lessons", "rekap-belajar")


def _send_table(tx: Tx, maker: str, order: Order, subject: str, name: str) -> None:
    """Send a table along, and note that it was asked for."""
    audited = f"{subject} {order.period} {order.form}"
    contacts.add_audit(tx.connection, tx.person.contact_id, "recap export", audited, allowed=True, at=tx.now)
    tx.photos.append(ask_for(tx, tx.person.contact_id, maker, order.to_ref(), "document"))
    period = order.days
    named = f"{period.first}-{period.last}" if period.unit == "span" else period.iso
    tx.file_name = f"{name}-{named}.{order.form}"


def check_export(tx: Tx) -> None:
    """Let only the regency's office have tables.

    Raises:
        Denied: somebody else.
    """
    if not may_coordinate(tx.person):
        raise Denied(
            N_("Tables are for the regency's office. To see your own figures, type *rekap*."), "recap export", "visits"
        )


def check_lessons_export(tx: Tx) -> None:
    """Let only the regency's office have tables of lessons, as of visits.

    Raises:
        Denied: somebody else.
    """
    if not may_coordinate(tx.person):
        raise Denied(
            N_("Tables are for the regency's office. To see how far you are yourself, type *belajar*."),
            "recap export",
            "lessons",
        )


def send_chart(tx: Tx, about: Text, year: Period, contact_id: int | None, place: str, kind: str) -> None:
    """Send a picture of a year, month by month; the caller has checked that the person may see it."""
    order = Order(tx.voice.language, year.iso, "png", contact_id, place, kind)
    tx.photos.append(ask_for(tx, tx.person.contact_id, CHART, order.to_ref(), "photo"))
    tx.say(N_("*Visits in {year}, month by month*", year=year.name))
    tx.say(about)

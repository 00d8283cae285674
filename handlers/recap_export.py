"""Asks for a recap's table or picture to be made: rights, audit, and the order that the maker reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from flows.outcomes import Exported
from flows.periods import Period, read_period
from flows.text import N_, Text
from handlers.made import ask_for
from handlers.recap_figures import scope_of
from handlers.rights import may_coordinate
from handlers.turn import Denied, Tx
from storage import contacts, recaps

TABLE = "recap_table"
CHART = "recap_chart"


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
    subject = f"visits {period.iso} {exported.form}"
    contacts.add_audit(tx.connection, tx.person.contact_id, "recap export", subject, allowed=True, at=tx.now)
    tx.photos.append(ask_for(tx, tx.person.contact_id, TABLE, order.to_ref(), "document"))
    named = f"{period.first}-{period.last}" if period.unit == "span" else period.iso
    tx.file_name = f"rekap-{named}.{exported.form}"
    tx.say(
        N_("Here is the table of visits: {period}. It names people, so please keep it within the office.", period=period.name)
    )  # fmt: skip


def check_export(tx: Tx) -> None:
    """Let only the regency's office have tables.

    Raises:
        Denied: somebody else.
    """
    if not may_coordinate(tx.person):
        raise Denied(
            N_("Tables are for the regency's office. To see your own figures, type *rekap*."), "recap export", "visits"
        )


def send_chart(tx: Tx, about: Text, year: Period, contact_id: int | None, place: str, kind: str) -> None:
    """Send a picture of a year, month by month; the caller has checked that the person may see it."""
    order = Order(tx.voice.language, year.iso, "png", contact_id, place, kind)
    tx.photos.append(ask_for(tx, tx.person.contact_id, CHART, order.to_ref(), "photo"))
    tx.say(N_("*Visits in {year}, month by month*", year=year.name))
    tx.say(about)

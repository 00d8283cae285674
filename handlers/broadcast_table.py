"""Makes the table of a broadcast's result: a row for each recipient, without names and numbers of people.

The rights were checked when it was asked for (handlers/broadcast_control.py). The rows are streamed; a very large table is
a zipped CSV, so that neither memory nor the vendors' limits of files are filled with it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from flows.text import N_, Text
from handlers.broadcast_figures import RECIPIENT_STATES, reason_text
from handlers.made import Maker
from handlers.media import Checked
from handlers.office import Office
from handlers.recap_files import add_all
from handlers.render import Voice
from handlers.sheets import CSV_MIME, XLSX_MIME, ZIP_MIME, Cell, CsvBook, XlsxBook, ZippedCsvBook
from storage import deliveries
from storage.db import Database

TABLE = "broadcast_table"
MOST_PLAIN_ROWS = 100_000  # of a CSV that is not zipped: about 9 MB; WhatsApp takes 16
_HEADER = (
    N_("Recipient"), N_("Kecamatan"), N_("Village"), N_("Language"), N_("Channel"), N_("State"), N_("Reason"), N_("Day"),
    N_("Time"),
)  # fmt: skip
_LANGUAGES: dict[str, Text] = {"id": N_("Indonesian"), "jv": N_("Javanese")}


@dataclass(frozen=True, slots=True)
class Order:
    """Which table is to be made, in which language; ``form`` is xlsx, csv or zip."""

    broadcast_id: int
    language: str
    form: str

    def to_ref(self) -> str:
        """Give the order the form it waits in."""
        return json.dumps(asdict(self))

    @classmethod
    def from_ref(cls, ref: str) -> Order:
        """Read an order that waited."""
        return cls(**json.loads(ref))


def form_of(wanted: str, rows: int) -> str:
    """Say in which form a table of so many rows is made."""
    return wanted if rows <= MOST_PLAIN_ROWS else "zip"


def makers(database: Database, office: Office) -> dict[str, Maker]:
    """Give the maker of results by name."""
    return {TABLE: partial(make, database, office)}


async def make(database: Database, office: Office, ref: str) -> Checked:
    """Make what an order that waited asks for."""
    order = Order.from_ref(ref)
    rows = _Rows(office, office.voices.of(order.language))
    query = deliveries.select_results(order.broadcast_id)
    header = [rows.say(title) for title in _HEADER]
    if order.form == "xlsx":
        xlsx = XlsxBook()
        xlsx.begin(rows.say(N_("Recipients")), header)
        await add_all(database, query, rows.cells, xlsx)
        xlsx.begin(
            rows.say(N_("Sums")), [rows.say(title) for title in (N_("By"), N_("Name"), N_("Reason"), N_("People"))]
        )
        xlsx.add(rows.sums())
        return Checked("document", XLSX_MIME, await asyncio.to_thread(xlsx.finish), "xlsx")
    csv = ZippedCsvBook(f"siaran-{order.broadcast_id}.csv") if order.form == "zip" else CsvBook()
    csv.add([header])
    await add_all(database, query, rows.cells, csv)
    mime = ZIP_MIME if order.form == "zip" else CSV_MIME
    return Checked("document", mime, await asyncio.to_thread(csv.finish), order.form)


class _Rows:
    """Puts recipients into rows, in a language, and counts them."""

    def __init__(self, office: Office, voice: Voice) -> None:
        self._office, self._voice = office, voice
        self._by_state: Counter[tuple[str, str]] = Counter()
        self._by_district: Counter[tuple[str, str]] = Counter()
        self._words: dict[str | None, str] = {None: ""}

    def say(self, text: Text) -> str:
        """Put a text into words: a table has no mark of emphasis."""
        return self._voice.say(text).replace("*", "")

    def cells(
        self, contact: int, village: str | None, language: str, channel: str | None, state: str, reason: str | None, at: datetime
    ) -> list[Cell]:  # fmt: skip
        """Give the row of one recipient; the fields are those of select_results."""
        place = self._office.registry.places.find_code(village) if village else None
        district = place.district if place is not None else ""
        if reason not in self._words:
            self._words[reason] = self.say(reason_text(reason))
        why = self._words[reason] if state in ("failed", "skipped", "queued") else ""
        named = self.say(RECIPIENT_STATES[state])
        self._by_state[named, why] += 1
        self._by_district[district or "-", named] += 1
        local = self._office.local(at)
        return [
            contact, district, place.name if place is not None else "", self.say(_LANGUAGES.get(language, language)),
            channel or "", named, why, local.date(), f"{local:%H.%M.%S}",
        ]  # fmt: skip

    def sums(self) -> list[list[Cell]]:
        """Give how many there are by state and reason, and by kecamatan and state."""
        states: list[list[Cell]] = [
            [self.say(N_("State")), state, why, count] for (state, why), count in self._by_state.most_common()
        ]
        districts: list[list[Cell]] = [
            [self.say(N_("Kecamatan")), district, state, count] for (district, state), count in sorted(self._by_district.items())
        ]  # fmt: skip
        return [*states, *districts, [self.say(N_("All")), "", "", self._by_state.total()]]

"""Makes the files of recaps, on the reader's connection and in threads: no turn waits for them.

The rights were checked when the file was asked for; what is in it is as it is when it is made.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa

from flows.chat import Json
from flows.periods import MONTHS
from flows.text import N_, Text
from flows.visit import told
from handlers.chart import Series, draw_bars
from handlers.made import Maker
from handlers.media import Checked
from handlers.office import Office
from handlers.recap_export import CHART, TABLE, Order
from handlers.recap_figures import list_aims, scope_of, total
from handlers.recap_texts import REGENCY, indicator_name, kind_name, number, percent
from handlers.render import Voice
from handlers.sheets import CSV_MIME, XLSX_MIME, Cell, CsvBook, XlsxBook, ZippedCsvBook
from storage import recaps
from storage.db import Database
from storage.recaps import DISTRICT_CHARS, Figures, Group, Scope, VisitRow

log = logging.getLogger("rewang.recap")
ROWS_AT_ONCE = 500
STATES: Mapping[str, Text] = {
    "received": N_("received"),
    "sent_back": N_("sent back"),
    "resubmitted": N_("sent again"),
    "approved": N_("approved"),
}
_FIXED = (
    N_("Number"), N_("Day"), N_("Kind"), N_("Kecamatan"), N_("Village"), N_("Volunteer"), N_("People"), N_("Women"),
    N_("State"), N_("Version"), N_("Flagged"),
)  # fmt: skip
_COUNTS = (N_("Visits"), N_("Approved"), N_("People"), N_("Women"), N_("Requests done"))
_GROUPS: Mapping[Group, Text] = {
    "kind": N_("Kind"), "district": N_("Kecamatan"), "village": N_("Village"), "volunteer": N_("Volunteer"), "month": N_("Month"),
}  # fmt: skip
_TOLD_APART = frozenset(("village", "day", "people", "kind", "photos"))  # have columns of their own, or are no words


def makers(database: Database, office: Office) -> dict[str, Maker]:
    """Give the makers of recaps by name."""
    return {
        TABLE: partial(make_order, make_table, database, office),
        CHART: partial(make_order, make_chart, database, office),
    }


async def make_order(
    make: Callable[[Database, Office, Order], Awaitable[Checked]], database: Database, office: Office, ref: str
) -> Checked:
    """Make what an order that waited asks for."""
    return await make(database, office, Order.from_ref(ref))


async def make_chart(database: Database, office: Office, order: Order) -> Checked:
    """Draw a year's visits, month by month and by kind."""
    year = order.days
    scope = scope_of(office, year, order.contact_id, order.place, order.kind)
    async with database.read() as connection:
        rows = (await connection.execute(recaps.select_figures(scope, "month", "kind"))).all()
        names = {row[0]: row[1] for row in await connection.execute(recaps.select_names(order.contact_id))}
    voice = office.voices.of(order.language)
    counted = {(month, kind): Figures(*figures) for month, kind, *figures in rows}
    known = office.registry.visit_kinds
    kinds = [order.kind] if order.kind else list(dict.fromkeys([*known, *sorted(kind for _, kind in counted)]))
    months = [f"{year.iso}-{month:02}" for month in range(1, 13)]
    series = [
        Series(voice.say(kind_name(office, kind)), [counted.get((month, kind), Figures()).visits for month in months])
        for kind in kinds
    ]
    whole = sum(counted.values(), Figures())
    place = office.registry.places.find_code(order.place) if order.place else None
    who = [] if order.contact_id is None else [names.get(order.contact_id) or voice.say(N_("former volunteers"))]
    where = [place.full_name] if place is not None else [] if who else [REGENCY]
    notes = [
        " · ".join([*who, *where]),
        voice.say(N_("{visits} visits, {people} people", visits=number(whole.visits), people=number(whole.people))),
    ]
    title = voice.say(N_("Visits in {year}", year=year.name))
    picture = await asyncio.to_thread(
        draw_bars, title, notes, [month[:3] for month in MONTHS], series, voice.say(N_("No visits yet."))
    )
    return Checked("photo", "image/png", picture, "png")


async def make_table(database: Database, office: Office, order: Order) -> Checked:
    """Make a table of visits; as XLSX with a sheet of totals and one of the year's targets."""
    scope = scope_of(office, order.days, order.contact_id, order.place, order.kind)
    rows = _Rows(office, office.voices.of(order.language))
    if order.form == "csv":
        csv = CsvBook()
        csv.add([rows.header])
        await add_all(database, recaps.select_visits(scope), rows.visit, csv)
        return Checked("document", CSV_MIME, csv.finish(), "csv")
    xlsx = XlsxBook()
    xlsx.begin(rows.say(N_("Visits")), rows.header)
    await add_all(database, recaps.select_visits(scope), rows.visit, xlsx)
    async with database.read() as connection:
        totals = await connection.run_sync(rows.totals, scope)
        targets = await connection.run_sync(rows.targets)
    xlsx.begin(rows.say(N_("Totals")), [rows.say(title) for title in (N_("By"), N_("Name"), *_COUNTS)])
    xlsx.add(totals)
    aims = (N_("Target"), N_("Reached"), N_("Wanted"), N_("Percent"), N_("How it stands"))
    xlsx.begin(rows.say(N_("Targets")), [rows.say(title) for title in aims])
    xlsx.add(targets)
    return Checked("document", XLSX_MIME, await asyncio.to_thread(xlsx.finish), "xlsx")


async def add_all(
    database: Database,
    query: sa.Select[Any],
    to_cells: Callable[..., list[Cell]],
    book: CsvBook | ZippedCsvBook | XlsxBook,
) -> None:
    """Add all rows of a query, a few hundred at a time: neither memory nor the event loop is filled with them."""

    def add(batch: Sequence[sa.Row[Any]]) -> None:
        book.add(to_cells(*row) for row in batch)

    async with database.read() as connection:
        found = await connection.stream(query)
        try:  # not ``async with``: that leaves a server's cursor open after an error
            async for batch in found.partitions(ROWS_AT_ONCE):
                await asyncio.to_thread(add, batch)
        finally:
            await found.close()


class _Rows:
    """Puts visits and totals into rows, in a language."""

    def __init__(self, office: Office, voice: Voice) -> None:
        self._office, self._voice = office, voice
        kinds = office.registry.visit_kinds.values()
        fixed = [self.say(title) for title in _FIXED]
        labels = [self.say(question.label) for kind in kinds for question in kind.questions]
        self._answers = [label for label in dict.fromkeys([*labels, self.say(N_("Note"))]) if label not in fixed]
        self.header = [*fixed, *self._answers, self.say(N_("Other answers"))]

    def say(self, text: Text) -> str:
        """Put a text into words as people wrote it: a table has no mark of emphasis to keep safe."""
        return text if isinstance(text, str) else self._voice.say(text)

    def visit(self, *fields: Any) -> list[Cell]:
        """Give the row of one visit; its fields are those of VisitRow."""
        visit = VisitRow(*fields)
        places = self._office.registry.places
        village = places.find_code(visit.village)
        answers = self._answered(visit)
        return [
            visit.code,
            date.fromisoformat(visit.day),
            self.say(kind_name(self._office, visit.kind)),
            village.district if village else "",
            village.name if village else visit.village,
            visit.name or "",
            visit.people,
            visit.women,
            self.say(STATES.get(visit.state, visit.state)),
            visit.version,
            self.say(N_("yes")) if visit.flagged else "",
            *(answers.pop(label, "") for label in self._answers),
            "; ".join(f"{label}: {value}" for label, value in answers.items() if label not in self.header),
        ]

    def totals(self, connection: sa.Connection, scope: Scope) -> list[list[Cell]]:
        """Give the totals of all groups, one row each."""
        done = connection.execute(recaps.select_done(scope)).all() if not scope.kind else []
        names = {row[0]: row[1] for row in connection.execute(recaps.select_names())}
        requests: dict[Group, Counter[str | int | None]] = {
            "village": Counter(village for _, village, _ in done),
            "district": Counter(village[:DISTRICT_CHARS] for _, village, _ in done),
            "volunteer": Counter(contact for _, _, contact in done),
            "month": Counter(self._office.local(heard_at).strftime("%Y-%m") for heard_at, _, _ in done),
        }
        rows: list[list[Cell]] = []
        for group, title in _GROUPS.items():
            by_group = recaps.count_figures(connection, scope, group)
            of_group = requests.get(group, Counter())
            for key in sorted({*by_group, *of_group}, key=lambda key: str(self._name(group, key, names))):
                figures = by_group.get(key, Figures())
                rows.append([self.say(title), self._name(group, key, names), *_counts(figures, of_group[key])])
        whole = total(recaps.count_figures(connection, scope, "kind"))
        return [*rows, [self.say(N_("All")), "", *_counts(whole, len(done))]]

    def targets(self, connection: sa.Connection) -> list[list[Cell]]:
        """Give the programme's targets of this year as they are today."""
        today = self._office.local(self._office.clock()).date()
        return [
            [
                self.say(indicator_name(self._office, aim.indicator)), aim.done, aim.target,
                f"{percent(aim.done / aim.target if aim.target else 1)} %",
                self.say(N_("behind")) if aim.is_behind else self.say(N_("on course")),
            ]
            for aim in list_aims(connection, self._office, today)
        ]  # fmt: skip

    def _answered(self, visit: VisitRow) -> dict[str, str]:
        """Give the answers in words by label; those that no question of today asks by their key."""
        answers: dict[str, Json] = json.loads(visit.answers)
        kind = self._office.registry.visit_kinds.get(visit.kind)
        known = {question.key for question in kind.questions} | {"note"} if kind is not None else set()
        mine = {key: value for key, value in answers.items() if key not in _TOLD_APART and value is not None}
        rest = {key: str(value) for key, value in mine.items() if key not in known}
        if kind is None:
            return rest
        day = date.fromisoformat(visit.day)
        shown = told(kind, {key: mine[key] for key in mine if key in known}, self._office.registry.lessons, day)
        return {**{self.say(label): self.say(value) for label, value in shown}, **rest}

    def _name(self, group: Group, key: str | int | None, names: Mapping[int, str]) -> str:
        """Give what a group is called."""
        if group == "volunteer":
            return names.get(int(key), str(key)) if key is not None else self.say(N_("former volunteers"))
        if group == "kind":
            return self.say(kind_name(self._office, str(key)))
        place = self._office.registry.places.find_code(str(key))
        if group == "village" and place is not None:
            return f"{place.name}, {place.district}"
        return place.name if place is not None else str(key)


def _counts(figures: Figures, done: int) -> Iterator[Cell]:
    return iter((figures.visits, figures.approved, figures.people, figures.women, done))

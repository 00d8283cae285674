"""Makes the table of how lessons go, as handlers/recap_files.py makes that of visits; it names nobody."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from flows.subscription import about_text
from flows.text import N_, Text
from handlers.made import Maker
from handlers.media import Checked
from handlers.office import Office
from handlers.recap_export import LESSON_TABLE, Order
from handlers.recap_figures import scope_of
from handlers.recap_files import add_all, make_order
from handlers.recap_lesson_figures import is_doubtful, lesson_name, pillar_name, pillar_of
from handlers.recap_texts import percent
from handlers.render import Voice
from handlers.sheets import CSV_MIME, XLSX_MIME, Cell, CsvBook, XlsxBook
from storage import lesson_counts
from storage.db import Database
from storage.lesson_counts import Counts

_LESSON = (N_("Pillar"), N_("Level"), N_("Lesson"))
_COUNTS = (N_("Begun"), N_("Finished"), N_("Right"), N_("Wrong"))
_BY_MONTH = (N_("Month"), N_("Kecamatan"), N_("Village"), *_LESSON, *_COUNTS)
_SUBSCRIBERS = (N_("Kecamatan"), N_("Village"), N_("Pillar"), N_("How often"), N_("Subscribers"))
_BY_LESSON = (*_LESSON, *_COUNTS, N_("Percent right"), N_("Revise"))


def makers(database: Database, office: Office) -> dict[str, Maker]:
    """Give the maker of this table by name."""
    return {LESSON_TABLE: partial(make_order, make_lesson_table, database, office)}


async def make_lesson_table(database: Database, office: Office, order: Order) -> Checked:
    """Make a table with a row for each lesson, village and month; as XLSX with a sheet of lessons, all that are taught, and one of subscribers."""
    scope = scope_of(office, order.days, place=order.place)
    rows = _Rows(office, office.voices.of(order.language))
    if order.form == "csv":
        csv = CsvBook()
        csv.add([rows.titles(_BY_MONTH)])
        await add_all(database, lesson_counts.select_rows(scope), rows.by_month, csv)
        return Checked("document", CSV_MIME, await asyncio.to_thread(csv.finish), "csv")
    xlsx = XlsxBook()
    xlsx.begin(rows.say(N_("By village and month")), rows.titles(_BY_MONTH))
    await add_all(database, lesson_counts.select_rows(scope), rows.by_month, xlsx)
    async with database.read() as connection:
        by_lesson = await connection.run_sync(lesson_counts.count_by, scope, "lesson")
    xlsx.begin(rows.say(N_("By lesson")), rows.titles(_BY_LESSON))
    xlsx.add(
        rows.of_lesson(lesson, by_lesson.get(lesson, Counts()))
        for lesson in dict.fromkeys((*office.registry.lessons, *sorted(by_lesson)))
    )
    xlsx.begin(rows.say(N_("Subscribers")), rows.titles(_SUBSCRIBERS))
    await add_all(database, lesson_counts.select_subscribers(order.place), rows.of_subscribers, xlsx)
    return Checked("document", XLSX_MIME, await asyncio.to_thread(xlsx.finish), "xlsx")


class _Rows:
    """Puts figures into rows, in a language."""

    def __init__(self, office: Office, voice: Voice) -> None:
        self._office, self._voice = office, voice
        self._lessons: dict[str, list[Cell]] = {}
        self._villages: dict[str, list[Cell]] = {}

    def say(self, text: Text) -> str:
        """Put a text into words, data as it stands."""
        return text if isinstance(text, str) else self._voice.say(text)

    def titles(self, titles: tuple[Text, ...]) -> list[str]:
        """Give a sheet's header."""
        return [self.say(title) for title in titles]

    def by_month(self, month: str, village: str, lesson: str, *counts: Any) -> list[Cell]:
        """Give the row of a lesson in a village and month."""
        return [month, *self._village(village), *self._lesson(lesson), *counts]

    def of_lesson(self, lesson: str, counts: Counts) -> list[Cell]:
        """Give the row of a lesson, and whether its question is to be revised."""
        right = int(percent(counts.right / counts.answers)) if counts.answers else None
        is_marked = lesson in self._office.registry.lessons and is_doubtful(counts)
        return [
            *self._lesson(lesson), counts.started, counts.finished, counts.right, counts.wrong, right,
            self.say(N_("yes")) if is_marked else "",
        ]  # fmt: skip

    def of_subscribers(self, village: str, pillar: str, period: str, count: int) -> list[Cell]:
        """Give the row of those in a village who get tips about a pillar."""
        often = N_("Every day") if period == "day" else N_("Once a week")
        return [*self._village(village), self.say(about_text(pillar)), self.say(often), count]

    def _lesson(self, lesson: str) -> list[Cell]:
        if lesson not in self._lessons:
            known = self._office.registry.lessons.get(lesson)
            self._lessons[lesson] = [
                self.say(pillar_name(pillar_of(lesson))),
                known.level.capitalize() if known is not None else "",
                self.say(lesson_name(self._office.registry.lessons, lesson)),
            ]
        return self._lessons[lesson]

    def _village(self, code: str) -> list[Cell]:
        if code not in self._villages:
            place = self._office.registry.places.find_code(code) if code else None
            unknown = code or self.say(N_("not known"))
            self._villages[code] = [place.district, place.name] if place is not None else ["", unknown]
        return self._villages[code]

"""The recap of learning on request: for the regency's office; everybody else sees how far they are themselves."""

from __future__ import annotations

from flows.chat import Json
from flows.periods import Period, period_of
from flows.recap import LEARNING, Asked
from flows.text import N_, lines, paragraphs
from handlers import recap_lesson_texts
from handlers.outcomes import begin
from handlers.recap_export import check_lessons_export
from handlers.recap_places import command, find_place
from handlers.recap_texts import REGENCY
from handlers.rights import may_coordinate
from handlers.turn import Tx


def show(tx: Tx, asked: Asked, place: str = "") -> None:
    """Show how lessons go in the place and months asked for; ``place`` is the code of a place understood in the words.

    Raises:
        Denied: they ask for a table and are not of the regency's office.
    """
    if asked.wants == "table":
        check_lessons_export(tx)
    if asked.mine or not may_coordinate(tx.person):
        begin(tx, "learn")
        return
    code = find_place(tx, asked)
    if code is None:
        return
    if not code and asked.rest and asked.is_short and not place:
        tx.say(N_("I find no place of that name. For example: *rekap belajar kanigoro*, *rekap belajar 2026*."))
        tx.offer(N_("Recap of lessons"), f"rekap {LEARNING[0]}")
        return
    code = code or asked.place or place
    period = asked.period or period_of("month", tx.office.local(tx.now).date())
    if asked.wants == "table":
        given: dict[str, Json] = {"place": code}
        begin(tx, "lessons_export", given if asked.period is None else {**given, "period": period.iso})
    else:
        _tell(tx, asked, code, period)


def _tell(tx: Tx, asked: Asked, code: str, period: Period) -> None:
    months = period.in_months
    place = tx.office.registry.places.find_code(code) if code else None
    told = recap_lesson_texts.tell(tx.connection, tx.office, months, place.code if place else "")
    tx.say(
        paragraphs(
            lines(
                N_("*Recap of lessons: {period}*", period=months.name),
                place.full_name if place else REGENCY,
                N_("Lessons are counted by whole months.") if months != period else None,
            ),
            *told,
        )
    )
    where = (place.code,) if place else ()
    tx.offer(months.before.name, command(asked, *where, period=months.before.iso))
    tx.offer(N_("Table"), command(asked, *where, "ekspor", period=months.iso))
    tx.offer(N_("Recap of visits"), " ".join(("rekap", period.iso, *where)))

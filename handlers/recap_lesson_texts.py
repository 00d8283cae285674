"""How lessons go, in words: figures with the earlier months beside them, lists of at most a few lines, questions to revise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

from flows.lesson_content import PILLARS
from flows.periods import Period
from flows.text import N_, Text, lines
from handlers.office import Office
from handlers.recap_figures import all_villages, scope_of
from handlers.recap_lesson_figures import (
    LEAST_ANSWERS,
    LEAST_RIGHT,
    by_pillar,
    lesson_name,
    list_doubtful,
    pillar_name,
)
from handlers.recap_texts import MOST_LISTED, number, percent
from storage import lesson_counts
from storage.lesson_counts import Counts


def tell(connection: sa.Connection, office: Office, months: Period, place: str = "") -> list[Text | None]:
    """Give the parts of the recap of some months, in the regency, a kecamatan or a village (official code)."""
    scope = scope_of(office, months, place=place)
    by_lesson = lesson_counts.count_by(connection, scope, "lesson")
    by_village = lesson_counts.count_by(connection, scope, "village")
    certificates = lesson_counts.count_certificates(connection, scope)
    earlier = scope_of(office, months.before, place=place)
    return [
        lines(
            *_totals(
                (sum(by_lesson.values(), Counts()), sum(certificates.values())),
                months.before,
                (
                    lesson_counts.count_all(connection, earlier),
                    sum(lesson_counts.count_certificates(connection, earlier).values()),
                ),
            ),
            *_pillars(by_pillar(by_lesson), certificates),
            *_reach(office, by_village, place),
            *subscribers(lesson_counts.count_subscribers(connection, place)),
        ),
        _most_finished(office, by_lesson),
        _most_active(office, by_village, place),
        _to_revise(office, by_lesson),
    ]


def subscribers(counted: Mapping[tuple[str, str], int]) -> list[Text]:
    """Say to how many people tips come by themselves, and to how many about one pillar only."""
    day, week = (sum(count for (_, period), count in counted.items() if period == each) for each in ("day", "week"))
    if not day + week:
        return []
    pillars = Counter[str]()
    for (pillar, _), count in counted.items():
        pillars[pillar] += count
    only = [
        N_("only about {pillar}: {count}", pillar=pillar_name(pillar), count=number(pillars[pillar]))
        for pillar in PILLARS
        if pillars[pillar]
    ]
    return [N_("Subscribers: {day} for every day, {week} for every week", day=number(day), week=number(week)), *only]


def _totals(now: tuple[Counts, int], before: Period, was: tuple[Counts, int]) -> list[Text]:
    counts, earlier = now[0], was[0]
    rows: tuple[tuple[Text, int, int], ...] = (
        (N_("Lessons begun"), counts.started, earlier.started),
        (N_("Lessons finished"), counts.finished, earlier.finished),
        (N_("Certificates"), now[1], was[1]),
    )
    told: list[Text] = [
        N_(
            "{label}: *{value}* ({period}: {earlier})",
            label=label, value=number(value), period=before.name, earlier=number(then),
        )
        for label, value, then in rows
    ]  # fmt: skip
    if counts.answers and earlier.answers:
        told.append(
            N_(
                "Right answers: *{share} %* of {answers} ({period}: {earlier} %)",
                share=_share(counts), answers=number(counts.answers), period=before.name, earlier=_share(earlier),
            )
        )  # fmt: skip
    elif counts.answers:
        told.append(N_("Right answers: *{share} %* of {answers}", share=_share(counts), answers=number(counts.answers)))
    return told


def _pillars(counted: Mapping[str, Counts], certificates: Mapping[str, int]) -> list[Text]:
    told: list[Text] = []
    for pillar in dict.fromkeys((*PILLARS, *sorted(counted))):
        counts, given = counted.get(pillar, Counts()), certificates.get(pillar, 0)
        values: dict[str, Text] = {
            "pillar": pillar_name(pillar), "started": number(counts.started), "finished": number(counts.finished),
            "certificates": number(given),
        }  # fmt: skip
        if given:
            told.append(N_("• {pillar}: {started} begun, {finished} finished, {certificates} certificates", **values))
        elif counts != Counts():
            told.append(N_("• {pillar}: {started} begun, {finished} finished", **values))
    return told


def _reach(office: Office, by_village: Mapping[str, Counts], place: str) -> list[Text]:
    """Say in how many villages somebody learned, and what came from no known one: so the figures add up."""
    official = set(all_villages(office, place))
    if len(official) < 2:
        return []
    told: list[Text] = [
        N_(
            "Villages where somebody learned: {count} of {all}",
            count=len(by_village.keys() & official), all=len(official),
        )
    ]  # fmt: skip
    unknown = sum((counts for code, counts in by_village.items() if code not in official), Counts())
    if unknown != Counts():
        told.append(
            N_(
                "From no known village: {started} begun, {finished} finished",
                started=number(unknown.started), finished=number(unknown.finished),
            )
        )  # fmt: skip
    return told


def _most_finished(office: Office, by_lesson: Mapping[str, Counts]) -> Text | None:
    ranked = sorted(by_lesson.items(), key=lambda pair: (-pair[1].finished, -pair[1].started, pair[0]))
    done = [(lesson, counts) for lesson, counts in ranked[:MOST_LISTED] if counts.finished]
    if not done:
        return None
    return lines(
        N_("*Lessons finished most*"),
        *(
            N_(
                "{rank}. {lesson}: {finished} finished",
                rank=rank, lesson=lesson_name(office.registry.lessons, lesson), finished=number(counts.finished),
            )
            for rank, (lesson, counts) in enumerate(done, start=1)
        ),
    )  # fmt: skip


def _most_active(office: Office, by_village: Mapping[str, Counts], place: str) -> Text | None:
    places = office.registry.places
    ranked = sorted(by_village.items(), key=lambda pair: (-pair[1].finished, -pair[1].started, pair[0]))
    active = [
        (village, counts)
        for code, counts in ranked
        if (counts.finished or counts.started) and (village := places.find_code(code)) is not None
    ]
    if not active or active[0][0].code == place:
        return None
    return lines(
        N_("*Villages most active*"),
        *(
            N_(
                "{rank}. {village}: {started} begun, {finished} finished",
                rank=rank, village=village.full_name, started=number(counts.started), finished=number(counts.finished),
            )
            for rank, (village, counts) in enumerate(active[:MOST_LISTED], start=1)
        ),
    )  # fmt: skip


def _to_revise(office: Office, by_lesson: Mapping[str, Counts]) -> Text | None:
    """List the questions that too few answer right; None where nothing was answered."""
    if not any(counts.answers for counts in by_lesson.values()):
        return None
    lessons = office.registry.lessons
    if all(counts.answers < LEAST_ANSWERS for counts in by_lesson.values()):
        return N_("There are too few answers yet to judge a question: it takes {answers}.", answers=LEAST_ANSWERS)
    doubtful = list_doubtful(by_lesson, lessons)
    if not doubtful:
        return N_("No question needs to be revised.")
    left = len(doubtful) - MOST_LISTED
    return lines(
        N_(
            "*Questions to revise* (below {share} % right, of {answers} answers or more)",
            share=LEAST_RIGHT, answers=LEAST_ANSWERS,
        ),
        *(
            N_(
                "• {lesson}: {right} of {answers} right",
                lesson=lesson_name(lessons, each.lesson), right=number(each.counts.right), answers=number(each.counts.answers),
            )
            for each in doubtful[:MOST_LISTED]
        ),
        N_("… and {count} more: see the table", count=left) if left > 0 else None,
    )  # fmt: skip


def _share(counts: Counts) -> str:
    return percent(counts.right / counts.answers)

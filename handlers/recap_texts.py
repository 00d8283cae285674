"""A recap in words: rows of labels and figures, the earlier period beside them, and lists of at most a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from flows.periods import Period, name_day
from flows.text import N_, Joined, Text, lines
from handlers.office import Office
from handlers.recap_figures import (
    INDICATOR_LABELS,
    Aim,
    Unvisited,
    all_villages,
    list_unvisited,
    scope_of,
    share_passed,
    total,
)
from storage import recaps
from storage.recaps import Scope

MOST_LISTED = 5
REGENCY = "Kabupaten Blitar"


def number(value: int) -> str:
    """Write a number as Indonesians do: 1.020."""
    return f"{value:,}".replace(",", ".")


def percent(share: float) -> str:
    """Write a share of a whole as a percentage; what is not reached is never rounded up to 100."""
    return str(int(share * 100 + 1e-9))


def kind_name(office: Office, kind: str) -> Text:
    """Give what a kind of visit is called; one of an earlier release has only its id."""
    known = office.registry.visit_kinds.get(kind)
    return known.short if known is not None else kind


def tell_figures(connection: sa.Connection, office: Office, scope: Scope, before: tuple[Period, Scope] | None) -> Text:
    """Give the figures of a scope, with those of the period before beside them, and the visits by kind."""
    by_kind = recaps.count_figures(connection, scope, "kind")
    figures = total(by_kind)
    rows: list[tuple[Text, int]] = [
        (INDICATOR_LABELS["visits"], figures.visits),
        (INDICATOR_LABELS["people"], figures.people),
    ]
    earlier: list[int] = []
    if not scope.kind:
        rows.append((INDICATOR_LABELS["requests"], recaps.count_done(connection, scope)))
    if before is not None:
        was = total(recaps.count_figures(connection, before[1], "kind"))
        earlier = [was.visits, was.people, *([] if scope.kind else [recaps.count_done(connection, before[1])])]
    told: list[Text] = []
    for at, (label, value) in enumerate(rows):
        if before is None:
            told.append(N_("{label}: *{value}*", label=label, value=number(value)))
        else:
            told.append(
                N_(
                    "{label}: *{value}* ({period}: {earlier})",
                    label=label, value=number(value), period=before[0].name, earlier=number(earlier[at]),
                )
            )  # fmt: skip
    told.insert(1, N_("Approved: {value}", value=number(figures.approved)))
    if figures.women is not None:
        told.insert(3, N_("Women among them: {value}", value=number(figures.women)))
    if not scope.kind:
        told += [
            N_(
                "• {kind}: {visits} visits, {people} people",
                kind=kind_name(office, kind), visits=number(each.visits), people=number(each.people),
            )
            for kind, each in sorted(by_kind.items(), key=lambda pair: (-pair[1].visits, pair[0]))
        ]  # fmt: skip
    return Joined(tuple(told))


def tell_most_active(connection: sa.Connection, scope: Scope) -> Text | None:
    """List the volunteers with the most visits; None where there was no visit."""
    found = recaps.list_most_active(connection, scope, MOST_LISTED)
    if not found:
        return None
    return lines(
        N_("*Most active*"),
        *(
            N_(
                "{place}. {name}: {visits} visits, {people} people",
                place=at, name=name, visits=number(figures.visits), people=number(figures.people),
            )
            for at, (name, figures) in enumerate(found, start=1)
        ),
    )  # fmt: skip


def tell_own_unvisited(connection: sa.Connection, office: Office, today: date, contact_id: int) -> Text | None:
    """List a volunteer's villages that were not visited for long; None where they look after none."""
    villages = set(connection.execute(recaps.select_looked_after(contact_id)).scalars())
    if not villages:
        return None
    found = list_unvisited(connection, office, villages, today)
    if not found:
        return N_("Each village looked after was visited within {days} days.", days=office.programme.no_visit_days)
    return lines(N_("*No visit for more than {days} days*", days=office.programme.no_visit_days), *list_villages(found))


def tell_unvisited(connection: sa.Connection, office: Office, today: date, place: str = "") -> Text:
    """Count the villages that were not visited for long, and list those the longest: first of those that are looked after."""
    every = all_villages(office, place)
    cared = set(every) & set(connection.execute(recaps.select_looked_after()).scalars())
    left_of_all = list_unvisited(connection, office, every, today)
    left = [each for each in left_of_all if each.place.code in cared]
    return lines(
        N_("*No visit for more than {days} days*", days=office.programme.no_visit_days),
        N_("Of the villages with a volunteer: {count} of {all}", count=len(left), all=len(cared)),
        N_("Of all villages: {count} of {all}", count=len(left_of_all), all=len(every)),
        *list_villages(left or left_of_all),
    )


def list_villages(found: Sequence[Unvisited]) -> list[Text]:
    """Give a line for each of the first few villages."""
    return [
        N_("• {village}: never visited", village=each.place.full_name)
        if each.newest is None
        else N_("• {village}: last visit {day}", village=each.place.full_name, day=name_day(each.newest))
        for each in found[:MOST_LISTED]
    ]


def tell_waiting(connection: sa.Connection, place: str = "") -> Text:
    """Say how many visits wait for review, and how many requests for a volunteer."""
    waiting, free = recaps.count_open(connection, place)
    return lines(
        N_("Visits waiting for review: {count}", count=number(recaps.count_to_review(connection, place))),
        N_("Open requests with volunteers: {count}, not taken yet: {free}", count=number(waiting), free=number(free)),
    )


def tell_aims(office: Office, aims: Sequence[Aim], today: date, *, own: bool = False) -> Text | None:
    """Say how far the year's targets are, and which are behind the time that has passed; None where there are none."""
    if not aims:
        return None
    return lines(
        N_("*Targets {year}* ({passed} % of the year has passed)", year=str(today.year), passed=percent(share_passed(today))),
        *(_aim(office, aim, own=own) for aim in aims),
    )  # fmt: skip


def indicator_name(office: Office, indicator: str) -> Text:
    """Give what a target is called."""
    return INDICATOR_LABELS.get(indicator) or kind_name(office, indicator)


def before_of(office: Office, period: Period, scope: Scope) -> tuple[Period, Scope]:
    """Give the period before, and what it means for the same volunteer, place and kind."""
    return period.before, scope_of(office, period.before, scope.contact_id, scope.place, scope.kind)


def _aim(office: Office, aim: Aim, *, own: bool) -> Text:
    values: dict[str, Text] = {
        "label": indicator_name(office, aim.indicator),
        "done": number(aim.done),
        "target": number(aim.target),
        "share": percent(aim.done / aim.target) if aim.target else "100",
        "own": number(aim.own),
    }
    if own and aim.is_behind:
        return N_("• {label}: {done} of {target} ({share} %), behind; {own} of them are yours", **values)
    if own:
        return N_("• {label}: {done} of {target} ({share} %), on course; {own} of them are yours", **values)
    if aim.is_behind:
        return N_("• {label}: {done} of {target} ({share} %), behind", **values)
    return N_("• {label}: {done} of {target} ({share} %), on course", **values)

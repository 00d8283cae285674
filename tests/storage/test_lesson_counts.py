"""What the recap of learning says equals a recount of the raw rows in plain Python, line by line, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.periods import Period, period_of
from flows.text import paragraphs
from handlers.recap_figures import scope_of
from handlers.recap_lesson_texts import tell
from storage import lesson_counts
from storage.db import open_engine
from storage.tables import certificates, contacts
from storage.tables import lesson_counts as counts_table
from tests.talk import REGISTRY, VOICES
from tests.world import World

ZONE = ZoneInfo("Asia/Jakarta")
PLACES = {
    "35.05.01.2002": "Desa Salam, Kec. Wonodadi", "35.05.01.2003": "Desa Rejosari, Kec. Wonodadi",
    "35.05.03.2016": "Desa Ngaglik, Kec. Srengat", "35.05.04.1011": "Kelurahan Kademangan, Kec. Kademangan",
}  # fmt: skip
PILLARS = {"cakap": "Cakap digital", "aman": "Aman digital", "budaya": "Budaya digital", "etika": "Etika digital"}
GONE = "aman_of_an_earlier_release"
LESSONS = ("aman_otp", "aman_sandi", "budaya_cek_hoaks", "cakap_bayar_qris", "etika_sopan_grup", "etika_jam_pesan", "cakap_ikd", GONE)  # fmt: skip
HOMES = (None, *PLACES)


@dataclass(frozen=True)
class Row:
    lesson: str
    village: str
    month: str
    started: int
    finished: int
    right: int
    wrong: int


@dataclass(frozen=True)
class Given:
    holder: int
    pillar: str
    at: datetime


numbers = st.sampled_from((0, 0, 1, 2, 6, 9, 10, 1200))
rows = st.lists(
    st.builds(
        Row, st.sampled_from(LESSONS), st.sampled_from(("", *PLACES)),
        st.sampled_from(("2024-12", "2025-01", "2025-12", "2026-01", "2026-10", "2026-11")), numbers, numbers, numbers, numbers,
    ),
    max_size=40, unique_by=lambda row: (row.lesson, row.village, row.month),
)  # fmt: skip
_MIDNIGHTS = (datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 10, 31, 17, tzinfo=UTC))  # in Blitar
moments = st.sampled_from(
    (*_MIDNIGHTS, *(each - timedelta(microseconds=1) for each in _MIDNIGHTS), datetime(2026, 11, 20, tzinfo=UTC))
)
handed_out = st.lists(
    st.builds(Given, st.integers(0, len(HOMES) - 1), st.sampled_from(tuple(PILLARS)), moments), max_size=12
)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@given(
    kept=rows,
    handed=handed_out,
    unit=st.sampled_from(("month", "year")),
    day=st.sampled_from((date(2025, 1, 5), date(2026, 1, 31), date(2026, 11, 1), date(2026, 11, 30))),
    place=st.sampled_from(("", "35.05.01", "35.05.04", "35.05.03.2016")),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_line_equals_a_recount(
    engine: sa.Engine, kept: list[Row], handed: list[Given], unit: Any, day: date, place: str
) -> None:
    period = period_of(unit, day)
    office = World(engine).office
    with engine.connect() as connection:
        began = connection.begin()
        try:
            _fill(connection, kept, handed)
            said = VOICES.of("id").say(paragraphs(*tell(connection, office, period, place)))
            listed = connection.execute(lesson_counts.select_rows(scope_of(office, period, place=place))).all()
        finally:
            began.rollback()
    inside = [row for row in kept if _is_in(row, period, place)]
    assert said.replace("*", "").split("\n\n") == list(_expected(kept, handed, period, place))
    assert [tuple(row) for row in listed] == sorted(
        (row.month, row.village, row.lesson, row.started, row.finished, row.right, row.wrong) for row in inside
    )


def _fill(connection: sa.Connection, kept: list[Row], handed: list[Given]) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    for number, home in enumerate(HOMES, start=1):
        connection.execute(sa.insert(contacts).values(id=number, village=home, created_at=now))
    for row in kept:
        connection.execute(
            sa.insert(counts_table).values(
                lesson=row.lesson, village=row.village, month=row.month, started=row.started, finished=row.finished,
                answers_right=row.right, answers_wrong=row.wrong,
            )
        )  # fmt: skip
    for number, each in enumerate(handed):
        connection.execute(
            sa.insert(certificates).values(
                code=f"SRT-{number}", contact_id=each.holder + 1, pillar=each.pillar, name="Sri", at=each.at
            )
        )


def _is_in(row: Row, period: Period, place: str) -> bool:
    first = date.fromisoformat(f"{row.month}-01")
    return period.first <= first <= period.last and row.village.startswith(place)


def _expected(kept: list[Row], handed: list[Given], period: Period, place: str) -> Iterator[str]:
    """Write the recap anew, from nothing but the rows."""
    now = [row for row in kept if _is_in(row, period, place)]
    was = [row for row in kept if _is_in(row, period.before, place)]
    given, before = _given(handed, period, place), _given(handed, period.before, place)
    yield "\n".join(_figures(now, was, given, before, period, place))
    best = sorted({row.lesson for row in now}, key=_rank(now, "lesson"))
    done = [lesson for lesson in best if _sum(now, "finished", lesson=lesson)][:5]
    if done:
        told = (
            f"{n}. {_title(each)}: {_dots(_sum(now, 'finished', lesson=each))} selesai"
            for n, each in enumerate(done, 1)
        )
        yield "\n".join(("Materi yang paling banyak diselesaikan", *told))  # fmt: skip
    villages = sorted({row.village for row in now} - {""}, key=_rank(now, "village"))
    active = [v for v in villages if _sum(now, "finished", village=v) or _sum(now, "started", village=v)][:5]
    if active and place not in PLACES:
        told = (f"{n}. {PLACES[each]}: {_begun_and_done(now, village=each)}" for n, each in enumerate(active, 1))
        yield "\n".join(("Desa yang paling aktif", *told))
    answered = sorted({row.lesson for row in now if row.right or row.wrong})
    if answered:
        bad = [
            each
            for each in answered
            if each != GONE and _is_bad(_sum(now, "right", lesson=each), _sum(now, "wrong", lesson=each))
        ]
        if max(_sum(now, "right", lesson=each) + _sum(now, "wrong", lesson=each) for each in answered) < 10:
            yield "Jawabannya masih terlalu sedikit untuk menilai pertanyaan: perlu 10 jawaban."
        else:
            yield "\n".join(_revise(now, bad)) if bad else "Tidak ada pertanyaan yang perlu diperbaiki."


def _figures(
    now: list[Row], was: list[Row], given: list[str], before: list[str], period: Period, place: str
) -> Iterator[str]:
    for label, value, then in (
        ("Materi dimulai", _sum(now, "started"), _sum(was, "started")),
        ("Materi selesai", _sum(now, "finished"), _sum(was, "finished")),
        ("Sertifikat", len(given), len(before)),
    ):
        yield f"{label}: {_dots(value)} ({period.before.name}: {_dots(then)})"
    answers, earlier = (_sum(rows, "right") + _sum(rows, "wrong") for rows in (now, was))
    if answers:
        beside = f" ({period.before.name}: {_sum(was, 'right') * 100 // earlier} %)" if earlier else ""
        yield f"Jawaban benar: {_sum(now, 'right') * 100 // answers} % dari {_dots(answers)} jawaban{beside}"
    for pillar, name in PILLARS.items():
        inside = [row for row in now if row.lesson.startswith(pillar)]
        if given.count(pillar) or any(row.started or row.finished or row.right or row.wrong for row in inside):
            rest = f", {given.count(pillar)} sertifikat" if pillar in given else ""
            yield f"• {name}: {_begun_and_done(inside)}{rest}"
    if place in PLACES:
        return
    every = {"": 248, "35.05.01": 11, "35.05.04": 15}[place]
    yield f"Desa yang warganya belajar: {len({row.village for row in now} - {''})} dari {every}"
    unknown = [row for row in now if not row.village]
    if any(row.started or row.finished or row.right or row.wrong for row in unknown):
        yield f"Desanya tidak diketahui: {_begun_and_done(unknown)}"


def _revise(now: list[Row], bad: list[str]) -> Iterator[str]:
    yield "Pertanyaan yang perlu diperbaiki (yang benar di bawah 40 %, dari 10 jawaban atau lebih)"
    figures = {each: (_sum(now, "right", lesson=each), _sum(now, "wrong", lesson=each)) for each in bad}
    worst = sorted(bad, key=lambda each: (figures[each][0] / sum(figures[each]), -sum(figures[each]), each))
    for each in worst[:5]:
        yield f"• {_title(each)}: benar {_dots(figures[each][0])} dari {_dots(sum(figures[each]))}"
    if len(worst) > 5:
        yield f"… dan {len(worst) - 5} lagi: lihat tabel"


def _given(handed: list[Given], period: Period, place: str) -> list[str]:
    return [
        each.pillar
        for each in handed
        if period.first <= each.at.astimezone(ZONE).date() <= period.last
        and (HOMES[each.holder] or "").startswith(place)
    ]


def _is_bad(right: int, wrong: int) -> bool:
    return right + wrong >= 10 and right / (right + wrong) < 0.4


def _sum(rows: Iterable[Row], figure: str, **only: str) -> int:
    return sum(getattr(row, figure) for row in rows if all(getattr(row, key) == value for key, value in only.items()))


def _rank(rows: list[Row], key: str) -> Callable[[str], tuple[int, int, str]]:
    return lambda each: (-_sum(rows, "finished", **{key: each}), -_sum(rows, "started", **{key: each}), each)


def _begun_and_done(rows: Iterable[Row], **only: str) -> str:
    kept = list(rows)
    return f"{_dots(_sum(kept, 'started', **only))} dimulai, {_dots(_sum(kept, 'finished', **only))} selesai"


def _title(lesson: str) -> str:
    return GONE if lesson == GONE else REGISTRY.lessons[lesson].title.id


def _dots(value: int) -> str:
    return f"{value:,}".replace(",", ".")

"""Recaps: what somebody asks to see figures of (visits or lessons), read from their words; and which table staff would like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flows.chat import Chat, Invalid, Json, Option, Reply, Stale
from flows.fields import NONE, Pick
from flows.outcomes import Exported, LessonsExported, Outcome
from flows.periods import Period, find_stretch, period_of, read_period
from flows.spelling import fold, folded
from flows.text import N_, Text
from flows.visit_content import VisitKind

_RECAP = folded("rekap rekapan rekape rekapipun rekapanipun rekapku rekapnya recap rangkuman ringkasan")
_MINE = folded("saya sy aku kula kulo ku sendiri pribadi kunjunganku rekapku kegiatanku dewe piyambak")
_PICTURE = folded("gambar grafik bagan chart foto gambaripun")
_TABLE = folded("ekspor export tabel excel xlsx csv tabelipun unduh download")
# How lessons go is asked for in these words; "literasi" alone is a kind of visit, and so is "sinau bareng".
LEARNING = ("belajar", "sinau", "pelajaran", "literasi digital")
_SURELY_LEARNING = folded(
    "belajar sinau pelajaran"
)  # also beside the name of a kind of visit: "rekap belajar literasi"
_OF_LEARNING = folded(" ".join(LEARNING)) | folded("materi kuis")
_LESSONS = "lessons"
# Said around a recap, and no name: of a place, a person or a kind.
_LITTLE = folded(
    "kunjungan kunjngan kegiatan laporan lapuran relawan tik tolong tulung mohon nyuwun minta njaluk lihat ningali dong min mas mbak pak bu ya nggih "
    "kirim kirimi dikirim ke sini buat untuk kangge semua sedaya kabeh total sekabupaten sekabupatene sak se kabupaten kab blitar ini iki niki bulan wulan "
    "sasi tahun taun minggu tanggal tgl bahan rapat dinas format file berapa pinten pira wis sudah sampun punya tampilkan cek data dan lan di ing wonten"
)
_CODE = re.compile(r"35\.05\.\d{2}(?:\.\d{4})?")
_VOLUNTEER = re.compile(r"v(\d{1,18})")
_KIND = re.compile(r"k:([a-z_]{1,40})")
_MOST_CHARS = 120
_MOST_NAME_WORDS = 5
_MOST_BEHIND = 6  # words behind "rekap belajar"; what is longer is a sentence


@dataclass(frozen=True, slots=True)
class Asked:
    """Which recap somebody asks for.

    Attributes:
        about: whether of visits, or of lessons.
        period: the days it is about, where named.
        place: the official code of a kecamatan or village, from a button.
        kind: the kind of visit, where named.
        volunteer: the contact of a volunteer, from a button.
        mine: whether their own figures are asked for in so many words.
        wants: text, or a picture or table of it.
        rest: folded words that may name a place or a volunteer.
        is_short: whether the message begins with the word; what else a longer sentence says is no name.
    """

    about: Literal["visits", "lessons"] = "visits"
    period: Period | None = None
    place: str = ""
    kind: str = ""
    volunteer: int | None = None
    mine: bool = False
    wants: Literal["text", "picture", "table"] = "text"
    rest: str = ""
    is_short: bool = False


def is_plain(rest: str) -> bool:
    """Tell whether all that stands behind the word is what buttons and short commands say: it is surely no sentence."""
    return all(_is_token(word) or fold(word) in _MINE | _PICTURE | _TABLE for word in rest.split())


def names_lessons(rest: str) -> bool:
    """Tell whether what stands behind the word asks how lessons go: "belajar kanigoro bulan lalu"."""
    words = fold(rest).split()
    name = _named_first(words)
    return name is not None and len(words) - len(name.split()) <= _MOST_BEHIND


def _named_first(words: Sequence[str]) -> str | None:
    said = f"{' '.join(words)} "
    return next((name for name in map(fold, LEARNING) if said.startswith(f"{name} ")), None)


def read_asked(text: str, today: date, kinds: Mapping[str, VisitKind]) -> Asked:
    """Read which recap is asked for: "rekap kademangan oktober", "nyuwun rekap literasi", or a button's words."""
    typed = text[:_MOST_CHARS].split()
    tokens = [word for word in typed if _is_token(word)]
    words = fold(" ".join(word for word in typed if not _is_token(word))).split()
    period = next((read for token in tokens if (read := read_period(token))), None)
    place = next((token for token in tokens if _CODE.fullmatch(token)), "")
    volunteer = next((int(found[1]) for token in tokens if (found := _VOLUNTEER.fullmatch(token))), None)
    kind = next((found[1] for token in tokens if (found := _KIND.fullmatch(token)) and found[1] in kinds), "")
    is_short = not words or words[0] in _RECAP or _named_first(words) is not None
    seen = frozenset(words)
    if not kind:
        kind, words = _take_kind(words, kinds)
    about: Literal["visits", "lessons"] = "visits"
    if kind == _LESSONS or not _SURELY_LEARNING.isdisjoint(words):
        about, kind, words = "lessons", "", [word for word in words if word not in _OF_LEARNING]
    if period is None and (stretch := find_stretch(words, today)) is not None:
        start, end, period = stretch
        words = [*words[:start], *words[end:]]
    rest = [word for word in words if word not in _RECAP | _MINE | _PICTURE | _TABLE | _LITTLE]
    return Asked(
        about, period, place, kind, volunteer, not seen.isdisjoint(_MINE),
        "table" if seen & _TABLE else "picture" if seen & _PICTURE else "text",
        " ".join(rest), is_short and len(rest) <= _MOST_NAME_WORDS,
    )  # fmt: skip


def _is_token(word: str) -> bool:
    return read_period(word) is not None or any(form.fullmatch(word) for form in (_CODE, _VOLUNTEER, _KIND))


def _take_kind(words: Sequence[str], kinds: Mapping[str, VisitKind]) -> tuple[str, list[str]]:
    """Find the kind of visit that is named, or the lessons, the longest name first, and take its words out."""
    names = {
        fold(name): kind.id
        for kind in kinds.values()
        for name in (kind.id, kind.short.id, kind.short.jv, kind.title.id, kind.title.jv, *kind.names["id"], *kind.names["jv"])
    }  # fmt: skip
    names |= dict.fromkeys(map(fold, LEARNING), _LESSONS)
    said = f" {' '.join(words)} "
    for name in sorted(names, key=lambda name: -len(name)):
        if f" {name} " in said:
            return names[name], said.replace(f" {name} ", " ", 1).split()
    return "", list(words)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period: chosen of the likely ones, or typed in any usual way."""

    today: date
    wants: str = "choice"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        month, year = period_of("month", self.today), period_of("year", self.today)
        return tuple(Option(each.iso, each.name) for each in (month, month.before, year, year.before))

    def parse(self, reply: Reply) -> Period:
        typed = reply.text.strip()[:_MOST_CHARS]
        period = read_period(typed)
        if period is None and (stretch := find_stretch(fold(typed).split(), self.today)) is not None:
            period = stretch[2]
        # What was typed comes before what it is most like among the choices: 2025 is one letter from 2026.
        if period is None and reply.choice is not None:
            period = read_period(reply.choice)
        if period is not None:
            return period
        raise Invalid(N_("I do not recognise that period. For example: *oktober 2026*, *bulan lalu* or *2026*."))

    def dump(self, value: Period) -> Json:
        return value.iso

    def load(self, raw: Json) -> Period:
        period = read_period(str(raw))
        if period is None:
            raise Stale
        return period

    def show(self, value: Period) -> Text:
        return value.name


async def export_flow(chat: Chat) -> Outcome:
    """Ask staff which table they would like. Facts: ``today``, and ``place`` and ``kind`` where it is narrowed."""
    period, form = await _which(
        chat,
        N_("*Table of visits*\nFor which period? Choose one, or type it: *oktober 2026*, *2025*."),
        N_("As Excel (visits, totals and targets) or as CSV (visits only)?"),
    )
    return Exported(period.iso, form, str(chat.facts.get("place") or ""), str(chat.facts.get("kind") or ""))


async def lessons_export_flow(chat: Chat) -> Outcome:
    """Ask staff which table of lessons they would like. Facts: ``today``, and ``place`` where it is narrowed."""
    period, form = await _which(
        chat,
        N_("*Table of lessons*\nFor which month or year? Choose one, or type it: *oktober 2026*, *2025*."),
        N_("As Excel (by village and month, and by lesson) or as CSV (by village and month only)?"),
    )
    return LessonsExported(period.iso, form, str(chat.facts.get("place") or ""))


async def _which(chat: Chat, period_prompt: Text, form_prompt: Text) -> tuple[Period, str]:
    today = date.fromisoformat(str(chat.facts["today"]))
    period = await chat.ask("period", period_prompt, Stretch(today))
    form = await chat.ask("form", form_prompt, Pick((Option("xlsx", "Excel", ("xlsx", "excel")), Option("csv", "CSV"))))
    return period, form

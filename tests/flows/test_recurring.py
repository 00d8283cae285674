"""When something is to go out, as officers of Blitar type it, in both languages; and all that is rather asked again."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.recurrence import (
    LAST,
    Days,
    EveryDay,
    EveryMonth,
    EveryMonthOn,
    EveryWeek,
    Once,
    Recurrence,
    describe,
)
from flows.recurring import read_recurring
from handlers.render import load_voices
from tests.flows.test_recurrence import DAYS

ZONE = ZoneInfo("Asia/Jakarta")
VOICES = load_voices(ZONE)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
TODAY = NOW.date()
OTHERWISE = time(8, 15)
WORKDAYS = EveryWeek((0, 1, 2, 3, 4))
ALL_BUT_SUNDAY = EveryWeek((0, 1, 2, 3, 4, 5))


def read(typed: str) -> object:
    return read_recurring(typed, NOW, OTHERWISE)


@pytest.mark.parametrize(
    ("typed", "days", "at"),
    [
        # every day
        ("setiap hari jam 9", EveryDay(), "09:00"), ("Setiap hari, pukul 09.00 WIB", EveryDay(), "09:00"), ("tiap hari 18:30", EveryDay(), "18:30"),
        ("jam 9 tiap hari", EveryDay(), "09:00"), ("saben dinten jam sanga enjing", EveryDay(), "09:00"), ("saben dina jam pitu esuk", EveryDay(), "07:00"),
        ("sabendino jam 8 isuk", EveryDay(), "08:00"), ("ben isuk jam 7", EveryDay(), "07:00"), ("tiap pagi jam 8", EveryDay(), "08:00"),
        ("setiap sore jam 4", EveryDay(), "16:00"), ("saben sonten jam sekawan", EveryDay(), "16:00"), ("tiap jam 9 pagi", EveryDay(), "09:00"),
        ("tolong dikirim setiap hari jam setengah 8 pagi ya", EveryDay(), "07:30"), ("tiap hari mulai jam 9", EveryDay(), "09:00"), ("setiap hari", EveryDay(), None),
        # every week
        ("tiap senin dan kamis 18.30", EveryWeek((0, 3)), "18:30"), ("saben dinten Senin", EveryWeek((0,)), None), ("setiap Kamis & Senin jam 10", EveryWeek((0, 3)), "10:00"),
        ("saben Senen lan Kemis tabuh 9", EveryWeek((0, 3)), "09:00"), ("saben senen, rebo, lan jemuwah jam 8 enjing", EveryWeek((0, 2, 4)), "08:00"),
        ("tiap2 hari jum'at jam 7 malam", EveryWeek((4,)), "19:00"), ("tiap-tiap Jumat 07.00", EveryWeek((4,)), "07:00"), ("tiap senin kamis jam 9", EveryWeek((0, 3)), "09:00"),
        ("setiap Senin sampai Jumat jam 8", WORKDAYS, "08:00"), ("tiap senin-jumat jam 8", WORKDAYS, "08:00"), ("setiap hari senin s/d jumat pukul 08.00", WORKDAYS, "08:00"),
        ("saben Senen ngantos Jemuwah jam 8 enjing", WORKDAYS, "08:00"), ("tiap sabtu sampai senin jam 9", EveryWeek((0, 5, 6)), "09:00"),
        ("tiap sabtu dan minggu jam 9", EveryWeek((5, 6)), "09:00"), ("tiap jumat sabtu minggu jam 19.00", EveryWeek((4, 5, 6)), "19:00"),
        ("setiap hari minggu jam 9", EveryWeek((6,)), "09:00"), ("saben dinten Minggu jam 9", EveryWeek((6,)), "09:00"), ("setiap ahad jam 9", EveryWeek((6,)), "09:00"),
        ("tiap minggu pagi jam 8", EveryWeek((6,)), "08:00"), ("tiap minggu hari senin jam 9", EveryWeek((0,)), "09:00"), ("seminggu sekali hari senin jam 9", EveryWeek((0,)), "09:00"),
        ("hari senin setiap minggu jam 9", EveryWeek((0,)), "09:00"), ("setiap hari kecuali minggu jam 9", ALL_BUT_SUNDAY, "09:00"),
        ("saben dinten kajawi Minggu jam 9", ALL_BUT_SUNDAY, "09:00"), ("setiap hari kecuali sabtu dan minggu jam 9", WORKDAYS, "09:00"),
        # every month on a day
        ("tiap tanggal 1", EveryMonth(1), None), ("tiap tgl 25 jam 9", EveryMonth(25), "09:00"), ("setiap tanggal 31 pukul 08.00", EveryMonth(31), "08:00"),
        ("tanggal 5 tiap bulan jam 8", EveryMonth(5), "08:00"), ("tiap bulan tanggal 5 jam 8", EveryMonth(5), "08:00"), ("saben wulan tanggal 5 jam 8 enjing", EveryMonth(5), "08:00"),
        ("saben sasi tanggal siji jam 8 isuk", EveryMonth(1), "08:00"), ("saben tanggal setunggal jam 8 enjing", EveryMonth(1), "08:00"),
        ("sebulan sekali tanggal 5 jam 9", EveryMonth(5), "09:00"), ("tgl5 tiap bln jam9", EveryMonth(5), "09:00"), ("tiap tanggal dua puluh lima jam 9", EveryMonth(25), "09:00"),
        # every month on its last day
        ("akhir bulan jam 8", EveryMonth(31), "08:00"), ("setiap akhir bulan jam 8", EveryMonth(31), "08:00"), ("hari terakhir tiap bulan jam 9", EveryMonth(31), "09:00"),
        ("saben pungkasan wulan jam 9", EveryMonth(31), "09:00"), ("tiap bulan, tanggal terakhir, jam 9", EveryMonth(31), "09:00"),
        # every month on a weekday
        ("senin pertama tiap bulan", EveryMonthOn(1, 0), None), ("setiap Senin pertama jam 9", EveryMonthOn(1, 0), "09:00"), ("tiap senin terakhir jam 9", EveryMonthOn(LAST, 0), "09:00"),
        ("tiap bulan hari kamis kedua jam 9", EveryMonthOn(2, 3), "09:00"), ("tiap Jumat ke-3 jam 13.00", EveryMonthOn(3, 4), "13:00"), ("tiap jumat ke 4 jam 13.00", EveryMonthOn(4, 4), "13:00"),
        ("saben wulan dinten Senen kapisan jam 9", EveryMonthOn(1, 0), "09:00"), ("Kemis kaping kalih saben wulan tabuh 9", EveryMonthOn(2, 3), "09:00"),
        ("saben Rebo kaping telu jam 9", EveryMonthOn(3, 2), "09:00"), ("saben Setu pungkasan jam 9", EveryMonthOn(LAST, 5), "09:00"),
        ("tiap hari minggu pertama jam 9", EveryMonthOn(1, 6), "09:00"), ("Jumat terakhir di setiap bulan, pukul 13.30", EveryMonthOn(LAST, 4), "13:30"),
    ],
)  # fmt: skip
def test_what_comes_again_is_read(typed: str, days: Days, at: str | None) -> None:
    assert read(typed) == Recurrence(days, OTHERWISE if at is None else time.fromisoformat(at), TODAY)


@pytest.mark.parametrize(
    ("typed", "day", "at"),
    [
        ("besok jam 9", "2026-11-25", "09:00"), ("Besok pagi jam 8", "2026-11-25", "08:00"), ("besok sore jam 4", "2026-11-25", "16:00"), ("besok", "2026-11-25", None),
        ("mbenjing enjing jam 8", "2026-11-25", "08:00"), ("sesuk jam wolu isuk", "2026-11-25", "08:00"), ("lusa jam 9", "2026-11-26", "09:00"),
        ("hari ini jam 3 sore", "2026-11-24", "15:00"), ("nanti sore jam 4", "2026-11-24", "16:00"), ("mengko jam 4 sore", "2026-11-24", "16:00"), ("dinten niki jam 13.00", "2026-11-24", "13:00"),
        ("25 desember 10.00", "2026-12-25", "10:00"), ("25 Desember 2026, pukul 10.00 WIB", "2026-12-25", "10:00"), ("tanggal 25 desember 2026 jam 10", "2026-12-25", "10:00"),
        ("tgl 5.12 jam 9", "2026-12-05", "09:00"), ("5/12/2026 09.00", "2026-12-05", "09:00"), ("2026-12-05 09:00", "2026-12-05", "09:00"), ("tanggal 5 jam 9", "2026-12-05", "09:00"),
        ("1 januari jam 9", "2027-01-01", "09:00"), ("senin jam 9", "2026-11-30", "09:00"), ("hari Senin depan jam 9", "2026-11-30", "09:00"), ("Senen jam sanga enjing", "2026-11-30", "09:00"),
        ("Senin, 30 November 2026, jam 9", "2026-11-30", "09:00"), ("Senin 30/11 jam 9", "2026-11-30", "09:00"), ("jumat malam jam 7", "2026-11-27", "19:00"), ("hari minggu jam 9", "2026-11-29", "09:00"),
        ("Senin tanggal 30 jam 9", "2026-11-30", "09:00"), ("akhir bulan ini jam 8", "2026-11-30", "08:00"), ("pungkasan wulan niki jam 8 enjing", "2026-11-30", "08:00"), ("besok jam 9, sekali saja", "2026-11-25", "09:00"),
    ],
)  # fmt: skip
def test_a_single_day_is_read(typed: str, day: str, at: str | None) -> None:
    assert read(typed) == Recurrence(
        Once(), OTHERWISE if at is None else time.fromisoformat(at), date.fromisoformat(day)
    )


@pytest.mark.parametrize(
    "typed", ["sekarang", "Sekarang juga!", "kirim sekarang", "langsung saja", "langsung kirim", "saat ini", "saiki", "sakniki", "sapunika mawon", "kirim saiki ya"]
)  # fmt: skip
def test_now_is_now(typed: str) -> None:
    assert read(typed) == "now"


@pytest.mark.parametrize(
    ("typed", "first", "until", "skip_holidays"),
    [
        ("setiap Senin jam 9 sampai 31 Desember", None, "2026-12-31", False),
        ("setiap Senin jam 9 sampai dengan 31 Desember 2026", None, "2026-12-31", False),
        ("saben Senen jam 9 ngantos 31 Desember", None, "2026-12-31", False),
        ("setiap senin sampai kamis 31 desember jam 9", None, "2026-12-31", False),
        ("tiap senin jam 9 hingga akhir tahun", None, "2026-12-31", False),
        ("tiap senin jam 9 sampai akhir bulan ini", None, "2026-11-30", False),
        ("mulai 1 Desember tiap Senin jam 9", "2026-12-01", None, False),
        ("tiap senin jam 9 mulai besok sampai tanggal 20", "2026-11-25", "2026-12-20", False),
        ("tiap senin mulai kamis jam 9", "2026-11-26", None, False),
        ("tiap senin jam 9 mulai 30 november sampai 30 november", "2026-11-30", "2026-11-30", False),
        ("saben Senen jam 9 wiwit 1 Desember ngantos pungkasan taun", "2026-12-01", "2026-12-31", False),
        ("tiap senin jam 9 kecuali hari libur", None, None, True),
        ("tiap senin jam 9, kecuali tanggal merah, sampai 31/12/2026", None, "2026-12-31", True),
        ("tiap senin jam 9 (kecuali hari libur)", None, None, True),
        ("saben Senen jam 9 kajawi dinten prei", None, None, True),
    ],
)
def test_its_bounds_are_read(typed: str, first: str | None, until: str | None, skip_holidays: bool) -> None:
    begins = TODAY if first is None else date.fromisoformat(first)
    ends = None if until is None else date.fromisoformat(until)
    assert read(typed) == Recurrence(EveryWeek((0,)), time(9), begins, ends, skip_holidays)


def test_a_weekday_behind_every_day_is_its_end() -> None:
    assert read("tiap hari sampai jumat jam 9") == Recurrence(EveryDay(), time(9), TODAY, date(2026, 11, 27))


def test_later_today_needs_its_hour() -> None:
    early = NOW.replace(hour=6)
    assert read_recurring("hari ini", early, OTHERWISE) == Recurrence(Once(), OTHERWISE, TODAY)
    assert read_recurring("nanti", early, OTHERWISE) is None


def test_working_days_leave_out_holidays() -> None:
    for typed in (
        "setiap hari kerja jam 9",
        "saben dinten kerja jam 9",
        "tiap hari kecuali sabtu minggu dan tanggal merah jam 9",
    ):
        assert read(typed) == Recurrence(WORKDAYS, time(9), TODAY, skip_holidays=True)


@pytest.mark.parametrize(
    "typed",
    [
        # nothing said
        "", "   ", "?", "kapan saja", "halo", "nanti saja", "nanti", "jam 9", "09.00", "9", "tiap", "tiap jam", "besok jam", "sampai 31 desember",
        # two things may be meant
        "tiap minggu", "tiap minggu jam 9", "saben minggu", "minggu jam 9", "tiap minggu pertama jam 9", "tiap senin jam 2", "besok jam 5", "setiap malam Jumat jam 7",
        "malam minggu jam 7", "senin dan kamis jam 9", "senin-jumat jam 8", "senin pertama jam 9", "senin minggu kedua jam 9", "selasa 30 november jam 9", "senin tanggal 25 jam 9", "jam 9 10.12", "tiap awal bulan jam 9",
        "tiap senin atau kamis jam 9", "10.12 jam 9", "besok jam 9 dan jam 10", "tiap hari jam 9-10", "tiap hari jam 9 sampai 10", "tiap hari jam 9 dan 15.00", "besok pagi",
        # what it cannot do
        "tiap 2 hari jam 9", "tiap dua hari jam 9", "tiap 2 minggu jam 9", "dua minggu sekali hari senin", "tiap tahun tanggal 17 agustus", "tiap tanggal 17 agustus jam 9",
        "tiap tanggal 1 dan 15 jam 9", "tiap senin kelima jam 9", "tiap senin ke-5 jam 9", "tiap tanggal 32", "tiap tanggal 0", "3 hari lagi jam 9", "minggu depan jam 9", "tiap jam 25.00",
        # gone by, or never
        "kemarin jam 9", "senin lalu jam 9", "wingi", "hari ini", "hari ini jam 8", "hari ini jam 10", "24 november jam 9", "25 desember 2020 jam 9", "31 februari jam 9", "tgl 31/2 jam 9",
        "tiap senin jam 9 sampai 1 november 2026", "tiap senin jam 9 mulai 1 desember sampai 30 november", "tiap senin jam 9 mulai 1 november 2026", "tiap senin kecuali senin jam 9",
        "tiap senin kecuali selasa jam 9", "tiap tanggal 1 kecuali minggu jam 9", "besok jam 9 sampai 31 desember", "besok jam 9 kecuali hari libur", "sekarang jam 9",
        # a word too many
        "tiap senin jam 9 kalau hujan", "setiap hari jam 9 untuk 3 bulan", "tiap senin jam 9 jangan lupa", "jangan tiap senin jam 9", "tiap senin jam 9 pagi sore", "x" * 201,
        "tiap senin " * 20, "setiap hari jam 9 " + "ya " * 100,
    ],
)  # fmt: skip
def test_what_is_not_sure_is_asked_again(typed: str) -> None:
    assert read(typed) is None


@st.composite
def ahead(draw: st.DrawFn) -> Recurrence:
    """What begins today (or is a later day), at an hour that needs no part of the day to be clear."""
    days = draw(DAYS)
    at = time(draw(st.sampled_from([0, *range(7, 24)])), draw(st.integers(0, 59)))
    later = st.dates(date(2026, 11, 25), date(2029, 12, 31))
    if isinstance(days, Once):
        return Recurrence(days, at, draw(later))
    return Recurrence(days, at, TODAY, draw(st.none() | later), draw(st.booleans()))


@given(ahead(), st.sampled_from(("id", "jv")))
def test_what_is_said_is_read_as_what_was_meant(recurrence: Recurrence, language: str) -> None:
    assert read(VOICES.of(language).say(describe(recurrence))) == recurrence


WORDS = st.sampled_from(
    ["setiap", "tiap", "saben", "hari", "dinten", "senin", "senen", "dan", "lan", "minggu", "pekan", "bulan", "wulan", "tanggal", "tgl", "1", "31",
     "5/12", "2026-12-05", "10.12", "akhir", "pungkasan", "pertama", "ke-2", "kaping", "kalih", "terakhir", "sampai", "ngantos", "-", "mulai", "dari",
     "jam", "pukul", "9", "setengah", "pagi", "sore", "malam", "18.30", "kecuali", "kajawi", "libur", "prei", "kerja", "besok", "nanti", "sekarang",
     "ini", "depan", "desember", "2026", "sekali"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=220))
def test_any_words_are_read_or_not_and_nothing_gone_by(typed: str) -> None:
    found = read_recurring(typed, NOW, OTHERWISE)
    if not isinstance(found, Recurrence):
        assert found in (None, "now")
    elif isinstance(found.days, Once):
        assert datetime.combine(found.first, found.at, ZONE) > NOW
    else:
        assert found.first >= TODAY


@given(st.text(max_size=40))
def test_a_word_that_is_not_known_is_never_passed_over(extra: str) -> None:
    word = "".join(char for char in extra if char.isalpha() and char.isascii())
    found = read(f"tiap senin jam 9 qz{word}")
    assert found is None

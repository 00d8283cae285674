"""What a message names: the service, the place, a number, a day, an activity, a topic, a language, a ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from flows.days import find_day, find_period, read_day
from flows.places import Place
from flows.reading import Reading
from flows.spelling import fold, folded

Slots = Mapping[str, str | int]
CONTEST = "lomba_desa"

# What number a word before it makes no count: house and neighbourhood numbers, times, days, ages, sums of money.
_NO_COUNT_BEFORE = folded(
    "rt rw no nomor nomer jam jl jln tgl tanggal km kelas gang n usia umur blok gg rp pasal tahun taun sd smp sma sdn smpn error desil triwulan "
    "tiang versi tahap baru nuwun nyuwun"
)
_NO_COUNT_AFTER = folded(
    "hari dina dinten minggu bulan wulan sasi tahun thn taun jam menit km meter juta jt rb ribu persen th bln hr m kali kg gb mb dino januari februari "
    "maret april mei juni juli agustus september oktober november desember wib ping langkah"
)
_PEOPLE = folded(
    "orang org wong tiyang peserta warga ibu ibu2 bapak jiwa anak siswa kk pelaku pemuda perangkat keluarga umkm uwong tyg orangan lansia murid kulawarga "
    "rumah omah griya titik lampu kader remaja pedagang kelompok pasien guru petani wonge tiyange tiyangipun orangnya pesertane "
    "pesertanipun pesertanya bocah bakul sedulur emak2 bapak2"
)
_FEWEST_IN_WORDS = 10  # "satu", "loro" are seldom counts
_TOPIC_AFTER = folded("tentang ttg babagan bab perkara masalah mengenai perihal prekara seputar cara carane")
_MOST_TOPIC_WORDS = 4
_TOPICAL = frozenset(("safe", "fraud", "business", "digital id", "internet"))
_MOST_COUNT = 9_999
_OF_VOLUNTEERS = ("volunteer_checkin", "volunteer_recap")
_COUNTING = ("request_service", "complaint", *_OF_VOLUNTEERS)
_DATED = (*_COUNTING, "track_status")
_LEARNING = ("tips", "quiz")


class SlotReader:
    """Reads slots out of a message that is cut up; made once from the words that tell what a volunteer did."""

    def __init__(self, activities: Mapping[str, Sequence[str]]) -> None:
        self._activities = {fold(word): name for name, words in activities.items() for word in words}

    def read(self, reading: Reading, intent: str, service: str | None, today: date) -> dict[str, str | int]:
        """Give the slots that belong to an intent; the place and the ticket belong to all."""
        slots: dict[str, str | int] = {}
        if service is not None:
            slots["service"] = service
        if (village := village_of(reading, intent)) is not None:
            slots["village"] = village.name
        if reading.mentioned.district is not None:
            slots["district"] = reading.mentioned.district.name
        if reading.code is not None:
            slots["ticket"] = reading.code
        if intent in _COUNTING and (count := _count(reading)) is not None:
            slots["count"] = count
        if intent in _OF_VOLUNTEERS and (activity := self._activity(reading)):
            slots["activity"] = activity
        if intent in _DATED:
            slots |= _time(reading, today)
        if intent in _LEARNING and (topic := _topic(reading)):
            slots["topic"] = topic
        if intent == "language_change" and (lang := _language_asked(reading)):
            slots["lang"] = lang
        return slots

    def _activity(self, reading: Reading) -> str | None:
        """Find what a volunteer did by the first word that tells; the contest wins, since it is helped with in every way."""
        words = f" {' '.join(reading.words)} "
        found = [(words.find(f" {word} "), name) for word, name in self._activities.items() if f" {word} " in words]
        contests = [each for each in found if each[1] == CONTEST]
        return min(contests or found)[1] if found else None


def village_of(reading: Reading, intent: str) -> Place | None:
    """Give the village that is mentioned; of a name that is a kecamatan's too only where a village must be meant: a visit."""
    mentioned = reading.mentioned
    return None if mentioned.either and intent != "volunteer_checkin" else mentioned.village


def _count(reading: Reading) -> int | None:
    """Find the number that counts people or things: the first with a word like *orang* behind it, else the only one."""
    counts: list[int] = []
    day = find_day(reading.words)
    for number in reading.numbers:
        if day is not None and day[0] <= number.start < day[1]:
            continue
        before = reading.words[number.start - 1] if number.start else ""
        after = reading.words[number.end] if number.end < len(reading.words) else ""
        if number.value > _MOST_COUNT or after in _NO_COUNT_AFTER:
            continue
        if after in _PEOPLE or (before in _PEOPLE and after not in _NO_COUNT_BEFORE):  # "25 orang", "wong wolu"
            return number.value
        in_words = not reading.words[number.start].isdecimal()
        if before not in _NO_COUNT_BEFORE and not (in_words and number.value < _FEWEST_IN_WORDS):
            counts.append(number.value)
    return counts[0] if len(counts) == 1 else None


def _time(reading: Reading, today: date) -> Iterator[tuple[str, str]]:
    """Give the period or the day as typed, and as ISO where it can be resolved; "wulan wingi" is a period, "wingi" a day."""
    period = find_period(reading.words, today)
    day = find_day(reading.words)
    if period is not None and (day is None or period[0] <= day[0] < period[1]):
        yield "period", " ".join(reading.typed[period[0] : period[1]])
        yield "period_iso", period[2]
    elif day is not None:
        words = " ".join(reading.typed[day[0] : day[1]])
        yield "date", words
        resolved = read_day(words, today, forward=False)
        if resolved is not None:
            yield "date_iso", resolved.isoformat()


def _topic(reading: Reading) -> str | None:
    """Give what someone wants to learn about, as typed: what stands behind "tentang" or "cara", else the first telling words."""
    for at, word in enumerate(reading.words[:-1]):
        if word in _TOPIC_AFTER:
            return " ".join(reading.typed[at + 1 : at + 1 + _MOST_TOPIC_WORDS])
    telling = [start for start, _, meaning in reading.phrases if meaning and not _TOPICAL.isdisjoint(meaning.classes)]
    return " ".join(reading.typed[telling[0] : telling[0] + _MOST_TOPIC_WORDS]) if telling else None


def _language_asked(reading: Reading) -> str | None:
    """Find the language somebody asks for; the one they do not want names the other."""
    for at, word in enumerate(reading.words):
        asked = "jv" if _JAVANESE.search(word) else "id" if word.startswith("indo") else None
        if asked is not None:
            refused = not _REFUSING.isdisjoint(reading.words[max(0, at - 3) : at])
            return _OTHER[asked] if refused else asked
    return None


_JAVANESE = re.compile("jaw[aio]|jow|krama|ngaka")
_REFUSING = folded("jangan jgn ojo ampun mosok bukan gak tidak ora mboten boten aja")
_OTHER = {"id": "jv", "jv": "id"}

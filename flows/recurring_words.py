"""The words in which officers say when something is to go out, in both languages: cut up, spelled alike, one symbol each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.days import weekday_of
from flows.quantities import read_number
from flows.recurrence import LONGEST_MONTH_DAYS
from flows.spelling import fold, folded
from flows.times import HOUR_NUMBERS

_TOKEN = re.compile(r"\d+(?:[-/.:]\d+)+|\d+|[^\W\d_]+(?:['`´’‘][^\W\d_]+)*|[-–—]")
_DASH, _DASHES = "-", "-–—"
_UP_TO = re.compile(r"\bs\s?[/.]\s?d\b\.?|\bsampai dengan\b")
_ORDINAL = re.compile(r"\bke\s*-?\s*(?=\d)")
_DOUBLED = re.compile(r"\b(tiap|saben)(?:2|\s*-\s*\1)(?!\w)")

EVERY = folded("setiap tiap saben ben stiap")
DAY_MARKS = folded("hari dina dinten hr")
DATE_MARKS = folded("tanggal tgl tg tngl tangal")
MONTH = folded("bulan bln wulan sasi sebulan sawulan sesasi bulannya wulanipun")
TO = folded("sampai sampe hingga ngantos nganti dumugi tekan sd") | {_DASH}
FROM = folded("mulai wiwit sejak")
THIS = folded("ini iki niki menika punika")
YEAR = folded("tahun thn taun")
LATER_TODAY = folded("nanti mengko mangke ntar")
GONE = folded("lalu kemarin kmrn wingi kepengker kepungkur tadi wau")
_NOISE = folded(
    "pada di ing wonten dikirim kirim kirimkan dipunkirim wib ya nggih tolong nyuwun tulung mohon dari saking saka saja mawon kemawon dalam "
    "pas tepat untuk kangge nasional juga"
)
AT_ONCE = frozenset(
    map(fold, ("sekarang", "saat ini", "saiki", "sakniki", "sakmenika", "sapunika", "langsung", "sekarang langsung", "langsung sekarang"))
)  # fmt: skip
ORDINALS = {fold(word): nth for nth, word in enumerate(("pertama", "kedua", "ketiga", "keempat"), start=1)}
# What is said in several words, in one; both sides folded.
_SAID_OTHERWISE = {
    fold(words): fold(said)
    for said, phrases in {
        "pertama": ("kesatu", "ke 1", "kapisan", "kaping pisan", "kaping setunggal", "kaping 1"),
        "kedua": ("ke 2", "kaping kalih", "kaping pindho", "kaping loro", "kaping 2"),
        "ketiga": ("ke 3", "kaping tiga", "kaping telu", "kaping 3"),
        "keempat": ("ke 4", "kaping sekawan", "kaping papat", "kaping 4"),
        "tiap bulan": ("sebulan sekali", "sesasi pisan", "sawulan sepisan"),
        "tiap pekan": ("sepekan sekali", "seminggu sekali", "seminggu pisan", "seminggu sepisan"),
        "tiap hari": ("sabendina", "bendina", "sabendinten"),
        "hari libur": ("tanggal merah", "tgl merah"),
        "": ("atau hari terakhir bulan itu", "utawi dinten pungkasan wulan menika"),  # as it is said of the 31st
    }.items()
    for words in phrases
}
_OTHERWISE = re.compile(rf"\b(?:{'|'.join(sorted(_SAID_OTHERWISE, key=len, reverse=True))})\b")
_SYMBOLS = {
    word: symbol
    for symbol, words in {
        "e": EVERY,
        "d": DAY_MARKS,
        "t": DATE_MARKS,
        "m": MONTH,
        "s": folded("minggu"),  # a week, or Sunday
        "k": folded("pekan"),
        "a": folded("dan lan serta karo kaliyan kalih sareng"),
        "-": TO,
        "x": folded("kecuali kejaba kajawi kejawi selain"),
        "h": folded("libur prei"),
        "j": folded("kerja"),
        "l": folded("terakhir akhir pungkasan"),
        "1": folded("sekali sepisan"),
        "o": frozenset(ORDINALS),
    }.items()
    for word in words
}


def cut_words(typed: str) -> list[str]:
    """Cut a text into folded words; dates and clock times stay whole."""
    text = _ORDINAL.sub("ke ", typed.lower())
    text = _UP_TO.sub("sampai", _DOUBLED.sub(r"\1", text))
    cut = " ".join(
        _DASH if word in _DASHES else word if word[0].isdecimal() else fold(word) for word in _TOKEN.findall(text)
    )
    words = _OTHERWISE.sub(lambda found: _SAID_OTHERWISE[found[0]], cut).split()
    for at, word in enumerate(words[:-1]):
        if word in DATE_MARKS:
            words[at + 1] = words[at + 1].replace(".", "/")  # "tgl 5.12" is no time
            if (number := read_number(words[at + 1 :], HOUR_NUMBERS)) is not None:
                words[at + 1 : at + 1 + number[1]] = [str(number[0])]
    return [word for word in words if word not in _NOISE]


def symbols_of(words: Sequence[str]) -> str:
    """Give the symbols of words, one letter each, so that a pattern's match tells which words it covers."""
    return "".join(map(symbol_of, words))


def symbol_of(word: str) -> str:
    """Give the symbol of a word: "n" is a day of the month, "w" a weekday, "?" none of those known here."""
    if word.isdecimal():
        return "n" if 1 <= int(word) <= LONGEST_MONTH_DAYS else "?"
    return _SYMBOLS.get(word) or ("?" if weekday_of(word) is None else "w")

"""The global words: what they are called in both languages, and what may stand behind them. They come before any open question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flows.broadcast import read_kind
from flows.codes import find_code, read_invitation, read_link_code
from flows.event import ANSWERS
from flows.recap import is_plain, names_lessons
from flows.spelling import fold
from handlers.topics import TOPIC_WORDS

_WORDS = {
    "menu": ("menu", "menu utama", "menu utami", "beranda", "mulai", "start", "draf", "draf saya", "draf kula"),
    "help": ("bantuan", "help", "pitulungan", "cara pakai"),
    "back": ("kembali", "wangsul", "balik", "bali", "mundur", "back"),
    "cancel": ("batal", "batalkan", "batalaken", "dibatalkan", "cancel", "ora sido", "mboten sios", "batal mawon"),
    "status": ("status", "cek status", "status permohonan", "status laporan", "permohonan saya", "panyuwunan kula"),
    "stop": ("stop", "berhenti", "mandheg", "kendel", "unsubscribe", "berhenti langganan", "leren langganan", "ampun dikirimi malih"),
    "subscribe": ("langganan", "subscribe", "langganan malih", "langganan lagi"),
    "language": ("bahasa", "basa", "ganti bahasa", "gantos basa", "ganti basa"),
    "indonesian": ("bahasa indonesia", "basa indonesia", "pakai bahasa indonesia"),
    "javanese": ("bahasa jawa", "basa jawa", "basa jawi", "boso jowo", "pakai bahasa jawa", "ngagem basa jawi"),
    "erase": ("hapus data", "hapus_data", "hapus data saya", "busak data", "busak data kula"),
    "data": ("data saya", "data_saya", "data kula", "lihat data saya"),
    "officer": ("petugas", "bicara dengan petugas", "bicara petugas", "matur dhateng petugas", "matur petugas", "operator"),
    "services": ("layanan", "daftar layanan"),
    "complaints": ("lapor", "aduan", "keluhan", "mengadu", "wadul"),
    "village": ("ganti desa", "gantos desa", "ubah desa", "desa saya"),
    "learn": ("belajar", "sinau"),
    "tips": ("tips", "materi berikutnya"),
    "repeat": ("ulangi", "ulangi kuis", "kuis", "ambali", "baleni"),
    "lesson_help": ("lesson_help",),
    "tip_answer": ("tip_answer",),
    "tips_pause": ("jeda tips", "tunda tips", "tips leren rumiyin", "leren tips"),
    "tips_resume": ("lanjut tips", "lanjutkan tips", "lajengaken tips", "tips lajeng"),
    "lesson": ("lesson",),
    "suspicion": ("cek hoaks", "cek hoax", "cek pesan", "cek pesen", "cek penipuan", "cek tautan", "cek link", "apa ini penipuan", "apakah ini penipuan",
                  "ini penipuan apa bukan", "iki penipuan apa dudu", "menapa niki penipuan", "niki penipuan menapa sanes"),
    "suspicion_report": ("suspicion_report",),
    "suspicions": ("waspada", "waspodo", "suspicions"),
    "join": ("daftar relawan", "ndaftar relawan", "jadi relawan", "dados relawan", "gabung relawan"),
    "visits": ("tinjau", "tinjau kunjungan", "periksa kunjungan"),
    "review": ("review",),
    "amend": ("ubah", "amend", "gantos kunjungan"),
    "draft": ("draft",),
    "invite": ("undang relawan", "ngaturi relawan", "ajak relawan", "undangan relawan"),
    "invited": ("undangan",),
    "link": ("hubungkan", "hubungkan akun", "sambungkan akun", "gandhengaken", "gandhengaken akun", "gabungkan akun"),
    "visit": ("kunjungan", "lapor kunjungan", "lapor kegiatan", "visit"),
    "guides": ("panduan", "guides", "daftar panduan", "baca panduan"),
    "guide_new": ("terbitkan panduan", "panduan baru", "panduan enggal", "guide_new"),
    "guide_ask": ("guide_ask",),
    "guide_seen": ("guide_seen",),
    "guide_talk": ("guide_talk",),
    "guide_answer": ("guide_answer",),
    "tasks": ("tugas", "tugas saya", "tugas kula"),
    "assist": ("bantu", "biyantu"),
    "recap": ("rekap", "rekapan", "recap"),
    "volunteers": ("volunteers", "relawan", "daftar para relawan"),
    "volunteer": ("volunteer",),
    "desk": ("meja", "meja petugas", "antrean", "antrian", "desk"),
    "close": ("tutup", "tutup obrolan", "close"),
    "open": ("open", "buka", "bikak"),
    "talk": ("talk",),
    "add": ("add", "lengkapi", "jangkepi"),
    "confirm": ("confirm",),
    "reopen": ("reopen",),
    "events": ("acara", "daftar acara", "acara relawan", "jadwal acara"),
    "event": ("event",),
    "event_new": ("acara baru", "acara enggal", "buat acara", "ndamel acara"),
    "broadcast_new": ("siaran baru", "buat siaran", "woro-woro enggal", "siaran enggal", "ndamel siaran", "siaran_baru", "broadcast_new"),
    "broadcast_request": ("siaran_periksa",),
    "broadcast_approve": ("siaran_setuju",),
    "broadcast_decline": ("siaran_tolak",),
    "broadcasts": ("siaran", "broadcast", "daftar siaran", "woro-woro"),
    "rsvp": ("rsvp",),
    "attend": ("hadir", "rawuh"),
}  # fmt: skip
_BY_WORD = MappingProxyType({fold(word): name for name, words in _WORDS.items() for word in words})
_MOST_CHARS = 63  # the longest that a button carries, without its mark


def _is_number(rest: str) -> bool:
    return rest.isdecimal() and len(rest) <= 18


def _is_subject(rest: str) -> bool:
    """Tell whether this names a request or a visit by its code, or a row by its number."""
    return find_code(rest) is not None or _is_number(rest)


def _is_answer(rest: str) -> bool:
    """Tell whether this is the number of an event and what somebody answers to it."""
    number, _, answer = rest.partition(" ")
    return _is_number(number) and answer in ANSWERS


def _is_seen(rest: str) -> bool:
    """Tell whether this is the number of a broadcast and the beginning of its digest."""
    number, _, seen = rest.partition(" ")
    return _is_number(number) and re.fullmatch(r"[0-9a-f]{16}", seen) is not None


def _is_room_code(rest: str) -> bool:
    """Tell whether this may be the code of a room, perhaps mistyped; "hadir 25" is rather a number of people."""
    digits = "".join(rest.split())
    return digits.isdecimal() and 3 <= len(digits) <= 8


# What may stand behind a word, and behind which it must.
_BEHIND: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        **dict.fromkeys(("open", "add", "confirm", "reopen", "status", "review", "amend"), _is_subject),
        **dict.fromkeys(("tasks", "assist"), lambda rest: find_code(rest) is not None),
        **dict.fromkeys(
            ("volunteer", "talk", "draft", "event", "guides", "broadcasts", "broadcast_request"), _is_number
        ),
        **dict.fromkeys(("guide_ask", "guide_seen", "guide_talk", "guide_answer"), _is_number),
        "rsvp": _is_answer,
        "broadcast_new": lambda rest: read_kind(rest) is not None,
        **dict.fromkeys(("broadcast_approve", "broadcast_decline"), _is_seen),
        "attend": _is_room_code,
        "invited": lambda rest: read_invitation(rest) is not None,
        "link": lambda rest: read_link_code(rest) is not None,
        "lesson_help": lambda rest: re.fullmatch(r"[a-z_]{3,40}", rest) is not None,
        "tip_answer": lambda rest: re.fullmatch(r"[a-z_]{3,40} [a-d]", rest) is not None,
        **dict.fromkeys(("lesson", "lesson_help"), lambda rest: re.fullmatch(r"[a-z_]{3,40}", rest) is not None),
        "suspicion_report": lambda rest: re.fullmatch(r"\d{1,2}(\.\d{1,2}){0,30}", rest, re.ASCII) is not None,
        **dict.fromkeys(("stop", "subscribe"), lambda rest: fold(rest) in TOPIC_WORDS),
        "recap": lambda rest: is_plain(rest) or names_lessons(rest),
    }
)
_MAY_STAND_ALONE = frozenset(
    {
        "status",
        "stop",
        "subscribe",
        "attend",
        "guides",
        "tasks",
        "assist",
        "recap",
        "link",
        "broadcast_new",
        "broadcasts",
    }
)
ALWAYS = frozenset({"cancel", "stop", "officer"})  # get through whatever a question keeps for itself


@dataclass(frozen=True, slots=True)
class Command:
    """A global word, and what stood behind it."""

    name: str
    argument: str = ""


def find_command(text: str) -> Command | None:
    """Find the command a whole message is, with or without a slash."""
    typed = text.strip().removeprefix("/").strip()
    if not typed or len(typed) > _MOST_CHARS:
        return None
    whole = _BY_WORD.get(fold(typed))
    if whole is not None and (whole not in _BEHIND or whole in _MAY_STAND_ALONE):
        return Command(whole)
    first, _, rest = typed.partition(" ")
    head, rest = _BY_WORD.get(fold(first)), rest.strip()
    if head is not None and head in _BEHIND and _BEHIND[head](rest):
        return Command(head, rest)
    if head == "menu" and text.strip().lower().startswith("/start"):
        return Command("menu", rest)
    return None

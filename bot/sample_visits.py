"""Made-up visits of the sample volunteer: what an officer of the demo finds to review and to count."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from flows.chat import Json
from flows.codes import VISIT, make_code
from flows.visit_content import WOMEN, read_visit_kinds
from flows.visit_review import APPROVE, SEND_BACK
from storage import visits


@dataclass(frozen=True, slots=True)
class _Sample:
    """A visit so many days ago; ``answers`` are those to the questions of its kind, what is not there was skipped."""

    days: int
    kind: str
    people: int
    answers: dict[str, Json]
    note: str | None = None
    decided: str | None = APPROVE
    reason: str | None = None


# The oldest first, as they would have come in.
_VISITS = (
    _Sample(70, "digitalisasi", 6, {
        "layanan": "surat lewat OpenSID", "sebelum": "surat diketik ulang satu per satu",
        "sesudah": "surat domisili jadi dalam sepuluh menit", "terhambat": "jaringan balai desa sering putus",
    }),
    _Sample(64, "literasi", 32, {"pilar": "aman", "women": 21, "materi": ["aman_otp", "aman_tautan_palsu"]}, "Acara PKK"),
    _Sample(58, "pendampingan", 12, {"topik": "aktivasi IKD", "hasil": "9 orang berhasil, 3 belum punya email"}),
    _Sample(51, "lomba_desa", 8, {
        "lomba": "lomba desa digital", "tahap": "pendaftaran", "bantuan": "mengisi profil desa dan mengunggah foto kegiatan",
    }),
    _Sample(45, "literasi", 24, {"pilar": "cakap", "women": 15, "materi": ["cakap_foto_produk"]}),
    _Sample(38, "pendampingan", 7, {
        "topik": "daftar NIB", "hasil": "5 pelaku usaha sudah punya NIB", "kendala": "dua orang belum membawa KTP",
    }),
    _Sample(30, "digitalisasi", 14, {
        "layanan": "QRIS pasar desa", "sebelum": "semua pedagang hanya menerima uang tunai",
        "sesudah": "11 pedagang menerima QRIS",
    }),
    _Sample(23, "literasi", 40, {"pilar": "budaya", "women": 18, "materi": ["budaya_cek_hoaks"]}, "Bersama karang taruna"),
    _Sample(16, "lomba_desa", 10, {
        "lomba": "lomba desa digital", "tahap": "penilaian kecamatan", "bantuan": "menyiapkan paparan dan latihan tanya jawab",
        "hasil": "maju ke tingkat kabupaten",
    }),
    _Sample(3, "pendampingan", 9, {"topik": "aktivasi Mobile JKN", "hasil": "sebagian besar berhasil"},
            decided=SEND_BACK, reason="Berapa orang yang berhasil, dan yang lain terkendala apa?"),
    _Sample(1, "literasi", 27, {"pilar": "etika", "women": 16}, "Bahan buatan sendiri", None),
    _Sample(0, "pendampingan", 5, {"topik": "memasang lokasi warung di Google Maps", "hasil": "5 warung sudah muncul di peta"},
            decided=None),
)  # fmt: skip


def add_visits(
    connection: sa.Connection, volunteer: int, officer: int, villages: Sequence[str], seed: int, now: datetime
) -> None:
    """Add the visits of a volunteer, in these villages by turns; an officer has decided about most."""
    kinds = read_visit_kinds()
    dice = random.Random(seed)  # noqa: S311  sample data shall be repeatable
    for number, (each, digits) in enumerate(zip(_VISITS, dice.sample(range(27**3), len(_VISITS)), strict=True)):
        at = now - timedelta(days=each.days, hours=1)
        code, village, day = make_code(digits, prefix=VISIT), villages[number % len(villages)], at.date().isoformat()
        answers: dict[str, Json] = {
            "kind": each.kind,
            "village": village,
            "place": None,
            "day": day,
            "people": each.people,
        }
        answers |= {question.key: each.answers.get(question.key) for question in kinds[each.kind].questions}
        stored = json.dumps(answers | {"photos": None, "note": each.note}, ensure_ascii=False)
        women = answers.get(WOMEN)
        visit = visits.add_visit(
            connection, code=code, contact_id=volunteer, digest=code, kind=each.kind, village=village, day=day,
            people=each.people, women=women if isinstance(women, int) else None, flagged=False, answers=stored, now=at,
        )  # fmt: skip
        if visit is None:
            raise RuntimeError(f"the code {code} of a sample visit is taken")
        visits.add_event(connection, visit, volunteer, "send", 1, at, answers=stored)
        if each.decided is not None:
            later = at + timedelta(days=1)
            state = {APPROVE: "approved", SEND_BACK: "sent_back"}[each.decided]
            visits.change_visit(connection, visit, 1, visits.TO_REVIEW, later, state=state)
            visits.add_event(connection, visit, officer, each.decided, 1, later, note=each.reason)

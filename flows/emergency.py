"""Words that mean danger to life: whoever types them is told at once whom to call."""

from __future__ import annotations

from flows.spelling import fold
from flows.text import N_

_WORDS = (
    "kebakaran", "kobongan", "tenggelam", "kelem", "kecelakaan", "tabrakan", "pingsan", "semaput", "sekarat",
    "ambulans", "ambulan", "darurat", "tertimbun", "keseret banjir", "terseret arus", "hanyut", "keracunan", "tersengat listrik",
    "kesetrum", "pendarahan", "melahirkan sekarang", "dibacok", "perampokan", "begal",
)  # fmt: skip
_DESPAIR = ("bunuh diri", "nglalu", "bundhir", "ingin mati", "pengin mati", "pingin mati", "mengakhiri hidup")
_MOST_CHARS = 400
_FOLDED = tuple(f" {fold(word)} " for word in (*_WORDS, *_DESPAIR))
_FOLDED_DESPAIR = tuple(f" {fold(word)} " for word in _DESPAIR)

CALL_NOW = N_(
    "*If there is danger to life, call now:* 112 (emergency; may not answer everywhere yet), 119 (ambulance), 110 (police), or your village officers. Rewang is no emergency service."
)

NOT_ALONE = N_(
    "You are not alone, and you need not carry this alone. Please tell somebody you trust now, your midwife or the nearest puskesmas. Would you like to talk to an officer? Type *petugas*."
)


def is_emergency(text: str) -> bool:
    """Tell whether a message speaks of danger to life."""
    return _has(text, _FOLDED)


def is_despair(text: str) -> bool:
    """Tell whether a message speaks of ending one's own life."""
    return _has(text, _FOLDED_DESPAIR)


def _has(text: str, words: tuple[str, ...]) -> bool:
    folded = f" {fold(text[:_MOST_CHARS])} "
    return any(word in folded for word in words)

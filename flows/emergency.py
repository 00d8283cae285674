"""Words that mean danger to life: whoever types them is told at once whom to call."""

from __future__ import annotations

from flows.spelling import fold
from flows.text import N_

_WORDS = (
    "kebakaran", "kobongan", "tenggelam", "kelem", "kecelakaan", "tabrakan", "pingsan", "semaput", "sekarat", "bunuh diri",
    "ambulans", "ambulan", "darurat", "tertimbun", "keseret banjir", "terseret arus", "hanyut", "keracunan", "tersengat listrik",
    "kesetrum", "pendarahan", "melahirkan sekarang", "dibacok", "perampokan", "begal",
)  # fmt: skip
_MOST_CHARS = 400
_FOLDED = tuple(f" {fold(word)} " for word in _WORDS)

CALL_NOW = N_(
    "*If there is danger to life, call now:* 112 (emergency; may not answer everywhere yet), 119 (ambulance), 110 (police), or your village officers. Rewang is no emergency service."
)


def is_emergency(text: str) -> bool:
    """Tell whether a message speaks of danger to life."""
    folded = f" {fold(text[:_MOST_CHARS])} "
    return any(word in folded for word in _FOLDED)

"""Which place a recap is asked for, and the button that asks for the same once more, but for a few words."""

from __future__ import annotations

from flows.places import District, Found, One, Several
from flows.recap import LEARNING, Asked
from flows.text import N_
from handlers.turn import Tx

_MOST_OFFERED = 8


def find_place(tx: Tx, asked: Asked) -> str | None:
    """Find the place that is named: its official code, "" where none is; None where it was asked back which one is meant."""
    found = tx.office.registry.places.find(asked.rest) if asked.rest else None
    if isinstance(found, Several) and found.district is None:
        tx.say(N_("Several villages are called that. In which kecamatan?"))
        for village in found.places[:_MOST_OFFERED]:
            tx.offer(village.district, command(asked, village.code))
        return None
    for village in found.places if isinstance(found, Several) else ():
        tx.offer(village.full_name.partition(",")[0], command(asked, village.code))
    return code_of(found)


def code_of(found: Found | None) -> str:
    """Give the code of the one place that was found; a name that a kecamatan bears too means the kecamatan."""
    if isinstance(found, One):
        return found.place.code
    district = found.district if isinstance(found, District | Several) else None
    return district.code if district is not None else ""


def command(asked: Asked, *words: str, period: str = "") -> str:
    """Make a button's command: the same recap, but for the words given."""
    about = LEARNING[0] if asked.about == "lessons" else ""
    named = period or (asked.period.iso if asked.period else "")
    kind = f"k:{asked.kind}" if asked.kind else ""
    return " ".join(filter(None, ("rekap", about, named, kind, *words)))

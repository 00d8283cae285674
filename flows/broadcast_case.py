"""What an officer does with a broadcast that has been written: looks again, pauses, cancels, sends again, takes the table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flows.chat import Chat, Option
from flows.fields import Pick
from flows.outcomes import BroadcastChanged, BroadcastExported, Open, Outcome
from flows.text import N_, Text

MOST_SHEET_ROWS = 100_000  # a larger table takes minutes as Excel, and most programs do not open it
# Whom an action sends to again: the state they are in.
AGAIN: Mapping[str, str] = MappingProxyType({"again_failed": "failed", "again_unknown": "unknown"})
ACTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "refresh": N_("Newest figures"),
        "pause": N_("Pause sending"),
        "resume": N_("Go on sending"),
        "again_failed": N_("Send failed again"),
        "again_unknown": N_("Send unsure again"),
        "cancel": N_("Cancel it"),
        "table": N_("Table of result"),
    }
)
_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "refresh": ("perbarui", "lihat lagi", "segarkan", "enggalaken"),
        "pause": ("jeda", "tahan", "kendelaken", "ampet"),
        "resume": ("lanjut", "lanjutkan", "teruskan", "lajengaken"),
        "again_failed": ("ulangi", "ulangi gagal", "kirim ulang", "ambali"),
        "again_unknown": ("ulangi tidak pasti", "ambali mboten tamtu"),
        "cancel": ("hentikan", "mandhegaken"),  # *batal* alone leaves the question, as everywhere
        "table": ("tabel", "ekspor", "excel"),
    }
)
_YES = Option("yes", N_("Yes, do it"), ("ya", "iya", "nggih", "inggih"))
_NO = Option("no", N_("No, leave it"), ("tidak", "jangan", "mboten", "ampun"))


async def broadcast_case(chat: Chat) -> Outcome:
    """Ask what to do with a broadcast; how far it is was shown before.

    Facts: ``broadcast``, ``actions`` that are possible, ``begun``; how many are ``failed``, ``unknown`` and ``waiting``, and
    all of them, ``rows``.
    """
    number, possible = _number(chat, "broadcast"), chat.facts["actions"]
    options = tuple(
        Option(each, label, _WORDS[each])
        for each, label in ACTIONS.items()
        if isinstance(possible, list) and each in possible
    )
    leave = Option("leave", N_("All broadcasts"), ("daftar siaran", "semua siaran", "kembali ke daftar"))
    action = await chat.ask("action", N_("What would you like to do?"), Pick((*options, leave), per_page=10))
    if action in ("leave", "refresh"):
        return Open("broadcasts" if action == "leave" else "broadcast_case", {"broadcast": number})
    if action == "table":
        return BroadcastExported(number, await _ask_form(chat))
    asked = _asked(chat, action)
    if asked is not None and await chat.ask("sure", asked, Pick((_YES, _NO))) == "no":
        return Open("broadcast_case", {"broadcast": number})
    return BroadcastChanged(number, action)


def _asked(chat: Chat, action: str) -> Text | None:
    """Say what is to be thought of before an action that cannot be taken back."""
    if action == "cancel" and not chat.facts["begun"]:
        return N_("Shall it not go out at all? That cannot be taken back.")
    if action == "cancel":
        return N_(
            "Shall it be cancelled? {count} people still waiting do not get it then. That cannot be taken back; to wait a while, pause it.",
            count=_number(chat, "waiting"),
        )
    if action == "again_unknown":
        return N_(
            "Of {count} people it is not certain whether they got it: the line broke just then. Some of them will get it *twice*. Send it again?",
            count=_number(chat, "unknown"),
        )
    if action == "again_failed":
        return N_("Send it once more to the {count} people it could not be sent to?", count=_number(chat, "failed"))
    return None


async def _ask_form(chat: Chat) -> str:
    """Ask for Excel or CSV; of a very large table there is only CSV."""
    if _number(chat, "rows") > MOST_SHEET_ROWS:
        return "csv"
    forms = (Option("xlsx", "Excel", ("xlsx", "excel")), Option("csv", "CSV"))
    return await chat.ask("form", N_("As Excel (with sums) or as CSV (recipients only)?"), Pick(forms))


def _number(chat: Chat, name: str) -> int:
    return int(str(chat.facts[name]))

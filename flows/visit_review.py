"""What the office does with visits: the list of those that wait, one press for one or for all shown, a reason to send one back."""

from __future__ import annotations

from flows.chat import Chat, Option
from flows.fields import Pick, Words
from flows.outcomes import Nothing, Open, Outcome, VisitsDecided
from flows.text import N_, Both, Text

APPROVE, SEND_BACK = "approve", "send_back"
STATES: dict[str, Text] = {
    "received": N_("received"),
    "sent_back": N_("sent back to you"),
    "resubmitted": N_("sent again"),
    "approved": N_("approved"),
}
_APPROVE_WORDS = ("setujui", "setuju", "terima", "ya", "sarujuk")
_SEND_BACK_WORDS = ("kembalikan", "tolak", "wangsulaken")


async def visits_flow(chat: Chat) -> Outcome:
    """Show an officer the visits that wait, and let them approve all that are shown and raise no question.

    Facts: ``visits`` [[id, version, code, kind id, kind jv, village, people, flagged], …], the first few of ``waiting``.
    """
    kept = chat.facts.get("visits")
    rows = [row for row in (kept if isinstance(kept, list) else []) if isinstance(row, list) and len(row) == 8]
    if not rows:
        chat.say(N_("No visit waits. Thank you!"))
        return Nothing()
    plain = tuple((int(str(row[0])), int(str(row[1]))) for row in rows if not row[7])
    options = tuple(
        Option(
            f"visit:{number}",
            N_("{flag}{code} {kind} {village}", flag="⚑ " if flagged else "", code=str(code), kind=Both(str(kind_id), str(kind_jv)), village=str(village)),
            (str(code),),
        )
        for number, _, code, kind_id, kind_jv, village, _, flagged in rows
    )  # fmt: skip
    everything = (
        (Option("all", N_("Approve all {count}", count=len(plain)), ("setujui semua", "semua")),)
        if len(plain) > 1
        else ()
    )
    chosen = await chat.ask(
        "visit",
        N_("*Visits to look at*: {waiting}, the oldest first. ⚑ marks a location that does not fit the village. Open one, or approve all shown without ⚑.", waiting=int(str(chat.facts.get("waiting", len(rows))))),
        Pick((*options, *everything), per_page=10),
    )  # fmt: skip
    if chosen == "all":
        return VisitsDecided(plain, APPROVE)
    return Open("visit_case", {"visit": int(chosen.removeprefix("visit:"))})


async def visit_case(chat: Chat) -> Outcome:
    """Let an officer decide about one visit, which was shown before. Facts: ``visit``, ``version``, ``code``."""
    action = await chat.ask(
        "action",
        N_("What about {code}?", code=str(chat.facts["code"])),
        Pick(
            (
                Option(APPROVE, N_("Approve"), _APPROVE_WORDS),
                Option(SEND_BACK, N_("Send back"), _SEND_BACK_WORDS),
                Option("leave", N_("Back to the visits"), ("daftar", "kembali ke daftar", "nanti")),
            )
        ),
    )
    if action == "leave":
        return Open("visits")
    reason = None
    if action == SEND_BACK:
        reason = await chat.ask("reason", N_("What is missing or not clear? The volunteer will read it."), Words(300))
    visit = (int(str(chat.facts["visit"])), int(str(chat.facts["version"])))
    return VisitsDecided((visit,), action, reason)

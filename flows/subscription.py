"""Tips that come by themselves: how often, when and about what; and what can be done about them later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from flows.chat import Chat, Invalid, Json, Option, Reply, Stale
from flows.days import WEEKDAYS
from flows.fields import NONE, Pick
from flows.lesson_content import PILLARS
from flows.outcomes import Nothing, Outcome, Subscribed, SubscriptionChanged
from flows.text import N_, Text, paragraphs
from flows.times import TimeOfDay

DAY, WEEK = "day", "week"
ALL = "all"
USUAL = time(18, 30)
_OFFERED = (USUAL, time(6, 30), time(12, 0))
_DAY = Option(DAY, N_("Every day"), ("tiap hari", "setiap hari", "harian", "saben dinten", "saben dina", "hari"))
_WEEK = Option(WEEK, N_("Once a week"), ("seminggu sekali", "tiap minggu", "setiap minggu", "mingguan", "saben minggu", "minggu"))  # fmt: skip
_EVERYTHING = Option(ALL, N_("Everything"), ("semua", "apa saja", "sedaya", "menapa mawon", "kabeh"))
CHANGES: dict[str, Option] = {
    "change": Option("change", N_("Change"), ("ubah", "ganti", "ewah", "gantos", "ewahi")),
    "pause": Option("pause", N_("Pause"), ("jeda", "tunda", "leren")),
    "resume": Option("resume", N_("Go on"), ("lanjut", "lanjutkan", "lajeng", "lajengaken")),
    "end": Option("end", N_("No more tips"), ("stop", "berhenti", "mandheg", "kendel")),
    "keep": Option("keep", N_("Leave it so"), ("biar", "biarkan", "tetap", "kados mekaten", "sampun", "cekap")),
}
_WEEKDAYS = tuple(Option(str(number), name, (name.id, name.jv)) for number, name in enumerate(WEEKDAYS))


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day that is not in the quiet hours (start, end); the usual ones can be chosen."""

    quiet: tuple[time, time]
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return tuple(Option(f"{each:%H:%M}", f"{each:%H.%M}") for each in _OFFERED if not self._is_quiet(each))

    def parse(self, reply: Reply) -> time:
        found = TimeOfDay().parse(reply)
        if self._is_quiet(found):
            start, end = (f"{each:%H.%M}" for each in self.quiet)
            raise Invalid(N_("From {start} to {end} I send nothing, so that nobody is disturbed. Please choose another time.", start=start, end=end))  # fmt: skip
        return found

    def dump(self, value: time) -> Json:
        return f"{value:%H:%M}"

    def load(self, raw: Json) -> time:
        found = TimeOfDay().load(raw)
        if self._is_quiet(found):
            raise Stale
        return found

    def show(self, value: time) -> Text:
        return f"{value:%H.%M}"

    def _is_quiet(self, moment: time) -> bool:
        start, end = self.quiet
        return moment >= start or moment < end if start > end else start <= moment < end


def when_text(period: str, weekday: int, minute: int) -> Text:
    """Say when tips come."""
    at = f"{minute // 60:02}.{minute % 60:02}"
    if period == DAY:
        return N_("every day at {time}", time=at)
    return N_("every {weekday} at {time}", weekday=WEEKDAYS[weekday], time=at)


def about_text(pillar: str) -> Text:
    """Say what tips are about."""
    return PILLARS[pillar] if pillar else N_("Everything")


async def subscribe_flow(chat: Chat) -> Outcome:
    """Ask how often, when and about what tips shall come, or what shall become of those that come.

    Facts: ``subscription`` {period, weekday, minute, pillar, state} where there is one; ``quiet`` [start, end];
    ``weekday``, today's; ``change`` where it is to be changed at once.
    """
    kept = chat.facts.get("subscription")
    known = kept if isinstance(kept, dict) else {}
    if known and not chat.facts.get("change"):
        state = str(known["state"])
        names = ("change", "pause" if state in ("on", "held") else "resume", "end", "keep")
        chosen = await chat.ask(
            "what",
            paragraphs(
                N_("You get a tip {when}. About: {about}.", when=_when(known), about=about_text(str(known["pillar"]))),
                N_("At the moment they are paused.") if state in ("paused", "asked") else None,
                N_("What would you like?"),
            ),
            Pick(tuple(CHANGES[name] for name in names)),
        )
        if chosen == "keep":
            chat.say(N_("All right, it stays so."))
            return Nothing()
        if chosen != "change":
            return SubscriptionChanged(chosen)
    period = await chat.ask(
        "period", N_("I send you a short tip with a question, a minute to read. How often would you like one?"), Pick((_DAY, _WEEK))
    )  # fmt: skip
    weekday = str(chat.facts["weekday"])
    if period == WEEK:
        weekday = await chat.ask("weekday", N_("On which day?"), Pick(_WEEKDAYS, per_page=len(_WEEKDAYS)))
    quiet = chat.facts["quiet"]
    start, end = (time.fromisoformat(str(each)) for each in (quiet if isinstance(quiet, list) else ()))
    hour = await chat.ask("hour", N_("At what time? Choose one, or type it, for example *19.00*."), Hour((start, end)))
    pillars = tuple(Option(pillar, name, (pillar,)) for pillar, name in PILLARS.items())
    about = await chat.ask("about", N_("What shall the tips be about?"), Pick((_EVERYTHING, *pillars)))
    return Subscribed(period, int(weekday), hour.hour * 60 + hour.minute, "" if about == ALL else about)


def _when(known: dict[str, Json]) -> Text:
    return when_text(str(known["period"]), int(str(known["weekday"])), int(str(known["minute"])))

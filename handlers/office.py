"""What every use-case needs: content, voices, settings of the office and its clock, put together once at start."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flows.registry import Registry
from handlers.hours import Hours, Quiet
from handlers.messages import Ability
from handlers.render import Voices
from handlers.windows import SendWindow


@dataclass(frozen=True, slots=True)
class Programme:
    """The office's rules for its volunteers.

    Attributes:
        no_visit_days: an active volunteer without a visit for so long is reminded.
        draft_hours: a visit begun and not sent is reminded of after so long.
        sent_back_days: likewise a visit that was sent back.
        remind_after: office time without a word on a request that a volunteer took; then they are reminded,
        return_after: then it goes back to the queue,
        coordinator_after: and when nobody takes it for so long, the coordinators are told.
        approve_over: a broadcast to more people than that waits until a second officer approves.
        tip_silence: after so many tips without a word from somebody they are asked whether to go on.
        suspicion_wave: messages with the same sign of fraud that people had checked in one day; then the coordinators are told.
        targets: what the programme wants to reach in a year, by indicator.
    """

    no_visit_days: int = 30
    draft_hours: int = 24
    sent_back_days: int = 3
    remind_after: timedelta = timedelta(hours=7)
    return_after: timedelta = timedelta(hours=14)
    coordinator_after: timedelta = timedelta(hours=14)
    approve_over: int = 500
    tip_silence: int = 5
    suspicion_wave: int = 10
    targets: Mapping[str, int] = field(default_factory=dict)


# What can be aimed at: visits of each kind and of all, people reached, requests done, villages visited.
INDICATORS = ("visits", "pendampingan", "digitalisasi", "literasi", "lomba_desa", "people", "requests", "villages")


def read_targets(text: str) -> dict[str, int]:
    """Read a year's targets from settings, as ``visits=1200, people=30000``.

    Raises:
        ValueError: says which part is not understood.
    """
    targets: dict[str, int] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in INDICATORS or not number.isdecimal():
            raise ValueError(f"targets: {part!r} is not of the form 'visits=1200'; known are {', '.join(INDICATORS)}")
        targets[name] = int(number)
    return targets


@dataclass(frozen=True, slots=True)
class Office:
    """Put together by bot/app.py; read-only."""

    registry: Registry
    voices: Voices
    abilities: Mapping[str, Ability]
    zone: ZoneInfo
    hours: Hours
    quiet: Quiet = Quiet()  # noqa: RUF009  frozen
    window: SendWindow = SendWindow()  # noqa: RUF009  frozen
    programme: Programme = Programme()
    telegram_name: str = ""  # the bot's, without @, for links that open a chat with it
    demo: bool = False  # only then may somebody on the web page be more than a villager
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    random_below: Callable[[int], int] = secrets.randbelow

    def may_disturb(self, moment: datetime) -> bool:
        """Tell whether people may be written to who did not write first."""
        return self.quiet.end_after(self.local(moment)) is None

    def may_broadcast(self, moment: datetime) -> bool:
        """Tell whether broadcasts leave: within the send window, which leaves the quiet hours out."""
        return self.window.is_open(self.local(moment))

    def local(self, moment: datetime) -> datetime:
        """Give a time in the office's zone."""
        return moment.astimezone(self.zone)

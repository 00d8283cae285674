"""What a finished flow asks for, as data. The handler applies it in the transaction that closes the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.chat import Json


@dataclass(frozen=True, slots=True)
class Nothing:
    """The flow has said what there was to say."""


@dataclass(frozen=True, slots=True)
class Open:
    """Go on with another flow: its name, and what it shall know from the start."""

    flow: str
    given: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Onboarded:
    """A contact has chosen a language, agreed to the privacy notice and named a village (official code)."""

    language: str
    village: str | None


@dataclass(frozen=True, slots=True)
class Declined:
    """A contact has not agreed to the privacy notice."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """A contact wants to be spoken to in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class VillageChosen:
    """A contact lives in this village (official code)."""

    village: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request or complaint, reviewed and sent: the visited answers, by key."""

    service: str
    answers: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a draft: the id of a parked conversation of the same contact."""

    conversation: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody moves a request on: an action of handlers/requests.py, with a note and photos where given."""

    request: int
    action: str
    note: str | None = None
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EraseMe:
    """A contact has confirmed that everything stored about them shall go."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A contact wants an officer; what it is about."""

    about: str


@dataclass(frozen=True, slots=True)
class Applied:
    """Somebody would like to become a volunteer for some villages (official codes)."""

    name: str
    villages: tuple[str, ...]
    skills: str
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An officer invites so many people to apply as volunteers, for a village (official code) or for any."""

    village: str | None
    people: int


@dataclass(frozen=True, slots=True)
class VolunteerChanged:
    """An officer decides about a volunteer: accept, decline, pause, resume or end, with a reason where one is needed."""

    volunteer: int
    action: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """An officer lets another volunteer, or somebody who has applied, take over all villages of a volunteer, who ends."""

    volunteer: int
    successor: int
    reason: str


@dataclass(frozen=True, slots=True)
class VillagesChanged:
    """An officer gives a volunteer a village (official code) or takes one away."""

    volunteer: int
    added: str | None = None
    removed: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A contact wants this account and the one whose code was typed to be one."""

    code: str


@dataclass(frozen=True, slots=True)
class Visited:
    """A volunteer's visit, reviewed and sent.

    Attributes:
        kind: the kind's id.
        village: official code.
        answers: the visited answers by key.
        flagged: the location that was shared does not fit the village, and the volunteer stands by the village.
        amends: id and version of the visit that this one replaces; None for a new visit.
    """

    kind: str
    village: str
    answers: Mapping[str, Json]
    flagged: bool = False
    amends: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """Staff would like a table of visits: a period as flows/periods.py keeps it, xlsx or csv, and what it is narrowed to."""

    period: str
    form: str
    place: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LessonsExported:
    """Staff would like a table of how lessons go: a period, xlsx or csv, and the place it is narrowed to."""

    period: str
    form: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Helped:
    """A volunteer moves a request on that they have: progress, ask, done, hand_on (to a contact) or return."""

    request: int
    action: str
    note: str | None = None
    to: int | None = None


@dataclass(frozen=True, slots=True)
class PhotosAdded:
    """A volunteer has sent photos of a visit afterwards; None where they belong to none."""

    visit: int | None
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitsDecided:
    """An officer decides about visits, each in the version that was seen: approve or send_back, the latter with a reason."""

    visits: tuple[tuple[int, int], ...]
    action: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LessonAnswered:
    """A contact has answered the question of a lesson."""

    lesson: str
    right: bool


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A contact would like a tip each ``period`` (day or week): minute of the local day, weekday 0 is Monday, pillar "" any."""

    period: str
    weekday: int
    minute: int
    pillar: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """A contact does something about their tips: pause, resume or end."""

    action: str


@dataclass(frozen=True, slots=True)
class EventAnnounced:
    """An officer announces an event to the volunteers: its day is ISO, its time HH:MM in the office's zone."""

    title: str
    place: str
    day: str
    time: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class EventChanged:
    """An officer does something with an event: move, cancel, material, or present (a person who was there)."""

    event: int
    action: str
    day: str = ""
    time: str = ""
    note: str = ""
    media: tuple[str, ...] = ()
    person: int = 0


@dataclass(frozen=True, slots=True)
class BroadcastComposed:
    """An officer lets a broadcast go out, having seen whom it reaches.

    Attributes:
        kind: of flows/broadcast.py.
        urgent: goes before all others.
        text_id: the Indonesian text.
        text_jv: the Javanese one; one of the two may be missing.
        media: our id of a picture or document.
        buttons: what each does (service, lesson, rsvp, stop), and which one.
        audience: filters of flows/broadcast_audience.py.
        audience_name: under which these are to be saved.
        when: "now", or JSON of flows/recurrence.py.
        if_missed: once_now or skip.
    """

    kind: str
    urgent: bool
    text_id: str | None
    text_jv: str | None
    media: str | None
    buttons: tuple[tuple[str, str], ...]
    audience: Mapping[str, Json]
    audience_name: str | None
    when: str
    if_missed: str

    def to_json(self) -> dict[str, Json]:
        """Give it the form in which the facts of a conversation keep it."""
        kept: dict[str, Json] = {name: getattr(self, name) for name in self.__slots__}
        return {**kept, "buttons": [list(each) for each in self.buttons], "audience": dict(self.audience)}

    @classmethod
    def from_json(cls, raw: Json) -> BroadcastComposed:
        """Read it back."""
        kept: dict[str, Any] = dict(raw) if isinstance(raw, dict) else {}
        return cls(**{**kept, "buttons": tuple((what, which) for what, which in kept["buttons"])})


@dataclass(frozen=True, slots=True)
class BroadcastDeclined:
    """An officer does not approve a broadcast, in the form in which it was shown (its digest)."""

    broadcast: int
    seen: str
    reason: str


@dataclass(frozen=True, slots=True)
class GuidePublished:
    """An officer publishes a guide for the volunteers, reviewed: its words, a link and files (our ids)."""

    title: str
    text: str
    link: str | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideWithdrawn:
    """An officer takes a guide back that was published by mistake."""

    guide: int


@dataclass(frozen=True, slots=True)
class GuideAsked:
    """A volunteer asks something about a guide."""

    guide: int
    text: str


@dataclass(frozen=True, slots=True)
class GuideAnswered:
    """An officer answers a volunteer's questions about a guide, up to the last one they saw (its id)."""

    guide: int
    volunteer: int
    upto: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A contact has sent a message to be checked: the ids of the signs of fraud in it (flows/suspicion_signs.py)."""

    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BroadcastChanged:
    """An officer does something with a broadcast: pause, resume, cancel, again_failed or again_unknown."""

    broadcast: int
    action: str


@dataclass(frozen=True, slots=True)
class BroadcastExported:
    """An officer would like the table of a broadcast's result, as xlsx or csv."""

    broadcast: int
    form: str


@dataclass(frozen=True, slots=True)
class Wished:
    """A contact has said which of two wishes was meant: the wish, as flows/wishes.py keeps it."""

    wish: Mapping[str, Json]


Outcome = (
    Nothing
    | Open
    | Onboarded
    | Declined
    | LanguageChosen
    | VillageChosen
    | Submitted
    | Resume
    | Changed
    | EraseMe
    | HandedOver
    | Applied
    | Invited
    | VolunteerChanged
    | Replaced
    | VillagesChanged
    | Linked
    | Visited
    | PhotosAdded
    | VisitsDecided
    | EventAnnounced
    | EventChanged
    | BroadcastComposed
    | BroadcastDeclined
    | GuidePublished
    | GuideWithdrawn
    | GuideAsked
    | GuideAnswered
    | Helped
    | Exported
    | LessonsExported
    | LessonAnswered
    | Subscribed
    | SubscriptionChanged
    | Checked
    | BroadcastChanged
    | BroadcastExported
    | Wished
)

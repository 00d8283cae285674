"""What a finished flow asks for, as data. The handler applies it in the transaction that closes the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class VolunteerChanged:
    """An officer decides about a volunteer: accept, decline, pause, resume or end, with a reason where one is needed."""

    volunteer: int
    action: str
    reason: str | None = None


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
    | VolunteerChanged
    | Visited
    | PhotosAdded
    | VisitsDecided
    | LessonAnswered
    | Wished
)

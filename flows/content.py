"""Content as data: reads and checks ``services/<id>.yaml`` and its like, each file with its texts in both languages.

A check names the file, the line and what is wrong, so that a newcomer can add a service without reading code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from flows.text import Both, as_both

SERVICES = Path(__file__).parent / "services"
GROUPS = ("desa", "dukcapil", "sosial", "usaha", "kominfo", "aduan")
MOST_OPTIONS = 10  # WhatsApp's list picker (twilio.com/docs/content/twiliolist-picker)
MOST_OPTION_CHARS = 20  # a WhatsApp quick-reply title (twilio.com/docs/content/twilio-quick-reply)


class ContentError(Exception):
    """A content file is not right: the message names file, line and what to do."""


class Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Content(Checked):
    """A file of content; ``id`` is the file's name, ``digest`` names this version of it."""

    id: str
    digest: str
    title: Both
    short: Both
    names: Mapping[str, tuple[str, ...]]

    @field_validator("title", "short", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Both:
        return as_both(value)

    @model_validator(mode="after")
    def _can_be_called(self) -> Self:
        if set(self.names) != {"id", "jv"} or not all(self.names.values()):
            raise ValueError("names needs everyday names in id and jv")
        keep_short(self.title, 48)
        keep_short(self.short, MOST_OPTION_CHARS)
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """Everything it is called by."""
        return (self.title.id, self.title.jv, self.short.id, self.short.jv, *self.names["id"], *self.names["jv"])


Kept = TypeVar("Kept", bound=Content)


class Choice(Checked):
    """One option of a ``pick`` question."""

    key: str = Field(pattern=r"^[a-z0-9_]{1,30}$")
    label: Both

    @field_validator("label", mode="before")
    @classmethod
    def _label(cls, value: Any) -> Both:
        return keep_short(as_both(value), MOST_OPTION_CHARS)


class Ask(Checked):
    """One question of a service. ``most`` and ``least`` mean characters, a number, photos or days from today, by field."""

    reserved: ClassVar[frozenset[str]] = frozenset({"name", "village", "review", "anonymous", "go"})
    fields: ClassVar[tuple[str, ...]] = ("words", "whole", "day", "pick", "photos", "location")

    key: str = Field(pattern=r"^[a-z_]{2,30}$")
    field: str
    ask: Both
    label: Both
    optional: bool = False
    most: int | None = None
    least: int | None = None
    options: tuple[Choice, ...] = ()

    @field_validator("ask", "label", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Both:
        return as_both(value)

    @model_validator(mode="after")
    def _fits(self) -> Ask:
        if self.key in self.reserved:
            raise ValueError(f"the key '{self.key}' belongs to the program: choose another")
        if self.field not in self.fields:
            raise ValueError(f"field must be one of {', '.join(self.fields)}")
        if (self.field == "pick") != bool(self.options):
            raise ValueError("options belong to a pick, and a pick needs them")
        if self.options and not 2 <= len(self.options) <= MOST_OPTIONS:
            raise ValueError(f"a pick has 2 to {MOST_OPTIONS} options")
        keep_unique("option", [option.key for option in self.options])
        keep_short(self.ask, 200)
        keep_short(self.label, 24)
        return self


class Service(Content):
    """One service or complaint as its file has it."""

    kind: str = Field(pattern="^(service|complaint)$")
    group: str
    checked: date
    certainty: str = Field(pattern="^(sure|unsure)$")
    about: Both
    handler: Both
    requirements: tuple[Both, ...]
    cost: Both
    time: Both
    note: Both | None = None
    safety: Both | None = None
    confidential: bool = False
    anonymous: bool = False
    questions: tuple[Ask, ...] = ()

    @field_validator("about", "handler", "cost", "time", "note", "safety", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Both | None:
        return None if value is None else as_both(value)

    @field_validator("requirements", mode="before")
    @classmethod
    def _requirements(cls, value: Any) -> tuple[Both, ...]:
        return tuple(as_both(item) for item in value)

    @model_validator(mode="after")
    def _fits(self) -> Service:
        if self.group not in GROUPS:
            raise ValueError(f"group must be one of {', '.join(GROUPS)}")
        if (self.group == "aduan") != (self.kind == "complaint"):
            raise ValueError("complaints, and only they, are in the group aduan")
        keep_unique("question", [question.key for question in self.questions])
        for text, most in ((self.about, 220), (self.safety, 500)):
            if text is not None:
                keep_short(text, most)
        return self


def read_folder(model: type[Kept], folder: Path) -> dict[str, Kept]:
    """Read and check all files of one kind of content, by id.

    Raises:
        ContentError: a file is not right.
    """
    return {path.stem: read_content(model, path) for path in sorted(folder.glob("*.yaml"))}


def read_content(model: type[Kept], path: Path) -> Kept:
    """Read one file of content as its model.

    Raises:
        ContentError: it is not YAML, or not such content; the message names the file and the line.
    """
    return read_source(model, path.stem, path.read_text("utf-8"), path.name)


def read_services(folder: Path = SERVICES) -> dict[str, Service]:
    """Read and check all services, by id.

    Raises:
        ContentError: a file is not right, or two services of a group have the same button label.
    """
    services = read_folder(Service, folder)
    labels: dict[tuple[str, str], str] = {}
    for service in services.values():
        other = labels.setdefault((service.group, service.short.id), service.id)
        if other != service.id:
            raise ContentError(
                f"services {other} and {service.id} have the same button '{service.short.id}': change one 'short'"
            )
    return services


def read_service(service_id: str, source: str, file: str) -> Service:
    """Read one service from its YAML text; raises as ``read_source`` does."""
    return read_source(Service, service_id, source, file)


def read_source(model: type[Kept], content_id: str, source: str, file: str) -> Kept:
    """Read one file of content, given as text, as its model.

    Raises:
        ContentError: it is not YAML, or not such content; the message names the file and the line.
    """
    try:
        found = yaml.load(source, Loader=yaml.CSafeLoader)  # the safe loader, in C
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{file}:{line}: {error.problem}") from error
    if not isinstance(found, dict):
        raise ContentError(f"{file}:1: content is a mapping; see docs/menambah-layanan.md")
    try:
        return model(id=content_id, digest=_digest(content_id, found), **found)
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(source, first["loc"])
        where = ".".join(str(part) for part in first["loc"]) or "content"
        raise ContentError(f"{file}:{line}: {where}: {first['msg'].removeprefix('Value error, ')}") from error
    except TypeError as error:
        raise ContentError(f"{file}:1: {error}") from error


def _digest(service_id: str, found: Mapping[str, Any]) -> str:
    canonical = json.dumps([service_id, found], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2s(canonical.encode(), digest_size=8).hexdigest()


def _line_of(source: str, place: Iterable[int | str]) -> int:
    """Find the line of the deepest part of ``place`` that the file has."""
    node = yaml.compose(source, Loader=yaml.CSafeLoader)
    for part in place:
        step = None
        if isinstance(node, yaml.MappingNode):
            step = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            step = node.value[part]
        if step is None:
            break
        node = step
    return int(node.start_mark.line) + 1 if node is not None else 1


def keep_short(text: Both, most: int) -> Both:
    """Give a text back if it fits.

    Raises:
        ValueError: it is longer, in one of its languages.
    """
    for language in ("id", "jv"):
        if len(text[language]) > most:
            raise ValueError(f"'{text[language][:30]}…' has {len(text[language])} characters, at most {most} fit")
    return text


def keep_unique(what: str, keys: list[str]) -> None:
    """Look that no key stands twice.

    Raises:
        ValueError: one does.
    """
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the {what} key '{key}' stands twice")

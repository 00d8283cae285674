"""Kinds of visits as data: ``visits/<id>.yaml``, each with the questions of its own."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import model_validator

from flows.content import Ask, Content, keep_unique, read_folder

VISITS = Path(__file__).parent / "visits"
WOMEN = "women"  # the key of the question how many of the people were women: counted in recaps


class VisitAsk(Ask):
    """One question of a kind of visit; ``lessons`` asks which lessons were taught."""

    reserved: ClassVar[frozenset[str]] = frozenset(
        {"kind", "village", "place", "mismatch", "day", "people", "photos", "note", "review"}
    )
    fields: ClassVar[tuple[str, ...]] = ("words", "whole", "pick", "lessons")


class VisitKind(Content):
    """One kind of a volunteer's visit as its file has it."""

    questions: tuple[VisitAsk, ...]

    @model_validator(mode="after")
    def _fits(self) -> VisitKind:
        keep_unique("question", [question.key for question in self.questions])
        return self


def read_visit_kinds(folder: Path = VISITS) -> dict[str, VisitKind]:
    """Read and check all kinds of visits, by id.

    Raises:
        ContentError: a file is not right.
    """
    return read_folder(VisitKind, folder)

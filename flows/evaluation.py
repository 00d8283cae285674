"""How well messages are understood: counts over labelled messages, and a report of them in plain text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flows.slots import Slots
from flows.understand import DANGEROUS, INTENTS, Understood

_WORD = re.compile(r"\w+")
_WORST = 20
_PAIRS = 25
COMPARED_SLOTS = ("service", "village", "district", "count", "activity", "ticket", "date", "topic", "lang")


class LabelError(Exception):
    """A file of labelled messages is not right: the message names file, row and what to do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and what it means."""

    text: str
    language: str
    intent: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class Share:
    """So many right of so many."""

    right: int
    of: int

    @property
    def rate(self) -> float:
        return self.right / self.of if self.of else 1.0

    def __str__(self) -> str:
        return f"{self.rate:6.1%}  {self.right}/{self.of}"


@dataclass(slots=True)
class SlotCounts:
    """Slots found rightly, found wrongly or too many, and not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(slots=True)
class Evaluation:
    """What came out for labelled messages, in their order."""

    pairs: list[tuple[Labelled, Understood]] = field(default_factory=list)

    def accuracy(self, *, language: str = "", labelled: str = "", understood: str = "", sure: bool = False) -> Share:
        """Count the right intents: in one language, of one labelled or understood intent, or where it was sure."""
        chosen = [
            label.intent == found.intent
            for label, found in self.pairs
            if language in ("", label.language)
            and labelled in ("", label.intent)
            and understood in ("", found.intent)
            and (found.is_sure or not sure)
        ]
        return Share(sum(chosen), len(chosen))

    def slots(self, name: str) -> SlotCounts:
        """Count one slot over all messages."""
        counts = SlotCounts()
        for label, found in self.pairs:
            wanted, got = _slot(label.slots, name), _slot(found.slots, name)
            counts.right += wanted is not None and wanted == got
            counts.wrong += got is not None and wanted != got
            counts.missed += wanted is not None and wanted != got
        return counts

    def dangerous(self, *, sure: bool) -> list[tuple[Labelled, Understood]]:
        """List where something that stops, cancels or erases was taken for something else, or the reverse."""
        return [
            (label, found)
            for label, found in self.pairs
            if label.intent != found.intent and {label.intent, found.intent} & DANGEROUS and (found.is_sure or not sure)
        ]

    def report(self) -> Iterator[str]:
        """Write the figures, the confusions and the worst cases line by line."""
        yield from self._totals()
        yield ""
        yield f"{'intent':20}{'recall':>16}{'precision':>18}"
        for intent in INTENTS:
            recall = self.accuracy(labelled=intent)
            precision = self.accuracy(understood=intent)
            yield f"{intent:20}{recall!s:>16}{precision!s:>18}"
        yield ""
        yield f"{'slot':12}{'precision':>10}{'recall':>10}{'F1':>8}{'labelled':>10}"
        for name in COMPARED_SLOTS:
            counts = self.slots(name)
            yield f"{name:12}{counts.precision:10.3f}{counts.recall:10.3f}{counts.f1:8.3f}{counts.right + counts.missed:10}"
        yield ""
        yield "confusions (labelled -> understood)"
        wrong = Counter((label.intent, found.intent) for label, found in self.pairs if label.intent != found.intent)
        for (labelled, understood), times in wrong.most_common(_PAIRS):
            yield f"{times:4}  {labelled} -> {understood}"
        yield ""
        yield "worst cases (wrong, surest first)"
        missed = [(found.confidence, label, found) for label, found in self.pairs if label.intent != found.intent]
        for confidence, label, found in sorted(missed, key=lambda each: -each[0])[:_WORST]:
            yield f"  {confidence:.2f}  {label.intent} -> {found.intent}: {label.text}"

    def _totals(self) -> Iterator[str]:
        yield f"messages            {len(self.pairs)}"
        yield f"intent accuracy     {self.accuracy()}"
        for language in sorted({label.language for label, _ in self.pairs}):
            yield f"  in {language}             {self.accuracy(language=language)}"
        sure = self.accuracy(sure=True)
        yield f"when sure           {sure}   (acts on {Share(sure.of, len(self.pairs)).rate:.1%} of all)"
        told = sum(label.language == found.language for label, found in self.pairs)
        yield f"language            {Share(told, len(self.pairs))}"
        dangerous, acted = self.dangerous(sure=False), self.dangerous(sure=True)
        yield f"dangerous           {len(dangerous)} confusions, {len(acted)} of them when sure"


def evaluate(understand: Callable[[str], Understood], messages: Iterable[Labelled]) -> Evaluation:
    """Understand labelled messages and keep what came out beside what was meant."""
    return Evaluation([(message, understand(message.text)) for message in messages])


def read_labelled(path: Path) -> list[Labelled]:
    """Read labelled messages from a CSV with the columns text, language, intent, slots (a JSON object).

    Raises:
        LabelError: the file cannot be read, a column is missing, an intent is unknown or the slots are no object.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not {"text", "language", "intent"} <= set(rows.fieldnames or ()):
        raise LabelError(f"{path.name}: the first line must name the columns text, language, intent, slots")
    return [_labelled(row, number, path) for number, row in enumerate(rows, start=2)]


def _labelled(row: Mapping[str, str | None], number: int, path: Path) -> Labelled:
    missing = [name for name in ("text", "language", "intent") if not row.get(name)]
    if missing:
        raise LabelError(
            f"{path.name}, row {number}: no {', '.join(missing)}; the columns are text, language, intent, slots"
        )
    intent = str(row["intent"])
    if intent not in INTENTS:
        raise LabelError(f"{path.name}, row {number}: {intent!r} is no intent; they are {', '.join(INTENTS)}")
    try:
        slots = json.loads(row.get("slots") or "{}")
    except json.JSONDecodeError as error:
        raise LabelError(f"{path.name}, row {number}: the slots are no JSON ({error})") from error
    if not isinstance(slots, dict):
        raise LabelError(f"{path.name}, row {number}: the slots are no JSON object")
    return Labelled(str(row["text"]), str(row["language"]), intent, slots)


def _slot(slots: Slots, name: str) -> str | None:
    """Give a slot in comparable form; a period is compared as a date."""
    value = slots.get(name, slots.get("period") if name == "date" else None)
    return None if value is None else " ".join(_WORD.findall(str(value).lower()))

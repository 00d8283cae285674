"""The understanding at the command line: messages in, JSON out; and how well labelled messages are understood."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.content import read_services
from flows.evaluation import evaluate, read_labelled
from flows.places import load_places
from flows.understand import Understood, load_understanding

_ZONE = ZoneInfo("Asia/Jakarta")


def understand_lines(lines: Iterable[str], language: str) -> Iterator[str]:
    """Understand each line that is not blank; gives one JSON object for each."""
    understanding = load_understanding(read_services(), load_places())
    today = datetime.now(_ZONE).date()
    for line in lines:
        if text := line.strip():
            yield dump(understanding.understand(text, today=today, language=language))


def dump(understood: Understood) -> str:
    """Write what was understood as one JSON object on one line."""
    return json.dumps(
        {
            "text": understood.text,
            "language": understood.language,
            "intent": understood.intent,
            "slots": dict(understood.slots),
            "confidence": understood.confidence,
            "alternatives": [
                {"intent": each.intent, "confidence": each.confidence}
                | ({"service": each.service} if each.service else {})
                for each in understood.alternatives
            ],
        },
        ensure_ascii=False,
    )


def report(path: Path, language: str) -> Iterator[str]:
    """Measure how well the labelled messages of a file are understood.

    Raises:
        flows.evaluation.LabelError: the file is not right.
    """
    understanding = load_understanding(read_services(), load_places())
    today = datetime.now(_ZONE).date()
    messages = read_labelled(path)
    return evaluate(partial(understanding.understand, today=today, language=language), messages).report()

"""Records conversations of this release for tests/flows/test_journals.py: ``python -m tests.record_journals``.

Run once before a release: what people are in the midst of then must go on in every later one. Files of earlier releases
are never written again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.chat import Json, Reply
from flows.content import SERVICES
from flows.registry import REQUEST
from handlers.render import dump_shown
from tests.talk import REGISTRY, Talk, photo, spot

JOURNALS = Path(__file__).parent / "journals"


@dataclass(frozen=True, slots=True)
class Script:
    """A flow, what it knows, what is given, and what somebody says up to the moment recorded."""

    flow: str
    says: Sequence[str | Reply] = ()
    given: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


ROAD = ("1", "lubang dalam di depan pasar", "jalan", "lewati", spot(-8.1, 112.1))
SCRIPTS = {
    "onboarding_consent": Script("onboarding", ["2"]),
    "onboarding_village_list": Script("onboarding", ["2", "1", Reply(choice="list")]),
    "menu_with_draft": Script("menu", facts={"drafts": [[4, "Surat domisili", "Surat domisili"]], "staff": True}),
    "services_in_a_group": Script("services", ["2"]),
    "village_candidates": Script("village", ["Slorok"]),
    "erase": Script("erase"),
    "officer_closed": Script("officer", facts={"opens": "Rabu 07.30 WIB"}),
    "supplement_asked": Script("supplement", [], facts={"request": 7, "code": "BLT-7K3F"}),
    "reopen": Script("reopen", facts={"request": 7, "code": "BLT-7K3F"}),
    "case_note": Script("case", ["3"], facts={"request": 7, "code": "BLT-7K3F", "state": "checked"}),
    "request_half_way": Script("request:surat_domisili", ["1"], given={"village": "35.05.01.2002", "name": "Sri Lestari"}),
    "request_named": Script("request:nikah_pengantar", ["1", "Sri Lestari", "Salam"]),
    "complaint_with_photos": Script("request:adu_jalan", [*ROAD, photo(1), photo(2)], given={"village": "35.05.01.2002"}),
    "complaint_in_review": Script("request:adu_jalan", [*ROAD, "lewati"], given={"village": "35.05.01.2002"}),
    "complaint_being_changed": Script("request:adu_jalan", [*ROAD, "lewati", "4"], given={"village": "35.05.01.2002"}),
}  # fmt: skip


def record(script: Script) -> dict[str, Json]:
    """Play a script and give the conversation as the database keeps it, with the content it was begun with."""
    talk = Talk(REGISTRY.flows[script.flow], given=script.given, **script.facts).hears(*script.says)
    assert talk.shown is not None, f"{script.flow} has ended: nothing is left to be recorded"
    found: dict[str, Json] = {
        "flow": script.flow,
        "facts": talk.facts,
        "journal": talk.journal,
        "shown": json.loads(dump_shown(talk.shown)),
    }
    if script.flow.startswith(REQUEST):
        found["source"] = (SERVICES / f"{script.flow.removeprefix(REQUEST)}.yaml").read_text("utf-8")
    return found


def main() -> None:
    """Write this release's files."""
    folder = JOURNALS / version("rewang")
    folder.mkdir(parents=True)
    for name, script in SCRIPTS.items():
        text = json.dumps(record(script), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

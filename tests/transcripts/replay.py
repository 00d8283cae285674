"""Replays the stories; ``python -m tests.transcripts.replay`` writes the transcripts anew, to be read before a commit."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

from storage.db import open_engine
from storage.migrate import migrate
from tests.transcripts.stories import STORIES
from tests.world import PHOTO, World

FOLDER = Path(__file__).parent
CODES = {
    "{code}": "SELECT code FROM requests ORDER BY id DESC LIMIT 1",
    "{invitation}": "SELECT code FROM invitations",
    "{link}": "SELECT code FROM link_codes",
}


def replay(story: str, language: str, folder: Path) -> str:
    """Play a story on a fresh database; returns its transcript."""
    url = f"sqlite:///{folder / f'{story}-{language}.db'}"
    migrate(url)
    engine = open_engine(url)
    world = World(engine)
    numbers = itertools.count(4711, 97)
    world.office = replace(world.office, random_below=lambda most: next(numbers) % most)
    shown: list[str] = []
    seen: dict[str, int] = {}
    for line in STORIES[story][language]:
        who, _, words = line.partition(": ")
        if words == "+admin":
            world.employs(who, who.capitalize())
            continue
        for name, query in CODES.items():
            if name in words:
                words = words.replace(name, str(world.value(query)))
        shown.append(f"**{who}:** {words}")
        _act(world, who, words)
        for other, messages in world.inboxes.items():
            for message in messages[seen.get(other, 0) :]:
                shown.append(
                    _quoted(other, message.text, [button.label for button in message.buttons], len(message.media))
                )
            seen[other] = len(messages)
    engine.dispose()
    return f"# {story} ({language})\n\n" + "\n\n".join(shown) + "\n"


def _act(world: World, who: str, words: str) -> None:
    if words == "[photo]":
        world.says(who, media=(PHOTO,))
    elif words.startswith("[location "):
        latitude, longitude = words.removeprefix("[location ").rstrip("]").split(",")
        world.says(who, location=(float(latitude), float(longitude)))
    elif words.startswith("[press "):
        world.presses(who, words.removeprefix("[press ").rstrip("]"))
    else:
        world.says(who, words)


def _quoted(who: str, text: str, labels: list[str], photos: int) -> str:
    lines = [f"> → {who}", *(f"> {line}".rstrip() for line in text.split("\n"))]
    if photos:
        lines.append(f"> ({photos} foto)")
    if labels:
        lines.append("> " + " ".join(f"[{label}]" for label in labels))
    return "\n".join(lines)


def main() -> None:
    """Write all transcripts."""
    with tempfile.TemporaryDirectory() as folder:
        for story, languages in STORIES.items():
            for language in languages:
                (FOLDER / language).mkdir(exist_ok=True)
                (FOLDER / language / f"{story}.md").write_text(replay(story, language, Path(folder)), "utf-8")


if __name__ == "__main__":
    main()

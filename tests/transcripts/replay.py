"""Replays the stories; ``python -m tests.transcripts.replay`` writes the transcripts anew, to be read before a commit."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

from handlers.messages import Outgoing
from storage.db import open_engine
from storage.migrate import migrate
from tests.transcripts.stories import STORIES
from tests.world import PHOTO, World

FOLDER = Path(__file__).parent
CODES = {
    "{code}": "SELECT code FROM requests ORDER BY id DESC LIMIT 1",
    "{visit}": "SELECT code FROM visits ORDER BY id DESC LIMIT 1",
    "{room}": "SELECT code FROM events ORDER BY id DESC LIMIT 1",
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
        if words == "+volunteer":
            world.makes_volunteer(who, name=who.capitalize())
            continue
        if words == "+relawan":
            world.arrives(who, language)
            world.makes_volunteer(who, "35.05.01.2002", name=who.capitalize())
            seen[who] = len(world.inboxes[who])
            continue
        if words.startswith("+siaran "):
            world.broadcasts(who, words.removeprefix("+siaran "))
            continue
        for mark, query in CODES.items():
            if mark in words:
                words = words.replace(mark, str(world.value(query)))
        if who == "siaran":
            _deliver(world, words)
        elif who == "clock":
            number, unit = words.removeprefix("+").split()
            shown.append(f"*({number} {unit} later)*")
            world.later(**{unit: float(number)})
            world.ticks()
            world.tips()
            world.reports()
        else:
            shown.append(f"**{who}:** {words}")
            _act(world, who, words)
        for other, messages in world.edited.items():
            shown += [_quoted(f"{other} (diubah)", message) for message in messages]
            messages.clear()
        for other, messages in world.inboxes.items():
            for message in messages[seen.get(other, 0) :]:
                shown.append(_quoted(other, message))
            seen[other] = len(messages)
    engine.dispose()
    return f"# {story} ({language})\n\n" + "\n\n".join(shown) + "\n"


def _deliver(world: World, words: str) -> None:
    """Let the newest broadcast reach some people, ``sent: sri budi``, or all that wait still, ``failed blocked:``."""
    ending, _, people = words.partition(":")
    state, _, reason = ending.partition(" ")
    newest = int(world.value("SELECT max(id) FROM broadcasts"))
    world.delivers(newest, *people.split(), state=state, reason=reason or None)


def _act(world: World, who: str, words: str) -> None:
    if words == "[photo]":
        world.says(who, media=(PHOTO,))
    elif words.startswith("[location "):
        latitude, longitude = words.removeprefix("[location ").rstrip("]").split(",")
        world.says(who, location=(float(latitude), float(longitude)))
    elif words.startswith("[press "):
        world.presses(who, words.removeprefix("[press ").rstrip("]"))
    elif words.startswith("[reply] "):
        world.replies(who, words.removeprefix("[reply] "))
    else:
        world.says(who, words)


def _quoted(who: str, message: Outgoing) -> str:
    lines = [f"> → {who}", *(f"> {line}".rstrip() for line in message.text.split("\n"))]
    if message.file_name:
        lines.append(f"> (berkas {message.file_name})")
    elif message.media:
        lines.append(f"> ({len(message.media)} foto)")
    if message.buttons:
        lines.append("> " + " ".join(f"[{button.label}]" for button in message.buttons))
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

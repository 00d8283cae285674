"""What the tests of guides begin with: an office, volunteers, and a guide published in the chat."""

from __future__ import annotations

from typing import Any

from handlers.messages import IncomingMedia
from tests.world import World

PDF = IncomingMedia("document", "vendor-2", "application/pdf", 2000)
TEXT = "1. Buka aplikasi.\n2. Pilih menu.\n\nTunggu sampai selesai."


def settle(world: World) -> World:
    """Two officers, two volunteers and a villager; Wati speaks Javanese."""
    world.arrives("budi")
    world.arrives("wati", language="jv")
    world.arrives("sri")
    world.employs("dewi")
    world.employs("andi", "Andi", "officer")
    world.makes_volunteer("budi", name="Budi Santoso")
    world.makes_volunteer("wati", name="Wati")
    return world


def publishes(
    world: World, title: str = "Aktivasi IKD", text: str = TEXT, link: str = "lewati", file: Any = None
) -> int:
    """Publish a guide step by step; returns its number."""
    for said in ("terbitkan panduan", title, text, link):
        world.says("dewi", said)
    if file is None:
        world.says("dewi", "lewati")
    else:
        world.says("dewi", media=(file,))
    world.says("dewi", "ya")
    return int(world.value("SELECT max(id) FROM guides"))


def asks(world: World, who: str, number: int, text: str) -> str:
    """Let a volunteer ask about a guide; returns what they read then."""
    world.says(who, choice=f"!guide_ask {number}")
    return world.says(who, text)


def labels(world: World, who: str) -> list[str]:
    """List what stands on the buttons of the last message somebody got."""
    return [button.label for button in world.last(who).buttons]


def denied(world: World) -> list[tuple[str, str]]:
    """List what was tried and not allowed."""
    rows = world.rows("SELECT action, subject FROM audit WHERE allowed = :no ORDER BY id", no=False)
    return [(row[0], row[1]) for row in rows]

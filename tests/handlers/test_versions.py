"""Content changes while people talk: a conversation, a draft and a request stay with the version they began with."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from flows.chat import FlowError
from flows.content import SERVICES, Service, read_service
from flows.registry import Registry
from flows.request import request_flow
from handlers.inbox import SORRY, Inbox
from handlers.messages import Sending
from storage.conversations import keep_content
from storage.db import Database
from tests.talk import REGISTRY, VOICES
from tests.world import World

ID = "surat_domisili"
TODAY = REGISTRY.services[ID]
TODAYS_SOURCE = (SERVICES / f"{ID}.yaml").read_text("utf-8")
OLDER_SOURCE = (
    TODAYS_SOURCE[: TODAYS_SOURCE.index("questions:")]
    + """questions:
  - key: colour
    field: pick
    ask: {id: "Kertasnya warna apa?", jv: "Kertasipun werni menapa?"}
    label: {id: Warna kertas, jv: Werni kertas}
    options:
      - {key: white, label: {id: Putih, jv: Pethak}}
      - {key: yellow, label: {id: Kuning, jv: Jene}}
  - key: keperluan
    field: whole
    ask: {id: "Berapa lembar?", jv: "Pinten lembar?"}
    label: {id: Lembar, jv: Lembar}
"""
)
OLDER = read_service(ID, OLDER_SOURCE, "older")


def registry_with(service: Service) -> Registry:
    """Make the registry of a process whose content has this version of the service."""
    flows = {**REGISTRY.flows, f"request:{ID}": request_flow(service, REGISTRY.places)}
    return replace(REGISTRY, services={**REGISTRY.services, ID: service}, flows=flows)


def deploys(world: World, service: Service, source: str) -> None:
    """Start the process anew with this version of the content; its source is kept, as at every start."""
    world.office = replace(world.office, registry=registry_with(service))
    with world.engine.begin() as connection:
        keep_content(connection, service.digest, f"request:{ID}", source)


def begins(world: World) -> None:
    """Let Sri begin a request in the older version, up to its second question."""
    world.arrives("sri")
    world.employs("dewi")
    deploys(world, OLDER, OLDER_SOURCE)
    for text in ("surat domisili", "1", "Sri Lestari"):
        world.says("sri", text)
    assert world.says("sri", "kuning") == "Berapa lembar?"


def test_the_two_versions_differ() -> None:
    assert OLDER.digest != TODAY.digest
    assert read_service(ID, OLDER_SOURCE, "again").digest == OLDER.digest
    assert read_service(ID, TODAYS_SOURCE, "today").digest == TODAY.digest


def test_a_conversation_ends_in_the_version_it_began_with(world: World) -> None:
    begins(world)
    deploys(world, TODAY, TODAYS_SOURCE)
    review = world.says("sri", "3")
    assert "Kuning" in review
    assert "Lembar" in review
    assert world.says("sri", "kembali") == "Berapa lembar?"
    world.says("sri", "4")
    world.says("sri", "ya")
    request = world.rows("SELECT * FROM requests")[0]
    assert request.version == OLDER.digest
    assert json.loads(request.answers) == {
        "go": "go",
        "name": "Sri Lestari",
        "village": "35.05.01.2002",
        "colour": "yellow",
        "keperluan": 4,
    }


def test_the_office_reads_a_request_in_its_own_version(world: World) -> None:
    begins(world)
    world.says("sri", "3")
    world.says("sri", "ya")
    deploys(world, TODAY, TODAYS_SOURCE)
    seen = world.says("dewi", f"buka {world.value('SELECT code FROM requests')}")
    assert "Warna kertas:* Kuning" in seen
    assert "Lembar:* 3" in seen


def test_a_draft_goes_on_in_its_version(world: World) -> None:
    begins(world)
    world.says("sri", "menu")
    deploys(world, TODAY, TODAYS_SOURCE)
    world.says("sri", "menu")
    draft = next(button.data for button in world.last("sri").buttons if "|draft:" in button.data)
    assert world.says("sri", choice=draft) == "Berapa lembar?"


def test_a_button_of_the_older_version_still_answers(world: World) -> None:
    begins(world)
    world.says("sri", "kembali")
    deploys(world, TODAY, TODAYS_SOURCE)
    assert "Berapa lembar?" in world.picks("sri", "yellow")


def test_a_new_conversation_begins_in_todays_version(world: World) -> None:
    begins(world)
    deploys(world, TODAY, TODAYS_SOURCE)
    for text in ("batal", "surat domisili", "1", "Sri Lestari"):
        world.says("sri", text)
    conversation = world.person("sri").conversation
    assert conversation is not None
    assert conversation.version == TODAY.digest
    assert world.asks("sri") == f"request:{ID}/{TODAY.questions[0].key}"


def test_a_version_that_was_not_kept_is_our_mistake(world: World) -> None:
    begins(world)
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM contents")
    world.office = replace(world.office, registry=registry_with(TODAY))
    with pytest.raises(FlowError, match=OLDER.digest):
        world.says("sri", "3")


async def test_who_is_in_a_lost_version_begins_again(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    world = World(database.engine)
    begins(world)
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM contents")
    sent: list[Sending] = []
    inbox = Inbox(
        database, replace(world.office, registry=registry_with(TODAY)), lambda sendings, _: sent.extend(sendings)
    )
    with caplog.at_level(logging.ERROR):
        await inbox.receive(world.incoming("sri", "3"))
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == ["turn failed: FlowError on telegram"]
    assert sent[-1].message.text == VOICES.of("id").say(SORRY)
    await inbox.receive(world.incoming("sri", "surat domisili"))
    assert world.asks("sri") == f"request:{ID}/go"


def test_every_version_is_kept_once(world: World) -> None:
    world.keeps_contents()
    world.keeps_contents()
    assert world.value("SELECT count(*) FROM contents") == len(REGISTRY.services)

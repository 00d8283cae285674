"""What the page is told of messages with files: documents by name, nothing before it is there, and only to whom it was sent."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.web import WebChannel
from bot.webchat import ChatLine
from bot.webdesk import Desk
from handlers.files import Files
from handlers.made import ask_for
from handlers.mail import Mail
from handlers.media import Checked, MediaStore
from handlers.messages import Incoming
from storage import history, media
from storage.db import Database
from storage.media import MADE
from tests.world import TUESDAY_MORNING, World


class Page:
    """Sri's page, and the office behind it; time passes by a second with each thing said."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.store = database, MediaStore(folder)
        self.world = World(database.engine)
        self.channel = WebChannel()
        self.desk = Desk(self.store, self.channel, self._receive)
        self.desk.open(database)
        self.world.arrives("web:sri")
        self.world.later(seconds=1)

    async def _receive(self, incoming: Incoming) -> None:
        raise NotImplementedError

    async def lines(self, after: int = 0) -> list[ChatLine]:
        return await self.desk.history("sri", after)

    def says(self, text: str) -> None:
        self.world.says("web:sri", text)
        self.world.later(seconds=1)

    def asks_for_recap(self) -> str:
        """Let the office send Sri a table that is still to be made; returns its id."""
        contact = self.world.person("web:sri").contact_id
        with self.database.engine.begin() as connection:
            mail = Mail(connection, self.world.office, self.world.office.clock())
            table = ask_for(mail, contact, "recap", "november", "document")
            mail.write_to(contact, "Rekap", media=(table,), file_name="rekap.csv")
        self.world.later(seconds=1)
        return table

    async def makes_files(self) -> None:
        """Make what waits, once."""

        async def make(argument: str) -> Checked:
            return Checked("document", "text/csv", argument.encode(), "csv")

        files = Files(
            {"web": self.channel}, self.database, self.store, self.world.office, lambda *_: None, {"recap": make}
        )
        for row in await self.database.write(media.list_waiting, MADE, self.world.office.clock(), 10):
            await files._bring(row)
        self.world.later(seconds=1)


@pytest.fixture
async def page(database: Database, tmp_path: Path) -> Page:
    return Page(database, tmp_path / "media")


async def test_a_document_is_listed_with_its_name_and_can_be_read(page: Page) -> None:
    table = page.asks_for_recap()
    await page.makes_files()
    line = (await page.lines())[-1]
    assert (line.text, line.media) == ("Rekap", ((table, "rekap.csv"),))
    assert await page.desk.read_media(table, "sri") == (b"november", "text/csv")


async def test_a_message_is_not_shown_before_its_file_is_there_and_then_after_what_was_said_meanwhile(
    page: Page,
) -> None:
    page.asks_for_recap()
    before = await page.lines()
    assert "Rekap" not in [line.text for line in before]
    page.says("menu")
    meanwhile = await page.lines(after=before[-1].number)
    assert [line.mine for line in meanwhile] == [True, False]
    await page.makes_files()
    assert [line.text for line in await page.lines(after=meanwhile[-1].number)] == ["Rekap"]
    page.says("menu")
    texts = [line.text for line in await page.lines()]
    assert texts.index("Rekap") == len(before) + len(meanwhile)


async def test_of_a_file_that_cannot_be_made_the_words_are_shown(page: Page) -> None:
    table = page.asks_for_recap()
    page.says("menu")
    after = (await page.lines())[-1].number
    await page.database.write(lambda connection: connection.execute(sa.text("UPDATE media SET vendor_ref = 'other:1'")))
    await page.makes_files()
    lines = await page.lines(after)
    assert [(line.text, line.media) for line in lines if line.text == "Rekap"] == [("Rekap", ())]
    assert await page.desk.read_media(table, "sri") is None


async def test_nobody_else_can_read_it(page: Page) -> None:
    table = page.asks_for_recap()
    await page.makes_files()
    page.world.arrives("web:agus")
    assert await page.desk.read_media(table, "agus") is None
    assert await page.desk.read_media(table, "nobody") is None


async def test_looking_for_files_that_wait_is_no_search_through_all(page: Page) -> None:
    query = history.said_to("web", "sri", TUESDAY_MORNING, 200)
    explain = "EXPLAIN QUERY PLAN" if page.database.is_sqlite else "EXPLAIN"
    with page.database.engine.begin() as connection:
        if not page.database.is_sqlite:  # whose tables are too small here for it to prefer an index
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {compiled}")]
    assert any("ix_media_waiting" in step for step in plan), plan

"""The table of a broadcast's result: a row for each recipient, sums, nobody's name or number, and no memory to speak of."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from handlers.broadcast_table import Order, form_of, make
from handlers.sheets import ZippedCsvBook
from storage.db import Database
from tests.world import World

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def office(database: Database) -> World:
    world = World(database.engine)
    world.arrives("sri")
    world.arrives("wati", "jv", "Ngaglik")
    world.arrives("tono")
    world.employs("dewi", "Dewi Rahasia")
    world.says("dewi", "menu")
    number = world.broadcasts("dewi")
    world.delivers(number, "sri")
    world.delivers(number, "wati", state="failed", reason="blocked")
    world.delivers(number, "tono", state="unknown", reason="unanswered")
    return world


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def test_a_csv_has_a_row_for_each_and_names_nobody(office: World, database: Database) -> None:
    made = await make(database, office.office, Order(1, "id", "csv").to_ref())
    header, *rows = read_csv(made.content)
    assert header == ["Penerima", "Kecamatan", "Desa", "Bahasa", "Saluran", "Keadaan", "Alasan", "Hari", "Jam"]
    assert [row[1:7] for row in rows] == [
        ["Bakung", "Salam", "Indonesia", "telegram", "dikirim", ""],
        ["Kademangan", "Ngaglik", "Jawa", "telegram", "gagal", "memblokir bot"],
        ["Bakung", "Salam", "Indonesia", "telegram", "tidak pasti", ""],
        ["", "", "Indonesia", "telegram", "menunggu", ""],
    ] or [row[2] for row in rows] == ["Salam", "Ngaglik", "Salam", ""]
    assert [row[0] for row in rows] == [str(office.person(who).contact_id) for who in ("sri", "wati", "tono", "dewi")]
    assert (rows[0][7], rows[0][8]) == ("2026-11-24", "10.00.00")
    for secret in ("Rahasia", "dewi", "sri"):
        assert secret not in made.content.decode()


async def test_excel_has_sums_by_state_and_by_kecamatan(office: World, database: Database) -> None:
    made = await make(database, office.office, Order(1, "jv", "xlsx").to_ref())
    assert made.extension == "xlsx"
    with zipfile.ZipFile(io.BytesIO(made.content)) as book:
        names = [sheet.get("name") for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]
        sums = ET.fromstring(book.read("xl/worksheets/sheet2.xml"))
    assert names == ["Ingkang nampi", "Gunggung"]
    numbers = [float(cell.text or 0) for row in sums.iter(f"{SHEET}row") for cell in row.iter(f"{SHEET}v")]
    assert numbers[-1] == 4


def test_a_large_table_is_zipped() -> None:
    assert [form_of(form, rows) for form in ("xlsx", "csv") for rows in (100_000, 100_001)] == [
        "xlsx",
        "zip",
        "csv",
        "zip",
    ]
    book = ZippedCsvBook("siaran-1.csv")
    book.add([["a", "=1"]])
    with zipfile.ZipFile(io.BytesIO(book.finish())) as packed:
        assert packed.namelist() == ["siaran-1.csv"]
        assert read_csv(packed.read("siaran-1.csv")) == [["a", "'=1"]]


async def test_many_rows_take_no_memory(office: World, database: Database) -> None:
    many = 30_000
    values = {"b": 2, "c": office.person("sri").contact_id}
    with database.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO contacts (language, consent, created_at) SELECT 'id', true, 1 FROM contacts AS a, contacts AS b, contacts AS c"
            )
        )
        for _ in range(9):
            connection.execute(
                sa.text(
                    "INSERT INTO contacts (language, consent, created_at) SELECT language, consent, created_at FROM contacts"
                )
            )
        connection.execute(
            sa.text(
                "INSERT INTO deliveries (broadcast_id, contact_id, channel, state, at) SELECT 2, id, 'telegram', 'sent', 1 FROM contacts"
            ),
            values,
        )
        count = connection.execute(sa.text("SELECT count(*) FROM deliveries WHERE broadcast_id = 2")).scalar_one()
    assert count > many
    tracemalloc.start()
    made = await make(database, office.office, Order(2, "id", "zip").to_ref())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with zipfile.ZipFile(io.BytesIO(made.content)) as packed:
        assert len(packed.read("siaran-2.csv").splitlines()) == count + 1
    assert most < 12_000_000

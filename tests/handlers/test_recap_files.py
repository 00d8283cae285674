"""Pictures and tables: asked for in a turn, made after it; a table holds what was reported, and runs nothing."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handlers import recap_files
from handlers.chart import COLOURS, SIDE, Series, draw_bars, short
from handlers.files import Files
from handlers.media import MediaStore
from handlers.messages import Sending
from handlers.office import Programme
from handlers.recap_export import Order
from handlers.sheets import CsvBook, XlsxBook, harmless
from handlers.sweeps import tidy_made
from storage import media
from storage.db import Database
from storage.media import MADE
from storage.tables import visits
from tests.handlers.test_recap import KADEMANGAN, SALAM, helped, reported
from tests.world import World

MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
KINDS = ("Digitalisasi", "Literasi", "Lomba desa", "Pendampingan")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def office(database: Database) -> World:
    world = World(database.engine)
    for who in ("budi", "siti"):
        world.arrives(who)
    world.employs("dewi")
    world.makes_volunteer("budi", SALAM, name="Budi Santoso")
    world.makes_volunteer("siti", KADEMANGAN, name="Siti Aminah")
    reported(world, "budi", "literasi", SALAM, "2026-11-02", 25, state="approved", women=15)
    reported(world, "budi", "pendampingan", SALAM, "2026-10-31", 12)
    reported(world, "siti", "lomba_desa", KADEMANGAN, "2026-11-20", 9, state="sent_back")
    world.office = replace(world.office, programme=Programme(targets={"visits": 10}))
    return world


def answers(world: World, **values: object) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.update(visits).values(answers=json.dumps(values)))


async def makes(world: World, database: Database, folder: Path, told: list[Sending] | None = None) -> dict[str, Path]:
    """Make all that waits, as the process does after the turn; returns the files by id."""
    said = [] if told is None else told
    store = MediaStore(folder)
    files = Files(
        {}, database, store, world.office, lambda sent, _: said.extend(sent), recap_files.makers(database, world.office)
    )
    rows = await database.write(media.list_waiting, MADE, world.office.clock(), 10)
    for row in rows:
        await files._bring(row)
    return {row.id: path for row in rows if (path := store.find(row.id)) is not None}


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(content: bytes) -> dict[str, list[list[str]]]:
    """Read the sheets of a workbook as texts."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [each.attrib["name"] for each in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]
        return {
            name: [
                ["".join(cell.itertext()) for cell in row.iter(f"{SHEET}c")]
                for row in ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{SHEET}row")
            ]
            for number, name in enumerate(names, start=1)
        }


async def test_a_picture_is_asked_for_in_the_turn_and_made_after_it(
    office: World, database: Database, tmp_path: Path
) -> None:
    office.says("budi", "rekap gambar")
    asked = office.last("budi").media
    assert office.value("SELECT state FROM media") == "waiting"
    made = await makes(office, database, tmp_path / "media")
    assert tuple(made) == asked
    assert tuple(office.rows("SELECT state, kind, mime FROM media")[0]) == ("stored", "photo", "image/png")
    with Image.open(made[asked[0]]) as picture:
        assert picture.size == (SIDE, SIDE)


@pytest.mark.parametrize(("form", "mime"), [("excel", "sheet"), ("csv", "csv")])
async def test_a_table_is_sent_as_a_document_with_a_name(
    office: World, database: Database, tmp_path: Path, form: str, mime: str
) -> None:
    for text in ("rekap ekspor", "oktober 2026", form):
        office.says("dewi", text)
    sent = office.last("dewi")
    assert sent.file_name == f"rekap-2026-10.{'xlsx' if form == 'excel' else 'csv'}"
    made = await makes(office, database, tmp_path / "media")
    assert tuple(made) == sent.media
    assert mime in office.value("SELECT mime FROM media")
    assert office.value("SELECT kind FROM media") == "document"
    audit = office.rows("SELECT subject FROM audit WHERE action = 'recap export'")
    assert audit[0][0] == f"visits 2026-10 {'xlsx' if form == 'excel' else 'csv'}"


async def test_the_period_of_a_recap_goes_along_to_its_table(office: World) -> None:
    office.says("dewi", "rekap oktober")
    office.presses("dewi", "Tabel")
    assert office.asks("dewi") == "recap_export/form"
    office.says("dewi", "csv")
    assert office.last("dewi").file_name == "rekap-2026-10.csv"


async def test_a_row_that_cannot_be_read_is_told_and_ends_nothing(
    office: World, database: Database, tmp_path: Path
) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE visits SET answers = 'no JSON'")
    for text in ("rekap ekspor", "2026", "csv"):
        office.says("dewi", text)
    told: list[Sending] = []
    assert await makes(office, database, tmp_path / "media", told) == {}
    assert tuple(office.rows("SELECT state, reason FROM media")[0]) == ("refused", "fault")
    assert ["berkasnya tidak dapat saya buat" in sending.message.text for sending in told] == [True]


async def test_where_there_was_no_visit_there_is_no_table(office: World) -> None:
    for text in ("rekap ekspor", "2024", "csv"):
        said = office.says("dewi", text)
    assert "Tidak ada kunjungan" in said
    assert office.rows("SELECT 1 FROM media") == []


async def test_an_officer_who_was_let_go_between_the_questions_gets_no_table(office: World) -> None:
    for text in ("rekap ekspor", "oktober 2026"):
        office.says("dewi", text)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contacts SET consent = true")
        connection.exec_driver_sql("UPDATE staff SET active = false")
    assert "hanya untuk petugas kabupaten" in office.says("dewi", "csv")
    assert office.rows("SELECT 1 FROM media") == []


async def test_the_csv_is_what_indonesian_excel_opens(office: World, database: Database) -> None:
    answers(office, pilar="aman", materi="Kode OTP; tautan palsu", catatan_lama="x", note="Balé désa", photos=["a"])
    made = await recap_files.make_table(database, office.office, Order("id", "2026-11", "csv"))
    assert made.content.startswith(b"\xef\xbb\xbfNomor;Hari;Jenis;Kecamatan;Desa;Relawan;Peserta;Perempuan;")
    header, *rows = read_csv(made.content)
    assert len(set(header)) == len(header)
    assert [row[1:11] for row in rows] == [
        ["2026-11-02", "Literasi", "Wonodadi", "Salam", "Budi Santoso", "25", "15", "disetujui", "1", ""],
        ["2026-11-20", "Lomba desa", "Kademangan", "Kademangan", "Siti Aminah", "9", "", "dikembalikan", "1", ""],
    ]
    first = dict(zip(header, rows[0], strict=True))
    assert (first["Pilar"], first["Materi"]) == ("Aman digital", "Kode OTP; tautan palsu")
    assert (first["Catatan"], first["Jawaban lain"]) == ("Balé désa", "catatan_lama: x")


async def test_the_workbook_has_visits_totals_and_targets(office: World, database: Database) -> None:
    helped(office, "budi", SALAM, "done")
    made = await recap_files.make_table(database, office.office, Order("id", "2026", "xlsx"))
    sheets = read_xlsx(made.content)
    assert list(sheets) == ["Kunjungan", "Jumlah", "Target"]
    assert len(sheets["Kunjungan"]) == 4
    totals = {(row[0], row[1]): row[2:] for row in sheets["Jumlah"][1:]}
    assert totals["Kecamatan", "Wonodadi"] == ["2", "1", "37", "15", "1"]
    assert totals["Desa", "Salam, Wonodadi"] == ["2", "1", "37", "15", "1"]
    assert totals["Relawan", "Budi Santoso"] == ["2", "1", "37", "15", "1"]
    assert totals["Bulan", "2026-11"] == ["1", "1", "25", "15", "1"]
    assert totals["Bulan", "2026-10"] == ["1", "0", "12", "0"]
    assert ("Relawan", "Siti Aminah") not in totals, "sent back does not count"
    assert sheets["Target"] == [
        ["Indikator", "Tercapai", "Target", "Persen", "Keadaan"],
        ["Kunjungan", "2", "10", "20 %", "tertinggal"],
    ]


async def test_an_erased_volunteer_is_in_no_table_and_files_that_may_name_them_go(
    office: World, database: Database, tmp_path: Path
) -> None:
    for text in ("rekap ekspor", "2026", "csv"):
        office.says("dewi", text)
    made = await makes(office, database, tmp_path / "media")
    assert b"Budi Santoso" in next(iter(made.values())).read_bytes()
    for text in ("hapus data", "ya"):
        office.says("budi", text)
    assert set(made) <= set(office.removed)
    assert office.rows("SELECT 1 FROM media") == []
    table = await recap_files.make_table(database, office.office, Order("id", "2026", "xlsx"))
    assert "Budi" not in str(read_xlsx(table.content))
    assert ["Relawan", "mantan relawan", "2", "1", "37", "15", "0"] in read_xlsx(table.content)["Jumlah"]


async def test_what_the_program_made_is_removed_when_it_is_as_old_as_texts_get(
    office: World, database: Database, tmp_path: Path
) -> None:
    office.says("budi", "rekap gambar")
    made = await makes(office, database, tmp_path / "media")
    now = office.office.clock()
    assert await database.write(tidy_made, now + timedelta(days=89), chat_days=90) == []
    assert await database.write(tidy_made, now + timedelta(days=91), chat_days=90) == list(made)
    assert office.rows("SELECT 1 FROM media") == []


async def test_what_begins_like_a_formula_is_made_harmless_everywhere(office: World, database: Database) -> None:
    bad = '=HYPERLINK("http://x";"klik")'
    answers(office, materi=bad, lomba="@SUM(1)", tahap="-1+1", bantuan="+62812", hasil="\t=1")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET name = '=cmd|calc' WHERE name = 'Budi Santoso'")
    made = [
        await recap_files.make_table(database, office.office, Order("id", "2026", form)) for form in ("csv", "xlsx")
    ]
    rows = [*read_csv(made[0].content), *(row for sheet in read_xlsx(made[1].content).values() for row in sheet)]
    cells = [cell for row in rows for cell in row]
    assert "'=cmd|calc" in cells
    assert f"'{bad}" in cells
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    with zipfile.ZipFile(io.BytesIO(made[1].content)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    | st.sampled_from(("=1", "+1", "-1", "@x", "a=1"))
)
def test_a_harmless_cell_keeps_what_was_written(text: str) -> None:
    for book in (CsvBook(), XlsxBook()):
        if isinstance(book, XlsxBook):
            book.begin("Satu", ["Judul"])
            book.add([[text]])
            cell = read_xlsx(book.finish())["Satu"][1:]
        else:
            book.add([[text]])
            cell = read_csv(book.finish())
        shown = cell[0][0] if cell and cell[0] else ""
        assert shown.removeprefix("'" if harmless(text) != text else "") == text
        assert not shown.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("most", [1, 3, 60, 1200, 90_000], ids=["none", "few", "some", "many", "too many"])
def test_a_picture_is_small_whatever_it_shows(most: int) -> None:
    dice = random.Random(most)
    series = [Series(kind, [dice.randrange(most) for _ in MONTHS]) for kind in KINDS]
    notes = ["Mochamad Abdul Rohman Hidayatulloh Nitisastro Kusumo Wardhana", "1.020 kunjungan, 30.120 orang"]
    picture = draw_bars("Kunjungan 2026", notes, MONTHS, series, "Belum ada kunjungan.")
    assert len(picture) <= 60_000
    with Image.open(io.BytesIO(picture)) as opened:
        drawn = {colour for _, colour in opened.convert("RGB").getcolors(10_000) or []}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in COLOURS[: len(KINDS)]} <= drawn


def test_the_colours_differ_when_printed_in_grey() -> None:
    greys = [Image.new("RGB", (1, 1), colour).convert("L").tobytes()[0] for colour in COLOURS[: len(KINDS)]]
    assert min(abs(one - other) for at, one in enumerate(greys) for other in greys[at + 1 :]) >= 40


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (999, "999"), (1240, "1,2rb"), (9960, "10rb"), (12_400, "12rb")]
)
def test_numbers_on_bars_are_short(value: int, shown: str) -> None:
    assert short(value) == shown


async def test_a_picture_counts_what_the_recap_counts(
    office: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Series]] = []
    real: Callable[..., bytes] = draw_bars

    def look(*given: object) -> bytes:
        seen.append(given[3])  # type: ignore[arg-type]  # the series
        return real(*given)

    monkeypatch.setattr(recap_files, "draw_bars", look)
    await recap_files.make_chart(database, office.office, Order("id", "2026", "png"))
    counted = {series.name: sum(series.values) for series in seen[0]}
    assert counted == {"Digitalisasi": 0, "Literasi": 1, "Lomba desa": 0, "Pendampingan": 1}
    assert next(series for series in seen[0] if series.name == "Pendampingan").values[date(2026, 10, 1).month - 1] == 1

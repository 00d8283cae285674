"""The table of how lessons go: asked for as that of visits, with numbers only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handlers import recap_files, recap_lesson_files
from handlers.files import Files
from handlers.media import MediaStore
from handlers.recap_export import Order
from storage import media
from storage.db import Database
from storage.media import MADE
from tests.handlers.test_recap import NGAGLIK, SALAM
from tests.handlers.test_recap_files import read_csv, read_xlsx
from tests.handlers.test_recap_lessons import learned
from tests.world import World


@pytest.fixture
def office(database: Database) -> World:
    world = World(database.engine)
    world.employs("dewi")
    learned(world, "aman_otp", SALAM, "2026-11", started=7, finished=5, right=4, wrong=2)
    learned(world, "aman_otp", SALAM, "2026-10", started=1, right=1)
    learned(world, "cakap_bayar_qris", NGAGLIK, "2026-11", started=12, finished=11, right=3, wrong=12)
    learned(world, "etika_of_an_earlier_release", "", "2026-11", started=3, wrong=20)
    return world


async def makes(world: World, database: Database, folder: Path) -> list[bytes]:
    """Make all that waits, as the process does after the turn."""
    makers = {
        **recap_files.makers(database, world.office),
        **recap_lesson_files.makers(database, world.office),
    }
    store = MediaStore(folder)
    files = Files({}, database, store, world.office, lambda sent, _: None, makers)
    for row in await database.write(media.list_waiting, MADE, world.office.clock(), 10):
        await files._bring(row)
    paths = [store.find(file) for file in world.last("dewi").media]
    return [path.read_bytes() for path in paths if path is not None]


@pytest.mark.parametrize(("form", "ending"), [("excel", "xlsx"), ("csv", "csv")])
async def test_a_table_is_asked_for_and_sent_as_a_document(
    office: World, database: Database, tmp_path: Path, form: str, ending: str
) -> None:
    for text in ("rekap belajar ekspor", "oktober 2026", form):
        said = office.says("dewi", text)
    assert "angka saja" in said
    assert office.last("dewi").file_name == f"rekap-belajar-2026-10.{ending}"
    assert len(await makes(office, database, tmp_path / "media")) == 1
    assert office.value("SELECT state FROM media") == "stored"
    assert office.value("SELECT subject FROM audit WHERE action = 'recap export'") == f"lessons 2026-10 {ending}"


async def test_the_period_and_place_of_a_recap_go_along_to_its_table(
    office: World, database: Database, tmp_path: Path
) -> None:
    office.says("dewi", "rekap belajar srengat november")
    office.presses("dewi", "Tabel")
    assert office.asks("dewi") == "lessons_export/form"
    office.says("dewi", "csv")
    made = read_csv((await makes(office, database, tmp_path / "media"))[0])
    assert [row[2] for row in made[1:]] == ["Ngaglik"]


async def test_a_week_gives_the_table_of_its_month(office: World) -> None:
    for text in ("rekap belajar ekspor", "minggu lalu", "csv"):
        said = office.says("dewi", text)
    assert "November 2026" in said
    assert office.last("dewi").file_name == "rekap-belajar-2026-11.csv"


async def test_where_nobody_learned_there_is_no_table(office: World) -> None:
    for text in ("rekap belajar ekspor", "2024", "csv"):
        said = office.says("dewi", text)
    assert "Tidak ada yang belajar" in said
    assert office.rows("SELECT 1 FROM media") == []


async def test_an_officer_who_was_let_go_between_the_questions_gets_no_table(office: World) -> None:
    office.says("dewi", "rekap belajar ekspor")
    office.says("dewi", "2026")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contacts SET consent = true")
        connection.exec_driver_sql("UPDATE staff SET active = false")
    assert "hanya untuk petugas kabupaten" in office.says("dewi", "csv")
    assert office.rows("SELECT 1 FROM media") == []


async def test_there_is_a_row_for_each_lesson_village_and_month(office: World, database: Database) -> None:
    made = await recap_lesson_files.make_lesson_table(database, office.office, Order("id", "2026", "csv"))
    assert made.content.startswith(b"\xef\xbb\xbf")
    assert read_csv(made.content) == [
        ["Bulan", "Kecamatan", "Desa", "Pilar", "Tingkat", "Materi", "Dimulai", "Selesai", "Benar", "Salah"],
        ["2026-10", "Wonodadi", "Salam", "Aman digital", "Dasar", "Kode OTP", "1", "0", "1", "0"],
        ["2026-11", "", "tidak diketahui", "Etika digital", "", "etika_of_an_earlier_release", "3", "0", "0", "20"],
        ["2026-11", "Wonodadi", "Salam", "Aman digital", "Dasar", "Kode OTP", "7", "5", "4", "2"],
        ["2026-11", "Srengat", "Ngaglik", "Cakap digital", "Menengah", "Bayar dengan QRIS", "12", "11", "3", "12"],
    ]


async def test_the_workbook_has_a_sheet_of_all_lessons_and_marks_those_to_revise(
    office: World, database: Database
) -> None:
    made = await recap_lesson_files.make_lesson_table(database, office.office, Order("id", "2026", "xlsx"))
    sheets = read_xlsx(made.content)
    assert list(sheets) == ["Per desa dan bulan", "Per materi", "Langganan"]
    assert len(sheets["Per desa dan bulan"]) == 5
    header, *rows = sheets["Per materi"]
    assert header == ["Pilar", "Tingkat", "Materi", "Dimulai", "Selesai", "Benar", "Salah", "Persen benar", "Perlu diperbaiki"]  # fmt: skip
    assert len(rows) == len(office.office.registry.lessons) + 1
    by_lesson = {row[2]: row[3:] for row in rows}
    assert by_lesson["Kode OTP"] == ["8", "5", "5", "2", "71", ""]
    assert by_lesson["Bayar dengan QRIS"] == ["12", "11", "3", "12", "20", "ya"]
    assert by_lesson["File APK undangan"][:4] == ["0", "0", "0", "0"]
    assert by_lesson["etika_of_an_earlier_release"] == ["3", "0", "0", "20", "0", ""], "nothing is left to revise"


async def test_the_headers_are_in_the_language_of_who_asks(office: World, database: Database) -> None:
    made = await recap_lesson_files.make_lesson_table(database, office.office, Order("jv", "2026", "csv"))
    assert read_csv(made.content)[0][6:] == ["Dipunwiwiti", "Rampung", "Leres", "Lepat"]


async def test_a_place_narrows_both_sheets(office: World, database: Database) -> None:
    order = replace(Order("id", "2026", "xlsx"), place="35.05.01")
    sheets = read_xlsx((await recap_lesson_files.make_lesson_table(database, office.office, order)).content)
    assert {row[1] for row in sheets["Per desa dan bulan"][1:]} == {"Wonodadi"}
    qris = next(row for row in sheets["Per materi"] if row[2] == "Bayar dengan QRIS")
    assert qris[3:7] == ["0", "0", "0", "0"]

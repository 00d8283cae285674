"""Writes tables as CSV and XLSX, row by row, as spreadsheets in Indonesia open them.

CSV: UTF-8 with a byte order mark and semicolons, because Excel with Indonesian settings takes the comma for a decimal point
and, without the mark, UTF-8 for an older encoding. A text that a spreadsheet would run as a formula is made harmless.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO, StringIO, TextIOWrapper
from zipfile import ZIP_DEFLATED, ZipFile

Cell = str | int | date | None
CSV_MIME = "text/csv"
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP_MIME = "application/zip"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # owasp.org/www-community/attacks/CSV_Injection
_MOST_CHARS = 32_767  # of a cell (Excel's specifications and limits)
_WIDTH = 16  # of a column, in characters


def harmless(cell: Cell) -> Cell:
    """Put an apostrophe before a text that begins like a formula: spreadsheets then show it as it was written."""
    if not isinstance(cell, str):
        return cell
    return "'" + cell if cell.startswith(_FORMULA) else cell


class CsvBook:
    """One table as CSV."""

    def __init__(self) -> None:
        self._written = StringIO()
        self._written.write("\ufeff")
        self._rows = csv.writer(self._written, delimiter=";", lineterminator="\r\n")

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows; the first of all is the header."""
        self._rows.writerows([harmless(cell) for cell in row] for row in rows)

    def finish(self) -> bytes:
        """Give the file."""
        return self._written.getvalue().encode()


class ZippedCsvBook:
    """One table as CSV in a ZIP: it is packed as it comes, to about an eighth."""

    def __init__(self, name: str) -> None:
        self._written = BytesIO()
        self._zip = ZipFile(self._written, "w", ZIP_DEFLATED)
        self._file = TextIOWrapper(self._zip.open(name, "w"), "utf-8-sig", newline="")
        self._rows = csv.writer(self._file, delimiter=";", lineterminator="\r\n")

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows; the first of all is the header."""
        self._rows.writerows([harmless(cell) for cell in row] for row in rows)

    def finish(self) -> bytes:
        """Give the file."""
        self._file.close()
        self._zip.close()
        return self._written.getvalue()


class XlsxBook:
    """Sheets of rows as XLSX; rows leave memory as they come, so a large table costs time and no memory."""

    def __init__(self) -> None:
        from xlsxwriter import Workbook  # 30 ms of imports: only where a table is made

        self._written = BytesIO()
        self._book = Workbook(
            self._written,
            {"constant_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_formulas": False,
             "strings_to_numbers": False, "strings_to_urls": False},
        )  # fmt: skip
        self._head = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._row = 0

    def begin(self, name: str, header: Sequence[str]) -> None:
        """Begin a sheet; the one before is done."""
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(header) - 1, _WIDTH)
        self._sheet.autofilter(0, 0, 0, len(header) - 1)
        for column, title in enumerate(header):
            self._sheet.write_string(0, column, title, self._head)
        self._row = 0

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows to the sheet."""
        for row in rows:
            self._row += 1
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    self._sheet.write_string(self._row, column, str(harmless(cell))[:_MOST_CHARS])
                elif isinstance(cell, int):
                    self._sheet.write_number(self._row, column, cell)
                elif cell is not None:
                    self._sheet.write_datetime(self._row, column, cell)

    def finish(self) -> bytes:
        """Give the file."""
        self._book.close()
        return self._written.getvalue()

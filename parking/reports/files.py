"""Write a day's report to disk: one spreadsheet and one CSV of each table."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import xlsxwriter

from parking.reports.report import DayReport
from parking.reports.tables import Cell, Table, heading, tables

# What a spreadsheet would take for a formula when it opens a CSV (reliability.md 10).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(report: DayReport, folder: Path) -> list[Path]:
    """The files of a day, each whole or as it was before; written again they are replaced.

    report-2026-11-23.xlsx holds every table, report-2026-11-23.csv the summary and
    report-2026-11-23-points.csv and its like one of the others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"report-{report.day.isoformat()}"
    parts = tables(report)
    book = folder / f"{name}.xlsx"
    _replace(book, lambda path: _write_book(path, report, parts))
    written = [book]
    for table in parts:
        sheet = folder / f"{name}{table.suffix}.csv"
        _replace(sheet, lambda path, table=table: _write_csv(path, table))  # type: ignore[misc]
        written.append(sheet)
    return written


def _replace(path: Path, write_to: Callable[[Path], None]) -> None:
    """Put a file in place at once: a reader sees the old one or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_to(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write_csv(path: Path, table: Table) -> None:
    """With a byte order mark, for Excel takes the file for another encoding without it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in table.columns])
        for row in (*table.rows, *([table.total] if table.total else [])):
            writer.writerow([_harmless(cell) for cell in row])


def _harmless(cell: Cell) -> Cell:
    """A text that begins like a formula, as a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _write_book(path: Path, report: DayReport, parts: Sequence[Table]) -> None:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(path, options) as book:
        # The same report gives the same bytes.
        book.set_properties({"title": heading(report)[0], "created": report.as_of})
        for number, table in enumerate(parts):
            _write_sheet(book, table, heading(report) if number == 0 else [])


def _write_sheet(book: xlsxwriter.Workbook, table: Table, above: Sequence[str]) -> None:
    sheet = book.add_worksheet(table.title)
    bold = book.add_format({"bold": True})
    small = book.add_format({"italic": True, "font_color": "#666666"})
    money = book.add_format({"num_format": "#,##0"})
    total = book.add_format({"bold": True, "num_format": "#,##0", "top": 1})
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, column.width, money if column.is_money else None)
    top = len(above)
    for number, text in enumerate(above):
        sheet.write_string(number, 0, text, bold)
    _write_row(sheet, top, [column.name for column in table.columns], bold)
    _write_row(sheet, top + 1, [column.name_en for column in table.columns], small)
    sheet.freeze_panes(top + 2, 0)
    for number, row in enumerate(table.rows, top + 2):
        _write_row(sheet, number, row, None)
    if table.total:
        _write_row(sheet, top + 2 + len(table.rows), table.total, total)


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet,
    line: int,
    row: Sequence[Cell],
    style: xlsxwriter.format.Format | None,
) -> None:
    for number, cell in enumerate(row):
        if isinstance(cell, int):
            sheet.write_number(line, number, cell, style)
        elif cell:
            sheet.write_string(line, number, cell, style)

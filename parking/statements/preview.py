"""What a settlement file would do if it were taken in, for somebody who looks before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parking.business_day import wib
from parking.gateways.cells import shown
from parking.gateways.mapped_report import SHOWN_ROWS, Reading, Wrong
from parking.gateways.protocol import ReportLine
from parking.gateways.table import Row
from parking.statements.settlement import NOTHING, Totals, totals
from parking.statements.take_in import Foreseen
from parking.statements.words import KIND_TEXT


@dataclass(frozen=True, slots=True)
class SeenCell:
    title: str
    text: str
    wrong: str = ""  # why it could not be read


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of the file beside what it was understood to be."""

    number: int
    cells: Sequence[SeenCell]  # in the order of the titles; none when the adapter read it
    line: ReportLine | None
    note: str = ""  # why it is no line of its own, though nothing is wrong
    problems: Sequence[str] = ()  # what is wrong with the row and not with one of its cells

    @property
    def kind_text(self) -> str:
        return KIND_TEXT[self.line.kind] if self.line else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A file before it is taken in. Nothing of it is stored."""

    mapping: str  # its name; empty: the adapter's own way
    titles: Sequence[str] = ()
    rows: Sequence[SeenRow] = ()  # the first ones
    sums: Totals = NOTHING  # of all lines that could be read
    skipped: int = 0
    days: Sequence[Foreseen] = ()
    refusal: str = ""  # why it could not be read at all
    problems: Sequence[Wrong] = ()
    reasons: Sequence[str] = field(default=())  # the same for people: each names its line

    @property
    def is_acceptable(self) -> bool:
        refused = [day for day in self.days if day.outcome == "rejected"]
        return bool(self.days) and not self.reasons and not self.refusal and not refused

    @property
    def is_new(self) -> bool:
        return any(day.outcome == "accepted" for day in self.days)


def refused(mapping: str, why: str, reasons: Sequence[str]) -> Preview:
    """Of a file that could not be read at all."""
    return Preview(mapping, refusal=why, reasons=reasons)


def preview_of(mapping: str, reading: Reading, days: Sequence[Foreseen]) -> Preview:
    return Preview(
        mapping, reading.titles, _rows(reading), totals(reading.lines), len(reading.skipped), days,
        problems=reading.problems, reasons=[str(problem) for problem in reading.problems],
    )  # fmt: skip


def _rows(reading: Reading) -> list[SeenRow]:
    lines = {line.number: line for line in reading.lines}
    if not reading.rows:
        return [SeenRow(line.number, (), line) for line in reading.lines[:SHOWN_ROWS]]
    wrong: dict[int, list[Wrong]] = {}
    for problem in reading.problems:
        wrong.setdefault(problem.number or 0, []).append(problem)
    return [_row(row, reading, lines.get(row.number), wrong) for row in reading.rows]


def _row(
    row: Row, reading: Reading, line: ReportLine | None, wrong: Mapping[int, list[Wrong]]
) -> SeenRow:
    found = wrong.get(row.number, [])
    of_column = {problem.column: problem.why for problem in found if problem.column}
    titles = [*reading.titles, *[""] * (len(row.cells) - len(reading.titles))]
    cells = [
        SeenCell(title, shown(cell), of_column.get(title, "") if title else "")
        for cell, title in zip(row.cells, titles, strict=False)
    ]
    of_row = [problem.why for problem in found if not problem.column]
    return SeenRow(row.number, cells, line, _note(row, reading), of_row)


def _note(row: Row, reading: Reading) -> str:
    if row.number in reading.skipped:
        return f"dilewati: {reading.skipped[row.number]}"
    if row.number in reading.folded:
        return f"bagian dari baris {reading.folded[row.number]}"
    return ""


def as_json(preview: Preview) -> dict[str, object]:
    """For programs: money in rupiah, times in WIB."""
    return {
        "mapping": preview.mapping,
        "acceptable": preview.is_acceptable,
        "refusal": preview.refusal,
        "rows": [_row_json(row) for row in preview.rows],
        "totals": {
            "lines": preview.sums.count, "gross": preview.sums.gross, "fee": preview.sums.fee,
            "net": preview.sums.net, "skipped": preview.skipped,
        },
        "days": [_day_json(day) for day in preview.days],
        "problems": [
            {"line": p.number, "column": p.column, "found": p.found, "why": p.why}
            for p in preview.problems
        ],
        "reasons": list(preview.reasons),
    }  # fmt: skip


def _row_json(row: SeenRow) -> dict[str, object]:
    line = row.line
    return {
        "number": row.number,
        "cells": {cell.title: cell.text for cell in row.cells if cell.title},
        "line": line and {
            "kind": line.kind, "ours": line.ours, "payment_ref": line.payment_ref,
            "gross": line.gross, "fee": line.fee, "net": line.net,
            "paid_at": wib(line.paid_at).isoformat(), "settled_on": line.settled_on.isoformat(),
        },
        "note": row.note,
        "problems": [*row.problems, *(cell.wrong for cell in row.cells if cell.wrong)],
    }  # fmt: skip


def _day_json(day: Foreseen) -> dict[str, object]:
    sums = totals(day.report.lines)
    return {
        "day": day.report.day.isoformat(), "outcome": day.outcome, "version": day.version,
        "lines": sums.count, "gross": sums.gross, "fee": sums.fee, "net": sums.net,
        "before": day.before.id if day.before else None, "problem": day.problem,
    }  # fmt: skip

"""A settlement file before it is taken in, as a table of text."""

from collections.abc import Iterator, Sequence

from parking.business_day import wib
from parking.money import rupiah_text
from parking.statements.preview import Preview, SeenRow

TITLES = ("line", "kind", "ours", "payment_ref", "gross", "fee", "net", "paid_at", "settled_on")
FIGURES = {"line", "gross", "fee", "net"}


def lines_of(seen: Preview) -> Iterator[str]:
    """The first rows as they were understood, their sums, and what would become of each day."""
    if seen.refusal:
        return
    rows = [_cells(row) for row in seen.rows]
    widths = [max(map(len, column)) for column in zip(TITLES, *rows, strict=True)]
    for cells in (TITLES, *rows):
        yield _aligned(cells, widths)
    sums = seen.sums
    yield (
        f"{sums.count} lines, {seen.skipped} rows skipped: gross {rupiah_text(sums.gross)},"
        f" fee {rupiah_text(sums.fee)}, net {rupiah_text(sums.net)}"
    )
    for day in seen.days:
        count = len(day.report.lines)
        before = f"; import {day.before.id} is in" if day.before else ""
        yield f"{day.report.day}: {day.outcome}, version {day.version}, {count} lines{before}"


def _cells(row: SeenRow) -> tuple[str, ...]:
    line = row.line
    if line is None:
        wrong = [*row.problems, *(cell.wrong for cell in row.cells if cell.wrong)]
        note = row.note or ("salah: " + "; ".join(wrong) if wrong else "bukan baris")
        return (str(row.number), note, *[""] * (len(TITLES) - 2))
    return (
        str(row.number), line.kind, line.ours, line.payment_ref, str(line.gross), str(line.fee),
        str(line.net), f"{wib(line.paid_at):%Y-%m-%d %H:%M:%S}", str(line.settled_on),
    )  # fmt: skip


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        text.rjust(width) if title in FIGURES else text.ljust(width)
        for title, text, width in zip(TITLES, cells, widths, strict=True)
    ]
    return "  ".join(aligned).rstrip()

"""Rows of a bank's CSV or XLSX as a statement, read by a mapping.

Every wrong cell is named with its line, its column and the text that was found; where one is
wrong there is no statement.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from parking.business_day import WIB, business_day
from parking.gateways.cells import Cell, amount_of, identifier, moment_of, shown, text_of
from parking.gateways.mapped_report import MOST_PROBLEMS, SHOWN_ROWS, Cells, Wrong, listed
from parking.gateways.mapping_parts import Told, plain
from parking.gateways.report_layout import Layout, Titles, find_titles, in_lines, told_by
from parking.gateways.statement_mapping import StatementMapping, ToldBalance
from parking.gateways.table import Row
from parking.money import Rupiah
from parking.statements.statement import Line, Reading, Statement, problems_of

LONGEST_TEXT = 1_000


def read_rows(mapping: StatementMapping, rows: Iterable[Row], file_name: str) -> Reading:
    """What the rows of a file say. Raises FileRefused when it is not a file of this kind."""
    several = iter(rows)
    layout = find_titles(mapping, several)
    return _Reader(mapping, layout, file_name).read(several)


def clean(text: str) -> str:
    """A bank's text on one line, as a database and a page can show it; cut where it is endless."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_TEXT]


class _Reader:
    """Reads the rows below the titles, and keeps what it finds."""

    def __init__(self, mapping: StatementMapping, layout: Layout, file_name: str) -> None:
        self._mapping = mapping
        self._layout = layout
        self._file_name = file_name
        self._problems: list[Wrong] = []
        self._skipped: dict[int, str] = {}
        self._lines: list[Line] = []
        self._ends: dict[str, Rupiah] = {}  # "opening" and "closing", where a row tells them
        self._numbers: set[str] = set()  # of accounts
        self._sums: tuple[int, int] = (0, 0)  # debits and credits
        self._counted: Row | None = None  # the row that counts them up
        self._titles = [plain(text_of(cell)) for cell in layout.titles.cells]

    def read(self, rows: Iterator[Row]) -> Reading:
        first = list(islice(rows, SHOWN_ROWS))
        odd: list[Row] = []
        for row in first:
            self._take(row)
        for row in rows:
            before = len(self._problems)
            self._take(row)
            if len(self._problems) > before and len(odd) < SHOWN_ROWS:
                odd.append(row)
        self._compare_sums()
        if self._mapping.order == "newest first":
            self._lines.reverse()
        statement = self._statement() if not self._problems else None
        if statement is not None:
            self._problems += problems_of(statement)
        return Reading(
            statement if not self._problems else None, self._lines, self._told_problems(),
            [text_of(cell) for cell in self._layout.titles.cells],
            [row for row in (*first, *odd) if not row.is_blank], self._skipped,
        )  # fmt: skip

    def _told_problems(self) -> list[Wrong]:
        more = len(self._problems) - MOST_PROBLEMS
        last = [Wrong(None, "", "", f"dan {more} masalah lagi")] if more > 0 else []
        return [*self._problems[:MOST_PROBLEMS], *last]

    def _wrong(self, number: int | None, why: str) -> None:
        self._problems.append(Wrong(number, "", "", why))

    # One row

    def _take(self, row: Row) -> None:
        if row.is_blank or self._is_no_line(row):
            return
        wanted, there = len(self._layout.titles.cells), len(row.cells)
        if there < wanted or any(text_of(cell) for cell in row.cells[wanted:]):
            self._wrong(row.number, f"{there} kolom, harus {wanted}")
            return
        cells = Cells(self._layout, row)
        line = self._line(cells)
        self._problems += cells.found
        if line is None or cells.found:
            return
        if line.amount == 0:
            self._skipped[row.number] = "jumlahnya nol"
        else:
            self._lines.append(line)

    def _is_no_line(self, row: Row) -> bool:
        """Balances, sums and headings of pages."""
        mapping = self._mapping
        for name, end in (("opening", mapping.opening), ("closing", mapping.closing)):
            if end is not None and self._tells_end(name, end, row):
                self._skipped[row.number] = "saldo awal" if name == "opening" else "saldo akhir"
                return True
        if mapping.sums is not None and re.search(mapping.sums.row, row.text):
            self._counted = row
            self._skipped[row.number] = "jumlah"
            return True
        if [plain(text_of(cell)) for cell in row.cells] == self._titles:
            self._skipped[row.number] = "judul kolom lagi"
            return True
        if any(re.search(pattern, row.text) for pattern in mapping.skip_rows):
            self._skipped[row.number] = "bukan baris mutasi"
            return True
        return False

    def _tells_end(self, name: str, end: ToldBalance, row: Row) -> bool:
        if end.foot is not None and (told := re.search(end.foot, row.text)):
            self._end(name, row.number, told[1])
        elif end.row is not None and re.search(end.row, row.text):
            place = self._layout.places[self._mapping.columns.balance or ()]
            self._end(name, row.number, row.cells[place] if place < len(row.cells) else "")
        else:
            return False
        return True

    def _end(self, name: str, number: int | None, cell: Cell) -> None:
        try:
            amount = Rupiah(amount_of(cell, self._mapping.money))
        except ValueError as error:
            self._wrong(number, f"{name}: {shown(cell)!r} {error}")
            return
        if self._ends.setdefault(name, amount) != amount:
            self._wrong(number, f"{name} ada dua kali dan berbeda")

    def _line(self, cells: Cells) -> Line | None:
        columns = self._mapping.columns
        booked_on = cells.read(columns.booked_on, self._day)
        value_on = self._value_on(cells, booked_on)
        amount = self._signed(cells)
        balance = cells.read(columns.balance, self._amount) if columns.balance else None
        reference = cells.read(columns.reference, self._reference) if columns.reference else ""
        texts = [cells.cell(titles) for titles in (columns.text, columns.more_text) if titles]
        self._note_account(cells)
        if cells.found or booked_on is None or amount is None:
            return None
        return Line(
            cells.row.number, booked_on, value_on or booked_on, Rupiah(amount),
            clean(" ".join(text_of(cell) for cell in texts)), reference or "",
            None if balance is None else Rupiah(balance),
        )  # fmt: skip

    def _value_on(self, cells: Cells, booked_on: date | None) -> date | None:
        titles = self._mapping.columns.value_on
        if titles is None or not text_of(cells.cell(titles)):
            return booked_on
        found: date | None = cells.read(titles, self._day)
        return found

    def _day(self, cell: Cell) -> date:
        told = moment_of(cell, self._mapping.days.formats, WIB)
        return business_day(told) if isinstance(told, datetime) else told

    def _amount(self, cell: Cell) -> int:
        return amount_of(cell, self._mapping.money)

    def _reference(self, cell: Cell) -> str:
        return identifier(cell, self._mapping.id_marks) if text_of(cell) else ""

    def _signed(self, cells: Cells) -> int | None:
        columns, money = self._mapping.columns, self._mapping.money
        if columns.amount is None:
            return self._of_two(cells)
        amount: int | None = cells.read(columns.amount, self._amount)
        if columns.direction is None or amount is None:
            return amount
        word = plain(text_of(cells.cell(columns.direction)))
        if amount < 0:
            cells.wrong(columns.amount, "jumlah negatif, padahal kolom arah memberi tandanya")
        elif word not in map(plain, (*money.minus, *money.plus)):
            cells.wrong(columns.direction, f"tidak dikenal; ada {listed(money.minus + money.plus)}")
        return -amount if word in map(plain, money.minus) else amount

    def _of_two(self, cells: Cells) -> int | None:
        """One of debit and credit is filled; the other is empty or zero."""
        debit = self._side(cells, self._mapping.columns.debit or ())
        credit = self._side(cells, self._mapping.columns.credit or ())
        if cells.found:
            return None
        if debit is None and credit is None:
            cells.wrong(self._mapping.columns.credit or (), "debit dan kredit keduanya kosong")
        elif debit and credit:
            cells.wrong(self._mapping.columns.credit or (), "debit dan kredit keduanya terisi")
        self._sums = self._sums[0] + (debit or 0), self._sums[1] + (credit or 0)
        return (credit or 0) - (debit or 0)

    def _side(self, cells: Cells, titles: Titles) -> int | None:
        text = text_of(cells.cell(titles))
        if not text or text in self._mapping.money.nothing:
            return None
        amount: int | None = cells.read(titles, self._amount)
        if amount is not None and amount < 0:
            cells.wrong(titles, "jumlah negatif di kolom debit atau kredit")
        return amount

    def _note_account(self, cells: Cells) -> None:
        account = self._mapping.account
        if account != "as brought" and account.column is not None:
            self._numbers.add(text_of(cells.cell(account.column)).strip(self._mapping.id_marks))

    # The whole

    def _compare_sums(self) -> None:
        if self._mapping.sums is None:
            return
        if self._counted is None:
            self._wrong(None, "tidak ada baris jumlah di akhir; berkas mungkin terpotong")
            return
        columns = self._mapping.columns
        cells = Cells(self._layout, self._counted)
        for titles, ours in zip((columns.debit, columns.credit), self._sums, strict=True):
            if titles is None or len(self._counted.cells) <= self._layout.places[titles]:
                self._wrong(self._counted.number, "baris jumlah tidak lengkap")
                continue
            theirs = cells.read(titles, self._amount)
            if theirs is not None and theirs != ours:
                cells.wrong(titles, f"jumlah baris-barisnya {ours}")
        self._problems += cells.found

    def _statement(self) -> Statement | None:
        try:
            first, last = self._period()
            number = self._number()
            opening, closing = self._opening(), self._closing()
        except ValueError as error:
            self._wrong(None, str(error))
            return None
        begins_day = self._mapping.period != "lines"
        return Statement(number, first, last, opening, closing, self._lines, begins_day)

    def _period(self) -> tuple[date, date]:
        told = self._mapping.period
        if told != "lines":
            first = self._told_day("period.first", told.first)
            return first, self._told_day("period.last", told.last) if told.last else first
        if not self._lines:
            raise ValueError("tidak ada baris, dan berkas tidak menyebut periodenya")
        days = [line.booked_on for line in self._lines]
        return min(days), max(days)

    def _told_day(self, key: str, source: Told) -> date:
        try:
            return self._day(told_by(source, self._layout, self._file_name))
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None

    def _number(self) -> str:
        account = self._mapping.account
        if account == "as brought":
            return ""
        if account.column is not None:
            if len(self._numbers) > 1:
                numbers = listed(sorted(self._numbers))
                raise ValueError(f"berkas memuat beberapa rekening: {numbers}")
            return next(iter(self._numbers), "")
        source = Told(head=account.head, file_name=account.file_name)
        return told_by(source, self._layout, self._file_name)

    def _opening(self) -> Rupiah | None:
        told = self._told_end("opening", self._mapping.opening)
        if told is not None or not self._lines:
            return told if told is not None else self._ends.get("closing")
        first = self._lines[0]
        return None if first.balance is None else Rupiah(first.balance - first.amount)

    def _closing(self) -> Rupiah | None:
        told = self._told_end("closing", self._mapping.closing)
        if told is not None or not self._lines:
            return told if told is not None else self._ends.get("opening")
        return self._lines[-1].balance

    def _told_end(self, name: str, end: ToldBalance | None) -> Rupiah | None:
        """What the mapping says that the file tells; raises ValueError where it does not."""
        if end is None:
            return None
        if end.head is not None:
            text = in_lines(end.head, self._layout.above)
            return Rupiah(amount_of(text, self._mapping.money))
        if name not in self._ends:
            raise ValueError(f"tidak ada baris {name} di bawah judul kolom; mungkin terpotong")
        return self._ends[name]

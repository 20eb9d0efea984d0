"""Rows of a bank's or gateway's file as a settlement report, read by a mapping.

Every wrong cell is named with its line, its column and the text that was found. Where one
line is wrong there is no report: nothing half (reliability.md 9.3).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from itertools import islice
from typing import Any

from parking.business_day import add_working_days, business_day
from parking.gateways.cells import (
    Cell,
    amount_of,
    day_and_time,
    identifier,
    moment_of,
    shown,
    text_of,
)
from parking.gateways.mapping_parts import plain
from parking.gateways.protocol import Merchant, Report, ReportLine
from parking.gateways.report_layout import (
    Head,
    Layout,
    Titles,
    find_titles,
    read_head,
)
from parking.gateways.report_mapping import MOVEMENT
from parking.gateways.report_mapping import Mapping as ReportMapping
from parking.gateways.table import Row
from parking.gateways.zone import zone_of
from parking.money import QRIS_LIMIT, Rupiah

SHOWN_ROWS = 20
MOST_PROBLEMS = 200  # of a file of another kind every line is wrong
MOST_DAYS = 100  # in one file
FARTHEST_DAYS = 31  # of a payment from the day of its report


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in a line, or in the whole file when it has no number."""

    number: int | None
    column: str  # its title; empty when it is not about one cell
    found: str
    why: str

    def __str__(self) -> str:
        where = f"baris {self.number}" if self.number else "berkas"
        cell = f", kolom {self.column!r}: {self.found!r}" if self.column else ""
        return f"{where}{cell}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood."""

    reports: Sequence[Report]  # one for each day; none when anything is wrong
    lines: Sequence[ReportLine]  # those that could be read
    problems: Sequence[Wrong] = ()
    titles: Sequence[str] = ()
    rows: Sequence[Row] = ()  # the first ones, and further ones with a wrong cell, as they stand
    skipped: Mapping[int, str] = field(default_factory=dict)  # line number → why it is no line
    folded: Mapping[int, int] = field(default_factory=dict)  # line number → line it belongs to


@dataclass(frozen=True, slots=True)
class Cost:
    """A row that is the fee of a payment, or the VAT on it."""

    number: int
    group: str  # what it is folded by
    kind: str
    amount: int  # positive when it is charged

    @property
    def is_back(self) -> bool:
        return self.kind.endswith("_reversal")


@dataclass(frozen=True, slots=True)
class Piece:
    """A row that is a payment or a refund. Amounts are signed as money moves: plus to us."""

    number: int
    group: str  # empty: it stands alone
    kind: str
    ours: str
    payment_ref: str
    gross: int
    fee: int | None
    vat: int
    net: int | None
    paid_at: datetime
    settled_on: date

    @property
    def is_back(self) -> bool:
        return self.kind == "refund"


def read_rows(
    mapping: ReportMapping, rows: Iterable[Row], file_name: str, merchant: Merchant
) -> Reading:
    """What the rows of a file say, in whatever order they stand.

    Raises FileRefused when it is not a file of this kind at all, or of another
    merchant; what is wrong in single lines stands in the reading.
    """
    several = iter(rows)
    layout = find_titles(mapping, several)
    reader = _Reader(mapping, layout, read_head(mapping, layout, file_name, merchant), merchant)
    return reader.read(several)


class _Reader:
    """Reads the rows below the titles, and keeps what it finds."""

    def __init__(
        self, mapping: ReportMapping, layout: Layout, head: Head, merchant: Merchant
    ) -> None:
        self._mapping = mapping
        self._layout = layout
        self._head = head
        self._merchant = merchant
        self._problems: list[Wrong] = []
        self._skipped: dict[int, str] = {}
        self._left_out: set[str] = set()  # references of rows that are no lines
        self._footer: Row | None = None
        self._sums: Counter[str] = Counter()

    def read(self, rows: Iterator[Row]) -> Reading:
        first = list(islice(rows, SHOWN_ROWS))
        odd: list[Row] = []
        pieces = [p for row in first if (p := self._piece(row)) is not None]
        for row in rows:
            before = len(self._problems)
            if (piece := self._piece(row)) is not None:
                pieces.append(piece)
            elif len(self._problems) > before and len(odd) < SHOWN_ROWS:
                odd.append(row)
        lines, folded = self._lines(pieces)
        lines = self._keyed(lines)
        self._compare_footer()
        if not self._problems and not lines and self._head.day is None:
            why = f"semua {len(self._skipped)} baris dilewati" if self._skipped else "tidak ada isi"
            self._wrong(None, f"tidak ada baris yang dapat diterima: {why}")
        reports = self._reports(lines)
        if len(reports) > MOST_DAYS:
            self._wrong(None, f"{len(reports)} hari dalam satu berkas, paling banyak {MOST_DAYS}")
        return Reading(
            () if self._problems else reports, lines, self._told_problems(),
            [text_of(cell) for cell in self._layout.titles.cells],
            [row for row in (*first, *odd) if not row.is_blank], self._skipped, folded,
        )  # fmt: skip

    def _told_problems(self) -> list[Wrong]:
        self._problems.sort(key=lambda wrong: (wrong.number is None, wrong.number or 0))
        more = len(self._problems) - MOST_PROBLEMS
        if more <= 0:
            return self._problems
        last = Wrong(None, "", "", f"dan {more} masalah lagi")
        return [*self._problems[:MOST_PROBLEMS], last]

    def _wrong(self, number: int | None, why: str) -> None:
        self._problems.append(Wrong(number, "", "", why))

    # One row

    def _piece(self, row: Row) -> Piece | Cost | None:
        """A row as it is understood; None with what is wrong kept, or why it is no line."""
        footer = self._mapping.footer
        if row.is_blank:
            return None
        if footer is not None and re.search(footer.pattern, row.text):
            self._footer = self._footer or row
            return None
        if self._footer is not None:
            self._wrong(row.number, f"ada isi sesudah baris jumlah (baris {self._footer.number})")
            return None
        if not self._has_all_cells(row):
            return None
        cells = Cells(self._layout, row)
        why = self._why_skipped(cells)
        if why is not None and not cells.found:
            self._skip(cells, why)
        piece = self._understood(cells) if why is None else None
        self._problems += cells.found
        return piece if not cells.found else None

    def _skip(self, cells: "Cells", why: str) -> None:
        """No line of ours, though the file's totals count it too."""
        self._skipped[cells.row.number] = why
        with suppress(ValueError):  # it may lack what only lines need
            self._left_out.add(self._payment_ref(cells.cell(self._mapping.columns.payment_ref)))
        totals = self._mapping.footer.totals if self._mapping.footer else ()
        for name in totals:
            reader = self._cost if name in ("fee", "vat") else self._amount
            self._sums[name] += cells.read(getattr(self._mapping.columns, name), reader, cells) or 0

    def _has_all_cells(self, row: Row) -> bool:
        wanted, there = len(self._layout.titles.cells), len(row.cells)
        if there < wanted or any(text_of(cell) for cell in row.cells[wanted:]):
            self._wrong(row.number, f"{there} kolom, harus {wanted}")
            return False
        return True

    def _why_skipped(self, cells: "Cells") -> str | None:
        """Why a row is no line of ours; a word that nobody listed is wrong and not skipped."""
        for each in self._mapping.filters:
            word = plain(text_of(cells.cell(each.column)))
            if word in map(plain, each.take):
                continue
            if word in map(plain, each.skip) or each.others == "skip":
                return f"{self._layout.title(each.column)}: {word or 'kosong'}"
            if each.others == "refuse":
                cells.wrong(each.column, f"kata tidak dikenal; yang diambil {listed(each.take)}")
        if self._mapping.columns.kind is not None and self._kind_word(cells) == "ignore":
            return text_of(cells.cell(self._mapping.columns.kind))
        return None

    def _kind_word(self, cells: "Cells") -> str | None:
        return self._mapping.kind_of(text_of(cells.cell(self._mapping.columns.kind or ())))

    def _understood(self, cells: "Cells") -> Piece | Cost | None:
        columns, of = self._mapping.columns, cells
        self._check_merchant(of)
        kind = self._kind(of)
        group = of.read(self._mapping.fold.by, identifier) if self._mapping.fold else ""
        gross = of.read(columns.gross, self._amount, of)
        if kind not in (None, "payment", "refund"):
            return self._cost_row(of, group, kind, gross)
        fee = of.read(columns.fee, self._cost, of) if columns.fee else None
        vat = of.read(columns.vat, self._cost, of) if columns.vat else 0
        net = of.read(columns.net, self._amount, of) if columns.net else None
        ref = of.read(columns.payment_ref, self._payment_ref)
        ours = of.read(columns.ours, self._ours) if columns.ours else ""
        paid_at = self._paid_at(of)
        settled_on = self._settled_on(of, paid_at) if paid_at is not None else None
        if of.found or paid_at is None or settled_on is None:
            return None
        self._sum(gross=gross, fee=fee or 0, vat=vat, net=net or 0)
        piece = Piece(of.row.number, group, kind or "", ours, ref, gross, fee, vat, net,
                      paid_at, settled_on)  # fmt: skip
        return self._settle_kind(of, piece)

    def _cost_row(
        self, cells: "Cells", group: str | None, kind: str, amount: int | None
    ) -> Cost | None:
        if group is None or amount is None:
            return None
        self._sum(gross=amount)
        charged = -amount if self._mapping.signs.fee == "negative" else amount
        if (charged < 0) != kind.endswith("_reversal") and charged:
            cells.wrong(self._mapping.columns.gross, f"tanda salah untuk {kind}")
        return Cost(cells.row.number, group, kind, charged)

    def _sum(self, **amounts: int) -> None:
        self._sums.update(amounts)
        self._sums["count"] += 1

    def _kind(self, cells: "Cells") -> str | None:
        """None: its sign tells, or it is wrong."""
        if self._mapping.columns.kind is None:
            return None
        kind = self._kind_word(cells)
        if kind is None:
            known = [word for words in self._mapping.kinds.values() for word in words]
            cells.wrong(self._mapping.columns.kind, f"jenis tidak dikenal; ada {listed(known)}")
        return {"reversal": "refund", MOVEMENT: None}.get(kind or "", kind)

    def _settle_kind(self, cells: "Cells", piece: Piece) -> Piece:
        """The piece with its kind and with the signs of money that moves: plus to us."""
        is_minus = self._mapping.signs.refund == "negative"
        kind = piece.kind or ("refund" if is_minus and piece.gross < 0 else "payment")
        gross, net = piece.gross, piece.net
        if kind == "refund" and not is_minus:
            gross, net = -gross, None if net is None else -net
        if (gross > 0) != (kind == "payment") or gross == 0:
            cells.wrong(self._mapping.columns.gross, f"tanda salah untuk {kind}")
        elif abs(gross) > QRIS_LIMIT:
            cells.wrong(self._mapping.columns.gross, f"lebih dari batas QRIS {QRIS_LIMIT}")
        return replace(piece, kind=kind, gross=gross, net=net)

    def _check_merchant(self, cells: "Cells") -> None:
        source = self._mapping.merchant
        if source == "account" or source.column is None:
            return
        ours = getattr(self._merchant, source.compared_with)
        if text_of(cells.cell(source.column)).strip(self._mapping.id_marks or None) != ours:
            cells.wrong(source.column, f"bukan merchant kita ({ours})")

    def _amount(self, cell: Cell, cells: "Cells") -> int:
        money, direction = self._mapping.money, self._mapping.columns.direction
        amount = amount_of(cell, money)
        if direction is None:
            return amount
        word = plain(text_of(cells.cell(direction)))
        if word not in map(plain, (*money.minus, *money.plus)):
            raise ValueError(f"arah {word!r} tidak dikenal; ada {listed(money.minus + money.plus)}")
        if amount < 0:
            raise ValueError("jumlah negatif, padahal kolom arah memberi tandanya")
        return -amount if word in map(plain, money.minus) else amount

    def _cost(self, cell: Cell, cells: "Cells") -> int:
        """A fee or its VAT, positive when it is charged."""
        if text_of(cell) in self._mapping.money.nothing:
            return 0
        amount = amount_of(cell, self._mapping.money)
        return -amount if self._mapping.signs.fee == "negative" else amount

    def _payment_ref(self, cell: Cell) -> str:
        ref, prefix = identifier(cell, self._mapping.id_marks), self._mapping.payment_ref_prefix
        return ref if ref.startswith(prefix) else prefix + ref

    def _ours(self, cell: Cell) -> str:
        if "ours" in self._mapping.may_be_blank and not text_of(cell):
            return ""
        return identifier(cell, self._mapping.id_marks)

    def _zone(self, cells: "Cells") -> tzinfo | None:
        column = self._mapping.times.zone.column
        if self._head.zone is not None or column is None:
            return self._head.zone
        return cells.read(column, lambda cell: zone_of(text_of(cell)))

    def _paid_at(self, cells: "Cells") -> datetime | None:
        columns, zone = self._mapping.columns, self._zone(cells)
        if zone is None:
            return None

        def read(cell: Cell) -> datetime:
            if columns.paid_time is not None:
                cell = day_and_time(cell, cells.cell(columns.paid_time))
            told = moment_of(cell, self._mapping.times.formats, zone)
            if isinstance(told, datetime):
                return told
            return datetime.combine(told, datetime.min.time(), zone)

        at = cells.read(columns.paid_at, read)
        day = self._head.day
        if at is not None and day and abs((business_day(at) - day).days) > FARTHEST_DAYS:
            cells.wrong(columns.paid_at, f"lebih dari {FARTHEST_DAYS} hari dari laporan {day}")
        return at

    def _settled_on(self, cells: "Cells", paid_at: datetime) -> date | None:
        source = self._mapping.settled_on
        if source.working_days is not None:
            return add_working_days(business_day(paid_at), source.working_days)
        formats, zone = source.formats or self._mapping.times.formats, self._zone(cells)
        if zone is None:
            return None

        def read(cell: Cell) -> date:
            # A spreadsheet keeps a day as its midnight, which no zone may move.
            if isinstance(cell, datetime) and cell.time() == datetime.min.time():
                cell = cell.date()
            told = moment_of(cell, formats, zone)
            return business_day(told) if isinstance(told, datetime) else told

        day = cells.read(source.column or (), read)
        if day is not None and day < business_day(paid_at):
            cells.wrong(source.column or (), "sebelum hari pembayarannya")
        return day

    # Lines

    def _lines(self, pieces: Sequence[Piece | Cost]) -> tuple[list[ReportLine], dict[int, int]]:
        """The lines, and which rows were folded into which."""
        if self._mapping.fold is None:
            alone = [self._line(piece) for piece in pieces if isinstance(piece, Piece)]
            return [line for line in alone if line is not None], {}
        groups: dict[tuple[str, bool], list[Piece | Cost]] = defaultdict(list)
        for piece in pieces:
            groups[piece.group, piece.is_back].append(piece)
        lines: list[ReportLine] = []
        folded: dict[int, int] = {}
        for parts in groups.values():
            whole = self._folded(parts)
            line = self._line(whole) if whole is not None else None
            if line is not None:
                lines.append(line)
                folded |= {p.number: line.number for p in parts if p.number != line.number}
        return lines, folded

    def _folded(self, parts: Sequence[Piece | Cost]) -> Piece | None:
        """The rows of one payment as one: its fee and its VAT are amounts of rows of their own."""
        mains = [part for part in parts if isinstance(part, Piece)]
        costs = [part for part in parts if isinstance(part, Cost)]
        group = parts[0].group
        if not mains:
            why = f"{costs[0].kind} dari {group}, tetapi pembayarannya tidak ada di berkas"
            self._wrong(costs[0].number, f"{why}; ekspor rentang waktu yang utuh")
            return None
        for again in mains[1:]:
            self._wrong(again.number, f"{group} sudah ada di baris {mains[0].number}")
        vat = sum(cost.amount for cost in costs if cost.kind.startswith("vat"))
        fee = sum(cost.amount for cost in costs) - vat
        return replace(mains[0], fee=fee, vat=vat)

    def _line(self, piece: Piece) -> ReportLine | None:
        """A line from its amounts; what the file leaves out is computed from the rest."""
        fee, net = piece.fee, piece.net
        if fee is None:
            fee = piece.gross - (net or 0) - piece.vat
        costs = fee + piece.vat
        if net is not None and piece.gross - costs != net:
            self._wrong(
                piece.number, f"bersih {net}, padahal {piece.gross} - {fee} - {piece.vat}"
                f" = {piece.gross - costs}",
            )  # fmt: skip
            return None
        if piece.kind == "payment" and costs < 0:
            self._wrong(piece.number, f"biaya {costs}: tanda biaya lain dari pemetaan")
            return None
        # Of a refund a line says what was given back: the fee that came back is positive there.
        gross = Rupiah(abs(piece.gross))
        paid = Rupiah(costs if piece.kind == "payment" else -costs)
        return ReportLine(
            piece.number, "", piece.kind, piece.ours, piece.payment_ref, gross, paid,
            Rupiah(gross - paid), piece.paid_at, piece.settled_on,
        )  # fmt: skip

    def _keyed(self, lines: Sequence[ReportLine]) -> list[ReportLine]:
        """The lines with their keys, which do not depend on the order of the rows.

        A payment twice is wrong, for nothing tells which of the two is right (F61); so
        is a refund that repeats another in every cell.
        """
        seen: dict[tuple[object, ...], int] = {}
        times: Counter[tuple[str, str]] = Counter()
        keyed = []
        for line in sorted(lines, key=lambda each: (each.paid_at, each.gross, each.number)):
            about = (line.payment_ref, line.kind)
            same = about if line.kind == "payment" else (*about, line.gross, line.paid_at)
            if (first := seen.setdefault(same, line.number)) != line.number:
                later, first = max(first, line.number), min(first, line.number)
                self._wrong(later, f"{line.payment_ref} sudah ada di baris {first}")
            times[about] += 1
            keyed.append(replace(line, line_key=f"{line.payment_ref}|{line.kind}|{times[about]}"))
        return sorted(keyed, key=lambda each: each.number)

    # The whole

    def _compare_footer(self) -> None:
        footer, row = self._mapping.footer, self._footer
        if footer is None:
            return
        if row is None:
            self._wrong(None, "tidak ada baris jumlah di akhir; berkas mungkin terpotong")
            return
        if footer.count is not None:
            told = re.search(footer.count, row.text)
            counted = self._sums["count"] + len(self._skipped)
            if told is None or told[1] != str(counted):
                self._wrong(row.number, f"jumlah baris {told[1] if told else '–'}, ada {counted}")
        for name in footer.totals:
            self._compare_total(name, row)

    def _compare_total(self, name: str, row: Row) -> None:
        titles: Titles = getattr(self._mapping.columns, name)
        place = self._layout.places[titles]
        cell = row.cells[place] if place < len(row.cells) else ""
        try:
            theirs = amount_of(cell, self._mapping.money)
        except ValueError as error:
            why = str(error)
        else:
            is_minus = name in ("fee", "vat") and self._mapping.signs.fee == "negative"
            ours = -self._sums[name] if is_minus else self._sums[name]
            if theirs == ours:
                return
            why = f"jumlah baris-barisnya {ours}"
        self._problems.append(Wrong(row.number, self._layout.title(titles), shown(cell), why))

    def _reports(self, lines: Sequence[ReportLine]) -> list[Report]:
        days: dict[date, list[ReportLine]] = defaultdict(list)
        for line in lines:
            days[self._head.day or business_day(line.paid_at)].append(line)
        if self._head.day is not None:
            days.setdefault(self._head.day, [])
        merchant, version = self._merchant.merchant_id, self._head.version
        named = frozenset(self._left_out)
        return [Report(merchant, day, version, days[day], named) for day in sorted(days)]


class Cells:
    """The cells of one row by the titles of their columns, and what is wrong with them."""

    def __init__(self, layout: Layout, row: Row) -> None:
        self._layout = layout
        self.row = row
        self.found: list[Wrong] = []

    def cell(self, titles: Titles) -> Cell:
        return self.row.cells[self._layout.places[titles]]

    def read(self, titles: Titles, reader: Callable[..., Any], *more: Any) -> Any:
        """What stands there, or None with what is wrong kept."""
        try:
            return reader(self.cell(titles), *more)
        except ValueError as error:
            self.wrong(titles, str(error))
            return None

    def wrong(self, titles: Titles, why: str) -> None:
        self.found.append(
            Wrong(self.row.number, self._layout.title(titles), shown(self.cell(titles)), why)
        )


def listed(words: Sequence[str]) -> str:
    """Words that are known, for a message about one that is not."""
    return ", ".join(map(repr, words[:12])) or "tidak ada"

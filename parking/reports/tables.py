"""A report as tables: what stands in each column, in the order and words of the files. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parking.business_day import business_day, day_text, time_text
from parking.reconciliation import catalogue
from parking.reconciliation.catalogue import OWNER_TEXT, SEVERITY_TEXT, STATUS_TEXT
from parking.reports.report import DayReport, Takings

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    name_en: str
    is_money: bool = False
    width: int = 14


@dataclass(frozen=True, slots=True)
class Table:
    suffix: str  # in file names
    title: str  # of the sheet, at most 31 characters
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()  # a last row, where columns add up


TAKEN = (
    Column("Tagihan", "Charges"),
    Column("Ditagih", "Asked", True),
    Column("Pembayaran QRIS", "QRIS payments"),
    Column("QRIS diterima", "QRIS received", True),
    Column("Kendaraan tunai", "Cash vehicles"),
    Column("Tunai", "Cash", True),
    Column("Jumlah", "Total", True),
    Column("Selisih", "Discrepancies"),
)


def heading(report: DayReport) -> list[str]:
    """What stands above the summary."""
    made = f"{day_text(business_day(report.as_of))} {time_text(report.as_of)}"
    lines = [
        f"Laporan harian retribusi parkir: {day_text(report.day)}",
        f"Menurut keadaan {made}; rekonsiliasi nomor {report.run_id}",
    ]
    if report.agrees_with_ledger:
        return [*lines, "Jumlah sama dengan buku besar."]
    return [*lines, "PERINGATAN: jumlah TIDAK sama dengan buku besar.", *report.problems]


def tables(report: DayReport) -> list[Table]:
    """Summary, points, attendants, gateways and discrepancies, in this order."""
    return [
        _summary(report),
        _takings("-points", "Per titik", report.by_point, ("Titik", "Point"), ("Tempat", "Place")),
        _people(report.by_attendant),
        _gateways(report),
        _discrepancies(report),
    ]


def _summary(report: DayReport) -> Table:
    columns = (
        Column("Uraian", "Item", width=34), Column("Item", "Item", width=28),
        Column("Jumlah", "Number"), Column("Rupiah", "Rupiah", True),
    )  # fmt: skip
    rows = [
        (f.name, f.name_en, None if f.is_money else f.value, f.value if f.is_money else None)
        for f in report.summary
    ]
    return Table("", "Ringkasan", columns, rows)


def _takings(
    suffix: str, title: str, taken: Sequence[Takings], code: tuple[str, str], place: tuple[str, str]
) -> Table:
    columns = (
        Column(*code), Column("Nama", "Name", width=28), Column(*place, width=36), *TAKEN,
    )  # fmt: skip
    rows = [(t.code, t.name, t.place, *_taken(t)) for t in taken]
    return Table(suffix, title, columns, rows, ("Jumlah", "", "", *_sums(rows, 3)))


def _people(taken: Sequence[Takings]) -> Table:
    columns = (
        Column("Juru parkir", "Attendant"), Column("Nama", "Name", width=28), *TAKEN,
        Column("Bagian juru parkir", "Attendant's share", True, 18),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [(t.code, t.name, *_taken(t), t.own_share) for t in taken]
    return Table("-attendants", "Per juru parkir", columns, rows, ("Jumlah", "", *_sums(rows, 2)))


def _taken(t: Takings) -> tuple[Cell, ...]:
    return (
        t.charges, t.asked, t.receipts, t.received, t.cash_count, t.cash, t.taken, t.discrepancies,
    )  # fmt: skip


def _gateways(report: DayReport) -> Table:
    columns = (
        Column("Gateway", "Gateway"), Column("Pembayaran", "Payments"),
        Column("Diterima", "Received", True), Column("Baris settlement", "Settlement lines"),
        Column("Bruto", "Gross", True), Column("Biaya", "Fee", True), Column("Bersih", "Net", True),
        Column("Menunggu", "Waiting"),
    )  # fmt: skip
    rows = [
        (g.gateway, g.receipts, g.received, g.lines, g.gross, g.fee, g.net, g.waiting)
        for g in report.by_gateway
    ]
    return Table("-gateways", "Per gateway", columns, rows, ("Jumlah", *_sums(rows, 1)))


def _discrepancies(report: DayReport) -> Table:
    columns = (
        Column("Kode", "Code", width=8), Column("Jenis", "Kind", width=36),
        Column("Status", "Status"), Column("Bobot", "Severity"), Column("Pemilik", "Owner"),
        Column("Batas", "Due"), Column("Rupiah", "Rupiah", True),
        Column("Tagihan", "Charge", width=24), Column("Penjelasan", "Explanation", width=90),
        Column("Perihal", "Subject", width=44),
    )  # fmt: skip
    return Table("-discrepancies", "Selisih", columns, list(_named(report)))


def _named(report: DayReport) -> Iterator[tuple[Cell, ...]]:
    for stored in report.discrepancies:
        d = stored.what
        yield (
            d.code, catalogue.kind(d.code).name, STATUS_TEXT[d.status], SEVERITY_TEXT[d.severity],
            OWNER_TEXT[d.owner], d.due_on.isoformat(), d.amount, d.ours, d.explanation, d.subject,
        )  # fmt: skip


def _sums(rows: Sequence[Sequence[Cell]], first: int) -> list[Cell]:
    columns = list(zip(*rows, strict=True))[first:]
    return [sum(cell for cell in column if isinstance(cell, int)) for column in columns]

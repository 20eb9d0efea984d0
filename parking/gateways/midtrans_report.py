"""The settlement report that a merchant exports from Midtrans (gateways.md 1.12).

Midtrans lets each merchant choose the columns and documents no header names, so they
are found by name, in any order, among others we do not need. What is written here is
this source's profile: separators, forms of amounts and times. A file that leaves it
is refused with a reason for every line; nothing is guessed (reliability.md 9.2, 9.3).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Protocol

from parking.business_day import FIRST_DAY, LAST_DAY, WIB, business_day
from parking.errors import FileRefused
from parking.gateways.protocol import Report, ReportLine
from parking.money import Rupiah, read_rupiah

COLUMNS = (
    "order id", "transaction id", "transaction type", "transaction time", "settlement time",
    "payout date", "transaction status", "currency", "amount", "fee", "net amount",
)  # fmt: skip
KINDS = {"payment": "payment", "refund": "refund", "chargeback": "refund"}
ZONES: Mapping[str, tzinfo] = {"Asia/Jakarta": WIB, "UTC": UTC}
TOTAL = "TOTAL"
MOST_LINES = 1_000_000
LONGEST_FIELD = 255
MOST_PROBLEMS = 200  # of a file of another kind every line is wrong

_HEAD = re.compile(r"#\s*Midtrans settlement report;(?P<fields>.*)")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(r"[A-Za-z0-9_~.-]{1,64}")
_BY_EXCEL = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)

Row = Mapping[str, str]


class Table(Protocol):
    """A CSV reader: records, and how many lines have been read for them."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line says of the file."""

    merchant_id: str
    day: date
    version: int
    zone: tzinfo


def read_report(content: bytes, merchant_id: str) -> Report:
    """The report, its control totals compared with its lines.

    Raises FileRefused naming every line that is wrong by its number in the file; the
    line that says whose report it is has number 1.
    """
    lines = _LINE_END.split(_text(content))
    head = _head(lines, merchant_id)
    rows, total, problems = _rows(lines)
    read = [line for number, row in rows if (line := _line(number, row, head, problems))]
    read = _keyed(read, problems)
    if not problems:
        problems += _total_differs(read, total)
    if problems:
        more = [f"… dan {len(problems) - MOST_PROBLEMS} lagi"] if problems[MOST_PROBLEMS:] else []
        raise FileRefused(
            f"Laporan Midtrans ditolak: {len(problems)} masalah", problems[:MOST_PROBLEMS] + more
        )
    return Report(head.merchant_id, head.day, head.version, read)


def _text(content: bytes) -> str:
    if not content.strip():
        raise FileRefused("Berkas kosong", ["baris 1: tidak ada isi"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            "Berkas bukan UTF-8: ekspor ulang sebagai CSV UTF-8",
            [f"baris {line}: byte 0x{content[error.start]:02x} bukan UTF-8"],
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileRefused("Berkas bukan teks", [f"baris {line}: memuat karakter NUL"])
    return text


def _head(lines: Sequence[str], merchant_id: str) -> Head:
    match = _HEAD.fullmatch(lines[0].strip().rstrip(",;"))
    if match is None:
        raise FileRefused(
            "Bukan laporan penyelesaian Midtrans",
            ["baris 1: harus '# Midtrans settlement report;merchant_id=…;report_date=…'"],
        )
    told = dict(part.strip().split("=", 1) for part in match["fields"].split(";") if "=" in part)
    problems = []
    if told.get("merchant_id") != merchant_id:
        problems.append(f"baris 1: merchant_id {told.get('merchant_id')!r}, bukan {merchant_id!r}")
    day, version = told.get("report_date", ""), told.get("version", "1")
    try:
        _day(day)
    except ValueError:
        problems.append(f"baris 1: report_date {day!r}, harus tanggal seperti 2026-11-23")
    if not re.fullmatch("[1-9][0-9]{0,3}", version):
        problems.append(f"baris 1: version {version!r}, harus bilangan mulai dari 1")
    zone = told.get("timezone", "Asia/Jakarta")
    if zone not in ZONES:
        problems.append(f"baris 1: timezone {zone!r} tidak dikenal")
    if problems:
        raise FileRefused("Kepala laporan salah", problems)
    return Head(merchant_id, date.fromisoformat(day), int(version), ZONES[zone])


def _rows(lines: Sequence[str]) -> tuple[list[tuple[int, Row]], list[str], list[str]]:
    """The rows with their line numbers, the cells of the control total, and what is odd."""
    if len(lines) < 2 or not lines[1].strip():
        raise FileRefused("Laporan terpotong", ["baris 2: judul kolom tidak ada"])
    separator = max(",;\t", key=lines[1].count)
    table = csv.reader(io.StringIO("\n".join(lines[1:])), delimiter=separator, strict=True)
    _, titles = next(_numbered(table))
    names = [name.strip().lower() for name in titles]
    if missing := [name for name in COLUMNS if name not in names]:
        raise FileRefused("Kolom tidak lengkap", [f"baris 2: tidak ada {', '.join(missing)}"])
    if twice := [name for name, times in Counter(names).items() if times > 1 and name in COLUMNS]:
        raise FileRefused("Kolom ganda", [f"baris 2: dua kali {', '.join(twice)}"])
    return _split_total(table, names)


def _split_total(
    table: Table, names: Sequence[str]
) -> tuple[list[tuple[int, Row]], list[str], list[str]]:
    rows: list[tuple[int, Row]] = []
    problems: list[str] = []
    total: list[str] = []
    for number, cells in _numbered(table):
        if not any(cell.strip() for cell in cells):
            continue
        if total:
            problems.append(f"baris {number}: ada isi sesudah baris {TOTAL}")
        elif len(cells) != len(names):  # also of the total: the file may end within it
            problems.append(f"baris {number}: {len(cells)} kolom, harus {len(names)}")
        elif cells[0].strip() == TOTAL:
            total = [cell.strip() for cell in cells]
        else:
            rows.append((number, dict(zip(names, (c.strip() for c in cells), strict=True))))
        if len(rows) > MOST_LINES:
            raise FileRefused("Terlalu panjang", [f"baris {number}: lebih dari {MOST_LINES} baris"])
    if not total:
        problems.append(f"baris terakhir: tidak ada baris {TOTAL}; berkas mungkin terpotong")
    return rows, _in_columns(total, names), problems


def _numbered(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line of the file in which it begins."""
    while True:
        number = table.line_num + 2
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused("Bukan CSV", [f"baris {number}: {error}"]) from error
        yield number, cells


def _in_columns(total: Sequence[str], names: Sequence[str]) -> list[str]:
    """Rows, amount, fee and net of the control total: its count follows the word."""
    cells = dict(zip(names, total, strict=False))
    count = total[1] if len(total) > 1 else ""
    return [count, *(cells.get(name, "") for name in ("amount", "fee", "net amount"))]


def _line(number: int, row: Row, head: Head, problems: list[str]) -> ReportLine | None:
    """One line, or None with its problems added."""
    found: list[str] = []

    def read(name: str, reader, *more):
        try:
            return reader(row[name], *more)
        except ValueError as error:
            found.append(f"{name}: {error}")
            return None

    kind = read("transaction type", _kind)
    ours, theirs = read("order id", _identifier), read("transaction id", _identifier)
    gross, fee = read("amount", _signed), read("fee", _signed)
    net = read("net amount", _signed)
    read("transaction time", _moment, head.zone)
    at = read("settlement time", _moment, head.zone)
    payout = read("payout date", _day)
    read("currency", _rupiah_only)
    if not found:
        found += _contradictions(kind, gross, fee, net, at, head.day)
    if found:
        problems.extend(f"baris {number}: {problem}" for problem in found)
        return None
    sign = -1 if kind == "refund" else 1
    return ReportLine(
        number=number,
        line_key="",  # known when all lines are
        kind=kind,
        ours=ours,
        payment_ref=theirs,
        gross=Rupiah(abs(gross)),
        fee=Rupiah(sign * fee),
        net=Rupiah(sign * net),
        paid_at=at,
        settled_on=payout,
    )


def _contradictions(
    kind: str, gross: int, fee: int, net: int, at: datetime, day: date
) -> list[str]:
    found = []
    if gross == 0 or (gross < 0) != (kind == "refund"):
        found.append(f"amount: {gross} untuk {kind}")
    if gross - fee != net:
        found.append(f"net amount: {gross} - {fee} bukan {net}")
    if (off := abs((business_day(at) - day).days)) > 31:
        found.append(f"settlement time: {off} hari dari tanggal laporan {day}")
    return found


def _keyed(lines: Sequence[ReportLine], problems: list[str]) -> list[ReportLine]:
    """The lines with their keys. A payment twice is a problem, for nothing tells which of the
    two is right (F61); so is a refund that repeats an earlier one in every cell.
    """
    seen: dict[tuple[object, ...], int] = {}
    times: Counter[tuple[str, str]] = Counter()
    keyed = []
    for line in lines:
        about = (line.payment_ref, line.kind)
        same = about if line.kind == "payment" else (*about, line.gross, line.paid_at)
        if (first := seen.setdefault(same, line.number)) != line.number:
            problems.append(f"baris {line.number}: {line.payment_ref} sudah ada di baris {first}")
        times[about] += 1
        keyed.append(replace(line, line_key=f"{line.payment_ref}|{line.kind}|{times[about]}"))
    return keyed


def _total_differs(lines: Sequence[ReportLine], total: Sequence[str]) -> list[str]:
    signed = [-line.gross if line.kind == "refund" else line.gross for line in lines]
    gross = sum(signed)
    fee = sum(-line.fee if line.kind == "refund" else line.fee for line in lines)
    counted = {"jumlah baris": len(lines), "amount": gross, "fee": fee, "net amount": gross - fee}
    problems = []
    for (name, ours), told in zip(counted.items(), total, strict=True):
        try:
            theirs = int(told) if name == "jumlah baris" else _signed(told)
        except ValueError:
            problems.append(f"baris {TOTAL}: {name} {told!r} bukan angka")
            continue
        if theirs != ours:
            problems.append(f"baris {TOTAL}: {name} {theirs}, dihitung {ours}")
    return problems


def _kind(text: str) -> str:
    if text.lower() not in KINDS:
        raise ValueError(f"{text!r} tidak dikenal")
    return KINDS[text.lower()]


def _identifier(text: str) -> str:
    if _BY_EXCEL.fullmatch(text):
        raise ValueError(f"{text!r} rusak oleh Excel")
    if not _ID.fullmatch(text):
        raise ValueError(f"{text[:LONGEST_FIELD]!r} bukan nomor yang sah")
    return text


def _signed(text: str) -> int:
    try:
        amount = read_rupiah(text.removeprefix("-"))
    except ValueError:
        raise ValueError(f"{text[:40]!r}, harus seperti 2000.00") from None
    return -amount if text.startswith("-") else amount


def _moment(text: str, zone: tzinfo) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text[:40]!r}, harus seperti 2026-11-23 14:05:00")
    _day(text[:10])
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        raise ValueError(f"{text!r} bukan waktu yang ada") from None


def _day(text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r}, harus tanggal seperti 2026-11-24") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{text!r} di luar masa QRIS")
    return day


def _rupiah_only(text: str) -> str:
    if text != "IDR":
        raise ValueError(f"{text[:10]!r}, harus IDR")
    return text

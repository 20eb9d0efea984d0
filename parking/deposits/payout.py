"""Shares as the bank paid them out: lines of a small table, one transfer each. Pure.

Header and cells are parted by commas, semicolons or tabs, as a spreadsheet copies them:
lencana, bagian_tanggal, jumlah, dibayar, referensi, keadaan (paid or returned; empty is paid).
"""

import csv
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from parking.business_day import day_text
from parking.errors import BadInput
from parking.money import Rupiah

COLUMNS = ("lencana", "bagian_tanggal", "jumlah", "dibayar", "referensi", "keadaan")
NEEDED = COLUMNS[:5]
MOST_LINES = 2_000
TOO_LONG = f"satu sel lebih dari {csv.field_size_limit()} huruf: periksa tanda kutip"
MOST_TOLD = 20  # of the lines that are wrong
RUPIAH = re.compile(r"[1-9][0-9]{0,8}|[1-9][0-9]{0,2}(\.[0-9]{3}){1,2}")
EXAMPLE = (
    "lencana;bagian_tanggal;jumlah;dibayar;referensi\nJBI-0001;2026-11-23;45000;2026-11-24;TRF-0001"
)


class Standing(StrEnum):
    PAID = "paid"
    RETURNED = "returned"  # sent back by the attendant's bank


STANDING_TEXT = {Standing.PAID: "Dibayar", Standing.RETURNED: "Kembali"}


@dataclass(frozen=True, slots=True)
class Payout:
    badge: str
    earned_on: date
    amount: Rupiah
    paid_on: date
    reference: str
    standing: Standing
    line: int = field(default=0, compare=False)  # of the table in which it stood

    @property
    def change(self) -> int:
        """What it adds to what the attendant got, in rupiah."""
        return self.amount if self.standing is Standing.PAID else -self.amount

    @property
    def named(self) -> str:
        """How a person finds it: line, attendant and day."""
        where = f"baris {self.line}: " if self.line else ""
        return f"{where}{self.badge}, bagian {day_text(self.earned_on)}"


@dataclass(frozen=True, slots=True)
class Beside:
    """A line beside the book, before it is stored."""

    said: Payout
    owed: int  # the attendant's share of the day, by the book
    paid: int  # of it, with all lines of the table
    is_known: bool  # stored already, so not once more

    @property
    def apart(self) -> int:
        return self.paid - self.owed


def beside(
    said: Sequence[Payout],
    known: Collection[tuple[str, Standing]],
    shares: Mapping[tuple[str, date], int],
    paid: Mapping[tuple[str, date], int],
) -> list[Beside]:
    """Each line with what is owed and paid of its day, in rupiah by badge and day; `paid` is
    what was stored before, `known` are the references and standings of it.
    """
    sums: Counter[tuple[str, date]] = Counter(paid)
    new = [each for each in said if (each.reference, each.standing) not in known]
    for each in new:
        sums[each.badge, each.earned_on] += each.change
    return [
        Beside(
            each, shares[each.badge, each.earned_on], sums[each.badge, each.earned_on],
            (each.reference, each.standing) in known,
        )
        for each in said
    ]  # fmt: skip


def read_payouts(text: str, today: date) -> list[Payout]:
    """What a table says. Raises BadInput with every line that cannot be read, up to a few."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise BadInput("Tabel kosong", {"table": "tempel baris judul dan isinya"})
    mark = max(";\t,", key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=mark))
    except csv.Error:
        raise BadInput("Tabel belum benar", {"table": TOO_LONG}) from None
    header = [cell.strip().lower() for cell in rows[0]]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadInput("Tabel belum benar", {"table": f"tidak ada kolom {', '.join(missing)}"})
    if len(rows) - 1 > MOST_LINES:
        raise BadInput("Tabel terlalu panjang", {"table": f"paling banyak {MOST_LINES} baris"})
    found: list[Payout] = []
    wrong: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        try:
            cells = dict(zip(header, (c.strip() for c in row), strict=False))
            found.append(_payout(cells, today, number))
        except ValueError as error:
            wrong.append(f"baris {number}: {error}")
    wrong += _twice(found)
    if wrong:
        more = [f"dan {len(wrong) - MOST_TOLD} baris lain"] if len(wrong) > MOST_TOLD else []
        raise BadInput("Tabel belum benar", {"table": "; ".join([*wrong[:MOST_TOLD], *more])})
    if not found:
        raise BadInput("Tabel kosong", {"table": "tidak ada baris di bawah judul"})
    return found


def _payout(cells: Mapping[str, str], today: date, line: int) -> Payout:
    badge, reference = cells.get("lencana", "").upper(), cells.get("referensi", "")
    if not badge:
        raise ValueError("lencana kosong")
    if not 3 <= len(reference) <= 80:
        raise ValueError("referensi 3 sampai 80 huruf")
    amount = cells.get("jumlah", "")
    if not RUPIAH.fullmatch(amount):
        raise ValueError(f"jumlah {amount!r} bukan rupiah bulat")
    earned_on = _day(cells.get("bagian_tanggal", ""), "bagian_tanggal")
    paid_on = _day(cells.get("dibayar", ""), "dibayar")
    if not earned_on <= paid_on <= today:
        why = "belum terjadi" if paid_on > today else "sebelum diperoleh"
        raise ValueError(
            f"{badge}, bagian {day_text(earned_on)}: dibayar {day_text(paid_on)}, {why}"
        )
    word = cells.get("keadaan") or Standing.PAID
    if word not in set(Standing):
        raise ValueError(f"keadaan {word!r} bukan paid atau returned")
    return Payout(
        badge, earned_on, Rupiah(int(amount.replace(".", ""))), paid_on, reference,
        Standing(word), line,
    )  # fmt: skip


def _day(text: str, column: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} bukan tanggal seperti 2026-11-24") from None


def _twice(found: list[Payout]) -> list[str]:
    seen: set[tuple[str, Standing]] = set()
    wrong = []
    for each in found:
        name = (each.reference, each.standing)
        if name in seen:
            wrong.append(
                f"referensi {each.reference} ({STANDING_TEXT[each.standing].lower()}) dua kali"
            )
        seen.add(name)
    return wrong

"""A deposit slip (Surat Tanda Setoran): drafted, issued, paid in, validated by the bank.

Pure. The slip proves nothing before the bank has validated it (domain.md 5.5); whether the
treasury's account shows its credit is for reconciliation to say. A void slip keeps its number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parking.business_day import business_day, day_text
from parking.errors import BadInput, Conflict
from parking.money import Rupiah, rupiah_text

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
OFFICE = "DISHUB"
MOST_TIMES = 2  # what is paid in by what the slip says


class Standing(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"  # has its number
    PAID_IN = "paid_in"  # at the bank's counter, as its slip says
    VALIDATED = "validated"  # confirmed by the bank
    VOID = "void"


MOVES: dict[Standing, frozenset[Standing]] = {
    Standing.DRAFT: frozenset({Standing.ISSUED, Standing.VOID}),
    Standing.ISSUED: frozenset({Standing.PAID_IN, Standing.VOID}),
    Standing.PAID_IN: frozenset({Standing.VALIDATED}),
    Standing.VALIDATED: frozenset(),
    Standing.VOID: frozenset(),
}
REFUSAL = {
    Standing.DRAFT: "masih draf",
    Standing.ISSUED: "sudah terbit",
    Standing.PAID_IN: "sudah disetor ke bank",
    Standing.VALIDATED: "sudah divalidasi bank",
    Standing.VOID: "sudah batal",
}


@dataclass(frozen=True, slots=True)
class Tbp:
    """A receipt of the treasurer, and how much of it no slip pays in yet."""

    id: int
    number: str
    handover_id: int
    amount: Rupiah
    received_on: date
    issued_at: datetime
    issued_by: str
    left: Rupiah


@dataclass(frozen=True, slots=True)
class Sts:
    id: int
    number: str | None
    account_code: str
    dated: date
    amount: Rupiah
    note: str
    drafted_at: datetime
    drafted_by: str
    standing: Standing
    issued_at: datetime | None
    issued_by: str | None
    paid_in: Rupiah | None
    paid_in_at: datetime | None
    paid_in_by: str | None
    bank_reference: str
    validated_at: datetime | None
    validated_by: str | None
    void_reason: str

    @property
    def name(self) -> str:
        return self.number or f"draf {self.id}"


@dataclass(frozen=True, slots=True)
class Slip:
    """What the bank's slip says."""

    amount: int
    reference: str
    at: datetime


def check_move(sts: Sts, to: Standing) -> None:
    """Raises Conflict if a slip cannot come there from where it stands."""
    if to not in MOVES[sts.standing]:
        raise Conflict(f"STS {sts.name} {REFUSAL[sts.standing]}")


def check_parts(parts: Mapping[int, int], tbps: Sequence[Tbp], dated: date) -> Rupiah:
    """What a slip of these parts of receipts comes to. Raises BadInput, Conflict."""
    if not parts:
        raise BadInput("Pilih sedikitnya satu TBP", {"tbps": "belum ada yang dipilih"})
    found = {tbp.id: tbp for tbp in tbps}
    for tbp_id, part in parts.items():
        tbp = found.get(tbp_id)
        if tbp is None:
            raise BadInput("TBP tidak dikenal", {"tbps": f"tidak ada TBP nomor {tbp_id}"})
        if tbp.received_on > dated:
            raise BadInput("STS belum benar", {"dated": f"{tbp.number} baru diterima sesudahnya"})
        if not 0 < part <= tbp.left:
            raise Conflict(
                f"{tbp.number}: sisa yang belum disetor {rupiah_text(tbp.left)}."
                " Lihat lagi TBP yang terbuka."
            )
    return Rupiah(sum(parts.values()))


def check_slip(slip: Slip, sts: Sts, received_on: date, now: datetime) -> None:
    """Raises BadInput; `received_on` is the last day on which the slip's money came in.

    Another amount than the slip's is a difference (D21); more than twice as much is a typing
    error.
    """
    problems = {}
    if slip.amount > MOST_TIMES * sts.amount:
        problems["amount"] = (
            f"{rupiah_text(slip.amount)} lebih dari dua kali STS {sts.name},"
            f" {rupiah_text(sts.amount)}: periksa angkanya"
        )
    if not 0 < slip.amount <= 10**11:
        problems["amount"] = "harus lebih dari Rp0"
    if not 3 <= len(slip.reference.strip()) <= 80:
        problems["reference"] = "3 sampai 80 huruf, seperti tertulis di slip bank"
    if slip.at > now:
        problems["at"] = "belum terjadi"
    elif business_day(slip.at) < received_on:
        problems["at"] = "sebelum uangnya diterima bendahara"
    elif business_day(slip.at) < sts.dated:
        problems["at"] = f"sebelum tanggal STS, {day_text(sts.dated)}"
    if problems:
        raise BadInput("Bukti setor belum benar", problems)


def number_of(kind: str, counted: int, dated: date) -> str:
    """How a document of a day is numbered (domain.md 5.5).

    >>> number_of("STS", 123, date(2026, 11, 24))
    '0123/STS/DISHUB/XI/2026'
    """
    return f"{counted:04}/{kind}/{OFFICE}/{ROMAN[dated.month - 1]}/{dated.year}"


def series_of(kind: str, dated: date) -> str:
    """In which a document of a day is counted: each year begins with 1.

    >>> series_of("TBP", date(2027, 1, 1))
    'TBP/2027'
    """
    return f"{kind}/{dated.year}"

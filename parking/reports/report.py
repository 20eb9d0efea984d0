"""The report of a business day: what was asked, paid and settled, and what does not agree. Pure.

It is drawn from the run that holds for the day, and compared with the ledger: where the two
do not say the same, the report says so itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from parking.ledger.entry import Account
from parking.money import Rupiah, rupiah_text
from parking.reconciliation.catalogue import STATUS_TEXT, Status
from parking.reconciliation.result import Run, Stored
from parking.registry.facts import Attendant, Point

NOBODY = "-"  # what is of no charge of ours has neither point nor attendant
BACK = frozenset({"refund", "reversal"})
CASH = frozenset({"cash", "cash_correction"})
TAKINGS = frozenset({"payment"}) | BACK | CASH


@dataclass(frozen=True, slots=True)
class Booked:
    """A sum in the ledger: debits positive, credits negative."""

    kind: str
    account: str
    holder: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the summary."""

    name: str
    name_en: str
    value: int
    is_money: bool


@dataclass(frozen=True, slots=True)
class Takings:
    """What was asked and taken at one point, or by one attendant."""

    code: str  # of the point, or the attendant's badge; NOBODY for receipts of no charge
    name: str
    place: str  # road and zone; empty for an attendant
    charges: int
    asked: Rupiah
    receipts: int  # QRIS payments received on the day
    received: Rupiah
    cash_count: int
    cash: Rupiah
    own_share: Rupiah | None  # an attendant's, by the ledger
    discrepancies: int

    @property
    def taken(self) -> int:
        return self.received + self.cash


@dataclass(frozen=True, slots=True)
class GatewayTotals:
    gateway: str
    receipts: int
    received: Rupiah
    lines: int  # settlement lines of the day's payments
    gross: Rupiah
    fee: Rupiah
    waiting: int  # payments whose line may still come

    @property
    def net(self) -> int:
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class DayReport:
    day: date
    as_of: datetime
    run_id: int
    result_hash: str
    summary: Sequence[Figure]
    by_point: Sequence[Takings]
    by_attendant: Sequence[Takings]
    by_gateway: Sequence[GatewayTotals]
    discrepancies: Sequence[Stored]
    problems: Sequence[str]  # where it does not equal the ledger; a sound report has none

    @property
    def agrees_with_ledger(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Names:
    points: Mapping[int, Point]
    attendants: Mapping[int, Attendant]


def report_of(
    run: Run, found: Sequence[Stored], booked: Sequence[Booked], names: Names
) -> DayReport:
    """The report of a run, with the ledger's word on its totals."""
    figures = run.summary
    by_point = [_of_point(row, names) for row in figures["by_point"]]
    by_attendant = [_of_attendant(row, names, booked) for row in figures["by_attendant"]]
    return DayReport(
        day=run.business_day,
        as_of=run.as_of,
        run_id=run.id,
        result_hash=run.result_hash,
        summary=_summary(figures, booked, found),
        by_point=_with_rest(by_point, figures),
        by_attendant=_with_rest(by_attendant, figures),
        by_gateway=[_of_gateway(row) for row in figures["by_gateway"]],
        discrepancies=found,
        problems=disagreements(figures["totals"], booked),
    )


def disagreements(totals: Mapping[str, Any], booked: Sequence[Booked]) -> list[str]:
    """Each total of the day that the ledger gives otherwise."""
    due = Account.DUE_FROM_GATEWAY
    pairs = (
        ("QRIS diterima", totals["received"], _ledger(booked, {"payment"}, {due})),
        ("dikembalikan", totals["refunded"], -_ledger(booked, BACK, {due})),
        ("tunai", totals["tapped"], _ledger(booked, CASH, {Account.CASH_WITH_ATTENDANT})),
    )
    return [
        f"Jumlah {what} menurut rekonsiliasi {rupiah_text(ours)}, menurut buku {rupiah_text(book)}"
        for what, ours, book in pairs
        if ours != book
    ]


def _ledger(
    booked: Sequence[Booked],
    kinds: frozenset[str] | set[str],
    accounts: set[Account],
    holder: int | None = None,
) -> int:
    return sum(
        b.amount
        for b in booked
        if b.kind in kinds and b.account in accounts and (holder is None or b.holder == holder)
    )


def _by_status(found: Sequence[Stored]) -> list[Figure]:
    """How many discrepancies need a person, are a matter of time, or were put right already."""
    counts = Counter(stored.what.status for stored in found)
    english = {
        Status.DIFFERENCE: "Discrepancies", Status.TIMING: "Timing differences",
        Status.CLEARED: "Cleared by the system",
    }  # fmt: skip
    return [Figure(STATUS_TEXT[s], english[s], counts[s], False) for s in Status]


def _summary(
    figures: Mapping[str, Any], booked: Sequence[Booked], found: Sequence[Stored]
) -> list[Figure]:
    totals, chains = figures["totals"], figures["chains"]
    refunded = totals["refunded"]
    city = -_ledger(booked, TAKINGS, {Account.CITY_SHARE})
    attendants = -_ledger(booked, TAKINGS, {Account.ATTENDANT_SHARE})
    suspense = -_ledger(booked, TAKINGS, {Account.SUSPENSE})
    taken = totals["received"] + totals["tapped"] - refunded
    return [
        Figure("Tagihan QRIS", "QRIS charges", totals["charges"], False),
        Figure("Pembayaran QRIS diterima", "QRIS payments received", totals["receipts"], False),
        Figure("QRIS diterima", "QRIS received", totals["received"], True),
        Figure("Kendaraan tunai", "Cash vehicles", totals["taps"], False),
        Figure("Tunai", "Cash", totals["tapped"], True),
        Figure("Dikembalikan", "Given back", refunded, True),
        Figure("Penerimaan bruto", "Gross takings", taken, True),
        Figure("Bagian daerah", "City's share", city, True),
        Figure("Bagian juru parkir", "Attendants' share", attendants, True),
        Figure("Belum terbagi", "In suspense", suspense, True),
        Figure("Baris settlement", "Settlement lines", totals["lines"], False),
        Figure("Settlement bruto", "Settled, gross", totals["gross"], True),
        Figure("Biaya gateway", "Gateway fee", totals["fee"], True),
        Figure("Cocok", "Matched", chains["whole"], False),
        Figure("Menunggu", "Waiting", figures["waiting"], False),
        *_by_status(found),
    ]


def _of_point(row: Mapping[str, int], names: Names) -> Takings:
    point = names.points[row["point_id"]]
    return _takings(row, point.code, point.name, f"{point.road}, {point.zone}", None)


def _of_attendant(row: Mapping[str, int], names: Names, booked: Sequence[Booked]) -> Takings:
    who = names.attendants[row["attendant_id"]]
    share = -_ledger(booked, TAKINGS, {Account.ATTENDANT_SHARE}, who.id)
    return _takings(row, who.badge, who.name, "", Rupiah(share))


def _takings(
    row: Mapping[str, int], code: str, name: str, place: str, own_share: Rupiah | None
) -> Takings:
    return Takings(
        code, name, place, row["charges"], Rupiah(row["asked"]), row["receipts"],
        Rupiah(row["received"]), row["taps"], Rupiah(row["tapped"]), own_share,
        row["discrepancies"],
    )  # fmt: skip


def _with_rest(rows: Sequence[Takings], figures: Mapping[str, Any]) -> list[Takings]:
    """With a row for what belongs to none of them, so that the columns add up to the day."""
    totals = figures["totals"]
    receipts = totals["receipts"] - sum(row.receipts for row in rows)
    received = totals["received"] - sum(row.received for row in rows)
    discrepancies = sum(figures["discrepancies"].values()) - sum(row.discrepancies for row in rows)
    if not receipts and not discrepancies:
        return list(rows)
    nobody = Takings(
        NOBODY, "Tanpa tagihan", "", 0, Rupiah(0), receipts, Rupiah(received), 0, Rupiah(0), None,
        discrepancies,
    )  # fmt: skip
    return [*rows, nobody]


def _of_gateway(row: Mapping[str, Any]) -> GatewayTotals:
    return GatewayTotals(
        row["gateway"], row["receipts"], Rupiah(row["received"]), row["lines"],
        Rupiah(row["gross"]), Rupiah(row["fee"]), row["waiting"],
    )  # fmt: skip

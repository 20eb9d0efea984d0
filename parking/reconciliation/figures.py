"""The figures of one business day, as the auditor's desk shows them. Amounts are in rupiah."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from parking.money import Rupiah


@dataclass(frozen=True, slots=True)
class Sum:
    count: int = 0
    amount: Rupiah = Rupiah(0)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One business day at a glance; amounts in rupiah."""

    charges: Sum
    open: Sum
    ended: Sum  # expired, cancelled or failed
    paid: Sum  # receipts by QRIS that belong to the day
    late: int  # of them, for a charge that had ended
    cash: Sum
    callbacks: int
    repeats: int
    stuck_callbacks: int
    settled: Sum  # gross of the day's payments in settlement files
    fee: Rupiah
    unsettled: Sum  # receipts whose settlement may still come
    shifts: int
    open_shifts: int

    @property
    def is_empty(self) -> bool:
        return not (self.charges.count or self.paid.count or self.cash.count or self.shifts)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a business day, by the clock in Jambi: vehicles by how they paid."""

    hour: int
    qris: int
    cash: int
    unpaid: int  # asked by QR and not paid


@dataclass(frozen=True, slots=True)
class CodeFigure:
    code: str
    status: str
    severity: str
    count: int
    amount: Rupiah
    first_due: date
    open_cases: int


@dataclass(frozen=True, slots=True)
class Run:
    """The run that holds for a day."""

    as_of: datetime
    finished_at: datetime
    result_hash: str
    equations: Sequence[Mapping[str, Any]]  # as `equations` gives them; none of an old run

"""Midtrans settlement reports as text, row by row, so that a test can break one of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parking.business_day import wib

COLUMNS = (
    "Order ID,Transaction ID,Transaction Type,Payment Type,Transaction Time,Settlement Time,"
    "Payout Date,Transaction Status,Currency,Amount,Fee,Net Amount,Issuer,Acquirer"
)


@dataclass(frozen=True, slots=True)
class Row:
    ours: str
    at: datetime
    amount: int = 2_000
    fee: int = 0
    kind: str = "payment"
    ref: str = ""

    def text(self) -> str:
        time = f"{wib(self.at):%Y-%m-%d %H:%M:%S}"
        payout = wib(self.at).date() + timedelta(days=1)
        sign = "-" if self.kind == "refund" else ""
        net = self.signed - self.fee
        return (
            f"{self.ours},{self.ref or f'trx-{self.ours}'},{self.kind},qris,{time},{time},{payout},"
            f"settlement,IDR,{sign}{self.amount}.00,{self.fee}.00,{net}.00,gopay,gopay"
        )

    @property
    def signed(self) -> int:
        return -self.amount if self.kind == "refund" else self.amount


def head(day: date, version: int = 1, merchant: str = "G000000001") -> str:
    return (
        f"# Midtrans settlement report;merchant_id={merchant};report_date={day};"
        f"version={version};timezone=Asia/Jakarta"
    )


def foot(*rows: Row) -> str:
    amount, fee = sum(row.signed for row in rows), sum(row.fee for row in rows)
    return f"TOTAL,{len(rows)},,,,,,,IDR,{amount}.00,{fee}.00,{amount - fee}.00,,"


def report(*rows: Row, day: date, version: int = 1) -> bytes:
    """A whole report."""
    lines = [head(day, version), COLUMNS, *(row.text() for row in rows), foot(*rows)]
    return ("\n".join(lines) + "\n").encode()

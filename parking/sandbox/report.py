"""The settlement report of a day, as a merchant downloads it. Pure.

Midtrans lets each merchant choose the columns of its export (gateways.md 1.12); this is
the choice of ours. Amounts carry two decimals, times are the wall clock in Jakarta.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from parking.business_day import add_working_days, wib
from parking.money import Rupiah, share_of
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.transactions import Refund, Transaction

COLUMNS = (
    "Order ID", "Transaction ID", "Transaction Type", "Payment Type", "Transaction Time",
    "Settlement Time", "Payout Date", "Transaction Status", "Currency", "Amount", "Fee",
    "Net Amount", "Issuer", "Acquirer",
)  # fmt: skip
TEST_AMOUNT = Rupiah(1)  # what a bank pays to see whether a code works


@dataclass(frozen=True, slots=True)
class Row:
    """A payment, or with negative amounts something taken back."""

    order_id: str
    transaction_id: str
    kind: str  # "Payment" or "Refund"
    status: str
    made_at: datetime
    settled_at: datetime
    amount: int
    fee: int
    issuer: str
    acquirer: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written, where it is not as it should be."""

    utc: bool = False
    tells_utc: bool = True
    semicolons: bool = False  # with a byte order mark, as a spreadsheet saves it
    indonesian: bool = False
    truncated: bool = False


def payment_row(transaction: Transaction, merchant: SandboxMerchant) -> Row:
    """Raises ValueError if nobody has paid."""
    if transaction.paid_at is None:
        raise ValueError(f"{transaction.order_id} is not paid")
    return Row(
        order_id=transaction.order_id,
        transaction_id=transaction.transaction_id,
        kind="Payment",
        status="settlement",
        made_at=transaction.created_at,
        settled_at=transaction.paid_at,
        amount=transaction.amount,
        fee=share_of(transaction.amount, merchant.fee_bps),
        issuer=transaction.issuer,
        acquirer=transaction.acquirer,
    )


def refund_row(transaction: Transaction, refund: Refund) -> Row:
    return Row(
        order_id=transaction.order_id,
        transaction_id=transaction.transaction_id,
        kind="Refund",
        status=transaction.status,
        made_at=refund.made_at,
        settled_at=refund.made_at,
        amount=-refund.amount,
        fee=0,
        issuer=transaction.issuer,
        acquirer=transaction.acquirer,
    )


def reversal_row(paid: Row) -> Row:
    """The payment taken back, unasked; the fee is kept."""
    return replace(paid, kind="Refund", status="refund", amount=-paid.amount, fee=0)


def stray_row(name: str, day: date, amount: int) -> Row:
    """A payment that no charge of ours stands for, at noon."""
    at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    return Row(
        order_id=f"{name}-{day:%Y%m%d}",
        transaction_id=f"{name.lower()}-{day:%Y%m%d}",
        kind="Payment",
        status="settlement",
        made_at=at,
        settled_at=at + timedelta(minutes=1),
        amount=amount,
        fee=0,
        issuer="test bank",
        acquirer="gopay",
    )


def report_csv(
    merchant_id: str, day: date, version: int, rows: Sequence[Row], style: Style | None = None
) -> bytes:
    """The file: a head that says whose and which it is, the rows, and a control total."""
    style = style or Style()
    zone = "UTC" if style.utc and style.tells_utc else "Asia/Jakarta"
    text = io.StringIO(newline="")
    text.write(
        f"# Midtrans settlement report;merchant_id={merchant_id};report_date={day};"
        f"version={version};timezone={zone}\r\n"
    )
    table = csv.writer(text, delimiter=";" if style.semicolons else ",")
    table.writerow(COLUMNS)
    payout = add_working_days(day, 1)
    table.writerows(_cells(row, payout, style) for row in rows)
    amount, fee = sum(row.amount for row in rows), sum(row.fee for row in rows)
    totals = [_money(figure, style) for figure in (amount, fee, amount - fee)]
    table.writerow(["TOTAL", len(rows), *[""] * 6, "IDR", *totals, "", ""])
    whole = text.getvalue()
    if style.truncated:
        whole = whole[: len(whole) * 2 // 3]
    return whole.encode("utf-8-sig" if style.semicolons else "utf-8")


def _cells(row: Row, payout: date, style: Style) -> list[str]:
    return [
        row.order_id,
        row.transaction_id,
        row.kind,
        "QRIS",
        _time(row.made_at, style),
        _time(row.settled_at, style),
        payout.isoformat(),
        row.status,
        "IDR",
        _money(row.amount, style),
        _money(row.fee, style),
        _money(row.amount - row.fee, style),
        row.issuer,
        row.acquirer,
    ]


def _time(moment: datetime, style: Style) -> str:
    shown = moment.astimezone(UTC) if style.utc else wib(moment)
    return f"{shown:%Y-%m-%d %H:%M:%S}"


def _money(amount: int, style: Style) -> str:
    if style.indonesian:
        return f"{amount:,}".replace(",", ".") + ",00"
    return f"{amount}.00"

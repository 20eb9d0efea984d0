"""The rows of a settlement report, before a provider writes them in its way. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from parking.money import Rupiah, share_of
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.transactions import Refund, Transaction

TEST_AMOUNT = Rupiah(1)  # what a bank pays to see whether a code works


@dataclass(frozen=True, slots=True)
class Row:
    """A payment, or with negative amounts something taken back."""

    order_id: str
    transaction_id: str
    kind: str  # "Payment", "Refund" or "Chargeback"
    status: str
    made_at: datetime
    settled_at: datetime
    amount: int
    fee: int
    issuer: str
    acquirer: str
    rrn: str = ""
    delay: timedelta = timedelta(0)  # by which it is reported, and so paid out, too late


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
        rrn=transaction.rrn,
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
        rrn=transaction.rrn,
    )


def reversal_row(paid: Row) -> Row:
    """The payment taken back, unasked; the fee is kept."""
    return replace(paid, kind="Refund", status="refund", amount=-paid.amount, fee=0)


def chargeback_row(transaction: Transaction) -> Row:
    """What was left of a payment, taken back by the provider. Raises ValueError if it was not."""
    if transaction.reversed_at is None:
        raise ValueError(f"{transaction.order_id} was not taken back")
    return Row(
        order_id=transaction.order_id,
        transaction_id=transaction.transaction_id,
        kind="Chargeback",
        status=transaction.status,
        made_at=transaction.reversed_at,
        settled_at=transaction.reversed_at,
        amount=transaction.refunded - transaction.amount,
        fee=0,
        issuer=transaction.issuer,
        acquirer=transaction.acquirer,
        rrn=transaction.rrn,
    )


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

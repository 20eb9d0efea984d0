"""A transaction as the gateway sees it, and what may change into what (gateways.md 1.8).

Pure: values in, values out. A change that is not allowed raises Refusal with the code
that the gateway would answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from parking.money import Rupiah

PENDING, SETTLEMENT, EXPIRE, CANCEL = "pending", "settlement", "expire", "cancel"
REFUND, PARTIAL_REFUND, CHARGEBACK = "refund", "partial_refund", "chargeback"
REFUNDABLE = (SETTLEMENT, PARTIAL_REFUND)

# What becomes of a refund that was taken.
CONFIRMED, FAILED, FOR_EVER_PENDING = "confirmed", "failed", "pending"

# Refund windows for QRIS: off-us 7 days, GoPay on-us 45 (gateways.md 1.7).
REFUND_WINDOW_OFF_US = timedelta(days=7)
REFUND_WINDOW_ON_US = timedelta(days=45)


class Refusal(Exception):
    """The gateway says no: `code` is the body's status_code, never only the HTTP status."""

    def __init__(self, code: int, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back; the driver's bank confirms it some time later, or cannot book it."""

    key: str
    amount: Rupiah
    reason: str
    chargeback_id: int
    made_at: datetime
    confirmed_at: datetime | None = None
    failed_at: datetime | None = None
    fate: str = CONFIRMED  # what the bank will say, which nobody knows yet


@dataclass(frozen=True, slots=True)
class Transaction:
    """One QR, or one further payment on it."""

    transaction_id: str
    order_id: str
    gateway: str
    account: str
    asked: Rupiah
    amount: Rupiah  # what was paid; what was asked while nobody has paid
    status: str
    created_at: datetime
    expires_at: datetime
    acquirer: str
    qr_text: str
    label: str  # 62.01 of the QR; empty for a further payment on the same QR
    extras: Mapping[str, Any] = field(default_factory=dict)  # custom fields, echoed
    notify: Sequence[str] = ()  # where its notifications go
    issuer: str = ""
    rrn: str = ""  # the retrieval reference number on the payer's receipt
    paid_at: datetime | None = None
    reversed_at: datetime | None = None  # taken back by the provider, and nobody asked for it
    refunds: Sequence[Refund] = ()

    @property
    def refunded(self) -> int:
        """What was given back or is on its way."""
        return sum(refund.amount for refund in self.refunds if refund.failed_at is None)

    @property
    def on_us(self) -> bool:
        return self.issuer == self.acquirer


def is_over(transaction: Transaction, now: datetime) -> bool:
    """Its time has run out and nobody has said so yet."""
    return transaction.status == PENDING and transaction.expires_at <= now


def expired(transaction: Transaction) -> Transaction:
    """Raises Refusal 412 from any state but pending."""
    _only_pending(transaction)
    return replace(transaction, status=EXPIRE)


def cancelled(transaction: Transaction) -> Transaction:
    """Raises Refusal 412 from any state but pending; after a settlement there is the refund."""
    _only_pending(transaction)
    return replace(transaction, status=CANCEL)


def _only_pending(transaction: Transaction) -> None:
    if transaction.status != PENDING:
        raise Refusal(412, "Merchant cannot modify the status of the transaction")


def paid(
    transaction: Transaction, amount: Rupiah, issuer: str, rrn: str, at: datetime, late: bool
) -> Transaction:
    """Settled. `late`: the issuer confirms although the code had ended, which does happen.

    Raises Refusal 407 (expired), 412 (cancelled) or 406 (already paid).
    """
    if transaction.status == EXPIRE and not late:
        raise Refusal(407, "The QR has expired")
    if transaction.status == CANCEL and not late:
        raise Refusal(412, "The QR was cancelled by the merchant")
    if transaction.status not in (PENDING, EXPIRE, CANCEL):
        raise Refusal(406, "The QR has already been paid")
    return replace(
        transaction, status=SETTLEMENT, amount=amount, issuer=issuer, rrn=rrn, paid_at=at
    )


def refunded(
    transaction: Transaction,
    key: str,
    amount: Rupiah | None,
    reason: str,
    chargeback_id: int,
    at: datetime,
    fate: str = CONFIRMED,
) -> Transaction:
    """Given back, all that is left of it when `amount` is None.

    Raises Refusal 406 (this key is done), 412 (wrong state or too late), 414 (more than
    is left).
    """
    if any(refund.key == key for refund in transaction.refunds):
        raise Refusal(406, "The refund with this refund_key was already made")
    if transaction.status not in REFUNDABLE or transaction.paid_at is None:
        raise Refusal(412, "Merchant cannot modify the status of the transaction")
    window = REFUND_WINDOW_ON_US if transaction.on_us else REFUND_WINDOW_OFF_US
    if at - transaction.paid_at > window:
        raise Refusal(412, "The refund window of the transaction has passed")
    left = transaction.amount - transaction.refunded
    back = left if amount is None else amount
    if back > left:
        raise Refusal(414, f"Refund of {back} exceeds the {left} that can be given back")
    refund = Refund(key, Rupiah(back), reason, chargeback_id, at, fate=fate)
    return replace(
        transaction,
        status=REFUND if back == left else PARTIAL_REFUND,
        refunds=(*transaction.refunds, refund),
    )


def failed(transaction: Transaction, key: str, at: datetime) -> Transaction:
    """The driver's bank could not book one refund: the money is the merchant's again."""
    refunds = tuple(
        replace(refund, failed_at=at) if refund.key == key else refund
        for refund in transaction.refunds
    )
    after = replace(transaction, refunds=refunds)
    return replace(after, status=PARTIAL_REFUND if after.refunded else SETTLEMENT)


def taken_back(transaction: Transaction, at: datetime) -> Transaction:
    """All that is left of a payment goes back to the payer. Raises Refusal 412 if unpaid."""
    if transaction.status not in REFUNDABLE:
        raise Refusal(412, "Only a paid transaction can be taken back")
    return replace(transaction, status=CHARGEBACK, reversed_at=at)


def confirmed(transaction: Transaction, key: str, at: datetime) -> Transaction:
    """The driver's bank has the money of one refund back."""
    refunds = tuple(
        replace(refund, confirmed_at=at) if refund.key == key else refund
        for refund in transaction.refunds
    )
    return replace(transaction, refunds=refunds)

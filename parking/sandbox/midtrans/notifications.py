"""What Midtrans sends and answers about a transaction, and when it tries again. Pure.

Fields: gateways.md 1.5, 1.7 and 1.10; retries: 1.11.
"""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from parking.business_day import wib
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.transactions import (
    CANCEL,
    CHARGEBACK,
    EXPIRE,
    PARTIAL_REFUND,
    PENDING,
    REFUND,
    SETTLEMENT,
    Transaction,
)

STATUS_CODE = {
    PENDING: "201",
    SETTLEMENT: "200",
    EXPIRE: "202",
    CANCEL: "202",
    REFUND: "200",
    PARTIAL_REFUND: "200",
    CHARGEBACK: "200",
}

# How often a notification is sent again, by the code that was answered to it.
RETRIES = {500: 1, 503: 4, 400: 2, 404: 2, 301: 0, 302: 0, 303: 0}
RETRIES_OTHERWISE = 5  # any other code, and no answer within 15 s
INTERVALS = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 90, 210))

_SHOPEE = uuid.UUID("6f1c2a0e-5d0b-4b7e-9a55-0f8a1c526a1b")  # a namespace of our own


def signature(order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """Binds order, code and amount, and nothing else: neither status, id nor times.

    The texts are hashed as they stand in the JSON: "2000.00" and "2000" differ.
    """
    signed = f"{order_id}{status_code}{gross_amount}{server_key}"
    return hashlib.sha512(signed.encode()).hexdigest()


def retry_after(answer: int | None, attempts: int) -> timedelta | None:
    """How long to wait after the given number of attempts; None: it is over.

    `answer` is the HTTP status of the last one, None when there was none in time.
    """
    if answer is not None and 200 <= answer < 300:
        return None
    allowed = RETRIES_OTHERWISE if answer is None else RETRIES.get(answer, RETRIES_OTHERWISE)
    return INTERVALS[attempts - 1] if attempts <= allowed else None


def money(amount: int) -> str:
    """Their answers carry two decimals, which are always zero."""
    return f"{amount}.00"


def naive(moment: datetime) -> str:
    """Their times carry no zone: it is the wall clock in Jakarta."""
    return f"{wib(moment):%Y-%m-%d %H:%M:%S}"


def description(transaction: Transaction, merchant: SandboxMerchant) -> dict[str, Any]:
    """What the answer to a status inquiry and a notification have in common."""
    code, gross = STATUS_CODE[transaction.status], money(transaction.amount)
    body: dict[str, Any] = {
        "transaction_type": "on-us" if transaction.on_us else "off-us",
        "transaction_time": naive(transaction.created_at),
        "transaction_status": transaction.status,
        "transaction_id": transaction.transaction_id,
        "status_code": code,
        "signature_key": signature(transaction.order_id, code, gross, merchant.server_key),
        "payment_type": "qris",
        "order_id": transaction.order_id,
        "merchant_id": merchant.merchant_id,
        "gross_amount": gross,
        "fraud_status": "accept",
        "currency": "IDR",
        "acquirer": transaction.acquirer,
        "expiry_time": naive(transaction.expires_at),
        **_cross_reference(transaction),
        **transaction.extras,
    }
    if transaction.paid_at is not None:
        body["settlement_time"] = naive(transaction.paid_at)
    if transaction.issuer:
        body["issuer"] = transaction.issuer
    if transaction.refunded:
        body["refund_amount"] = money(transaction.refunded)
        body["refunds"] = refunds(transaction)
    return body


def _cross_reference(transaction: Transaction) -> dict[str, str]:
    reference = str(uuid.uuid5(_SHOPEE, transaction.transaction_id))
    if transaction.acquirer == "gopay":
        return {"merchant_cross_reference_id": reference}
    return {"shopeepay_reference_number": transaction.rrn, "reference_id": reference}


def refunds(transaction: Transaction) -> list[dict[str, Any]]:
    return [
        {
            "refund_chargeback_id": refund.chargeback_id,
            "refund_amount": money(refund.amount),
            "created_at": naive(refund.made_at),
            "reason": refund.reason,
            "refund_key": refund.key,
            "refund_method": "online",
        }
        | ({"bank_confirmed_at": naive(refund.confirmed_at)} if refund.confirmed_at else {})
        for refund in transaction.refunds
        if refund.failed_at is None
    ]


def notification(transaction: Transaction, merchant: SandboxMerchant) -> dict[str, Any]:
    body = description(transaction, merchant)
    body["status_message"] = "midtrans payment notification"
    if transaction.refunds and transaction.refunds[-1].confirmed_at is not None:
        body["bank_confirmed_at"] = naive(transaction.refunds[-1].confirmed_at)
    return body

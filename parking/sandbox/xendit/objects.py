"""What Xendit says of a QR, a payment, a refund. Pure (gateways.md 2.2, 2.4, 2.7)."""

from datetime import UTC, datetime
from typing import Any

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.transactions import PENDING, Refund, Transaction
from parking.sandbox.xendit import ids

SECOND = "2022-07-31"  # what the header api-version says; without it, the first generation
FAILURES = {  # of a refund that fails later, by its magic amount (gateways.md 2.8)
    20300: "INELIGIBLE_TRANSACTION",
    20301: "INSUFFICIENT_BALANCE",
    20302: "TEMPORARILY_UNAVAILABLE",
}
JSON = dict[str, Any]


def utc(moment: datetime) -> str:
    """Milliseconds, and a Z."""
    there = moment.astimezone(UTC)
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03}Z"


def seconds(moment: datetime) -> str:
    """As an expiry is echoed: without a fraction."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_first_generation(transaction: Transaction) -> bool:
    return transaction.extras.get("generation") == 1


def qr_object(transaction: Transaction, merchant: SandboxMerchant, updated: datetime) -> JSON:
    """A code. Its status is its own and not a payment's."""
    status = "ACTIVE" if transaction.status == PENDING else "INACTIVE"
    if is_first_generation(transaction):
        return {
            "id": transaction.transaction_id,
            "external_id": transaction.order_id,
            "amount": transaction.asked,
            "qr_string": transaction.qr_text,
            "callback_url": transaction.extras.get("callback_url"),
            "type": "DYNAMIC",
            "status": status,
            "created": utc(transaction.created_at),
            "updated": utc(updated),
        }
    return {
        "id": transaction.transaction_id,
        "reference_id": transaction.order_id,
        "business_id": merchant.merchant_id,
        "type": "DYNAMIC",
        "currency": "IDR",
        "amount": transaction.asked,
        "channel_code": transaction.acquirer,
        "status": status,
        "qr_string": transaction.qr_text,
        "expires_at": seconds(transaction.expires_at),
        "created": utc(transaction.created_at),
        "updated": utc(updated),
        "basket": None,
        "metadata": transaction.extras.get("metadata"),
    }


def payment_object(transaction: Transaction, qr_id: str, merchant: SandboxMerchant) -> JSON:
    """A payment of a code. Raises ValueError if nobody has paid."""
    if transaction.paid_at is None:
        raise ValueError(f"{transaction.order_id} is not paid")
    return {
        "id": ids.payment_id(transaction.transaction_id),
        "business_id": merchant.merchant_id,
        "currency": "IDR",
        "amount": transaction.amount,
        "status": "SUCCEEDED",
        "created": utc(transaction.paid_at),
        "qr_id": qr_id,
        "qr_string": transaction.qr_text,
        "reference_id": transaction.order_id,
        "type": "DYNAMIC",
        "channel_code": transaction.acquirer,
        "expires_at": seconds(transaction.expires_at),
        "description": transaction.extras.get("description"),
        "basket": None,
        "metadata": transaction.extras.get("metadata"),
        "payment_detail": {
            "receipt_id": transaction.rrn,
            "source": transaction.issuer.upper(),
            "name": None,
            "account_details": None,
        },
    }


def first_payment_object(transaction: Transaction, qr_id: str) -> JSON:
    """A payment as the first generation has it. Raises ValueError if nobody has paid."""
    if transaction.paid_at is None:
        raise ValueError(f"{transaction.order_id} is not paid")
    return {
        "id": ids.payment_id(transaction.transaction_id),
        "amount": transaction.amount,
        "status": "COMPLETED",
        "created": utc(transaction.paid_at),
        "qr_code": {
            "id": qr_id,
            "external_id": transaction.order_id,
            "qr_string": transaction.qr_text,
            "type": "DYNAMIC",
        },
        "payment_details": {"receipt_id": transaction.rrn, "source": transaction.issuer.upper()},
    }


def refund_object(transaction: Transaction, refund: Refund) -> JSON:
    """A refund as it stands."""
    ended = refund.confirmed_at or refund.failed_at
    body = {
        "id": ids.refund_id(transaction.transaction_id, refund.chargeback_id),
        "qrpy_id": ids.payment_id(transaction.transaction_id),
        "status": refund_status(refund),
        "currency": "IDR",
        "payment_amount": transaction.amount,
        "refund_amount": refund.amount,
        "channel_code": transaction.acquirer,
        "reason": refund.reason,
        "created": utc(refund.made_at),
        "updated": utc(ended or refund.made_at),
    }
    if refund.confirmed_at is not None:
        body["refunded_at"] = utc(refund.confirmed_at)
    if refund.failed_at is not None:
        body["failure_code"] = FAILURES.get(refund.amount, "REFUND_FAILED")
    return body


def refund_status(refund: Refund) -> str:
    if refund.failed_at is not None:
        return "FAILED"
    return "PENDING" if refund.confirmed_at is None else "SUCCEEDED"

"""What DOKU answers and notifies about a transaction (gateways.md 4). Pure."""

from datetime import UTC, datetime
from typing import Any

from parking.sandbox.transactions import CANCEL, EXPIRE, PENDING, SETTLEMENT, Transaction

# Given back it stays SUCCESS: this API knows no refunds.
STATUS = {PENDING: "PENDING", SETTLEMENT: "SUCCESS", EXPIRE: "EXPIRED", CANCEL: "EXPIRED"}


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def request_id_of(transaction: Transaction) -> str:
    return str(transaction.extras["request_id"])


def description(transaction: Transaction) -> dict[str, Any]:
    """The body of a notification and of the answer to a status inquiry."""
    return {
        "service": {"id": "QRIS"},
        "acquirer": {"id": transaction.issuer.upper() or "DOKU"},
        "channel": {"id": "QRIS_DOKU"},
        "transaction": {
            "status": STATUS.get(transaction.status, "SUCCESS"),
            "date": moment(transaction.paid_at or transaction.created_at),
            "original_request_id": request_id_of(transaction),
        },
        "order": {"invoice_number": transaction.order_id, "amount": transaction.amount},
    }


def created(transaction: Transaction) -> dict[str, Any]:
    """The answer to a code that was asked for."""
    return {
        "order": {"invoice_number": transaction.order_id, "amount": transaction.amount},
        "qris_info": {
            "qr_string": transaction.qr_text,
            "expired_date_utc": moment(transaction.expires_at),
        },
    }

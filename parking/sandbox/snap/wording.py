"""How a bank words SNAP BI: times, money, states (gateways.md 3.1, 3.7). Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from parking.business_day import wib
from parking.sandbox.snap.speech import Speech
from parking.sandbox.transactions import (
    CANCEL,
    CHARGEBACK,
    EXPIRE,
    PARTIAL_REFUND,
    PENDING,
    REFUND,
    SETTLEMENT,
    Refund,
    Transaction,
)

STATUS = {
    SETTLEMENT: "00", PENDING: "03", REFUND: "04", PARTIAL_REFUND: "04", CHARGEBACK: "04",
    CANCEL: "05", EXPIRE: "08",
}  # fmt: skip
MEANING = {
    "00": "Success", "03": "Pending", "04": "Refunded", "05": "Canceled", "06": "Failed",
    "07": "Not Found", "08": "Expired", "09": "Rejected",
}  # fmt: skip
FORMS = {
    "wib": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00",
    "ms": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00",
    "z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


def moment(at: datetime, speech: Speech) -> str:
    if speech.times == "z":
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    local = wib(at)
    fraction = f".{local.microsecond // 1000:03}" if speech.times == "ms" else ""
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}+07:00"


def is_time(text: str, speech: Speech) -> bool:
    return re.fullmatch(FORMS[speech.times], text, re.ASCII) is not None


def money(amount: int) -> dict[str, str]:
    return {"value": f"{amount}.00", "currency": "IDR"}


def status(transaction: Transaction, speech: Speech) -> str:
    if transaction.status == EXPIRE and speech.status_05 == "expired":
        return "05"
    return STATUS[transaction.status]


def refund_history(transaction: Transaction, speech: Speech) -> list[dict[str, Any]]:
    """Every refund with what became of it; what was taken back unasked has no key of ours."""
    told = [_refund(each, speech) for each in transaction.refunds]
    if transaction.reversed_at is not None:
        left = transaction.amount - transaction.refunded
        told.append(
            {
                "refundNo": f"RV{transaction.rrn}",
                "refundAmount": money(left),
                "refundStatus": "00",
                "refundDate": moment(transaction.reversed_at, speech),
                "reason": "Chargeback by issuer",
            }
        )
    return told


def _refund(refund: Refund, speech: Speech) -> dict[str, Any]:
    over = refund.confirmed_at or refund.failed_at
    word = "03" if over is None else "00" if refund.failed_at is None else "06"
    return {
        "refundNo": refund_number(refund),
        "partnerRefundNo": refund.key,
        "refundAmount": money(refund.amount),
        "refundStatus": word,
        "refundDate": moment(over or refund.made_at, speech),
        "reason": refund.reason,
    }


def refund_number(refund: Refund) -> str:
    return f"RF{refund.chargeback_id:012}"


def validity(text: Any, now: datetime) -> datetime:
    """When a code ends: fifteen minutes from now if nothing is told. Raises ValueError."""
    if text is None:
        return now + timedelta(minutes=15)
    until = datetime.fromisoformat(text)
    if until.tzinfo is None or not now < until <= now + timedelta(days=180):
        raise ValueError(text)
    return until

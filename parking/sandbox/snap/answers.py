"""How a SNAP bank answers (gateways.md 3.6)."""

import secrets
from collections.abc import Mapping
from typing import Any

from parking.sandbox import wording
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.parts import SandboxParts
from parking.sandbox.snap.speech import Speech
from parking.sandbox.snap.wording import (
    MEANING,
    moment,
    money,
    refund_history,
    refund_number,
    status,
)
from parking.sandbox.transactions import Transaction

Body = dict[str, Any]

stamp = moment


def new_reference() -> str:
    return f"REF{secrets.randbelow(10**16):016}"


def generated(
    parts: SandboxParts, made: Transaction, merchant: SandboxMerchant, speech: Speech
) -> Body:
    body: Body = {
        "referenceNo": made.transaction_id,
        "partnerReferenceNo": made.order_id,
        "qrContent": made.qr_text,
        "merchantName": merchant.name,
        "terminalId": made.extras["terminal"],
        "additionalInfo": {"validityPeriod": moment(made.expires_at, speech)},
    }
    if parts.faults.holds("missing_qr_string", made.order_id):
        del body["qrContent"]
    if parts.faults.holds("missing_expiry_time", made.order_id):
        del body["additionalInfo"]
    return body


def described(parts: SandboxParts, found: Transaction, speech: Speech) -> Body:
    """The answer to a query: never with qrContent."""
    order, word = found.order_id, status(found, speech)
    if fault := parts.faults.holds("snap_status", order):
        word = str(fault.value)
    if parts.faults.holds("status_unknown", order):
        word = "99"
    amount = money(found.amount)
    amount["value"] = wording.money(parts, order, amount["value"])
    further: Body = {"issuerName": found.issuer, "rrn": found.rrn}
    if history := refund_history(found, speech):
        further["refundHistory"] = history
    body: Body = {
        **_originals(found),
        "serviceCode": speech.service_code,
        "latestTransactionStatus": word,
        "transactionStatusDesc": MEANING.get(word, word),
        "amount": amount,
        "terminalId": found.extras["terminal"],
        "additionalInfo": further,
    }
    if found.paid_at is not None:
        body["paidTime"] = wording.time(parts, order, found.paid_at, moment(found.paid_at, speech))
    return body | wording.further(parts, order)


def unknown(found: Transaction) -> Body:
    """A node of theirs that has not heard of it yet."""
    return {**_originals(found), "latestTransactionStatus": "07",
            "transactionStatusDesc": MEANING["07"]}  # fmt: skip


def cancelled(parts: SandboxParts, ended: Transaction, speech: Speech) -> Body:
    return {**_originals(ended), "cancelTime": moment(parts.now(), speech)}


def refunded(after: Transaction, speech: Speech) -> Body:
    made = after.refunds[-1]
    return {
        **_originals(after),
        "refundNo": refund_number(made),
        "partnerRefundNo": made.key,
        "refundAmount": money(made.amount),
        "refundTime": moment(made.made_at, speech),
    }


def http_denial(code: int, message: str) -> Mapping[str, str]:
    return {"responseCode": f"{code}0000", "responseMessage": message}


def _originals(found: Transaction) -> Body:
    return {
        "originalReferenceNo": found.transaction_id,
        "originalPartnerReferenceNo": found.order_id,
    }

"""How Midtrans answers."""

import uuid
from typing import Any

from flask import Response, jsonify, request

from parking.sandbox import wording
from parking.sandbox.midtrans.notifications import description, money, naive, signature
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction


def charge_answer(transaction: Transaction, merchant_id: str) -> dict[str, Any]:
    """The answer to POST /v2/charge (gateways.md 1.3)."""
    base = f"{request.host_url}midtrans"
    theirs = transaction.transaction_id
    return {
        "status_code": "201",
        "status_message": "QRIS transaction is created",
        "transaction_id": theirs,
        "order_id": transaction.order_id,
        "merchant_id": merchant_id,
        "gross_amount": money(transaction.amount),
        "currency": "IDR",
        "payment_type": "qris",
        "transaction_time": naive(transaction.created_at),
        "transaction_status": transaction.status,
        "fraud_status": "accept",
        "acquirer": transaction.acquirer,
        "actions": [
            {"name": name, "method": "GET", "url": f"{base}/{version}/qris/{theirs}/qr-code"}
            for name, version in (("generate-qr-code", "v2"), ("generate-qr-code-v2", "v4"))
        ],
        "qr_string": transaction.qr_text,
        "expiry_time": naive(transaction.expires_at),
    }


def status_answer(parts: SandboxParts, transaction: Transaction) -> dict[str, Any]:
    """The answer to a status inquiry (gateways.md 1.5)."""
    order, merchant = transaction.order_id, parts.merchant_of(transaction)
    body = description(transaction, merchant)
    body["status_message"] = "Success, transaction is found"
    if parts.faults.holds("status_upper_case", order):
        body["transaction_status"] = body["transaction_status"].upper()
    if parts.faults.holds("status_unknown", order):
        body["transaction_status"] = "under_review"
    body["gross_amount"] = wording.money(parts, order, body["gross_amount"])
    moments = {"transaction_time": transaction.created_at, "settlement_time": transaction.paid_at}
    for name, moment in moments.items():
        if moment is not None:
            body[name] = wording.time(parts, order, moment, body[name])
    body["signature_key"] = signature(
        order, body["status_code"], str(body["gross_amount"]), merchant.server_key
    )
    return body | wording.further(parts, order)


def done_answer(
    parts: SandboxParts, transaction: Transaction, code: str, message: str
) -> dict[str, Any]:
    """The answer to cancel, expire and refund (gateways.md 1.6, 1.7); it is not signed."""
    body = description(transaction, parts.merchant_of(transaction))
    del body["signature_key"]
    return body | {"status_code": code, "status_message": message}


def http_refusal(code: int, message: str) -> Response:
    """An error that is the HTTP status too."""
    body = {"status_code": str(code), "status_message": message, "id": str(uuid.uuid4())}
    answer = jsonify(body)
    answer.status_code = code
    return answer


def refusal(parts: SandboxParts, why: Refusal, order: str) -> Response:
    """A no. Its code is in the body; whether it is the HTTP status too, they do not say."""
    body: dict[str, Any] = {
        "status_code": str(why.code),
        "status_message": why.message,
        "id": str(uuid.uuid4()),
    }
    if why.problems:
        body["validation_messages"] = list(why.problems)
    answer = jsonify(body)
    if why.code == 401 or parts.faults.holds("http_error", order):
        answer.status_code = why.code
    return answer


def still_running() -> Response:
    answer = jsonify(status_code="202", status_message="The first request is still being processed")
    answer.status_code = 202
    return answer

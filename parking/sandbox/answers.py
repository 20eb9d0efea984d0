"""How the sandbox answers: Midtrans' bodies, and the ways in which an answer goes wrong."""

import time
import uuid
from typing import Any

from flask import Response, jsonify, request

from parking.sandbox.announce import number
from parking.sandbox.faults import Fault
from parking.sandbox.notifications import description, money, naive
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction

HANGS_S = 30
HTML = (
    "<!DOCTYPE html><html><body><h1>{0}</h1><p>The upstream server said nothing.</p></body></html>"
)

# What may strike instead of the answer to a charge, and how.
CREATE_FAULTS = (
    "create_timeout_after_commit", "create_timeout_before_commit", "create_reset",
    "create_500", "create_503", "create_html",
)  # fmt: skip


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
    body = description(transaction, parts.merchant_of(transaction))
    body["status_message"] = "Success, transaction is found"
    if parts.faults.holds("status_upper_case", transaction.order_id):
        body["transaction_status"] = body["transaction_status"].upper()
    return body


def done_answer(
    parts: SandboxParts, transaction: Transaction, code: str, message: str
) -> dict[str, Any]:
    """The answer to cancel, expire and refund (gateways.md 1.6, 1.7); it is not signed."""
    body = description(transaction, parts.merchant_of(transaction))
    del body["signature_key"]
    return body | {"status_code": code, "status_message": message}


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


def transport_fault(parts: SandboxParts, order: str) -> Response | None:
    """What strikes any call before it is looked at; None: nothing does."""
    if slow := parts.faults.strike("slow", order):
        time.sleep(number(slow.value, 2))
    if parts.faults.strike("html_502", order):
        return Response(HTML.format("502 Bad Gateway"), 502, mimetype="text/html")
    if parts.faults.strike("rate_limit", order):
        answer = refusal(parts, Refusal(429, "Too many requests"), order)
        answer.status_code = 429
        return answer
    return None


def create_fault(parts: SandboxParts, order: str) -> Fault | None:
    return next(filter(None, (parts.faults.strike(name, order) for name in CREATE_FAULTS)), None)


def is_made_all_the_same(fault: Fault) -> bool:
    """Whether the transaction exists although its answer is lost."""
    if fault.name in ("create_timeout_after_commit", "create_reset"):
        return True
    return fault.name != "create_timeout_before_commit" and fault.value == "stored"


def spoiled(fault: Fault) -> Response:
    """What comes instead of the answer to a charge."""
    match fault.name:
        case "create_500" | "create_503":
            code = fault.name.removeprefix("create_")
            answer = jsonify(
                status_code=code, status_message="Sorry, our system is having a moment"
            )
            answer.status_code = int(code)
            return answer
        case "create_html":
            return Response(HTML.format("Maintenance"), 200, mimetype="text/html")
        case "create_reset":
            return _cut(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"status_code":"201",')
        case _:
            time.sleep(number(fault.value, HANGS_S))
            return _cut(b"")


def _cut(first: bytes) -> Response:
    """The connection ends after these bytes. gunicorn hands its socket to us."""
    socket = request.environ["gunicorn.socket"]
    if first:
        socket.sendall(first)
    socket.shutdown(2)
    return Response(status=500)

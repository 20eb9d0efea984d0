"""Midtrans, as a dialect of the sandbox (gateways.md 1)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.midtrans.answers import http_refusal
from parking.sandbox.midtrans.api_routes import midtrans_api
from parking.sandbox.midtrans.notifications import notification, retry_after, signature
from parking.sandbox.midtrans.report import report_csv
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.rows import Row, Style
from parking.sandbox.transactions import SETTLEMENT, Transaction

Body = dict[str, Any]


class MidtransDialect:
    name = "midtrans"
    reports: Sequence[str] = ("settlement",)
    reports_by_payment = False

    def api(self, parts: SandboxParts, courier: Courier) -> Blueprint:
        return midtrans_api(parts, courier)

    def refusal(self, code: int, message: str) -> Response:
        return http_refusal(code, message)

    def message(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        return _message(notification(transaction, merchant))

    def forgery(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        """The pending notification with its status changed: the signature still fits.

        It binds the order, the code 201 and the amount, but not `transaction_status`
        (gateways.md 0.2, trap 4).
        """
        return _message(notification(transaction, merchant) | {"transaction_status": SETTLEMENT})

    def spoiled(self, message: Message, fault: str, merchant: SandboxMerchant) -> Message:
        body = json.loads(message.body)
        return _message(SPOILS[fault](body) if fault in SPOILS else body)

    def sign(
        self, delivery: Delivery, merchant: SandboxMerchant, now: datetime
    ) -> Mapping[str, str]:
        """Nothing: the signature is a field of the body."""
        return {"User-Agent": "Veritrans"}

    def retry_after(self, answer: int | None, attempts: int) -> timedelta | None:
        return retry_after(answer, attempts)

    def report(
        self, kind: str, merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row],
        style: Style,
    ) -> bytes:  # fmt: skip
        return report_csv(merchant.merchant_id, day, version, rows, style)


def _message(body: Body) -> Message:
    return Message(str(body["transaction_status"]), json.dumps(body))


def _badly_signed(body: Body) -> Body:
    signed = signature(
        body["order_id"], body["status_code"], body["gross_amount"], "SB-Mid-server-NOT-THIS-KEY"
    )
    return body | {"signature_key": signed}


def _without_issuer(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "issuer"}


SPOILS: dict[str, Callable[[Body], Body]] = {
    "callback_bad_signature": _badly_signed,
    "callback_fraud_deny": lambda body: body | {"fraud_status": "deny"},
    "callback_missing_issuer": _without_issuer,
    "callback_extra_fields": lambda body: body | {"promo": {"id": 7}, "channel_note": "baru"},
}

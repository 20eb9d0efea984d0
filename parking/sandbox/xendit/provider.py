"""Xendit, as a dialect of the sandbox (gateways.md 2)."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.rows import Row, Style
from parking.sandbox.transactions import CHARGEBACK, Refund, Transaction
from parking.sandbox.xendit import ids
from parking.sandbox.xendit.answers import http_denial
from parking.sandbox.xendit.api_routes import NAME, xendit_api
from parking.sandbox.xendit.objects import (
    SECOND,
    first_payment_object,
    is_first_generation,
    payment_object,
    refund_object,
    utc,
)
from parking.sandbox.xendit.report import balance_csv, transactions_csv

Body = dict[str, Any]

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (15, 45, 120, 180, 360, 720))
UNSET_TOKEN = "DEMO-CALLBACK-TOKEN"  # noqa: S105 - if the merchant was given none
TRANSACTIONS, BALANCE = "transactions", "balance"


class XenditDialect:
    """Options of a merchant: `created` (the status of a new code, 201), `refund_product`
    (of which product a refund's row is: `payment` or `refund`), `webhook_id` (`each`: every
    delivery its own), `report_zone`, `settlement_status`.
    """

    name = NAME
    reports: Sequence[str] = (TRANSACTIONS, BALANCE)
    reports_by_payment = True

    def api(self, parts: SandboxParts, courier: Courier) -> Blueprint:
        return xendit_api(parts, courier)

    def refusal(self, code: int, message: str) -> Response:
        return http_denial(code, message)

    def message(self, transaction: Transaction, merchant: SandboxMerchant) -> Message | None:
        """Of a payment, and of what came of a refund; of all else they are silent."""
        if transaction.paid_at is None or transaction.status == CHARGEBACK:
            return None
        latest = max(transaction.refunds, key=_moved_at, default=None)
        if latest is None:
            return _payment_message(transaction, merchant)
        if latest.confirmed_at is None and latest.failed_at is None:
            return None
        told = _event("qr.refund", refund_object(transaction, latest), merchant, _moved_at(latest))
        return _message(told)

    def forgery(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        """With the token and any body: nothing binds the one to the other."""
        paid = replace(
            transaction, transaction_id=ids.new_qr(), paid_at=transaction.created_at, issuer="gopay"
        )
        told = payment_object(paid, transaction.transaction_id, merchant)
        return _message(_event("qr.payment", told, merchant, transaction.created_at))

    def spoiled(self, message: Message, fault: str, merchant: SandboxMerchant) -> Message:
        if fault not in SPOILS:
            return message
        body = json.loads(message.body)
        if "data" in body:
            return replace(message, body=json.dumps(body | {"data": SPOILS[fault](body["data"])}))
        return replace(message, body=json.dumps(SPOILS[fault](body)))

    def sign(
        self, delivery: Delivery, merchant: SandboxMerchant, now: datetime
    ) -> Mapping[str, str]:
        """The account's token, which is all there is."""
        token = merchant.secrets.get("CALLBACK", UNSET_TOKEN)
        if delivery.suffers("callback_bad_signature"):
            token = "cbtok-NOT-THIS-ONE"  # noqa: S105 - wrong on purpose
        own = merchant.options.get("webhook_id") == "each"
        number = {"webhook-id": f"wh-{delivery.id}"} if own else {}
        return {"X-CALLBACK-TOKEN": token, "User-Agent": "Xendit", **number}

    def retry_after(self, answer: int | None, attempts: int) -> timedelta | None:
        if answer is not None and 200 <= answer < 300:
            return None
        return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None

    def report(
        self, kind: str, merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row],
        style: Style,
    ) -> bytes:  # fmt: skip
        return (balance_csv if kind == BALANCE else transactions_csv)(merchant, rows, style)


def _moved_at(refund: Refund) -> datetime:
    return refund.confirmed_at or refund.failed_at or refund.made_at


def _payment_message(transaction: Transaction, merchant: SandboxMerchant) -> Message:
    paid_at = transaction.paid_at or transaction.created_at
    qr_id = transaction.extras["qr_id"]
    if is_first_generation(transaction):
        told = first_payment_object(transaction, qr_id)
        return _message({"event": "qr.payment"} | told)
    told = payment_object(transaction, qr_id, merchant)
    return _message(_event("qr.payment", told, merchant, paid_at))


def _event(name: str, data: Body, merchant: SandboxMerchant, at: datetime) -> Body:
    return {
        "event": name,
        "api_version": SECOND,
        "business_id": merchant.merchant_id,
        "created": utc(at),
        "data": data,
    }


def _message(body: Body) -> Message:
    """Its number stays the same however often it is delivered."""
    return Message(body["event"], json.dumps(body), {"webhook-id": uuid.uuid4().hex})


def _without_issuer(data: Body) -> Body:
    return data | {"payment_detail": {"receipt_id": None, "source": None}}


SPOILS: dict[str, Callable[[Body], Body]] = {
    "callback_fraud_deny": lambda data: data | {"status": "UNDER_REVIEW"},
    "callback_missing_issuer": _without_issuer,
    "callback_extra_fields": lambda data: data | {"promo": {"id": 7}, "channel_note": "baru"},
}

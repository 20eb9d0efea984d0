"""SNAP BI, as a dialect of the sandbox (gateways.md 3): several banks, one for each merchant.

Options of a merchant: `profile` (plain, doku, bri, dana, midtrans) and every field of
speech.py. Its secrets: PRIVATE, the merchant's RSA key whose public half it has registered,
and PROVIDER_PRIVATE, the bank's own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, jsonify

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.rows import Row, Style
from parking.sandbox.snap.answers import http_denial
from parking.sandbox.snap.api_routes import NAME, snap_api
from parking.sandbox.snap.notifications import message, signed_headers
from parking.sandbox.snap.report import portal_csv
from parking.sandbox.snap.speech import speech_of
from parking.sandbox.transactions import PENDING, SETTLEMENT, Transaction


class SnapDialect:
    name = NAME
    reports: Sequence[str] = ("portal",)
    reports_by_payment = False

    def api(self, parts: SandboxParts, courier: Courier) -> Blueprint:
        return snap_api(parts, courier)

    def refusal(self, code: int, message: str) -> Response:
        answer = jsonify(http_denial(code, message))
        answer.status_code = code
        return answer

    def message(self, transaction: Transaction, merchant: SandboxMerchant) -> Message | None:
        """Silent about what is pending; some banks are about all but a payment."""
        is_silent = speech_of(merchant).notifies == "paid" and transaction.status != SETTLEMENT
        return (
            None if is_silent or transaction.status == PENDING else message(transaction, merchant)
        )

    def forgery(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        """Its body says "paid" over the signature of the message that was caught, which `sign`
        makes: only variant C does not cover that."""
        return message(transaction, merchant, "00")

    def spoiled(self, message: Message, fault: str, merchant: SandboxMerchant) -> Message:
        """What is wrong is signed as it is; a wrong signature `sign` makes."""
        body = json.loads(message.body)
        match fault:
            case "callback_fraud_deny":
                body["latestTransactionStatus"] = "06"
            case "callback_missing_issuer":
                del body["additionalInfo"]["issuerName"]
            case "callback_extra_fields":
                body["promo"] = {"id": 7}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return replace(message, body=text)

    def sign(
        self, delivery: Delivery, merchant: SandboxMerchant, now: datetime
    ) -> Mapping[str, str]:
        return signed_headers(delivery, merchant, now)

    def retry_after(self, answer: int | None, attempts: int) -> timedelta | None:
        """Once: the standard promises no second attempt (gateways.md 3.10)."""
        return None

    def report(
        self, kind: str, merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row],
        style: Style,
    ) -> bytes:  # fmt: skip
        return portal_csv(merchant, day, version, rows, style)

"""DOKU, as a dialect of the sandbox (gateways.md 4)."""

import csv
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response

from parking.business_day import add_working_days, business_day, wib
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.doku.api_routes import doku_api, refused
from parking.sandbox.doku.messages import description, moment
from parking.sandbox.doku.signing import signed
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.rows import Row, Style
from parking.sandbox.transactions import CANCEL, PENDING, Transaction

# 30 minutes, 6 and 12 hours after the first delivery (gateways.md 4).
RETRIES = (timedelta(minutes=30), timedelta(hours=5, minutes=30), timedelta(hours=6))
COLUMNS = (
    "Invoice Number", "Transaction ID", "Transaction Type", "Transaction Date", "Status",
    "Amount", "Fee", "Net Amount", "Settlement Date", "Issuer",
)  # fmt: skip


class DokuDialect:
    name = "doku"
    reports: Sequence[str] = ("settlement",)
    reports_by_payment = True

    def api(self, parts: SandboxParts, courier: Courier) -> Blueprint:
        return doku_api(parts, courier)

    def refusal(self, code: int, message: str) -> Response:
        return refused(code, message)

    def message(self, transaction: Transaction, merchant: SandboxMerchant) -> Message | None:
        """It is silent about what is only pending, cancelled or given back."""
        if transaction.status in (PENDING, CANCEL) or transaction.refunds:
            return None
        return _message(description(transaction))

    def forgery(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        told = description(
            replace(transaction, status="settlement", paid_at=transaction.created_at)
        )
        return _message(told)

    def spoiled(self, message: Message, fault: str, merchant: SandboxMerchant) -> Message:
        """Its signature is in the headers; a body is spoiled here."""
        body = json.loads(message.body)
        match fault:
            case "callback_fraud_deny":
                body["transaction"]["status"] = "FAILED"
            case "callback_missing_issuer":
                del body["acquirer"]
            case "callback_extra_fields":
                body["additional_info"] = {"promo": {"id": 7}, "catatan": "baru"}
        return _message(body)

    def sign(
        self, delivery: Delivery, merchant: SandboxMerchant, now: datetime
    ) -> Mapping[str, str]:
        """Anew for each delivery. A forger has no key; who caught a message has its signature."""
        is_false = delivery.suffers("callback_bad_signature")
        is_false = is_false or delivery.suffers("callback_tampered")
        key = "SK-NOT-THIS-KEY" if is_false else merchant.server_key
        request_id, stamp = str(uuid.uuid4()), moment(now)
        body, path = delivery.body.encode(), urlsplit(delivery.url).path
        return {
            "Client-Id": merchant.merchant_id,
            "Request-Id": request_id,
            "Request-Timestamp": stamp,
            "Signature": signed(key, merchant.merchant_id, request_id, stamp, path, body),
        }

    def retry_after(self, answer: int | None, attempts: int) -> timedelta | None:
        if answer is not None and 200 <= answer < 300:
            return None
        return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None

    def report(
        self, kind: str, merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row],
        style: Style,
    ) -> bytes:  # fmt: skip
        """Its dashboard's export: no head, no totals, a row for each movement."""
        text = io.StringIO(newline="")
        table = csv.writer(text, delimiter=";" if style.semicolons else ",")
        table.writerow(COLUMNS)
        for row in rows:
            paid_out = add_working_days(business_day(row.settled_at + row.delay), 1).isoformat()
            table.writerow(
                [
                    row.order_id, row.transaction_id.rpartition("/")[2], row.kind,
                    f"{wib(row.settled_at):%Y-%m-%d %H:%M:%S}", "SUCCESS", f"{row.amount}.00",
                    f"{row.fee}.00", f"{row.amount - row.fee}.00", paid_out, row.issuer,
                ]
            )  # fmt: skip
        whole = text.getvalue()
        if style.truncated:
            whole = whole[: len(whole) * 2 // 3]
        return whole.encode("utf-8-sig" if style.semicolons else "utf-8")


def _message(body: dict[str, object]) -> Message:
    transaction = body["transaction"]
    kind = str(transaction["status"]) if isinstance(transaction, dict) else ""
    return Message(kind, json.dumps(body))

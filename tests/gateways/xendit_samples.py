"""What Xendit sends and answers, as gateways.md 2 has it; all numbers are invented."""

import json
from datetime import UTC, datetime
from typing import Any

from parking.gateways.protocol import Callback, Merchant
from parking.gateways.xendit import Xendit

from tests.gateways.contract.adapters import merchant_of
from tests.sandbox_process import XENDIT_KEY, XENDIT_TOKEN

KEY, TOKEN = XENDIT_KEY, XENDIT_TOKEN
ORDER = "PKR-20260214-000123"
BUSINESS = "5f0000000000000000000001"
QR = "qr_11111111-2222-4333-8444-555555555501"
PAYMENT = "qrpy_99999999-2222-4333-8444-555555555501"
SECOND = "qrpy_99999999-2222-4333-8444-555555555502"
REFUND = "qrrf_77777777-2222-4333-8444-555555555501"
MERCHANT: Merchant = merchant_of("xendit")
AT = datetime(2026, 2, 14, 1, 16, 2, 1000, tzinfo=UTC)


def gateway(*tokens: str, url: str = "http://127.0.0.1:9/xendit") -> Xendit:
    return Xendit(MERCHANT, url, [KEY], tokens or [TOKEN])


def payment(**other: Any) -> dict[str, Any]:
    """The object of a payment."""
    return {
        "id": PAYMENT, "business_id": BUSINESS, "currency": "IDR", "amount": 2000,
        "status": "SUCCEEDED", "created": "2026-02-14T01:16:02.001Z", "qr_id": QR,
        "qr_string": "000201010212…", "reference_id": ORDER, "type": "DYNAMIC",
        "channel_code": "ID_DANA", "expires_at": "2026-02-14T01:30:30Z", "description": None,
        "basket": None, "metadata": {"lokasi": "JBI001"},
        "payment_detail": {
            "receipt_id": "000000000001", "source": "GOPAY", "name": None, "account_details": None,
        },
    } | other  # fmt: skip


def refund(**other: Any) -> dict[str, Any]:
    """The object of a refund."""
    return {
        "id": REFUND, "qrpy_id": PAYMENT, "status": "SUCCEEDED", "currency": "IDR",
        "payment_amount": 2000, "refund_amount": 2000, "channel_code": "ID_DANA",
        "reason": "DUPLICATE", "created": "2026-02-14T02:00:00Z",
    } | other  # fmt: skip


def event(name: str, data: Any, **other: Any) -> dict[str, Any]:
    return {
        "event": name, "api_version": "2022-07-31", "business_id": BUSINESS,
        "created": "2026-02-14T01:16:03.512Z", "data": data,
    } | other  # fmt: skip


def first_generation(**other: Any) -> dict[str, Any]:
    """A payment as the first generation of their API tells it: flat."""
    return {
        "event": "qr.payment", "id": PAYMENT, "amount": 2000, "status": "COMPLETED",
        "created": "2026-02-14T01:16:02.001Z",
        "qr_code": {"id": QR, "external_id": ORDER, "qr_string": "0002…", "type": "DYNAMIC"},
    } | other  # fmt: skip


def movement(**other: Any) -> dict[str, Any]:
    """A row of GET /transactions."""
    return {
        "id": "txn_33333333-2222-4333-8444-555555555501",
        "product_id": PAYMENT.removeprefix("qrpy_"), "type": "PAYMENT", "status": "SUCCESS",
        "channel_category": "QR_CODE", "channel_code": "DANA", "reference_id": ORDER,
        "currency": "IDR", "amount": 2000, "net_amount": 1986, "cashflow": "MONEY_IN",
        "settlement_status": "PENDING", "business_id": BUSINESS,
        "created": "2026-02-14T01:16:02.001Z", "updated": "2026-02-14T01:16:02.001Z",
    } | other  # fmt: skip


def given_back(**other: Any) -> dict[str, Any]:
    """A refund among the transactions."""
    row = {"id": "txn_r1", "type": "REFUND", "cashflow": "MONEY_OUT", "amount": 500}
    return movement(**(row | {"created": "2026-02-14T02:00:00Z"} | other))


def callback(told: Any, token: str | None = TOKEN, **headers: str) -> Callback:
    """A callback at our door; without a token if it is None."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    shown = {} if token is None else {"X-CALLBACK-TOKEN": token}
    return Callback("/callbacks/xendit/jambi", shown | named, body, AT)

"""The body of POST /v2/charge, read and judged (gateways.md 1.2). Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from parking.money import QRIS_LIMIT, Rupiah
from parking.sandbox.change import Wish
from parking.sandbox.transactions import Refusal

ORDER_ID = re.compile(r"[A-Za-z0-9\-_~.]{1,50}", re.ASCII)
ACQUIRERS = ("gopay", "airpay shopee")
OTHER_CHANNELS = ("gopay", "shopeepay", "bank_transfer", "echannel", "credit_card", "cstore")
ECHOED = ("custom_field1", "custom_field2", "custom_field3")
FIELD_LIMIT = 255
METADATA_LIMIT = 4_096

DEFAULT_VALIDITY = timedelta(minutes=15)
# The Core page states no bounds; these are of the same product's SNAP variant.
SHORTEST, LONGEST = timedelta(seconds=20), timedelta(days=180)
UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


def read_charge(body: Any, now: datetime) -> Wish:
    """Raises Refusal: 402 for a channel this merchant does not have, 400 naming every fault."""
    if not isinstance(body, dict):
        raise Refusal(400, "One or more parameters in the payload is invalid", ["body: object"])
    channel = body.get("payment_type")
    if channel in OTHER_CHANNELS:
        raise Refusal(402, f"Payment channel {channel} is not activated for this merchant")
    problems: list[str] = []
    if channel != "qris":
        problems.append("payment_type is required and must be qris")
    order_id, amount = _details(body.get("transaction_details"), problems)
    _items(body.get("item_details"), amount, problems)
    acquirer = _acquirer(body.get("qris"), problems)
    expires_at = _expiry(body.get("custom_expiry"), now, problems)
    extras = _extras(body, problems)
    if problems:
        raise Refusal(400, "One or more parameters in the payload is invalid", problems)
    terminal = extras.get("custom_field1", "")
    return Wish(order_id, Rupiah(amount), expires_at, acquirer, terminal, extras)


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _details(details: Any, problems: list[str]) -> tuple[str, int]:
    if not isinstance(details, dict):
        problems.append("transaction_details is required")
        return "", 0
    order_id, amount = details.get("order_id"), details.get("gross_amount")
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        problems.append("transaction_details.order_id must be 1-50 characters of A-Z a-z 0-9 -_~.")
        order_id = ""
    if not _whole(amount):
        problems.append("transaction_details.gross_amount must be an integer without decimals")
        return order_id, 0
    if not 1 <= amount <= QRIS_LIMIT:
        problems.append(f"transaction_details.gross_amount must be between 1 and {QRIS_LIMIT}")
    return order_id, amount


def _items(items: Any, amount: int, problems: list[str]) -> None:
    if items is None:
        return
    if not isinstance(items, list):
        problems.append("item_details must be a list")
        return
    total = 0
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            problems.append(f"item_details[{number}] must be an object")
            continue
        price, quantity, name = item.get("price"), item.get("quantity"), item.get("name")
        if not _whole(price) or not _whole(quantity):
            problems.append(f"item_details[{number}]: price and quantity must be integers")
            continue
        if not isinstance(name, str) or not 1 <= len(name) <= 50:
            problems.append(f"item_details[{number}].name must be 1-50 characters")
        total += price * quantity
    if total != amount:
        problems.append("transaction_details.gross_amount is not equal to the sum of item_details")


def _acquirer(qris: Any, problems: list[str]) -> str:
    if qris is None:
        return ACQUIRERS[0]
    acquirer = qris.get("acquirer", ACQUIRERS[0]) if isinstance(qris, dict) else None
    if acquirer not in ACQUIRERS:
        problems.append(f"qris.acquirer must be one of {', '.join(ACQUIRERS)}")
        return ACQUIRERS[0]
    return str(acquirer)


def _expiry(wish: Any, now: datetime, problems: list[str]) -> datetime:
    if wish is None:
        return now + DEFAULT_VALIDITY
    if not isinstance(wish, dict):
        problems.append("custom_expiry must be an object")
        return now
    duration, unit = wish.get("expiry_duration"), wish.get("unit", "minute")
    if not isinstance(unit, str) or unit not in UNITS:
        problems.append(f"custom_expiry.unit must be one of {', '.join(UNITS)}")
        return now
    if not _whole(duration) or not 0 < duration <= LONGEST.total_seconds():
        problems.append("custom_expiry.expiry_duration must be a positive integer")
        return now
    validity = duration * UNITS[unit]
    if not SHORTEST <= validity <= LONGEST:
        problems.append("custom_expiry must be between 20 seconds and 180 days")
        return now
    start = _order_time(wish.get("order_time"), now, problems)
    if start + validity <= now:
        problems.append("custom_expiry lies in the past")
    return start + validity


def _order_time(text: Any, now: datetime, problems: list[str]) -> datetime:
    if text is None:
        return now
    try:
        start = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
    except (TypeError, ValueError):
        start = None
    # The window keeps start + validity within what a datetime can hold.
    if start is None or abs(start - now) > LONGEST:
        problems.append("custom_expiry.order_time must be a recent yyyy-MM-dd hh:mm:ss +0700")
        return now
    return start


def _extras(body: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    extras = {name: body[name] for name in ECHOED if body.get(name) is not None}
    for name, value in extras.items():
        if not isinstance(value, str) or len(value) > FIELD_LIMIT:
            problems.append(f"{name} must be a text of at most {FIELD_LIMIT} characters")
    metadata = body.get("metadata")
    if metadata is not None:
        if not isinstance(metadata, dict) or len(str(metadata)) > METADATA_LIMIT:
            problems.append(f"metadata must be an object of at most {METADATA_LIMIT} characters")
        extras["metadata"] = metadata
    return extras

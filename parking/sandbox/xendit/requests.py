"""The bodies of requests, read and judged (gateways.md 2.2, 2.7, 2.8). Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from parking.money import QRIS_LIMIT, Rupiah
from parking.sandbox.change import Wish
from parking.sandbox.xendit.answers import Denied

DEFAULT_VALIDITY = timedelta(hours=48)
PARTNERS = ("ID_DANA", "ID_LINKAJA")
LONGEST = 255
FIRST_RANGE = (1_500, 5_000_000)  # of the first generation
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z", re.ASCII)

# Amounts that test mode answers in a way of its own.
MAGIC_CODES = {
    10100: (403, "CHANNEL_NOT_ACTIVATED"),
    10101: (503, "CHANNEL_UNAVAILABLE"),
    10102: (500, "SERVER_ERROR"),
}
MAGIC_REFUNDS = {
    10300: (400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
    10301: (400, "PARTIAL_REFUND_NOT_SUPPORTED"),
    10303: (400, "REFUND_NOT_SUPPORTED"),
    10304: (400, "REFUND_IN_PROGRESS"),
    10305: (403, "INELIGIBLE_TRANSACTION"),
}
FAIL_LATER = range(20300, 20305)


def read_code(body: Any, now: datetime) -> Wish:
    """What POST /qr_codes asks of the second generation. Raises Denied naming every fault."""
    fields, problems = _object(body)
    reference = _text(fields, "reference_id", problems)
    if fields.get("type") != "DYNAMIC":
        problems.append("type must be DYNAMIC; this sandbox makes no STATIC codes")
    if fields.get("currency") != "IDR":
        problems.append("currency must be IDR")
    amount = _amount(fields, (1, QRIS_LIMIT), problems)
    expires_at = _expiry(fields.get("expires_at"), now, problems)
    partner = fields.get("channel_code", PARTNERS[0])
    if partner not in PARTNERS:
        problems.append(f"channel_code must be one of {', '.join(PARTNERS)}")
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        problems.append("metadata must be an object")
    _judge(amount, problems)
    extras = {"metadata": metadata, "description": fields.get("description")}
    terminal = str((metadata or {}).get("terminal", ""))
    return Wish(reference, Rupiah(amount), expires_at, str(partner), terminal, extras)


def read_first_code(body: Any, now: datetime) -> Wish:
    """The same of the first generation: other names, and an address of its own."""
    fields, problems = _object(body)
    reference = _text(fields, "external_id", problems)
    address = _text(fields, "callback_url", problems)
    if fields.get("type") != "DYNAMIC":
        problems.append("type must be DYNAMIC; this sandbox makes no STATIC codes")
    amount = _amount(fields, FIRST_RANGE, problems)
    _judge(amount, problems)
    extras = {"generation": 1, "callback_url": address}
    return Wish(reference, Rupiah(amount), now + DEFAULT_VALIDITY, PARTNERS[0], "", extras)


def read_refund(body: Any) -> tuple[Rupiah, str]:
    """Amount and reason. Raises Denied."""
    fields, problems = _object(body)
    amount = _amount(fields, (1, QRIS_LIMIT), problems)
    reason = _text(fields, "reason", problems) if "reason" in fields else ""
    if problems:
        raise _invalid(problems)
    if amount in MAGIC_REFUNDS:
        status, code = MAGIC_REFUNDS[amount]
        raise Denied(status, "A magic amount of test mode", code)
    return Rupiah(amount), reason


def _judge(amount: int, problems: list[str]) -> None:
    if problems:
        raise _invalid(problems)
    if amount in MAGIC_CODES:
        status, code = MAGIC_CODES[amount]
        raise Denied(status, "A magic amount of test mode", code)


def _invalid(problems: list[str]) -> Denied:
    return Denied(400, "There is invalid input in one of the required fields", "", problems)


def _object(body: Any) -> tuple[Mapping[str, Any], list[str]]:
    return (body, []) if isinstance(body, dict) else ({}, ["body must be an object"])


def _text(fields: Mapping[str, Any], name: str, problems: list[str]) -> str:
    text = fields.get(name)
    storable = isinstance(text, str) and not any("\ud800" <= char <= "\udfff" for char in text)
    if not storable or not isinstance(text, str) or not 1 <= len(text) <= LONGEST:
        problems.append(f"{name} must be a text of 1 to {LONGEST} characters")
        return ""
    return text


def _amount(fields: Mapping[str, Any], allowed: tuple[int, int], problems: list[str]) -> int:
    amount, (least, most) = fields.get("amount"), allowed
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    if not whole or not isinstance(amount, int) or not least <= amount <= most:
        problems.append(f"amount must be a whole number within range [{least}, {most}]")
        return 0
    return amount


def _expiry(text: Any, now: datetime, problems: list[str]) -> datetime:
    if text is None:
        return now + DEFAULT_VALIDITY
    try:
        if not isinstance(text, str) or not _TIME.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        if moment <= now:
            raise ValueError
    except ValueError:
        problems.append("expires_at must be a time to come, as 2026-02-14T01:30:30Z")
        return now + DEFAULT_VALIDITY
    return moment

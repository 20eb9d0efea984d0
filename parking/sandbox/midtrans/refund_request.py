"""The body of a refund request, read and judged (gateways.md 1.7). Pure."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from parking.money import Rupiah
from parking.sandbox.transactions import Refusal

REFUND_KEY = re.compile(r"[A-Za-z0-9_\-]{1,64}", re.ASCII)


def read_refund(body: Any) -> tuple[str, Rupiah | None, str]:
    """Key, amount (None: all of it) and reason. Raises Refusal 400 naming every fault."""
    problems = []
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {}
    if fields is not body:
        problems.append("body must be an object")
    key = fields.get("refund_key") or str(uuid.uuid4())
    amount, reason = fields.get("amount"), fields.get("reason", "")
    if not isinstance(key, str) or not REFUND_KEY.fullmatch(key):
        problems.append("refund_key must be 1-64 of A-Z a-z 0-9 - _")
    whole = isinstance(amount, int) and not isinstance(amount, bool)
    if amount is not None and not (whole and amount > 0):
        problems.append("amount must be a positive integer")
    if not isinstance(reason, str) or len(reason) > 255 or not _storable(reason):
        problems.append("reason must be a text of at most 255 characters")
    if problems:
        raise Refusal(400, "One or more parameters in the payload is invalid", problems)
    return key, None if amount is None else Rupiah(amount), reason


def _storable(text: str) -> bool:
    """Not half of a surrogate pair, which JSON can carry and UTF-8 cannot."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)

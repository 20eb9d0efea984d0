"""GET /transactions: what moved on an account, with its filters and pages (gateways.md 2.9)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from parking.sandbox import change, wording
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.parts import SandboxParts
from parking.sandbox.rows import payment_row
from parking.sandbox.state import EPOCH
from parking.sandbox.transactions import Refund, Transaction
from parking.sandbox.xendit import ids
from parking.sandbox.xendit.answers import Denied
from parking.sandbox.xendit.objects import JSON, refund_status, utc
from parking.sandbox.xendit.report import settles_at

MOST_A_PAGE = 50
USUAL_PAGE = 10
STATUS = {"SUCCEEDED": "SUCCESS", "PENDING": "PENDING", "FAILED": "FAILED"}


def movements(parts: SandboxParts, merchant: SandboxMerchant, query: Mapping[str, str]) -> JSON:
    """A page of them, the latest first. Raises Denied for a filter that is none."""
    limit = query.get("limit", str(USUAL_PAGE))
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_A_PAGE:
        raise Denied(400, f"limit must be 1 to {MOST_A_PAGE}")
    rows = [row for row in _rows(parts, merchant, query) if _fits(row, query)]
    rows.sort(key=lambda row: (row["created"], row["id"]), reverse=True)
    rest = after(rows, query.get("after_id"))
    page = rest[: int(limit)]
    return {"has_more": len(rest) > len(page), "data": page, "links": []}


def after(rows: Sequence[JSON], last: str | None) -> Sequence[JSON]:
    """Those behind the one that ended the page before."""
    names = [row["id"] for row in rows]
    return rows[names.index(last) + 1 :] if last in names else rows


def _rows(
    parts: SandboxParts, merchant: SandboxMerchant, query: Mapping[str, str]
) -> Iterator[JSON]:
    now, reference = parts.now(), query.get("reference_id")
    known = (
        parts.state.of_order(reference)
        if reference
        else parts.state.paid_between(merchant, EPOCH, now + timedelta(days=1))
    )
    for each in known:
        if (each.gateway, each.account) != (merchant.gateway, merchant.account):
            continue
        told = change.as_told(parts, each, now)
        if told.paid_at is not None:
            yield _payment(parts, told, merchant, now)
            yield from (_refund(told, refund, merchant) for refund in told.refunds)


def _payment(
    parts: SandboxParts, paid: Transaction, merchant: SandboxMerchant, now: datetime
) -> JSON:
    row, order = payment_row(paid, merchant), paid.order_id
    settled_at = settles_at(row)
    status = "SUCCESS" if paid.reversed_at is None else "REVERSED"
    if parts.faults.holds("status_unknown", order):
        status = "UNDER_REVIEW"
    body = _movement(paid, merchant, f"payment/{paid.transaction_id}", row.settled_at) | {
        "product_id": ids.bare_payment_id(paid.transaction_id),
        "type": "PAYMENT",
        "status": status,
        "amount": wording.money(parts, order, paid.amount),
        "net_amount": paid.amount - row.fee,
        "cashflow": "MONEY_IN",
        "settlement_status": "SETTLED" if settled_at <= now else "PENDING",
        "estimated_settlement_time": utc(settled_at),
        "fee": {
            "xendit_fee": row.fee, "value_added_tax": 0, "xendit_withholding_tax": 0,
            "third_party_withholding_tax": 0, "status": "COMPLETED",
        },
    }  # fmt: skip
    body["created"] = wording.time(parts, order, row.settled_at, body["created"])
    return body | wording.further(parts, order)


def _refund(paid: Transaction, refund: Refund, merchant: SandboxMerchant) -> JSON:
    """Of which product a refund is, they do not say: of its payment, or by the option
    refund_product=refund of itself."""
    own = ids.refund_id(paid.transaction_id, refund.chargeback_id)
    of_itself = merchant.options.get("refund_product") == "refund"
    product = own.removeprefix(ids.REFUND) if of_itself else None
    return _movement(paid, merchant, own, refund.made_at) | {
        "product_id": product or ids.bare_payment_id(paid.transaction_id),
        "type": "REFUND",
        "status": STATUS[refund_status(refund)],
        "amount": refund.amount,
        "net_amount": refund.amount,
        "cashflow": "MONEY_OUT",
        "settlement_status": None,
    }


def _movement(
    paid: Transaction, merchant: SandboxMerchant, what: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": ids.movement_id(what),
        "channel_category": "QR_CODE",
        "channel_code": paid.acquirer.removeprefix("ID_"),
        "account_identifier": None,
        "reference_id": paid.order_id,
        "currency": "IDR",
        "business_id": merchant.merchant_id,
        "created": utc(at),
        "updated": utc(at),
    }


def _fits(row: JSON, query: Mapping[str, str]) -> bool:
    for name, field in (
        ("types", "type"), ("statuses", "status"), ("channel_categories", "channel_category"),
        ("reference_id", "reference_id"), ("product_id", "product_id"),
    ):  # fmt: skip
        if name in query and row[field] not in query[name].split(","):
            return False
    bounds: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
        ("created[gte]", str.__ge__), ("created[lte]", str.__le__),
    )  # fmt: skip
    return all(holds(row["created"], query[name]) for name, holds in bounds if name in query)

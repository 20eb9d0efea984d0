"""DOKU's own API over HTTP: a code, and what became of it (gateways.md 4)."""

import hmac
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from parking.money import QRIS_LIMIT, Rupiah
from parking.sandbox import change, wording
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.doku.messages import created, description
from parking.sandbox.doku.signing import signed
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction
from parking.sandbox.transport import around_create, struck

LONGEST_ID = 128


def refused(code: int, message: str) -> Response:
    answer = jsonify(error={"code": f"http_{code}", "message": message})
    answer.status_code = code
    return answer


def doku_api(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint("doku", __name__, url_prefix="/doku")

    @routes.post("/qris/v1/payment-code")
    def generate() -> Response:
        try:
            merchant = _merchant(parts)
            wish = _wish(_json())
            return around_create(
                parts, wish.order_id, refused, lambda: _made(parts, courier, merchant, wish)
            )
        except Refusal as why:
            return refused(why.code, why.message)

    @routes.get("/orders/v1/status/<name>")
    def status(name: str) -> Response:
        try:
            merchant = _merchant(parts)
            found = _found(parts, merchant, name)
            if fault := struck(parts, found.order_id if found else name, refused):
                return fault
            if found is None:
                raise Refusal(404, "Order not found")
            return jsonify(_status(parts, found))
        except Refusal as why:
            return refused(why.code, why.message)

    return routes


def _made(
    parts: SandboxParts, courier: Courier, merchant: SandboxMerchant, wish: change.Wish
) -> Response:
    """A Request-Id that was used before is answered 409 with the first body."""
    first = _by_request(parts, merchant, wish.extras["request_id"])
    if first is not None:
        again = jsonify(created(first))
        again.status_code = 409
        return again
    usual = parts.callback_url(merchant)
    name = _name(merchant, wish.extras["request_id"])
    try:
        made = change.make(parts, merchant, wish, [usual] if usual else [], parts.now(), name)
    except Refusal as why:
        raise Refusal(409, "Invoice number already exists") from why
    if overtaking := parts.faults.strike("callback_overtakes_create", made.order_id):
        if overtaking.value == "settlement":
            change.pay(parts, made, change.Payment(), parts.now())
        courier.deliver_now()
    answer = created(made)
    if parts.faults.holds("missing_qr_string", made.order_id):
        del answer["qris_info"]["qr_string"]
    if parts.faults.holds("missing_expiry_time", made.order_id):
        del answer["qris_info"]["expired_date_utc"]
    return jsonify(answer)


def _status(parts: SandboxParts, found: Transaction) -> dict[str, Any]:
    order, told = found.order_id, change.as_told(parts, found, parts.now())
    body = description(told)
    if parts.faults.holds("status_unknown", order):
        body["transaction"]["status"] = "ON_REVIEW"
    if parts.faults.holds("status_upper_case", order):
        body["transaction"]["status"] = body["transaction"]["status"].lower()
    body["order"]["amount"] = wording.money(parts, order, body["order"]["amount"])
    happened, usual = told.paid_at or told.created_at, body["transaction"]["date"]
    body["transaction"]["date"] = wording.time(parts, order, happened, usual)
    return body | wording.further(parts, order)


def _found(parts: SandboxParts, merchant: SandboxMerchant, name: str) -> Transaction | None:
    """By invoice number or by the id of the request that made it."""
    found = change.find(parts, name, parts.now(), merchant)
    return found or _by_request(parts, merchant, name)


def _by_request(
    parts: SandboxParts, merchant: SandboxMerchant, request_id: str
) -> Transaction | None:
    return change.find(parts, _name(merchant, request_id), parts.now(), merchant)


def _name(merchant: SandboxMerchant, request_id: str) -> str:
    """A transaction is called after the request that made it, which is the merchant's choice."""
    return f"{merchant.path}/{request_id}"


def _merchant(parts: SandboxParts) -> SandboxMerchant:
    """Whose signature it is. Raises Refusal 401."""
    head = request.headers
    body = request.get_data() if request.method == "POST" else None
    for merchant in parts.merchants("doku"):
        target = request.path.removeprefix("/doku")
        right = signed(
            merchant.server_key, merchant.merchant_id, head.get("Request-Id", ""),
            head.get("Request-Timestamp", ""), target, body,
        )  # fmt: skip
        if head.get("Client-Id") == merchant.merchant_id and hmac.compare_digest(
            right.encode(), head.get("Signature", "").encode()
        ):
            return merchant
    raise Refusal(401, "Invalid Header Signature")


def _json() -> Any:
    try:
        return request.get_json()
    except BadRequest as error:
        raise Refusal(400, "Invalid JSON") from error


def _wish(body: Any) -> change.Wish:
    """Raises Refusal 400 naming the first thing that is wrong."""
    order = body.get("order") if isinstance(body, dict) else None
    info = body.get("qris_info") if isinstance(body, dict) else None
    if not isinstance(order, dict) or not isinstance(info, dict):
        raise Refusal(400, "order and qris_info are mandatory")
    invoice, amount = order.get("invoice_number"), order.get("amount")
    if not isinstance(invoice, str) or not 1 <= len(invoice) <= 64:
        raise Refusal(400, "order.invoice_number must be 1-64 characters")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= QRIS_LIMIT:
        raise Refusal(400, f"order.amount must be an integer, 1 to {QRIS_LIMIT}")
    request_id = request.headers.get("Request-Id", "")
    if not 1 <= len(request_id) <= LONGEST_ID:
        raise Refusal(400, f"Request-Id must be 1-{LONGEST_ID} characters")
    return change.Wish(
        invoice, Rupiah(amount), _moment(info.get("expired_date_utc")), "doku",
        str(info.get("terminal_label", "")), {"request_id": request_id},
    )  # fmt: skip


def _moment(text: Any) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise Refusal(400, "qris_info.expired_date_utc must be yyyy-MM-ddTHH:mm:ssZ") from error

"""Midtrans' Core API for QRIS over HTTP (gateways.md 1)."""

import hmac
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from parking.qris import symbol
from parking.sandbox import change
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.midtrans import answers
from parking.sandbox.midtrans.charge_request import read_charge
from parking.sandbox.midtrans.notifications import money
from parking.sandbox.midtrans.refund_request import read_refund
from parking.sandbox.once import Once, StillRunning
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction
from parking.sandbox.transport import around_create, struck

MOST_ADDRESSES = 3
JSON = dict[str, Any]


def midtrans_api(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint("midtrans", __name__, url_prefix="/midtrans")
    once = Once(parts.state)

    @routes.post("/v2/charge")
    def charge() -> Response:
        return _charge(parts, courier, once)

    @routes.get("/v2/<name>/status")
    def status(name: str) -> Response:
        return _of_transaction(parts, once, name, partial(_status, parts))

    @routes.post("/v2/<name>/cancel")
    def cancel(name: str) -> Response:
        return _of_transaction(parts, once, name, partial(_cancel, parts))

    @routes.post("/v2/<name>/expire")
    def expire(name: str) -> Response:
        return _of_transaction(parts, once, name, partial(_expire, parts))

    @routes.post("/v2/<name>/refund")
    @routes.post("/v2/<name>/refund/online/direct")
    def refund(name: str) -> Response:
        return _of_transaction(parts, once, name, partial(_refund, parts))

    @routes.get("/v2/qris/<theirs>/qr-code")
    @routes.get("/v4/qris/<theirs>/qr-code")
    def picture(theirs: str) -> Response:
        found = parts.state.find(theirs)
        if found is None or found.transaction_id != theirs:
            return answers.refusal(parts, Refusal(404, "Transaction doesn't exist."), theirs)
        return Response(symbol.png(found.qr_text), mimetype="image/png")

    return routes


def _charge(parts: SandboxParts, courier: Courier, once: Once) -> Response:
    order = ""
    try:
        merchant, body = _merchant(parts), _json()
        order = _order_in(body)
        key = request.headers.get("Idempotency-Key", "")

        def make() -> Response:
            new = partial(_make, parts, courier, merchant, body)
            return jsonify(once.run(merchant.path, key, parts.now(), new))

        return around_create(parts, order, answers.http_refusal, make)
    except StillRunning:
        return answers.still_running()
    except Refusal as why:
        return answers.refusal(parts, why, order)


def _make(parts: SandboxParts, courier: Courier, merchant: SandboxMerchant, body: JSON) -> JSON:
    wish, now = read_charge(body, parts.now()), parts.now()
    made = change.make(parts, merchant, wish, _addresses(parts, merchant), now)
    order = made.order_id
    if overtaking := parts.faults.strike("callback_overtakes_create", order):
        if overtaking.value == "settlement":
            change.pay(parts, made, change.Payment(), parts.now())
        courier.deliver_now()
    answer = answers.charge_answer(made, merchant.merchant_id)
    for fault, name in (("missing_qr_string", "qr_string"), ("missing_expiry_time", "expiry_time")):
        if parts.faults.holds(fault, order):
            del answer[name]
    return answer


def _of_transaction(parts: SandboxParts, once: Once, name: str, act: Any) -> Response:
    """The answer to a call about one transaction of the merchant who asks."""
    order = name
    try:
        merchant = _merchant(parts)
        found = change.find(parts, name, parts.now(), merchant)
        order = found.order_id if found else name
        if fault := struck(parts, order, answers.http_refusal):
            return fault
        if found is None:
            foreign = parts.state.find(name) is not None
            raise _not_yours() if foreign else Refusal(404, "Transaction doesn't exist.")
        key = "" if request.method == "GET" else request.headers.get("Idempotency-Key", "")
        return jsonify(once.run(merchant.path, key, parts.now(), partial(act, found)))
    except StillRunning:
        return answers.still_running()
    except Refusal as why:
        return answers.refusal(parts, why, order)


def _status(parts: SandboxParts, found: Transaction) -> JSON:
    return answers.status_answer(parts, change.as_told(parts, found, parts.now()))


def _cancel(parts: SandboxParts, found: Transaction) -> JSON:
    done = change.cancel(parts, found, parts.now())
    message = "Success, transaction is canceled"
    return answers.done_answer(parts, done, "200", message)


def _expire(parts: SandboxParts, found: Transaction) -> JSON:
    done = change.expire(parts, found, parts.now())
    message = "Success, transaction has expired"
    return answers.done_answer(parts, done, "407", message)


def _refund(parts: SandboxParts, found: Transaction) -> JSON:
    key, amount, reason = read_refund(_json())
    after, agreed = change.refund(parts, found, key, amount, reason, parts.now())
    if not agreed:
        no = answers.done_answer(parts, after, "202", "Refund denied by the bank")
        return no | {"refund_amount": money(0)}
    made = after.refunds[-1]
    yes = "Success, refund request is approved by the bank"
    return answers.done_answer(parts, after, "200", yes) | {
        "refund_amount": money(made.amount),
        "refund_chargeback_id": made.chargeback_id,
        "refund_key": made.key,
    }


def _merchant(parts: SandboxParts) -> SandboxMerchant:
    """Whose key it is. Raises Refusal 401."""
    given = request.authorization
    shown = (given.username or "") if given and given.type == "basic" else ""
    for merchant in parts.merchants("midtrans"):
        if hmac.compare_digest(shown.encode(), merchant.server_key.encode()):
            return merchant
    raise _not_yours()


def _not_yours() -> Refusal:
    return Refusal(401, "Transaction cannot be authorized with the current client/server key.")


def _json() -> Any:
    """Raises Refusal: 403 for another content type, 413 for what is no JSON (gateways.md 1.4)."""
    if not request.is_json:
        raise Refusal(403, "The requested content type is not supported: use application/json")
    try:
        return request.get_json()
    except BadRequest as error:
        raise Refusal(413, "The request cannot be processed due to malformed syntax") from error


def _order_in(body: Any) -> str:
    details = body.get("transaction_details") if isinstance(body, dict) else None
    order = details.get("order_id") if isinstance(details, dict) else None
    return order if isinstance(order, str) else ""


def _addresses(parts: SandboxParts, merchant: SandboxMerchant) -> list[str]:
    """Where notifications of this charge go; the merchant's two headers change it."""
    override = _listed("X-Override-Notification")
    if override:
        return override
    usual = parts.callback_url(merchant)
    return ([usual] if usual else []) + _listed("X-Append-Notification")


def _listed(header: str) -> list[str]:
    urls = [url.strip() for url in request.headers.get(header, "").split(",") if url.strip()]
    return [url for url in urls if url.startswith(("http://", "https://"))][:MOST_ADDRESSES]

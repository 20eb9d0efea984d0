"""Xendit's QR codes over HTTP, both generations (gateways.md 2)."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from parking.money import Rupiah
from parking.sandbox import change, wording
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.faults import FaultWish
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction
from parking.sandbox.transport import around_create, struck
from parking.sandbox.xendit import ids
from parking.sandbox.xendit.answers import Denied, denial, http_denial, of_refund
from parking.sandbox.xendit.movements import MOST_A_PAGE, after, movements
from parking.sandbox.xendit.objects import (
    JSON,
    SECOND,
    first_payment_object,
    payment_object,
    qr_object,
    refund_object,
)
from parking.sandbox.xendit.requests import (
    FAIL_LATER,
    MAGIC_REFUNDS,
    read_code,
    read_first_code,
    read_refund,
)

NAME = "xendit"


def xendit_api(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint(NAME, __name__, url_prefix=f"/{NAME}")

    routes.register_error_handler(Denied, denial)
    _about_codes(routes, parts, courier)
    _about_money(routes, parts)
    return routes


def _about_codes(routes: Blueprint, parts: SandboxParts, courier: Courier) -> None:
    @routes.post("/qr_codes")
    def create() -> Response:
        return _create(parts, courier)

    @routes.get("/qr_codes/<name>")
    def code(name: str) -> Response:
        """By its id; in the first generation by the merchant's own."""
        return _of_code(parts, name, lambda found, merchant: _code(parts, found, merchant))

    @routes.get("/qr_codes/<name>/payments")
    def payments(name: str) -> Response:
        return _of_code(parts, name, lambda found, merchant: _payments(parts, found, merchant))

    @routes.get("/qr_codes/payments")
    def first_payments() -> Response:
        """?external_id=: the payments of the first generation."""
        name = request.args.get("external_id", "")
        return _of_code(parts, name, lambda found, merchant: _first_payments(parts, found))


def _about_money(routes: Blueprint, parts: SandboxParts) -> None:
    @routes.post("/qr_codes/<name>/payments/simulate")
    def simulate(name: str) -> Response:
        """{amount}: a payer pays, in test mode."""
        return _of_code(parts, name, lambda found, merchant: _simulate(parts, found, merchant))

    @routes.post("/qr_codes/payments/<payment>/refunds")
    def refund(payment: str) -> Response:
        return _refund(parts, payment)

    @routes.post("/refunds")
    def other_refund() -> Response:
        """That of their other products, which takes no payments of QR codes."""
        _merchant(parts)
        raise Denied(403, "Refunds of QR codes go another way", "REFUND_NOT_SUPPORTED")

    @routes.get("/transactions")
    def transactions() -> Response:
        merchant, query = _merchant(parts), request.args.to_dict()
        if fault := struck(parts, query.get("reference_id", ""), http_denial):
            return fault
        return jsonify(movements(parts, merchant, query))


def _create(parts: SandboxParts, courier: Courier) -> Response:
    merchant, body, is_second = _merchant(parts), _json(), _is_second()
    name = "reference_id" if is_second else "external_id"
    named = body.get(name) if isinstance(body, dict) else None
    order = named if isinstance(named, str) else ""
    return around_create(
        parts, order, http_denial, lambda: _make(parts, courier, merchant, body, is_second)
    )


def _make(
    parts: SandboxParts, courier: Courier, merchant: SandboxMerchant, body: Any, is_second: bool
) -> Response:
    """An idempotency key changes nothing here: whether it does at theirs nobody has verified."""
    now, qr_id = parts.now(), ids.new_qr()
    wish = (read_code if is_second else read_first_code)(body, now)
    # Kept beside it, so that a further payment of the code, a transaction of its own, names it.
    wish = replace(wish, extras={**wish.extras, "qr_id": qr_id})
    try:
        made = change.make(parts, merchant, wish, _addresses(parts, merchant, wish), now, qr_id)
    except Refusal as why:
        raise Denied(409, "There is already a QR code with this reference") from why
    if overtaking := parts.faults.strike("callback_overtakes_create", made.order_id):
        if overtaking.value == "settlement":
            change.pay(parts, made, change.Payment(), parts.now())
        courier.deliver_now()
    shown = qr_object(made, merchant, now)
    for fault, name in (("missing_qr_string", "qr_string"), ("missing_expiry_time", "expires_at")):
        if parts.faults.holds(fault, made.order_id):
            shown.pop(name, None)
    answer = jsonify(shown)
    usual = "201" if is_second else "200"
    answer.status_code = int(merchant.options.get("created", usual))
    return answer


def _of_code(
    parts: SandboxParts, name: str, act: Callable[[Transaction, SandboxMerchant], JSON]
) -> Response:
    """The answer to a call about one code of the merchant who asks."""
    merchant = _merchant(parts)
    found = change.find(parts, name, parts.now(), merchant)
    if fault := struck(parts, found.order_id if found else name, http_denial):
        return fault
    if found is None or name != (found.transaction_id if _is_second() else found.order_id):
        raise Denied(404, "Could not find the QR code")
    return jsonify(act(found, merchant))


def _code(parts: SandboxParts, found: Transaction, merchant: SandboxMerchant) -> JSON:
    now = parts.now()
    told = change.as_told(parts, found, now)
    updated = min(now, told.expires_at) if told.paid_at is None else told.paid_at
    shown = qr_object(told, merchant, updated)
    if parts.faults.holds("status_unknown", found.order_id):
        shown["status"] = "UNDER_REVIEW"
    return shown | wording.further(parts, found.order_id)


def _payments(parts: SandboxParts, found: Transaction, merchant: SandboxMerchant) -> JSON:
    limit = request.args.get("limit", MOST_A_PAGE, type=int)
    shown = [_payment(parts, paid, found, merchant) for paid in _paid(parts, found)]
    rest = after(shown, request.args.get("after_id"))
    return {"data": rest[:limit], "has_more": len(rest) > limit}


def _payment(
    parts: SandboxParts, paid: Transaction, code: Transaction, merchant: SandboxMerchant
) -> JSON:
    order, shown = paid.order_id, payment_object(paid, code.transaction_id, merchant)
    if parts.faults.holds("status_unknown", order):
        shown["status"] = "UNDER_REVIEW"
    shown["amount"] = wording.money(parts, order, shown["amount"])
    if paid.paid_at is not None:
        shown["created"] = wording.time(parts, order, paid.paid_at, shown["created"])
    return shown | wording.further(parts, order)


def _first_payments(parts: SandboxParts, found: Transaction) -> JSON:
    shown = [first_payment_object(paid, found.transaction_id) for paid in _paid(parts, found)]
    return {"data": shown, "has_more": False}


def _paid(parts: SandboxParts, code: Transaction) -> list[Transaction]:
    """The payments of a code, as an inquiry tells them: usually one, sadly two."""
    now = parts.now()
    same = [each for each in parts.state.of_order(code.order_id) if each.qr_text == code.qr_text]
    told = [change.as_told(parts, each, now) for each in same]
    return [each for each in told if each.paid_at is not None]


def _simulate(parts: SandboxParts, found: Transaction, merchant: SandboxMerchant) -> JSON:
    body = _json()
    amount = body.get("amount", found.asked) if isinstance(body, dict) else None
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        raise Denied(400, "amount must be a whole number")
    try:
        paid = change.pay(parts, found, change.Payment(amount=Rupiah(amount)), parts.now())
    except Refusal as why:
        raise Denied(400, why.message, "INACTIVE_QR_CODE") from why
    return payment_object(paid, found.transaction_id, merchant)


def _refund(parts: SandboxParts, payment: str) -> Response:
    """Their SDKs know an idempotency key for refunds: with the same it is the same refund."""
    merchant, now = _merchant(parts), parts.now()
    names = (change.find(parts, each, now, merchant) for each in ids.transaction_ids(payment))
    found = next(filter(None, names), None)
    if fault := struck(parts, found.order_id if found else payment, http_denial):
        return fault
    amount, reason = read_refund(_json())
    if found is None:
        raise Denied(404, "Could not find the payment")
    key = request.headers.get("idempotency-key") or f"none-{parts.state.next_refund_id()}"
    again = [each for each in found.refunds if each.key == key]
    if again:
        return jsonify(refund_object(found, again[0]))
    if any(each.confirmed_at is None and each.failed_at is None for each in found.refunds):
        raise Denied(*_in_progress())
    return jsonify(_give_back(parts, found, key, amount, reason))


def _in_progress() -> tuple[int, str, str]:
    status, code = MAGIC_REFUNDS[10304]
    return status, "Another refund of this payment is in progress", code


def _give_back(
    parts: SandboxParts, found: Transaction, key: str, amount: Rupiah, reason: str
) -> JSON:
    if amount in FAIL_LATER:
        parts.faults.add(FaultWish("refund_fails_later", NAME, found.order_id, times=1))
    try:
        refunded, agreed = change.refund(parts, found, key, amount, reason, parts.now())
    except Refusal as why:
        raise of_refund(why) from why
    if not agreed:
        raise Denied(403, "The issuer denied the refund", "INELIGIBLE_TRANSACTION")
    return refund_object(refunded, refunded.refunds[-1])


def _merchant(parts: SandboxParts) -> SandboxMerchant:
    """Whose key it is. Raises Denied 401."""
    given = request.authorization
    shown = (given.username or "") if given and given.type == "basic" else ""
    for merchant in parts.merchants(NAME):
        if hmac.compare_digest(shown.encode(), merchant.server_key.encode()):
            return merchant
    raise Denied(401, "API key is not authorized for this API service")


def _is_second() -> bool:
    """Which generation is asked: without the header it is the first (gateways.md 0.2, trap 7)."""
    wanted = request.headers.get("api-version", "")
    if wanted not in ("", SECOND):
        raise Denied(400, f"api-version {wanted} is not offered by this sandbox")
    return wanted == SECOND


def _json() -> Any:
    try:
        return request.get_json(force=True)
    except BadRequest as error:
        raise Denied(400, "The body is no JSON", "INVALID_JSON_FORMAT") from error


def _addresses(parts: SandboxParts, merchant: SandboxMerchant, wish: change.Wish) -> list[str]:
    """Where callbacks of a code go: the code's own, the request's, or the dashboard's."""
    own = wish.extras.get("callback_url") or request.headers.get("webhook-url")
    url = str(own) if own else parts.callback_url(merchant)
    return [url] if url.startswith(("http://", "https://")) else []

"""DOKU's own API (not its SNAP one): HMAC-SHA256 over headers and digest (gateways.md 4).

DOKU documents how every product of this API signs, notifies, and tells a status; for
QRIS it documents codes over SNAP alone (profile "doku" there). Where a code is asked for
is therefore a word of the account's profile, `issue_path`, which DOKU names to the
merchant; the shape of that call follows its other products. It offers neither
cancelling nor refunds: a code ends by its time, and money goes back by hand.
"""

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from parking.business_day import FIRST_DAY, LAST_DAY, business_day
from parking.errors import (
    BadInput,
    CallbackNotAuthentic,
    GatewayError,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
    ParkingError,
)
from parking.gateways.http import HURRY, Answer, Http, Limits, reading
from parking.gateways.json_text import read_object
from parking.gateways.protocol import (
    Access,
    Authenticated,
    Callback,
    Evidence,
    IssuedQr,
    Level,
    Merchant,
    QrRequest,
    Receipt,
    Reference,
    RefundAnswer,
    RefundRequest,
    RefundState,
    Reply,
    Report,
    State,
    Trust,
)
from parking.gateways.read_mapped import read_shipped
from parking.gateways.replies import body_key, plain_reply
from parking.money import Rupiah, rupiah_told

PRODUCTION_URL = "https://api.doku.com"
ISSUE_PATH = "/qris/v1/payment-code"
STATUS_PATH = "/orders/v1/status"
WORDS = frozenset({"issue_path"})  # that a profile may say
# A notification that is older is not doubted, but asked about (reliability.md 4.3).
FRESH = timedelta(minutes=10)

STATE_OF = {
    "PENDING": State.PENDING,
    "SUCCESS": State.PAID,
    "EXPIRED": State.EXPIRED,
    "FAILED": State.FAILED,
}

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_REF = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def connect(merchant: Merchant, access: Access) -> "Doku":
    """Raises ParkingError for a word in the profile that nobody here knows."""
    if odd := sorted(set(access.profile) - WORDS):
        raise ParkingError(f"doku/{merchant.account}: profil tidak mengenal {', '.join(odd)}")
    return Doku(merchant, access)


class Doku:
    """A merchant account at DOKU; its merchant id there is the Client-Id."""

    def __init__(self, merchant: Merchant, access: Access, limits: Limits | None = None) -> None:
        self._merchant = merchant
        self._keys = tuple(access.keys)
        self._issue_path = access.profile.get("issue_path", ISSUE_PATH)
        # What a notification's Request-Target may be: the path we told them.
        self._told_path = urlsplit(access.callback_url).path
        self._http = Http("doku", access.url or PRODUCTION_URL, {}, limits)

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    @property
    def gives_back(self) -> bool:
        return False

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        """Asked again it is the same code: the Request-Id is made of our name for it, and DOKU
        answers a repeated one with 409 and the first body.
        """
        wish = {
            "order": {"invoice_number": request.ours, "amount": request.amount},
            "qris_info": {
                "expired_date_utc": moment_text(request.expires_at),
                "terminal_label": request.terminal,
                "info": request.description[:50],
            },
        }
        answer = self._call("POST", self._issue_path, wish, _request_id(request.ours), HURRY)
        fields = _fields(answer)
        if answer.status >= 400 and not (answer.status == 409 and "qris_info" in fields):
            raise _refusal(answer, fields)
        with reading(f"doku QR {request.ours}"):
            _same_order(fields, request.ours, request.amount)
            info = fields["qris_info"]
            expires_at = info.get("expired_date_utc")
            return IssuedQr(
                theirs=_request_id(request.ours),
                payload=info.get("qr_string") or None,
                expires_at=read_moment(expires_at) if expires_at else None,
            )

    def recover_qr(self, reference: Reference) -> str | None:
        """The status does not tell the text."""
        return None

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        name = reference.theirs or reference.ours
        path = f"{STATUS_PATH}/{quote(name, safe='')}"
        answer = self._call("GET", path, None, uuid.uuid4().hex)
        fields = _fields(answer)
        if answer.status == 404:
            return ()
        if answer.status >= 400:
            raise _refusal(answer, fields)
        with reading(f"doku status {reference.ours}"):
            _same_order(fields, reference.ours)
            return (self._evidence(fields, Trust.PROOF),)

    def cancel(self, reference: Reference) -> State:
        return next((e.state for e in self.inquire(reference)), State.UNKNOWN)

    def expire(self, reference: Reference) -> State:
        return self.cancel(reference)

    def refund(self, request: RefundRequest) -> RefundAnswer:
        return RefundAnswer(RefundState.REFUSED, why="DOKU tidak menyediakan refund QRIS lewat API")

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        return RefundAnswer(RefundState.UNKNOWN)

    def serve(self, callback: Callback) -> Reply | None:
        return None

    def authenticate(self, callback: Callback) -> Authenticated:
        """FULL: the digest covers the body, the signature the digest, the time and the path."""
        try:
            fields = read_object(callback.body)
        except BadInput as error:
            return Authenticated(Level.MALFORMED, body_key("malformed", callback.body), str(error))
        if not self._is_signed(callback):
            return Authenticated(Level.NONE, body_key("none", callback.body), "tanda tangan salah")
        key = body_key(str(fields.get("transaction")), callback.body)
        return Authenticated(Level.FULL, key, about=_order_of(fields))

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        return plain_reply(receipt)

    def read_callback(self, callback: Callback) -> Evidence:
        """Proof, unless it was signed long before it came: then the gateway is asked."""
        try:
            fields = read_object(callback.body)
        except BadInput as error:
            raise GatewayUnreadable(f"doku callback: {error}") from error
        if not self._is_signed(callback):
            raise CallbackNotAuthentic("doku callback: tanda tangan salah")
        with reading(f"doku callback {_order_of(fields)}"):
            signed_at = read_moment(callback.header("Request-Timestamp"))
            is_fresh = abs(callback.at - signed_at) <= FRESH
            return self._evidence(fields, Trust.PROOF if is_fresh else Trust.HEARSAY)

    def read_report(self, content: bytes) -> Sequence[Report]:
        """Its dashboard's export: DOKU documents no layout, so an account may have another."""
        return read_shipped(["doku"], content, self._merchant)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, request_id: str,
        limits: Limits | None = None,
    ) -> Answer:  # fmt: skip
        """Serialised once: the bytes that are signed are the bytes that are sent."""
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        at = moment_text(datetime.now(UTC))
        headers = {
            "Client-Id": self._merchant.merchant_id,
            "Request-Id": request_id,
            "Request-Timestamp": at,
        }
        signed = component(self._merchant.merchant_id, request_id, at, path, content)
        headers["Signature"] = signature(signed, self._keys[0])
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._http.call(method, path, content, headers, limits)

    def _is_signed(self, callback: Callback) -> bool:
        """By any of our keys, over any path that the notification may have been sent to."""
        client, request_id, at, given = (
            callback.header(name)
            for name in ("Client-Id", "Request-Id", "Request-Timestamp", "Signature")
        )
        right = [
            signature(component(client, request_id, at, path, callback.body), key)
            for path in dict.fromkeys([callback.path, self._told_path])
            for key in self._keys
        ]
        ours = hmac.compare_digest(client.encode(), self._merchant.merchant_id.encode())
        # All are compared, so that the time taken does not tell which of them fits.
        return (
            sum(hmac.compare_digest(given.encode(), each.encode()) for each in right) > 0 and ours
        )

    def _evidence(self, fields: Mapping[str, Any], trust: Trust) -> Evidence:
        """Raises KeyError, TypeError or ValueError if a field is missing or malformed."""
        transaction, order = fields["transaction"], fields["order"]
        ref = transaction["original_request_id"]
        if not _REF.fullmatch(ref):
            raise ValueError(f"original_request_id {ref!r}")
        return Evidence(
            gateway=self._merchant.gateway,
            account=self._merchant.account,
            ours=order["invoice_number"],
            payment_ref=ref,
            state=STATE_OF.get(transaction["status"], State.UNKNOWN),
            amount=rupiah_told(order["amount"]),
            at=read_moment(transaction["date"]),
            trust=trust,
            merchant_id=self._merchant.merchant_id,
            issuer=_issuer_of(fields),
        )


def component(client: str, request_id: str, at: str, path: str, body: bytes | None) -> str:
    """What is signed: five lines, or four where there is no body to digest (gateways.md 4)."""
    lines = [
        f"Client-Id:{client}", f"Request-Id:{request_id}", f"Request-Timestamp:{at}",
        f"Request-Target:{path}",
    ]  # fmt: skip
    if body is not None:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        lines.append(f"Digest:{digest}")
    return "\n".join(lines)


def signature(signed: str, key: str) -> str:
    made = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"HMACSHA256={base64.b64encode(made).decode()}"


def moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def read_moment(text: str) -> datetime:
    """Their times are UTC and say so."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError(f"not a time: {text!r}")
    moment = datetime.fromisoformat(text)
    if not FIRST_DAY <= business_day(moment) <= LAST_DAY:
        raise ValueError(f"no day of a QRIS payment: {text!r}")
    return moment


def _request_id(ours: str) -> str:
    return f"chg-{ours}"


def _fields(answer: Answer) -> dict[str, Any]:
    """Their object; a no without one is a no all the same."""
    fields = answer.fields()
    if answer.status in (401, 403):
        raise GatewayUnauthorised(f"{answer.what}: {_why(fields)}")
    return fields


def _refusal(answer: Answer, fields: Mapping[str, Any]) -> GatewayError:
    if answer.status == 409:  # an order of that name is there, by another request
        return GatewayUnavailable(f"{answer.what}: sudah ada di sana")
    return GatewayRefused(f"{answer.what}: HTTP {answer.status} {_why(fields)}")


def _why(fields: Mapping[str, Any]) -> str:
    error = fields.get("error")
    return str(error.get("message", "")) if isinstance(error, dict) else ""


def _same_order(fields: Mapping[str, Any], ours: str, amount: Rupiah | None = None) -> None:
    """Raises ValueError if they speak of another order or amount (F28)."""
    order = fields["order"]
    if order["invoice_number"] != ours:
        raise ValueError(f"asked about {ours}, told of {order['invoice_number']!r}")
    if amount is not None and rupiah_told(order["amount"]) != amount:
        raise ValueError(f"amount {order['amount']!r}, not {amount}")


def _issuer_of(fields: Mapping[str, Any]) -> str:
    acquirer = fields.get("acquirer")
    return str(acquirer.get("id", "")) if isinstance(acquirer, dict) else ""


def _order_of(fields: Mapping[str, Any]) -> str:
    order = fields.get("order")
    name = order.get("invoice_number") if isinstance(order, dict) else None
    return name if isinstance(name, str) else ""

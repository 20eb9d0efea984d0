"""Midtrans Core API, QRIS: its words on one side, ours on the other (gateways.md 1)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from parking.business_day import FIRST_DAY, LAST_DAY, WIB, wib
from parking.errors import (
    BadInput,
    CallbackNotAuthentic,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
)
from parking.gateways.http import HURRY, Answer, Http, Limits, reading
from parking.gateways.json_text import read_object
from parking.gateways.midtrans_report import read_report
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
from parking.gateways.qr_picture import read_qr_picture
from parking.gateways.replies import body_key, plain_reply
from parking.money import Rupiah, read_rupiah

PRODUCTION_URL = "https://api.midtrans.com"

STATE_OF = {
    "pending": State.PENDING,
    "settlement": State.PAID,
    "capture": State.PAID,
    "expire": State.EXPIRED,
    "cancel": State.CANCELLED,
    "deny": State.FAILED,
    "failure": State.FAILED,
    "partial_refund": State.PARTLY_REFUNDED,
    "refund": State.REFUNDED,
    # A part taken back is a part taken back, whoever asked for it.
    "partial_chargeback": State.PARTLY_REFUNDED,
    "chargeback": State.REVERSED,
}

FOUND = {"200", "201", "202", "407"}  # codes of a transaction that exists; 407: it has expired

# What may be in a callback that we hash. The code has three digits and is a known one, the
# amount begins with no zero: without that ("P-12", "200") and ("P-1", "2200") sign alike.
_CODE, _AMOUNT = r"(?:20[0-2]|407)", r"[1-9][0-9]{0,11}\.[0-9]{2}"
_GUARDS = {
    "order_id": re.compile(r"[A-Za-z0-9_~.-]{1,50}"),
    "status_code": re.compile(_CODE),
    "gross_amount": re.compile(_AMOUNT),
    "signature_key": re.compile(r"[0-9A-Fa-f]{128}"),
    "transaction_id": re.compile(r"[A-Za-z0-9_.-]{1,64}"),
    "transaction_status": re.compile(r"[A-Za-z_]{1,32}"),
}
_READINGS = re.compile(rf"(?={_CODE}{_AMOUNT}\Z)")
_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def connect(merchant: Merchant, access: Access) -> "Midtrans":
    return Midtrans(merchant, access.url or PRODUCTION_URL, access.keys)


class Midtrans:
    """A merchant account at Midtrans.

    Several server keys while one is exchanged: the first signs what we send, each
    is accepted in a callback.
    """

    def __init__(
        self,
        merchant: Merchant,
        base_url: str,
        server_keys: Sequence[str],
        limits: Limits | None = None,
    ) -> None:
        self._merchant = merchant
        self._keys = tuple(server_keys)
        user = base64.b64encode(f"{self._keys[0]}:".encode()).decode()
        headers = {"Authorization": f"Basic {user}", "Accept": "application/json"}
        self._http = Http("midtrans", base_url, headers, limits)

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    @property
    def gives_back(self) -> bool:
        return True

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        # Five minutes long the same key gives the same answer again (gateways.md 1.9).
        once = {"Idempotency-Key": f"chg-{request.ours}"}
        code, fields = self._ask("POST", "/v2/charge", charge_body(request), once, HURRY)
        if code == "406":
            raise GatewayUnavailable(f"midtrans: {request.ours} sudah ada di sana")
        if code not in ("200", "201"):
            raise _refusal(fields)
        self._same_order(fields, request.ours)
        with reading(f"midtrans QR {request.ours}"):
            if read_rupiah(fields["gross_amount"]) != request.amount:
                raise ValueError(f"gross_amount {fields['gross_amount']}, not {request.amount}")
            expires_at = fields.get("expiry_time")
            return IssuedQr(
                theirs=_guarded(fields, "transaction_id"),
                payload=_text(fields, "qr_string") or None,
                expires_at=read_time(expires_at) if expires_at else None,
            )

    def recover_qr(self, reference: Reference) -> str | None:
        """Read from their picture: the status answer does not tell the text."""
        theirs = reference.theirs or next((e.payment_ref for e in self.inquire(reference)), None)
        if theirs is None:
            return None
        path = f"/v2/qris/{quote(theirs, safe='')}/qr-code"
        answer = self._http.call("GET", path, headers={"Accept": "image/png"})
        if answer.status >= 400:
            raise GatewayRefused(f"{answer.what}: HTTP {answer.status}")
        with reading(answer.what):
            return read_qr_picture(answer.raw)

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        code, fields = self._ask("GET", f"{_path(reference)}/status")
        if code == "404":
            return ()
        if code not in FOUND:
            raise _refusal(fields)
        self._same_order(fields, reference.ours)
        with reading(f"midtrans status {reference.ours}"):
            if "signature_key" in fields and not self._is_signed(fields):
                raise ValueError("signature_key does not fit")
            return (self._evidence(fields, Trust.PROOF),)

    def cancel(self, reference: Reference) -> State:
        return self._end(reference, "cancel", success="200")

    def expire(self, reference: Reference) -> State:
        return self._end(reference, "expire", success="407")

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Accepted at once; that the driver's bank has it they tell later (gateways.md 1.7)."""
        wish = {"refund_key": request.key, "amount": request.amount, "reason": request.reason[:255]}
        path = f"/v2/{quote(request.payment_ref, safe='')}/refund"
        code, fields = self._ask("POST", path, wish, {"Idempotency-Key": f"rfd-{request.key}"})
        if code in ("404", "406"):  # not yet there, or asked before under this key
            return self.find_refund(request)
        if code in ("202", "412", "414"):
            return RefundAnswer(RefundState.REFUSED, why=_text(fields, "status_message"))
        if code != "200":
            raise _refusal(fields)
        self._same_order(fields, request.reference.ours)
        return RefundAnswer(RefundState.PENDING, str(fields.get("refund_chargeback_id", "")))

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        code, fields = self._ask("GET", f"/v2/{quote(request.payment_ref, safe='')}/status")
        if code not in FOUND | {"404"}:
            raise _refusal(fields)
        for refund in _refunds(fields):
            if refund.get("refund_key") == request.key:
                state = RefundState.DONE if refund.get("bank_confirmed_at") else RefundState.PENDING
                return RefundAnswer(state, str(refund.get("refund_chargeback_id", "")))
        return RefundAnswer(RefundState.UNKNOWN)

    def serve(self, callback: Callback) -> Reply | None:
        return None

    def authenticate(self, callback: Callback) -> Authenticated:
        """PARTIAL when right: order, code and amount are signed, status, ids and times are not.

        The natural key of anything else is the body itself, so that no forgery can
        take the place of the true message.
        """
        try:
            fields = read_callback_fields(callback.body)
        except BadInput as error:
            return Authenticated(Level.MALFORMED, body_key("malformed", callback.body), str(error))
        if not self._is_signed(fields):
            return Authenticated(Level.NONE, body_key("none", callback.body), "tanda tangan salah")
        return Authenticated(Level.PARTIAL, natural_key(fields), about=fields["order_id"])

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        return plain_reply(receipt)

    def read_callback(self, callback: Callback) -> Evidence:
        """PROVISIONAL if a payment is signed; whatever else it says is hearsay (design.md 2)."""
        try:
            fields = read_callback_fields(callback.body)
        except BadInput as error:
            raise GatewayUnreadable(f"midtrans callback: {error}") from error
        if not self._is_signed(fields):
            raise CallbackNotAuthentic("midtrans callback: tanda tangan salah")
        with reading(f"midtrans callback {fields['order_id']}"):
            signs_this = state_of(fields) is State.PAID and is_unambiguous(fields)
            return self._evidence(fields, Trust.PROVISIONAL if signs_this else Trust.HEARSAY)

    def read_report(self, content: bytes) -> Sequence[Report]:
        return (read_report(content, self._merchant.merchant_id),)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """Their code and their answer. The code in the body counts, also below an HTTP 200."""
        answer = self._http.call(
            method, path, body, {"Content-Type": "application/json", **(headers or {})}, limits
        )
        if answer.status == 202:
            raise GatewayUnavailable(f"{answer.what}: permintaan yang sama masih dikerjakan")
        fields = answer.fields()
        code = _code(answer, fields)
        if code >= "500" or code == "429":
            raise GatewayUnavailable(f"{answer.what}: {code} {_text(fields, 'status_message')}")
        return code, fields

    def _end(self, reference: Reference, verb: str, success: str) -> State:
        code, fields = self._ask("POST", f"{_path(reference)}/{verb}")
        if code == "412":  # it is no longer pending: perhaps the driver was quicker
            return next((e.state for e in self.inquire(reference)), State.UNKNOWN)
        if code != success:
            raise _refusal(fields)
        self._same_order(fields, reference.ours)
        with reading(f"midtrans {verb} {reference.ours}"):
            return state_of(fields)

    def _same_order(self, fields: Mapping[str, Any], ours: str) -> None:
        """Raise GatewayUnreadable if they speak of another order or merchant (F28)."""
        about, merchant_id = fields.get("order_id"), _text(fields, "merchant_id")
        if about != ours:
            raise GatewayUnreadable(f"midtrans: ditanya {ours}, dijawab tentang {about!r}")
        if merchant_id not in ("", self._merchant.merchant_id):
            raise GatewayUnreadable(f"midtrans {ours}: milik merchant {merchant_id!r}, bukan kita")

    def _is_signed(self, fields: Mapping[str, Any]) -> bool:
        order_id, code, amount = fields["order_id"], fields["status_code"], fields["gross_amount"]
        given = fields["signature_key"].lower()
        right = [signature(order_id, code, amount, key) for key in self._keys]
        # All are compared, so that the time taken does not tell which key fits.
        return sum(hmac.compare_digest(given, each) for each in right) > 0

    def _evidence(self, fields: Mapping[str, Any], trust: Trust) -> Evidence:
        """Raises KeyError, TypeError or ValueError if a field is missing or malformed."""
        merchant_id = _text(fields, "merchant_id")
        if merchant_id not in ("", self._merchant.merchant_id):
            raise ValueError(f"merchant_id {merchant_id!r} is not ours")
        if fields["currency"] != "IDR":
            raise ValueError(f"currency {fields['currency']!r}")
        state, amount = state_of(fields), read_rupiah(fields["gross_amount"])
        return Evidence(
            gateway=self._merchant.gateway,
            account=self._merchant.account,
            ours=fields["order_id"],
            payment_ref=_guarded(fields, "transaction_id"),
            state=state,
            amount=amount,
            at=moment_of(fields, state),
            trust=trust,
            refunded=refunded_of(fields, state, amount),
            merchant_id=merchant_id,
            issuer=_text(fields, "issuer"),
        )


def charge_body(request: QrRequest) -> dict[str, Any]:
    """What POST /v2/charge takes (gateways.md 1.2)."""
    item = {"id": request.terminal, "price": request.amount, "quantity": 1}
    return {
        "payment_type": "qris",
        "transaction_details": {"order_id": request.ours, "gross_amount": request.amount},
        "item_details": [item | {"name": request.description[:50]}],
        "qris": {"acquirer": "gopay"},
        "custom_expiry": {
            "order_time": f"{wib(request.asked_at):%Y-%m-%d %H:%M:%S} +0700",
            "expiry_duration": int((request.expires_at - request.asked_at).total_seconds()),
            "unit": "second",
        },
        "custom_field1": request.terminal,
    }


def signature(order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """Over the strings as they came: "2000" and "2000.00" sign differently (gateways.md 1.10)."""
    signed = f"{order_id}{status_code}{gross_amount}{server_key}"
    return hashlib.sha512(signed.encode()).hexdigest()


def is_unambiguous(fields: Mapping[str, Any]) -> bool:
    """Whether the signed text can be cut into order, code and amount in this way alone.

    It can not if an order id ends in digits that look like a code: 2,000 for
    "P-1200" signs like 2,002,000 for "P-1".
    """
    signed = f"{fields['order_id']}{fields['status_code']}{fields['gross_amount']}"
    return len(_READINGS.findall(signed, 1)) == 1


def read_callback_fields(body: bytes) -> dict[str, Any]:
    """The fields of a callback, its signed and identifying ones checked. Raises BadInput."""
    fields = read_object(body)
    wrong = [
        name
        for name, form in _GUARDS.items()
        if not (isinstance(fields.get(name), str) and form.fullmatch(fields[name]))
    ]
    if wrong:
        raise BadInput(f"isian callback tidak ada atau salah bentuk: {', '.join(wrong)}")
    return fields


def natural_key(fields: Mapping[str, Any]) -> str:
    """Equal for two deliveries of the same message (reliability.md 4.3)."""
    names = ("order_id", "transaction_id", "transaction_status", "status_code", "gross_amount")
    refunds = sorted(
        f"{refund.get('refund_key')} {'bank_confirmed_at' in refund}" for refund in _refunds(fields)
    )
    told = "\n".join([*refunds, str("bank_confirmed_at" in fields), str(fields.get("refund_key"))])
    tail = hashlib.sha256(told.encode()).hexdigest()[:16]
    return "|".join([*(fields[name] for name in names), tail])


def state_of(fields: Mapping[str, Any]) -> State:
    """Their word in ours; paid only with code 200 and no objection to the payment."""
    state = STATE_OF.get(fields["transaction_status"].lower(), State.UNKNOWN)
    is_clean = fields["status_code"] == "200" and fields.get("fraud_status") in (None, "accept")
    return State.UNKNOWN if state is State.PAID and not is_clean else state


def moment_of(fields: Mapping[str, Any], state: State) -> datetime:
    """When what they tell happened: the refund, the expiry, else the payment, else the charge."""
    happened = []
    if state in (State.PARTLY_REFUNDED, State.REFUNDED, State.REVERSED):
        happened = sorted(refund["created_at"] for refund in _refunds(fields))
    elif state is State.EXPIRED and fields.get("expiry_time"):
        happened = [fields["expiry_time"]]
    text = happened[-1] if happened else fields.get("settlement_time")
    return read_time(text or fields["transaction_time"])


def refunded_of(fields: Mapping[str, Any], state: State, amount: Rupiah) -> Rupiah:
    """How much of the payment was given or taken back so far."""
    if state not in (State.PARTLY_REFUNDED, State.REFUNDED, State.REVERSED):
        return Rupiah(0)
    if state is State.REVERSED:
        return amount  # all that was left; "refund_amount" is of the refunds before
    if fields.get("refund_amount"):  # cumulative
        back = read_rupiah(fields["refund_amount"])
    elif parts := [read_rupiah(refund["refund_amount"]) for refund in _refunds(fields)]:
        back = Rupiah(sum(parts))
    elif state is State.PARTLY_REFUNDED:
        raise ValueError("a partial refund of no stated amount")
    else:
        back = amount
    if back > amount:
        raise ValueError(f"{back} refunded of {amount}")
    return back


def read_time(text: str) -> datetime:
    """Their wall clock is in Jakarta, and they do not say so (gateways.md 5.4)."""
    if not _NAIVE.fullmatch(text):
        raise ValueError(f"not a time: {text!r}")
    moment = datetime.fromisoformat(text).replace(tzinfo=WIB)
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise ValueError(f"no day of a QRIS payment: {text!r}")
    return moment


def _path(reference: Reference) -> str:
    # Their id if we have it: an order id may, they say, come to name two transactions.
    return f"/v2/{quote(reference.theirs or reference.ours, safe='')}"


def _code(answer: Answer, fields: Mapping[str, Any]) -> str:
    code = fields.get("status_code")
    known = code if isinstance(code, str) and re.fullmatch("[1-5][0-9]{2}", code) else ""
    if answer.status >= 400 and known < "400":
        return str(answer.status)
    if not known:
        raise GatewayUnreadable(f"{answer.what}: status_code {code!r}: {answer.raw[:200]!r}")
    return known


def _refusal(fields: Mapping[str, Any]) -> GatewayRefused:
    why = " ".join([_text(fields, "status_message"), *map(str, _validation(fields))])
    code = fields.get("status_code")
    # 402: no QRIS for this merchant; 403: a wall in front of them. Both are theirs to open.
    kind = GatewayUnauthorised if code in ("401", "402", "403") else GatewayRefused
    return kind(f"midtrans {code}: {why}")


def _validation(fields: Mapping[str, Any]) -> list[Any]:
    messages = fields.get("validation_messages")
    return messages if isinstance(messages, list) else []


def _refunds(fields: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    told = fields.get("refunds")
    return (each for each in told if isinstance(each, dict)) if isinstance(told, list) else iter(())


def _guarded(fields: Mapping[str, Any], name: str) -> str:
    if not _GUARDS[name].fullmatch(fields[name]):
        raise ValueError(f"{name} {fields[name]!r}")
    return str(fields[name])


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    return text if isinstance(text, str) else ""

"""Xendit's QR codes, second generation: its words on one side, ours on the other (gateways.md 2).

Three things that others offer are missing here, and what takes their place:

- A code can not be ended before its time: `cancel` and `expire` tell how it stands.
- A code can not be found by our name. One whose creation we did not see answered is given
  up, and its payments are still found among the transactions of our name.
- A callback proves that its sender knows a token and covers nothing of what it says: all of
  it is hearsay, and read again before money counts.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from parking.errors import (
    BadInput,
    CallbackNotAuthentic,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
    ParkingError,
)
from parking.gateways.http import HURRY, Answer, Http, Limits, reading
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
from parking.gateways.xendit_messages import (
    QR,
    QR_STATE,
    REFUND_STATE,
    Movement,
    Payment,
    money_in,
    natural_key,
    payments_in,
    read_message,
    read_movement,
    read_payment,
    read_refund,
    read_time,
    refunded_payment,
    time_text,
    with_movements,
)
from parking.money import rupiah_told

PRODUCTION_URL = "https://api.xendit.co"  # of their test mode as well: the key decides
API_VERSION = "2022-07-31"  # without it they are another API (gateways.md 0.2)

REPORT_MAPPINGS = ("xendit-transactions", "xendit-balance")

PAGE = 50
MOST_PAGES = 20  # of the payments of one QR

# They take reasons from a list of their own; ours stays in the refund case.
REASON = "REQUESTED_BY_CUSTOMER"
# What a refund that arrived before would be answered: then it is looked up first.
PERHAPS_OURS = {
    "REFUND_IN_PROGRESS", "MAXIMUM_REFUND_AMOUNT_REACHED", "REFUND_AMOUNT_EXCEEDED",
    "PARTIAL_REFUND_COUNTS_EXCEEDED", "DUPLICATE_ERROR", "DATA_NOT_FOUND",
}  # fmt: skip
# No no: the same request may work later.
NOT_NOW = {"REFUND_IN_PROGRESS", "TEMPORARILY_UNAVAILABLE", "DUPLICATE_ERROR"}
# The refusals of a refund by a reason that lies in the payment (gateways.md 2.7, 2.8).
REFUND_REFUSALS = {
    "MAXIMUM_REFUND_AMOUNT_REACHED", "PARTIAL_REFUND_NOT_SUPPORTED", "REFUND_NOT_SUPPORTED",
    "INELIGIBLE_TRANSACTION", "INELIGIBLE_TRANSACTION_STATUS", "INSUFFICIENT_BALANCE",
    "REFUND_AMOUNT_EXCEEDED", "PARTIAL_REFUND_COUNTS_EXCEEDED",
}  # fmt: skip


def connect(merchant: Merchant, access: Access) -> "Xendit":
    """Raises ParkingError if the callback token is not in the environment."""
    tokens = access.further.get("CALLBACK", ())
    if not any(tokens):
        raise ParkingError(
            f"no callback token in the environment for {merchant.gateway}/{merchant.account}:"
            " GATEWAY_KEY_<key name>__CALLBACK"
        )
    return Xendit(merchant, access.url or PRODUCTION_URL, access.keys, tokens, access.profile)


class Xendit:
    """A merchant account at Xendit.

    Several secret keys while one is exchanged: the first proves what we send. Each of the
    callback tokens is accepted. Profile: `channel_code` chooses their partner
    (ID_DANA, ID_LINKAJA), `for_user_id` a sub-account.
    """

    def __init__(
        self,
        merchant: Merchant,
        base_url: str,
        secret_keys: Sequence[str],
        callback_tokens: Sequence[str],
        profile: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._merchant = merchant
        self._tokens = tuple(callback_tokens)
        self._profile = profile or {}
        user = base64.b64encode(f"{secret_keys[0]}:".encode()).decode()
        headers = {
            "Authorization": f"Basic {user}",
            "Accept": "application/json",
            "api-version": API_VERSION,
        }
        if sub_account := self._profile.get("for_user_id"):
            headers["for-user-id"] = sub_account
        self._http = Http("xendit", base_url, headers, limits)

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    @property
    def gives_back(self) -> bool:
        return True

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        body = qr_body(request, self._profile.get("channel_code", ""))
        answer = self._ask("POST", "/qr_codes", body, f"chg-{request.ours}", HURRY)
        if answer.status == 409:  # made before, and nobody can tell us its id
            raise GatewayUnavailable(f"xendit: {request.ours} sudah ada di sana")
        fields = self._accepted(answer)
        with reading(f"xendit QR {request.ours}"):
            self._same_qr(fields, request.ours)
            if rupiah_told(fields["amount"]) != request.amount:
                raise ValueError(f"amount {fields['amount']!r}, not {request.amount}")
            if fields.get("status", "ACTIVE") != "ACTIVE":
                raise ValueError(f"a new code is {fields['status']!r}")
            expires_at = fields.get("expires_at")
            return IssuedQr(
                theirs=_qr_id(fields),
                payload=_text(fields, "qr_string") or None,
                expires_at=read_time(expires_at) if expires_at else None,
            )

    def recover_qr(self, reference: Reference) -> str | None:
        """By their id alone: without it there is no way to a code."""
        fields = self._qr(reference)
        return (_text(fields, "qr_string") or None) if fields is not None else None

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        """By the QR's id its payments, and how it stands while nobody has paid; otherwise by our
        name, among the transactions.

        A payment that failed, or goes on, is an attempt on a code that can still be paid.
        """
        if not _is_qr(reference):
            movements = self._movements(reference.ours)
            return self._evidence(payments_in(movements), movements, reference.ours)
        told = self._payments(reference)
        if not money_in(told):
            fields = self._qr(reference)
            if fields is None:
                return ()
            # It may have been paid between the two questions: then it is over as well.
            told = self._payments(reference) if fields.get("status") != "ACTIVE" else told
            if not money_in(told):
                return (self._unpaid(fields, told, reference),)
        return self._evidence(money_in(told), self._movements(reference.ours), reference.ours)

    def cancel(self, reference: Reference) -> State:
        """How it stands: they offer no cancelling, so that it ends when its time is over."""
        known = self.inquire(reference)
        if not known:
            raise GatewayRefused(f"xendit: {reference.ours} tidak dikenal di sana")
        return known[-1].state

    def expire(self, reference: Reference) -> State:
        """As `cancel`."""
        return self.cancel(reference)

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Taken on as pending; what becomes of it a callback tells, or looking it up."""
        path = f"/qr_codes/payments/{quote(request.payment_ref, safe='')}/refunds"
        wish = {"amount": request.amount, "reason": REASON}
        answer = self._ask("POST", path, wish, f"rfd-{request.key}")
        if answer.status >= 400:
            return self._not_refunded(request, answer)
        fields = answer.fields()
        with reading(f"xendit refund {request.key}"):
            about, amount = fields["qrpy_id"], rupiah_told(fields["refund_amount"])
            if (about, amount) != (request.payment_ref, request.amount):
                raise ValueError(f"refund of {amount} of {about!r}")
            state = REFUND_STATE[fields["status"]]
            return RefundAnswer(state, str(fields["id"]), _text(fields, "failure_code"))

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        """By its payment and amount: their refund carries nothing of ours (gateways.md 2.7).

        Refunds of one amount of one payment stand for each other while all are equally far;
        if they are not, GatewayUnreadable: a person must look which of them is meant.
        """
        movements = self._movements(request.reference.ours)
        with reading(f"xendit refund {request.key}"):
            refs = {payment.ref for payment in payments_in(movements)} | {request.payment_ref}
            same = [
                (REFUND_STATE[each.status], each.id)
                for each in movements
                if each.kind == "REFUND"
                and each.amount == request.amount
                and refunded_payment(each, refs) == request.payment_ref
            ]
            if len({state for state, _ in same}) > 1:
                raise ValueError(f"which of {', '.join(name for _, name in same)}?")
        if not same:
            return RefundAnswer(RefundState.UNKNOWN)
        return RefundAnswer(*same[-1])

    def serve(self, callback: Callback) -> Reply | None:
        return None

    def authenticate(self, callback: Callback) -> Authenticated:
        """TOKEN when right: whoever has seen the token once can say anything.

        The natural key of what shows no token is the body itself, so that no forgery
        can take the place of the true message.
        """
        if not self._knows_token(callback):
            return Authenticated(Level.NONE, body_key("none", callback.body), "token salah")
        try:
            message = read_message(callback.body)
        except BadInput as error:
            return Authenticated(Level.MALFORMED, body_key("malformed", callback.body), str(error))
        key = natural_key(message, callback.header("webhook-id"))
        return Authenticated(Level.TOKEN, key, about=message.reference)

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        return plain_reply(receipt)

    def read_callback(self, callback: Callback) -> Evidence:
        """Always HEARSAY: their token covers nothing of the body (gateways.md 0.2, trap 8)."""
        if not self._knows_token(callback):
            raise CallbackNotAuthentic("xendit callback: token salah")
        try:
            message = read_message(callback.body)
        except BadInput as error:
            raise GatewayUnreadable(f"xendit callback: {error}") from error
        with reading(f"xendit callback {message.reference or message.id}"):
            if strangers := message.businesses - {self._merchant.merchant_id}:
                raise ValueError(f"business_id {', '.join(sorted(strangers))} is not ours")
            if message.event == "qr.payment":
                payment = read_payment(message.data)
            elif message.event in ("qr.refund", "refund.succeeded", "refund.failed"):
                payment = read_refund(message.data, message.reference)
            else:
                raise ValueError(f"event {message.event!r}")
        return self._as_evidence(payment, Trust.HEARSAY)

    def read_report(self, content: bytes) -> Sequence[Report]:
        """The transactions report or the balance history: its titles tell (gateways.md 2.9)."""
        return read_shipped(REPORT_MAPPINGS, content, self._merchant)

    def _knows_token(self, callback: Callback) -> bool:
        """All tokens are compared, so that the time taken does not tell which one fits."""
        given = callback.header("x-callback-token").encode("utf-8", "surrogatepass")
        right = [hmac.compare_digest(given, token.encode()) for token in self._tokens]
        return bool(given) and sum(right) > 0

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        once: str = "",
        limits: Limits | None = None,
    ) -> Answer:
        """Their answer. `once`: the same key again is the same request, where they heed it."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if once:
            headers["idempotency-key"] = once
        return self._http.call(method, path, body, headers, limits)

    def _accepted(self, answer: Answer) -> dict[str, Any]:
        """What they answered. Raises GatewayRefused, GatewayUnauthorised for a no."""
        fields = answer.fields()
        if answer.status >= 400:
            raise _refusal(answer, fields)
        return fields

    def _list(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All pages of a list; nothing if they do not know what it is of."""
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = query | {"limit": PAGE} | ({"after_id": after} if after else {})
            answer = self._ask("GET", f"{path}?{urlencode(page)}")
            if answer.status == 404:
                return
            fields = self._accepted(answer)
            with reading(answer.what):
                rows, has_more = fields["data"], fields.get("has_more", False)
                if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                    raise ValueError("data is no list of objects")
                if has_more and (not rows or rows[-1]["id"] == after):
                    raise ValueError("a list that does not go on")
                after = rows[-1]["id"] if rows else None
            yield from rows
            if not has_more:
                return
        raise GatewayUnreadable(f"xendit {path}: lebih dari {MOST_PAGES} halaman")

    def _payments(self, reference: Reference) -> list[Payment]:
        """The payments of a QR, in whatever state."""
        path = f"/qr_codes/{quote(reference.theirs or '', safe='')}/payments"
        rows = list(self._list(path))
        with reading(f"xendit payments {reference.ours}"):
            for row in rows:
                self._ours_alone(row, reference.ours)
                if row["qr_id"] != reference.theirs:
                    raise ValueError(f"asked of {reference.theirs}, told of {row['qr_id']!r}")
            return [read_payment(row) for row in rows]

    def _movements(self, ours: str) -> list[Movement]:
        """What moved under our name, in the order in which it did."""
        rows = list(self._list("/transactions", reference_id=ours))
        with reading(f"xendit transactions {ours}"):
            of_codes = [r for r in rows if r.get("channel_category", "QR_CODE") == "QR_CODE"]
            for row in of_codes:
                self._ours_alone(row, ours)
            return sorted(map(read_movement, of_codes), key=lambda movement: movement.at)

    def _qr(self, reference: Reference) -> dict[str, Any] | None:
        """A QR by its id; None if there is none."""
        if not _is_qr(reference):
            return None
        answer = self._ask("GET", f"/qr_codes/{quote(reference.theirs or '', safe='')}")
        if answer.status == 404:
            return None
        fields = self._accepted(answer)
        with reading(f"xendit QR {reference.ours}"):
            self._same_qr(fields, reference.ours)
            if _qr_id(fields) != reference.theirs:
                raise ValueError(f"asked of {reference.theirs}, told of {fields['id']!r}")
        return fields

    def _unpaid(
        self, fields: Mapping[str, Any], told: Sequence[Payment], reference: Reference
    ) -> Evidence:
        """How a QR stands that brought no money. While a payment goes on it has not ended."""
        with reading(f"xendit QR {reference.ours}"):
            state = QR_STATE.get(fields["status"], State.UNKNOWN)
            if state is State.EXPIRED and any(p.state is not State.FAILED for p in told):
                state = State.UNKNOWN
            ended_at = fields.get("expires_at") or fields.get("updated")
            at = read_time(ended_at if state is State.EXPIRED else fields["created"])
            amount = rupiah_told(fields["amount"])
        payment = Payment(_qr_id(fields), reference.ours, state, amount, at)
        return self._as_evidence(payment, Trust.PROOF)

    def _evidence(
        self, payments: Sequence[Payment], movements: Sequence[Movement], ours: str
    ) -> Sequence[Evidence]:
        with reading(f"xendit transactions {ours}"):
            standing = with_movements(payments, movements)
        return tuple(self._as_evidence(payment, Trust.PROOF) for payment in standing)

    def _as_evidence(self, payment: Payment, trust: Trust) -> Evidence:
        return Evidence(
            gateway=self._merchant.gateway,
            account=self._merchant.account,
            ours=payment.ours,
            payment_ref=payment.ref,
            state=payment.state,
            amount=payment.amount,
            at=payment.at,
            trust=trust,
            refunded=payment.refunded,
            merchant_id=self._merchant.merchant_id,
            issuer=payment.issuer,
        )

    def _not_refunded(self, request: RefundRequest, answer: Answer) -> RefundAnswer:
        """A refusal, unless it only says that the same refund arrived before."""
        fields = answer.fields()
        code = _text(fields, "error_code")
        if code in PERHAPS_OURS:
            found = self.find_refund(request)
            if found.state is not RefundState.UNKNOWN or code == "DATA_NOT_FOUND":
                return found  # of a payment that they do not know nothing can have arrived
        if code in NOT_NOW or answer.status == 409:
            raise GatewayUnavailable(f"{answer.what}: {code}")
        if code in REFUND_REFUSALS:
            why = f"{code}: {_text(fields, 'message')}"
            return RefundAnswer(RefundState.REFUSED, why=why)
        raise _refusal(answer, fields)

    def _same_qr(self, fields: Mapping[str, Any], ours: str) -> None:
        self._ours_alone(fields, ours)
        if fields["currency"] != "IDR":
            raise ValueError(f"currency {fields['currency']!r}")

    def _ours_alone(self, fields: Mapping[str, Any], ours: str) -> None:
        """Raise ValueError if they speak of another order or merchant (F28)."""
        business_id = fields.get("business_id") or self._merchant.merchant_id
        if fields["reference_id"] != ours:
            raise ValueError(f"asked of {ours}, told of {fields['reference_id']!r}")
        if business_id != self._merchant.merchant_id:
            raise ValueError(f"business_id {business_id!r} is not ours")


def qr_body(request: QrRequest, channel_code: str = "") -> dict[str, Any]:
    """What POST /qr_codes takes (gateways.md 2.2)."""
    body = {
        "reference_id": request.ours,
        "type": "DYNAMIC",
        "currency": "IDR",
        "amount": request.amount,
        "expires_at": time_text(request.expires_at),
        "description": request.description,
        "metadata": {"terminal": request.terminal},
    }
    return body | ({"channel_code": channel_code} if channel_code else {})


def _is_qr(reference: Reference) -> bool:
    return (reference.theirs or "").startswith(QR)


def _qr_id(fields: Mapping[str, Any]) -> str:
    theirs = _text(fields, "id")
    if not theirs.startswith(QR) or len(theirs) > 100:
        raise ValueError(f"id {fields.get('id')!r}")
    return theirs


def _refusal(answer: Answer, fields: Mapping[str, Any]) -> GatewayRefused:
    problems = fields.get("errors")
    more = "; ".join(map(str, problems)) if isinstance(problems, list) else ""
    why = f"{_text(fields, 'error_code')} {_text(fields, 'message')} {more}".strip()
    # 403 says that the account may not do this: theirs to grant, as the key is.
    kind = GatewayUnauthorised if answer.status in (401, 403) else GatewayRefused
    return kind(f"xendit {answer.status}: {why}")


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    return text if isinstance(text, str) else ""

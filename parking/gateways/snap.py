"""SNAP BI, QRIS MPM: banks and payment providers that keep to the national standard.

Their words on one side, ours on the other (gateways.md 3). How a provider differs stands in
snap_profile.py and in the account's GATEWAY_PROFILE.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from parking.clock import Clock
from parking.errors import (
    BadInput,
    CallbackNotAuthentic,
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
from parking.gateways.replies import body_key
from parking.gateways.snap_answers import (
    CANCEL,
    DONE,
    EXISTS,
    GENERATE,
    IN_PROGRESS,
    NOT_FOUND,
    QUERY,
    REFUND,
    TOKEN,
    TOKEN_INVALID,
    Said,
    said,
)
from parking.gateways.snap_door import (
    KEPT_TOKEN,
    Proof,
    Refused,
    SnapDoor,
    answer,
    is_fresh,
    is_near_midnight,
    moment_of,
)
from parking.gateways.snap_keys import private_key, public_key
from parking.gateways.snap_messages import (
    MONEY_CAME,
    UNKNOWN_THERE,
    Told,
    cancel_body,
    find_refund,
    generate_body,
    query_body,
    read_time,
    read_told,
    reference_in,
    refund_body,
    time_text,
    written,
)
from parking.gateways.snap_profile import Profile, read_profile
from parking.gateways.snap_signature import (
    asymmetric,
    digest,
    hmac_signed,
    of_client,
    rsa_signed,
    symmetric,
)
from parking.gateways.snap_token import OurTokens, TheirToken

REPORT_MAPPING = "snap-portal"

REPLIES = {
    Receipt.KEPT: (200, "2005200", "Successful"),
    # Twice is answered like once: to a refusal some send it again and again (gateways.md 3.6).
    Receipt.REPEATED: (200, "2005200", "Successful"),
    Receipt.TURNED_AWAY: (401, "4015200", "Unauthorized. [signature]"),
    Receipt.UNREADABLE: (400, "4005201", "Invalid Field Format"),
    Receipt.TOO_MANY: (429, "4295200", "Too Many Requests"),
}
CLEAR = ("400", "403", "404", "405", "409")  # they looked at it and say no
TOKEN_REFUSED = (401, "4015201", "Invalid Token (B2B)")


def connect(merchant: Merchant, access: Access) -> "Snap":
    """Raises ParkingError naming the profile's words, the key or the address that is missing."""
    where = f"{merchant.gateway}/{merchant.account}"
    profile = read_profile(access.profile, f"GATEWAY_PROFILE of {where}")
    if not (access.url or profile.url):
        raise ParkingError(f"GATEWAY_URL of {where} is not set: only its contract tells it")
    return Snap(merchant, replace(access, url=access.url or profile.url), profile)


class Snap:
    """A merchant account at a bank or provider that speaks SNAP BI."""

    def __init__(
        self, merchant: Merchant, access: Access, profile: Profile, limits: Limits | None = None
    ) -> None:
        where = f"{merchant.gateway}/{merchant.account}"
        self._merchant = merchant
        self._profile = profile
        self._clock: Clock = access.clock
        self._secret = access.keys[0]
        told = _part(access, "PRIVATE", where, "our RSA private key")[0]
        self._private = private_key(told, f"GATEWAY_KEY…__PRIVATE of {where}")
        theirs: Sequence[str] = ()
        if profile.notify != "D":
            theirs = _part(access, "PROVIDER", where, "their RSA public keys, the newest first")
        keys = [public_key(text, f"GATEWAY_KEY…__PROVIDER of {where}") for text in theirs]
        tokens = OurTokens(access.token_secret, where, profile.client_id)
        if profile.issues_token and not access.token_secret:
            raise ParkingError(f"SECRET_KEY is needed for the tokens that {where} fetches from us")
        self._door = SnapDoor(profile, access.callback_url, access.keys, keys, tokens)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._http = Http("snap", access.url, headers, limits)
        self._token = TheirToken(self._ask_token)

    @property
    def merchant(self) -> Merchant:
        return self._merchant

    @property
    def gives_back(self) -> bool:
        return self._profile.refund != "no"

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        """They cannot be asked for its text later: what is lost here can be shown by nobody."""
        body = generate_body(request, self._profile, self._merchant)
        said = self._call(GENERATE, self._profile.generate_path, body, request.ours, HURRY)
        if said.code != DONE:
            raise said.error()
        fields = said.fields
        if fields.get("partnerReferenceNo", request.ours) != request.ours:
            raise GatewayUnreadable(f"snap: diminta {request.ours}, dijawab untuk yang lain")
        with reading(f"snap QR {request.ours}"):
            further = fields.get("additionalInfo")
            until = further.get("validityPeriod") if isinstance(further, dict) else None
            return IssuedQr(
                theirs=reference_in(fields, "referenceNo"),
                payload=_payload(fields),
                expires_at=read_time(until) if until else None,
            )

    def recover_qr(self, reference: Reference) -> str | None:
        """Never: a query has no qrContent (gateways.md 3.6)."""
        return None

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        fields = self._query(reference)
        if fields is None:
            return ()
        with reading(f"snap query {reference.ours}"):
            told = read_told(fields, self._profile)
            if told.state in MONEY_CAME and not (told.amount and told.at):
                raise ValueError("paid, and not said how much or when")
            at = told.at or self._clock.now()
            return (self._evidence(told, told.ours or reference.ours, Trust.PROOF, at),)

    def cancel(self, reference: Reference) -> State:
        """Where it is not offered, and after every no: what a query says. The driver may have
        been quicker, and a bank that lets nothing be cancelled lets it expire."""
        if self._profile.cancel == "no":
            return self._state_there(reference)
        body = cancel_body(reference, self._profile, self._merchant)
        said = self._call(CANCEL, self._profile.cancel_path, body, reference.ours)
        if said.code == DONE:
            self._same_qr(said.fields, reference)
            return State.CANCELLED
        if isinstance(said.error(), GatewayUnauthorised):
            raise said.error()
        return self._state_there(reference)

    def expire(self, reference: Reference) -> State:
        """The standard has no service for it: they end it themselves when its time is over."""
        return self._state_there(reference)

    def refund(self, request: RefundRequest) -> RefundAnswer:
        if self._profile.refund == "no":
            return RefundAnswer(RefundState.REFUSED, why="tidak ditawarkan oleh bank ini")
        body = refund_body(request, self._profile, self._merchant)
        said = self._call(REFUND, self._profile.refund_path, body, request.key)
        if said.code in (DONE, IN_PROGRESS):
            self._same_qr(said.fields, Reference(request.reference.ours, request.payment_ref))
            number = said.fields.get("refundNo") or said.fields.get("referenceNo")
            return RefundAnswer(
                RefundState.DONE if said.code == DONE else RefundState.PENDING, str(number or "")
            )
        error = said.error()
        if said.code[:3] not in CLEAR or isinstance(error, GatewayUnauthorised):
            raise error
        # Of a key that they know already the list tells; every other no is one.
        known = self.find_refund(request)
        if known.state is RefundState.UNKNOWN and said.code in EXISTS:
            raise error
        is_no = known.state is RefundState.UNKNOWN
        return RefundAnswer(RefundState.REFUSED, why=said.message) if is_no else known

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        fields = self._query(Reference(request.reference.ours, request.payment_ref))
        if fields is None:
            return RefundAnswer(RefundState.UNKNOWN)
        with reading(f"snap query {request.reference.ours}"):
            return find_refund(fields, request.key)

    def serve(self, callback: Callback) -> Reply | None:
        """The token that they fetch before they notify."""
        return self._door.serve(callback)

    def authenticate(self, callback: Callback) -> Authenticated:
        """FULL when the signature covers the body, PARTIAL for variant C.

        The natural key is what was signed, so that two messages never have one name and one
        message never has two, also when somebody sends it again under another X-EXTERNAL-ID:
        that header is not signed.
        """
        proof = self._door.prove(callback)
        if isinstance(proof, Refused):
            return Authenticated(Level.NONE, body_key("none", callback.body), proof.reason)
        try:
            fields = read_object(callback.body)
        except BadInput as error:
            return Authenticated(Level.MALFORMED, body_key("malformed", callback.body), str(error))
        signed_at = callback.header("X-TIMESTAMP")
        keep = {KEPT_TOKEN: proof.token} if proof.token else {}
        name = f"{signed_at}|{proof.body_digest}"
        if proof.covers_body:
            about = fields.get("originalPartnerReferenceNo")
            return Authenticated(
                Level.FULL, name, about=about if isinstance(about, str) else "", keep=keep
            )
        # Whoever caught one can write any body to its signature, so these are counted by that.
        return Authenticated(Level.PARTIAL, name, about=f"signed {signed_at}", keep=keep)

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        status, code, message = REPLIES[receipt]
        if receipt is Receipt.TURNED_AWAY:
            proof = self._door.prove(callback)
            if isinstance(proof, Refused) and proof.is_token:
                status, code, message = TOKEN_REFUSED
        return answer(callback, status, code, message)

    def read_callback(self, callback: Callback) -> Evidence:
        """PROOF if the signature covers all of it and it came in time, else HEARSAY.

        A provider's key signs for all its merchants, so a message of variant A has to name us:
        another merchant may have had our reference signed for a code of its own.
        """
        proof = self._door.prove(callback)
        if isinstance(proof, Refused):
            raise CallbackNotAuthentic(f"snap callback: {proof.reason}")
        try:
            fields = read_object(callback.body)
        except BadInput as error:
            raise GatewayUnreadable(f"snap callback: {error}") from error
        signed_at = moment_of(callback) or callback.at
        with reading(f"snap callback {fields.get('originalPartnerReferenceNo')}"):
            told = read_told(fields, self._profile)
            evidence = self._evidence(told, told.ours, Trust.HEARSAY, told.at or signed_at)
        is_whole = told.amount > 0 and not (told.at is None and is_near_midnight(signed_at))
        is_proved = proof.covers_body and is_fresh(callback) and self._is_about_us(proof, told)
        return replace(evidence, trust=Trust.PROOF) if is_whole and is_proved else evidence

    def read_report(self, content: bytes) -> Sequence[Report]:
        """A portal's file that says its day and version; others have a mapping of their own."""
        return read_shipped([REPORT_MAPPING], content, self._merchant)

    def _is_about_us(self, proof: Proof, told: Told) -> bool:
        return proof.is_ours or told.merchant_id == self._merchant.merchant_id

    def _query(self, reference: Reference) -> Mapping[str, Any] | None:
        """What they know of a QR; None: nothing."""
        body = query_body(reference, self._profile, self._merchant)
        said = self._call(QUERY, self._profile.query_path, body, reference.ours)
        if said.code == NOT_FOUND:
            return None
        if said.code != DONE:
            raise said.error()
        if said.fields.get("latestTransactionStatus") == UNKNOWN_THERE:
            return None
        self._same_qr(said.fields, reference)
        # An answer may leave out what was asked for by it.
        theirs = {"originalReferenceNo": reference.theirs} if reference.theirs else {}
        return theirs | dict(said.fields)

    def _state_there(self, reference: Reference) -> State:
        return next((each.state for each in self.inquire(reference)), State.UNKNOWN)

    def _same_qr(self, fields: Mapping[str, Any], reference: Reference) -> None:
        """Raise GatewayUnreadable if they speak of another QR (F28)."""
        for name, asked in (
            ("originalPartnerReferenceNo", reference.ours),
            ("originalReferenceNo", reference.theirs),
        ):
            about = fields.get(name)
            if about and asked and about != asked:
                raise GatewayUnreadable(f"snap: ditanya {asked}, dijawab tentang {about!r}")

    def _evidence(self, told: Told, ours: str, trust: Trust, at: datetime) -> Evidence:
        """Raises ValueError if it is another merchant's."""
        if told.merchant_id not in ("", self._merchant.merchant_id):
            raise ValueError(f"merchantId {told.merchant_id!r} is not ours")
        return Evidence(
            gateway=self._merchant.gateway,
            account=self._merchant.account,
            ours=ours,
            payment_ref=told.theirs,
            state=told.state,
            amount=told.amount,
            at=at,
            trust=trust,
            refunded=told.refunded,
            merchant_id=told.merchant_id,
            issuer=told.issuer,
        )

    # Calls

    def _call(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        name: str,
        limits: Limits | None = None,
    ) -> Said:
        """Their answer, within `limits`.

        A token that they do not accept is exchanged, and then the call is made once more: with
        it they did nothing (gateways.md 3.2).
        """
        raw, time_left = written(body), _TimeLeft(limits or self._http.limits)
        if not self._profile.has_token:
            return self._send(service, path, raw, "", name, time_left())
        token = self._token.get(time_left())
        read = self._send(service, path, raw, token, name, time_left())
        if read.code not in TOKEN_INVALID:
            return read
        self._token.drop(token)
        token = self._token.get(time_left())
        return self._send(service, path, raw, token, name, time_left())

    def _send(
        self, service: str, path: str, raw: bytes, token: str, name: str, limits: Limits
    ) -> Said:
        """Sign these bytes and send these bytes."""
        profile = self._profile
        timestamp = time_text(self._clock.now(), profile.times)
        headers = {
            "X-TIMESTAMP": timestamp,
            "X-PARTNER-ID": profile.partner,
            profile.external_header: name[:36] if profile.external == "ours" else attempt_id(),
            profile.channel_header: profile.channel_id,
        }
        signed = profile.signed(path)
        if token:
            text = symmetric("POST", signed, token, digest(raw), timestamp)
            headers["Authorization"] = f"Bearer {token}"
            headers["X-SIGNATURE"] = hmac_signed(self._secret, text, profile.hmac)
        else:
            text = asymmetric("POST", signed, digest(raw), timestamp)
            headers["X-SIGNATURE"] = rsa_signed(self._private, text)
        return self._answered(self._http.call("POST", profile.prefix + path, raw, headers, limits),
                              service)  # fmt: skip

    def _ask_token(self, limits: Limits) -> Said:
        profile = self._profile
        timestamp = time_text(self._clock.now(), profile.times)
        headers = {
            "X-TIMESTAMP": timestamp,
            "X-CLIENT-KEY": profile.client_id,
            "X-SIGNATURE": rsa_signed(self._private, of_client(profile.client_id, timestamp)),
        }
        raw = written({"grantType": "client_credentials", "additionalInfo": {}})
        path = profile.prefix + profile.token_path
        given = self._answered(self._http.call("POST", path, raw, headers, limits), TOKEN)
        if given.code != DONE:
            raise given.error()
        return given

    @staticmethod
    def _answered(answer: Answer, service: str) -> Said:
        return said(answer.what, answer.status, answer.fields(), service)


class _TimeLeft:
    """What is left of the time for a call, however many requests it takes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._until = time.monotonic() + limits.total_s

    def __call__(self) -> Limits:
        """Raises GatewayUnavailable when it is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise GatewayUnavailable(f"snap: tidak selesai dalam {self._limits.total_s:g} detik")
        return replace(self._limits, total_s=left)


def _payload(fields: Mapping[str, Any]) -> str | None:
    payload = fields.get("qrContent")
    if not isinstance(payload, str | None):
        raise TypeError(f"qrContent {payload!r}")
    return payload or None


def attempt_id() -> str:
    """A number for one HTTP request, unlike any other of its day: 31 digits.

    An adapter has no sequence to draw from. The nanosecond keeps apart what one process sends,
    twelve random digits what several send in the same one, or after their clock was set back.
    """
    return f"{time.time_ns():019}{secrets.randbelow(10**12):012}"


def _part(access: Access, part: str, where: str, what: str) -> Sequence[str]:
    """Raises ParkingError: a key that is missing is never taken from elsewhere."""
    told = access.further.get(part, ())
    if not told:
        raise ParkingError(f"GATEWAY_KEY…__{part} of {where} is not set: {what}")
    return told

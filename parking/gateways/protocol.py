"""Payment gateways in our words. What a provider calls things stops at its adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from parking.money import Rupiah


class State(StrEnum):
    """What a gateway says of a payment. A word we do not know is UNKNOWN, never FAILED."""

    PENDING = "pending"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    REVERSED = "reversed"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How much of a callback its sender could prove (reliability.md 4.1)."""

    FULL = "full"  # the signature covers body and time
    PARTIAL = "partial"  # the signature covers some fields
    TOKEN = "token"  # noqa: S105 - the name of a level: a static secret was shown
    NONE = "none"  # nothing was proved
    MALFORMED = "malformed"  # it could not even be read


class Trust(StrEnum):
    """What may be done with evidence as it stands."""

    PROOF = "proof"  # book it
    PROVISIONAL = "provisional"  # book it, and ask the gateway within 15 minutes
    HEARSAY = "hearsay"  # book nothing; ask the gateway


@dataclass(frozen=True, slots=True)
class Merchant:
    """Our merchant account at a gateway, as the contract names it."""

    gateway: str  # "midtrans"
    account: str  # our short name for it, used in the callback URL
    merchant_id: str  # theirs
    nmid: str  # national merchant id, "ID" + 13 digits
    pan: str  # merchant PAN, 18 digits, or 19 with its check digit
    name: str  # what the payer's app shows
    city: str
    environment: str  # "sandbox" or "production"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a charge is called on both sides."""

    ours: str
    theirs: str | None = None  # None until they have answered


@dataclass(frozen=True, slots=True)
class QrRequest:
    """A dynamic QRIS for one vehicle."""

    ours: str  # used once and never again
    amount: Rupiah
    asked_at: datetime
    expires_at: datetime
    description: str  # "Parkir motor"
    terminal: str  # the point's code: shown to the payer as the terminal label


@dataclass(frozen=True, slots=True)
class IssuedQr:
    """Their answer, read but not yet judged: qris.payload decides whether it may be shown."""

    theirs: str
    payload: str | None  # None: created, but its text was not told
    expires_at: datetime | None  # None: not told; ours holds


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What the door learned of a callback without judging it."""

    level: Level
    natural_key: str  # equal for two deliveries of the same message
    reason: str = ""  # why NONE or MALFORMED


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gateway says of one payment: in a callback, when asked, or in a settlement file."""

    gateway: str
    account: str
    ours: str  # may name a charge we never made
    payment_ref: str  # theirs, unique per payment; settlement reports use it too
    state: State
    amount: Rupiah  # what the driver paid, which may not be what we asked
    at: datetime  # when it happened, timezone-aware
    trust: Trust
    refunded: Rupiah = Rupiah(0)  # of `amount`, given back so far
    merchant_id: str = ""  # theirs; empty when the message does not say
    issuer: str = ""  # the payer's app, if told


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One row of a settlement report."""

    number: int  # line of the file, the header being line 1
    line_key: str  # identity within the report: their transaction, kind and occurrence
    kind: str  # "payment" or "refund"
    ours: str
    payment_ref: str
    gross: Rupiah  # of a refund: what was given back, positive
    fee: Rupiah
    net: Rupiah
    paid_at: datetime
    settled_on: date  # the day the money left the gateway


@dataclass(frozen=True, slots=True)
class Report:
    """A settlement report, whole: control totals have been compared with its lines."""

    merchant_id: str
    day: date  # the business day whose payments it reports
    version: int  # 1, or higher when re-issued
    lines: Sequence[ReportLine]


class Gateway(Protocol):
    """One merchant account at one payment gateway.

    Every method may raise GatewayUnavailable, GatewayRefused or GatewayUnreadable.
    No other error leaves an adapter, save where named.
    """

    @property
    def merchant(self) -> Merchant: ...

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        """Ask for a QR. After GatewayUnavailable or GatewayUnreadable one may exist: inquire."""
        ...

    def recover_qr(self, reference: Reference) -> str | None:
        """The payload of a QR whose creation we did not see answered; None if they do not tell."""
        ...

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        """Every payment they know of for a charge: none, one or, sadly, two."""
        ...

    def cancel(self, reference: Reference) -> State:
        """Ask to cancel; the state it is in after that, which may be PAID."""
        ...

    def expire(self, reference: Reference) -> State:
        """Ask to end it as expired; the state it is in after that, which may be PAID."""
        ...

    def authenticate(self, headers: Mapping[str, str], body: bytes) -> Authenticated:
        """How far a callback can be believed. Never raises; runs before anything is stored."""
        ...

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> Evidence:
        """What a callback says. Raises CallbackNotAuthentic, GatewayUnreadable."""
        ...

    def read_report(self, content: bytes) -> Report:
        """A settlement report. Raises FileRefused naming every line that is wrong."""
        ...

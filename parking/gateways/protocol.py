"""Payment gateways in our words. What a provider calls things stops at its adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from parking.clock import Clock, SystemClock
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
class Access:
    """How a merchant account is reached and proves itself; from the environment, never stored."""

    url: str = ""  # empty: the address that the provider publishes
    # The newest first; several are accepted in callbacks while one is exchanged.
    keys: Sequence[str] = field(default=(), repr=False)
    # Further secrets by their part: {"CALLBACK": (…)}; each again the newest first.
    further: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    profile: Mapping[str, str] = field(default_factory=dict)  # {"profile": "bri", "client_id": …}
    callback_url: str = ""  # of this account, as the provider was told it
    token_secret: bytes = field(default=b"", repr=False)  # for tokens that we issue ourselves
    # For times that a provider wants signed.
    clock: Clock = field(default_factory=SystemClock, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a charge is called on both sides."""

    ours: str
    theirs: str | None = None  # of the QR, or of a payment of it; None until they have answered


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
class Callback:
    """A message to us as it came: everything that a signature may cover."""

    path: str  # as it was asked for, without host and query
    headers: Mapping[str, str]
    body: bytes
    at: datetime  # when it came

    def header(self, name: str) -> str:
        """Its text, whatever the case of the name; empty when there is none."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), "")


class Receipt(StrEnum):
    """What became of a delivery at our door."""

    KEPT = "kept"
    REPEATED = "repeated"
    TURNED_AWAY = "turned_away"  # it proved nothing
    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"  # of one order, more than any gateway sends


@dataclass(frozen=True, slots=True)
class Reply:
    """What we answer a gateway that came to us."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What the door learned of a callback without judging it."""

    level: Level
    natural_key: str  # equal for two deliveries of the same message
    reason: str = ""  # why NONE or MALFORMED
    about: str = ""  # the order it names, if it could be read
    # Kept with it beside its own headers: what `read_callback` needs and the door would leave out.
    keep: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gateway says of one payment: in a callback, when asked, or in a settlement file."""

    gateway: str
    account: str
    ours: str  # may name a charge we never made; empty when only theirs was said
    payment_ref: str  # theirs, unique per payment; settlement reports use it too
    state: State
    amount: Rupiah  # what the driver paid, which may not be what we asked; 0: not said, so hearsay
    at: datetime  # when it happened, timezone-aware
    trust: Trust
    refunded: Rupiah = Rupiah(0)  # of `amount`, given back so far
    merchant_id: str = ""  # theirs; empty when the message does not say
    issuer: str = ""  # the payer's app, if told


class RefundState(StrEnum):
    """How far money that we give back has come, by the gateway's word."""

    PENDING = "pending"  # they took it on
    DONE = "done"  # the driver's bank has it
    REFUSED = "refused"  # it will not happen by this way
    UNKNOWN = "unknown"  # they know nothing of it


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money of one payment that is to go back to the driver."""

    key: str  # ours, [A-Z0-9] and at most 30; the same again is the same refund
    reference: Reference  # of the charge
    payment_ref: str
    paid: Rupiah
    amount: Rupiah  # at most what was paid and not given back
    reason: str


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    state: RefundState
    theirs: str = ""  # their number of it, if they have one
    why: str = ""  # their words, above all for a no


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One row of a settlement report."""

    number: int  # line of the file, the header being line 1
    line_key: str  # identity within the report: their transaction, kind and occurrence
    kind: str  # "payment" or "refund"
    ours: str
    payment_ref: str
    gross: Rupiah  # of a refund: what was given back, positive
    fee: Rupiah  # of a refund: what of it came back to us, positive
    net: Rupiah  # gross less fee
    paid_at: datetime
    settled_on: date  # the day the money left the gateway


@dataclass(frozen=True, slots=True)
class Report:
    """A settlement report, whole: control totals have been compared with its lines."""

    merchant_id: str
    day: date  # the business day whose payments it reports
    version: int | None  # 1, or higher when re-issued; None: this source does not number them
    lines: Sequence[ReportLine]
    # Payments that the file names without paying them out, by their reference.
    left_out: frozenset[str] = frozenset()


class Gateway(Protocol):
    """One merchant account at one payment gateway.

    Every method may raise GatewayUnavailable, GatewayRefused, GatewayUnauthorised
    or GatewayUnreadable. No other error leaves an adapter, save where named.
    """

    @property
    def merchant(self) -> Merchant: ...

    @property
    def gives_back(self) -> bool:
        """Whether they refund at all when asked; what they do not is paid by hand."""
        ...

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        """Ask for a QR. After GatewayUnavailable or GatewayUnreadable one may exist: inquire.

        Somebody stands beside a car and waits: it ends within HURRY (gateways/http.py).
        """
        ...

    def recover_qr(self, reference: Reference) -> str | None:
        """The payload of a QR whose creation we did not see answered; None if they do not tell."""
        ...

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        """Every payment they know of for a charge, or under a payment's own reference: none, one
        or, sadly, two. A QR that nobody has paid is evidence too: PENDING, EXPIRED, CANCELLED.
        """
        ...

    def cancel(self, reference: Reference) -> State:
        """Ask to cancel; the state it is in after that, which may be PAID, or PENDING where they
        offer no cancelling."""
        ...

    def expire(self, reference: Reference) -> State:
        """Ask to end it as expired; the state it is in after that, which may be PAID."""
        ...

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Ask to give money back. After GatewayUnavailable or GatewayUnreadable: look it up.

        What it did to the payment is told by `inquire`, and only that is booked.
        """
        ...

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        """What became of a refund that was asked under this key. UNKNOWN: it never arrived."""
        ...

    def serve(self, callback: Callback) -> Reply | None:
        """What is answered at once and kept nowhere, such as a token that they ask us for before
        they report; None: it is a callback. Never raises."""
        ...

    def authenticate(self, callback: Callback) -> Authenticated:
        """How far a callback can be believed. Never raises; runs before anything is stored."""
        ...

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        """What this gateway expects to hear. Never raises."""
        ...

    def read_callback(self, callback: Callback) -> Evidence:
        """What a callback says. Raises CallbackNotAuthentic, GatewayUnreadable."""
        ...

    def read_report(self, content: bytes) -> Sequence[Report]:
        """The settlement reports in a file, one for each business day that it holds.

        Raises FileRefused naming every line that is wrong.
        """
        ...


class Connector(Protocol):
    """What a gateway's module offers: `connect`."""

    def __call__(self, merchant: Merchant, access: Access) -> Gateway:
        """The gateway of a merchant account. Raises ParkingError naming what is missing."""
        ...

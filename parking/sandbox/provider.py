"""A dialect of the sandbox: how one provider speaks of what the core knows.

The core (transactions, change, faults, outbox, courier, payer, settle) is one payment
network; what a provider calls things, signs, retries and reports is its package beside
this module. To add one, write `parking/sandbox/<name>/` with a class of these methods, list
it in providers.py, and give it a merchant in config.py.

What the core does for every dialect, so that none does it again:

- `api` is called with parts whose `faults` are those of this provider. While the fault
  "down" is on the API is not reached, and the outbox keeps what it would send.
- transport.py has the faults of any answer (`struck`, `around_create`), wording.py those of
  an inquiry's; callback_missing_fields and callback_pretty rewrite any JSON body before
  `sign` sees it.
- change.py raises Refusal: 404 unknown, 405 not supported, 406 duplicate, 407 expired, 412
  wrong state, 414 more than is left. The dialect says that in its own words.
- A transaction may be "chargeback" (`reversed_at`) and its refunds may fail (`failed_at`):
  `message` and the answers to inquiries must word these too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from flask import Blueprint, Response

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.rows import Row, Style
from parking.sandbox.transactions import Transaction

if TYPE_CHECKING:
    from parking.sandbox.courier import Courier
    from parking.sandbox.parts import SandboxParts


@dataclass(frozen=True, slots=True)
class Message:
    """What a merchant is notified of. The body is sent byte for byte, and again as it is."""

    kind: str  # "settlement", "qr.payment": for people and lists
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)  # the same at every delivery
    tail: str = ""  # of the path, behind the merchant's address


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification on its way to one address."""

    id: int
    gateway: str
    account: str
    transaction_id: str
    url: str
    body: str
    headers: Mapping[str, str]
    fault: str  # names of the faults that struck it, separated by blanks
    attempts: int  # made so far

    def suffers(self, fault: str) -> bool:
        return fault in self.fault.split()


class Provider(Protocol):
    """One provider, for all of its merchants."""

    @property
    def name(self) -> str:
        """Its prefix on the sandbox's port, and `gateway` of its transactions."""
        ...

    def api(self, parts: "SandboxParts", courier: "Courier") -> Blueprint:
        """Its HTTP API, below /<name>."""
        ...

    def refusal(self, code: int, message: str) -> Response:
        """An error of HTTP itself (no such page, a method not allowed) in its shape."""
        ...

    def message(self, transaction: Transaction, merchant: SandboxMerchant) -> Message | None:
        """What it notifies of a transaction as it is now; None: it is silent about that."""
        ...

    def forgery(self, transaction: Transaction, merchant: SandboxMerchant) -> Message:
        """A payment that nobody made, told as well as somebody can who caught one message.

        It is delivered with the fault "callback_tampered".
        """
        ...

    def spoiled(self, message: Message, fault: str, merchant: SandboxMerchant) -> Message:
        """The message with a fault of the group SPOILS in it; as it is, where `sign` does that."""
        ...

    def sign(
        self, delivery: Delivery, merchant: SandboxMerchant, now: datetime
    ) -> Mapping[str, str]:
        """The headers that prove a delivery at the moment it is sent; it may have to fetch a
        token from the merchant first. Raises urllib3.exceptions.HTTPError if that fails.
        """
        ...

    def retry_after(self, answer: int | None, attempts: int) -> timedelta | None:
        """How long to wait after so many attempts; None: it is over.

        `answer` is the HTTP status of the last one, None when there was none in time.
        """
        ...

    @property
    def reports(self) -> Sequence[str]:
        """The kinds of settlement report it offers, the usual one first."""
        ...

    @property
    def reports_by_payment(self) -> bool:
        """Whether a payment that is paid out late is in the report of its own day all the same,
        with the later day of its pay-out; else it is in a later report alone.
        """
        ...

    def report(
        self, kind: str, merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row],
        style: Style,
    ) -> bytes:  # fmt: skip
        """The settlement report of a business day."""
        ...

"""A payment: money that a gateway received for us or gave back, and how it is booked."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from parking.charges.charge import Charge
from parking.gateways.protocol import Evidence
from parking.ledger import entry
from parking.ledger.entry import Entry, Posting, Source, Terms
from parking.money import Rupiah

# A payment's name. A reference is unique at one account only: two banks may count alike.
Ref = tuple[str, str, str]  # gateway, account, theirs

RECEIPT = "receipt"
REVERSAL = "reversal"
REFUND = "refund"
BY_HAND = "refund_by_hand"  # kind of the entry; of no payment, for no gateway knows of it


class Origin(StrEnum):
    """Who brought evidence."""

    CALLBACK = "callback"
    INQUIRY = "inquiry"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Brought:
    """Evidence on its way into the book, and what it was drawn from."""

    evidence: Evidence
    origin: Origin
    callback_id: int | None = None
    line_id: int | None = None
    evidence_id: int | None = None  # once it is kept; None: apply keeps it


class Outcome(StrEnum):
    """What evidence came to."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"  # we had it already: a repeat is a success
    STALE = "stale"  # it says what has been overtaken
    MISMATCH = "mismatch"  # booked, but not what was asked (D05)
    ORPHAN = "orphan"  # of no charge of ours (D03); money is booked in suspense
    ASK = "ask"  # it proves nothing: the gateway is asked, and nothing was booked


@dataclass(frozen=True, slots=True)
class Payment:
    """One movement of money at a gateway. Amounts are positive; the effect has the sign."""

    gateway: str
    account: str
    payment_ref: str
    effect: str  # "receipt", "reversal", "refund:<total refunded>"
    charge_id: int | None
    ours: str
    amount: Rupiah
    paid_at: datetime
    business_day: date
    source: Origin
    late: bool
    evidence_id: int

    @property
    def is_receipt(self) -> bool:
        return self.effect == RECEIPT

    @property
    def ref(self) -> Ref:
        return self.gateway, self.account, self.payment_ref


def receipt_postings(
    payment: Payment, charge: Charge | None, is_first: bool
) -> tuple[Posting, ...]:
    """How a receipt is booked: the first one of a charge is shared, others are in suspense."""
    if charge is None or not is_first:
        return entry.unattributed(payment.amount)
    return entry.receipt(payment.amount, charge.amount, Terms(charge.attendant_id, charge.city_bps))


def entry_for(payment: Payment, postings: tuple[Posting, ...]) -> Entry:
    """The booking of a payment, named so that it can be booked once only."""
    kind, _, total = payment.effect.partition(":")
    reference = "/".join(payment.ref) + (f"/{total}" if total else "")
    return Entry(
        kind="payment" if kind == RECEIPT else kind,
        reference=reference,
        effective_on=payment.business_day,
        postings=postings,
        source=Source(evidence_id=payment.evidence_id),
    )


def by_hand_reference(ref: Ref, key: str) -> str:
    """What the booking of a refund by hand is called: by the payment, then by its case."""
    return "/".join((*ref, key))


def ref_of(evidence: Evidence) -> Ref:
    return evidence.gateway, evidence.account, evidence.payment_ref


def kept_as(brought: Brought, evidence_id: int) -> Brought:
    """The same, now that it is kept under an id."""
    return replace(brought, evidence_id=evidence_id)

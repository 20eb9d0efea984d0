"""What evidence means for a charge and the book. Pure: the same facts, the same decision.

Facts only go forward (reliability.md 5.2): money that came is booked whatever state
the charge is in, and nothing that a gateway says later makes a paid charge unpaid.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from parking.business_day import business_day
from parking.charges.charge import OPEN, STATE_FOR, Charge, ChargeState, Step, has_ended, may_move
from parking.charges.schedule import next_inquiry
from parking.gateways.protocol import Evidence, State, Trust
from parking.ledger.entry import Entry, taken_back
from parking.money import Rupiah, rupiah_text
from parking.payments.payment import (
    RECEIPT,
    REFUND,
    REVERSAL,
    Brought,
    Origin,
    Outcome,
    Payment,
    entry_for,
    receipt_postings,
    ref_of,
)

# A payment that rests on a signed callback alone is confirmed by asking, within 15 minutes.
CONFIRM_AFTER = timedelta(minutes=10)
# The last look at a charge that ended unpaid: drivers pay in the last second.
LAST_LOOK = timedelta(minutes=5)
# How long a gateway may need to know of a charge that it was asked to make.
CREATION_GRACE = timedelta(minutes=1)
# Times in a callback are not signed: one outside what can be waits for the inquiry.
CLOCK_TOLERANCE = timedelta(minutes=10)
# So old may a payment be that no charge of ours explains: a callback is sent again for hours,
# and may have waited for us for days. What is older comes by the settlement line, if it is true.
OLDEST_ORPHAN = timedelta(days=31)

UNPAID = frozenset({State.PENDING, State.EXPIRED, State.CANCELLED, State.FAILED})
BACK = frozenset({State.PARTLY_REFUNDED, State.REFUNDED, State.REVERSED})
NEW = frozenset({ChargeState.CREATING, ChargeState.CREATE_UNKNOWN})

# How far a payment is by a gateway's word; of two words the higher came later.
PROGRESS = {
    State.UNKNOWN: 0, State.PENDING: 0, State.EXPIRED: 1, State.CANCELLED: 1, State.FAILED: 1,
    State.PAID: 2, State.PARTLY_REFUNDED: 3, State.REFUNDED: 4, State.REVERSED: 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the book knows before the evidence: the charge, and payments of it or of the ref."""

    charge: Charge | None
    payments: tuple[Payment, ...] = ()
    by_hand: Rupiah = Rupiah(0)  # of the payment told of, given back outside the gateway
    is_withdrawn: bool = False  # cancelled here, where the gateway cancels nothing

    def receipt_of(self, evidence: Evidence) -> Payment | None:
        return next((p for p in self._of(evidence) if p.is_receipt), None)

    def given_back(self, evidence: Evidence) -> Rupiah:
        return Rupiah(sum(p.amount for p in self._of(evidence) if not p.is_receipt))

    def main_receipt(self) -> Payment | None:
        """The receipt that made the charge paid: the first that covers what was asked."""
        charge = self.charge
        if charge is None:
            return None
        mine = (p for p in self.payments if p.charge_id == charge.id and p.is_receipt)
        return next((p for p in mine if p.amount >= charge.amount), None)

    def _of(self, evidence: Evidence) -> list[Payment]:
        return [p for p in self.payments if p.ref == ref_of(evidence)]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write: the charge after it, its steps, payments and their bookings."""

    outcome: Outcome
    charge: Charge | None
    steps: tuple[Step, ...] = ()
    payments: tuple[Payment, ...] = ()
    entries: tuple[Entry, ...] = ()


def decide(known: Known, brought: Brought, now: datetime, may_prompt: bool = True) -> Decision:
    """What evidence that is kept (it has its id) does to what is known.

    Without `may_prompt`, hearsay waits for the regular inquiry instead of causing one,
    unless a charge is open: there are no more of those than vehicles that wait.
    """
    evidence, charge = brought.evidence, known.charge
    if charge is not None and (charge.gateway, charge.account) != (
        evidence.gateway, evidence.account,
    ):  # fmt: skip
        known = replace(known, charge=None)  # another merchant's order of the same name
    if not _may_be_believed(known, evidence, now):
        is_open = known.charge is not None and known.charge.state in OPEN
        return _prompted(known, brought, now if may_prompt or is_open else None, now)
    if evidence.state is State.PAID:
        decision = _received(known, brought, now)
    elif evidence.state in BACK:
        decision = _taken_back(known, brought, now)
    else:
        decision = _unpaid(known, brought, now)
    return _asked(decision, brought, now)


def not_known(known: Known, now: datetime) -> Decision:
    """What it means that the gateway, asked, knows of no payment for a charge."""
    charge = known.charge
    if charge is None:
        return Decision(Outcome.ORPHAN, None)
    asked = replace(charge, inquiries=charge.inquiries + 1)
    if charge.state in NEW and now >= charge.created_at + CREATION_GRACE:
        failed = replace(asked, state=ChargeState.CREATE_FAILED, inquire_at=_last_look(charge, now))
        return Decision(Outcome.APPLIED, failed, (_step(charge, failed, now, "not_known", None),))
    later = replace(asked, inquire_at=_next(charge, now))
    return Decision(Outcome.STALE, later, (_step(charge, later, now, "not_known", None),))


def unanswered(charge: Charge, now: datetime) -> Charge:
    """A charge whose gateway could not be asked: again in a minute."""
    return replace(charge, inquire_at=now + timedelta(minutes=1))


def judged(evidence: Evidence, answers: Sequence[Evidence]) -> Outcome | None:
    """What a callback that proved nothing comes to, by what the gateway said when asked.

    APPLIED if the gateway says the same, STALE if it says something later, None for
    what it does not confirm: the callback is rejected.
    """
    same_ref = [a for a in answers if a.payment_ref == evidence.payment_ref]
    if any(_says(a) == _says(evidence, unsaid=a.amount) for a in same_ref):
        return Outcome.APPLIED
    if any(PROGRESS[a.state] > PROGRESS[evidence.state] for a in same_ref):
        return Outcome.STALE
    return None


def _says(evidence: Evidence, unsaid: int = 0) -> tuple[State, int, Rupiah]:
    """`unsaid` stands for an amount that the message does not tell."""
    return evidence.state, evidence.amount or unsaid, evidence.refunded


def _may_be_believed(known: Known, evidence: Evidence, now: datetime) -> bool:
    """Proof is; a signed payment is if all that is not signed fits as well (design.md 2).

    Their id of the payment is not signed: under another one a kept message could be
    sent again as a second payment.
    """
    charge = known.charge
    if evidence.trust is not Trust.PROVISIONAL:
        return evidence.trust is Trust.PROOF
    if evidence.state is not State.PAID or evidence.at > now + CLOCK_TOLERANCE:
        return False
    if any(p.payment_ref != evidence.payment_ref for p in known.payments):
        return False
    if charge is None:
        return evidence.at >= now - OLDEST_ORPHAN
    return (
        evidence.amount == charge.amount
        and evidence.payment_ref == (charge.theirs or evidence.payment_ref)
        and evidence.at >= charge.created_at - CLOCK_TOLERANCE
    )


def _prompted(known: Known, brought: Brought, ask_at: datetime | None, now: datetime) -> Decision:
    """Hearsay books nothing. If it could change something, the gateway is asked at once."""
    evidence, charge = brought.evidence, known.charge
    if charge is None:
        return Decision(Outcome.ORPHAN, None)
    target = STATE_FOR.get(evidence.state)
    receipt = known.receipt_of(evidence)
    repeats = (
        target is charge.state
        if evidence.state in UNPAID
        else (
            evidence.state is State.PAID
            and receipt is not None
            and receipt.amount == evidence.amount
        )
    )
    if repeats:
        return Decision(Outcome.DUPLICATE, charge)
    if evidence.state is State.PENDING and charge.state not in NEW:
        return Decision(Outcome.STALE, charge)
    asked = replace(charge, inquire_at=ask_at or charge.inquire_at)
    if evidence.state in UNPAID and target is not None and not may_move(charge.state, target):
        return Decision(Outcome.STALE, asked, (_step(charge, asked, now, "stale", brought),))
    return Decision(Outcome.ASK, asked)


def _received(known: Known, brought: Brought, now: datetime) -> Decision:
    evidence, charge = brought.evidence, known.charge
    receipt = known.receipt_of(evidence)
    if receipt is not None:
        return _known_already(known, receipt, brought, now)
    main = known.main_receipt()
    late = charge is not None and (has_ended(charge.state) or known.is_withdrawn)
    payment = _payment(brought, charge, RECEIPT, evidence.amount, late)
    booked = entry_for(payment, receipt_postings(payment, charge, is_first=main is None))
    if charge is None:
        return Decision(Outcome.ORPHAN, None, (), (payment,), (booked,))
    after, cause = _after_receipt(charge, payment, main)
    fits = payment.amount == charge.amount
    return Decision(
        outcome=Outcome.APPLIED if fits or main is not None else Outcome.MISMATCH,
        charge=_confirmed(after, evidence, now),
        steps=(_step(charge, after, now, cause, brought),),
        payments=(payment,),
        entries=(booked,),
    )


def _after_receipt(charge: Charge, payment: Payment, main: Payment | None) -> tuple[Charge, str]:
    """The charge after a receipt that is new, and why."""
    if main is not None:
        return charge, "second_receipt"  # D10: the surplus is in suspense
    if payment.amount < charge.amount:
        return charge, "short_receipt"  # D05: nobody is told LUNAS for less than was asked
    paid = replace(
        charge, state=ChargeState.PAID, late=payment.late, paid_at=payment.paid_at,
        theirs=charge.theirs or payment.payment_ref,
    )  # fmt: skip
    return paid, "evidence" if payment.amount == charge.amount else "surplus_receipt"


def _known_already(known: Known, receipt: Payment, brought: Brought, now: datetime) -> Decision:
    evidence, charge = brought.evidence, known.charge
    if charge is not None and _is_short_and_over(charge, now):
        over = replace(charge, state=ChargeState.EXPIRED, inquire_at=None)
        return Decision(
            Outcome.APPLIED, over, (_step(charge, over, now, "short_receipt", brought),)
        )
    after = _confirmed(charge, evidence, now) if charge is not None else None
    if receipt.amount == evidence.amount:
        return Decision(Outcome.DUPLICATE, after)
    steps = (_step(charge, charge, now, "amount_contradicted", brought),) if charge else ()
    return Decision(Outcome.MISMATCH, after, steps)


def _is_short_and_over(charge: Charge, now: datetime) -> bool:
    """A charge that got less than was asked is not paid, and waits no longer than any other."""
    return charge.state is ChargeState.PENDING and now >= charge.expires_at


def _taken_back(known: Known, brought: Brought, now: datetime) -> Decision:
    """A refund or reversal; if its receipt was never told, that is booked first."""
    evidence = brought.evidence
    if known.receipt_of(evidence) is None:
        paid = replace(brought, evidence=replace(evidence, state=State.PAID, refunded=Rupiah(0)))
        first = _received(known, paid, now)
        known = replace(known, charge=first.charge, payments=(*known.payments, *first.payments))
        return _joined(first, _taken_back(known, brought, now))
    receipt = known.receipt_of(evidence)
    assert receipt is not None  # noqa: S101 - booked just now if it was not there
    before = known.given_back(evidence)
    total = _total_back(evidence, receipt)
    if total <= before:
        return Decision(Outcome.DUPLICATE, known.charge)
    is_main = known.main_receipt() == receipt
    charge = known.charge
    effect = REVERSAL if evidence.state is State.REVERSED else f"{REFUND}:{total}"
    payment = _payment(brought, charge, effect, Rupiah(total - before), late=False)
    booked = receipt_postings(receipt, charge, is_main)
    after, steps = _after_refund(charge, brought, is_main, now)
    undone, more = Rupiah(before + known.by_hand), total - before
    back = entry_for(payment, taken_back(booked, undone, Rupiah(undone + more)))
    return Decision(Outcome.APPLIED, after, steps, (payment,), (back,))


def _total_back(evidence: Evidence, receipt: Payment) -> Rupiah:
    """How much of a receipt is back by now. What is reversed is so entirely: a sum that stands
    beside that word is of the refunds before it.
    """
    if evidence.state is State.REVERSED or not evidence.refunded:
        return receipt.amount
    return min(evidence.refunded, receipt.amount)


def _after_refund(
    charge: Charge | None, brought: Brought, is_main: bool, now: datetime
) -> tuple[Charge | None, tuple[Step, ...]]:
    if charge is None:
        return None, ()
    target = STATE_FOR[brought.evidence.state]
    moves = is_main and may_move(charge.state, target)
    after = _confirmed(replace(charge, state=target) if moves else charge, brought.evidence, now)
    return after, (_step(charge, after, now, "evidence", brought),)


def _unpaid(known: Known, brought: Brought, now: datetime) -> Decision:
    """They say that no money came, or do not know yet."""
    evidence, charge = brought.evidence, known.charge
    if charge is None:
        return Decision(Outcome.ORPHAN, None)
    target = STATE_FOR.get(evidence.state)
    if target is charge.state or target is None:
        return Decision(Outcome.DUPLICATE if target else Outcome.STALE, charge)
    if not may_move(charge.state, target):
        contradicts = known.main_receipt() is not None or has_ended(charge.state)
        noted = (_step(charge, charge, now, "contradicted", brought),) if contradicts else ()
        return Decision(Outcome.STALE, charge, noted)
    after = replace(charge, state=target, theirs=charge.theirs or evidence.payment_ref)
    return Decision(Outcome.APPLIED, after, (_step(charge, after, now, "evidence", brought),))


def _asked(decision: Decision, brought: Brought, now: datetime) -> Decision:
    """After an inquiry: it was asked once more, and is asked again while anything is open."""
    charge = decision.charge
    if charge is None or brought.origin is not Origin.INQUIRY:
        return decision
    charge = replace(charge, inquiries=charge.inquiries + 1)
    return replace(decision, charge=replace(charge, inquire_at=_inquire_again(charge, now)))


def _inquire_again(charge: Charge, now: datetime) -> datetime | None:
    if has_ended(charge.state):
        return _last_look(charge, now)
    return None if charge.confirmed_at is not None else _next(charge, now)


def _last_look(charge: Charge, now: datetime) -> datetime | None:
    moment = charge.expires_at + LAST_LOOK
    return moment if moment > now else None


def _next(charge: Charge, now: datetime) -> datetime:
    return next_inquiry(charge.created_at, charge.expires_at, now)


def _confirmed(charge: Charge, evidence: Evidence, now: datetime) -> Charge:
    """Proof ends the asking; a signed callback is confirmed by asking soon.

    A charge that is open still, because less came than was asked, goes on to its end.
    """
    if charge.state is ChargeState.PENDING:
        return charge
    if evidence.trust is Trust.PROOF:
        return replace(charge, confirmed_at=charge.confirmed_at or now, inquire_at=None)
    if charge.confirmed_at is None:
        return replace(charge, inquire_at=now + CONFIRM_AFTER)
    return charge


def _payment(
    brought: Brought, charge: Charge | None, effect: str, amount: Rupiah, late: bool
) -> Payment:
    evidence = brought.evidence
    assert brought.evidence_id is not None  # noqa: S101 - apply keeps evidence before it decides
    return Payment(
        evidence.gateway, evidence.account, evidence.payment_ref, effect,
        charge.id if charge else None, evidence.ours, amount, evidence.at,
        business_day(evidence.at), brought.origin, late, brought.evidence_id,
    )  # fmt: skip


def _step(
    before: Charge, after: Charge, now: datetime, cause: str, brought: Brought | None
) -> Step:
    actor, note, evidence_id = f"gateway:{before.gateway}/{before.account}", "", None
    if brought is not None:
        said, evidence_id = brought.evidence, brought.evidence_id
        note = f"{said.state} {rupiah_text(said.amount)} {said.payment_ref}"
    return Step(before.id, before.state, after.state, now, cause, actor, evidence_id, note)


def _joined(first: Decision, second: Decision) -> Decision:
    return Decision(
        second.outcome, second.charge, first.steps + second.steps,
        first.payments + second.payments, first.entries + second.entries,
    )  # fmt: skip

"""Apply evidence: the one way into the book, whoever brings it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from parking.charges import store as charge_store
from parking.charges.charge import Charge, is_over
from parking.gateways.protocol import Evidence, Merchant
from parking.ledger.post import post_all
from parking.money import Rupiah
from parking.payments import store
from parking.payments.decide import BACK, Decision, Known, decide, not_known, unanswered
from parking.payments.line import Line, content, lines_as_evidence, settlement_entry
from parking.payments.payment import Brought, Origin, Outcome, Payment, Ref, kept_as, ref_of


class Book:
    """What is known of the charges and payments that a batch is about, as it grows."""

    def __init__(
        self,
        charges: dict[str, Charge],
        payments: Iterable[Payment],
        by_hand: Mapping[Ref, Rupiah] = MappingProxyType({}),
        withdrawn: Collection[str] = (),
    ) -> None:
        self.charges = charges
        self._by_hand = by_hand
        self._withdrawn = withdrawn
        self.read = dict(charges)
        self.payments: list[Payment] = []
        self._by_ours: defaultdict[str, list[Payment]] = defaultdict(list)
        self._by_ref: defaultdict[Ref, list[Payment]] = defaultdict(list)
        self.decisions: list[Decision] = []
        for payment in payments:
            self._learn(payment)

    def known(self, ours: str, ref: Ref | None = None) -> Known:
        of_ours = self._by_ours[ours]
        of_ref = self._by_ref[ref] if ref is not None else []
        others = [p for p in of_ref if p.ours != ours]
        by_hand = self._by_hand.get(ref, Rupiah(0)) if ref is not None else Rupiah(0)
        charge = self.charges.get(ours)
        return Known(charge, (*of_ours, *others), by_hand, ours in self._withdrawn)

    def add(self, ours: str, decision: Decision) -> None:
        self.decisions.append(decision)
        if decision.charge is not None:
            self.charges[ours] = decision.charge
        for payment in decision.payments:
            self._learn(payment)

    def write(self, session: Session, now: datetime) -> None:
        """Everything that was decided, in a few statements however much it is."""
        changed = [c for ours, c in self.charges.items() if c != self.read[ours]]
        charge_store.project(session, changed)
        charge_store.add_steps(session, [s for d in self.decisions for s in d.steps])
        store.add_payments(session, [p for d in self.decisions for p in d.payments], now)
        post_all(session, [e for d in self.decisions for e in d.entries], now)

    def _learn(self, payment: Payment) -> None:
        self._by_ours[payment.ours].append(payment)
        self._by_ref[payment.ref].append(payment)


def apply(session: Session, brought: Brought, now: datetime) -> Outcome:
    """Apply one piece of evidence. See `apply_all`."""
    return apply_all(session, [brought], now)[0]


def apply_all(
    session: Session, brought: Sequence[Brought], now: datetime, prompts: int = 30
) -> list[Outcome]:
    """Keep evidence, and book what it proves: once, forward only, whatever the order.

    A wrong amount or an unknown charge is booked all the same, because the money
    did move; reconciliation gives the problem its name. The charges are locked until
    the transaction ends. Evidence with an id was kept before and is only decided
    again. No more than `prompts` of what proves nothing cause an inquiry.

    Raises IntegrityError when somebody booked the same payment at this very moment:
    do the unit of work again, and it is a duplicate.
    """
    if not brought:
        return []
    store.look_up_by_key(session)
    book = _open(session, [b.evidence for b in brought], now)
    fresh = [b for b in brought if b.evidence_id is None]
    ids = iter(store.add_evidence(session, fresh, now))
    outcomes = []
    for each in brought:
        kept = each if each.evidence_id is not None else kept_as(each, next(ids))
        said = kept.evidence
        known = book.known(said.ours, ref_of(said))
        decision = decide(known, kept, now, may_prompt=prompts > 0)
        prompts -= decision.outcome is Outcome.ASK
        book.add(said.ours, decision)
        outcomes.append(decision.outcome)
    book.write(session, now)
    return outcomes


def apply_answers(
    session: Session,
    answers: Sequence[Evidence],
    silent: Collection[str],
    unreachable: Collection[str],
    now: datetime,
) -> None:
    """Apply what gateways said when asked.

    `silent` are the orders of which they know no payment, `unreachable` those they
    could not be asked about.
    """
    apply_all(session, [Brought(a, Origin.INQUIRY) for a in answers], now)
    book = Book(charge_store.locked_all(session, {*silent, *unreachable}), ())
    for ours in silent:
        book.add(ours, not_known(book.known(ours), now))
    for ours in unreachable:
        if ours in book.charges:
            book.charges[ours] = unanswered(book.charges[ours], now)
    book.write(session, now)


def _open(session: Session, said: Sequence[Evidence], now: datetime) -> Book:
    charges = charge_store.locked_all(session, {e.ours for e in said})
    refs = {ref_of(e) for e in said}
    # Also an order of another merchant that is named like a charge of ours.
    orphans = {e.ours for e in said if not _is_of(charges.get(e.ours), e)}
    if orphans:
        refs |= store.refs_told_of(session, orphans)
    payments = store.payments_about(session, [c.id for c in charges.values()], refs)
    back = {ref_of(e) for e in said if e.state in BACK}
    withdrawn = charge_store.withdrawn(session, [c for c in charges.values() if is_over(c, now)])
    return Book(charges, payments, store.paid_back_by_hand(session, back), withdrawn)


def _is_of(charge: Charge | None, said: Evidence) -> bool:
    account = (said.gateway, said.account)
    return charge is not None and (charge.gateway, charge.account) == account


def apply_lines(
    session: Session,
    merchant: Merchant,
    lines: Sequence[Line],
    now: datetime,
    instead_of: Sequence[Line] = (),
) -> None:
    """Apply the lines of a settlement report, each with the id it is stored under.

    A payment that neither callback nor inquiry told of is recovered from its line
    (D07). What was paid out, net of the fee, is booked line by line. `instead_of`
    are the stored lines of the report that this one supersedes: the pay-outs of
    those that changed or went are taken back, and those that stayed are not booked
    again. Raises IntegrityError if a line was applied before.
    """
    kept = store.evidence_of_lines(session, instead_of)
    stays = {content(line) for line_id, line in instead_of if line_id in kept}
    still = {content(line) for _, line in lines}
    told = store.told_of(session, merchant, {line.payment_ref for _, line in lines}, set(kept))
    apply_all(session, lines_as_evidence(merchant, lines, told), now)
    ids = store.evidence_of_lines(session, lines)
    new = [(i, line) for i, line in lines if content(line) not in stays]
    gone = [(i, line) for i, line in instead_of if i in kept and content(line) not in still]
    post_all(session, [settlement_entry(i, line, ids[i]) for i, line in new], now)
    post_all(session, [settlement_entry(i, line, kept[i], back=True) for i, line in gone], now)

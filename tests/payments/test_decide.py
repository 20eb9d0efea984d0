"""Whatever gateways say of a charge, in whatever order: the book comes to the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st
from parking.charges.charge import Charge, ChargeState, may_move
from parking.gateways.protocol import Evidence, State, Trust
from parking.ledger.entry import Account
from parking.payments.apply import Book
from parking.payments.decide import CONFIRM_AFTER, Known, decide, judged
from parking.payments.payment import Brought, Origin, Outcome, ref_of
from parking.registry.facts import Vehicle

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
CHARGE = Charge(
    id=1, ours="PKR-1", gateway="midtrans", account="jambi", shift_id=1, attendant_id=7,
    point_id=1, device_id=1, client_key="k", vehicle=Vehicle.MOTORCYCLE, tariff_id=1,
    amount=2_000, city_bps=4_000, created_at=NOON, business_day=date(2026, 11, 23), replaces=None,
    state=ChargeState.PENDING, late=False, theirs="trx-1", payload=None,
    expires_at=NOON + timedelta(minutes=5), paid_at=None,
)  # fmt: skip

PAID = {
    ChargeState.PAID, ChargeState.PARTLY_REFUNDED, ChargeState.REFUNDED, ChargeState.REVERSED,
}  # fmt: skip
BACK = {State.PARTLY_REFUNDED, State.REFUNDED, State.REVERSED}


@st.composite
def evidence(draw, states=tuple(State), trusts=tuple(Trust), refs=("trx-1", "trx-2")):
    state, amount = draw(st.sampled_from(states)), draw(st.sampled_from([2_000, 1_500, 2_500]))
    refunded = 0
    if state in BACK:
        whole = state is not State.PARTLY_REFUNDED
        refunded = amount if whole else draw(st.integers(1, amount - 1))
    return Evidence(
        "midtrans", "jambi", "PKR-1", draw(st.sampled_from(refs)), state, amount,
        NOON + timedelta(seconds=draw(st.integers(0, 600))), draw(st.sampled_from(trusts)),
        refunded=refunded,
    )  # fmt: skip


def told(said, start=ChargeState.PENDING):
    """The book after pieces of evidence in this order, and the states that were passed."""
    book, ids = Book({"PKR-1": replace(CHARGE, state=start)}, ()), count(1)
    states = [start]
    for each in said:
        brought = Brought(each, Origin.INQUIRY, evidence_id=next(ids))
        known = book.known("PKR-1", ref_of(each))
        book.add("PKR-1", decide(known, brought, NOON + timedelta(minutes=20)))
        states.append(book.charges["PKR-1"].state)
    return book, states


def balances(book):
    totals = dict.fromkeys(Account, 0)
    for decision in book.decisions:
        for entry in decision.entries:
            for posting in entry.postings:
                totals[posting.account] += posting.amount
    return totals


UNPAID = sorted(set(ChargeState) - PAID)


@given(st.lists(evidence(), max_size=8), st.sampled_from(UNPAID))
def test_states_move_along_the_table_and_a_paid_charge_stays_paid(said, start):
    book, states = told(said, start)

    for step in (s for d in book.decisions for s in d.steps):
        assert step.before is step.after or may_move(step.before, step.after)
    for before, after in pairwise(states):
        assert after in PAID or before not in PAID


@given(st.lists(evidence(), max_size=8))
def test_steps_tell_exactly_what_the_state_became(said):
    book, states = told(said)

    at = ChargeState.PENDING
    for step in (s for d in book.decisions for s in d.steps):
        assert step.before is at
        at = step.after
    assert at is states[-1]


@given(st.lists(evidence(), max_size=8))
def test_the_gateway_owes_exactly_what_it_received_and_did_not_give_back(said):
    book, _ = told(said)
    payments = [p for d in book.decisions for p in d.payments]

    owed = sum(p.amount if p.is_receipt else -p.amount for p in payments)

    assert balances(book)[Account.DUE_FROM_GATEWAY] == owed >= 0
    assert sum(balances(book).values()) == 0
    names = [(p.gateway, p.payment_ref, p.effect) for p in payments]
    assert len(names) == len(set(names)), "nothing is booked twice"


@given(st.lists(evidence(), max_size=5), st.data())
def test_evidence_that_comes_again_books_nothing_more(said, data):
    again = data.draw(st.lists(st.sampled_from(said), max_size=5)) if said else []

    once, _ = told(said)
    more, _ = told([*said, *again])

    later = more.decisions[len(said) :]
    assert not any(p.is_receipt for d in later for p in d.payments)
    assert balances(more)[Account.SUSPENSE] <= 0
    if not any(e.state in BACK for e in again):
        assert balances(once) == balances(more)


@given(
    st.lists(
        evidence(states=(State.PENDING, State.PAID, State.EXPIRED, State.CANCELLED),
                 trusts=(Trust.PROOF,), refs=("trx-1",)).map(lambda e: replace(e, amount=2_000)),
        min_size=1, max_size=6,
    ).flatmap(lambda said: st.tuples(st.just(said), st.permutations(said)))
)  # fmt: skip
def test_the_order_in_which_proof_comes_does_not_matter_to_the_money(both):
    one, other = (told(said)[0] for said in both)

    assert balances(one) == balances(other)
    assert (one.charges["PKR-1"].state in PAID) == (other.charges["PKR-1"].state in PAID)


@given(st.lists(evidence(trusts=(Trust.HEARSAY,)), max_size=8))
def test_hearsay_alone_books_nothing_and_moves_nothing(said):
    book, states = told(said)

    assert set(states) == {ChargeState.PENDING}
    assert not any(d.payments or d.entries for d in book.decisions)


def test_a_signed_payment_is_confirmed_within_fifteen_minutes():
    assert timedelta(0) < CONFIRM_AFTER <= timedelta(minutes=15)


@given(evidence(), st.lists(evidence(trusts=(Trust.PROOF,)), min_size=1, max_size=4))
def test_what_the_gateway_says_itself_is_confirmed_and_only_that(callback, answers):
    outcome = judged(callback, answers)

    same = [a for a in answers if a.payment_ref == callback.payment_ref]
    says = (callback.state, callback.amount, callback.refunded)
    if any((a.state, a.amount, a.refunded) == says for a in same):
        assert outcome is Outcome.APPLIED
    else:
        assert outcome in (Outcome.STALE, None)
    if not same:
        assert outcome is None


def test_a_signed_payment_of_no_charge_and_long_ago_is_not_believed():
    """Its time is not signed: a year 2020 would have every day since then reconciled."""
    long_ago = Evidence(
        "midtrans", "jambi", "PKR-9", "trx-9", State.PAID, 2_000, NOON - timedelta(days=32),
        Trust.PROVISIONAL,
    )  # fmt: skip
    today = replace(long_ago, at=NOON)

    decisions = [
        decide(Known(None), Brought(each, Origin.CALLBACK, evidence_id=1), NOON)
        for each in (long_ago, today)
    ]

    assert [d.outcome for d in decisions] == [Outcome.ORPHAN, Outcome.ORPHAN]
    assert [len(d.payments) for d in decisions] == [0, 1]

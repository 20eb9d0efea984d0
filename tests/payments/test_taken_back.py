"""Refunds, chargebacks and reversals of a payment, in whatever order and however often they are
told, long after its day as well: no more goes back than came, and the book balances.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.charges.charge import ChargeState
from parking.gateways.protocol import Evidence, State, Trust
from parking.ledger.entry import Account
from parking.payments.payment import Outcome

from tests.payments.test_decide import CHARGE, NOON, balances, told

AMOUNTS = (1_500, 2_000, 2_001, 2_500)  # of 2 000 that were asked
ALL_BACK = {ChargeState.REFUNDED, ChargeState.REVERSED}
OWNED = (Account.CITY_SHARE, Account.ATTENDANT_SHARE, Account.SUSPENSE)


def said(state, amount=2_000, refunded=0, *, ref="trx-1", at=NOON):
    return Evidence(
        "midtrans", "jambi", "PKR-1", ref, state, amount, at, Trust.PROOF, refunded=refunded
    )


@st.composite
def backs(draw, amount):
    """Whatever a gateway may say of a payment of which something went back, or nothing did."""
    totals = {
        State.PAID: st.just(0),
        State.PARTLY_REFUNDED: st.integers(1, amount - 1),
        State.REFUNDED: st.just(amount),
        # All of it, whatever part had been refunded before and is told beside the word.
        State.REVERSED: st.integers(0, amount),
    }
    state = draw(st.sampled_from(list(totals)))
    at = NOON + timedelta(days=draw(st.integers(0, 400)))
    return said(state, amount, draw(totals[state]), at=at)


@st.composite
def payments(draw):
    """What is told of one payment, and of a second one for the same charge."""
    first, second = draw(st.sampled_from(AMOUNTS)), draw(st.sampled_from(AMOUNTS))
    one = draw(st.lists(backs(first), min_size=1, max_size=6))
    other = [replace(e, payment_ref="trx-2") for e in draw(st.lists(backs(second), max_size=4))]
    return draw(st.permutations([*one, *other]))


def booked(book, ref):
    mine = [p for d in book.decisions for p in d.payments if p.payment_ref == ref]
    came = sum(p.amount for p in mine if p.is_receipt)
    return came, sum(p.amount for p in mine if not p.is_receipt)


def told_back(story, ref):
    """The most that was told to have gone back of a payment."""
    mine = [e for e in story if e.payment_ref == ref]
    return max((e.amount if e.state is State.REVERSED else e.refunded for e in mine), default=0)


@given(payments())
def test_exactly_what_was_told_goes_back_and_never_more_than_came(story):
    book, _ = told(story)

    for ref in ("trx-1", "trx-2"):
        came, back = booked(book, ref)
        assert back == told_back(story, ref) <= came


@given(payments())
def test_the_book_balances_and_takes_from_nobody_more_than_they_had(story):
    book, _ = told(story)

    for decision in book.decisions:
        for entry in decision.entries:
            assert sum(p.amount for p in entry.postings) == 0
    sums = balances(book)
    assert all(sums[account] <= 0 for account in OWNED)
    assert sums[Account.DUE_FROM_GATEWAY] == -sum(sums[account] for account in OWNED) >= 0


@given(payments())
def test_when_all_went_back_nobody_has_anything_of_it(story):
    whole = [said(State.REVERSED, e.amount, ref=e.payment_ref) for e in story]

    book, states = told([*story, *whole])

    assert not any(balances(book).values())
    amount = next(e.amount for e in story)
    if {e.payment_ref for e in story} == {"trx-1"} and amount >= CHARGE.amount:
        assert states[-1] in ALL_BACK


@given(st.sampled_from(AMOUNTS).flatmap(lambda a: st.lists(backs(a), min_size=1, max_size=6)),
       st.randoms())  # fmt: skip
def test_the_order_in_which_they_are_told_does_not_matter_to_the_money(story, random):
    other = random.sample(story, len(story))

    assert balances(told(story)[0]) == balances(told(other)[0])


@given(payments())
def test_told_again_they_book_nothing_more(story):
    once, _ = told(story)

    twice, _ = told([*story, *story])

    assert balances(once) == balances(twice)
    assert not any(d.payments for d in twice.decisions[len(story) :])


@given(payments())
def test_nothing_is_booked_under_one_name_twice(story):
    book, _ = told(story)

    names = [(p.payment_ref, p.effect) for d in book.decisions for p in d.payments]
    references = [(e.kind, e.reference) for d in book.decisions for e in d.entries]
    assert len(names) == len(set(names))
    assert len(references) == len(set(references)) == len(names)


@pytest.mark.parametrize("beside", [0, 500, 2_000])
def test_a_chargeback_after_a_partial_refund_takes_the_rest(beside):
    """What stands beside the word may be the refund of before."""
    story = [
        said(State.PAID), said(State.PARTLY_REFUNDED, refunded=500),
        said(State.REVERSED, refunded=beside),
    ]  # fmt: skip

    book, states = told(story)

    assert [p.amount for d in book.decisions for p in d.payments] == [2_000, 500, 1_500]
    assert states[-1] is ChargeState.REVERSED
    assert not any(balances(book).values())


def test_a_chargeback_of_what_was_refunded_already_books_nothing():
    book, states = told([said(State.REFUNDED, refunded=2_000), said(State.REVERSED)])

    assert book.decisions[-1].outcome is Outcome.DUPLICATE
    assert states[-1] is ChargeState.REFUNDED
    assert not any(balances(book).values())


def test_a_chargeback_long_after_is_booked_on_its_own_day():
    months = NOON + timedelta(days=120)

    book, states = told([said(State.PAID), said(State.REVERSED, at=months)])

    receipt, back = (e for d in book.decisions for e in d.entries)
    assert (receipt.effective_on, back.effective_on) == (date(2026, 11, 23), date(2027, 3, 23))
    assert states[-1] is ChargeState.REVERSED


def test_a_payment_is_known_from_its_chargeback_alone():
    book, states = told([said(State.REVERSED)])

    assert [p.effect for d in book.decisions for p in d.payments] == ["receipt", "reversal"]
    assert states[-1] is ChargeState.REVERSED

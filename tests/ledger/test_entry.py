"""Every booking sums to zero and loses no rupiah, whatever the amounts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.ledger.entry import (
    Account,
    Entry,
    Posting,
    Source,
    Terms,
    cash,
    mirrored,
    receipt,
    settlement,
    shared_between,
    taken_back,
    unattributed,
)
from parking.money import BPS

AMOUNTS = st.integers(1, 10_000_000)
RATES = st.integers(0, BPS)
DAY = date(2026, 11, 23)


def total(postings, account=None):
    return sum(p.amount for p in postings if account in (None, p.account))


@given(AMOUNTS, RATES)
def test_a_split_loses_no_rupiah_and_is_as_near_as_whole_rupiah_allow(amount, city_bps):
    city, attendant = shared_between(amount, city_bps)

    assert city + attendant == amount
    assert min(city, attendant) >= 0
    assert abs(city * BPS - amount * city_bps) * 2 <= BPS


@given(AMOUNTS, AMOUNTS, RATES)
def test_every_receipt_balances_and_owes_us_what_was_paid(amount, due, city_bps):
    booked = receipt(amount, due, Terms(7, city_bps))

    assert total(booked) == 0
    assert total(booked, Account.DUE_FROM_GATEWAY) == amount
    shared = -total(booked, Account.CITY_SHARE) - total(booked, Account.ATTENDANT_SHARE)
    assert shared == (due if amount >= due else 0)


@given(st.integers(1, 10_000), st.integers(1, 10_000), RATES, st.data())
def test_a_surplus_goes_back_before_anybodys_share(due, surplus, city_bps, data):
    booked = receipt(due + surplus, due, Terms(7, city_bps))
    wish = data.draw(st.integers(1, due + surplus))

    back = taken_back(booked, 0, wish)

    assert total(back, Account.SUSPENSE) == min(wish, surplus)
    shared = total(back, Account.CITY_SHARE) + total(back, Account.ATTENDANT_SHARE)
    assert shared == max(0, wish - surplus)


@given(AMOUNTS, AMOUNTS, RATES, st.data())
def test_what_goes_back_beyond_a_receipt_is_nobodys_share(amount, due, city_bps, data):
    booked = receipt(amount, due, Terms(7, city_bps))
    by_hand, by_gateway = data.draw(st.integers(1, amount)), data.draw(st.integers(1, amount))

    one = taken_back(booked, 0, by_hand, out_of=Account.REFUNDED_BY_HAND)
    other = taken_back(booked, by_hand, by_hand + by_gateway)

    beyond = max(0, by_hand + by_gateway - amount)
    left = total([*booked, *one, *other], Account.SUSPENSE) - beyond
    assert left <= 0
    for share in (Account.CITY_SHARE, Account.ATTENDANT_SHARE):
        assert total([*booked, *one, *other], share) <= 0
    assert total(other) == 0
    assert total(other, Account.DUE_FROM_GATEWAY) == -by_gateway


@given(AMOUNTS, AMOUNTS, RATES, st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_refunds_that_give_everything_back_undo_a_receipt_exactly(amount, due, city_bps, parts):
    booked = receipt(amount, due, Terms(7, city_bps))
    totals = [amount * sum(parts[: n + 1]) // sum(parts) for n in range(len(parts))]
    steps = [(b, a) for b, a in zip([0, *totals], totals, strict=False) if a > b]

    backs = [taken_back(booked, before, after) for before, after in steps]

    for (before, after), back in zip(steps, backs, strict=True):
        assert total(back) == 0
        assert total(back, Account.DUE_FROM_GATEWAY) == before - after
    everything = [*booked, *(p for back in backs for p in back)]
    assert {account: total(everything, account) for account in Account} == dict.fromkeys(Account, 0)


@given(AMOUNTS, st.data())
def test_a_settlement_pays_out_what_the_gateway_owes_less_its_fee(gross, data):
    fee = data.draw(st.integers(0, gross))

    booked = settlement(gross, fee)

    assert total(booked) == 0
    assert -total(booked, Account.DUE_FROM_GATEWAY) == gross
    assert total(booked, Account.SETTLED) == gross - fee


@given(AMOUNTS, RATES)
def test_a_cash_tap_taken_back_leaves_nothing(amount, city_bps):
    booked = cash(amount, Terms(7, city_bps))

    assert total(booked) == 0
    assert total(booked, Account.CASH_WITH_ATTENDANT) == amount
    assert total([*booked, *mirrored(booked)], Account.CITY_SHARE) == 0


@pytest.mark.parametrize(
    "postings",
    [
        (),
        (Posting(Account.SUSPENSE, 5),),
        (Posting(Account.SUSPENSE, 5), Posting(Account.SETTLED, -4)),
    ],
)
def test_an_entry_that_does_not_balance_cannot_be_made(postings):
    with pytest.raises(ValueError, match="does not balance"):
        Entry("payment", "x", DAY, postings, Source(evidence_id=1))


@pytest.mark.parametrize("amount", [0, 2.0, True, "5"])
def test_a_posting_is_a_whole_number_of_rupiah(amount):
    with pytest.raises(ValueError, match="whole number"):
        Posting(Account.SUSPENSE, amount)


def test_an_entry_rests_on_exactly_one_source():
    with pytest.raises(ValueError, match="one source"):
        Source(evidence_id=1, cash_id=2)
    with pytest.raises(ValueError, match="one source"):
        Source()


def test_money_of_no_charge_is_in_suspense():
    assert {p.account: p.amount for p in unattributed(2_000)} == {
        Account.DUE_FROM_GATEWAY: 2_000, Account.SUSPENSE: -2_000,
    }  # fmt: skip


def test_only_accounts_that_somebody_holds_have_a_holder():
    with pytest.raises(ValueError, match="holder"):
        Posting(Account.CITY_SHARE, 5, holder=7)
    with pytest.raises(ValueError, match="holder"):
        Posting(Account.ATTENDANT_SHARE, 5)

"""What matching promises of any day whatever: nothing is lost, nothing hangs on the order."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parking.reconciliation.catalogue import ALONE, CATALOGUE, EXPLAINED_BY
from parking.reconciliation.matching import CHAIN_CODES, match
from parking.reconciliation.run import judge
from parking.reconciliation.summary import outcomes

from tests.reconciliation.frames import TERMS, charge, inputs, line, receipt, shuffled

AMOUNTS = st.sampled_from([1, 100, 1_500, 2_000, 3_000])


@st.composite
def days(draw):
    """A day on which anything may have gone wrong."""
    count = draw(st.integers(0, 8))
    charges = [
        charge(
            n, state=draw(st.sampled_from(["paid", "pending", "expired", "refunded"])),
            of_day=draw(st.booleans()), receipts_before=draw(st.integers(0, 1)),
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    refs = draw(st.lists(st.integers(1, 12), unique=True))
    receipts = [
        receipt(
            ref, draw(st.integers(0, count)), paid=draw(AMOUNTS), late=draw(st.booleans()),
            source=draw(st.sampled_from(["callback", "inquiry", "settlement"])),
            heard=draw(st.booleans()),
        )
        for ref in refs
    ]  # fmt: skip
    of_ref = {row["chain"]: row["charge_id"] for row in receipts}
    lines = [
        line(
            ref, of_ref.get(f"midtrans/jambi/{ref}", draw(st.integers(0, count))), number,
            gross=draw(AMOUNTS), fee=draw(st.sampled_from([0, 14])),
        )
        for number, ref in enumerate(draw(st.lists(st.integers(1, 14), max_size=10)))
    ]  # fmt: skip
    seconds = [
        {"ours": f"PKR-{n}", "by": by, "other": "9", "amount": 2_000, "vehicles": ""}
        for n in draw(st.lists(st.integers(1, max(count, 1)), unique=True, max_size=count))
        for by in draw(st.sampled_from([["cash"], ["charge"], ["cash", "charge"]]))
    ]
    terms = replace(TERMS, is_claimable=draw(st.booleans()), is_overdue=draw(st.booleans()))
    return inputs(terms, charges=charges, receipts=receipts, lines=lines, seconds=seconds)


@settings(max_examples=25, deadline=None)
@given(days())
def test_nothing_that_came_in_is_missing_from_the_result(day):
    matched = match(day)

    chains = matched.chains
    assert sorted(chains.chain) == sorted(set(day.receipts.chain) | set(day.lines.chain))
    assert chains.paid.sum() == day.receipts.paid.sum()
    assert chains.gross.sum() == day.lines.gross.sum()
    assert chains.fee.sum() == day.lines.fee.sum()
    assert chains.line_count.sum() == len(day.lines)
    assert sorted(matched.charges.charge_id) == sorted(day.charges.charge_id[day.charges.of_day])
    counted = outcomes(chains)
    parts = counted["whole"] + counted["waiting"] + counted["discrepant"]
    assert parts == counted["count"] == len(chains)


@settings(max_examples=25, deadline=None)
@given(days())
def test_money_that_is_whole_was_asked_paid_told_of_and_settled_to_the_rupiah(day):
    chains = match(day).chains
    whole = chains[~chains[list(CHAIN_CODES)].any(axis=1) & ~chains.waits]

    assert (whole.paid == whole.asked).all()
    assert (whole.paid == whole.gross).all()
    assert (whole.charge_id > 0).all()


@settings(max_examples=25, deadline=None)
@given(days(), st.integers(0, 99))
def test_the_result_does_not_hang_on_the_order_in_which_rows_come(day, seed):
    assert judge(day) == judge(shuffled(day, seed))


@settings(max_examples=25, deadline=None)
@given(days())
def test_each_discrepancy_is_named_once_and_tells_no_story_twice(day):
    _, found = judge(day)

    named = [(d.code, d.subject) for d in found]
    assert len(named) == len(set(named))
    chains = match(day).chains
    for code in ALONE:
        others = [c for c in CHAIN_CODES if c != code]
        assert not chains.loc[chains[code], others].any(axis=None)
    for code, others in EXPLAINED_BY.items():
        assert not (chains[code] & chains[sorted(others)].any(axis=1)).any()


@settings(max_examples=25, deadline=None)
@given(days())
def test_inputs_have_one_hash_however_often_they_are_made(day):
    again = replace(day, receipts=day.receipts.copy(), lines=day.lines.copy())

    assert again.hash() == day.hash()
    assert replace(
        day, terms=replace(day.terms, is_claimable=not day.terms.is_claimable)
    ).hash() != (day.hash())


def test_a_receipt_given_twice_is_an_error():
    with pytest.raises(ValueError, match="receipt given twice"):
        match(inputs(charges=[charge(1)], receipts=[receipt(1, 1), receipt(1, 1)]))


def test_two_faults_of_one_payment_are_two_discrepancies():
    day = inputs(
        charges=[charge(1)],
        receipts=[receipt(1, 1, paid=3_000, source="inquiry", heard=False)],
        lines=[line(1, 1, gross=3_000, fee=0)],
    )

    assert [d.code for d in judge(day)[1]] == ["D01", "D05", "D08"]


def test_an_agreed_fee_is_no_discrepancy_and_neither_is_one_rupiah():
    for fee in (13, 14, 15):
        day = inputs(charges=[charge(1)], receipts=[receipt(1, 1)], lines=[line(1, 1, fee=fee)])
        assert judge(day)[1] == []


def test_every_code_of_the_issue_is_in_the_catalogue():
    assert sorted(CATALOGUE) == [f"D{number:02}" for number in range(1, 38)]

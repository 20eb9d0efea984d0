"""What has become of payments, by the transactions of their order (gateways.md 2.7, 2.9)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.gateways.protocol import State
from parking.gateways.xendit_messages import (
    Movement,
    payments_in,
    read_movement,
    read_payment,
    with_movements,
)
from parking.money import Rupiah

from tests.gateways.xendit_samples import AT, PAYMENT, SECOND, given_back, movement, payment

BACK_AT = datetime(2026, 2, 14, 2, tzinfo=UTC)


def standing(payments, *rows):
    told = with_movements([read_payment(p) for p in payments], [read_movement(r) for r in rows])
    return {p.ref: (p.state, p.refunded, p.at) for p in told}


def test_a_payment_that_stands():
    assert standing([payment()], movement()) == {PAYMENT: (State.PAID, 0, AT)}


def test_the_list_of_transactions_may_lag_behind():
    assert standing([payment()]) == {PAYMENT: (State.PAID, 0, AT)}


def test_given_back_in_part_and_then_in_whole():
    first, second = given_back(), given_back(id="txn_r2", amount=1500)

    assert standing([payment()], movement(), first)[PAYMENT] == (
        State.PARTLY_REFUNDED, 500, BACK_AT,
    )  # fmt: skip
    assert standing([payment()], movement(), first, second)[PAYMENT][:2] == (State.REFUNDED, 2_000)


@pytest.mark.parametrize("status", ["PENDING", "FAILED", "VOIDED", "REVERSED", "SOMETHING_NEW"])
def test_a_refund_that_has_not_arrived_gave_nothing_back(status):
    assert standing([payment()], given_back(status=status))[PAYMENT] == (State.PAID, 0, AT)


@pytest.mark.parametrize("status", ["VOIDED", "REVERSED"])
def test_a_payment_that_was_taken_back(status):
    told = standing([payment()], movement(status=status), given_back())

    assert told[PAYMENT] == (State.REVERSED, 2_000, AT)


def test_more_than_came_can_not_go_back():
    with pytest.raises(ValueError, match="refunded of 2000"):
        standing([payment()], given_back(amount=2001))


def test_a_refund_named_by_its_own_number_is_of_the_only_payment():
    assert standing([payment()], given_back(product_id="77"))[PAYMENT][1] == 500


def test_of_two_payments_each_has_its_own_refunds():
    second = SECOND.removeprefix("qrpy_")
    told = standing(
        [payment(), payment(id=SECOND)],
        given_back(product_id=second, amount=2000),
    )

    assert told[PAYMENT][0] is State.PAID
    assert told[SECOND][0] is State.REFUNDED


def test_of_two_payments_nobody_guesses_which_went_back():
    with pytest.raises(ValueError, match="of which of 2 payments"):
        standing([payment(), payment(id=SECOND)], given_back(product_id="77"))


def test_a_payment_that_only_the_transactions_know_is_told_too():
    second = movement(product_id=SECOND.removeprefix("qrpy_"))

    assert set(standing([payment()], movement(), second)) == {PAYMENT, SECOND}


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("SUCCESS", [State.PAID]), ("VOIDED", [State.REVERSED]), ("REVERSED", [State.REVERSED]),
        ("PENDING", [State.UNKNOWN]), ("NEW_WORD", [State.UNKNOWN]), ("FAILED", []),
    ],
)  # fmt: skip
def test_payments_among_transactions(status, states):
    found = payments_in([read_movement(movement(status=status)), read_movement(given_back())])

    assert [payment.state for payment in found] == states


@given(st.lists(st.integers(1, 900), max_size=5), st.randoms())
def test_the_order_of_rows_says_nothing(parts, random):
    rows = [
        Movement(f"txn_{n}", "REFUND", "SUCCESS", PAYMENT[5:], "P", Rupiah(part), BACK_AT)
        for n, part in enumerate(parts)
    ]
    paid = [read_payment(payment(amount=5000))]
    shuffled = random.sample(rows, len(rows))

    assert with_movements(paid, rows) == with_movements(paid, shuffled)
    assert with_movements(paid, rows)[0].refunded == sum(parts)

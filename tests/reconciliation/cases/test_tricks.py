"""What a dishonest attendant tries leaves a signal: a case with the attendant's name (F102)."""

from datetime import timedelta

import pytest

from tests.reconciliation.cases.test_desk import all_cases
from tests.reconciliation.scenes import DAY, at


def shows_an_old_success_screen(scene):
    scene.sale(scene.shift(declared_qris=4_000))  # 2,000 came


def keeps_part_of_the_cash(scene):
    shift = scene.shift(declared_cash=2_000)
    for _ in range(5):
        scene.cash(shift)


def takes_cash_and_lets_the_code_be_paid_as_well(scene):
    shift = scene.shift(declared_cash=2_000)
    ours = scene.charge(shift)
    scene.payment(ours)
    scene.cash(shift, instead_of=ours)


def says_for_a_week_that_the_qr_is_broken(scene):
    for back in range(7):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))


@pytest.mark.fault("F102")
@pytest.mark.parametrize(
    ("trick", "code"),
    [
        (shows_an_old_success_screen, "D16"),
        (keeps_part_of_the_cash, "D17"),
        (takes_cash_and_lets_the_code_be_paid_as_well, "D10"),
        (says_for_a_week_that_the_qr_is_broken, "D19"),
    ],
)
def test_a_trick_becomes_a_case_about_the_attendant(scene, trick, code):
    trick(scene)

    scene.run()

    found = [case for case in all_cases(scene) if case.code == code]
    assert [case.attendant_id is not None and case.is_open for case in found] == [True]


@pytest.mark.fault("F102")
def test_an_honest_day_makes_no_case(scene):
    shift = scene.shift(declared_qris=2_000, declared_cash=2_000)
    scene.sale(shift)
    scene.cash(shift)

    scene.run()

    assert all_cases(scene) == []

"""A bank that is closed is no discrepancy of its customers: D35, and deadlines that stand still."""

from datetime import date, timedelta

import pytest
from parking.reconciliation import store
from parking.reconciliation.catalogue import Severity

from tests.reconciliation.scenes import (
    DAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    night_after,
)

CLAIMABLE = night_after(WEDNESDAY)  # two working days after Monday have passed
A_DAY_LATER = night_after(THURSDAY)


def paid(scene):
    """A payment at one past nine that no report tells of."""
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    return ours


def test_d35_a_payment_in_an_outage_that_is_not_settled(scene):
    scene.outage(at(8), at(17))
    ours = paid(scene)
    assert scene.codes(night_after(TUESDAY)) == []

    (d,) = scene.found(CLAIMABLE)

    assert (d.code, d.owner, d.severity, d.ours) == ("D35", "finance", Severity.MEDIUM, ours)
    assert d.due_on == date(2026, 12, 2)  # the lost day is the payment's own
    assert d.evidence["outage"] == (
        "midtrans/jambi: 23-11-2026 pukul 08.00 WIB sampai 23-11-2026 pukul 17.00 WIB"
    )
    assert "dibekukan" in d.explanation


def test_d35_goes_when_the_line_comes(scene):
    scene.outage(at(8), at(17))
    ours = paid(scene)
    assert scene.codes(CLAIMABLE) == ["D35"]

    scene.line(ours, report=THURSDAY, settled_on=TUESDAY)

    assert scene.codes(A_DAY_LATER) == []


def test_a_line_of_no_payment_lies_in_no_outage(scene):
    scene.outage(at(8), at(17))
    paid(scene)
    scene.line("STRAY")

    assert sorted(scene.codes(CLAIMABLE)) == ["D03", "D35"]


def test_an_outage_told_twice_and_noticed_as_well_is_one(scene):
    scene.outage(at(8), at(10))
    scene.outage(at(9), at(17))
    scene.outage(at(8, 30), at(9, 30), noticed="breaker")
    paid(scene)

    (d,) = scene.found(CLAIMABLE)

    assert d.evidence["outage"].endswith("08.00 WIB sampai 23-11-2026 pukul 17.00 WIB")


def test_a_payment_before_the_outage_is_late_by_the_day_that_was_lost(scene):
    scene.outage(at(8, day=TUESDAY), at(17, day=TUESDAY))
    paid(scene)

    assert scene.codes(CLAIMABLE) == []
    (d,) = scene.found(A_DAY_LATER)

    assert d.code == "D06"
    assert d.due_on == date(2026, 12, 3)  # and no longer 2 December


def test_what_is_settled_on_the_day_after_the_lost_one_is_in_time(scene):
    scene.outage(at(8, day=TUESDAY), at(17, day=TUESDAY))
    ours = paid(scene)
    scene.line(ours, report=WEDNESDAY, settled_on=WEDNESDAY)

    assert scene.codes(night_after(WEDNESDAY)) == []


def test_while_it_lasts_nothing_is_late(scene):
    scene.outage(at(8, day=TUESDAY), None)
    paid(scene)

    assert scene.codes(night_after(THURSDAY + timedelta(days=5))) == []


@pytest.mark.parametrize(
    "other", [{"account": "pasar"}, {"gateway": "xendit"}], ids=["account", "gateway"]
)
def test_an_outage_elsewhere_is_no_excuse(scene, other):
    scene.outage(at(8), at(17), **other)
    paid(scene)

    assert scene.codes(CLAIMABLE) == ["D06"]


def test_a_breaker_that_was_open_for_a_moment_is_no_excuse(scene):
    scene.outage(at(9), at(9, 14), noticed="breaker")
    paid(scene)

    assert scene.codes(CLAIMABLE) == ["D06"]


def test_d35_a_charge_of_which_nobody_knows(scene):
    scene.outage(at(8), at(17))
    scene.charge(scene.shift(), state="create_unknown")

    (d,) = scene.found(at(2, 30, WEDNESDAY))

    assert (d.code, d.owner) == ("D35", "finance")
    assert "23-11-2026 pukul 08.00" in d.explanation


def test_d01_waits_for_as_long_as_the_gateway_was_out(scene):
    scene.outage(at(12), at(21))
    scene.charge(scene.shift(), state="pending")  # asked at nine

    assert scene.codes(at(2, 30, WEDNESDAY)) == []
    assert scene.codes(at(9, 1, WEDNESDAY)) == ["D01"]


def test_an_outage_that_is_entered_late_has_its_days_looked_at_again(scene):
    scene.charge(scene.shift(), state="expired")
    later = DAY + timedelta(days=8)
    for day in [DAY + timedelta(days=n) for n in range(8)]:
        scene.day = day
        scene.run(at(2, 30, later))
    with scene.parts.sessions() as session:
        assert DAY not in store.days_due(session, later, at(3, 0, later))

    scene.outage(at(8), at(17))

    with scene.parts.sessions() as session:
        assert store.days_due(session, later, at(3, 0, later))[0] == DAY


def test_a_day_that_waits_is_looked_at_when_its_frozen_deadline_is_over(scene):
    scene.outage(at(8, day=TUESDAY), at(17, day=TUESDAY))
    paid(scene)
    scene.run(CLAIMABLE)

    def due(now):
        with scene.parts.sessions() as session:
            return DAY in store.days_due(session, THURSDAY, now)

    assert not due(CLAIMABLE)
    assert due(A_DAY_LATER)


@pytest.mark.parametrize("state", ["create_failed", "expired", "create_unknown"])
def test_a_charge_that_nobody_saw_beside_the_one_that_was_paid_is_no_discrepancy(scene, state):
    shift = scene.shift()
    lost = scene.charge(shift, state=state, client_key="k")
    scene.sale(shift, replaces=lost, client_key="k~2")

    assert scene.codes() == []


def test_the_same_outage_gives_the_same_result(scene):
    scene.outage(at(8), at(17))
    paid(scene)

    assert scene.run(CLAIMABLE).result_hash == scene.run(CLAIMABLE).result_hash

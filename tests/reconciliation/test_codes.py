"""Each planted fault comes out as its code, with owner, deadline and amount; a clean day is silent.

The days: Monday 23 November 2026; deadlines count working days from it.
"""

from datetime import date, timedelta

import pytest
from parking.access.store import DeviceRow
from parking.reconciliation.catalogue import Severity, Status
from parking.registry.store import AssignmentRow, FeeRow, MerchantAccountRow, TariffRow
from sqlalchemy import insert, select, update

from tests.reconciliation.scenes import DAY, THURSDAY, TUESDAY, WEDNESDAY, at, night_after

CLAIMABLE = night_after(WEDNESDAY)  # Thursday: two working days have passed
BY_SEVERITY = {
    "kritis": TUESDAY,
    "tinggi": date(2026, 11, 26),
    "sedang": date(2026, 11, 30),
    "rendah": date(2026, 12, 7),
}


def the_only(found, code):
    assert [(d.code, d.explanation) for d in found if d.code != code] == []
    (one,) = found
    return one


def test_a_clean_day_is_silent(scene):
    shift = scene.shift(declared_cash=4_000, declared_qris=2_000)
    scene.sale(shift)
    scene.cash(shift)
    scene.cash(shift)
    scene.cash(shift, corrected=True)
    scene.charge(shift, state="expired")

    run = scene.run()

    assert scene.stored() == []
    assert run.summary["waiting"] == 0
    assert run.summary["chains"] == {"count": 1, "discrepant": 0, "waiting": 0, "whole": 1}


def test_an_empty_day_is_silent(scene):
    assert scene.codes() == []


def test_d01_a_payment_that_only_an_inquiry_proved(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours, heard=False)
    scene.line(ours)

    d = the_only(scene.found(), "D01")

    assert (d.status, d.owner, d.severity) == (Status.CLEARED, "system", Severity.MEDIUM)
    assert (d.ours, d.subject, d.amount) == (ours, f"payment:midtrans/jambi/trx-{ours}", 2_000)
    assert (d.attendant_id, d.point_id) == (scene.city.budi, scene.city.market)
    assert "Rp2.000" in d.explanation
    assert ours in d.explanation


def test_d01_not_when_the_callback_came_after_the_inquiry(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours, heard=False)
    scene.callback(ours)
    scene.line(ours)

    assert scene.codes() == []


def test_d01_a_charge_still_undecided_after_a_day_is_wrong_and_waits_before(scene):
    ours = scene.charge(scene.shift(), state="create_unknown")

    first = scene.run(night_after(DAY))
    assert scene.stored() == []
    assert first.summary["waiting"] == 1

    d = the_only(scene.found(night_after(TUESDAY)), "D01")
    assert (d.status, d.subject, d.due_on) == (
        Status.DIFFERENCE, f"charge:{ours}", BY_SEVERITY["sedang"],
    )  # fmt: skip


def test_d02_a_payment_after_the_charge_had_ended(scene):
    ours = scene.charge(scene.shift(), late=True)
    scene.payment(ours, late=True)
    scene.line(ours)

    d = the_only(scene.found(), "D02")

    assert (d.owner, d.severity, d.due_on) == ("auditor", Severity.MEDIUM, BY_SEVERITY["sedang"])
    assert (d.ours, d.amount, d.status) == (ours, 2_000, Status.DIFFERENCE)


def test_d03_money_for_no_charge_of_ours(scene):
    scene.payment("LAIN-1")

    d = the_only(scene.found(), "D03")

    assert (d.owner, d.severity, d.due_on) == ("admin", Severity.HIGH, BY_SEVERITY["tinggi"])
    assert (d.ours, d.amount) == ("LAIN-1", 2_000)


def test_d03_stands_alone_when_that_money_is_never_settled(scene):
    scene.payment("LAIN-1")

    assert scene.codes(CLAIMABLE) == ["D03"]


@pytest.mark.parametrize(
    ("level", "state"), [("none", "RECEIVED"), ("none", "UNVERIFIED"), ("partial", "REJECTED")]
)
def test_d03_a_callback_that_could_not_prove_where_it_came_from(scene, level, state):
    callback = scene.callback("PALSU-1", level=level, state=state)

    d = the_only(scene.found(), "D03")

    assert (d.subject, d.severity) == (f"callback:{callback}", Severity.CRITICAL)
    assert d.due_on == BY_SEVERITY["kritis"]


def test_d03_a_forged_callback_about_a_charge_of_ours(scene):
    ours = scene.charge(scene.shift(), state="expired")
    scene.callback(ours, state="REJECTED")

    assert the_only(scene.found(), "D03").ours == ours


def test_d03_a_callback_for_an_order_that_nobody_confirmed(scene):
    scene.callback("LAIN-1", state="ESCALATED", trust="hearsay")

    d = the_only(scene.found(), "D03")
    assert (d.ours, d.severity) == ("LAIN-1", Severity.HIGH)


def test_d04_a_callback_that_came_again_is_named_once_a_charge(scene):
    ours = scene.charge(scene.shift())
    scene.callback(ours, state="STALE", repeats=1, trust="hearsay")
    scene.callback(ours, repeats=2)
    scene.payment(ours)
    scene.line(ours)

    d = the_only(scene.found(), "D04")

    assert (d.status, d.owner, d.severity) == (Status.CLEARED, "system", Severity.LOW)
    assert (d.subject, d.ours, d.amount) == (f"charge:{ours}", ours, 0)
    assert "3 kali" in d.explanation


@pytest.mark.parametrize(
    ("paid", "word", "amount"), [(3_000, "lebih", 1_000), (500, "kurang", 1_500)]
)
def test_d05_another_amount_than_was_asked(scene, paid, word, amount):
    ours = scene.charge(scene.shift(), state="paid" if paid > 2_000 else "pending")
    scene.payment(ours, amount=paid)
    scene.line(ours, gross=paid)

    d = the_only(scene.found(night_after(TUESDAY)), "D05")

    assert (d.owner, d.severity, d.due_on) == ("auditor", Severity.HIGH, BY_SEVERITY["tinggi"])
    assert d.amount == amount
    assert word in d.explanation


def test_d06_waits_for_two_working_days_and_then_is_wrong(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)

    waiting = scene.run(night_after(TUESDAY))
    assert scene.stored() == []
    assert waiting.summary["waiting"] == 1

    d = the_only(scene.found(CLAIMABLE), "D06")
    assert (d.owner, d.severity, d.amount) == ("finance", Severity.MEDIUM, 2_000)
    assert d.due_on == date(2026, 12, 2)  # five working days after the two of grace
    assert "trx-" in d.explanation


def test_d06_goes_when_the_line_comes_after_all(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    assert scene.codes(CLAIMABLE) == ["D06"]

    scene.line(ours, report=THURSDAY, settled_on=date(2026, 11, 27))

    assert scene.codes(night_after(THURSDAY)) == ["D14"]


def test_d07_a_payment_first_proved_by_its_settlement_line(scene):
    ours = scene.charge(scene.shift(), late=True)
    scene.payment(ours, heard=False, source="settlement", late=True)
    scene.line(ours)

    d = the_only(scene.found(), "D07")

    assert (d.owner, d.severity, d.due_on) == ("system", Severity.HIGH, BY_SEVERITY["tinggi"])
    assert (d.ours, d.amount) == (ours, 2_000)


def test_d07_a_line_that_is_not_in_the_book(scene):
    ours = scene.charge(scene.shift(), state="expired")
    scene.line(ours)

    assert "belum" in the_only(scene.found(), "D07").explanation


@pytest.mark.parametrize(
    ("line", "amount"), [({"fee": 14}, 14), ({"gross": 1_500}, 500)], ids=["fee", "gross"]
)
def test_d08_a_line_that_says_another_amount_or_fee(scene, line, amount):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.line(ours, **line)

    d = the_only(scene.found(), "D08")

    assert (d.owner, d.severity, d.amount) == ("finance", Severity.MEDIUM, amount)


def test_d08_a_payment_that_was_settled_in_two_reports(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.line(ours)
    scene.line(ours, report=TUESDAY)

    d = the_only(scene.found(), "D08")
    assert (d.amount, d.evidence["lines"]) == (2_000, 2)


def test_d09_money_given_back_that_we_never_asked_for(scene):
    ours = scene.sale(scene.shift(), state="refunded")
    scene.line(ours, kind="refund")
    scene.payment(ours, effect="refund:2000", source="settlement")

    d = the_only(scene.found(), "D09")

    assert (d.status, d.owner, d.severity, d.amount) == (
        Status.CLEARED, "system", Severity.MEDIUM, 2_000,
    )  # fmt: skip
    assert (d.attendant_id, d.point_id) == (scene.city.budi, scene.city.market)


def test_d09_belongs_to_the_day_on_which_the_money_went_back(scene):
    ours = scene.sale(scene.shift(), state="refunded")
    back = at(11, 0, TUESDAY)
    scene.payment(ours, effect="refund:2000", source="settlement", paid_at=back, heard=False)
    assert scene.codes() == []

    scene.day = TUESDAY
    assert the_only(scene.found(CLAIMABLE), "D09").point_id == scene.city.market


def test_d09_a_refund_line_that_is_not_in_the_book(scene):
    ours = scene.sale(scene.shift())
    scene.line(ours, kind="refund", gross=500)

    d = the_only(scene.found(), "D09")
    assert (d.status, d.amount) == (Status.DIFFERENCE, 500)


def test_d09_alone_when_a_reversed_payment_is_not_settled(scene):
    ours = scene.charge(scene.shift(), state="reversed")
    scene.payment(ours)
    scene.payment(ours, effect="reversal")

    assert scene.codes(CLAIMABLE) == ["D09"]


def test_d09_not_when_we_asked_for_it(scene):
    ours = scene.sale(scene.shift(), state="refunded")
    scene.payment(ours, effect="refund:2000", source="inquiry")
    scene.refund(f"trx-{ours}", 2_000, "confirmed")

    assert scene.codes() == []


def test_d09_for_what_went_back_beyond_what_we_asked_for(scene):
    ours = scene.sale(scene.shift(), state="refunded")
    scene.payment(ours, effect="refund:2000", source="inquiry")
    scene.refund(f"trx-{ours}", 500, "confirmed")

    assert scene.codes() == ["D09"]


@pytest.mark.parametrize("standing", ["confirmed", "transferred"])
def test_d10_rests_when_the_second_payment_has_gone_back(scene, standing):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.payment(ours, payment_ref="trx-again")
    scene.line(ours)
    scene.line(ours, payment_ref="trx-again")
    scene.refund("trx-again", 1_500, standing)
    assert the_only(scene.found(), "D10").status is Status.DIFFERENCE

    scene.refund("trx-again", 500, standing)

    assert the_only(scene.found(), "D10").status is Status.CLEARED


def test_d05_rests_when_the_surplus_has_gone_back(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours, amount=2_500)
    scene.line(ours, gross=2_500)
    scene.refund(f"trx-{ours}", 500, "confirmed")

    d = the_only(scene.found(), "D05")

    assert (d.status, d.amount) == (Status.CLEARED, 500)


def test_d36_refunded_by_hand_and_by_the_gateway(scene):
    ours = scene.sale(scene.shift(), state="refunded")
    scene.refund(f"trx-{ours}", 2_000, "transferred")
    scene.payment(ours, effect="refund:2000", source="settlement")

    d = the_only(scene.found(), "D36")

    assert (d.owner, d.severity, d.amount) == ("finance", Severity.MEDIUM, 2_000)


def test_d10_two_receipts_for_one_charge(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.payment(ours, payment_ref="trx-again")
    scene.line(ours)
    scene.line(ours, payment_ref="trx-again")

    d = the_only(scene.found(), "D10")

    assert (d.subject, d.amount, d.ours) == ("payment:midtrans/jambi/trx-again", 2_000, ours)
    assert (d.owner, d.severity) == ("auditor", Severity.MEDIUM)


def test_d10_a_second_receipt_on_the_day_after(scene):
    ours = scene.sale(scene.shift())
    paid = at(0, 10, TUESDAY)
    scene.payment(ours, payment_ref="trx-again", paid_at=paid)
    scene.line(ours, payment_ref="trx-again", paid_at=paid, settled_on=WEDNESDAY)

    assert scene.codes(CLAIMABLE) == []
    scene.day = TUESDAY
    assert scene.codes(CLAIMABLE) == ["D10"]


def test_d10_a_charge_and_the_one_that_replaced_it(scene):
    shift = scene.shift()
    first = scene.charge(shift, late=True)
    second = scene.sale(shift, replaces=first)
    scene.payment(first, late=True)
    scene.line(first)

    d = the_only(scene.found(), "D10")

    assert (d.ours, d.amount) == (first, 2_000)
    assert second in d.explanation


def test_d10_cash_for_a_charge_that_was_paid_after_all(scene):
    shift = scene.shift(declared_cash=2_000)
    ours = scene.charge(shift, late=True)
    scene.cash(shift, instead_of=ours)
    scene.payment(ours, late=True)
    scene.line(ours)

    assert "tunai" in the_only(scene.found(), "D10").explanation


def test_d10_not_when_the_replaced_charge_was_never_paid(scene):
    shift = scene.shift()
    first = scene.charge(shift, state="cancelled")
    scene.sale(shift, replaces=first)

    assert scene.codes() == []


def test_d14_not_before_the_day_of_the_contract(scene):
    with scene.parts.sessions.begin() as session:
        account = session.scalar(select(MerchantAccountRow.id))
        session.execute(
            insert(FeeRow).values(
                merchant_account_id=account, fee_bps=0, settles_in=2, valid_from=scene.day,
                contract="T+2",
            )
        )  # fmt: skip
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.line(ours, settled_on=WEDNESDAY)
    later = scene.charge(scene.shift(opened_at=at(5, 0)))
    scene.payment(later)
    scene.line(later, settled_on=WEDNESDAY + timedelta(days=1))

    assert the_only(scene.found(), "D14").ours == later


def test_d14_money_that_came_later_than_the_next_working_day(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.line(ours, report=TUESDAY, settled_on=WEDNESDAY)

    d = the_only(scene.found(), "D14")

    assert (d.status, d.owner, d.severity) == (Status.TIMING, "system", Severity.LOW)
    assert (d.amount, d.due_on) == (2_000, BY_SEVERITY["rendah"])


def test_d16_declares_more_qris_than_the_server_saw(scene):
    shift = scene.shift(declared_qris=5_000)
    scene.sale(shift)

    d = the_only(scene.found(), "D16")

    assert (d.owner, d.severity, d.amount) == ("auditor", Severity.MEDIUM, 3_000)
    assert (d.subject, d.attendant_id) == (f"shift:{shift}", scene.city.budi)


def test_d16_not_for_a_payment_that_came_when_the_shift_was_closed(scene):
    shift = scene.shift(declared_qris=0)
    ours = scene.charge(shift)
    scene.payment(ours, booked_at=at(22, 30))
    scene.line(ours)

    assert scene.codes() == []


@pytest.mark.parametrize("declared", [0, 2_000])
def test_d16_not_for_a_payment_booked_while_the_attendant_counted(scene, declared):
    shift = scene.shift(declared_qris=declared)
    ours = scene.charge(shift)
    scene.payment(ours, booked_at=at(21, 59))
    scene.line(ours)

    assert scene.codes() == []


@pytest.mark.parametrize(
    ("declared", "word", "amount"), [(4_500, "kurang", 1_500), (8_000, "lebih", 2_000)]
)
def test_d17_cash_taps_and_declared_cash_are_apart(scene, declared, word, amount):
    shift = scene.shift(declared_cash=declared)
    for _ in range(3):
        scene.cash(shift)

    d = the_only(scene.found(), "D17")

    assert (d.owner, d.severity, d.amount) == ("auditor", Severity.MEDIUM, amount)
    assert word in d.explanation


@pytest.mark.parametrize("declared", [1_000, 3_000])
def test_d17_not_within_the_tolerance(scene, declared):
    scene.cash(scene.shift(declared_cash=declared))

    assert scene.codes() == []


def test_an_open_shift_waits(scene):
    scene.cash(scene.shift(closed_at=None))

    assert scene.run().summary["waiting"] == 1
    assert scene.stored() == []


def test_d19_seven_days_at_a_qris_point_without_one_qris_payment(scene):
    for back in range(7):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))

    d = the_only(scene.found(), "D19")

    assert (d.owner, d.severity) == ("supervisor", Severity.MEDIUM)
    assert (d.subject, d.attendant_id) == (f"attendant:{scene.city.budi}", scene.city.budi)
    assert "JBI-0001" in d.explanation


def test_d19_is_named_on_the_day_it_begins_and_not_again(scene):
    for back in range(8):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))

    assert scene.codes() == []


@pytest.mark.parametrize("days", [4, 6])
def test_d19_not_for_one_who_worked_too_little_or_began_lately(scene, days):
    step = 2 if days == 4 else 1
    for back in range(0, days * step, step):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))

    assert scene.codes() == []


def test_d28_a_decree_that_was_entered_too_late(scene):
    ours = scene.sale(scene.shift())
    scene.add(
        TariffRow, vehicle="motorcycle", zone="Pasar", amount=2_500, valid_from=DAY,
        decree="Perda 9/2026", entered_at=night_after(DAY), entered_by="system",
    )  # fmt: skip

    d = the_only(scene.found(), "D28")

    assert (d.ours, d.amount, d.owner) == (ours, 500, "system")
    assert "Perda 9/2026" in d.explanation


def test_d29_charges_after_the_letter_was_taken_back(scene):
    shift = scene.shift()
    scene.sale(shift, created_at=at(8, 0))
    after = scene.sale(shift, created_at=at(9, 0))
    with scene.parts.sessions.begin() as session:
        session.execute(
            update(AssignmentRow)
            .where(AssignmentRow.attendant_id == scene.city.budi)
            .values(ended_at=at(8, 30), ended_reason="dicabut")
        )

    d = the_only(scene.found(), "D29")

    assert (d.ours, d.owner, d.severity, d.amount) == (after, "auditor", Severity.MEDIUM, 2_000)
    assert "SPT/001/2026" in d.explanation


def test_d29_a_charge_from_a_phone_of_somebody_else(scene):
    scene.sale(scene.shift(), device_id=scene.city.saris_phone)

    assert "ponsel" in the_only(scene.found(), "D29").explanation


def test_d31_a_file_that_came_twice(scene):
    first = scene.file()
    again = scene.file(outcome="duplicate", duplicate_of=first, line_count=3, gross=6_000)

    d = the_only(scene.found(), "D31")

    assert (d.status, d.owner, d.severity) == (Status.CLEARED, "system", Severity.LOW)
    assert (d.subject, d.amount) == (f"import:{again}", 6_000)


def test_d32_a_file_that_was_refused_belongs_to_the_day_before_it_came(scene):
    scene.file(
        outcome="rejected", report_day=None, problems=["baris 3: amount '2.000'", "baris 4: x"]
    )

    d = the_only(scene.found(), "D32")

    assert (d.owner, d.severity, d.due_on) == ("system", Severity.MEDIUM, BY_SEVERITY["sedang"])
    assert "baris 3" in d.explanation


@pytest.mark.parametrize("line", [{"gross": 1}, {"gross": 100}, {"ours": "TEST-0001"}])
def test_d33_a_test_line_of_the_bank(scene, line):
    ours = line.pop("ours", "BANK-1")
    scene.line(ours, **line)

    d = the_only(scene.found(), "D33")

    assert (d.owner, d.severity, d.ours) == ("admin", Severity.LOW, ours)


def test_a_charge_named_like_a_test_is_none(scene):
    ours = scene.charge(scene.shift(), amount=100)
    scene.payment(ours, amount=100)
    scene.line(ours, gross=100)

    assert scene.codes() == ["D28"]


def test_a_phone_that_is_not_used_changes_nothing(scene):
    scene.sale(scene.shift())
    run = scene.run()
    scene.add(
        DeviceRow, attendant_id=scene.city.budi, secret_hash="another", label="Baru",
        enrolled_at=night_after(DAY),
    )  # fmt: skip

    assert scene.run(night_after(DAY) + timedelta(hours=1)) == run

"""Settlement lines: the last witness of a payment, and what was paid out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from parking.business_day import business_day
from parking.charges.charge import ChargeState
from parking.gateways.protocol import ReportLine
from parking.payments.apply import apply_lines
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import insert

from tests.builders import MERCHANT
from tests.payments.test_callbacks import SHARED


@pytest.fixture
def report(scene):
    """Takes in the lines of a report and applies them; gives them back with their ids."""

    def take_in(*lines, instead_of=(), supersedes=None):
        with scene.parts.sessions.begin() as session:
            batch = session.scalar(
                insert(ImportRow).values(
                    gateway="midtrans", account="jambi", file_name="x.csv", sha256=str(len(lines)),
                    content=b"", at=scene.now, actor="system", outcome="accepted",
                    report_day=business_day(scene.now), version=1, supersedes=supersedes,
                    line_count=len(lines), gross=0, fee=0, net=0, problems=[],
                ).returning(ImportRow.id)
            )  # fmt: skip
            stored = []
            for line in lines:
                values = insert(SettlementLineRow).values(
                    import_id=batch, number=line.number, line_key=line.line_key, kind=line.kind,
                    gateway="midtrans", account="jambi", ours=line.ours,
                    payment_ref=line.payment_ref, gross=line.gross, fee=line.fee, net=line.net,
                    paid_at=line.paid_at, paid_on=business_day(line.paid_at),
                    settled_on=line.settled_on,
                )  # fmt: skip
                line_id = session.scalar(values.returning(SettlementLineRow.id))
                stored.append((line_id, line))
            apply_lines(session, MERCHANT, stored, scene.now, instead_of)
        return stored

    return take_in


def line(scene, number=2, *, kind="payment", gross=2_000, fee=14, ours="PKR-1"):
    ref = f"trx-{ours}"
    return ReportLine(
        number, f"{ref}|{kind}|{number}", kind, ours, ref, gross, fee, gross - fee, scene.now,
        business_day(scene.now) + timedelta(days=1),
    )  # fmt: skip


def test_a_payment_that_only_the_settlement_knows_is_recovered(scene, report):
    scene.charge(state=ChargeState.EXPIRED)

    report(line(scene))

    charge = scene.look()
    assert (charge.state, charge.late) == (ChargeState.PAID, True)
    assert scene.payments()[0].source == "settlement"
    assert scene.balances() == {
        "settled": 1_986, "gateway_fee": 14, "city_share": -800, "attendant_share": -1_200,
    }  # fmt: skip


def test_a_known_payment_is_only_paid_out(scene, report):
    scene.charge()
    scene.notify()
    scene.work()
    assert scene.balances() == SHARED

    report(line(scene))

    assert scene.entries() == ["payment", "settlement"]
    assert "due_from_gateway" not in scene.balances()
    assert scene.look().inquire_at is None, "the settlement confirms it"


def test_money_paid_out_for_no_charge_of_ours_is_in_suspense(scene, report):
    report(line(scene, ours="PKR-unknown"))

    assert scene.balances() == {"settled": 1_986, "gateway_fee": 14, "suspense": -2_000}


def test_a_refund_line_takes_back_both_the_payment_and_the_pay_out(scene, report):
    scene.charge()

    report(line(scene), line(scene, 3, kind="refund", fee=14))

    assert scene.look().state is ChargeState.REFUNDED
    assert scene.balances() == {}


def test_two_refund_lines_in_two_reports_add_up(scene, report):
    scene.charge()
    report(line(scene, fee=0), line(scene, 3, kind="refund", gross=500, fee=0))
    assert scene.look().state is ChargeState.PARTLY_REFUNDED

    report(line(scene, 4, kind="refund", gross=1_500, fee=0))

    assert scene.look().state is ChargeState.REFUNDED
    assert scene.balances() == {}


def test_a_re_issued_report_books_what_changed_and_takes_back_what_it_replaces(scene, report):
    for ours in ("PKR-1", "PKR-2", "PKR-3"):
        scene.charge(ours)
    first = report(*(line(scene, n, ours=f"PKR-{n}", fee=0) for n in (1, 2, 3)))
    kept, changed, _gone = (line for _, line in first)

    report(kept, replace(changed, fee=20, net=1_980), instead_of=first)

    assert scene.entries().count("settlement") == 4
    assert scene.entries().count("settlement_correction") == 2
    assert scene.balances() == {
        "settled": 3_980, "gateway_fee": 20, "due_from_gateway": 2_000,
        "city_share": -2_400, "attendant_share": -3_600,
    }  # fmt: skip

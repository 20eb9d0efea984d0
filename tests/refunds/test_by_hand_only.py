"""A gateway that gives nothing back when asked: the page says so, and leads to the transfer."""

import re
from dataclasses import replace

import pytest
from parking.access.policy import Role
from parking.gateways.protocol import Evidence, State, Trust
from parking.payments.apply import apply_all
from parking.payments.payment import Brought, Origin
from parking.refunds import store
from parking.refunds.refund import Standing

from tests.builders import MERCHANT, add_account
from tests.payments.scenes import a_charge
from tests.people import desk_client

DOKU = replace(MERCHANT, gateway="doku", merchant_id="BRN-0001")


@pytest.fixture
def payment(desk):
    with desk.parts.sessions.begin() as session:
        add_account(session, DOKU, "DOKU_JAMBI")
        a_charge(session, desk.city, desk.shift, "PKR-7", desk.now, gateway="doku")
        said = Evidence(
            "doku", "jambi", "PKR-7", "doku-7", State.PAID, 2_000, desk.now, Trust.PROOF
        )
        apply_all(session, [Brought(said, Origin.INQUIRY)], desk.now)
        return store.payment_named(session, "doku", "jambi", "doku-7")


def test_what_a_gateway_cannot_give_back_is_told_at_once_and_leads_to_the_transfer(desk, payment):
    auditor = desk_client(desk.parts, Role.AUDITOR)
    treasurer = desk_client(desk.parts, Role.TREASURER)
    charge = auditor.get("/audit/charges/PKR-7").text
    form = re.search(r'href="(/finance/refunds/new\?payment=\d+)"', charge)[1]
    assert "DOKU tidak mengembalikan uang lewat API" in auditor.get(form).text
    wish = {"amount": "2000", "reason": "complaint", "note": "salah kendaraan"}
    case = auditor.post(form, data=wish | {"payment": form.rpartition("=")[2]}).location
    assert "bendahara mentransfer Rp2.000" in treasurer.get(case).text

    assert treasurer.post(f"{case}/approve").location == f"{case}/transfer"
    assert treasurer.get(f"{case}/transfer").status_code == 200
    desk.work()

    page = treasurer.get(case).text
    assert "Menunggu transfer" in page
    assert "Dilihat lagi" not in page
    assert treasurer.post(f"{case}/transfer", data={"document": "SP2D 9"}).status_code == 303
    assert desk.work() == 0


def test_it_is_not_sent(desk, payment):
    refund = desk.approved(payment)

    desk.work()

    rests = desk.look(refund)
    assert (rests.standing, rests.sends, rests.due_at) == (Standing.APPROVED, 0, None)

"""The refund pages: one click from a discrepancy or a payment, and two persons."""

import html
import re

import pytest
from parking.access.policy import Role
from parking.reconciliation.run import reconcile_day

from tests.people import desk_client
from tests.reconciliation.a_day import a_day
from tests.reconciliation.scenes import DAY, night_after


@pytest.fixture
def day(parts, city, clock):
    a_day(parts, city)
    clock.forward(hours=15)
    reconcile_day(parts.sessions, DAY, night_after(DAY))


@pytest.fixture
def auditor(parts, day):
    return desk_client(parts, Role.AUDITOR)


@pytest.fixture
def treasurer(parts, day):
    return desk_client(parts, Role.TREASURER)


def the_overpaid(auditor) -> str:
    """The address of the form to which the discrepancy of PKR-2 leads."""
    listed = auditor.get("/audit/discrepancies?day=2026-11-23&code=D05").text
    page = auditor.get(re.search(r'href="(/audit/discrepancies/\d+)"', listed)[1]).text
    return re.search(r'href="(/finance/refunds/new\?discrepancy=\d+)"', page)[1]


def ask(auditor, **changed):
    address = the_overpaid(auditor)
    typed = {
        "discrepancy": address.rpartition("=")[2], "amount": "18000", "reason": "paid_too_much",
        "note": "dibayar lebih", **changed,
    }  # fmt: skip
    return auditor.post("/finance/refunds/new", data=typed)


def test_an_overpayment_leads_to_a_form_that_is_filled_in(auditor):
    page = auditor.get(the_overpaid(auditor)).text

    assert re.search(r'name="amount"[^>]*value="18000"', page)
    assert '<option selected value="paid_too_much">' in page
    assert "PKR-2" in page


def test_asked_and_approved_by_another_it_is_on_its_way(auditor, treasurer):
    case = ask(auditor).location

    listed = treasurer.get("/finance/refunds").text
    assert "Menunggu persetujuan" in listed
    assert "Setujui Rp18.000" in treasurer.get(case).text
    assert "Setujui" not in auditor.get(case).text
    assert treasurer.post(f"{case}/approve").status_code == 303

    page = treasurer.get(case).text
    assert "Disetujui" in page
    assert "user:treasurer" in page


@pytest.mark.fault("F80")
def test_who_may_ask_may_not_approve_and_the_other_way_round(auditor, treasurer):
    case = ask(auditor).location

    assert auditor.post(f"{case}/approve").status_code == 403
    assert treasurer.get("/finance/refunds/new?payment=1").status_code == 403


def test_approved_twice_it_is_approved_once(auditor, treasurer):
    case = ask(auditor).location
    treasurer.post(f"{case}/approve")

    again = treasurer.post(f"{case}/approve")

    assert again.status_code == 409
    assert "sudah disetujui: tidak bisa disetujui" in again.text


@pytest.mark.parametrize("amount", ["0", "20001", "-5", "2,5", "", "9" * 12])
def test_an_amount_that_cannot_be_is_named_at_its_field(auditor, amount):
    answer = ask(auditor, amount=amount)

    assert answer.status_code == 422
    assert "field-wrong" in answer.text


@pytest.mark.parametrize("query", ["", "payment=x", "payment=0", "discrepancy=99999999",
                                   "payment=99999999999999999999", "discrepancy=%00"])  # fmt: skip
def test_a_form_for_nothing_is_not_found(auditor, query):
    assert auditor.get(f"/finance/refunds/new?{query}").status_code == 404


def test_rejecting_needs_a_reason_and_ends_it(auditor, treasurer):
    case = ask(auditor).location

    assert treasurer.post(f"{case}/reject", data={"why": "x"}).status_code == 422
    assert treasurer.post(f"{case}/reject", data={"why": "bukti kurang"}).status_code == 303
    assert "Tidak disetujui" in treasurer.get(case).text
    assert case not in treasurer.get("/finance/refunds").text
    assert case in treasurer.get("/finance/refunds?show=").text


def test_the_list_can_be_searched_sorted_and_exported(auditor):
    ask(auditor)

    assert "PKR-2" in auditor.get("/finance/refunds?q=PKR-2&sort=-amount").text
    assert "Tidak ada yang cocok" in auditor.get("/finance/refunds?q=tidak-ada").text
    assert "PKR-2" in auditor.get("/finance/refunds?format=csv").text


def test_a_list_in_which_nothing_runs_says_so_and_shows_all_at_a_click(auditor, treasurer):
    page = auditor.get("/finance/refunds").text
    assert "Tidak ada pengembalian yang berjalan" in page
    case = ask(auditor).location
    treasurer.post(f"{case}/reject", data={"why": "bukti kurang"})

    page = auditor.get("/finance/refunds").text

    assert "Tidak ada yang cocok" not in page
    assert case in auditor.get("/finance/refunds" + re.search(r'href="(\?show=)"', page)[1]).text


def test_a_discrepancy_says_in_words_what_it_is_about(auditor):
    listed = auditor.get("/audit/discrepancies?day=2026-11-23&code=D05").text
    page = auditor.get(re.search(r'href="(/audit/discrepancies/\d+)"', listed)[1]).text

    assert "Pembayaran trx-PKR-2 (midtrans/jambi)" in page
    assert "payment:midtrans" not in page


def test_a_payment_has_a_button_of_its_own(auditor):
    page = auditor.get("/audit/charges/PKR-1").text

    address = re.search(r'href="(/finance/refunds/new\?payment=\d+)"', page)[1]
    assert auditor.get(address).status_code == 200


def test_a_case_leads_back_to_its_discrepancy_and_its_charge(auditor):
    page = auditor.get(ask(auditor).location).text

    listed = html.unescape(re.search(r'href="(/audit/discrepancies\?[^"]+)"', page)[1])
    assert re.search(r'href="/audit/discrepancies/\d+"', auditor.get(listed).text)
    charge = re.search(r'href="(/audit/charges/PKR-2)"', auditor.get("/finance/refunds").text)[1]
    assert auditor.get(charge).status_code == 200


def test_a_decision_that_cannot_be_made_has_no_form(parts, auditor, treasurer):
    case = ask(auditor).location
    early = treasurer.get(f"{case}/transfer")
    treasurer.post(f"{case}/reject", data={"why": "bukti kurang"})

    assert early.status_code == 409
    assert "sudah diajukan: tidak bisa ditransfer" in early.text
    for decision in ("transfer", "reject"):
        answer = treasurer.get(f"{case}/{decision}")
        assert (answer.status_code, "<textarea" in answer.text) == (409, False)

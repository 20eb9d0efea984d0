"""A refund as people live it: told by the gateway over HTTP, asked for and approved at the desk,
carried out by the jobs process, and known to the next reconciliation.
"""

import html
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from jobs.timetable import (
    Looking,
    at_open_charges,
    at_refunds,
    at_the_inbox,
)
from parking.access.policy import Role
from parking.app import create_app
from parking.business_day import business_day
from parking.invariants.check import check_all
from parking.reconciliation.run import reconcile_day
from parking.reconciliation.store import Wanted, discrepancies

from tests.people import desk_client
from tests.reconciliation.scenes import DAY, night_after
from tests.refunds.conftest import Desk
from tests.sandbox_process import serving

NEXT = DAY + timedelta(days=1)
CONFIRMED, REFUSED, SENT = "Sudah kembali", "Ditolak gerbang", "Dikirim ke gerbang"
FORM = r"/finance/refunds/new\?discrepancy=\d+"


@dataclass
class Story:
    desk: Desk
    auditor: FlaskClient | None = None
    treasurer: FlaskClient | None = None

    def pay(self, ours="PKR-1", **how):
        """A driver pays, and the gateway tells our door."""
        self.desk._charged(ours)
        self.desk.sandbox.pay(ours, **how)
        self.look()

    def look(self):
        """What the gateway has to tell, and one look of the jobs at everything."""
        self.desk.sandbox.deliver_now()
        for at in (at_the_inbox, at_refunds, at_open_charges, at_the_inbox):
            at(Looking(self.desk.parts, epoch=0))

    def morning_after(self):
        """The day is compared, and people come to their desks."""
        self.desk.forward(hours=15)
        self.compare(DAY)
        self.auditor = desk_client(self.desk.parts, Role.AUDITOR)
        self.treasurer = desk_client(self.desk.parts, Role.TREASURER)

    def compare(self, day):
        self.look()
        reconcile_day(self.desk.parts.sessions, day, night_after(max(day, self.today)))

    @property
    def today(self):
        return business_day(self.desk.now) - timedelta(days=1)

    def found(self, day):
        with self.desk.parts.sessions() as session:
            return {
                d.what.code: d.what.status for d in discrepancies(session, Wanted(day, day))
                if d.what.code in {"D05", "D09", "D10", "D36"}
            }  # fmt: skip

    def ask(self, code, **typed) -> str:
        """From the list to the discrepancy to the form that is filled in; the case's address."""
        form = self.click(self.discrepancy(code), FORM)
        fields = filled_in(self.auditor.get(form).text)
        answer = self.auditor.post("/finance/refunds/new", data=fields | typed)
        assert answer.status_code == 303, answer.text
        return answer.location

    def discrepancy(self, code, reader=None) -> str:
        listed = f"/audit/discrepancies?day={DAY}&code={code}"
        return self.click(listed, r"/audit/discrepancies/\d+", reader)

    def click(self, page, link, reader=None):
        found = re.search(f'href="({link})"', (reader or self.auditor).get(page).text)
        return html.unescape(found[1])

    def approve(self, case):
        assert self.treasurer.post(f"{case}/approve").status_code == 303

    def state(self, case) -> str:
        found = re.search(r'class="tag tag-[^>]*>([^<]+)<', self.treasurer.get(case).text)
        return found[1].strip()

    def until_over(self, case) -> str:
        for _ in range(40):
            self.look()
            if self.state(case) in (CONFIRMED, REFUSED):
                break
            self.desk.forward(minutes=10)
        return self.state(case)


def filled_in(page: str) -> dict[str, str]:
    """The fields of a form as they stand in a page."""
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    fields["reason"] = re.search(r'<option selected value="(\w+)"', page)[1]
    fields["note"] = re.search(r"<textarea[^>]*>\s*([^<]*)<", page)[1]
    return {name: html.unescape(value) for name, value in fields.items()}


@pytest.fixture
def story(desk):
    with serving(create_app(desk.parts)) as door:
        desk.sandbox.notify(f"{door}/callbacks/midtrans/{{account}}")
        yield Story(desk)
    with desk.parts.sessions() as session:
        broken = [v for v in check_all(session, desk.now) if v.outcome == "broken"]
    assert broken == []


def test_a_second_payment_goes_back_and_the_day_rests(story):
    story.pay(times=2)
    story.morning_after()
    assert story.found(DAY) == {"D10": "selisih"}

    case = story.ask("D10")
    story.look()
    assert story.state(case) == "Menunggu persetujuan"
    story.approve(case)
    story.look()
    assert story.state(case) == SENT

    assert story.until_over(case) == CONFIRMED
    assert story.desk.effects()[2:] == [("refund:2000", 2_000)]
    story.desk.forward(hours=24)
    story.compare(DAY)
    story.compare(NEXT)
    assert (story.found(DAY), story.found(NEXT)) == ({"D10": "selesai"}, {})
    auditor = desk_client(story.desk.parts, Role.AUDITOR, "auditor-2")
    assert "/finance/refunds/new" not in auditor.get(story.discrepancy("D10", auditor)).text


def test_a_surplus_goes_back_in_part(story):
    story.pay(amount=20_000)
    story.morning_after()

    case = story.ask("D05")
    story.approve(case)

    assert story.until_over(case) == CONFIRMED
    assert story.desk.effects() == [("receipt", 20_000), ("refund:18000", 18_000)]
    story.desk.forward(hours=24)
    story.compare(DAY)
    story.compare(NEXT)
    assert (story.found(DAY), story.found(NEXT)) == ({"D05": "selesai"}, {})


def test_pressed_twice_money_goes_back_once(story):
    story.pay(times=2)
    story.morning_after()
    case = story.ask("D10")
    story.approve(case)

    assert story.treasurer.post(f"{case}/approve").status_code == 409
    form = story.click(story.discrepancy("D10"), FORM)
    assert "sedang diajukan, seluruhnya" in story.auditor.get(form).text
    assert story.until_over(case) == CONFIRMED
    assert sum(len(t["refunds"]) for t in story.desk.sandbox.transactions("PKR-1")) == 1


def test_refused_by_the_gateway_the_treasurer_pays_and_says_by_which_document(story):
    story.pay(amount=20_000)
    story.morning_after()
    case = story.ask("D05")
    story.approve(case)
    story.desk.sandbox.fault("refund_denied", "PKR-1")

    assert story.until_over(case) == REFUSED
    assert "bendahara mengembalikan lewat transfer" in story.treasurer.get(case).text
    paid = story.treasurer.post(f"{case}/transfer", data={"document": "SP2D 17/2026"})

    assert (paid.status_code, story.state(case)) == (303, "Ditransfer bendahara")
    story.desk.forward(hours=24)
    story.compare(DAY)
    assert story.found(DAY) == {"D05": "selesai"}
    assert story.desk.balances()["refunded_by_hand"] == -18_000


@pytest.mark.fault("F24")
@pytest.mark.parametrize("fault", ["reset", "html_502"])
def test_the_answer_is_lost_and_nothing_is_sent_twice(story, fault):
    story.pay(amount=20_000)
    story.morning_after()
    case = story.ask("D05")
    story.approve(case)
    story.desk.sandbox.fault(fault, "PKR-1", times=1)

    assert story.until_over(case) == CONFIRMED
    (transaction,) = story.desk.sandbox.transactions("PKR-1")
    assert [refund["amount"] for refund in transaction["refunds"]] == [18_000]


def test_what_a_bank_takes_back_by_itself_is_told_and_named(story):
    story.pay()
    story.morning_after()
    story.desk.sandbox.reverse("PKR-1")
    story.look()
    story.desk.forward(hours=24)
    story.compare(DAY)  # Midtrans tells no other time of it than the payment's

    assert story.desk.effects() == [("receipt", 2_000), ("reversal", 2_000)]
    assert story.found(DAY) == {"D09": "selesai"}


def test_refused_because_the_bank_was_quicker_it_leads_to_the_end_and_not_to_a_transfer(story):
    story.pay(amount=20_000)
    story.morning_after()
    case = story.ask("D05")
    story.desk.sandbox.reverse("PKR-1")  # we hear of it only when the refund is refused
    story.approve(case)

    assert story.until_over(case) == REFUSED
    page = story.treasurer.get(case).text
    assert "Rp20.000 sudah kembali: Rp18.000 ini tidak boleh ditransfer lagi" in page
    assert (f"{case}/transfer" in page, f"{case}/reject" in page) == (False, True)
    closed = story.treasurer.post(f"{case}/reject", data={"why": "sudah dibalik bank"})
    assert (closed.status_code, story.state(case)) == (303, "Tidak disetujui")


def test_paid_by_hand_and_taken_back_by_the_bank_is_to_be_recovered(story):
    story.pay(amount=20_000)
    story.morning_after()
    case = story.ask("D05")
    story.approve(case)
    story.desk.sandbox.fault("refund_denied", "PKR-1", times=1)
    assert story.until_over(case) == REFUSED
    story.treasurer.post(f"{case}/transfer", data={"document": "SP2D 17/2026"})
    story.desk.sandbox.reverse("PKR-1")
    story.look()

    story.desk.forward(hours=24)
    story.compare(DAY)

    assert story.found(DAY) == {"D05": "selesai", "D36": "selisih"}
    assert story.desk.balances() == {"refunded_by_hand": -18_000, "suspense": 18_000}


def test_what_was_too_little_goes_back_entirely(story):
    story.pay(amount=1_500)
    story.morning_after()
    case = story.ask("D05")
    story.approve(case)

    assert story.until_over(case) == CONFIRMED
    assert story.desk.effects() == [("receipt", 1_500), ("refund:1500", 1_500)]
    assert story.desk.balances() == {}


@pytest.mark.fault("F101")
def test_never_answered_paid_by_hand_and_given_back_after_all_it_is_named(story):
    story.pay(amount=20_000)
    story.morning_after()
    case = story.ask("D05", amount="5000")
    story.approve(case)
    story.desk.sandbox.fault("reset", "PKR-1")
    story.look()
    story.desk.forward(hours=25)
    second = desk_client(story.desk.parts, Role.TREASURER, "treasurer-2")
    assert "Catat transfer" not in story.treasurer.get(case).text

    form = {"document": "SP2D 17/2026", "why": "gerbang diam sejak kemarin"}
    assert second.post(f"{case}/transfer", data=form | {"why": ""}).status_code == 422
    assert second.post(f"{case}/transfer", data=form).status_code == 303
    story.desk.sandbox.faultless()
    story.desk.given_back_by_bank(5_000, key=case.rpartition("/")[2])
    story.look()
    story.desk.forward(hours=24)
    for day in (DAY, NEXT, NEXT + timedelta(days=1)):
        story.compare(day)

    assert "D36" in story.found(DAY) | story.found(NEXT) | story.found(NEXT + timedelta(days=1))
    assert "D09" not in story.found(DAY) | story.found(NEXT)

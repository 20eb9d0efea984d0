"""A refund from the wish to the driver's bank, and everything that goes wrong on the way."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.errors import BadInput, Conflict, GatewayUnavailable, NotAllowed
from parking.gateways.breaker import Standing as Answers
from parking.gateways.probe import probe_those_out
from parking.gateways.protocol import Reference
from parking.invariants.check import check_all
from parking.parts import Gateways
from parking.payments.apply import apply_all
from parking.payments.payment import Brought, Origin
from parking.refunds import ask, store
from parking.refunds.carry_out import NOT_SET_UP, OUT_UNSENT, carry_out_due
from parking.refunds.refund import Standing
from parking.refunds.store import RefundRow
from sqlalchemy.exc import IntegrityError

from tests.refunds.conftest import AUDITOR, TREASURER

SHARED = {"due_from_gateway": 2_000, "city_share": -800, "attendant_share": -1_200}


@pytest.fixture(autouse=True)
def _every_invariant_holds(request, desk):
    yield
    with desk.parts.sessions() as session:
        broken = [v for v in check_all(session, desk.now) if v.outcome == "broken"]
    assert broken == []


def test_all_of_a_payment_goes_back(desk):
    refund = desk.approved(desk.paid())

    assert desk.work() == 1
    assert desk.look(refund).standing is Standing.SENT
    over = desk.until_over(refund)

    assert over.standing is Standing.CONFIRMED
    assert desk.effects() == [("receipt", 2_000), ("refund:2000", 2_000)]
    assert desk.balances() == {}


def test_a_part_goes_back_and_then_another(desk):
    payment = desk.paid()

    first = desk.until_over(desk.approved(payment, 500))
    second = desk.until_over(desk.approved(payment, 1_500))

    assert {first.standing, second.standing} == {Standing.CONFIRMED}
    assert desk.effects()[1:] == [("refund:500", 500), ("refund:2000", 1_500)]
    assert desk.balances() == {}


@pytest.mark.parametrize("amount", [0, -1, 2_001, 10**12])
def test_no_more_than_was_paid_can_be_asked_for(desk, amount):
    with pytest.raises(BadInput, match="Pengajuan"):
        desk.ask(desk.paid(), amount)


def test_what_is_promised_is_not_promised_again(desk):
    payment = desk.paid()
    desk.ask(payment, 1_500)

    with pytest.raises(BadInput) as wrong:
        desk.ask(payment, 501)
    desk.ask(payment, 500)
    with pytest.raises(Conflict, match="seluruhnya"):
        desk.ask(payment, 1)

    assert "Rp500" in wrong.value.problems["amount"]


def test_what_is_booked_as_given_back_is_promised_no_more(desk):
    payment = desk.paid()
    first = desk.approved(payment, 1_000)
    desk.work()
    assert desk.effects()[1:] == [("refund:1000", 1_000)]
    assert desk.look(first).standing is Standing.SENT  # their bank has not confirmed it

    second = desk.approved(payment, 1_000)

    with pytest.raises(Conflict, match="seluruhnya"):
        desk.ask(payment, 1)
    assert {desk.until_over(each).standing for each in (first, second)} == {Standing.CONFIRMED}
    assert desk.effects()[2:] == [("refund:2000", 1_000)]
    assert desk.balances() == {}


def test_what_a_bank_gave_back_before_we_asked_is_not_taken_for_what_we_asked_for(desk):
    payment = desk.paid()
    desk.given_back_by_bank(500)
    desk.learn()
    desk.forward(seconds=1)
    desk.sandbox.fault("reset", "PKR-1", times=2)
    desk.approved(payment, 1_000)
    desk.work()

    with desk.parts.sessions() as session:
        payable = store.payable(session, payment)

    assert (payable.given_back, payable.coming, payable.left) == (500, 1_000, 500)


@pytest.mark.fault("F101")
def test_who_asked_does_not_decide(desk):
    refund = desk.ask(desk.paid(), actor=TREASURER)

    with pytest.raises(NotAllowed, match="Orang lain"):
        desk.approve(refund, TREASURER)
    with pytest.raises(NotAllowed), desk.parts.sessions.begin() as session:
        ask.reject(session, refund.key, "saya sendiri", TREASURER, desk.now)

    assert desk.look(refund).standing is Standing.REQUESTED


@pytest.mark.fault("F101")
def test_not_even_the_tables_let_one_person_do_both(desk):
    refund = desk.ask(desk.paid())

    with pytest.raises(IntegrityError, match="two_persons"), desk.parts.sessions.begin() as session:
        session.get_one(RefundRow, refund.id).decided_by = AUDITOR


def test_of_two_who_decide_at_once_one_comes_first(desk):
    refund = desk.ask(desk.paid())
    came = []

    def decide(actor):
        try:
            desk.approve(refund, actor)
            came.append(actor)
        except Conflict as error:
            came.append(str(error))

    threads = [threading.Thread(target=decide, args=(f"user:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(each.startswith("user:") for each in came) == 1
    assert desk.until_over(refund).standing is Standing.CONFIRMED
    assert desk.effects()[1:] == [("refund:2000", 2_000)]


def test_what_the_bank_gave_back_by_itself_is_not_given_back_again(desk):
    payment = desk.paid()
    refund = desk.ask(payment, 1_500)
    other = desk.approved(payment, 500)
    desk.until_over(other)
    desk.given_back_by_bank(1_000)
    desk.learn()

    with pytest.raises(BadInput, match="sudah dikembalikan oleh gerbang"):
        desk.approve(refund)


@pytest.mark.fault("F24")
@pytest.mark.parametrize("fault", ["reset", "html_502", "rate_limit"])
def test_an_answer_that_is_lost_leads_to_a_question_and_to_one_refund(desk, fault):
    refund = desk.approved(desk.paid())
    desk.sandbox.fault(fault, "PKR-1", times=1)

    desk.work()
    assert desk.look(refund).standing is Standing.SENT
    over = desk.until_over(refund)

    assert over.standing is Standing.CONFIRMED
    assert desk.effects()[1:] == [("refund:2000", 2_000)]
    (transaction,) = desk.sandbox.transactions("PKR-1")
    assert len(transaction["refunds"]) == 1


def out(desk):
    """The gateway stops answering, and is asked until our breaker leaves it alone."""
    desk.sandbox.outage("midtrans")
    gateway = desk.parts.gateways.find("midtrans", "jambi")
    for _ in range(3):
        with pytest.raises(GatewayUnavailable):
            gateway.inquire(Reference("PKR-1"))
    assert desk.parts.gateways.standing("midtrans", "jambi") is Answers.OUT


def notes(desk, refund):
    with desk.parts.sessions() as session:
        return [(e.to_standing, e.note) for e in store.events(session, refund.id)]


@pytest.mark.fault("F25")
def test_what_our_own_breaker_refused_is_not_sent_and_goes_by_itself_later(desk):
    refund = desk.approved(desk.paid())
    out(desk)

    for _ in range(5):
        desk.work()
        desk.forward(seconds=61)

    waits = desk.look(refund)
    assert (waits.standing, waits.sends, waits.sent_at) == (Standing.APPROVED, 0, None)
    said = [note for _, note in notes(desk, refund)]
    assert said.count(OUT_UNSENT) == 1
    assert "karcis" not in " ".join(said)
    desk.sandbox.faultless()
    desk.forward(minutes=6)
    probe_those_out(desk.parts.sessions, desk.parts.gateways.find, desk.now)
    assert desk.until_over(refund).standing is Standing.CONFIRMED
    assert desk.effects()[1:] == [("refund:2000", 2_000)]


@pytest.mark.fault("F25")
def test_a_breaker_that_opens_at_the_last_moment_leaves_it_approved(desk):
    refund = desk.approved(desk.paid())
    out(desk)
    desk.parts.gateways.standing = lambda *_: Answers.WELL  # as it was a moment ago

    desk.work()

    waits = desk.look(refund)
    assert (waits.standing, waits.sends, waits.why) == (Standing.APPROVED, 0, OUT_UNSENT)


def test_where_the_key_of_an_account_is_missing_nothing_is_sent_and_the_work_goes_on(desk):
    refund = desk.approved(desk.paid())
    parts = desk.parts
    keyless = Gateways(replace(parts.settings, gateway_keys={}), parts.sessions, parts.clock)

    assert carry_out_due(parts.sessions, keyless, desk.now) == 1

    waits = desk.look(refund)
    assert (waits.standing, waits.sends, waits.why) == (Standing.APPROVED, 0, NOT_SET_UP)
    desk.forward(seconds=61)
    assert desk.until_over(refund).standing is Standing.CONFIRMED  # with its key it goes


@pytest.mark.fault("F25")
def test_an_outage_makes_no_pause_longer(desk):
    refund = desk.approved(desk.paid())
    desk.work()
    before = desk.look(refund)
    out(desk)

    desk.forward(minutes=2)
    for _ in range(8):
        desk.work()
        desk.forward(minutes=1)

    after = desk.look(refund)
    assert (after.standing, after.looks) == (Standing.SENT, before.looks)
    assert after.due_at <= desk.now + timedelta(minutes=1)


def unanswered(desk, amount=2_000):
    """A case that was sent, and of which the gateway says nothing at all."""
    refund = desk.approved(desk.paid(), amount)
    desk.sandbox.fault("reset", "PKR-1")
    desk.work()
    return refund


def by_transfer(desk, refund, actor="user:bendahara-2", why="gerbang diam sejak kemarin"):
    with desk.parts.sessions.begin() as session:
        return ask.transfer(session, refund.key, "SP2D 17/2026", actor, desk.now, why)


@pytest.mark.fault("F101")
def test_what_a_gateway_never_answers_is_paid_by_hand_by_a_second_treasurer(desk):
    refund = unanswered(desk)

    with pytest.raises(Conflict, match="masih dapat menjawab sampai"):
        by_transfer(desk, refund)
    desk.forward(hours=24)
    with pytest.raises(NotAllowed, match="Bendahara lain"):
        by_transfer(desk, refund, TREASURER)
    with pytest.raises(NotAllowed, match="Orang lain"):
        by_transfer(desk, refund, AUDITOR)
    with pytest.raises(BadInput, match="Alasan"):
        by_transfer(desk, refund, why=" ")
    paid = by_transfer(desk, refund)

    assert (paid.standing, paid.decided_by) == (Standing.TRANSFERRED, TREASURER)
    assert paid.due_at is not None  # the gateway is looked at on
    assert notes(desk, refund)[-1] == ("transferred", "SP2D 17/2026: gerbang diam sejak kemarin")
    assert desk.balances() == {"due_from_gateway": 2_000, "refunded_by_hand": -2_000}


@pytest.mark.fault("F24")
def test_what_was_paid_by_hand_is_never_sent_again_and_looked_for_a_month(desk):
    refund = unanswered(desk)
    desk.forward(hours=25)
    by_transfer(desk, refund)
    desk.sandbox.faultless()

    for _ in range(40):
        desk.work()
        desk.forward(days=1)

    over = desk.look(refund)
    assert (over.standing, over.due_at) == (Standing.TRANSFERRED, None)
    (transaction,) = desk.sandbox.transactions("PKR-1")
    assert transaction["refunds"] == []


def test_what_the_gateway_gives_back_after_all_is_booked_though_it_was_paid_by_hand(desk):
    refund = unanswered(desk, 1_500)
    desk.forward(hours=25)
    by_transfer(desk, refund)
    desk.sandbox.faultless()
    desk.given_back_by_bank(1_500, key=refund.key)

    over = desk.until_over(refund)

    assert (over.standing, over.theirs != "") == (Standing.TRANSFERRED, True)
    assert desk.effects()[1:] == [("refund:1500", 1_500)]
    assert notes(desk, refund)[-1][1] == "Gerbang juga sudah mengembalikannya"
    suspended = {"due_from_gateway": 500, "refunded_by_hand": -1_500, "suspense": 1_000}
    assert desk.balances() == suspended


def test_what_the_book_shows_as_given_back_is_not_paid_by_hand(desk):
    refund = desk.approved(desk.paid(), 1_000)
    desk.work()
    assert desk.effects()[1:] == [("refund:1000", 1_000)]
    desk.forward(hours=25)

    with pytest.raises(BadInput, match="sudah dikembalikan oleh gerbang"):
        by_transfer(desk, refund)


@pytest.mark.fault("F24")
def test_killed_between_sending_and_storing_there_is_one_refund(desk, monkeypatch):
    refund = desk.approved(desk.paid())
    monkeypatch.setattr("parking.refunds.carry_out._end", _dies)

    with pytest.raises(SystemError):
        desk.carry_out(refund)
    monkeypatch.undo()
    desk.forward(minutes=2)
    over = desk.until_over(refund)

    assert over.standing is Standing.CONFIRMED
    (transaction,) = desk.sandbox.transactions("PKR-1")
    assert len(transaction["refunds"]) == 1


def _dies(*_):
    raise SystemError("the power went")


def test_the_banks_no_ends_the_case_and_the_treasurer_pays_by_hand(desk):
    refund = desk.approved(desk.paid())
    desk.sandbox.fault("refund_denied", "PKR-1")

    refused = desk.until_over(refund)
    with desk.parts.sessions.begin() as session:
        paid = ask.transfer(session, refund.key, "SP2D 17/2026", TREASURER, desk.now)

    assert (refused.standing, bool(refused.why)) == (Standing.REFUSED, True)
    assert (paid.standing, paid.document) == (Standing.TRANSFERRED, "SP2D 17/2026")
    assert desk.effects() == [("receipt", 2_000)]
    assert desk.balances() == {"due_from_gateway": 2_000, "refunded_by_hand": -2_000}


def test_a_key_that_they_do_not_accept_is_an_alarm_and_no_refusal(desk):
    refund = desk.approved(desk.paid())
    desk.sandbox.fault("unauthorised", "PKR-1", times=1)

    desk.work()

    waits = desk.look(refund)
    assert (waits.standing, "401" in waits.why) == (Standing.SENT, True)


def test_rejected_no_money_moves_and_it_may_be_asked_again(desk):
    payment = desk.paid()
    refund = desk.ask(payment)
    with desk.parts.sessions.begin() as session:
        ask.reject(session, refund.key, "bukti kurang", TREASURER, desk.now)

    assert desk.work() == 0
    assert desk.balances() == SHARED
    assert desk.ask(payment).standing is Standing.REQUESTED


def test_a_second_payment_goes_back_out_of_suspense(desk):
    desk.paid(times=2)
    first, second = (t["transaction_id"] for t in desk.sandbox.transactions("PKR-1"))
    gateway = desk.parts.gateways.find("midtrans", "jambi")
    with desk.parts.sessions.begin() as session:
        said = [e for ref in (first, second) for e in gateway.inquire(Reference("PKR-1", ref))]
        apply_all(session, [Brought(e, Origin.INQUIRY) for e in said], desk.now)
    assert desk.balances() == SHARED | {"due_from_gateway": 4_000, "suspense": -2_000}
    with desk.parts.sessions() as session:
        payment = store.payment_named(session, "midtrans", "jambi", second)

    over = desk.until_over(desk.approved(payment))

    assert over.standing is Standing.CONFIRMED
    assert desk.balances() == SHARED


def test_a_surplus_goes_back_and_the_shares_stay(desk):
    payment = desk.paid(amount=2_500)

    over = desk.until_over(desk.approved(payment, 500))

    assert over.standing is Standing.CONFIRMED
    assert desk.balances() == SHARED


def by_hand(desk, payment, amount):
    """The gateway says no, and the treasurer pays."""
    desk.sandbox.fault("refund_denied", "PKR-1", times=1)
    refused = desk.until_over(desk.approved(payment, amount))
    with desk.parts.sessions.begin() as session:
        ask.transfer(session, refused.key, "SP2D 17/2026", TREASURER, desk.now)


def test_part_by_hand_and_the_rest_by_the_gateway_leaves_nothing(desk):
    payment = desk.paid()
    by_hand(desk, payment, 1)

    over = desk.until_over(desk.approved(payment, 1_999))

    assert over.standing is Standing.CONFIRMED
    assert desk.balances() == {"due_from_gateway": 1, "refunded_by_hand": -1}


@pytest.mark.parametrize(("first", "beyond"), [(2_000, 2_000), (1_500, 1_500), (1, 1)])
def test_what_comes_back_by_hand_and_by_the_gateway_is_recovered_from_nobodys_share(
    desk, first, beyond
):
    by_hand(desk, desk.paid(), first)
    desk.sandbox.reverse("PKR-1")
    desk.learn()

    assert desk.balances() == {"refunded_by_hand": -first, "suspense": beyond}


def test_a_chargeback_takes_what_a_refund_left(desk):
    desk.until_over(desk.approved(desk.paid(), 500))
    desk.sandbox.reverse("PKR-1")

    desk.learn()

    assert desk.effects()[1:] == [("refund:500", 500), ("reversal", 1_500)]
    assert desk.balances() == {}


def test_approved_after_a_chargeback_it_is_not_sent(desk):
    refund = desk.ask(desk.paid())
    desk.sandbox.reverse("PKR-1")
    desk.learn()

    with pytest.raises(BadInput, match="sudah dikembalikan oleh gerbang"):
        desk.approve(refund)


def test_of_a_transfer_and_a_chargeback_at_once_the_second_sees_the_first(desk):
    payment = desk.paid()
    desk.sandbox.fault("refund_denied", "PKR-1", times=1)
    refused = desk.until_over(desk.approved(payment, 2_000))
    desk.sandbox.reverse("PKR-1")

    def pay():
        try:
            with desk.parts.sessions.begin() as session:
                ask.transfer(session, refused.key, "SP2D 17/2026", TREASURER, desk.now)
        except BadInput:
            assert desk.look(refused).standing is Standing.REFUSED  # the bank was quicker

    threads = [threading.Thread(target=pay), threading.Thread(target=desk.learn)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert desk.balances() in ({}, {"refunded_by_hand": -2_000, "suspense": 2_000})

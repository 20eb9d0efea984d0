"""One contract for every adapter: the same money, the same words, whatever the provider."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.errors import (
    CallbackNotAuthentic,
    GatewayError,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
)
from parking.gateways.protocol import Level, Receipt, Reference, RefundState, State, Trust
from parking.qris.payload import check_shown, inspect

from tests.gateways.contract.conftest import OURS

BACK = {State.PARTLY_REFUNDED, State.REFUNDED}


class TestIssue:
    def test_a_code_is_what_was_asked_for(self, bench):
        issued = bench.issue()

        merchant = bench.gateway.merchant
        assert check_shown(issued.payload, 2_000, merchant.nmid, merchant.pan) == []
        assert inspect(issued.payload).fields["terminal_label"] == "PSR-01"
        assert issued.expires_at in (None, bench.ask().expires_at)

    @pytest.mark.fault("F24")
    @pytest.mark.parametrize(
        ("fault", "value"),
        [
            ("create_timeout_after_commit", 0), ("create_500", "stored"),
            ("create_503", "stored"), ("create_504", None), ("create_html", "stored"),
            pytest.param("create_reset", None, marks=pytest.mark.fault("F27")),
        ],
    )  # fmt: skip
    def test_an_answer_that_is_lost_is_no_refusal_and_no_second_code(self, bench, fault, value):
        bench.sandbox.fault(fault, OURS, times=1, value=value)

        with pytest.raises((GatewayUnavailable, GatewayUnreadable)):
            bench.issue()

        known = bench.gateway.inquire(Reference(OURS))
        assert [e.state for e in known] in ([State.PENDING], [])
        assert bool(known) == bench.adapter.finds_lost
        assert len(bench.sandbox.transactions(OURS)) == 1

    @pytest.mark.fault("F24")
    def test_a_code_that_nobody_saw_is_found_when_it_is_paid(self, bench):
        bench.sandbox.fault("create_timeout_after_commit", OURS, times=1, value=0)
        with pytest.raises(GatewayUnavailable):
            bench.issue()

        bench.sandbox.pay(OURS)

        assert bench.evidence(Reference(OURS)).state is State.PAID

    def test_asked_once_more_there_is_one_code(self, bench):
        """The same answer again, or that it is there already: never a second."""
        first = bench.issue()
        bench.clock.forward(minutes=1)

        with suppress(GatewayUnavailable):
            assert bench.issue().theirs == first.theirs
        assert len(bench.sandbox.transactions(OURS)) == 1

    def test_the_text_of_a_code_can_be_asked_again_or_is_not_told(self, bench):
        issued = bench.issue()

        again = bench.gateway.recover_qr(Reference(OURS, issued.theirs))

        assert again == (issued.payload if bench.adapter.tells_again else None)

    @pytest.mark.fault("F32")
    @pytest.mark.parametrize("how", ["amount", "merchant", "crc"])
    def test_a_wrong_code_is_told_as_it_is(self, bench, how):
        bench.sandbox.fault("wrong_qr", value=how)

        issued = bench.issue()

        merchant = bench.gateway.merchant
        assert check_shown(issued.payload, 2_000, merchant.nmid, merchant.pan) != []


class TestInquire:
    def test_of_a_code_that_nobody_has_paid(self, bench):
        issued = bench.issue()

        assert bench.evidence(Reference(OURS, issued.theirs)).state is State.PENDING

    def test_of_an_order_that_does_not_exist(self, bench):
        assert list(bench.gateway.inquire(Reference("PKR20261123NOBODY"))) == []

    def test_of_a_payment(self, bench):
        issued = bench.issue()
        bench.sandbox.pay(OURS, wallet="dana", at=bench.clock.forward(seconds=40))

        paid = bench.evidence(Reference(OURS, issued.theirs))

        assert (paid.state, paid.trust, paid.ours) == (State.PAID, Trust.PROOF, OURS)
        assert (paid.amount, paid.refunded) == (2_000, 0)
        assert paid.at == bench.clock.now()
        assert (paid.gateway, paid.account) == (bench.name, "jambi")
        assert paid.payment_ref

    def test_of_a_payment_by_its_own_reference(self, bench):
        reference = bench.paid()
        paid = bench.evidence(reference)

        again = bench.evidence(Reference(OURS, paid.payment_ref))

        # Where it is looked up among all that moved, the payer's bank may be left out.
        assert replace(again, issuer=paid.issuer) == paid

    def test_of_a_payment_of_another_amount(self, bench):
        bench.issue()
        bench.sandbox.fault("amount_mismatch", OURS, value=1_500)
        bench.sandbox.pay(OURS)

        assert bench.evidence(Reference(OURS)).amount == 1_500

    def test_of_a_code_that_was_paid_after_its_time(self, bench):
        issued = bench.issue()
        bench.clock.forward(minutes=6)
        assert bench.evidence(Reference(OURS, issued.theirs)).state is State.EXPIRED

        bench.sandbox.pay(OURS, late=True)

        assert bench.evidence(Reference(OURS, issued.theirs)).state is State.PAID

    def test_of_a_code_that_was_paid_twice(self, bench):
        if not bench.adapter.separate_payments:
            pytest.skip("this provider has one reference for a code and its payment")
        issued = bench.issue()
        bench.sandbox.pay(OURS, times=2)

        refs = {
            e.payment_ref
            for each in bench.sandbox.transactions(OURS)
            for e in bench.gateway.inquire(Reference(OURS, _reference(bench, each)))
            if e.state is State.PAID
        }

        assert issued.theirs
        assert len(refs) == 2

    @pytest.mark.parametrize("times", ["naive", "wib", "utc", "fraction"])
    def test_reads_the_times_of_its_provider_to_the_second(self, bench, times):
        if times not in bench.adapter.times:
            pytest.skip("not written so by this provider")
        reference = bench.paid(at=bench.clock.forward(seconds=40))
        bench.sandbox.fault("answer_times", OURS, value=times)

        assert bench.evidence(reference).at == bench.clock.now()

    @pytest.mark.fault("F50")
    def test_a_time_that_is_none_is_not_guessed(self, bench):
        reference = bench.paid()
        bench.sandbox.fault("answer_times", OURS, value="broken")

        with pytest.raises(GatewayUnreadable):
            bench.gateway.inquire(reference)

    def test_reads_the_money_of_its_provider(self, bench):
        reference = bench.paid()
        for told in bench.adapter.money:
            bench.sandbox.faultless()
            bench.sandbox.fault("answer_money", OURS, value=told)

            assert bench.evidence(reference).amount == 2_000

    @pytest.mark.parametrize("told", ["2.000", "2,000.00", "2000.50", "-2000.00", "2e3", None])
    def test_money_that_can_be_read_in_two_ways_is_not_read(self, bench, told):
        reference = bench.paid()
        bench.sandbox.fault("answer_money", OURS, value=told)

        with pytest.raises(GatewayUnreadable):
            bench.gateway.inquire(reference)

    def test_a_word_that_nobody_knows_is_neither_paid_nor_failed(self, bench):
        reference = bench.paid()
        bench.sandbox.fault("status_unknown", OURS)

        assert bench.evidence(reference).state is State.UNKNOWN

    def test_new_fields_change_nothing(self, bench):
        reference = bench.paid()
        before = bench.evidence(reference)
        bench.sandbox.fault("answer_extra_fields", OURS)

        assert bench.evidence(reference) == before


def _reference(bench, transaction):
    """How the provider calls a payment, which may not be how the sandbox's core does."""
    paid = [
        e.payment_ref for e in bench.gateway.inquire(Reference(OURS, transaction["transaction_id"]))
    ]
    return paid[0] if paid else transaction["transaction_id"]


class TestEnd:
    def test_an_open_code_is_cancelled_where_that_is_offered(self, bench):
        reference = Reference(OURS, bench.issue().theirs)

        said = bench.gateway.cancel(reference)

        assert said is (State.CANCELLED if bench.adapter.cancels else State.PENDING)

    def test_a_code_whose_time_is_over_expires(self, bench):
        reference = Reference(OURS, bench.issue().theirs)
        bench.clock.forward(minutes=6)

        assert bench.gateway.expire(reference) is State.EXPIRED

    @pytest.mark.parametrize("verb", ["cancel", "expire"])
    def test_a_paid_code_is_not_ended(self, bench, verb):
        reference = bench.paid()

        assert getattr(bench.gateway, verb)(reference) is State.PAID
        assert bench.evidence(reference).state is State.PAID

    def test_a_code_may_be_paid_after_it_was_cancelled(self, bench):
        reference = Reference(OURS, bench.issue().theirs)
        bench.gateway.cancel(reference)

        bench.sandbox.pay(OURS, late=True)

        assert bench.evidence(reference).state is State.PAID


class TestRefund:
    @pytest.fixture(autouse=True)
    def _only_where_offered(self, bench):
        if not bench.adapter.refunds:
            pytest.skip("this provider gives nothing back by its API")

    def test_all_of_it(self, bench):
        reference = bench.paid()
        wish = bench.refund(reference)

        answer = bench.gateway.refund(wish)

        assert answer.state in (RefundState.PENDING, RefundState.DONE)
        self._confirm(bench)
        assert bench.gateway.find_refund(wish).state is RefundState.DONE
        after = bench.evidence(reference)
        assert (after.state, after.refunded) == (State.REFUNDED, 2_000)

    def test_a_part(self, bench):
        reference = bench.paid()

        bench.gateway.refund(bench.refund(reference, 500))

        self._confirm(bench)
        after = bench.evidence(reference)
        assert (after.state, after.refunded) == (State.PARTLY_REFUNDED, 500)

    def test_the_same_key_once_more_is_the_same_refund(self, bench):
        reference = bench.paid()
        wish = bench.refund(reference, 500)
        bench.gateway.refund(wish)
        bench.clock.forward(minutes=6)

        again = bench.gateway.refund(wish)

        assert again.state in (RefundState.PENDING, RefundState.DONE)
        self._confirm(bench)
        assert bench.evidence(reference).refunded == 500

    def test_more_than_is_left_is_refused(self, bench):
        reference = bench.paid()
        bench.gateway.refund(bench.refund(reference, 1_500, "RF1"))
        self._confirm(bench)

        second = replace(bench.refund(reference, 1_500, "RF2"), amount=1_000)

        assert self._state(bench, second) is RefundState.REFUSED
        assert bench.evidence(reference).refunded == 1_500

    def test_the_banks_no_is_told(self, bench):
        reference = bench.paid()
        wish = bench.refund(reference)
        bench.sandbox.fault("refund_denied", OURS)

        assert self._state(bench, wish) is RefundState.REFUSED
        assert bench.evidence(reference).state is State.PAID

    def test_what_was_not_paid_is_not_refunded(self, bench):
        reference = bench.paid()
        wish = replace(bench.refund(reference), payment_ref="tidak-ada")

        assert self._state(bench, wish) in (RefundState.REFUSED, RefundState.UNKNOWN)

    def test_one_that_never_arrived_is_unknown(self, bench):
        wish = bench.refund(bench.paid(), key="RFNEVER")

        assert bench.gateway.find_refund(wish).state is RefundState.UNKNOWN

    @pytest.mark.fault("F24")
    def test_one_whose_answer_is_lost_can_be_looked_up(self, bench):
        reference = bench.paid()
        wish = bench.refund(reference)
        bench.sandbox.fault("reset", OURS, times=1)

        with pytest.raises((GatewayUnavailable, GatewayUnreadable)):
            bench.gateway.refund(wish)

        assert bench.gateway.find_refund(wish).state in (
            RefundState.UNKNOWN, RefundState.PENDING, RefundState.DONE,
        )  # fmt: skip

    def _confirm(self, bench):
        """The time in which a driver's bank confirms."""
        bench.clock.forward(minutes=2)
        bench.sandbox.deliver_now()

    def _state(self, bench, wish):
        """What becomes of a refund, whether they say no at once or later."""
        try:
            answer = bench.gateway.refund(wish)
        except GatewayRefused:
            return RefundState.REFUSED
        if answer.state is RefundState.PENDING:
            self._confirm(bench)
            answer = bench.gateway.find_refund(wish)
        return answer.state


class TestCallbacks:
    def test_a_payment_is_told_once_it_is_proved(self, bench):
        reference = bench.paid()

        told = [bench.gateway.read_callback(each) for each in bench.heard()]

        (paid,) = [each for each in told if each.state is State.PAID]
        proved = bench.evidence(reference)
        assert (paid.payment_ref, paid.gateway) == (proved.payment_ref, bench.name)
        assert paid.ours in (OURS, "")
        assert paid.amount in (2_000, 0)
        assert paid.at == proved.at

    def test_each_says_how_much_it_proves_and_two_messages_have_two_names(self, bench):
        bench.paid()

        told = [bench.gateway.authenticate(each) for each in bench.heard()]

        assert {each.level for each in told} <= {Level.FULL, Level.PARTIAL, Level.TOKEN}
        assert len({each.natural_key for each in told}) == len(told)

    def test_sent_again_it_has_the_same_name(self, bench):
        bench.sandbox.fault("callback_duplicate", OURS, value=2)
        bench.listener.answers = [500]
        bench.paid()

        keys = [bench.gateway.authenticate(each).natural_key for each in bench.heard()]

        assert len(set(keys)) < len(keys) or len(keys) == 1

    @pytest.mark.fault("F08")
    def test_of_another_key_it_proves_nothing(self, bench):
        bench.sandbox.fault("callback_bad_signature", OURS)
        bench.paid()

        last = bench.heard()[-1]

        assert bench.gateway.authenticate(last).level is Level.NONE
        with pytest.raises(CallbackNotAuthentic):
            bench.gateway.read_callback(last)

    @pytest.mark.fault("F09")
    def test_forged_from_one_that_was_caught_it_is_no_proof(self, bench):
        bench.issue()
        bench.sandbox.forge(OURS)

        last = bench.heard()[-1]

        if bench.gateway.authenticate(last).level is not Level.NONE:
            assert bench.gateway.read_callback(last).trust is Trust.HEARSAY

    @pytest.mark.fault("F18")
    @pytest.mark.fault("F20")
    @pytest.mark.parametrize("cut", [0, 1, 20, -1])
    def test_cut_off_it_is_not_believed(self, bench, cut):
        bench.paid()
        last = bench.heard()[-1]
        part = replace(last, body=last.body[:cut])

        proved = bench.gateway.authenticate(part)

        assert proved.level in (Level.NONE, Level.MALFORMED)
        with pytest.raises(GatewayError):
            bench.gateway.read_callback(part)

    @pytest.mark.fault("F18")
    @pytest.mark.parametrize("value", ["", "x", "é", "a" * 20_000, "0" * 128])
    def test_odd_headers_prove_nothing_and_break_nothing(self, bench, value):
        bench.paid()
        last = bench.heard()[-1]
        odd = {name: value for name in last.headers if name.lower() not in ("host",)}

        proved = bench.gateway.authenticate(replace(last, headers=odd, body=b'{"a":1}'))

        assert proved.level in (Level.NONE, Level.MALFORMED)

    @pytest.mark.fault("F15")
    def test_of_another_merchant_it_is_not_read_as_ours(self, bench):
        bench.paid()
        last = bench.heard()[-1]
        somebody = replace(bench.gateway.merchant, merchant_id="SOMEBODY-ELSE")
        stranger = bench.adapter.gateway(
            bench.name, bench.sandbox.url, merchant=somebody, callback_url=bench.callback_url
        )

        if stranger.authenticate(last).level is not Level.NONE:
            with pytest.raises(GatewayUnreadable):
                stranger.read_callback(last)

    def test_every_receipt_has_an_answer_and_only_what_is_kept_is_a_success(self, bench):
        bench.paid()
        last = bench.heard()[-1]

        codes = {each: bench.gateway.reply(last, each).status for each in Receipt}

        assert codes[Receipt.KEPT] == codes[Receipt.REPEATED] == 200
        assert all(codes[each] >= 400 for each in set(Receipt) - {Receipt.KEPT, Receipt.REPEATED})

    def test_an_ordinary_callback_is_not_served_away(self, bench):
        bench.paid()

        assert all(bench.gateway.serve(each) is None for each in bench.heard())


class TestBadDays:
    @pytest.mark.fault("F25")
    @pytest.mark.parametrize(
        ("fault", "value", "error"),
        [
            ("unauthorised", None, GatewayUnauthorised),
            ("unauthorised", 403, GatewayUnauthorised),
            ("rate_limit", None, GatewayUnavailable),
            pytest.param("html_502", None, GatewayUnavailable, marks=pytest.mark.fault("F26")),
            pytest.param("empty_body", None, GatewayUnreadable, marks=pytest.mark.fault("F26")),
            pytest.param("redirect", None, GatewayUnreadable, marks=pytest.mark.fault("F29")),
            pytest.param("reset", None, GatewayUnavailable, marks=pytest.mark.fault("F27")),
            pytest.param("huge_answer", None, GatewayUnreadable, marks=pytest.mark.fault("F31")),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("verb", ["issue", "inquire", "cancel"])
    def test_each_is_named_by_what_we_should_do(self, bench, fault, value, error, verb):
        if verb != "issue":
            issued = bench.issue()
            reference = Reference(OURS, issued.theirs)
        bench.sandbox.fault(fault, OURS, value=value)

        with pytest.raises(error):
            bench.issue() if verb == "issue" else getattr(bench.gateway, verb)(reference)

    @pytest.mark.fault("F25")
    def test_nothing_is_tried_again_by_itself(self, bench):
        """Who may repeat a call is decided by who made it: one strike, one failure, one call."""
        bench.sandbox.fault("rate_limit", OURS, times=1)

        with pytest.raises(GatewayUnavailable):
            bench.issue()
        assert bench.issue().payload

    @pytest.mark.fault("F23")
    def test_a_body_that_drips_ends_while_the_driver_still_waits(self, bench):
        bench.sandbox.fault("slow_body", OURS, times=1)
        started = time.monotonic()

        with pytest.raises(GatewayUnavailable):
            bench.issue()

        assert time.monotonic() - started < 5.5

    @pytest.mark.fault("F23")
    def test_a_gateway_that_is_not_there_is_told_at_once(self, bench):
        nobody = bench.adapter.gateway(bench.name, "http://127.0.0.1:9")
        started = time.monotonic()

        with pytest.raises(GatewayUnavailable):
            nobody.issue_qr(bench.ask())

        assert time.monotonic() - started < timedelta(seconds=5).total_seconds()

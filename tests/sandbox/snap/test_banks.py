"""Our adapter and each kind of SNAP bank, over real HTTP (gateways.md 3)."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from parking.business_day import business_day
from parking.errors import (
    FileRefused,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
)
from parking.gateways.protocol import Level, Reference, RefundState, State, Trust
from parking.qris.payload import check_shown

from tests.builders import MERCHANT
from tests.snap_banks import BANKS_SPOKEN, OURS_NAME

LEVELS = {"bri": Level.PARTIAL}


@pytest.fixture(params=BANKS_SPOKEN)
def bank(request, bank_of):
    return bank_of(request.param)


@pytest.fixture
def plain(bank_of):
    return bank_of("plain")


@pytest.fixture
def own(bank_of):
    """A bank that lets codes be cancelled and money be given back."""
    return bank_of("own")


class TestEachBank:
    def test_a_code_is_what_was_asked_for(self, bank):
        issued = bank.gateway.issue_qr(bank.ask())

        assert check_shown(issued.payload, 2_000, MERCHANT.nmid, MERCHANT.pan) == []
        assert issued.expires_at == bank.ask().expires_at
        assert bank.evidence(Reference(OURS_NAME, issued.theirs)).state is State.PENDING

    def test_a_payment_is_told_as_far_as_it_is_proved(self, bank):
        reference = bank.paid(wallet="bank jambi", at=bank.clock.forward(seconds=40))

        (callback,) = bank.heard()
        told, asked = bank.gateway.read_callback(callback), bank.evidence(reference)

        level = LEVELS.get(bank.account, Level.FULL)
        assert bank.gateway.authenticate(callback).level is level
        assert told.trust is (Trust.PROOF if level is Level.FULL else Trust.HEARSAY)
        assert replace(told, trust=Trust.PROOF, merchant_id="") == asked
        assert (asked.state, asked.amount, asked.issuer) == (State.PAID, 2_000, "bank jambi")
        assert asked.payment_ref == reference.theirs

    @pytest.mark.fault("F09")
    def test_a_message_that_was_caught_and_changed_is_no_proof(self, bank):
        bank.issue()
        bank.sandbox.forge(OURS_NAME)

        (callback,) = bank.heard()

        if bank.account == "bri":
            assert bank.gateway.read_callback(callback).trust is Trust.HEARSAY
        else:
            assert bank.gateway.authenticate(callback).level is Level.NONE

    @pytest.mark.fault("F08")
    def test_a_message_of_another_key_proves_nothing(self, bank):
        bank.sandbox.fault("callback_bad_signature", OURS_NAME)
        bank.paid()

        (callback,) = bank.heard()

        assert bank.gateway.authenticate(callback).level is Level.NONE

    def test_a_message_in_other_bytes_is_verified_as_it_is(self, bank):
        bank.sandbox.fault("callback_pretty", OURS_NAME)
        bank.paid()

        (callback,) = bank.heard()

        assert b"\n" in callback.body
        assert b"\\/" in callback.body
        assert bank.gateway.authenticate(callback).level is LEVELS.get(bank.account, Level.FULL)

    @pytest.mark.fault("F11")
    def test_a_message_signed_an_hour_ago_is_asked_about(self, bank):
        bank.sandbox.fault("callback_old_time", OURS_NAME)
        bank.paid()

        (callback,) = bank.heard()

        assert bank.gateway.read_callback(callback).trust is Trust.HEARSAY

    @pytest.mark.parametrize("field", ["amount", "originalPartnerReferenceNo"])
    def test_what_may_be_left_out_may_be_left_out(self, bank, field):
        bank.sandbox.fault("callback_missing_fields", OURS_NAME, value=field)
        reference = bank.paid()

        (callback,) = bank.heard()
        told = bank.gateway.read_callback(callback)

        assert told.payment_ref == reference.theirs
        assert told.ours == ("" if field != "amount" else OURS_NAME)
        if field == "amount":
            assert (told.amount, told.trust) == (0, Trust.HEARSAY)

    def test_a_code_whose_time_is_over_has_expired(self, bank):
        reference = bank.issue()
        bank.clock.forward(minutes=6)

        assert bank.gateway.expire(reference) is State.EXPIRED

    def test_a_message_is_sent_once(self, bank):
        bank.listener.answers = [500]
        bank.paid()
        bank.heard()
        bank.clock.forward(hours=24)

        assert len([each for each in bank.heard() if b'"00"' in each.body]) == 1


class TestDisagreement:
    """Each word that both sides must have agreed on, and what comes of it if they have not."""

    @pytest.mark.parametrize(
        ("account", "words"),
        [
            ("plain", {"hmac": "hex"}), ("bri", {"hmac": "base64"}),
            ("doku", {"signed_prefix": "/"}), ("own", {"signed_prefix": "/gateway/snap"}),
            ("plain", {"client_id": "somebody"}), ("dana", {"signing": "symmetric"}),
        ],
    )  # fmt: skip
    def test_a_signature_of_another_kind_is_an_alarm(self, bank_of, account, words):
        bank = bank_of(account, **words)

        with pytest.raises(GatewayUnauthorised):
            bank.issue()
        assert bank.sandbox.transactions() == []

    @pytest.mark.parametrize(
        ("account", "words"),
        [
            ("plain", {"times": "ms"}), ("doku", {"times": "wib"}), ("bri", {"times": "z"}),
            ("own", {"partner_id": "P-78"}), ("own", {"channel_header": "CHANNEL-ID"}),
            ("plain", {"external": "ours"}), ("bri", {"external_header": "X-EXTERNAL-ID"}),
            ("plain", {"prefix": "/nowhere"}),
        ],
    )  # fmt: skip
    def test_other_headers_are_a_clear_no(self, bank_of, account, words):
        with pytest.raises(GatewayRefused):
            bank_of(account, **words).issue()

    def test_a_query_with_the_service_of_another_bank_is_a_clear_no(self, bank_of):
        bank_of("bri").issue()

        with pytest.raises(GatewayRefused, match="serviceCode"):
            bank_of("bri", service_code="47").gateway.inquire(Reference(OURS_NAME))


class TestLostAnswers:
    @pytest.mark.fault("F24")
    def test_asked_once_more_it_exists_already(self, plain):
        first = plain.issue()

        with pytest.raises(GatewayUnavailable, match="409/01"):
            plain.issue()
        assert plain.evidence(Reference(OURS_NAME)).payment_ref == first.theirs

    @pytest.mark.fault("F24")
    @pytest.mark.parametrize("fault", ["snap_conflict", "snap_in_progress", "create_504"])
    def test_made_or_not_it_is_asked(self, plain, fault):
        plain.sandbox.fault(fault, OURS_NAME, times=1)

        with pytest.raises(GatewayUnavailable):
            plain.issue()

        assert plain.evidence(Reference(OURS_NAME)).state is State.PENDING
        assert plain.gateway.recover_qr(Reference(OURS_NAME)) is None

    def test_a_code_without_its_text_was_made_and_can_be_shown_by_nobody(self, plain):
        plain.sandbox.fault("missing_qr_string", OURS_NAME)

        assert plain.gateway.issue_qr(plain.ask()).payload is None

    def test_their_expiry_may_be_left_out(self, plain):
        plain.sandbox.fault("missing_expiry_time", OURS_NAME)

        assert plain.gateway.issue_qr(plain.ask()).expires_at is None

    def test_a_code_that_they_do_not_know_yet_is_not_failed(self, plain):
        plain.sandbox.fault("snap_query_07", OURS_NAME, value=10)
        reference = plain.issue()

        assert list(plain.gateway.inquire(reference)) == []
        plain.clock.forward(seconds=11)
        assert plain.evidence(reference).state is State.PENDING

    @pytest.mark.parametrize(
        ("account", "word", "state"),
        [
            ("plain", "05", State.CANCELLED), ("dana", "05", State.EXPIRED),
            ("plain", "08", State.EXPIRED), ("plain", "09", State.FAILED),
        ],
    )  # fmt: skip
    def test_words_beyond_the_standard_are_read_as_their_bank_means_them(
        self, bank_of, account, word, state
    ):
        bank = bank_of(account)
        reference = bank.issue()
        bank.sandbox.fault("snap_status", OURS_NAME, value=word)

        assert bank.evidence(reference).state is state

    @pytest.mark.fault("F28")
    def test_the_answer_about_another_code_is_not_read(self, plain):
        first, second = plain.issue("PKR1"), plain.issue("PKR2")

        assert list(plain.gateway.inquire(Reference("PKR1", second.theirs))) == []
        assert plain.evidence(first).ours == "PKR1"


class TestTokens:
    @pytest.mark.fault("F25")
    def test_one_that_is_not_known_any_more_is_exchanged_once(self, plain):
        plain.issue("PKR1")
        plain.sandbox.fault("snap_token_lost", "plain", times=1)

        assert plain.issue("PKR2").theirs
        plain.sandbox.fault("snap_token_lost", "plain")
        with pytest.raises(GatewayUnauthorised, match="401/01"):
            plain.issue("PKR3")

    def test_one_that_has_ended_at_the_bank_is_exchanged(self, own):
        """It lives thirty seconds there, which is less than we renew it early."""
        own.issue("PKR1")
        own.clock.forward(seconds=31)

        assert own.issue("PKR2").theirs

    @pytest.mark.fault("F25")
    def test_none_is_an_alarm(self, plain):
        plain.sandbox.fault("snap_token_refused", "plain")

        with pytest.raises(GatewayUnauthorised, match="access-token"):
            plain.issue()

    def test_many_at_once_fetch_one(self, plain):
        plain.sandbox.fault("slow", "plain", value=0.3)  # time enough for all to want one
        failed = []

        def ask(number: int) -> None:
            try:
                plain.issue(f"PKR{number}")
            except GatewayUnauthorised as error:
                failed.append(error)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failed == []
        assert len(plain.sandbox.transactions()) == 8
        (slow,) = plain.sandbox.faults()
        assert len(slow["used"]) == 1


class TestEnd:
    def test_where_it_is_offered_a_code_is_cancelled(self, own):
        reference = own.issue()

        assert own.gateway.cancel(reference) is State.CANCELLED
        assert own.evidence(reference).state is State.CANCELLED
        assert own.gateway.cancel(reference) is State.CANCELLED

    def test_where_it_is_not_it_stays_open(self, bank_of):
        """Whether we know it beforehand or are told 405."""
        for bank in (bank_of("plain"), bank_of("plain", cancel="yes")):
            reference = bank.issue(f"PKR{id(bank)}")
            assert bank.gateway.cancel(reference) is State.PENDING

    def test_a_paid_code_is_not_ended(self, own):
        reference = own.paid()

        assert own.gateway.cancel(reference) is State.PAID

    @pytest.mark.parametrize("fault", ["snap_in_progress", "snap_conflict"])
    def test_what_is_not_decided_is_asked(self, own, fault):
        reference = own.issue()
        own.sandbox.fault(fault, OURS_NAME, times=1)

        assert own.gateway.cancel(reference) is State.CANCELLED

    def test_a_bank_may_be_silent_about_all_but_payments(self, own, bank_of):
        own.gateway.cancel(own.issue())
        assert own.heard() == []
        dana = bank_of("dana")
        dana.gateway.cancel(dana.issue("PKR2"))
        assert len(dana.heard()) == 1


class TestRefunds:
    def confirm(self, bank):
        bank.clock.forward(minutes=2)
        bank.sandbox.deliver_now()

    def test_money_comes_back_in_parts_and_is_told_by_their_list(self, own):
        reference = own.paid()

        first = own.gateway.refund(own.refund(reference, 500))

        assert first.state is RefundState.PENDING
        assert first.theirs
        assert own.evidence(reference).state is State.PAID
        self.confirm(own)
        assert own.gateway.find_refund(own.refund(reference, 500)).state is RefundState.DONE
        assert own.evidence(reference).refunded == 500
        own.gateway.refund(own.refund(reference, 1_500, "RF2"))
        self.confirm(own)
        after = own.evidence(reference)
        assert (after.state, after.refunded) == (State.REFUNDED, 2_000)

    def test_the_same_key_is_the_same_refund(self, own):
        reference = own.paid()
        own.gateway.refund(own.refund(reference, 500))
        self.confirm(own)

        assert own.gateway.refund(own.refund(reference, 500)).state is RefundState.DONE
        assert own.evidence(reference).refunded == 500

    @pytest.mark.parametrize("fault", ["refund_denied", "refund_unsupported"])
    def test_a_no_is_told(self, own, fault):
        reference = own.paid()
        own.sandbox.fault(fault, OURS_NAME)

        answer = own.gateway.refund(own.refund(reference, 500))

        assert answer.state is RefundState.REFUSED
        assert answer.why
        assert own.evidence(reference).state is State.PAID

    def test_one_that_fails_later_is_told(self, own):
        reference = own.paid()
        own.sandbox.fault("refund_fails_later", OURS_NAME)
        own.gateway.refund(own.refund(reference, 500))
        self.confirm(own)

        assert own.gateway.find_refund(own.refund(reference, 500)).state is RefundState.REFUSED
        assert own.evidence(reference).state is State.PAID

    def test_more_than_is_left_or_of_nothing_is_refused(self, own):
        reference = own.paid()

        assert own.gateway.refund(own.refund(reference, 2_001)).state is RefundState.REFUSED
        other = replace(own.refund(reference, 500), payment_ref="REF9")
        assert own.gateway.refund(other).state is RefundState.REFUSED

    def test_a_bank_that_offers_none_is_not_asked_or_says_so(self, bank_of):
        for bank in (bank_of("plain"), bank_of("plain", refund="yes")):
            reference = bank.issue(f"PKR{id(bank)}")
            assert bank.gateway.refund(bank.refund(reference, 1)).state is RefundState.REFUSED

    def test_what_the_bank_takes_back_unasked_is_told(self, own):
        reference = own.paid()
        own.sandbox.reverse(OURS_NAME)

        after = own.evidence(reference)

        assert (after.state, after.refunded) == (State.REFUNDED, 2_000)


class TestTheBankItself:
    """What the adapter never sends, so that it can be seen to be refused."""

    def call(self, plain, path, body, **headers):
        url = f"{plain.sandbox.url}/snap/plain{path}"
        told = {"X-TIMESTAMP": "2026-11-23T12:00:00+07:00"} | headers
        answer = requests.post(url, data=json.dumps(body), headers=told, timeout=30)
        return answer.status_code, answer.json()["responseCode"]

    def test_nobody_gets_a_token_without_a_signature(self, plain):
        body = {"grantType": "client_credentials"}
        key = {"X-CLIENT-KEY": "CLIENT-PLAIN"}

        assert self.call(plain, "/v1.0/access-token/b2b", body, **key) == (401, "4017300")
        odd = key | {"X-SIGNATURE": "AAAA", "X-TIMESTAMP": "now"}
        assert self.call(plain, "/v1.0/access-token/b2b", body, **odd) == (400, "4007301")

    def test_nobody_calls_without_a_token(self, plain):
        assert self.call(plain, "/v1.0/qr/qr-mpm-query", {}) == (401, "4015101")
        assert self.call(plain, "/v1.0/qr/qr-mpm-decode", {}) == (404, "4040000")

    def test_a_number_is_used_once_a_day(self, plain, monkeypatch):
        monkeypatch.setattr("parking.gateways.snap.attempt_id", lambda: "123")
        plain.issue("PKR1")

        with pytest.raises(GatewayUnavailable, match="409/00"):
            plain.issue("PKR2")

        plain.clock.forward(hours=24)
        assert plain.issue("PKR3").theirs


class TestPortalFile:
    def test_a_day_is_read_as_it_was_paid_and_given_back(self, own):
        first = own.issue("PKR1")
        own.sandbox.pay("PKR1", wallet="dana", at=own.clock.forward(seconds=40))
        own.sandbox.pay(own.issue("PKR2").ours)
        own.gateway.refund(own.refund(first, 500))
        day = business_day(own.clock.now())

        (report,) = own.gateway.read_report(own.sandbox.report(day, account="own"))

        assert (report.merchant_id, report.day, report.version) == (MERCHANT.merchant_id, day, 1)
        payment = next(line for line in report.lines if line.ours == "PKR1")
        assert (payment.kind, payment.payment_ref) == ("payment", first.theirs)
        assert (payment.gross, payment.fee, payment.net) == (2_000, 6, 1_994)
        assert payment.settled_on == day + timedelta(days=1)
        assert [(x.kind, x.gross) for x in report.lines if x.kind == "refund"] == [("refund", 500)]
        assert len(report.lines) == 3

    def test_a_corrected_one_has_a_higher_version(self, own):
        own.paid()
        day = business_day(own.clock.now())

        (report,) = own.gateway.read_report(own.sandbox.report(day, 2, account="own"))

        assert report.version == 2

    @pytest.mark.fault("F58")
    def test_one_that_was_cut_off_is_refused_whole(self, own):
        own.paid()
        day = business_day(own.clock.now())
        own.sandbox.fault("report_truncated")

        with pytest.raises(FileRefused):
            own.gateway.read_report(own.sandbox.report(day, account="own"))

    @pytest.mark.fault("F15")
    def test_one_of_another_merchant_is_refused(self, own, bank_of):
        own.paid()
        content = own.sandbox.report(business_day(own.clock.now()), account="own")
        content = content.replace(MERCHANT.nmid.encode(), b"ID1020000000099")

        with pytest.raises(FileRefused) as told:
            own.gateway.read_report(content)

        assert "NMID" in "".join(told.value.problems)


def test_a_gateway_that_answers_nonsense_is_a_persons_to_look_at(plain):
    plain.issue()
    plain.sandbox.fault("empty_body", OURS_NAME)

    with pytest.raises(GatewayUnreadable):
        plain.gateway.inquire(Reference(OURS_NAME))

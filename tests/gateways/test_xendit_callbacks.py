"""How far a callback of Xendit can be believed, and what it says (gateways.md 2.4, 2.7, 8.2)."""

import hmac

import pytest
from parking.errors import CallbackNotAuthentic, GatewayUnreadable, ParkingError
from parking.gateways.protocol import Access, Level, Receipt, State, Trust
from parking.gateways.xendit import Xendit, connect

from tests.gateways.xendit_samples import (
    AT,
    KEY,
    MERCHANT,
    ORDER,
    PAYMENT,
    TOKEN,
    callback,
    event,
    first_generation,
    gateway,
    payment,
    refund,
)

PAID = event("qr.payment", payment())


def level(told, token=TOKEN, tokens=(TOKEN,), **headers):
    return gateway(*tokens).authenticate(callback(told, token, **headers)).level


class TestToken:
    def test_x1_the_right_token_is_accepted(self):
        assert level(PAID) is Level.TOKEN

    @pytest.mark.fault("F08")
    def test_x2_the_value_is_compared_to_the_letter(self):
        assert level(PAID, TOKEN.replace("a", "A")) is Level.NONE

    @pytest.mark.parametrize("name", ["x-callback-token", "X-Callback-Token", "X-CALLBACK-TOKEN"])
    def test_x2_the_name_of_the_header_is_not(self, name):
        assert level(PAID, None, **{name: TOKEN}) is Level.TOKEN

    @pytest.mark.fault("F08")
    @pytest.mark.parametrize("token", [None, ""])
    def test_x3_without_a_token_nothing_is_proved(self, token):
        assert level(PAID, token) is Level.NONE

    @pytest.mark.parametrize("tokens", [[], [""]])
    @pytest.mark.parametrize("token", [None, "", TOKEN])
    def test_x4_what_was_never_set_is_never_matched(self, tokens, token):
        adapter = Xendit(MERCHANT, "http://127.0.0.1:9", [KEY], tokens)

        assert adapter.authenticate(callback(PAID, token)).level is Level.NONE

    @pytest.mark.parametrize("further", [{}, {"CALLBACK": ()}, {"CALLBACK": ("",)}])
    def test_x4_an_account_without_a_token_is_not_connected(self, further):
        with pytest.raises(ParkingError, match="__CALLBACK"):
            connect(MERCHANT, Access(keys=[KEY], further=further))

    @pytest.mark.fault("F09")
    def test_x5_an_altered_amount_is_not_seen_so_nothing_is_believed(self):
        altered = callback(event("qr.payment", payment(amount=1)))

        assert gateway().authenticate(altered).level is Level.TOKEN
        assert gateway().read_callback(altered).trust is Trust.HEARSAY

    @pytest.mark.fault("F16")
    def test_while_a_token_is_exchanged_both_are_accepted_and_then_the_old_one_is_not(self):
        both = ("cbtok-TEST-0002", TOKEN)

        assert [level(PAID, token, both) for token in both] == [Level.TOKEN, Level.TOKEN]
        assert level(PAID, TOKEN, both[:1]) is Level.NONE

    @pytest.mark.fault("F17")
    @pytest.mark.parametrize("given", [None, "", "c", TOKEN, "cbtok-NEW", "x" * 24])
    def test_every_token_is_compared_whatever_was_shown(self, monkeypatch, given):
        compared, true = [], hmac.compare_digest

        def counting(one, other):
            compared.append(other)
            return true(one, other)

        monkeypatch.setattr("parking.gateways.xendit.hmac.compare_digest", counting)

        level(PAID, given, ("cbtok-NEW", TOKEN, "cbtok-OLD"))

        assert compared == [b"cbtok-NEW", TOKEN.encode(), b"cbtok-OLD"]

    @pytest.mark.fault("F18")
    @pytest.mark.parametrize("token", ["é", "\udc80", "a" * 20_000, "\x00"])
    def test_odd_tokens_prove_nothing_and_break_nothing(self, token):
        assert level(PAID, token) is Level.NONE

    def test_what_shows_no_token_is_not_read(self):
        with pytest.raises(CallbackNotAuthentic):
            gateway().read_callback(callback(PAID, "another"))


class TestName:
    def key(self, told, **headers):
        return gateway().authenticate(callback(told, **headers)).natural_key

    @pytest.mark.fault("F11")
    def test_sent_again_a_message_has_the_same_name(self):
        assert self.key(PAID, webhook_id="wh-1") == self.key(PAID, Webhook_Id="wh-1")

    def test_without_a_number_it_is_named_by_what_it_tells(self):
        assert self.key(PAID) == f"|qr.payment|{PAYMENT}|SUCCEEDED"

    @pytest.mark.fault("F05")
    @pytest.mark.parametrize(
        "other",
        [
            event("qr.payment", payment(status="FAILED")),
            event("qr.payment", payment(id="qrpy_other")),
            event("qr.refund", refund()),
        ],
    )
    def test_under_a_number_that_was_used_another_message_is_another(self, other):
        assert self.key(other, webhook_id="wh-1") != self.key(PAID, webhook_id="wh-1")

    @pytest.mark.fault("F18")
    @pytest.mark.parametrize("number", ["", "é", "a" * 5_000, "a|b"])
    def test_a_number_that_is_none_is_left_out(self, number):
        assert self.key(PAID, webhook_id=number) == self.key(PAID)

    @pytest.mark.fault("F08")
    def test_a_forgery_can_not_take_the_name_of_the_true_message(self):
        forged = gateway().authenticate(callback(PAID, "another", webhook_id="wh-1"))

        assert forged.natural_key != self.key(PAID, webhook_id="wh-1")

    def test_the_door_learns_of_which_order_it_is(self):
        assert gateway().authenticate(callback(PAID)).about == ORDER

    def test_a_refund_names_no_order(self):
        assert gateway().authenticate(callback(event("qr.refund", refund()))).about == ""


class TestRead:
    def read(self, told):
        return gateway().read_callback(callback(told))

    def test_a_payment(self):
        said = self.read(PAID)

        assert (said.ours, said.payment_ref, said.state) == (ORDER, PAYMENT, State.PAID)
        assert (said.amount, said.at, said.issuer) == (2_000, AT, "GOPAY")
        assert (said.gateway, said.account, said.trust) == ("xendit", "jambi", Trust.HEARSAY)

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("SUCCEEDED", State.PAID), ("COMPLETED", State.PAID), ("PENDING", State.PENDING),
            ("FAILED", State.FAILED), ("VOIDED", State.REVERSED), ("REVERSED", State.REVERSED),
            ("succeeded", State.UNKNOWN), ("UNDER_REVIEW", State.UNKNOWN),
        ],
    )  # fmt: skip
    def test_their_words_in_ours(self, word, state):
        assert self.read(event("qr.payment", payment(status=word))).state is state

    @pytest.mark.parametrize("amount", [2000, 2000.0, "2000", "2000.0", "2000.00"])
    def test_an_amount_as_number_or_text(self, amount):
        assert self.read(event("qr.payment", payment(amount=amount))).amount == 2_000

    @pytest.mark.fault("F50")
    @pytest.mark.parametrize(
        "amount", ["2.000", "2,000.00", 2000.5, "2000.50", -2000, "-2000", 2e30, "2e3", True, None]
    )
    def test_money_that_can_be_read_in_two_ways_is_not_read(self, amount):
        with pytest.raises(GatewayUnreadable):
            self.read(event("qr.payment", payment(amount=amount)))

    @pytest.mark.parametrize("told", [event("qr.payment", {"data": payment()}), first_generation()])
    def test_nested_twice_or_of_the_first_generation_it_says_the_same(self, told):
        said, usual = self.read(told), self.read(PAID)

        assert (said.ours, said.payment_ref, said.state) == (ORDER, PAYMENT, State.PAID)
        assert (said.amount, said.at) == (usual.amount, usual.at)

    def test_fields_that_nobody_knows_change_nothing(self):
        told = event("qr.payment", payment(loyalty={"a": 1}), further=[1])

        assert self.read(told) == self.read(PAID)

    @pytest.mark.fault("F15")
    @pytest.mark.parametrize(
        "told",
        [
            event("qr.payment", payment(business_id="5f-another")),
            event("qr.payment", payment(), business_id="5f-another"),
        ],
    )
    def test_of_another_merchant_it_is_not_read_as_ours(self, told):
        with pytest.raises(GatewayUnreadable, match="5f-another"):
            self.read(told)

    @pytest.mark.parametrize("name", ["payment.capture", "invoice.paid"])
    def test_another_event_is_kept_and_not_read(self, name):
        told = event(name, payment())

        assert level(told) is Level.TOKEN
        with pytest.raises(GatewayUnreadable, match=name):
            self.read(told)

    @pytest.mark.fault("F50")
    @pytest.mark.parametrize(
        "when", ["2026-02-14T08:16:02", "2026-02-14T08:16:02+07:00", "2026-02-14 01:16:02Z",
                 "1999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", 1, None],
    )  # fmt: skip
    def test_a_time_that_is_not_theirs_is_not_guessed(self, when):
        with pytest.raises(GatewayUnreadable):
            self.read(event("qr.payment", payment(created=when)))

    @pytest.mark.parametrize("digits", range(7))
    def test_a_second_has_as_many_digits_as_they_like(self, digits):
        fraction = ".123456"[: digits + 1] if digits else ""
        said = self.read(event("qr.payment", payment(created=f"2026-02-14T01:16:02{fraction}Z")))

        assert said.at == AT.replace(microsecond=int("123456"[:digits].ljust(6, "0")))

    @pytest.mark.fault("F20")
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"{}", b'{"event":"qr.payment"}', b'{"event":1,"data":{}}',
            b'{"event":"qr.payment","data":{"id":"qrpy_1","status":"SUC CEEDED"}}',
            b'{"event":"qr.payment","data":{"id":"qrpy_1","status":"PAID","reference_id":7}}',
            b'{"event":"qr.payment","id":"qrpy_1","qr_code":{}}',
        ],
    )  # fmt: skip
    def test_what_can_not_be_read_is_malformed(self, body):
        assert level(body) is Level.MALFORMED
        with pytest.raises(GatewayUnreadable):
            gateway().read_callback(callback(body))


class TestRefund:
    def read(self, name="qr.refund", **other):
        return gateway().read_callback(callback(event(name, refund(**other))))

    @pytest.mark.parametrize("name", ["qr.refund", "refund.succeeded"])
    def test_of_the_whole_payment(self, name):
        said = self.read(name)

        assert (said.ours, said.payment_ref) == ("", PAYMENT)
        assert (said.state, said.amount, said.refunded) == (State.REFUNDED, 2_000, 2_000)
        assert said.trust is Trust.HEARSAY

    @pytest.mark.parametrize(
        "other", [{"refund_amount": 500}, {"status": "PENDING"}, {"status": "FAILED"}]
    )
    def test_anything_else_only_says_that_something_happened(self, other):
        said = self.read(**other)

        assert (said.state, said.amount, said.refunded) == (State.UNKNOWN, 2_000, 0)


def test_every_receipt_has_its_answer():
    answers = {each: gateway().reply(callback(PAID), each).status for each in Receipt}

    assert answers[Receipt.KEPT] == answers[Receipt.REPEATED] == 200
    assert answers[Receipt.TURNED_AWAY] == 401


def test_nothing_is_served_away():
    assert gateway().serve(callback(PAID)) is None

"""What is notified, in which order, how often, and with which faults."""

import json
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.sandbox.midtrans.notifications import INTERVALS, retry_after, signature

from tests.builders import delivered
from tests.sandbox_process import SERVER_KEY


def told(merchant):
    return [json.loads(heard["body"]) for heard in merchant.heard]


def statuses(merchant):
    return [body["transaction_status"] for body in told(merchant)]


@pytest.fixture
def charged(api, merchant):
    return api.charge("P-1", custom_field1="PSR-01")


def test_the_published_vector_signs_as_published():
    # gateways.md 8.1, M0
    key = "askvnoibnosifnboseofinbofinfgbiufglnbfg"

    assert signature("1111", "200", "100000.00", key).startswith("edc076b21793ebe3e179263")


def test_a_payment_is_notified_to_the_account(sandbox, merchant, charged):
    sandbox.pay("P-1", wallet="dana")
    sandbox.deliver_now()

    pending, paid = told(merchant)
    assert (pending["transaction_status"], pending["status_code"]) == ("pending", "201")
    assert (paid["transaction_status"], paid["status_code"]) == ("settlement", "200")
    assert paid["signature_key"] == signature("P-1", "200", "2000.00", SERVER_KEY)
    assert (paid["issuer"], paid["transaction_type"]) == ("dana", "off-us")
    assert (paid["custom_field1"], paid["settlement_time"]) == ("PSR-01", "2026-11-23 12:00:00")
    assert merchant.heard[1]["path"] == "/callbacks/midtrans/jambi"
    assert merchant.heard[1]["headers"]["User-Agent"] == "Veritrans"


@pytest.mark.parametrize(("verb", "status"), [("cancel", "cancel"), ("expire", "expire")])
def test_an_end_is_notified_with_202(api, sandbox, merchant, charged, verb, status):
    api.post(f"P-1/{verb}")
    sandbox.deliver_now()

    assert (told(merchant)[-1]["transaction_status"], told(merchant)[-1]["status_code"]) == (
        status,
        "202",
    )


def test_expiry_is_notified_by_itself(sandbox, merchant, charged, clock):
    clock.forward(minutes=15)
    sandbox.deliver_now()

    assert statuses(merchant) == ["pending", "expire"]


def test_a_refund_is_notified_twice(api, sandbox, merchant, charged, clock):
    sandbox.pay("P-1")
    api.post("P-1/refund", {"refund_key": "R1"})
    sandbox.deliver_now()
    clock.forward(seconds=60)
    sandbox.deliver_now()

    first, confirmed = told(merchant)[-2:]
    assert first["transaction_status"] == confirmed["transaction_status"] == "refund"
    assert "bank_confirmed_at" not in first
    assert confirmed["bank_confirmed_at"] == "2026-11-23 12:01:00"


def test_a_refund_that_the_bank_cannot_book_leaves_the_payment(
    api, sandbox, merchant, charged, clock
):
    sandbox.pay("P-1")
    sandbox.fault("refund_fails_later", "P-1")
    api.post("P-1/refund", {"refund_key": "R1"})
    sandbox.deliver_now()
    clock.forward(seconds=60)
    sandbox.deliver_now()

    assert statuses(merchant)[-2:] == ["refund", "settlement"]
    assert "refunds" not in api.get("P-1/status").json()
    assert [refund["failed"] for refund in sandbox.transactions("P-1")[0]["refunds"]] == [True]
    assert api.post("P-1/refund", {"refund_key": "R2"}).json()["status_code"] == "200"


def test_a_refund_may_stay_open_for_ever(api, sandbox, merchant, charged, clock):
    sandbox.pay("P-1")
    sandbox.fault("refund_pending_forever", "P-1")
    api.post("P-1/refund", {"refund_key": "R1"})
    clock.forward(days=30)
    sandbox.deliver_now()

    assert statuses(merchant) == ["pending", "settlement", "refund"]
    assert "bank_confirmed_at" not in told(merchant)[-1]


def test_a_payment_taken_back_is_notified_and_told(api, sandbox, merchant, charged):
    sandbox.pay("P-1")
    sandbox.reverse("P-1")
    sandbox.deliver_now()

    assert statuses(merchant) == ["pending", "settlement", "chargeback"]
    assert told(merchant)[-1]["signature_key"] == signature("P-1", "200", "2000.00", SERVER_KEY)
    assert api.get("P-1/status").json()["transaction_status"] == "chargeback"
    assert api.post("P-1/refund", {"refund_key": "R1"}).json()["status_code"] == "412"


@pytest.mark.parametrize(
    ("answer", "retries"),
    [(200, 0), (201, 0), (302, 0), (400, 2), (404, 2), (401, 5), (500, 1), (502, 5), (503, 4)],
)
def test_retries_follow_the_answer(sandbox, merchant, charged, clock, answer, retries):
    sandbox.deliver_now()
    merchant.heard.clear()
    merchant.answers = [answer] * 9
    sandbox.pay("P-1")
    sandbox.deliver_now()
    for interval in INTERVALS:
        clock.forward(seconds=interval.total_seconds() - 1)
        before = len(merchant.heard)
        sandbox.deliver_now()
        assert len(merchant.heard) == before, "not before its time"
        clock.forward(seconds=1)
        sandbox.deliver_now()

    assert statuses(merchant) == ["settlement"] * (1 + retries)


def test_nobody_listening_is_tried_five_times_more(api, sandbox, clock):
    api.charge("P-1")
    sandbox.deliver_now()
    for interval in (*INTERVALS, *INTERVALS):
        clock.forward(seconds=interval.total_seconds())
        sandbox.deliver_now()

    (pending, _expiry) = sandbox.deliveries("P-1")
    assert (len(pending["attempts"]), pending["state"]) == (6, "given_up")


@given(answer=st.none() | st.integers(100, 599), attempts=st.integers(1, 9))
def test_retries_end(answer, attempts):
    wait = retry_after(answer, attempts)

    assert wait is None or (attempts <= 5 and wait in INTERVALS)


def test_a_redirect_of_the_lasting_kind_is_followed(api, sandbox, merchant):
    merchant.answers, merchant.headers = [308], {"Location": "/elsewhere"}
    api.charge("P-1")
    sandbox.deliver_now()

    assert [heard["path"] for heard in merchant.heard] == [
        "/callbacks/midtrans/jambi",
        "/elsewhere",
    ]


def test_addresses_can_be_added_or_replaced_for_one_charge(api, sandbox, merchant):
    api.charge("P-1", headers={"X-Append-Notification": f"{merchant.url}/also"})
    api.charge("P-2", headers={"X-Override-Notification": f"{merchant.url}/instead"})
    sandbox.deliver_now()

    assert sorted(heard["path"] for heard in merchant.heard) == [
        "/also",
        "/callbacks/midtrans/jambi",
        "/instead",
    ]


class TestFaults:
    def paid(self, sandbox, name, value=None):
        sandbox.fault(name, "P-1", value=value)
        sandbox.pay("P-1")
        sandbox.deliver_now()

    def test_duplicate(self, sandbox, merchant, charged):
        self.paid(sandbox, "callback_duplicate", 3)

        assert statuses(merchant) == ["pending"] + ["settlement"] * 3
        assert len({heard["body"] for heard in merchant.heard[1:]}) == 1

    def test_lost(self, sandbox, merchant, charged):
        self.paid(sandbox, "callback_drop")

        assert statuses(merchant) == ["pending"]

    def test_late(self, sandbox, merchant, charged, clock):
        self.paid(sandbox, "callback_delay", 90)
        assert statuses(merchant) == ["pending"]

        clock.forward(seconds=90)
        sandbox.deliver_now()

        assert statuses(merchant) == ["pending", "settlement"]

    def test_reordered(self, api, sandbox, merchant):
        sandbox.fault("callback_reorder", "P-1")
        api.charge("P-1")
        sandbox.pay("P-1")
        sandbox.deliver_now()

        assert statuses(merchant) == ["settlement", "pending"]

    def test_signed_with_another_key(self, sandbox, merchant, charged, gateway):
        self.paid(sandbox, "callback_bad_signature")

        assert gateway.authenticate(delivered(merchant.heard[-1]["body"])).reason != ""

    def test_refused_for_fraud(self, sandbox, merchant, charged):
        self.paid(sandbox, "callback_fraud_deny")

        assert told(merchant)[-1]["fraud_status"] == "deny"

    @pytest.mark.parametrize(
        ("path", "gone"),
        [("order_id", {"order_id"}), (None, {"order_id", "signature_key"}), ("a.b", set())],
    )
    def test_fields_are_missing(self, sandbox, merchant, charged, path, gone):
        self.paid(sandbox, "callback_missing_fields", path)

        assert {"order_id", "signature_key"} - set(told(merchant)[-1]) == gone

    def test_other_bytes_for_the_same(self, sandbox, merchant, charged, gateway):
        self.paid(sandbox, "callback_pretty")

        assert merchant.heard[-1]["body"].count(b"\n") > 10
        assert gateway.authenticate(delivered(merchant.heard[-1]["body"])).reason == ""

    def test_another_amount(self, sandbox, merchant, charged):
        self.paid(sandbox, "amount_mismatch", 2_500)

        assert told(merchant)[-1]["gross_amount"] == "2500.00"

    def test_before_the_answer(self, api, sandbox, merchant):
        sandbox.fault("callback_overtakes_create", value="settlement")
        api.charge("P-1")

        assert statuses(merchant) == ["pending", "settlement"]

    def test_forged_from_what_was_seen(self, sandbox, merchant, charged):
        sandbox.forge("P-1")
        sandbox.deliver_now()

        forged = told(merchant)[-1]
        assert (forged["transaction_status"], forged["status_code"]) == ("settlement", "201")
        assert forged["signature_key"] == told(merchant)[0]["signature_key"]

    def test_one_for_whoever_comes_first_strikes_once(self, api, sandbox, merchant, charged):
        sandbox.fault("callback_drop", times=1)
        api.charge("P-2")
        sandbox.pay("P-1")
        sandbox.pay("P-2")
        sandbox.deliver_now()

        assert statuses(merchant).count("settlement") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_forgets_nothing(api, sandbox, merchant, charged, clock, number):
    sandbox.fault("callback_delay", "P-1", value=600)
    sandbox.fault("status_upper_case", "P-1")
    sandbox.pay("P-1")
    sandbox.deliver_now()
    before = sandbox.transactions()

    sandbox.restart(number)
    clock.forward(seconds=600)
    sandbox.deliver_now()

    assert sandbox.transactions() == before
    assert statuses(merchant) == ["pending", "settlement"]
    assert api.get("P-1/status").json()["transaction_status"] == "SETTLEMENT"

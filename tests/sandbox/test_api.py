"""Midtrans' wire, as documented: codes, fields, headers, who may ask."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import zxingcpp
from parking.gateways.midtrans import read_time
from PIL import Image

from tests.sandbox.caller import body
from tests.sandbox_process import SERVER_KEY


def signature(fields):
    text = fields["order_id"] + fields["status_code"] + fields["gross_amount"] + SERVER_KEY
    return hashlib.sha512(text.encode()).hexdigest()


def test_a_charge_answers_201_in_the_body_of_a_200(api):
    answer = api.post("charge", body("P-1"))

    assert (answer.status_code, answer.json()["status_code"]) == (200, "201")
    assert answer.json()["gross_amount"] == "2000.00"
    assert [a["name"] for a in answer.json()["actions"]] == [
        "generate-qr-code",
        "generate-qr-code-v2",
    ]


def test_times_are_the_wall_clock_in_jakarta(api, clock):
    told = api.charge("P-1")

    assert told["transaction_time"] == "2026-11-23 12:00:00"
    assert read_time(told["transaction_time"]) == clock.now()
    assert told["expiry_time"] == "2026-11-23 12:15:00"


def test_both_pictures_show_the_code(api):
    told = api.charge("P-1")

    for action in told["actions"]:
        picture = requests.get(action["url"], timeout=10)
        assert picture.headers["Content-Type"] == "image/png"
        assert _read(picture.content) == told["qr_string"]


def _read(png):
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return code.text


@pytest.mark.parametrize("name", ["order_id", "transaction_id"])
def test_a_status_is_told_by_either_id_and_signed(api, name):
    told = api.charge("P-1")

    status = api.get(f"{told[name]}/status").json()

    assert status["transaction_status"] == "pending"
    assert status["signature_key"] == signature(status)


def test_an_unknown_order_is_404_in_the_body_of_a_200(api):
    answer = api.get("P-0/status")

    assert (answer.status_code, answer.json()["status_code"]) == (200, "404")


def test_an_error_may_travel_as_http_too(api, sandbox):
    sandbox.fault("http_error")

    assert api.get("P-0/status").status_code == 404


def test_an_order_id_is_used_once(api):
    api.charge("P-1")

    assert api.charge("P-1")["status_code"] == "406"


def test_an_expired_order_id_may_be_used_again(api, clock):
    first = api.charge("P-1")
    clock.forward(minutes=15)

    second = api.charge("P-1")

    assert second["status_code"] == "201"
    assert second["transaction_id"] != first["transaction_id"]


def test_expire_succeeds_with_407(api):
    api.charge("P-1")

    told = api.post("P-1/expire").json()

    assert (told["status_code"], told["transaction_status"]) == ("407", "expire")
    assert "signature_key" not in told


@pytest.mark.parametrize("verb", ["cancel", "expire"])
def test_what_is_paid_cannot_be_changed(api, sandbox, verb):
    api.charge("P-1")
    sandbox.pay("P-1")

    assert api.post(f"P-1/{verb}").json()["status_code"] == "412"


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"transaction_details": None}, "transaction_details"),
        ({"transaction_details": {"order_id": "P 1", "gross_amount": 1}}, "order_id"),
        ({"transaction_details": {"order_id": "x" * 51, "gross_amount": 1}}, "order_id"),
        ({"transaction_details": {"order_id": "P", "gross_amount": 2000.5}}, "gross_amount"),
        ({"transaction_details": {"order_id": "P", "gross_amount": True}}, "gross_amount"),
        ({"transaction_details": {"order_id": "P", "gross_amount": 10_000_001}}, "gross_amount"),
        ({"item_details": [{"price": 1, "quantity": 1, "name": "a"}]}, "item_details"),
        ({"qris": {"acquirer": "another"}}, "acquirer"),
        ({"custom_expiry": {"expiry_duration": 5, "unit": "second"}}, "custom_expiry"),
        ({"custom_expiry": {"expiry_duration": 5, "order_time": "soon"}}, "order_time"),
    ],
)
def test_what_is_wrong_with_a_charge_is_named(api, wrong, names):
    told = api.post("charge", body("P-1") | wrong).json()

    assert told["status_code"] == "400"
    assert any(names in problem for problem in told["validation_messages"])


def test_another_channel_is_402(api):
    told = api.post("charge", body("P-1") | {"payment_type": "bank_transfer"}).json()

    assert told["status_code"] == "402"


def test_malformed_json_is_413_and_another_type_403(api):
    for kind, code in (("application/json", "413"), ("text/plain", "403")):
        answer = api.post("charge", data=b'{"payment_type":', headers={"Content-Type": kind})
        assert answer.json()["status_code"] == code


@pytest.mark.parametrize("auth", [None, ("", ""), (SERVER_KEY[:-1], ""), ("ä", "")])
def test_who_shows_no_key_is_401(api, auth):
    answer = api.post("charge", body("P-1"), auth=auth)

    assert (answer.status_code, answer.json()["status_code"]) == (401, "401")


class TestIdempotencyKey:
    def test_the_same_key_gives_the_same_answer_whatever_the_body(self, api):
        first = api.charge("P-1", headers={"Idempotency-Key": "k"})

        assert api.charge("P-2", headers={"Idempotency-Key": "k"}) == first
        assert api.post("P-1/cancel", headers={"Idempotency-Key": "k"}).json() == first

    def test_it_is_forgotten_after_five_minutes(self, api, clock):
        api.charge("P-1", headers={"Idempotency-Key": "k"})
        clock.forward(minutes=5)

        assert api.charge("P-2", headers={"Idempotency-Key": "k"})["order_id"] == "P-2"

    def test_a_refusal_is_not_kept(self, api):
        api.charge("P-1", 0, headers={"Idempotency-Key": "k"})

        assert api.charge("P-1", headers={"Idempotency-Key": "k"})["status_code"] == "201"

    def test_a_key_that_is_too_long_is_ignored(self, api):
        api.charge("P-1", headers={"Idempotency-Key": "k" * 47})

        told = api.charge("P-1", headers={"Idempotency-Key": "k" * 47})

        assert told["status_code"] == "406"

    def test_the_same_order_at_once_is_made_once(self, api, sandbox):
        with ThreadPoolExecutor(8) as pool:
            told = list(
                pool.map(lambda _: api.charge("P-1", headers={"Idempotency-Key": "k"}), range(24))
            )

        assert {one["status_code"] for one in told} <= {"201", "202"}
        assert len(sandbox.transactions()) == 1


class TestRefund:
    @pytest.fixture(autouse=True)
    def paid(self, api, sandbox):
        api.charge("P-1", 5_000)
        sandbox.pay("P-1")

    def refund(self, api, **fields):
        return api.post("P-1/refund", fields).json()

    def test_in_two_parts(self, api):
        part = self.refund(api, refund_key="R1", amount=2_000)
        rest = self.refund(api, refund_key="R2")

        assert (part["transaction_status"], part["refund_amount"]) == ("partial_refund", "2000.00")
        assert (rest["transaction_status"], rest["refund_amount"]) == ("refund", "3000.00")
        assert api.get("P-1/status").json()["refund_amount"] == "5000.00"

    def test_the_same_key_twice_is_406(self, api):
        self.refund(api, refund_key="R1", amount=2_000)

        assert self.refund(api, refund_key="R1", amount=2_000)["status_code"] == "406"

    def test_more_than_was_paid_is_414(self, api):
        assert self.refund(api, refund_key="R1", amount=5_001)["status_code"] == "414"

    def test_after_its_window_is_412(self, api, clock):
        clock.forward(days=46)

        assert self.refund(api, refund_key="R1")["status_code"] == "412"

    def test_the_bank_may_say_no(self, api, sandbox):
        sandbox.fault("refund_denied")

        told = self.refund(api, refund_key="R1")

        assert (told["status_code"], told["refund_amount"]) == ("202", "0.00")
        assert told["transaction_status"] == "settlement"

    def test_a_bank_that_takes_no_refunds_takes_none_later(self, api, sandbox):
        sandbox.fault("refund_unsupported", "P-1")

        codes = [self.refund(api, refund_key=key)["status_code"] for key in ("R1", "R2")]

        assert codes == ["405", "405"]
        assert api.get("P-1/status").json()["transaction_status"] == "settlement"

    def test_what_is_not_paid_cannot_be_refunded(self, api):
        api.charge("P-2")

        assert api.post("P-2/refund", {}).json()["status_code"] == "412"

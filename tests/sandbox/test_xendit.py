"""The sandbox's Xendit, over plain HTTP (gateways.md 2.2–2.8, 2.10)."""

import json
from datetime import datetime, timedelta

import pytest
import requests

from tests.sandbox_process import XENDIT_KEY, XENDIT_TOKEN, listening

SECOND = {"api-version": "2022-07-31"}
EXPIRES = "2026-11-23T05:05:00Z"


class Api:
    """Calls as anybody could send them."""

    def __init__(self, url):
        self.url = url + "/xendit"
        self.http = requests.Session()
        self.http.auth = (XENDIT_KEY, "")

    def post(self, path, body=None, **headers):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.http.post(f"{self.url}/{path}", json=body, headers=SECOND | named, timeout=30)

    def get(self, path, **query):
        return self.http.get(f"{self.url}/{path}", params=query, headers=SECOND, timeout=30)

    def make(self, reference="P-1", amount=2_000, **other):
        answer = self.post("qr_codes", wish(reference, amount, **other))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def paid(self, sandbox, reference="P-1", amount=2_000, **how):
        """A code that was paid, and its payments."""
        code = self.make(reference, amount)
        sandbox.pay(reference, **how)
        return code, self.get(f"qr_codes/{code['id']}/payments").json()["data"]

    def refund(self, payment, amount, key=""):
        headers = {"idempotency_key": key} if key else {}
        body = {"amount": amount, "reason": "DUPLICATE"}
        return self.post(f"qr_codes/payments/{payment['id']}/refunds", body, **headers)


def wish(reference="P-1", amount=2_000, **other):
    return {
        "reference_id": reference, "type": "DYNAMIC", "currency": "IDR", "amount": amount,
        "expires_at": EXPIRES,
    } | other  # fmt: skip


@pytest.fixture
def api(sandbox):
    return Api(sandbox.url)


@pytest.fixture
def merchant(sandbox):
    """Who hears the callbacks."""
    with listening() as listener:
        sandbox.notify(listener.url + "/callbacks/{gateway}/{account}")
        yield listener


def error(answer):
    return answer.status_code, answer.json()["error_code"]


class TestCode:
    def test_of_the_second_generation(self, api, clock):
        code = api.make(metadata={"terminal": "PSR-01"})

        assert code["id"].startswith("qr_")
        assert (code["reference_id"], code["amount"], code["currency"]) == ("P-1", 2_000, "IDR")
        assert (code["status"], code["expires_at"]) == ("ACTIVE", EXPIRES)
        assert api.get(f"qr_codes/{code['id']}").json() == code

    def test_without_the_header_it_is_another_api(self, api):
        body = {"external_id": "P-1", "type": "DYNAMIC", "amount": 2_000,
                "callback_url": "http://127.0.0.1:9/"}  # fmt: skip

        answer = api.http.post(f"{api.url}/qr_codes", json=body, timeout=30)

        assert answer.status_code == 200
        assert answer.json()["external_id"] == "P-1"
        assert "reference_id" not in answer.json()
        again = api.http.get(f"{api.url}/qr_codes/P-1", timeout=30).json()
        assert again["qr_string"] == answer.json()["qr_string"]
        refused = api.http.post(f"{api.url}/qr_codes", json=wish(), timeout=30)
        assert error(refused) == (400, "API_VALIDATION_ERROR")

    def test_a_reference_is_used_once(self, api):
        api.make()

        assert error(api.post("qr_codes", wish())) == (409, "DUPLICATE_ERROR")

    @pytest.mark.parametrize(
        "other",
        [
            {"reference_id": ""}, {"reference_id": 7}, {"type": "STATIC"}, {"currency": "PHP"},
            {"amount": 0}, {"amount": "2000"}, {"amount": 10_000_001}, {"amount": None},
            {"expires_at": "2026-11-23T12:05:00+07:00"}, {"expires_at": "2020-01-01T00:00:00Z"},
            {"channel_code": "ID_OVO"}, {"metadata": "x"},
        ],
    )  # fmt: skip
    def test_what_can_not_be_made_is_refused_with_a_reason(self, api, other):
        answer = api.post("qr_codes", wish() | other)

        assert error(answer) == (400, "API_VALIDATION_ERROR")
        assert answer.json()["errors"]

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            (10100, (403, "CHANNEL_NOT_ACTIVATED")), (10101, (503, "CHANNEL_UNAVAILABLE")),
            (10102, (500, "SERVER_ERROR")),
        ],
    )  # fmt: skip
    def test_magic_amounts(self, api, amount, said):
        assert error(api.post("qr_codes", wish(amount=amount))) == said

    def test_without_a_time_it_lives_two_days(self, api, clock):
        body = wish()
        del body["expires_at"]

        told = api.post("qr_codes", body).json()["expires_at"]

        assert told == f"{clock.now() + timedelta(hours=48):%Y-%m-%dT%H:%M:%SZ}"

    def test_it_ends_by_itself(self, api, clock):
        code = api.make()
        clock.forward(minutes=6)

        assert api.get(f"qr_codes/{code['id']}").json()["status"] == "INACTIVE"

    def test_another_key_is_refused(self, api):
        api.http.auth = ("xnd_development_ANOTHER", "")

        assert error(api.post("qr_codes", wish())) == (401, "INVALID_API_KEY")

    @pytest.mark.parametrize("path", ["qr_codes/qr_none", "qr_codes/qr_none/payments"])
    def test_what_is_not_there(self, api, path):
        assert error(api.get(path)) == (404, "DATA_NOT_FOUND")

    def test_too_many_calls_are_told_with_their_headers(self, api, sandbox):
        sandbox.fault("rate_limit", "P-1", times=1)

        answer = api.post("qr_codes", wish())

        assert error(answer) == (429, "RATE_LIMIT_EXCEEDED")
        assert answer.headers["Rate-Limit-Remaining"] == "0"
        assert int(answer.headers["Rate-Limit-Reset"]) > 0


class TestPayment:
    def test_it_is_listed_under_its_code(self, api, sandbox):
        code, (payment,) = api.paid(sandbox, wallet="dana")

        assert payment["id"].startswith("qrpy_")
        assert payment["id"].removeprefix("qrpy_") not in code["id"]
        assert (payment["status"], payment["amount"], payment["qr_id"]) == (
            "SUCCEEDED", 2_000, code["id"],
        )  # fmt: skip
        assert payment["payment_detail"]["source"] == "DANA"

    def test_two_payments_of_one_code_come_page_by_page(self, api, sandbox):
        code, two = api.paid(sandbox, times=2)
        path = f"qr_codes/{code['id']}/payments"

        first = api.get(path, limit=1).json()
        second = api.get(path, limit=1, after_id=first["data"][0]["id"]).json()

        assert (first["has_more"], second["has_more"]) == (True, False)
        assert [p["id"] for p in first["data"] + second["data"]] == [p["id"] for p in two]
        assert len({p["id"] for p in two}) == 2

    def test_after_its_time(self, api, sandbox, clock):
        code = api.make()
        clock.forward(minutes=6)

        sandbox.pay("P-1", late=True)

        assert api.get(f"qr_codes/{code['id']}").json()["status"] == "INACTIVE"
        assert len(api.get(f"qr_codes/{code['id']}/payments").json()["data"]) == 1

    def test_in_test_mode_it_can_be_simulated(self, api):
        code = api.make()
        path = f"qr_codes/{code['id']}/payments/simulate"

        assert api.post(path, {"amount": 2_000}).json()["status"] == "SUCCEEDED"
        assert error(api.post(path, {"amount": 2_000})) == (400, "INACTIVE_QR_CODE")


class TestCallback:
    def heard(self, sandbox, merchant):
        sandbox.deliver_now()
        return [
            (each["body"], {name.lower(): text for name, text in each["headers"].items()})
            for each in merchant.heard
        ]

    def test_it_shows_the_token_and_tells_the_payment(self, api, sandbox, merchant):
        _, (payment,) = api.paid(sandbox)

        ((body, headers),) = self.heard(sandbox, merchant)

        told = json.loads(body)
        assert (told["event"], told["api_version"]) == ("qr.payment", "2022-07-31")
        assert told["data"] == payment
        assert headers["x-callback-token"] == XENDIT_TOKEN
        assert merchant.heard[0]["path"] == "/callbacks/xendit/jambi"

    def test_of_a_new_code_and_of_one_that_ended_they_are_silent(
        self, api, sandbox, merchant, clock
    ):
        api.make()
        clock.forward(minutes=6)

        assert self.heard(sandbox, merchant) == []

    def test_sent_again_it_has_the_same_number(self, api, sandbox, merchant, clock):
        merchant.answers = [500, 503]
        api.paid(sandbox)
        self.heard(sandbox, merchant)
        for minutes in (15, 45):
            clock.forward(minutes=minutes)
            self.heard(sandbox, merchant)

        numbers = [headers["webhook-id"] for _, headers in self.heard(sandbox, merchant)]
        assert len(numbers) == 3
        assert len(set(numbers)) == 1

    def test_it_is_tried_six_times_more_in_a_day(self, api, sandbox, merchant, clock):
        merchant.answers = [500] * 10
        start = clock.now()
        api.paid(sandbox)
        self.heard(sandbox, merchant)
        for minutes in (15, 45, 120, 180, 360, 720, 3000):
            clock.forward(minutes=minutes)
            sandbox.deliver_now()

        (delivery,) = sandbox.deliveries("P-1")
        hours = [
            (datetime.fromisoformat(attempt["at"]) - start).total_seconds() / 3600
            for attempt in delivery["attempts"]
        ]
        assert hours == [0, 0.25, 1, 3, 6, 12, 24]
        assert delivery["state"] == "given_up"

    def test_a_code_of_the_first_generation_has_an_address_of_its_own(self, api, sandbox, merchant):
        body = {"external_id": "P-1", "type": "DYNAMIC", "amount": 2_000,
                "callback_url": merchant.url + "/own"}  # fmt: skip
        api.http.post(f"{api.url}/qr_codes", json=body, timeout=30)
        sandbox.pay("P-1")

        ((told, _),) = self.heard(sandbox, merchant)

        fields = json.loads(told)
        assert (fields["event"], fields["status"]) == ("qr.payment", "COMPLETED")
        assert fields["qr_code"]["external_id"] == "P-1"
        assert merchant.heard[0]["path"] == "/own"


class TestRefund:
    def test_it_is_pending_and_told_later(self, api, sandbox, merchant, clock):
        _, (payment,) = api.paid(sandbox)
        sandbox.deliver_now()

        taken = api.refund(payment, 500).json()
        sandbox.deliver_now()
        before = len(merchant.heard)
        clock.forward(minutes=2)
        sandbox.deliver_now()

        assert (taken["status"], taken["refund_amount"]) == ("PENDING", 500)
        assert before == 1, "that it is pending is said in the answer alone"
        told = json.loads(merchant.heard[-1]["body"])
        assert (told["event"], told["data"]["status"]) == ("qr.refund", "SUCCEEDED")
        assert told["data"]["qrpy_id"] == payment["id"]
        assert "reference_id" not in told["data"]

    @pytest.mark.parametrize(
        ("amount", "code"), [(20300, "INELIGIBLE_TRANSACTION"), (20301, "INSUFFICIENT_BALANCE")]
    )
    def test_a_magic_amount_fails_later(self, api, sandbox, merchant, clock, amount, code):
        _, (payment,) = api.paid(sandbox, amount=50_000)

        taken = api.refund(payment, amount)
        clock.forward(minutes=2)
        sandbox.deliver_now()

        assert taken.json()["status"] == "PENDING"
        told = json.loads(merchant.heard[-1]["body"])["data"]
        assert (told["status"], told["failure_code"]) == ("FAILED", code)

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            (10300, (400, "MAXIMUM_REFUND_AMOUNT_REACHED")),
            (10301, (400, "PARTIAL_REFUND_NOT_SUPPORTED")), (10303, (400, "REFUND_NOT_SUPPORTED")),
            (10304, (400, "REFUND_IN_PROGRESS")), (10305, (403, "INELIGIBLE_TRANSACTION")),
            (60_000, (400, "MAXIMUM_REFUND_AMOUNT_REACHED")),
        ],
    )  # fmt: skip
    def test_a_no_at_once(self, api, sandbox, amount, said):
        _, (payment,) = api.paid(sandbox, amount=50_000)

        assert error(api.refund(payment, amount)) == said

    def test_while_one_is_pending_there_is_no_second(self, api, sandbox):
        _, (payment,) = api.paid(sandbox)
        first = api.refund(payment, 500, "RF1").json()

        assert api.refund(payment, 500, "RF1").json() == first
        assert error(api.refund(payment, 500, "RF2")) == (400, "REFUND_IN_PROGRESS")

    def test_the_way_of_their_other_products_is_closed(self, api, sandbox):
        _, (payment,) = api.paid(sandbox)

        said = error(api.post("refunds", {"payment_request_id": payment["id"], "amount": 500}))

        assert said == (403, "REFUND_NOT_SUPPORTED")


class TestTransactions:
    def test_a_payment_and_what_went_back(self, api, sandbox, clock):
        _, (payment,) = api.paid(sandbox)
        clock.forward(seconds=1)
        api.refund(payment, 500)
        clock.forward(minutes=2)
        sandbox.deliver_now()

        refund, paid = api.get("transactions", reference_id="P-1").json()["data"]

        assert (paid["type"], paid["status"], paid["amount"]) == ("PAYMENT", "SUCCESS", 2_000)
        assert f"qrpy_{paid['product_id']}" == payment["id"]
        assert (refund["type"], refund["status"], refund["amount"]) == ("REFUND", "SUCCESS", 500)
        assert refund["product_id"] == paid["product_id"]

    def test_filters_and_pages(self, api, sandbox, clock):
        for number in range(3):
            clock.forward(seconds=1)
            api.paid(sandbox, f"P-{number}")

        first = api.get("transactions", limit=2, types="PAYMENT").json()
        rest = api.get("transactions", limit=2, after_id=first["data"][-1]["id"]).json()

        order = [row["reference_id"] for row in first["data"] + rest["data"]]
        assert order == ["P-2", "P-1", "P-0"]
        assert (first["has_more"], rest["has_more"]) == (True, False)
        assert api.get("transactions", types="REFUND").json()["data"] == []
        assert error(api.get("transactions", limit=51)) == (400, "API_VALIDATION_ERROR")

    def test_a_payment_that_was_taken_back(self, api, sandbox):
        api.paid(sandbox)

        sandbox.reverse("P-1")

        (row,) = api.get("transactions", reference_id="P-1").json()["data"]
        assert row["status"] == "REVERSED"

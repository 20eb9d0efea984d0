"""A bank that answers as no bank should, and what it is sent (gateways.md 3.3, 3.6, 3.8)."""

import json
from dataclasses import replace

import pytest
from parking.errors import GatewayRefused, GatewayUnavailable, GatewayUnreadable
from parking.gateways.protocol import QrRequest, Reference, RefundRequest, RefundState, Reply, State
from parking.gateways.snap_keys import public_key
from parking.gateways.snap_signature import asymmetric, digest, rsa_fits
from parking.money import Rupiah

from tests.gateways.snap.samples import AT, BANKX, account
from tests.sandbox_process import listening
from tests.snap_keys import OURS

ASKED = QrRequest("PKR1", Rupiah(2_000), AT, AT.replace(hour=2), "Parkir motor", "PSR-01")
PAID = {
    "responseCode": "2005100", "originalReferenceNo": "REF1", "originalPartnerReferenceNo": "PKR1",
    "latestTransactionStatus": "00", "paidTime": "2026-02-14T08:16:02+07:00",
    "amount": {"value": "2000.00", "currency": "IDR"},
}  # fmt: skip
MADE = {"responseCode": "2004700", "referenceNo": "REF1", "qrContent": "0002", "partner": ""}


class Bank:
    """It gives the answers that the test wants, one after the other, the last for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict]] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    def serve(self, *told) -> Reply:
        self.asked.append(told)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Reply(status, json.dumps(body).encode())


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def gateway(bank):
    """An account whose calls our key signs, so that no token comes between."""
    with listening() as listener:
        listener.serves = bank.serve
        yield account(url=listener.url, words={"profile": "dana"})


def without(body: dict, name: str) -> dict:
    return {key: value for key, value in body.items() if key != name}


def test_the_bytes_that_are_signed_are_those_that_are_sent(bank, gateway):
    bank.answers = [(200, MADE)]

    gateway.issue_qr(replace(ASKED, terminal="Ruko – 1"))

    ((path, headers, body),) = bank.asked
    text = asymmetric("POST", path, digest(body), headers["X-TIMESTAMP"])
    assert rsa_fits(public_key(OURS.public, "test"), text, headers["X-SIGNATURE"])
    assert "Ruko – 1".encode() in body
    assert b" :" not in body
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers


def test_each_attempt_has_a_number_of_its_own(bank, gateway):
    bank.answers = [(200, PAID)]

    for _ in range(3):
        gateway.inquire(Reference("PKR1"))

    assert len({headers["X-EXTERNAL-ID"] for _, headers, _ in bank.asked}) == 3


@pytest.mark.fault("F28")
@pytest.mark.parametrize(
    "odd",
    [
        {"originalPartnerReferenceNo": "PKR2"}, {"originalReferenceNo": "REF2"},
        {"merchantId": "somebody"}, {"responseCode": "2004700"},
    ],
)  # fmt: skip
def test_the_answer_about_another_payment_is_not_read(bank, gateway, odd):
    bank.answers = [(200, PAID | odd)]

    with pytest.raises(GatewayUnreadable):
        gateway.inquire(Reference("PKR1", "REF1"))


@pytest.mark.fault("F28")
@pytest.mark.parametrize(
    "odd",
    [
        {"partnerReferenceNo": "PKR2"}, {"referenceNo": None}, {"referenceNo": "a b"},
        {"qrContent": 7}, {"additionalInfo": {"validityPeriod": "nanti"}},
        {"responseCode": "2005100"},
    ],
)  # fmt: skip
def test_a_code_of_which_something_is_wrong_is_not_shown(bank, gateway, odd):
    bank.answers = [(200, MADE | odd)]

    with pytest.raises(GatewayUnreadable):
        gateway.issue_qr(ASKED)


@pytest.mark.parametrize("name", ["amount", "paidTime", "latestTransactionStatus"])
def test_a_payment_of_unknown_amount_or_time_is_not_guessed(bank, gateway, name):
    bank.answers = [(200, without(PAID, name))]

    with pytest.raises(GatewayUnreadable):
        gateway.inquire(Reference("PKR1"))


def test_what_was_asked_for_may_be_left_out_of_the_answer(bank, gateway):
    bank.answers = [
        (200, without(without(PAID, "originalReferenceNo"), "originalPartnerReferenceNo"))
    ]

    (told,) = gateway.inquire(Reference("PKR1", "REF1"))

    assert (told.ours, told.payment_ref, told.state) == ("PKR1", "REF1", State.PAID)
    with pytest.raises(GatewayUnreadable):
        gateway.inquire(Reference("PKR1"))


@pytest.mark.fault("F33")
@pytest.mark.parametrize(
    ("status", "code"), [(200, "5005100"), (200, "5045100"), (200, "4295100"), (500, "4045101")]
)
def test_a_fault_of_theirs_is_never_that_they_know_nothing(bank, gateway, status, code):
    bank.answers = [(status, {"responseCode": code, "latestTransactionStatus": "07"})]

    with pytest.raises(GatewayUnavailable):
        gateway.inquire(Reference("PKR1"))


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, {"responseCode": "4045101"}), (200, {"responseCode": "4045101"}),
     (200, PAID | {"latestTransactionStatus": "07"})],
)  # fmt: skip
def test_that_they_know_nothing_is_told_by_code_or_by_word(bank, gateway, status, body):
    bank.answers = [(status, body)]

    assert list(gateway.inquire(Reference("PKR1"))) == []


@pytest.mark.fault("F26")
def test_a_page_that_is_not_there_is_not_a_payment_that_is_not_there(bank, gateway):
    bank.answers = [(404, {"message": "no Route matched with those values"})]

    with pytest.raises(GatewayRefused):
        gateway.inquire(Reference("PKR1"))


class TestRefund:
    wish = RefundRequest("RF1", Reference("PKR1", "REF1"), "REF1", Rupiah(2_000), Rupiah(500), "x")
    listed = PAID | {
        "refundHistory": [
            {"partnerRefundNo": "RF1", "refundStatus": "00",
             "refundAmount": {"value": "500.00", "currency": "IDR"}}
        ]
    }  # fmt: skip

    def test_one_that_is_done_at_once_is_done(self, bank, gateway):
        bank.answers = [(200, {"responseCode": "2007800", "refundNo": "9"})]

        answer = gateway.refund(self.wish)

        assert (answer.state, answer.theirs) == (RefundState.DONE, "9")

    def test_of_a_key_that_they_know_their_list_tells(self, bank, gateway):
        bank.answers = [(409, {"responseCode": "4097801"}), (200, self.listed)]

        assert gateway.refund(self.wish).state is RefundState.DONE

    @pytest.mark.fault("F24")
    @pytest.mark.parametrize("code", ["4097800", "4097801"])
    def test_of_one_that_they_know_and_do_not_list_nothing_is_known(self, bank, gateway, code):
        bank.answers = [(409, {"responseCode": code}), (200, PAID)]

        with pytest.raises(GatewayUnavailable):
            gateway.refund(self.wish)

    @pytest.mark.parametrize("code", ["4037814", "4047813", "4057800", "4047800"])
    def test_a_no_is_one(self, bank, gateway, code):
        bank.answers = [(int(code[:3]), {"responseCode": code}), (200, PAID)]

        assert gateway.refund(self.wish).state is RefundState.REFUSED

    @pytest.mark.parametrize(("status", "code"), [(200, "5007800"), (200, "4297800")])
    def test_a_fault_of_theirs_is_no_no(self, bank, gateway, status, code):
        bank.answers = [(status, {"responseCode": code})]

        with pytest.raises(GatewayUnavailable):
            gateway.refund(self.wish)


class TestCancel:
    @pytest.mark.parametrize("code", ["2027700", "4047700", "4057700", "5007700", "4097700"])
    def test_whatever_is_not_a_yes_is_asked(self, bank, gateway, code):
        bank.answers = [(200, {"responseCode": code}), (200, PAID)]

        assert gateway.cancel(Reference("PKR1", "REF1")) is State.PAID

    @pytest.mark.fault("F28")
    def test_a_yes_about_another_code_is_not_believed(self, bank, gateway):
        bank.answers = [(200, {"responseCode": "2007700", "originalReferenceNo": "REF2"})]

        with pytest.raises(GatewayUnreadable):
            gateway.cancel(Reference("PKR1", "REF1"))


def test_the_name_of_the_charge_is_the_number_where_the_bank_wants_that(bank, gateway):
    bank.answers = [(200, MADE)]
    words = {"profile": "dana", "external": "ours"}
    own = account(BANKX, url=gateway._http.base_url, words=words)

    own.issue_qr(ASKED)

    assert bank.asked[-1][1]["X-EXTERNAL-ID"] == "PKR1"

"""What we send to Xendit: proof, generation, idempotency (gateways.md 2.1, 2.2, 8.2)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from parking.business_day import wib
from parking.errors import GatewayError
from parking.gateways.protocol import QrRequest, Reference, RefundRequest
from parking.gateways.xendit import Xendit, qr_body
from parking.money import Rupiah

from tests.gateways.xendit_samples import KEY, MERCHANT, ORDER, PAYMENT, QR, TOKEN
from tests.sandbox_process import listening

BASIC = "Basic eG5kX2RldmVsb3BtZW50X1RFU1RLRVlOT1RSRUFMMDAwMTo="  # published for KEY
NOW = datetime(2026, 2, 14, 1, 15, 30, tzinfo=UTC)
REQUEST = QrRequest(
    ORDER, Rupiah(2_000), NOW, NOW + timedelta(minutes=15), "Parkir motor", "PSR-01"
)


@pytest.fixture
def sent():
    """What an adapter sends when it is told to act."""

    def send(act, keys=(KEY,), profile=None):
        with listening() as listener:
            adapter = Xendit(MERCHANT, listener.url, keys, [TOKEN], profile)
            with pytest.raises(GatewayError):  # the listener answers nothing that can be read
                act(adapter)
            (heard,) = listener.heard
        return heard

    return send


def header(heard, name):
    return {key.lower(): text for key, text in heard["headers"].items()}.get(name)


def test_a_code_is_asked_of_the_second_generation_with_our_key(sent):
    heard = sent(lambda adapter: adapter.issue_qr(REQUEST))

    assert heard["path"] == "/qr_codes"
    assert header(heard, "authorization") == BASIC
    assert header(heard, "api-version") == "2022-07-31"
    assert header(heard, "idempotency-key") == f"chg-{ORDER}"
    assert json.loads(heard["body"]) == {
        "reference_id": ORDER, "type": "DYNAMIC", "currency": "IDR", "amount": 2000,
        "expires_at": "2026-02-14T01:30:30Z", "description": "Parkir motor",
        "metadata": {"terminal": "PSR-01"},
    }  # fmt: skip


@pytest.mark.fault("F16")
def test_while_a_key_is_exchanged_the_new_one_proves_what_we_send(sent):
    heard = sent(lambda adapter: adapter.issue_qr(REQUEST), keys=(KEY, "xnd_development_OLD"))

    assert header(heard, "authorization") == BASIC


def test_a_profile_names_partner_and_sub_account(sent):
    profile = {"channel_code": "ID_LINKAJA", "for_user_id": "5fsub"}

    heard = sent(lambda adapter: adapter.issue_qr(REQUEST), profile=profile)

    assert json.loads(heard["body"])["channel_code"] == "ID_LINKAJA"
    assert header(heard, "for-user-id") == "5fsub"


def test_a_refund_is_of_its_payment_and_in_their_words(sent):
    wish = RefundRequest(
        "RF1", Reference(ORDER, QR), PAYMENT, Rupiah(2_000), Rupiah(500), "bayar dua kali"
    )

    heard = sent(lambda adapter: adapter.refund(wish))

    assert heard["path"] == f"/qr_codes/payments/{PAYMENT}/refunds"
    assert header(heard, "idempotency-key") == "rfd-RF1"
    assert json.loads(heard["body"]) == {"amount": 500, "reason": "REQUESTED_BY_CUSTOMER"}


def test_our_clock_may_be_in_jambi():
    jambi = wib(REQUEST.expires_at) + timedelta(microseconds=999_999)

    assert qr_body(replace(REQUEST, expires_at=jambi))["expires_at"] == "2026-02-14T01:30:30Z"

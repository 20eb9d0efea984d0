"""DOKU's signature and what its callbacks prove (gateways.md 4 and 8.4)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from parking.errors import CallbackNotAuthentic, GatewayUnreadable, ParkingError
from parking.gateways.doku import component, connect, read_moment, signature
from parking.gateways.protocol import Access, Level, State, Trust

from tests.builders import MERCHANT, delivered

SECRET, CLIENT = "SK-TESTNOTREAL-0001", "BRN-0000-TEST"
OURS = replace(MERCHANT, gateway="doku", merchant_id=CLIENT)
CALLBACK_URL = "https://parkir.example.go.id/callbacks/doku"
PAID = (
    b'{"service":{"id":"QRIS"},"acquirer":{"id":"TEST"},"channel":{"id":"QRIS_TEST"},'
    b'"transaction":{"status":"SUCCESS","date":"2026-02-14T01:16:02Z","original_request_id":'
    b'"7f0b7f5e-0000-4000-8000-000000000001"},'
    b'"order":{"invoice_number":"PKR-20260214-000123","amount":2000}}'
)
AT = datetime(2026, 2, 14, 1, 16, 5, tzinfo=UTC)

# Number of the request, time, target, body, signature.
VECTORS = {
    "D1": (1, "2026-02-14T01:15:30Z", "/checkout/v1/payment",
           b'{"order":{"amount":2000,"invoice_number":"PKR-20260214-000123"},'
           b'"payment":{"payment_due_date":15}}',
           "HMACSHA256=zS/lf7ON6/nL80LEhWkBQQHXO7rb6NQD5L1mqFA+b20="),
    "D2": (2, "2026-02-14T01:20:00Z", "/orders/v1/status/PKR-20260214-000123", None,
           "HMACSHA256=xziQIiKyg2tZxL92GJKlaLszeyTcMfP59wVzPKPyGjs="),
    "D3": (3, "2026-02-14T01:16:03Z", "/callbacks/doku", PAID,
           "HMACSHA256=RfNLWHYxKjhE2e/s6AveXt+E8SQ5uFOP4NvxyZwwa+Q="),
}  # fmt: skip


def request_id(number):
    return f"7f0b7f5e-0000-4000-8000-00000000000{number}"


def gateway(*keys, url=CALLBACK_URL):
    return connect(OURS, Access(keys=keys or (SECRET,), callback_url=url))


def notified(body=PAID, path="/callbacks/doku", at=AT, **other):
    """The published notification as the door sees it; headers may be other ones."""
    headers = {
        "Client_Id": CLIENT, "Request_Id": request_id(3),
        "Request_Timestamp": "2026-02-14T01:16:03Z", "Signature": VECTORS["D3"][4],
    }  # fmt: skip
    return delivered(body, path, at, **headers | other)


@pytest.mark.parametrize("name", VECTORS)
def test_the_computed_signatures_come_out(name):
    number, at, target, body, expected = VECTORS[name]

    signed = component(CLIENT, request_id(number), at, target, body)

    assert signature(signed, SECRET) == expected


def test_a_signed_payment_is_proof():
    assert gateway().authenticate(notified()).level is Level.FULL
    evidence = gateway().read_callback(notified())

    assert (evidence.state, evidence.trust) == (State.PAID, Trust.PROOF)
    assert (evidence.ours, evidence.amount) == ("PKR-20260214-000123", 2_000)
    assert evidence.at == datetime(2026, 2, 14, 1, 16, 2, tzinfo=UTC)


def test_it_is_verified_over_the_path_that_was_told_behind_whatever_proxy():
    behind = notified(path="/inner/callbacks/doku")

    assert gateway().authenticate(behind).level is Level.FULL
    assert gateway(url="").authenticate(behind).level is Level.NONE


@pytest.mark.fault("F16")
def test_both_keys_are_good_while_one_is_exchanged_and_then_only_the_new_one():
    assert gateway("SK-new", SECRET).authenticate(notified()).level is Level.FULL
    assert gateway("SK-new").authenticate(notified()).level is Level.NONE


@pytest.mark.fault("F11")
def test_an_old_one_is_not_lost_and_not_believed():
    late = gateway().read_callback(notified(at=AT + timedelta(hours=6)))

    assert late.trust is Trust.HEARSAY


@pytest.mark.fault("F08")
@pytest.mark.parametrize(
    "other",
    [{"Signature": ""}, {"Signature": "HMACSHA256=x"}, {"Client_Id": "BRN-0000-OTHER"},
     {"Request_Id": "x"}, {"Request_Timestamp": "2026-02-14T01:16:04Z"},
     {"body": PAID.replace(b"2000}", b"9000}")}, {"body": PAID + b" "}],
)  # fmt: skip
def test_what_was_touched_proves_nothing(other):
    touched = notified(**other)

    assert gateway().authenticate(touched).level is Level.NONE
    with pytest.raises(CallbackNotAuthentic):
        gateway().read_callback(touched)


@pytest.mark.parametrize(
    "wrong",
    [{"order": {}}, {"transaction": "SUCCESS"}, {"order": {"invoice_number": "P", "amount": "2.5"}},
     {"transaction": {"status": "SUCCESS", "date": "kemarin", "original_request_id": "r"}}, {}],
)  # fmt: skip
def test_a_signed_message_that_makes_no_sense_is_unreadable(wrong):
    body = json.dumps(json.loads(PAID) | wrong if wrong else {}).encode()
    signed = component(CLIENT, request_id(3), "2026-02-14T01:16:03Z", "/callbacks/doku", body)

    with pytest.raises(GatewayUnreadable):
        gateway().read_callback(notified(body, Signature=signature(signed, SECRET)))


def test_a_profile_that_nobody_knows_is_refused():
    with pytest.raises(ParkingError, match="isue_path"):
        connect(OURS, Access(keys=[SECRET], profile={"isue_path": "/x"}))


@pytest.mark.parametrize("text", ["2026-02-14 01:16:02", "2026-02-14T01:16:02+07:00", "", None, 5])
def test_a_time_without_its_zone_is_none(text):
    with pytest.raises(ValueError, match="not a time"):
        read_moment(text)

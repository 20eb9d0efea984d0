"""How far a callback of Midtrans can be believed, and what it says (gateways.md 1.8–1.10, 8.1)."""

import json
from datetime import UTC, datetime

import pytest
from parking.errors import CallbackNotAuthentic, GatewayUnreadable
from parking.gateways.midtrans import Midtrans, is_unambiguous, signature
from parking.gateways.protocol import Level, State, Trust

from tests.builders import MERCHANT, delivered

KEY = "SB-Mid-server-TESTKEYNOTREAL0001"
OLD_KEY = "SB-Mid-server-TESTKEYNOTREAL0000"
ORDER = "PKR-20260214-000123"

# Order, code, amount, first 32 characters of the signature; published ones under "M0".
VECTORS = {
    "M1": (ORDER, "201", "2000.00", KEY, "a0a715302071c9360e019b92b2385bf6"),
    "M2": (ORDER, "200", "2000.00", KEY, "21458698d7f5cc564af592c7483a8938"),
    "M3": (ORDER, "202", "2000.00", KEY, "b0c6f525cb0811ae41ded47b8899b300"),
    "M4": (ORDER, "200", "2000", KEY, "7351d978318d327f73b6f9e79dd44632"),
    "M5": ("PKR-20260214-000124", "200", "10000000.00", KEY, "79d4bc0eed1f7c01e99490ae402d2b24"),
    "M0": ("1111", "200", "100000.00", "askvnoibnosifnboseofinbofinfgbiufglnbfg",
           "edc076b21793ebe3e17926350f5b8ae6"),
}  # fmt: skip


def gateway(*keys):
    return Midtrans(MERCHANT, "http://127.0.0.1:9/midtrans", keys or (KEY,))


def fields(**other):
    """A settlement as Midtrans sends it."""
    told = {
        "transaction_time": "2026-02-14 08:15:30", "transaction_status": "settlement",
        "transaction_id": "0d5a1c3e-0000-4000-8000-000000000001", "status_code": "200",
        "settlement_time": "2026-02-14 23:16:02", "payment_type": "qris", "order_id": ORDER,
        "merchant_id": MERCHANT.merchant_id, "gross_amount": "2000.00", "fraud_status": "accept",
        "currency": "IDR", "issuer": "gopay", "acquirer": "gopay",
    } | other  # fmt: skip
    signed = (told["order_id"], told["status_code"], told["gross_amount"], KEY)
    return {"signature_key": signature(*signed)} | told


def body(**other):
    return json.dumps(fields(**other)).encode()


@pytest.mark.parametrize("name", VECTORS)
def test_published_and_computed_signatures_come_out(name):
    order, code, amount, key, begins = VECTORS[name]

    assert signature(order, code, amount, key).startswith(begins)


def test_a_settlement_is_provisional_and_dated_on_jambis_clock():
    evidence = gateway().read_callback(delivered(body()))

    assert (evidence.ours, evidence.state, evidence.amount) == (ORDER, State.PAID, 2000)
    assert evidence.trust is Trust.PROVISIONAL
    assert evidence.at == datetime(2026, 2, 14, 16, 16, 2, tzinfo=UTC)
    assert gateway().authenticate(delivered(body())).level is Level.PARTIAL


def test_each_of_two_keys_is_accepted_while_one_is_exchanged():
    assert gateway("SB-new", KEY).authenticate(delivered(body())).level is Level.PARTIAL
    assert gateway("SB-new").authenticate(delivered(body())).level is Level.NONE


def test_the_hexadecimal_may_be_in_capitals():
    told = fields()
    told["signature_key"] = told["signature_key"].upper()

    assert gateway().authenticate(delivered(json.dumps(told).encode())).level is Level.PARTIAL


def test_an_older_signature_does_not_fit_another_code():
    told = fields(status_code="201")["signature_key"]

    with pytest.raises(CallbackNotAuthentic):
        gateway().read_callback(delivered(body(signature_key=told)))


@pytest.mark.fault("F10")
def test_a_text_that_can_be_cut_in_two_ways_is_no_more_than_hearsay():
    cut_here = fields(order_id="P-1200", status_code="200", gross_amount="2000.00")
    cut_there = fields(order_id="P-1", status_code="200", gross_amount="2002000.00")
    assert cut_here["signature_key"] == cut_there["signature_key"]

    assert not is_unambiguous(cut_there)
    evidence = gateway().read_callback(delivered(json.dumps(cut_there).encode()))
    assert evidence.trust is Trust.HEARSAY


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("order_id", "A B"), ("order_id", ""), ("status_code", "999"), ("status_code", "2000"),
        ("gross_amount", "0.00"), ("gross_amount", "02000.00"), ("gross_amount", "2e3"),
        ("gross_amount", 2000), ("signature_key", "zz"), ("transaction_id", None),
        ("transaction_status", ""),
    ],
)  # fmt: skip
@pytest.mark.fault("F10")
def test_what_is_hashed_has_its_form_first(wrong, value):
    raw = json.dumps(fields() | {wrong: value}).encode()

    assert gateway().authenticate(delivered(raw)).level is Level.MALFORMED
    with pytest.raises(GatewayUnreadable):
        gateway().read_callback(delivered(raw))


@pytest.mark.parametrize(
    ("status", "code", "fraud", "state", "trust"),
    [
        ("settlement", "200", "accept", State.PAID, Trust.PROVISIONAL),
        ("capture", "200", None, State.PAID, Trust.PROVISIONAL),
        ("settlement", "200", "deny", State.UNKNOWN, Trust.HEARSAY),
        ("settlement", "201", "accept", State.UNKNOWN, Trust.HEARSAY),
        ("pending", "201", "accept", State.PENDING, Trust.HEARSAY),
        ("expire", "202", "accept", State.EXPIRED, Trust.HEARSAY),
        ("cancel", "202", "accept", State.CANCELLED, Trust.HEARSAY),
        ("deny", "202", "deny", State.FAILED, Trust.HEARSAY),
        ("refund", "200", "accept", State.REFUNDED, Trust.HEARSAY),
        ("chargeback", "200", "accept", State.REVERSED, Trust.HEARSAY),
        ("SETTLEMENT", "200", "accept", State.PAID, Trust.PROVISIONAL),
        ("newword", "200", "accept", State.UNKNOWN, Trust.HEARSAY),
    ],
)
def test_every_word_has_its_state_and_only_a_payment_is_booked_at_once(
    status, code, fraud, state, trust
):
    told = {"transaction_status": status, "status_code": code, "fraud_status": fraud}

    evidence = gateway().read_callback(delivered(body(**told)))

    assert (evidence.state, evidence.trust) == (state, trust)


def test_a_partial_refund_tells_how_much_came_back():
    refunds = [{"refund_amount": "500.00", "created_at": "2026-02-15 09:00:00", "refund_key": "a"}]
    told = {"transaction_status": "partial_refund", "refund_amount": "500.00", "refunds": refunds}

    evidence = gateway().read_callback(delivered(body(**told)))

    assert (evidence.state, evidence.refunded) == (State.PARTLY_REFUNDED, 500)
    with pytest.raises(GatewayUnreadable):
        gateway().read_callback(delivered(body(**(told | {"refund_amount": "2500.00"}))))


@pytest.mark.parametrize("beside", [{}, {"refund_amount": "500.00"}])
def test_a_chargeback_is_of_the_whole_payment_whatever_was_refunded_before(beside):
    told = {"transaction_status": "chargeback", **beside}

    evidence = gateway().read_callback(delivered(body(**told)))

    assert (evidence.state, evidence.refunded) == (State.REVERSED, evidence.amount)


def test_a_partial_chargeback_tells_how_much_was_taken_back():
    told = {"transaction_status": "partial_chargeback", "refund_amount": "500.00"}

    evidence = gateway().read_callback(delivered(body(**told)))

    assert (evidence.state, evidence.refunded) == (State.PARTLY_REFUNDED, 500)
    with pytest.raises(GatewayUnreadable):
        gateway().read_callback(delivered(body(transaction_status="partial_chargeback")))


@pytest.mark.parametrize("wrong", [{"merchant_id": "G999999999"}, {"currency": "USD"}])
def test_another_merchants_or_currencys_payment_is_not_read(wrong):
    with pytest.raises(GatewayUnreadable):
        gateway().read_callback(delivered(body(**wrong)))


def test_two_deliveries_have_one_key_and_two_steps_have_two():
    key = gateway().authenticate(delivered(body())).natural_key

    assert gateway().authenticate(delivered(body(issuer="dana"))).natural_key == key
    pending = body(transaction_status="pending", status_code="201")
    assert gateway().authenticate(delivered(pending)).natural_key != key


def test_a_forgery_cannot_take_the_place_of_the_true_message():
    true = gateway().authenticate(delivered(body())).natural_key
    forged = gateway().authenticate(delivered(body(signature_key="0" * 128)))

    assert forged.level is Level.NONE
    assert forged.natural_key != true

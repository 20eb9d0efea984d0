"""The sandbox keeps the gateway's promise, seen through our own adapter."""

import pytest
from parking.errors import GatewayRefused, GatewayUnavailable, GatewayUnreadable
from parking.gateways.midtrans import Midtrans
from parking.gateways.protocol import Level, Reference, State, Trust
from parking.qris.payload import check_shown, inspect

from tests.builders import MERCHANT, delivered
from tests.sandbox.caller import asked
from tests.sandbox_process import SERVER_KEY


@pytest.fixture
def issued(gateway, clock):
    return gateway.issue_qr(asked("P-1", clock.now()))


def test_a_code_is_what_was_asked_for(issued, clock):
    assert check_shown(issued.payload, 2_000, MERCHANT.nmid, MERCHANT.pan) == []
    assert inspect(issued.payload).fields["terminal_label"] == "PSR-01"
    assert issued.expires_at == asked("P-1", clock.now()).expires_at


def test_a_code_can_be_read_from_its_picture(gateway, issued):
    assert gateway.recover_qr(Reference("P-1")) == issued.payload


def test_an_inquiry_tells_the_payment(gateway, sandbox, issued, clock):
    sandbox.pay("P-1", wallet="dana", at=clock.forward(seconds=40))

    (paid,) = gateway.inquire(Reference("P-1", issued.theirs))

    assert (paid.state, paid.amount, paid.at) == (State.PAID, 2_000, clock.now())
    assert (paid.trust, paid.issuer, paid.payment_ref) == (Trust.PROOF, "dana", issued.theirs)


def test_of_an_unknown_order_an_inquiry_tells_nothing(gateway):
    assert gateway.inquire(Reference("P-0")) == ()


def test_a_code_ends_by_itself(gateway, issued, clock):
    clock.forward(minutes=5)

    assert [e.state for e in gateway.inquire(Reference("P-1"))] == [State.EXPIRED]


@pytest.mark.parametrize(
    ("verb", "state"), [("cancel", State.CANCELLED), ("expire", State.EXPIRED)]
)
def test_an_open_code_can_be_ended(gateway, issued, verb, state):
    assert getattr(gateway, verb)(Reference("P-1")) is state


@pytest.mark.parametrize("verb", ["cancel", "expire"])
def test_a_paid_code_can_not_be_ended(gateway, sandbox, issued, verb):
    sandbox.pay("P-1")

    assert getattr(gateway, verb)(Reference("P-1")) is State.PAID


def test_a_code_that_has_ended_is_paid_only_when_the_bank_is_late(gateway, sandbox, issued):
    gateway.cancel(Reference("P-1"))

    sandbox.pay("P-1", late=True)

    assert [e.state for e in gateway.inquire(Reference("P-1"))] == [State.PAID]


def test_a_notification_is_signed(gateway, sandbox, merchant, clock):
    gateway.issue_qr(asked("P-1", clock.now()))
    sandbox.pay("P-1")

    sandbox.deliver_now()

    pending, settlement = (heard["body"] for heard in merchant.heard)
    assert gateway.authenticate(delivered(settlement)).level is Level.PARTIAL
    assert gateway.read_callback(delivered(pending)).state is State.PENDING
    assert gateway.read_callback(delivered(settlement)).state is State.PAID


def test_a_stranger_is_refused(sandbox, clock):
    stranger = Midtrans(MERCHANT, sandbox.midtrans_url, ["SB-Mid-server-ANOTHER"])

    with pytest.raises(GatewayRefused):
        stranger.issue_qr(asked("P-1", clock.now()))


@pytest.mark.parametrize(
    ("fault", "value", "error"),
    [
        ("create_500", None, GatewayUnavailable),
        ("create_503", None, GatewayUnavailable),
        ("create_html", None, GatewayUnreadable),
        ("create_timeout_before_commit", 0, GatewayUnavailable),
        ("html_502", None, GatewayUnavailable),
        ("rate_limit", None, GatewayUnavailable),
    ],
)
def test_when_a_charge_fails_nothing_was_made(gateway, sandbox, clock, fault, value, error):
    sandbox.fault(fault, "P-1", times=1, value=value)

    with pytest.raises(error):
        gateway.issue_qr(asked("P-1", clock.now()))

    assert gateway.inquire(Reference("P-1")) == ()


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("create_timeout_after_commit", 0),
        ("create_reset", None),
        ("create_500", "stored"),
        ("create_503", "stored"),
        ("create_html", "stored"),
    ],
)
def test_when_an_answer_is_lost_the_code_exists_once(gateway, sandbox, clock, fault, value):
    sandbox.fault(fault, "P-1", times=1, value=value)
    with pytest.raises((GatewayUnavailable, GatewayUnreadable)):
        gateway.issue_qr(asked("P-1", clock.now()))

    again = gateway.issue_qr(asked("P-1", clock.now()))

    assert [e.payment_ref for e in gateway.inquire(Reference("P-1"))] == [again.theirs]
    assert len(sandbox.transactions()) == 1


def test_the_text_of_a_code_may_be_missing(gateway, sandbox, clock):
    sandbox.fault("missing_qr_string")
    sandbox.fault("missing_expiry_time")

    issued = gateway.issue_qr(asked("P-1", clock.now()))

    assert (issued.payload, issued.expires_at) == (None, None)
    assert check_shown(gateway.recover_qr(Reference("P-1")), 2_000, MERCHANT.nmid, None) == []


@pytest.mark.parametrize("how", ["amount", "merchant", "crc"])
def test_a_code_may_be_wrong(gateway, sandbox, clock, how):
    sandbox.fault("wrong_qr", value=how)

    issued = gateway.issue_qr(asked("P-1", clock.now()))

    assert check_shown(issued.payload, 2_000, MERCHANT.nmid, MERCHANT.pan) != []


def test_an_inquiry_may_lag_behind(gateway, sandbox, issued, clock):
    sandbox.fault("status_lags", "P-1", value=60)
    sandbox.pay("P-1")

    before = [e.state for e in gateway.inquire(Reference("P-1"))]
    clock.forward(seconds=61)
    after = [e.state for e in gateway.inquire(Reference("P-1"))]

    assert (before, after) == ([State.PENDING], [State.PAID])


def test_another_amount_may_be_paid(gateway, sandbox, issued):
    sandbox.fault("amount_mismatch", "P-1", value=1_500)
    sandbox.pay("P-1")

    assert [e.amount for e in gateway.inquire(Reference("P-1"))] == [1_500]


def test_a_code_may_be_paid_twice(gateway, sandbox, issued):
    first, second = sandbox.pay("P-1", times=2)

    told = [gateway.inquire(Reference("P-1", one["transaction_id"])) for one in (first, second)]

    assert [evidence.state for (evidence,) in told] == [State.PAID, State.PAID]
    assert told[0][0].payment_ref != told[1][0].payment_ref


def test_the_key_that_the_service_uses_is_the_sandboxs(parts, city, sandbox, clock):
    gateway = parts.gateways.find("midtrans", "jambi")

    assert gateway.issue_qr(asked("P-1", clock.now())).payload
    assert parts.settings.gateway_keys["MIDTRANS_JAMBI"] == (SERVER_KEY,)

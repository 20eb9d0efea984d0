"""A provider that is down, and faults that strike one provider only."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from parking.clock import DrivenClock
from parking.errors import GatewayUnavailable
from parking.sandbox.faults import Faults, FaultWish
from parking.sandbox.state import State

from tests.sandbox.caller import asked

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.fixture
def told(tmp_path):
    clock = DrivenClock(tmp_path / "clock")
    clock.drive(NOW)
    return clock


@pytest.fixture
def faults(tmp_path, told):
    return Faults(State(tmp_path / "state.sqlite"), told)


def test_a_fault_of_one_provider_leaves_the_others_alone(faults):
    faults.add(FaultWish("slow", gateway="xendit"))

    assert faults.of("midtrans").strike("slow", "P-1") is None
    assert faults.strike("slow", "P-1") is None
    assert faults.of("xendit").strike("slow", "P-1").used == ["P-1"]


def test_a_fault_of_any_provider_strikes_each(faults):
    faults.add(FaultWish("slow", times=2))

    struck = [faults.of(name).strike("slow", name) for name in ("midtrans", "xendit", "snap")]

    assert [fault is not None for fault in struck] == [True, True, False]


def test_a_fault_for_some_minutes_ends_by_itself(faults, told):
    faults.add(FaultWish("slow", lasts=timedelta(minutes=5)))
    told.drive(NOW + timedelta(minutes=4, seconds=59))
    assert faults.strike("slow", "P-1")

    told.drive(NOW + timedelta(minutes=5))

    assert faults.strike("slow", "P-1") is None


def test_what_it_struck_outlives_a_restart(faults, tmp_path, told):
    faults.of("snap").add(FaultWish("slow", "snap", "P-1", 3, 0.5, timedelta(hours=1)))
    faults.of("snap").strike("slow", "P-1")

    assert Faults(State(tmp_path / "state.sqlite"), told).listing() == faults.listing()


@pytest.mark.parametrize("how", ["reset", "503"])
def test_while_it_is_down_nothing_is_answered(sandbox, gateway, clock, how):
    sandbox.outage("midtrans", how=how)

    with pytest.raises(GatewayUnavailable):
        gateway.issue_qr(asked("P-1", clock.now()))

    sandbox.outage("midtrans", off=True)
    assert gateway.issue_qr(asked("P-1", clock.now())).payload
    assert sandbox.faults() == []


def test_the_others_answer_as_ever(sandbox):
    sandbox.outage("midtrans")

    answer = requests.get(f"{sandbox.url}/xendit/qr_codes/qr_none", timeout=10)

    assert answer.status_code == 401


def test_notifications_wait_until_it_is_over(api, sandbox, merchant, clock):
    api.charge("P-1")
    sandbox.deliver_now()
    merchant.heard.clear()
    sandbox.outage("midtrans", minutes=10)
    sandbox.pay("P-1")
    sandbox.deliver_now(hasten=True)
    assert merchant.heard == []

    clock.forward(minutes=10)
    sandbox.deliver_now()

    assert [one["state"] for one in sandbox.deliveries("P-1")] == ["delivered"] * 2
    assert api.get("P-1/status").json()["transaction_status"] == "settlement"


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"gateway": "nobody"}, "gateway"),
        ({"gateway": "midtrans", "minutes": 0}, "minutes"),
        ({"minutes": 5}, "gateway"),
    ],
)
def test_a_wrong_outage_is_refused_with_its_reason(sandbox, wish, named):
    answer = requests.post(f"{sandbox.url}/_sim/outage", json=wish, timeout=10)

    assert (answer.status_code, list(answer.json()["problems"])) == (400, [named])


def test_down_is_of_a_provider_and_not_of_an_order(sandbox):
    wish = {"name": "down", "order_id": "P-1"}

    assert requests.post(f"{sandbox.url}/_sim/faults", json=wish, timeout=10).status_code == 400

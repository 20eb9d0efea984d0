"""Taking a code back at a gateway that cancels nothing: shown no more, and watched to its end."""

import pytest
from parking.charges.expire import expire_due
from parking.payments.inquire import sweep

from tests.builders import SECOND, add_account, route


@pytest.fixture
def xendit(parts, city):
    """The city's only route is an account at Xendit."""
    with parts.sessions.begin() as session:
        route(session, add_account(session, SECOND, "XENDIT_JAMBI"))


@pytest.fixture
def ours(sandbox, xendit, budi, city):
    budi.post("/attendant/shifts", point_id=city.market)
    answer = tap(budi, "tap-1")
    assert answer.status_code in (200, 201), answer.text
    return answer.json["ours"]


WITHDRAWN = "Dibatalkan. Bila pengemudi terlanjur membayar, uangnya tetap tercatat."


def tap(phone, key, vehicle="motorcycle", **more):
    return phone.post("/attendant/charges", vehicle=vehicle, client_key=key * 4, **more)


def test_cancelled_it_is_not_shown_and_ends_when_the_gateway_says_so(budi, ours, parts, clock):
    told = budi.post(f"/attendant/charges/{ours}/cancel").json

    assert (told["state"], told["seconds_left"], told["svg"]) == ("pending", 0, None)
    assert told["message"] == WITHDRAWN
    expire_due(parts.sessions, parts.gateways.find, clock.now())
    assert budi.get(f"/attendant/charges/{ours}").json["state"] == "pending"
    expire_due(parts.sessions, parts.gateways.find, clock.forward(minutes=11))
    told = budi.get(f"/attendant/charges/{ours}").json
    assert (told["state"], told["message"]) == ("expired", WITHDRAWN)


def test_another_code_may_follow_it_at_once(budi, ours):
    second = tap(budi, "tap-2", "car", replaces=ours)

    assert second.status_code in (200, 201)
    assert second.json["svg"]


def test_a_code_whose_time_is_over_is_not_called_cancelled(budi, ours, clock):
    clock.forward(minutes=10)

    told = budi.get(f"/attendant/charges/{ours}").json

    assert told["message"] == "Waktu habis. Menunggu kepastian gerbang."


@pytest.mark.parametrize("ended_there", [False, True])
def test_a_driver_who_pays_it_all_the_same_has_paid_late(
    budi, ours, sandbox, parts, clock, ended_there
):
    budi.post(f"/attendant/charges/{ours}/cancel")
    if ended_there:
        expire_due(parts.sessions, parts.gateways.find, clock.forward(minutes=11))
    sandbox.pay(ours, late=ended_there)

    sweep(parts.sessions, parts.gateways.find, clock.forward(minutes=5))

    told = budi.get(f"/attendant/charges/{ours}").json
    assert (told["state"], told["late"]) == ("paid", True)  # D02


def test_a_driver_who_pays_in_time_is_not_late(budi, ours, sandbox, parts, clock):
    sandbox.pay(ours)

    sweep(parts.sessions, parts.gateways.find, clock.forward(minutes=11))

    told = budi.get(f"/attendant/charges/{ours}").json
    assert (told["state"], told["late"]) == ("paid", False)

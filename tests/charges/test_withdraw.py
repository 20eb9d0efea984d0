"""Taking a code back at a gateway that cancels nothing: shown no more, and watched to its end."""

import pytest
from parking.charges.expire import expire_due
from parking.payments.inquire import sweep
from parking.registry.store import MerchantAccountRow, RouteRow
from sqlalchemy import insert

from tests.builders import ENTERED, LONG_AGO
from tests.gateways.contract.adapters import merchant_of


@pytest.fixture
def xendit(parts, city):
    """The city's only route is an account at Xendit."""
    it = merchant_of("xendit")
    with parts.sessions.begin() as session:
        account = session.scalars(
            insert(MerchantAccountRow)
            .values(
                gateway="xendit", account="jambi", merchant_id=it.merchant_id, nmid=it.nmid,
                pan=it.pan, name=it.name, city=it.city, environment="sandbox",
                key_name="XENDIT_JAMBI", valid_from=LONG_AGO,
            )
            .returning(MerchantAccountRow.id)
        ).one()  # fmt: skip
        session.execute(
            insert(RouteRow).values(
                merchant_account_id=account, point_id=None, rank=1, valid_from=LONG_AGO,
                entered_at=ENTERED, entered_by="system",
            )
        )  # fmt: skip


@pytest.fixture
def ours(sandbox, xendit, budi, city):
    budi.post("/attendant/shifts", point_id=city.market)
    answer = tap(budi, "tap-1")
    assert answer.status_code in (200, 201), answer.text
    return answer.json["ours"]


def tap(phone, key, vehicle="motorcycle", **more):
    return phone.post("/attendant/charges", vehicle=vehicle, client_key=key * 4, **more)


def test_cancelled_it_is_not_shown_and_ends_when_the_gateway_says_so(budi, ours, parts, clock):
    told = budi.post(f"/attendant/charges/{ours}/cancel").json

    assert (told["state"], told["seconds_left"], told["svg"]) == ("pending", 0, None)
    expire_due(parts.sessions, parts.gateways.find, clock.now())
    assert budi.get(f"/attendant/charges/{ours}").json["state"] == "pending"
    expire_due(parts.sessions, parts.gateways.find, clock.forward(minutes=11))
    assert budi.get(f"/attendant/charges/{ours}").json["state"] == "expired"


def test_another_code_may_follow_it_at_once(budi, ours):
    second = tap(budi, "tap-2", "car", replaces=ours)

    assert second.status_code in (200, 201)
    assert second.json["svg"]


def test_a_driver_who_pays_it_all_the_same_has_paid(budi, ours, sandbox, parts, clock):
    budi.post(f"/attendant/charges/{ours}/cancel")
    sandbox.pay(ours)

    sweep(parts.sessions, parts.gateways.find, clock.forward(minutes=2))

    assert budi.get(f"/attendant/charges/{ours}").json["state"] == "paid"

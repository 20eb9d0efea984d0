"""The sandbox and the service face to face: its notifications come to our own door."""

import pytest
from parking.app import create_app

from tests.sandbox_process import serving


@pytest.fixture
def door(sandbox, city, parts):
    with serving(create_app(parts)) as url:
        sandbox.notify(url + "/callbacks/midtrans/{account}")
        yield url


def answers(sandbox):
    return [
        (one["transaction_status"], [attempt["answer"] for attempt in one["attempts"]])
        for one in sandbox.deliveries()
    ]


def test_a_notification_is_taken(door, sandbox, api):
    api.charge("P-1")
    sandbox.pay("P-1")
    sandbox.deliver_now()

    assert answers(sandbox) == [("pending", [200]), ("settlement", [200])]


def test_a_signature_of_another_key_is_refused(door, sandbox, api):
    api.charge("P-1")
    sandbox.fault("callback_bad_signature", "P-1")
    sandbox.pay("P-1")
    sandbox.deliver_now()

    assert answers(sandbox) == [("pending", [200]), ("settlement", [401])]

"""What the demo forges proves nothing to any adapter, and looks like a message all the same."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from parking.cli.demo import demo
from parking.demo.forgeries import FORGERIES, forgery
from parking.gateways.protocol import Callback, Level

from tests.gateways.contract.adapters import ADAPTERS

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.mark.fault("F08")
@pytest.mark.parametrize("gateway", sorted(FORGERIES))
def test_a_forgery_can_be_read_and_is_not_believed(gateway):
    told = forgery(gateway, "PKR1", 2_000, AT)
    path = f"/callbacks/{gateway}/jambi{told.tail}"
    callback = Callback(path, told.headers, json.dumps(told.body).encode(), AT)

    assert ADAPTERS[gateway].gateway(gateway, "http://x").authenticate(callback).level is Level.NONE


def test_every_gateway_can_be_in_the_demo():
    assert set(FORGERIES) == set(ADAPTERS)


@pytest.mark.parametrize("told", ["stripe", "midtrans,stripe", "", ","])
def test_what_is_no_gateway_is_named(told):
    answer = CliRunner().invoke(demo, ["--gateways", told])

    assert answer.exit_code == 2
    assert "midtrans, xendit, snap, doku" in answer.output

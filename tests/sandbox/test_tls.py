"""A gateway whose certificate nobody has signed, as an attacker in between would show it."""

import warnings

import pytest
import requests
from parking.errors import GatewayUnavailable
from urllib3.exceptions import InsecureRequestWarning

from tests.gateways.contract.adapters import ADAPTERS
from tests.sandbox.caller import asked
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory):
    with warnings.catch_warnings(action="ignore", category=InsecureRequestWarning):
        process = SandboxProcess(tmp_path_factory.mktemp("tls"), tls=True)
    yield process
    process.stop()


@pytest.mark.fault("F30")
@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_an_adapter_tells_it_nothing(name, untrusted, clock):
    gateway = ADAPTERS[name].gateway(name, untrusted.url)

    with pytest.raises(GatewayUnavailable, match="sertifikat TLS"):
        gateway.issue_qr(asked("P-1", clock.now()))


def test_who_trusts_that_certificate_is_served(untrusted):
    answer = requests.get(f"{untrusted.url}/_sim/faults", verify=untrusted.certificate, timeout=10)

    assert answer.json()["faults"] == []


def test_its_key_is_read_by_nobody_else(untrusted):
    assert untrusted.certificate.with_name("sandbox-key.pem").stat().st_mode & 0o777 == 0o600

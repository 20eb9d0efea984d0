import pytest
import requests
from parking.gateways.midtrans import Midtrans

from tests.builders import MERCHANT
from tests.sandbox.caller import Caller
from tests.sandbox_process import SERVER_KEY, Listener, listening


@pytest.fixture
def gateway(sandbox):
    """Our own adapter, with the sandbox behind it."""
    return Midtrans(MERCHANT, sandbox.midtrans_url, [SERVER_KEY])


@pytest.fixture
def api(sandbox):
    """Plain HTTP, to see what an adapter would hide."""
    return Caller(sandbox.midtrans_url, requests.Session())


@pytest.fixture
def merchant(sandbox) -> Listener:
    """Who hears the notifications."""
    with listening() as listener:
        sandbox.notify(listener.url + "/callbacks/midtrans/{account}")
        yield listener

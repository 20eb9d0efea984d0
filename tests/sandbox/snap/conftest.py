from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from parking.gateways.connect import connect
from parking.gateways.protocol import (
    Access,
    Callback,
    Evidence,
    Gateway,
    QrRequest,
    Reference,
    RefundRequest,
)
from parking.money import Rupiah

from tests.builders import MERCHANT
from tests.sandbox_process import Listener, SandboxProcess, listening
from tests.snap_keys import BANKS, OURS

OURS_NAME = "PKR20261123SNAP"

# Banks: what ours and theirs have agreed on, and how theirs behaves beyond that.
BANKS_SPOKEN = {
    "plain": ({"channel_id": "95221"}, {}),
    "doku": ({"profile": "doku"}, {}),
    "bri": (
        {"profile": "bri", "channel_id": "00009", "terminal_id": "10049258",
         "external_header": "X-EXTRENAL-ID"},
        {},
    ),
    "dana": ({"profile": "dana", "channel_id": "95221"}, {}),
    "midtrans": ({"profile": "midtrans", "channel_id": "12345"}, {}),
    "secret": ({"notify": "D", "channel_id": "95221", "hmac": "hex"}, {}),
    "own": (
        {"channel_id": "95221", "prefix": "/gateway/snap", "signed_prefix": "/snap",
         "partner_id": "P-77", "channel_header": "X-CHANNEL-ID", "cancel": "yes",
         "refund": "yes", "times": "ms", "signing": "symmetric"},
        {"signs_path": "registered", "notifies": "paid", "expires_in": "30"},
    ),
}  # fmt: skip


def client_of(account: str) -> str:
    return f"CLIENT-{account.upper()}"


def secret_of(account: str) -> str:
    return f"SECRET-{account.upper()}-NOT-REAL"


def merchants() -> list[dict]:
    return [
        {
            "gateway": "snap", "account": account, "merchant_id": MERCHANT.merchant_id,
            "server_key": secret_of(account), "nmid": MERCHANT.nmid, "pan": MERCHANT.pan,
            "name": MERCHANT.name, "city": MERCHANT.city, "fee_bps": 30,
            "secrets": {"PRIVATE": OURS.private, "PROVIDER_PRIVATE": BANKS.private},
            "options": words | {"client_id": client_of(account)} | further,
        }
        for account, (words, further) in BANKS_SPOKEN.items()
    ]  # fmt: skip


@dataclass
class Bank:
    """A bank of the sandbox and our account at it."""

    account: str
    gateway: Gateway
    sandbox: SandboxProcess
    listener: Listener
    clock: object

    def ask(self, ours: str = OURS_NAME, amount: int = 2_000) -> QrRequest:
        now = self.clock.now()
        until = now + timedelta(minutes=5)
        return QrRequest(ours, Rupiah(amount), now, until, "Parkir motor", "PSR-01")

    def issue(self, ours: str = OURS_NAME) -> Reference:
        return Reference(ours, self.gateway.issue_qr(self.ask(ours)).theirs)

    def paid(self, **how) -> Reference:
        reference = self.issue()
        self.sandbox.pay(reference.ours, **how)
        return reference

    def evidence(self, reference: Reference) -> Evidence:
        (one,) = self.gateway.inquire(reference)
        return one

    def refund(self, reference: Reference, amount: int, key: str = "RF1") -> RefundRequest:
        theirs = reference.theirs or ""
        return RefundRequest(key, reference, theirs, Rupiah(2_000), Rupiah(amount), "dua kali")

    def heard(self) -> list[Callback]:
        self.sandbox.deliver_now()
        return [
            Callback(each["path"], each["headers"], each["body"], self.clock.now())
            for each in self.listener.heard
        ]


@pytest.fixture(scope="session")
def banks_process(tmp_path_factory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("banks"), merchants=merchants())
    yield process
    process.stop()


@pytest.fixture
def banks(banks_process, clock) -> SandboxProcess:
    """The sandbox with a bank of each kind, empty, at the time of the told clock."""
    banks_process.clock.drive(clock.now())
    banks_process.reset()
    clock.followers.append(banks_process.clock.drive)
    return banks_process


@pytest.fixture
def bank_of(banks, clock):
    """Our account at one of them; `words` are told otherwise on our side alone."""
    with listening() as listener:
        banks.notify(listener.url + "/callbacks/{gateway}/{account}")

        def make(account: str, **words: str) -> Bank:
            spoken = BANKS_SPOKEN[account][0] | {"client_id": client_of(account)} | words
            access = Access(
                f"{banks.url}/snap/{account}",
                [secret_of(account)],
                {"PRIVATE": [OURS.private], "PROVIDER": [BANKS.public]},
                spoken,
                f"{listener.url}/callbacks/snap/{account}",
                b"gateway token",
                clock,
            )
            gateway = connect(replace(MERCHANT, gateway="snap", account=account), access)
            listener.serves = lambda *told: gateway.serve(Callback(*told, clock.now()))
            return Bank(account, gateway, banks, listener, clock)

        yield make

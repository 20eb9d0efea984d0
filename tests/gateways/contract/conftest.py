from dataclasses import dataclass
from datetime import timedelta

import pytest
from parking.gateways.protocol import (
    Callback,
    Evidence,
    Gateway,
    IssuedQr,
    QrRequest,
    Reference,
    RefundRequest,
)
from parking.money import Rupiah

from tests.gateways.contract.adapters import ADAPTERS, Adapter
from tests.sandbox_process import Listener, SandboxProcess, listening

OURS = "PKR20261123CONTRACT"


@dataclass
class Bench:
    """One adapter with its provider behind it, and who hears the provider's callbacks."""

    name: str
    adapter: Adapter
    gateway: Gateway
    sandbox: SandboxProcess
    listener: Listener
    clock: object
    callback_url: str

    def ask(self, ours: str = OURS, amount: int = 2_000) -> QrRequest:
        now = self.clock.now()
        return QrRequest(
            ours, Rupiah(amount), now, now + timedelta(minutes=5), "Parkir motor", "PSR-01"
        )

    def issue(self, ours: str = OURS) -> IssuedQr:
        return self.gateway.issue_qr(self.ask(ours))

    def paid(self, **how) -> Reference:
        """A code, and a driver who has paid it."""
        reference = Reference(OURS, self.issue().theirs)
        self.sandbox.pay(OURS, **how)
        return reference

    def evidence(self, reference: Reference) -> Evidence:
        (one,) = self.gateway.inquire(reference)
        return one

    def refund(self, reference: Reference, amount: int = 2_000, key: str = "RF1") -> RefundRequest:
        paid = self.evidence(reference)
        return RefundRequest(
            key, reference, paid.payment_ref, paid.amount, Rupiah(amount), "bayar dua kali"
        )

    def heard(self) -> list[Callback]:
        """What the provider has notified by now, as our door would see it."""
        self.sandbox.deliver_now()
        return [
            Callback(each["path"], each["headers"], each["body"], self.clock.now())
            for each in self.listener.heard
        ]


@pytest.fixture(params=sorted(ADAPTERS))
def bench(request, sandbox, clock):
    adapter = ADAPTERS[request.param]
    with listening() as listener:
        sandbox.notify(listener.url + "/callbacks/{gateway}/{account}")
        callback_url = f"{listener.url}/callbacks/{request.param}/jambi"
        gateway = adapter.gateway(request.param, sandbox.url, callback_url=callback_url)
        # Some providers fetch a token from us first.
        listener.serves = lambda *told: gateway.serve(Callback(*told, clock.now()))
        yield Bench(request.param, adapter, gateway, sandbox, listener, clock, callback_url)

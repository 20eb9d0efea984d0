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
from tests.snap_banks import BANKS_SPOKEN, OURS_NAME, client_of, secret_of
from tests.snap_keys import BANKS, OURS


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

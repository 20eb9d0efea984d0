"""What the sandbox consists of, built once when it starts."""

from dataclasses import dataclass
from datetime import datetime

from parking.sandbox.config import SandboxConfig, SandboxMerchant
from parking.sandbox.faults import Faults
from parking.sandbox.once import Once
from parking.sandbox.outbox import Outbox
from parking.sandbox.state import State
from parking.sandbox.transactions import Transaction


@dataclass(frozen=True, slots=True)
class SandboxParts:
    config: SandboxConfig
    state: State
    faults: Faults
    outbox: Outbox
    once: Once

    def now(self) -> datetime:
        return self.config.clock.now()

    def merchant(self, account: str) -> SandboxMerchant:
        """Raises KeyError when there is none."""
        for merchant in self.config.merchants:
            if merchant.account == account:
                return merchant
        raise KeyError(account)

    def callback_url(self, merchant: SandboxMerchant) -> str:
        """Where this merchant wants its notifications; empty: nowhere."""
        told = self.state.setting("callback_url")
        return (told or self.config.callback_url).replace("{account}", merchant.account)

    def merchant_of(self, transaction: Transaction) -> SandboxMerchant:
        return self.merchant(transaction.account)


def assemble(config: SandboxConfig) -> SandboxParts:
    state = State(config.state)
    return SandboxParts(config, state, Faults(state), Outbox(state), Once(state))

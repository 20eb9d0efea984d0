"""What the sandbox consists of, built once when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from parking.sandbox.config import SandboxConfig, SandboxMerchant
from parking.sandbox.faults import Faults
from parking.sandbox.outbox import Outbox
from parking.sandbox.provider import Provider
from parking.sandbox.state import State
from parking.sandbox.transactions import Transaction


@dataclass(frozen=True, slots=True)
class SandboxParts:
    config: SandboxConfig
    state: State
    faults: Faults
    outbox: Outbox
    providers: Mapping[str, Provider]

    def of(self, gateway: str) -> "SandboxParts":
        """The same, with the faults that strike one provider."""
        return replace(self, faults=self.faults.of(gateway))

    def now(self) -> datetime:
        return self.config.clock.now()

    def merchant(self, gateway: str, account: str) -> SandboxMerchant:
        """Raises KeyError when there is none."""
        for merchant in self.config.merchants:
            if (merchant.gateway, merchant.account) == (gateway, account):
                return merchant
        raise KeyError(f"{gateway}/{account}")

    def merchants(self, gateway: str) -> list[SandboxMerchant]:
        """Those of one provider."""
        return [merchant for merchant in self.config.merchants if merchant.gateway == gateway]

    def callback_url(self, merchant: SandboxMerchant) -> str:
        """Where this merchant wants its notifications; empty: nowhere."""
        told = self.state.setting("callback_url")
        template = told or self.config.callback_url
        return template.replace("{gateway}", merchant.gateway).replace(
            "{account}", merchant.account
        )

    def merchant_of(self, transaction: Transaction) -> SandboxMerchant:
        return self.merchant(transaction.gateway, transaction.account)

    def provider_of(self, transaction: Transaction) -> Provider:
        return self.providers[transaction.gateway]


def assemble(config: SandboxConfig, providers: Mapping[str, Provider]) -> SandboxParts:
    state = State(config.state)
    return SandboxParts(config, state, Faults(state, config.clock), Outbox(state), providers)

"""What a sandbox is told when it starts."""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from config.invented import INVENTED

from parking.clock import Clock, SystemClock

KEY, PROFILE = "GATEWAY_KEY_", "GATEWAY_PROFILE_"


@dataclass(frozen=True, slots=True)
class SandboxMerchant:
    """A merchant as the gateway's onboarding desk would have registered it."""

    account: str  # the merchant's own short name, put into its callback URL
    merchant_id: str  # "G000000001"
    server_key: str = field(repr=False)  # what its calls are signed with
    nmid: str  # national merchant id, "ID" + 13 digits
    pan: str  # 18 digits
    name: str  # what the payer's app shows, at most 25 characters
    city: str  # at most 15 characters
    fee_bps: int = 0  # merchant discount rate
    gateway: str = "midtrans"
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # further ones, by part
    options: Mapping[str, str] = field(default_factory=dict)  # how its provider speaks with it

    @property
    def path(self) -> str:
        """As its callbacks have it: "midtrans/jambi"."""
        return f"{self.gateway}/{self.account}"


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything a sandbox needs; times that the gateway waits are on its clock."""

    state: Path
    merchants: tuple[SandboxMerchant, ...]
    callback_url: str  # {gateway} and {account} are replaced; empty: nobody is notified
    clock: Clock = field(default_factory=SystemClock)
    notify_pending: bool = True  # a notification when the code is made, as Midtrans sends it
    # An expired order id may be used again; their pages disagree (gateways.md 0.2, trap 3).
    reuse_expired_orders: bool = True
    refund_confirmation: timedelta = timedelta(seconds=60)  # until the issuer confirms a refund


def default_merchants(
    gateways: Collection[str], environ: Mapping[str, str] = os.environ
) -> tuple[SandboxMerchant, ...]:
    """One invented merchant at each of the gateways, for a sandbox that was given no list.

    Its keys are those that the merchant itself has in the environment.
    """
    return tuple(
        SandboxMerchant(
            account="jambi",
            merchant_id=merchant_id,
            server_key=_current(environ, f"{KEY}{gateway.upper()}_JAMBI", otherwise),
            nmid=nmid,
            pan=pan,
            name="PEMKOT JAMBI PARKIR",
            city="KOTA JAMBI",
            gateway=gateway,
            secrets=_further(environ, f"{KEY}{gateway.upper()}_JAMBI__"),
            options=_options(environ.get(f"{PROFILE}{gateway.upper()}_JAMBI", "")),
        )
        for gateway, (merchant_id, nmid, pan, otherwise) in INVENTED.items()
        if gateway in gateways
    )


def _current(environ: Mapping[str, str], name: str, otherwise: str) -> str:
    """While a key is being rotated the merchant's settings name two; the first one is current."""
    return (environ.get(name, "").split() or [otherwise])[0]


def _further(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    names = [name for name, value in environ.items() if name.startswith(prefix) and value.strip()]
    return {name.removeprefix(prefix): _current(environ, name, "") for name in names}


def _options(words: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words.split() if "=" in word)


def read_merchants(path: Path) -> tuple[SandboxMerchant, ...]:
    """The merchants in a JSON list of objects with the fields of SandboxMerchant.

    Raises ValueError naming what is wrong with which of them.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{path}: a JSON list with at least one merchant is expected")
    merchants = tuple(_merchant(row, f"{path}, merchant {n}") for n, row in enumerate(rows, 1))
    for what in ("account", "server_key"):
        if len({(m.gateway, getattr(m, what)) for m in merchants}) < len(merchants):
            raise ValueError(f"{path}: two merchants of one gateway share one {what}")
    return merchants


def _merchant(row: object, where: str) -> SandboxMerchant:
    if not isinstance(row, dict):
        raise ValueError(f"{where}: an object is expected")
    try:
        return SandboxMerchant(**row)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error

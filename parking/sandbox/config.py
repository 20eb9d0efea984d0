"""What a sandbox is told when it starts."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from parking.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class SandboxMerchant:
    """A merchant as the gateway's onboarding desk would have registered it."""

    account: str  # the merchant's own short name, put into its callback URL
    merchant_id: str  # "G000000001"
    server_key: str = field(repr=False)
    nmid: str  # national merchant id, "ID" + 13 digits
    pan: str  # 18 digits
    name: str  # what the payer's app shows, at most 25 characters
    city: str  # at most 15 characters
    fee_bps: int = 0  # merchant discount rate


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything a sandbox needs; times that the gateway waits are on its clock."""

    state: Path
    merchants: tuple[SandboxMerchant, ...]
    callback_url: str  # {account} is replaced; empty: nobody is notified
    clock: Clock = field(default_factory=SystemClock)
    notify_pending: bool = True  # a notification when the code is made, as Midtrans sends it
    # An expired order id may be used again; their pages disagree (gateways.md 0.2, trap 3).
    reuse_expired_orders: bool = True
    refund_confirmation: timedelta = timedelta(seconds=60)  # until the issuer confirms a refund


def default_merchants(environ: Mapping[str, str] = os.environ) -> tuple[SandboxMerchant, ...]:
    """One invented merchant, for a sandbox that was given no list."""
    # While a key is being rotated the merchant's settings name two; the first one is current.
    keys = environ.get("GATEWAY_KEY_MIDTRANS_JAMBI", "").split()
    return (
        SandboxMerchant(
            account="jambi",
            merchant_id="G000000001",
            server_key=keys[0] if keys else "SB-Mid-server-DEMO-KEY",
            nmid="ID1020000000012",
            pan="936001150000000123",
            name="PEMKOT JAMBI PARKIR",
            city="KOTA JAMBI",
        ),
    )


def read_merchants(path: Path) -> tuple[SandboxMerchant, ...]:
    """The merchants in a JSON list of objects with the fields of SandboxMerchant.

    Raises ValueError naming what is wrong with which of them.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{path}: a JSON list with at least one merchant is expected")
    merchants = tuple(_merchant(row, f"{path}, merchant {n}") for n, row in enumerate(rows, 1))
    for what in ("account", "server_key"):
        if len({getattr(merchant, what) for merchant in merchants}) < len(merchants):
            raise ValueError(f"{path}: two merchants share one {what}")
    return merchants


def _merchant(row: object, where: str) -> SandboxMerchant:
    if not isinstance(row, dict):
        raise ValueError(f"{where}: an object is expected")
    try:
        return SandboxMerchant(**row)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error

"""What the console shows: each provider with its latest transactions, faults, notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.fault_words import GROUPS, OF_A_DAY, Group, title_of
from parking.sandbox.faults import CATALOGUE, OUTAGE, Fault
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import (
    CANCEL,
    CHARGEBACK,
    EXPIRE,
    PARTIAL_REFUND,
    PENDING,
    REFUND,
    REFUNDABLE,
    SETTLEMENT,
    Transaction,
)

MOST_TRANSACTIONS = 8  # of each provider
MOST_DELIVERIES = 25

# Status → Indonesian, English, and the colour of its tag.
STATUS = {
    PENDING: ("Menunggu", "pending", "warning"),
    SETTLEMENT: ("Lunas", "paid", "success"),
    EXPIRE: ("Kedaluwarsa", "expired", "secondary"),
    CANCEL: ("Dibatalkan", "cancelled", "secondary"),
    REFUND: ("Dikembalikan", "refunded", "info"),
    PARTIAL_REFUND: ("Dikembalikan sebagian", "partly refunded", "info"),
    CHARGEBACK: ("Ditarik kembali", "taken back", "danger"),
}

# What the buttons of a transaction do → Indonesian, English.
ACTS = {
    "pay": ("Bayar", "Pay"),
    "late": ("Bayar terlambat", "Pay late"),
    "again": ("Bayar lagi", "Pay twice"),
    "expire": ("Kedaluwarsakan", "Expire"),
    "reverse": ("Tarik kembali", "Reverse"),
}
POSSIBLE = {
    PENDING: ("pay", "expire"),
    EXPIRE: ("late",),
    CANCEL: ("late",),
    **dict.fromkeys(REFUNDABLE, ("again", "reverse")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A transaction, and what can be done with it."""

    transaction: Transaction
    acts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Card:
    """One provider."""

    name: str
    title: str
    outage: Fault | None  # None: it is up
    merchants: Sequence[tuple[SandboxMerchant, str]]  # each with where it is notified
    transactions: Sequence[Shown]
    total: int  # of its transactions, however many are shown


@dataclass(frozen=True, slots=True)
class Overview:
    order: str  # what was searched
    cards: Sequence[Card]
    faults: Sequence[Fault]  # that are on, or have struck and are used up
    deliveries: Sequence[dict[str, Any]]
    counts: dict[str, int]  # of notifications by state
    groups: Sequence[Group] = GROUPS
    now: datetime | None = None


def look(parts: SandboxParts, order: str) -> Overview:
    """Everything, or what is about the orders that contain these letters."""
    return Overview(
        order=order,
        cards=[card(parts, name, order) for name in parts.providers],
        faults=parts.faults.listing(),
        deliveries=parts.outbox.search(order, MOST_DELIVERIES),
        counts=parts.outbox.counts(),
        now=parts.now(),
    )


def card(parts: SandboxParts, name: str, order: str = "") -> Card:
    found = parts.state.search(name, order, MOST_TRANSACTIONS)
    merchants = parts.merchants(name)
    return Card(
        name=name,
        title=title_of(name),
        outage=parts.faults.of(name).is_on(OUTAGE),
        merchants=[(merchant, parts.callback_url(merchant)) for merchant in merchants],
        transactions=[Shown(one, POSSIBLE.get(one.status, ())) for one in found],
        total=parts.state.count(name),
    )


def takes_value(name: str) -> bool:
    return "value" in CATALOGUE[name]


def strikes(name: str) -> Sequence[str]:
    """When a fault can be told to strike: "next", "order" and "always"."""
    if name == OUTAGE:
        return ("always",)
    return ("order", "always") if name in OF_A_DAY else ("next", "order", "always")

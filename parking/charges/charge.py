"""A charge: what an attendant asks a driver to pay, and the states it may pass."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from parking.gateways.protocol import State
from parking.money import Rupiah
from parking.registry.facts import Vehicle


class ChargeState(StrEnum):
    CREATING = "creating"
    CREATE_UNKNOWN = "create_unknown"  # the gateway's answer was lost; asking decides
    CREATE_FAILED = "create_failed"
    PENDING = "pending"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    REVERSED = "reversed"


_ENDED = {ChargeState.EXPIRED, ChargeState.CANCELLED, ChargeState.CREATE_FAILED}

# reliability.md 5.2, as data. PAID never goes back to an unpaid state, and an ended
# charge that is paid after all is PAID, late.
MOVES: dict[ChargeState, frozenset[ChargeState]] = {
    ChargeState.CREATING: frozenset(
        {ChargeState.PENDING, ChargeState.CREATE_UNKNOWN, ChargeState.PAID} | _ENDED
    ),
    ChargeState.CREATE_UNKNOWN: frozenset({ChargeState.PENDING, ChargeState.PAID} | _ENDED),
    ChargeState.CREATE_FAILED: frozenset({ChargeState.PAID}),
    ChargeState.PENDING: frozenset(
        {ChargeState.PAID, ChargeState.EXPIRED, ChargeState.CANCELLED, ChargeState.CREATE_FAILED}
    ),
    ChargeState.EXPIRED: frozenset({ChargeState.PAID}),
    ChargeState.CANCELLED: frozenset({ChargeState.PAID}),
    ChargeState.PAID: frozenset(
        {ChargeState.PARTLY_REFUNDED, ChargeState.REFUNDED, ChargeState.REVERSED}
    ),
    ChargeState.PARTLY_REFUNDED: frozenset({ChargeState.REFUNDED, ChargeState.REVERSED}),
    ChargeState.REFUNDED: frozenset(),
    ChargeState.REVERSED: frozenset(),
}

# What a gateway's word for a payment would make of the charge; others move nothing.
STATE_FOR: dict[State, ChargeState] = {
    State.PENDING: ChargeState.PENDING,
    State.PAID: ChargeState.PAID,
    State.EXPIRED: ChargeState.EXPIRED,
    State.CANCELLED: ChargeState.CANCELLED,
    State.FAILED: ChargeState.CREATE_FAILED,
    State.PARTLY_REFUNDED: ChargeState.PARTLY_REFUNDED,
    State.REFUNDED: ChargeState.REFUNDED,
    State.REVERSED: ChargeState.REVERSED,
}

STATE_TEXT = {
    ChargeState.CREATING: "Membuat QR",
    ChargeState.CREATE_UNKNOWN: "Menunggu kabar gerbang",
    ChargeState.CREATE_FAILED: "Gagal",
    ChargeState.PENDING: "Menunggu",
    ChargeState.PAID: "Lunas",
    ChargeState.EXPIRED: "Kedaluwarsa",
    ChargeState.CANCELLED: "Batal",
    ChargeState.PARTLY_REFUNDED: "Dikembalikan sebagian",
    ChargeState.REFUNDED: "Dikembalikan",
    ChargeState.REVERSED: "Dibalik",
}


@dataclass(frozen=True, slots=True)
class Charge:
    id: int
    ours: str
    gateway: str
    account: str
    shift_id: int
    attendant_id: int
    point_id: int
    device_id: int
    client_key: str
    vehicle: Vehicle
    tariff_id: int
    amount: Rupiah
    city_bps: int
    created_at: datetime
    business_day: date
    replaces: str | None
    state: ChargeState
    late: bool
    theirs: str | None
    payload: str | None
    expires_at: datetime
    paid_at: datetime | None
    inquire_at: datetime | None = None  # when the gateway is to be asked next; None: never
    inquiries: int = 0
    confirmed_at: datetime | None = None  # the gateway itself said PAID when asked


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a charge. Replaying them gives its state (M5)."""

    charge_id: int
    before: ChargeState | None  # None for the first
    after: ChargeState  # equal to `before` where something was noted and nothing moved
    at: datetime
    cause: str  # "asked", "answered", "evidence", "cancelled", "expired", "stale", …
    actor: str
    evidence_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A charge before it is stored: everything in it comes from the server (M16)."""

    ours: str
    gateway: str
    account: str
    shift_id: int
    attendant_id: int
    point_id: int
    device_id: int
    client_key: str
    vehicle: Vehicle
    tariff_id: int
    amount: Rupiah
    city_bps: int
    created_at: datetime
    expires_at: datetime
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """Some payments of one amount that are shared alike."""

    amount: Rupiah
    city_bps: int
    count: int


# Longer than a call to a gateway may take (reliability.md 13): after that no answer is on its way.
PATIENCE = timedelta(seconds=15)

MOST_OF_A_TAP = 4  # accounts that one tap asks, one after the other
OUTAGE = "outage"  # the cause of an event: no account could be asked

NO_QR = frozenset({ChargeState.CREATE_UNKNOWN, ChargeState.CREATE_FAILED})
OPEN = frozenset({ChargeState.CREATING, ChargeState.CREATE_UNKNOWN, ChargeState.PENDING})


def key_of(client_key: str, nth: int) -> str:
    """The key of the nth charge of a tap. A phone's own keys have no "~" in them."""
    return client_key if nth == 1 else f"{client_key}~{nth}"


def tap_of(charge: Charge) -> str:
    """The key that the phone gave to the tap of a charge."""
    return charge.client_key.partition("~")[0]


def may_move(before: ChargeState, after: ChargeState) -> bool:
    """Whether a charge in one state may come into another."""
    return after in MOVES[before]


def has_ended(state: ChargeState) -> bool:
    """Whether it ended unpaid: a payment that still comes is late (D02)."""
    return state in _ENDED


def is_over(charge: Charge, now: datetime) -> bool:
    """Whether its code is shown no more though it has not ended at the gateway."""
    return charge.state is ChargeState.PENDING and charge.expires_at <= now


def was_shown(charge: Charge) -> bool:
    """Whether somebody may have seen its QR, and so may pay it."""
    return charge.payload is not None


def lacks_qr(charge: Charge) -> bool:
    """Whether a request came to nothing that can be shown: another account may be asked instead.

    A gateway may tell by a callback that there is a charge, and never tell its QR.
    """
    is_untold = charge.state is ChargeState.PENDING and not was_shown(charge)
    return is_untold or charge.state in NO_QR


def is_lost(charge: Charge, now: datetime) -> bool:
    """Whether the gateway's answer, or the text of its QR, never came to us."""
    if charge.state is ChargeState.CREATING:
        return now - charge.created_at >= PATIENCE
    if charge.state is ChargeState.PENDING:
        return charge.payload is None
    return charge.state is ChargeState.CREATE_UNKNOWN

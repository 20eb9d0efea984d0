"""Which adapter speaks for which gateway: adding one is a line here and a module beside it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from parking.errors import ParkingError
from parking.gateways.midtrans import Midtrans
from parking.gateways.protocol import Gateway, Merchant


class Addresses(Protocol):
    """The part of the settings that says where gateways are."""

    @property
    def midtrans_url(self) -> str: ...


ADAPTERS: dict[str, Callable[[Merchant, Sequence[str], Addresses], Gateway]] = {
    "midtrans": lambda merchant, keys, at: Midtrans(merchant, at.midtrans_url, keys),
}


def connect(merchant: Merchant, keys: Sequence[str], addresses: Addresses) -> Gateway:
    """The adapter of a merchant account. Raises ParkingError naming what is missing."""
    if merchant.gateway not in ADAPTERS:
        raise ParkingError(f"no adapter for gateway {merchant.gateway!r}")
    if not keys:
        raise ParkingError(f"no key in the environment for {merchant.gateway}/{merchant.account}")
    return ADAPTERS[merchant.gateway](merchant, keys, addresses)

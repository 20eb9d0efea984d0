"""Connect a merchant account with the adapter of its gateway, as config/gateways.py lists them."""

from pkgutil import resolve_name
from typing import cast

from config.gateways import GATEWAYS

from parking.errors import ParkingError
from parking.gateways.protocol import Access, Connector, Gateway, Merchant


def connect(merchant: Merchant, access: Access) -> Gateway:
    """The gateway of a merchant account. Raises ParkingError naming what is missing."""
    if merchant.gateway not in GATEWAYS:
        raise ParkingError(f"no adapter for gateway {merchant.gateway!r}")
    if not access.keys:
        raise ParkingError(f"no key in the environment for {merchant.gateway}/{merchant.account}")
    connector = cast(Connector, resolve_name(GATEWAYS[merchant.gateway]))
    return connector(merchant, access)

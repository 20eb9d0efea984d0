"""How many requests may wait for a gateway at once, so that the others are still served."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from parking.errors import GatewayUnavailable

WAIT_S = 0.7  # for a place among those that ask; a driver is standing there


class Calls:
    """Places for calls to gateways in one process."""

    def __init__(self, places: int) -> None:
        self._places = BoundedSemaphore(places)

    @contextmanager
    def one(self, wait_s: float = WAIT_S) -> Iterator[None]:
        """A place for the length of the block. Raises GatewayUnavailable if all are taken."""
        if not self._places.acquire(timeout=wait_s):
            raise GatewayUnavailable("Gerbang pembayaran sedang lambat. Coba lagi sebentar lagi.")
        try:
            yield
        finally:
            self._places.release()

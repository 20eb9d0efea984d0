"""Waiting, in real time, for what the demo's other processes do."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from parking.clock import Clock
from parking.errors import ParkingError
from parking.parts import Parts
from parking.payments import store as inbox

PATIENCE_S = 60
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """The demo's clock stands still meanwhile."""

    parts: Parts
    clock: Clock
    check: Callable[[], None]  # raises if a process of the demo has ended

    def until(self, what: str, is_so: Callable[[], bool]) -> None:
        """Raises ParkingError naming what did not happen."""
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            self.check()
            if time.monotonic() > until:
                raise ParkingError(f"waited {PATIENCE_S} s in vain until {what}")
            time.sleep(PAUSE_S)

    def until_heard(self) -> None:
        """Until no callback waits for its work, and no charge for the gateway to be asked."""
        self.until("everything was heard or asked", self._nothing_is_open)

    def _nothing_is_open(self) -> bool:
        now = self.clock.now()
        with self.parts.sessions() as session:
            waits = inbox.due_callbacks(session, now, 1) or inbox.due_charges(session, now, 1)
        return not waits

"""Whether the wall clock was set meanwhile: it should run as the one that nobody sets."""

import time
from collections.abc import Callable

LEAST_S = 2.0  # what is less, a time service corrects all the time


class ClockJumps:
    """Compares the wall clock with the monotonic one, from one question to the next."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()

    def since_last(self) -> float:
        """By how many seconds the wall clock was set since it was last asked; 0 if it was not."""
        before, self._ahead = self._ahead, self._wall() - self._steady()
        jumped = self._ahead - before
        return jumped if abs(jumped) >= LEAST_S else 0.0

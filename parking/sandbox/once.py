"""The Idempotency-Key header (gateways.md 1.9): one namespace for all calls, blind to the body."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from parking.sandbox.state import State

LONGEST_KEY = 46  # a longer one is silently ignored
KEPT = timedelta(minutes=5)

Answer = dict[str, Any]


class StillRunning(Exception):
    """The first call with this key has not been answered yet."""


class Once:
    """Stores successful answers only; a refusal may be tried again under the same key."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._running: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def run(self, account: str, key: str, now: datetime, act: Callable[[], Answer]) -> Answer:
        """The answer of `act`, or the stored one. Raises StillRunning, and what `act` raises."""
        if not key or len(key) > LONGEST_KEY:
            return act()
        name = (account, key)
        with self._lock:
            if name in self._running:
                raise StillRunning
            self._running.add(name)
        try:
            answer = self._state.answer_to(account, key, now - KEPT)
            if answer is None:
                answer = act()
                self._state.keep_answer(account, key, answer, now)
            return answer
        finally:
            with self._lock:
                self._running.discard(name)

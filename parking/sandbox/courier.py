"""Delivers notifications: what is due, by the sandbox's clock, to the address of the merchant."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError

from parking.sandbox.change import sweep
from parking.sandbox.faults import OUTAGE
from parking.sandbox.outbox import Attempt
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery

LOOK_S = 0.2  # between two looks when nothing wakes us
WORKERS = 8
BATCH = 200
TIMEOUT_S = 15  # Midtrans' (gateways.md 1.11); the others publish none
MOST_REDIRECTS = 5
HEADERS = {"Content-Type": "application/json"}


class Courier:
    """One for a sandbox. Two deliveries of one transaction are never under way at once."""

    def __init__(self, parts: SandboxParts) -> None:
        self._parts = parts
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="courier")
        self._http = urllib3.PoolManager(maxsize=WORKERS, retries=False, timeout=TIMEOUT_S)
        self._free = threading.Condition()
        self._busy: set[str] = set()  # transactions
        self._done = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def deliver_now(self, timeout_s: float = 60) -> int:
        """Deliver what is due; how many were attempted. Returns when they have been answered."""
        until = time.monotonic() + timeout_s
        with self._free:
            before = self._done
            sweep(self._parts, self._parts.now())
            while (self._send_due() or self._busy) and time.monotonic() < until:
                self._free.wait(1)
            return self._done - before

    def when_idle(self, act: Callable[[], None]) -> None:
        """Act while no delivery is under way."""
        with self._free:
            self._free.wait_for(lambda: not self._busy)
            act()

    def _run(self) -> None:
        wake = self._parts.outbox.wake
        while True:
            wake.wait(LOOK_S)
            wake.clear()
            sweep(self._parts, self._parts.now())
            with self._free:
                self._send_due()

    def _send_due(self) -> int:
        """Hand out what is due; how much that was. The caller holds `_free`."""
        found = self._parts.outbox.due(self._parts.now(), self._busy, self._down(), BATCH)
        for delivery in found:
            self._busy.add(delivery.transaction_id)
            self._pool.submit(self._deliver, delivery)
        return len(found)

    def _down(self) -> list[str]:
        """The providers that notify nobody now."""
        faults = self._parts.faults
        return [name for name in self._parts.providers if faults.of(name).is_on(OUTAGE)]

    def _deliver(self, delivery: Delivery) -> None:
        try:
            attempt = self._attempt(delivery)
            provider = self._parts.providers[delivery.gateway]
            wait = provider.retry_after(attempt.answer, delivery.attempts + 1)
            self._parts.outbox.record(delivery, attempt, wait)
        finally:
            with self._free:
                self._busy.discard(delivery.transaction_id)
                self._done += 1
                self._free.notify_all()
            self._parts.outbox.wake.set()

    def _attempt(self, delivery: Delivery) -> Attempt:
        started, answer, error = time.perf_counter(), None, ""
        try:
            answer = self._post(delivery.url, delivery.body, self._headers(delivery))
        except (HTTPError, ValueError) as fault:
            error = type(fault).__name__  # without the address: it may carry a secret
        took_ms = int((time.perf_counter() - started) * 1000)
        return Attempt(self._parts.now(), answer, error, took_ms)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        merchant = self._parts.merchant(delivery.gateway, delivery.account)
        provider = self._parts.providers[delivery.gateway]
        signed = provider.sign(delivery, merchant, self._parts.now())
        return HEADERS | dict(delivery.headers) | dict(signed)

    def _post(self, url: str, body: str, headers: dict[str, str]) -> int:
        """The status they answered; 307 and 308 are followed, other redirects are an answer."""
        for _ in range(MOST_REDIRECTS):
            answer = self._http.request(
                "POST", url, body=body.encode(), headers=headers, redirect=False
            )
            if answer.status not in (307, 308) or "Location" not in answer.headers:
                break
            url = urljoin(url, answer.headers["Location"])
        return answer.status

"""Callbacks at the door: kept as they came, before anybody decides what they mean."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Engine

from parking.gateways.protocol import Authenticated, Level
from parking.payments import store
from parking.payments.store import Arrived

log = structlog.get_logger()

BODY_LIMIT = 64 * 1024
KEPT_OF_OTHERS = 4 * 1024  # bytes of a body that proved nothing: enough to see what it was
UNPROVED_A_MINUTE = 60  # of those, a process keeps no more
NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


class Receipt(StrEnum):
    """What became of a delivery."""

    KEPT = "kept"
    REPEATED = "repeated"
    TURNED_AWAY = "turned_away"  # it proved nothing
    UNREADABLE = "unreadable"


class RateGuard:
    """At most so many in a minute; what comes above is answered and not kept."""

    def __init__(self, a_minute: int) -> None:
        self._limit = a_minute
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._count = 0

    def allows(self, now: datetime) -> bool:
        with self._lock:
            if self._since is None or not timedelta(0) <= now - self._since < timedelta(minutes=1):
                self._since, self._count = now, 0
            self._count += 1
            return self._count <= self._limit


@dataclass(frozen=True, slots=True)
class Door:
    """Where callbacks of all accounts come in."""

    engine: Engine
    unproved: RateGuard

    def receive(
        self,
        account: tuple[str, str],
        proved: Authenticated,
        headers: Mapping[str, str],
        body: bytes,
        remote: str,
        at: datetime,
    ) -> Receipt:
        """Keep a delivery; when this returns, it is committed.

        What proved nothing or cannot be read is cut and kept at a bounded rate.
        Raises OperationalError when the database is away: nothing was kept.
        """
        answer = {Level.NONE: Receipt.TURNED_AWAY, Level.MALFORMED: Receipt.UNREADABLE}.get(
            proved.level
        )
        if answer is not None:
            log.warning("callback not proved", account=account, why=proved.reason, remote=remote)
            if not self.unproved.allows(at):
                return answer
            body = body[:KEPT_OF_OTHERS]
        kept = {name: text for name, text in headers.items() if name.lower() not in NOT_KEPT}
        arrived = Arrived(account, proved, json.dumps(kept), body, remote, at)
        is_new = store.keep_callback(self.engine, arrived)
        return answer or (Receipt.KEPT if is_new else Receipt.REPEATED)

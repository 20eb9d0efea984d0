"""Callbacks at the door: kept as they came, before anybody decides what they mean."""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from parking.database.engine import is_down
from parking.gateways.protocol import Authenticated, Callback, Level, Receipt
from parking.payments import store
from parking.payments.store import Arrived

log = structlog.get_logger()

BODY_LIMIT = 64 * 1024
KEPT_OF_OTHERS = 4 * 1024  # bytes of a body that proved nothing: enough to see what it was
UNPROVED_A_MINUTE = 60  # of those, a process keeps no more
# Whoever caught one callback of which not all is signed can vary it: no gateway sends so many.
OF_ONE_ORDER = 100
SPAN_OF_ONE_ORDER = timedelta(minutes=10)
NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


class RateGuard:
    """At most so many of a name in a span; what comes above is answered and not kept."""

    def __init__(self, most: int, span: timedelta, names: int = 10_000) -> None:
        self._most, self._span, self._names = most, span, names
        self._lock = threading.Lock()
        self._counted: OrderedDict[tuple[str, ...], tuple[datetime, int]] = OrderedDict()

    def allows(self, now: datetime, *name: str) -> bool:
        with self._lock:
            since, count = self._counted.pop(name, (now, 0))
            if not timedelta(0) <= now - since < self._span:
                since, count = now, 0
            self._counted[name] = since, count + 1
            if len(self._counted) > self._names:
                self._counted.popitem(last=False)
            return count < self._most


@dataclass(slots=True)
class _Delivery:
    """One delivery and, once it is committed, whether it was new."""

    arrived: Arrived
    # Held until it is kept: half the cost of an Event, and nobody waits but the one who brought it.
    pending: threading.Lock = field(default_factory=threading.Lock)
    is_new: bool = False
    error: Exception | None = None


class Intake:
    """Commits what many threads bring, together.

    Whoever comes while nobody is at it keeps everything that has come by then in
    one transaction; the others wait for theirs. Under load a commit serves many
    deliveries; a delivery that comes alone is committed at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: list[_Delivery] = []
        self._connection: Connection | None = None  # its own, used by who keeps
        self._is_busy = False

    def keep(self, arrived: Arrived) -> bool:
        """Whether it is new; committed on return. Raises what the database raises."""
        mine = _Delivery(arrived)
        mine.pending.acquire()
        with self._lock:
            self._waiting.append(mine)
            leads = not self._is_busy
            self._is_busy = True
        if leads:
            self._keep_all()
        mine.pending.acquire()
        if mine.error is not None:
            raise mine.error
        return mine.is_new

    def _keep_all(self) -> None:
        while True:
            with self._lock:
                batch, self._waiting = self._waiting, []
                if not batch:
                    self._is_busy = False
                    return
            try:
                self._commit(batch)
            finally:
                for delivery in batch:
                    delivery.pending.release()

    def _commit(self, batch: list[_Delivery]) -> None:
        try:
            news = self._keep([d.arrived for d in batch])
        except Exception as error:  # told to each of those who wait
            if len(batch) > 1 and not is_down(error):
                for delivery in batch:
                    self._commit([delivery])
                return
            for delivery in batch:
                delivery.error = error
        else:
            for delivery, is_new in zip(batch, news, strict=True):
                delivery.is_new = is_new

    def _keep(self, arrived: list[Arrived]) -> list[bool]:
        """Keep them on the connection that is open, or on a new one if it was cut meanwhile."""
        if self._connection is not None:
            try:
                return store.keep_callbacks(self._connection, arrived)
            except DBAPIError as error:
                if not is_down(error):
                    raise
                self._connection.close()
                self._connection = None
        opened = self._engine.connect()
        self._connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        return store.keep_callbacks(self._connection, arrived)


class Door:
    """Where callbacks of all accounts come in."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._unproved = RateGuard(UNPROVED_A_MINUTE, timedelta(minutes=1))
        self._of_orders = RateGuard(OF_ONE_ORDER, SPAN_OF_ONE_ORDER)

    def receive(
        self, account: tuple[str, str], proved: Authenticated, callback: Callback, remote: str
    ) -> Receipt:
        """Keep a delivery; when this returns, it is committed.

        What proved nothing or cannot be read is cut and kept at a bounded rate, and so
        is what differs only in fields that are not signed. Raises OperationalError when
        the database is away: nothing was kept.
        """
        body = callback.body
        answer = {Level.NONE: Receipt.TURNED_AWAY, Level.MALFORMED: Receipt.UNREADABLE}.get(
            proved.level
        )
        if answer is not None:
            if not self._unproved.allows(callback.at):
                return answer
            log.warning("callback not proved", account=account, why=proved.reason, remote=remote)
            body = body[:KEPT_OF_OTHERS]
        elif self._is_one_of_many(account, proved, callback.at):
            log.warning("too many of one order", account=account, order=proved.about)
            return Receipt.TOO_MANY
        kept = {n: text for n, text in callback.headers.items() if n.lower() not in NOT_KEPT}
        kept |= proved.keep
        arrived = Arrived(
            account, proved, callback.path, json.dumps(kept), body, remote, callback.at
        )
        is_new = self._intake.keep(arrived)
        return answer or (Receipt.KEPT if is_new else Receipt.REPEATED)

    def _is_one_of_many(
        self, account: tuple[str, str], proved: Authenticated, at: datetime
    ) -> bool:
        if proved.level is Level.FULL or not proved.about:
            return False
        return not self._of_orders.allows(at, *account, proved.about)

"""Stand between us and the gateways: an account that does not answer is left alone for a while.

Each process has breakers of its own. That one has opened or closed is written into the table
of outages, which every process reads once a second: so that five of them do not each wait for
three time-outs, and one that learns it works again lets in all the others.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.clock import Clock
from parking.errors import (
    GatewayError,
    GatewayOut,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
)
from parking.gateways import store
from parking.gateways.breaker import (
    Breaker,
    Heard,
    Open,
    Standing,
    after,
    let_through,
    standing,
    told,
)
from parking.gateways.outage import Noticed, Outage
from parking.gateways.protocol import (
    Authenticated,
    Callback,
    Evidence,
    Gateway,
    IssuedQr,
    Merchant,
    QrRequest,
    Receipt,
    Reference,
    RefundAnswer,
    RefundRequest,
    Reply,
    Report,
    State,
)

log = structlog.get_logger()

READ_EVERY_S = 1.0
OUT = "Gerbang pembayaran sedang gangguan. Terima tunai dan beri karcis."

T = TypeVar("T")
Account = tuple[str, str]  # gateway, account


class Guard:
    """The breakers of this process, and what the table says of the others'."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._breakers: dict[Account, Breaker] = {}
        self._lasting: Sequence[Outage] = ()
        self._read_at = float("-inf")  # by a clock that nobody sets

    def standing(self, account: Account) -> Standing:
        """How an account stands; somebody's word that it is out goes before what we see."""
        now = self._clock.now()
        with self._lock:
            self._read(now)
            if any(each.noticed is Noticed.HAND for each in self._lasting_of(account)):
                return Standing.OUT
            return standing(self._breakers.get(account, Breaker()), now)

    def again_at(self, account: Account) -> datetime | None:
        """When an account that is out is next worth a call; None: nobody knows."""
        now = self._clock.now()
        with self._lock:
            self._read(now)
            told = [o.ended_at for o in self._lasting_of(account) if o.noticed is Noticed.HAND]
            if told:
                return max((end for end in told if end is not None), default=None)
            is_open = self._breakers.get(account, Breaker()).open
            return is_open.retry_at if is_open is not None else now

    def enter(self, account: Account) -> bool:
        """Before a call; whether it is a probe. Raises GatewayOut."""
        now = self._clock.now()
        with self._lock:
            self._read(now)
            before = self._breakers.get(account, Breaker())
            let = let_through(before, now)
            if let is None:
                raise GatewayOut(OUT)
            self._breakers[account] = let
            return before.open is not None

    def leave(self, account: Account, heard: Heard, why: str, *, is_probe: bool) -> None:
        """After a call, with what came of it."""
        now = self._clock.now()
        with self._lock:
            before = self._breakers.get(account, Breaker())
            found = after(before, heard, now, is_probe=is_probe)
            self._breakers[account] = found
            if found.open != before.open:
                self._write(account, found.open, why, now)

    def _read(self, now: datetime) -> None:
        if time.monotonic() - self._read_at < READ_EVERY_S:
            return
        with self._sessions() as session:
            self._lasting = store.in_force(session, now)
        self._read_at = time.monotonic()
        for account in {(o.gateway, o.account) for o in self._lasting} | set(self._breakers):
            self._heed_others(account)

    def _heed_others(self, account: Account) -> None:
        lasting = self._lasting_of(account)
        known = [Open(o.began_at, o.retry_at) for o in lasting if o.retry_at is not None]
        if known or not lasting:  # somebody's word alone says nothing of whether they answer
            before = self._breakers.get(account, Breaker())
            self._breakers[account] = told(before, known[0] if known else None)

    def _lasting_of(self, account: Account) -> list[Outage]:
        return [o for o in self._lasting if (o.gateway, o.account) == account]

    def _write(self, account: Account, known: Open | None, why: str, now: datetime) -> None:
        name = "/".join(account)
        with self._sessions.begin() as session:
            if known is None:
                log.warning("gateway answers again", account=name)
                store.note_closed(session, *account, now)
            else:
                log.error("gateway is out", account=name, why=why, retry_at=known.retry_at)
                store.note_open(session, *account, known, why[:500], now)
        self._read_at = float("-inf")


class Guarded:
    """A gateway whose calls count. What needs no call goes through as it is."""

    def __init__(self, gateway: Gateway, guard: Guard) -> None:
        self._gateway = gateway
        self._guard = guard

    @property
    def merchant(self) -> Merchant:
        return self._gateway.merchant

    @property
    def gives_back(self) -> bool:
        return self._gateway.gives_back

    def issue_qr(self, request: QrRequest) -> IssuedQr:
        return self._counted(lambda: self._gateway.issue_qr(request))

    def recover_qr(self, reference: Reference) -> str | None:
        return self._counted(lambda: self._gateway.recover_qr(reference))

    def inquire(self, reference: Reference) -> Sequence[Evidence]:
        return self._counted(lambda: self._gateway.inquire(reference))

    def cancel(self, reference: Reference) -> State:
        return self._counted(lambda: self._gateway.cancel(reference))

    def expire(self, reference: Reference) -> State:
        return self._counted(lambda: self._gateway.expire(reference))

    def refund(self, request: RefundRequest) -> RefundAnswer:
        return self._counted(lambda: self._gateway.refund(request))

    def find_refund(self, request: RefundRequest) -> RefundAnswer:
        return self._counted(lambda: self._gateway.find_refund(request))

    def serve(self, callback: Callback) -> Reply | None:
        return self._gateway.serve(callback)

    def authenticate(self, callback: Callback) -> Authenticated:
        return self._gateway.authenticate(callback)

    def reply(self, callback: Callback, receipt: Receipt) -> Reply:
        return self._gateway.reply(callback, receipt)

    def read_callback(self, callback: Callback) -> Evidence:
        return self._gateway.read_callback(callback)

    def read_report(self, content: bytes) -> Sequence[Report]:
        return self._gateway.read_report(content)

    def _counted(self, call: Callable[[], T]) -> T:
        account = (self.merchant.gateway, self.merchant.account)
        is_probe = self._guard.enter(account)
        try:
            found = call()
        except GatewayError as error:
            self._guard.leave(account, heard_of(error), str(error), is_probe=is_probe)
            raise
        self._guard.leave(account, Heard.ANSWER, "", is_probe=is_probe)
        return found


def heard_of(error: GatewayError) -> Heard:
    """What an error says of whether they work."""
    match error:
        case GatewayUnavailable():
            return Heard.NOTHING
        case GatewayUnauthorised():
            return Heard.NOT_AUTHORISED
        case GatewayRefused():
            return Heard.ANSWER
        case _:
            return Heard.NONSENSE

"""Choose which gateways a tap asks: by the routes of its point, and by how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.business_day import business_day
from parking.errors import Conflict, ParkingError
from parking.gateways.breaker import Standing
from parking.gateways.protocol import Gateway
from parking.registry import store as registry
from parking.registry.facts import MerchantAccount
from parking.registry.routing import serving
from parking.shifts.shift import ASK

log = structlog.get_logger()

IN_ORDER = (Standing.WELL, Standing.DOUBTFUL, Standing.OUT)


class Gateways(Protocol):
    """Where the gateways of our merchant accounts are found."""

    def find(self, gateway: str, account: str) -> Gateway | None: ...

    def standing(self, gateway: str, account: str) -> Standing: ...

    def again_at(self, gateway: str, account: str) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The gateways that serve a point: those that answer, the first to ask first."""

    gateways: Sequence[Gateway]  # never empty; if all are out, all of them
    is_outage: bool  # all are out


def choose(
    sessions: sessionmaker[Session], gateways: Gateways, point_id: int, now: datetime
) -> Choice:
    """Whom a tap at a point asks now. Raises Conflict if there is no account, ParkingError if
    none can be connected.

    Who answers goes before who may answer again: a driver waits. Nobody asks who is out.
    """
    day = business_day(now)
    with sessions() as session:
        accounts = registry.merchant_accounts(session, day)
        accounts = serving(registry.routes(session), accounts, point_id, day)
    found = _connected(gateways, accounts)
    standing = {id(each): gateways.standing(*_name(each)) for each in found}
    in_order = sorted(found, key=lambda each: IN_ORDER.index(standing[id(each)]))
    worth_it = [each for each in in_order if standing[id(each)] is not Standing.OUT]
    return Choice(worth_it or found, is_outage=not worth_it)


def next_try(
    sessions: sessionmaker[Session], gateways: Gateways, point_id: int, now: datetime
) -> datetime | None:
    """When a tap at a point may reach a gateway again: now, unless all are out. None: nobody knows.

    Raises as `choose` does.
    """
    choice = choose(sessions, gateways, point_id, now)
    if not choice.is_outage:
        return now
    moments = [gateways.again_at(*_name(each)) for each in choice.gateways]
    return min((moment for moment in moments if moment is not None), default=None)


def _connected(gateways: Gateways, accounts: Sequence[MerchantAccount]) -> list[Gateway]:
    """Those that can be used at all: one whose key is missing holds up no other."""
    found: list[Gateway] = []
    problem: ParkingError = Conflict(f"Tidak ada rekening merchant yang berlaku hari ini. {ASK}")
    for account in accounts:
        merchant = account.merchant
        try:
            gateway = gateways.find(merchant.gateway, merchant.account)
        except ParkingError as error:
            log.error("account cannot be used", account=merchant.account, why=str(error))
            problem = error
        else:
            found += [gateway] if gateway is not None else []
    if not found:
        raise problem
    return found


def _name(gateway: Gateway) -> tuple[str, str]:
    return gateway.merchant.gateway, gateway.merchant.account

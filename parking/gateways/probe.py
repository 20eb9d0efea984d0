"""Ask a gateway something harmless, to learn whether it answers and knows our key."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import requests
import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.errors import (
    GatewayError,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    ParkingError,
)
from parking.gateways import store
from parking.gateways.protocol import Gateway, Reference

log = structlog.get_logger()

Find = Callable[[str, str], Gateway | None]

# No charge is called so: the day is one on which there was no QRIS.
NOBODYS = Reference("PKR19700101NOBODYSX")


class Reached(StrEnum):
    """How an account was found."""

    GOOD = "good"  # it answered, and it answered us
    UNAUTHORISED = "unauthorised"
    BAD_CERTIFICATE = "bad certificate"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Probe:
    reached: Reached
    says: str  # their words or ours; empty where all is good
    took_ms: int


def probe(gateway: Gateway) -> Probe:
    """Inquire about an order that nobody has: "unknown" is the right answer, and a no to that
    order is as good.
    """
    began = time.monotonic()
    try:
        gateway.inquire(NOBODYS)
        reached, says = Reached.GOOD, ""
    except GatewayError as error:
        reached = _reached(error)
        says = str(error) if reached is not Reached.GOOD else ""
    return Probe(reached, says, round((time.monotonic() - began) * 1000))


def probe_those_out(sessions: sessionmaker[Session], find: Find, now: datetime) -> int:
    """Ask the accounts that are out and whose pause is over; how many were asked.

    Their breakers hear the answer. An outage entered by hand is nobody's to find the end of.
    """
    with sessions() as session:
        out = [o for o in store.in_force(session, now) if o.retry_at and o.retry_at <= now]
    for outage in out:
        try:
            if gateway := find(outage.gateway, outage.account):
                probe(gateway)
        except ParkingError as error:  # it cannot even be connected here
            log.error("not probed", account=outage.name, why=str(error))
    return len(out)


def _reached(error: GatewayError) -> Reached:
    match error:
        case GatewayUnavailable() if isinstance(error.__cause__, requests.exceptions.SSLError):
            return Reached.BAD_CERTIFICATE
        case GatewayUnavailable():
            return Reached.UNREACHABLE
        case GatewayUnauthorised():
            return Reached.UNAUTHORISED
        case GatewayRefused():
            return Reached.GOOD
        case _:
            return Reached.UNREADABLE

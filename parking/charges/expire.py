"""End the charges whose time is over, at the gateway first: our own clock ends nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.charges import store
from parking.charges.cancel import state_there
from parking.charges.charge import Charge
from parking.charges.heed import EXPIRED, heed
from parking.errors import GatewayError, GatewayRefused, GatewayUnavailable
from parking.gateways.protocol import Gateway, Reference, State

log = structlog.get_logger()

ACTOR = "job:expiry"
ASK_AGAIN = timedelta(minutes=5)  # after a gateway was asked to end a charge and did not
AT_ONCE = 200  # charges in one look; the next look takes the rest

Find = Callable[[str, str], Gateway | None]


def expire_due(sessions: sessionmaker[Session], find: Find, now: datetime) -> int:
    """How many charges have ended: the gateway of each was asked to end it.

    What was paid in the last second stays open, and the sweep is told to ask. A
    gateway that does not answer is left alone until the next look.
    """
    with sessions() as session:
        due = store.over(session, now, ASK_AGAIN, AT_ONCE)
    ended, silent = 0, set()
    for charge in due:
        account = (charge.gateway, charge.account)
        gateway = find(*account)
        if gateway is None or account in silent:
            continue
        try:
            ended += _expire(sessions, gateway, charge, now)
        except GatewayUnavailable as error:
            log.warning("not expired", ours=charge.ours, why=str(error))
            silent.add(account)
        except GatewayError as error:
            log.error("not expired", ours=charge.ours, why=str(error))
            heed(sessions, charge, State.UNKNOWN, at=now, cause=EXPIRED, actor=ACTOR,
                 note=str(error)[:500])  # fmt: skip
    return ended


def _expire(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, now: datetime
) -> bool:
    try:
        said = gateway.expire(Reference(charge.ours, charge.theirs))
    except GatewayRefused:
        said = state_there(gateway, charge, now)
    after = heed(sessions, charge, said, at=now, cause=EXPIRED, actor=ACTOR)
    return after.state is not charge.state

"""Find the QR of a charge whose answer was lost, or that there is none: never make a second."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.charges import store
from parking.charges.charge import PATIENCE, Charge, ChargeState, is_lost
from parking.charges.heed import ENDED, HAS_PAYMENT, INQUIRED, heed
from parking.charges.show import show, withhold
from parking.errors import GatewayError, GatewayRefused
from parking.gateways.protocol import Evidence, Gateway, IssuedQr, Reference, State

log = structlog.get_logger()

LOOK_EVERY = timedelta(seconds=2)


def recover(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, now: datetime
) -> Charge:
    """The charge after the gateway was asked what became of it; unchanged if it is not lost.

    However many phones and processes look, the gateway is asked once in two seconds;
    if it does not answer the charge stays as it is.
    """
    if not is_lost(charge, now):
        return charge
    with sessions.begin() as session:
        if not store.claim(session, charge.id, now, now + LOOK_EVERY):
            return charge
    try:
        known = gateway.inquire(Reference(charge.ours, charge.theirs))
        if not known:
            return _unknown_there(sessions, charge, now)
        return _found(sessions, gateway, charge, known[-1], now)
    except GatewayError as error:
        log.warning("still lost", ours=charge.ours, why=str(error))
        return charge


def reveal(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, issued: IssuedQr,
    at: datetime,
) -> Charge:  # fmt: skip
    """What `show` gives, once the text of the QR is known: some answers do not tell it.

    A QR whose text they do not tell can be shown by nobody, so it is withheld.
    Raises GatewayUnavailable and GatewayUnreadable: then it stays lost.
    """
    try:
        payload = issued.payload or gateway.recover_qr(Reference(charge.ours, issued.theirs))
    except GatewayRefused as error:
        return withhold(sessions, gateway, charge, issued.theirs, [str(error)], at)
    if payload is None:  # made, and never told: SNAP's query has no QR text (gateways.md 3.8)
        untold = ["dibuat, tetapi isinya tidak diberitahukan"]
        return withhold(sessions, gateway, charge, issued.theirs, untold, at)
    return show(sessions, gateway, charge, replace(issued, payload=payload), at)


def _found(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, known: Evidence,
    now: datetime,
) -> Charge:  # fmt: skip
    if known.state in ENDED | HAS_PAYMENT:
        return heed(sessions, charge, known.state, at=now, cause=INQUIRED, actor="system")
    if known.state is not State.PENDING:
        return charge
    return reveal(sessions, gateway, charge, IssuedQr(known.payment_ref, None, None), now)


def _unknown_there(sessions: sessionmaker[Session], charge: Charge, now: datetime) -> Charge:
    """They know nothing of it: it was never made, unless our request is still on its way."""
    if now - charge.created_at < PATIENCE or charge.state is ChargeState.PENDING:
        return charge
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if not is_lost(held, now):
            return held
        return store.move(
            session, held.id, ChargeState.CREATE_FAILED, at=now, cause=INQUIRED, actor="system",
            note="not known at the gateway", inquire_at=None,
        )  # fmt: skip

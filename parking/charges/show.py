"""Judge the QR that a gateway returned; only a right one comes onto a phone (F32)."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.charges import store
from parking.charges.charge import OPEN, Charge, ChargeState, has_ended
from parking.charges.schedule import next_inquiry
from parking.errors import GatewayError
from parking.gateways.protocol import Gateway, IssuedQr, Merchant, Reference
from parking.qris.payload import check_shown

log = structlog.get_logger()

# How far their expiry may be from the one we asked for: their clock is not ours.
TOLERANCE = timedelta(seconds=60)


def show(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, issued: IssuedQr,
    at: datetime,
) -> Charge:  # fmt: skip
    """The charge with its QR, or failed because the QR is not the one we asked for.

    `issued` has a payload. What is not shown is cancelled at the gateway.
    """
    problems = faults(charge, issued, gateway.merchant)
    if problems:
        return withhold(sessions, gateway, charge, issued.theirs, problems, at)
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if held.state in OPEN:
            # Ours may have become shorter meanwhile: the driver paid cash.
            expires_at = min(held.expires_at, issued.expires_at or held.expires_at)
            held = store.move(
                session, held.id, ChargeState.PENDING, at=at, cause="answered", actor="system",
                theirs=issued.theirs, payload=issued.payload, expires_at=expires_at,
                inquire_at=next_inquiry(held.created_at, expires_at, at),
            )  # fmt: skip
    if has_ended(held.state):  # given up in the meantime, so nobody will look at this QR
        _cancel_there(gateway, Reference(charge.ours, issued.theirs))
    return held


def faults(charge: Charge, issued: IssuedQr, merchant: Merchant) -> list[str]:
    """What speaks against showing it; nothing if it is what we asked for."""
    found = check_shown(issued.payload or "", charge.amount, merchant.nmid, merchant.pan)
    if issued.expires_at and abs(issued.expires_at - charge.expires_at) > TOLERANCE:
        found.append(f"berlaku sampai {issued.expires_at}, yang diminta {charge.expires_at}")
    return found


def withhold(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, theirs: str,
    problems: list[str], at: datetime,
) -> Charge:  # fmt: skip
    """The charge as failed, with the alarm that a wrong QR is; the gateway is asked to cancel it.

    It might be paid nevertheless, so the gateway is asked about it later on.
    """
    note = f"wrong QR: {'; '.join(problems)}"
    log.error("wrong QR", ours=charge.ours, gateway=charge.gateway, problems=problems)
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if held.state in OPEN:
            held = store.move(
                session, held.id, ChargeState.CREATE_FAILED, at=at, cause="answered",
                actor="system", note=note, theirs=theirs,
                inquire_at=next_inquiry(held.created_at, held.expires_at, at),
            )  # fmt: skip
        record(session, at, "system", "charge.wrong_qr", f"charge:{charge.ours}",
               {"problems": problems})  # fmt: skip
    _cancel_there(gateway, Reference(charge.ours, theirs))
    return held


def _cancel_there(gateway: Gateway, reference: Reference) -> None:
    try:
        gateway.cancel(reference)
    except GatewayError as error:  # it ends by its expiry, and the sweep asks about it
        log.warning("not cancelled", ours=reference.ours, error=str(error))

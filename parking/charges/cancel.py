"""Cancel a charge. The gateway decides: what it has not ended is not ended here."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.charges import store
from parking.charges.charge import OPEN, PATIENCE, Charge, ChargeState, has_ended, is_over
from parking.charges.heed import CANCELLED, heed
from parking.errors import Conflict, GatewayError, GatewayRefused, GatewayUnavailable
from parking.gateways.protocol import Gateway, Reference, State

NO_ANSWER = "Gerbang pembayaran tidak menjawab. Coba lagi, atau terima tunai."


def cancel(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, actor: str, now: datetime
) -> Charge:
    """The charge after the gateway was asked to cancel it; once more changes nothing.

    If the driver was quicker it stays open here until the sweep, which is told to ask
    at once, has booked the payment. Where a gateway offers no cancelling the code is
    withdrawn: shown no more, and watched until its time is over there; a payment that
    still comes is late.
    Raises Conflict if it is paid, GatewayUnavailable if they did not answer: then it may
    have ended there, and is asked about.
    """
    if has_ended(charge.state):
        return charge
    if charge.state not in OPEN:
        raise Conflict("QR ini sudah dibayar")
    try:
        said = ended_there(gateway, charge, now)
    except GatewayError as error:
        _note_silence(sessions, charge, actor, str(error), now)
        raise GatewayUnavailable(NO_ANSWER) from error
    if said is State.PENDING:
        return _withdrawn(sessions, charge, actor, now)
    return heed(sessions, charge, said, at=now, cause=CANCELLED, actor=actor)


def ended_there(gateway: Gateway, charge: Charge, now: datetime) -> State:
    """The state at the gateway after it was asked to cancel. Raises GatewayError."""
    reference = Reference(charge.ours, charge.theirs)
    try:
        return gateway.cancel(reference)
    except GatewayRefused:
        return state_there(gateway, charge, now)


def state_there(gateway: Gateway, charge: Charge, now: datetime) -> State:
    """What the gateway says of a charge that it refused to end. Raises GatewayError.

    FAILED if it knows of none and none can be on its way any more.
    """
    known = gateway.inquire(Reference(charge.ours, charge.theirs))
    if known:
        return known[-1].state
    never_made = charge.state is not ChargeState.PENDING and now - charge.created_at >= PATIENCE
    return State.FAILED if never_made else State.UNKNOWN


def _withdrawn(
    sessions: sessionmaker[Session], charge: Charge, actor: str, now: datetime
) -> Charge:
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if held.state is not ChargeState.PENDING or is_over(held, now):
            return held
        record(session, now, actor, "charge.withdraw", f"charge:{held.ours}")
        return store.move(
            session, held.id, held.state, at=now, cause=store.WITHDRAWN, actor=actor,
            note="the gateway cancels nothing", expires_at=now,
        )  # fmt: skip


def _note_silence(
    sessions: sessionmaker[Session], charge: Charge, actor: str, note: str, now: datetime
) -> None:
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        store.move(
            session, held.id, held.state, at=now, cause=store.END_ASKED, actor=actor,
            note=note[:500], inquire_at=now,
        )  # fmt: skip

"""Heed what a gateway says has become of a charge, short of booking money."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.charges import store
from parking.charges.charge import OPEN, STATE_FOR, Charge, may_move
from parking.gateways.protocol import State

CANCELLED, EXPIRED, INQUIRED = "cancelled", "expired", "inquired"  # causes
ENDED = frozenset({State.EXPIRED, State.CANCELLED, State.FAILED})
HAS_PAYMENT = frozenset({State.PAID, State.PARTLY_REFUNDED, State.REFUNDED, State.REVERSED})


def heed(
    sessions: sessionmaker[Session],
    charge: Charge,
    said: State,
    *,
    at: datetime,
    cause: str,
    actor: str,
    note: str = "",
) -> Charge:
    """The charge after its gateway's word: ended if it says so.

    A payment is not booked here. The sweep is told to ask at once, so that it comes
    into the book the one way there is. Any other word is only noted.
    """
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if said in ENDED and may_move(held.state, STATE_FOR[said]):
            if cause == CANCELLED:  # somebody wanted it
                record(session, at, actor, "charge.cancel", f"charge:{held.ours}")
            return store.move(
                session, held.id, STATE_FOR[said], at=at, cause=cause, actor=actor, note=note
            )
        ask = at if said in HAS_PAYMENT and held.state in OPEN else held.inquire_at
        return store.move(
            session, held.id, held.state, at=at, cause=store.END_ASKED, actor=actor,
            note=note or f"gateway says {said}", inquire_at=ask,
        )  # fmt: skip

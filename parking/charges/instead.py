"""Cash instead of a QR that the driver could not pay."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.charges import store
from parking.charges.charge import OPEN, ChargeState
from parking.errors import Conflict, NotFound
from parking.shifts import store as shifts
from parking.shifts.cash import CashTap, take_cash
from parking.shifts.shift import Cash


def take_cash_for(session: Session, tap: CashTap, now: datetime) -> Cash:
    """The stored cash tap, as `take_cash` gives it, for a vehicle whose QR was not paid.

    The time of that QR is over with it: it is shown no more, and the gateway is asked
    to end it within seconds. If it is paid nevertheless, that is D10. Raises NotFound
    if it is not a charge of this shift; Conflict if it is paid.
    """
    if tap.instead_of is None:
        return take_cash(session, tap, now)
    shift = shifts.open_shift_locked(session, tap.attendant_id)
    held = store.locked(session, tap.instead_of)
    if held.shift_id != shift.id:
        raise NotFound(f"Tidak ada QR {tap.instead_of}")
    if held.state is ChargeState.PAID:
        raise Conflict("QR ini sudah LUNAS. Jangan terima tunai; kembalikan bila sudah diterima.")
    taken = take_cash(session, tap, now)
    if held.state in OPEN and held.expires_at > now:
        store.move(
            session, held.id, held.state, at=now, cause="paid_in_cash",
            actor=f"attendant:{tap.attendant_id}", note=f"cash {taken.id}", expires_at=now,
        )  # fmt: skip
    return taken

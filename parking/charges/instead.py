"""Cash instead of a QR that the driver could not pay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from parking.business_day import business_day
from parking.charges import store
from parking.charges.charge import OPEN, Charge, ChargeState, tap_of
from parking.errors import Conflict, NotFound
from parking.shifts import store as shifts
from parking.shifts.cash import CashTap, take_cash
from parking.shifts.shift import Cash


def take_cash_for(
    session: Session, tap: CashTap, now: datetime, instead_of_tap: str | None = None
) -> Cash:
    """The stored cash tap, as `take_cash` gives it, for a vehicle whose QR was not paid.

    The time of that QR is over with it: it is shown no more, and the gateway is asked
    to end it within seconds. If it is paid nevertheless, that is D10. A phone that has
    waited in vain names the tap for a QR instead, by its key; it may never have come to
    us. Raises NotFound if it is not a charge of this shift; Conflict if it is paid.
    """
    meant = _meant(session, tap, instead_of_tap)
    if not meant:
        return take_cash(session, tap, now)
    shift = shifts.open_shift_locked(session, tap.attendant_id)
    held = store.locked(session, meant[-1].ours)
    if held.shift_id != shift.id:
        raise NotFound(f"Tidak ada QR {held.ours}")
    if held.state is ChargeState.PAID:
        raise Conflict("QR ini sudah LUNAS. Jangan terima tunai; kembalikan bila sudah diterima.")
    taken = take_cash(session, replace(tap, instead_of=_named(session, tap, meant, now)), now)
    if held.state in OPEN and held.expires_at > now:
        store.move(
            session, held.id, held.state, at=now, cause="paid_in_cash",
            actor=f"attendant:{tap.attendant_id}", note=f"cash {taken.id}", expires_at=now,
        )  # fmt: skip
    return taken


def _meant(session: Session, tap: CashTap, instead_of_tap: str | None) -> Sequence[Charge]:
    """The charges of the tap for a QR that the cash is instead of."""
    key = instead_of_tap
    if tap.instead_of is not None:
        key = tap_of(store.own(session, tap.instead_of, tap.attendant_id))
    return store.of_tap(session, tap.attendant_id, key) if key is not None else ()


def _named(session: Session, tap: CashTap, meant: Sequence[Charge], now: datetime) -> str:
    """The charge that the cash is booked instead of: the newest of its tap, and for a repeated
    tap the one that was the newest then.
    """
    since = business_day(now - timedelta(days=2))
    before = shifts.cash_by_key(session, tap.attendant_id, tap.client_key, since)
    named = before.instead_of if before is not None else None
    return next((each.ours for each in meant if each.ours == named), meant[-1].ours)

"""Close a shift: what the attendant declares is kept beside what the server counted."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.errors import BadInput
from parking.shifts import store
from parking.shifts.shift import Declaration, Shift


def close_shift(session: Session, attendant_id: int, said: Declaration, now: datetime) -> Shift:
    """The closed shift. Charges that are still open end by themselves, and a payment that
    comes for one belongs to this shift.

    Raises BadInput; Conflict if no shift is open.
    """
    problems = _problems(said)
    if problems:
        raise BadInput("Isian penutupan belum benar", problems)
    mine = store.open_shift_locked(session, attendant_id)
    return close_locked(session, mine, said, now, actor=f"attendant:{attendant_id}")


def close_locked(
    session: Session, shift: Shift, said: Declaration, now: datetime, *, actor: str
) -> Shift:
    """Close a shift that this transaction has locked."""
    counted = sum(amount * n for amount, _, n in store.cash_kept(session, [shift.id]))
    closed = store.close_shift(session, shift.id, said, now)
    detail = {
        "cash": said.cash,
        "cash_counted": counted,
        "qris": said.qris,
        "tickets": [said.ticket_first, said.ticket_last],
    }
    store.add_event(session, shift.id, "closed", now, actor, detail)
    record(session, now, actor, "shift.closed", f"shift:{shift.id}", detail)
    return closed


def _problems(said: Declaration) -> dict[str, str]:
    first, last = said.ticket_first, said.ticket_last
    if (first is None) != (last is None):
        missing = "ticket_first" if first is None else "ticket_last"
        return {missing: "isi nomor karcis pertama dan terakhir, atau kosongkan keduanya"}
    if first is not None and last is not None and last < first:
        return {"ticket_last": "lebih kecil dari nomor karcis pertama"}
    return {}

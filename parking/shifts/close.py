"""Close a shift: what the attendant declares is kept beside what the server counted."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import BadInput
from parking.shifts import store, ticket_store
from parking.shifts.shift import Declaration, Shift
from parking.shifts.tickets import notes_on, problems_of


def close_shift(session: Session, attendant_id: int, said: Declaration, now: datetime) -> Shift:
    """The closed shift. Charges that are still open end by themselves, and a payment that
    comes for one belongs to this shift.

    Raises BadInput; Conflict if no shift is open.
    """
    problems = problems_of(said.tickets)
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
        "tickets": [[t.series, t.first, t.last, t.spoiled] for t in said.tickets],
        "odd": _odd(session, shift, said, now),
    }
    ticket_store.add_tickets(session, shift.id, said.tickets)
    store.add_event(session, shift.id, "closed", now, actor, detail)
    record(session, now, actor, "shift.closed", f"shift:{shift.id}", detail)
    return closed


def _odd(session: Session, shift: Shift, said: Declaration, now: datetime) -> list[str]:
    """What is odd about the tickets: it is noted, for a shift must always close."""
    if not said.tickets:
        return []
    series = {each.series for each in said.tickets}
    return notes_on(
        said.tickets,
        ticket_store.books(session, series),
        ticket_store.moves(session, attendant_id=shift.attendant_id),
        ticket_store.torn_elsewhere(session, said.tickets, but=shift.id),
        business_day(now),
    )

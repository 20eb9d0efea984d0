"""Go on where a colleague stands: their shift closes and ours opens, both PINs given."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.access.pin import prove_pin
from parking.errors import BadInput, Conflict
from parking.money import Rupiah
from parking.registry import store as registry
from parking.registry.facts import Attendant
from parking.shifts import close, store
from parking.shifts.open import note_opening, permitted
from parking.shifts.shift import Declaration, Shift


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What is typed on the phone of the one who comes."""

    attendant_id: int  # the one who comes
    device_id: int
    badge: str  # of the one who goes
    their_pin: str = field(repr=False)
    my_pin: str = field(repr=False)
    their_cash: Rupiah  # what the one who goes declares


def take_over(
    sessions: sessionmaker[Session], asked: TakeOver, pepper: str, now: datetime
) -> Shift:
    """The shift of the one who comes; sent twice, it gives the same one.

    Both happen or neither. Raises NotFound, BadInput, TooManyAttempts, Conflict.
    """
    with sessions() as session:
        colleague = registry.attendant_by_badge(session, asked.badge)
        if colleague.id == asked.attendant_id:
            raise BadInput("Ini kartu Anda sendiri", {"badge": "kartu rekan yang digantikan"})
        if _done_before(session, asked, colleague) is None:
            _must_stand_there(session, colleague)  # else there is no PIN to be tried
    # Each in a transaction of its own: a wrong PIN is counted whatever becomes of the rest.
    prove_pin(sessions, asked.attendant_id, asked.my_pin, pepper, now)
    prove_pin(sessions, colleague.id, asked.their_pin, pepper, now, tried_on=asked.device_id)
    with sessions.begin() as session:
        return _done_before(session, asked, colleague) or _swap(session, asked, colleague, now)


def _done_before(session: Session, asked: TakeOver, colleague: Attendant) -> Shift | None:
    mine = store.open_shift(session, asked.attendant_id)
    if mine is None:
        return None
    if mine.taken_over_from is not None:
        before = store.shift(session, mine.taken_over_from)
        if before.attendant_id == colleague.id:
            return mine
    where = registry.point(session, mine.point_id)
    raise Conflict(f"Giliran Anda di {where.code} masih terbuka. Tutup dulu giliran itu.")


def _must_stand_there(session: Session, colleague: Attendant) -> None:
    if store.open_shift(session, colleague.id) is None:
        raise Conflict(f"{colleague.badge} tidak punya giliran yang terbuka")


def _swap(session: Session, asked: TakeOver, colleague: Attendant, now: datetime) -> Shift:
    _must_stand_there(session, colleague)
    theirs = store.open_shift_locked(session, colleague.id)
    opening = permitted(
        session, asked.attendant_id, asked.device_id, theirs.point_id, now, theirs.id
    )
    close.close_locked(
        session, theirs, Declaration(asked.their_cash), now, actor=f"attendant:{colleague.id}"
    )
    made = store.add_shift(session, opening)
    if made is None:  # opened elsewhere in the meantime; theirs stays open
        raise Conflict("Giliran Anda sudah terbuka di tempat lain. Tutup dulu giliran itu.")
    note_opening(session, made, "taken_over", now)
    return made

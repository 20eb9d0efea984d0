"""Open a shift at a point for which an assignment letter holds."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import Conflict
from parking.registry import store as registry
from parking.shifts import store
from parking.shifts.shift import ASK, Offer, Shift, letter_for, offers
from parking.shifts.store import Opening


def open_shift(
    session: Session, attendant_id: int, device_id: int, point_id: int, now: datetime
) -> Shift:
    """The attendant's open shift at a point: a new one, or the one a double tap has opened.

    Raises NotFound; Conflict saying why not and whom to ask.
    """
    opening = permitted(session, attendant_id, device_id, point_id, now)
    made = store.add_shift(session, opening)
    if made is None:
        return _the_open_one(session, opening)
    note_opening(session, made, "opened", now)
    return made


def permitted(
    session: Session,
    attendant_id: int,
    device_id: int,
    point_id: int,
    now: datetime,
    taken_over_from: int | None = None,
) -> Opening:
    """What a shift would begin with. Raises NotFound; Conflict saying why it may not."""
    who = registry.attendant(session, attendant_id)
    if who.ended_on is not None and who.ended_on < business_day(now):
        raise Conflict(f"Anda tidak lagi terdaftar sebagai juru parkir. {ASK}")
    point = registry.point(session, point_id)
    letter = letter_for(point, registry.assignments_of(session, attendant_id), now)
    return Opening(attendant_id, point_id, letter.id, device_id, now, taken_over_from)


def offered(session: Session, attendant_id: int, now: datetime) -> list[Offer]:
    """The points of an attendant's letters, and why a shift cannot be opened at some."""
    letters = registry.assignments_of(session, attendant_id)
    points = [registry.point(session, id_) for id_ in sorted({x.point_id for x in letters})]
    return list(offers(points, letters, now))


def note_opening(session: Session, made: Shift, kind: str, now: datetime) -> None:
    """Note that a shift began, in its own events and in the audit log."""
    actor = f"attendant:{made.attendant_id}"
    detail = {
        "point": made.point_id,
        "assignment": made.assignment_id,
        "device": made.device_id,
        "taken_over_from": made.taken_over_from,
    }
    store.add_event(session, made.id, kind, now, actor, detail)
    record(session, now, actor, f"shift.{kind}", f"shift:{made.id}", detail)


def _the_open_one(session: Session, asked: Opening) -> Shift:
    already = store.open_shift_kept(session, asked.attendant_id)
    if already.point_id != asked.point_id:
        where = registry.point(session, already.point_id)
        raise Conflict(f"Giliran Anda di {where.code} masih terbuka. Tutup dulu giliran itu.")
    return already

"""Hand cash on: the giver says how much, and later whether he agrees with what was counted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.deposits import handover_store as store
from parking.deposits.handover import (
    LONGEST_NOTE,
    Handover,
    Holder,
    Item,
    Party,
    Standing,
    Wish,
    check_move,
    check_wish,
    same,
)
from parking.errors import BadInput, Conflict
from parking.registry import store as registry


def offer(session: Session, wish: Wish, actor: str, now: datetime) -> Handover:
    """The handover, which waits for its receiver to count; sent twice, it is the same one.

    What each shift or part holds is the book's to say. Raises BadInput; Conflict if
    something in it was handed on before, or there is nothing to hand on.
    """
    store.lock(session, wish.giver)
    before = store.by_key(session, wish.giver, wish.client_key)
    if before is not None:
        if not same(before, wish, store.items(session, before.id)):
            raise BadInput("Kunci ini sudah dipakai", {"client_key": "terpakai"})
        return before
    _check_receiver(session, wish)
    items = _items(session, wish)
    check_wish(wish, items, owed(session, wish.giver))
    made = store.add(session, wish, items, _letter(session, wish, now), actor, now)
    _record(session, now, actor, "handover.offer", made)
    return made


def withdraw(
    session: Session, handover_id: int, giver: Holder, actor: str, now: datetime
) -> Handover:
    """Take an offer back that nobody has counted. Raises NotFound, Conflict."""
    of = store.of_giver(session, handover_id, giver, lock=True)
    if of.standing is Standing.WITHDRAWN:
        return of
    check_move(of, Standing.WITHDRAWN)
    after = store.move(session, of, Standing.WITHDRAWN, actor, of.given, now)
    _record(session, now, actor, "handover.withdraw", after)
    return after


def answer(
    session: Session, handover_id: int, giver: Holder, *, agrees: bool, note: str, actor: str,
    now: datetime,
) -> Handover:  # fmt: skip
    """What the giver says of an amount that is not his; given twice, it is given once.

    Whatever he says, both amounts stand. Raises NotFound, BadInput, Conflict.
    """
    of = store.of_giver(session, handover_id, giver, lock=True)
    to = Standing.ACKNOWLEDGED if agrees else Standing.DISPUTED
    if of.standing is to:
        return of
    if len(note) > LONGEST_NOTE:
        raise BadInput("Catatan terlalu panjang", {"note": f"paling banyak {LONGEST_NOTE} huruf"})
    check_move(of, to)
    after = store.move(
        session, of, to, actor, of.received or of.given, now, note, acknowledged_at=now,
        giver_note=note,
    )  # fmt: skip
    _record(session, now, actor, f"handover.{to}", after, note)
    return after


def owed(session: Session, giver: Holder) -> int:
    """What a giver has by the book beyond what he can hand on: short before, in rupiah."""
    free = sum(item.amount for item in to_give(session, giver))
    return store.held(session, giver) - free - store.offered_sum(session, giver)


def to_give(session: Session, giver: Holder) -> Sequence[Item]:
    """All that a giver can hand on, the oldest first."""
    if giver.party is Party.ATTENDANT:
        return [Item(s.id, None, s.amount) for s in store.shifts_to_give(session, giver.id or 0)]
    return [Item(None, p.id, p.amount) for p in store.parts_to_give(session, giver.id or 0)]


def _items(session: Session, wish: Wish) -> list[Item]:
    wanted = {(id_, None) for id_ in wish.shifts} | {(None, id_) for id_ in wish.parts}
    found = [i for i in to_give(session, wish.giver) if (i.shift_id, i.part_id) in wanted]
    if len(found) != len(wanted):
        raise Conflict("Sebagian sudah disetor, atau belum bisa disetor. Lihat lagi daftarnya.")
    return found


def _check_receiver(session: Session, wish: Wish) -> None:
    if wish.receiver.party is Party.TREASURER:
        return
    if wish.giver.party is not Party.ATTENDANT:
        raise BadInput("Kolektor menyetor ke bendahara", {"receiver": "pilih bendahara"})
    if wish.receiver.id not in {each.id for each in store.receivers(session)}:
        raise BadInput("Kolektor itu tidak ada", {"receiver": "pilih dari daftar"})


def _letter(session: Session, wish: Wish, now: datetime) -> int | None:
    """The letter that lets an attendant collect now, that of his last shift's point first."""
    if wish.giver.party is not Party.ATTENDANT:
        return None
    letters = registry.assignments_of(session, wish.giver.id or 0)
    holding = [each for each in letters if each.holds(now)]
    shifts = store.points_of(session, wish.shifts)
    best = max(holding, key=lambda x: (x.point_id in shifts, x.valid_from, x.id), default=None)
    return None if best is None else best.id


def _record(
    session: Session, now: datetime, actor: str, action: str, of: Handover, reason: str = ""
) -> None:
    detail = {"given": of.given, "received": of.received}
    record(session, now, actor, action, f"handover:{of.id}", detail, reason)

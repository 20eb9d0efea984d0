"""Enter what attendants promised in writing."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.deposits import commitment_store as store
from parking.deposits.commitment import (
    Commitment,
    Held,
    Wish,
    check_taken_back,
    check_wish,
    city_share,
    days_of,
    last_day_before,
)
from parking.errors import BadInput, Conflict
from parking.money import Rupiah
from parking.registry import store as registry


def commit(session: Session, wish: Wish, actor: str, now: datetime) -> Commitment:
    """The commitment; the attendant's one before it ends on the day before. Raises BadInput."""
    before = store.newest(session, wish.attendant_id)
    check_wish(wish, before, business_day(now))
    if before is not None and before.ended_on is None:
        store.end(session, before.id, last_day_before(wish.valid_from))
    elif before is not None and before.ended_on and before.ended_on >= wish.valid_from:
        raise BadInput(
            "Komitmen belum benar",
            {"valid_from": f"yang terakhir berlaku sampai {before.ended_on}"},
        )
    made = store.add(
        session, attendant_id=wish.attendant_id, daily=Rupiah(wish.daily),
        valid_from=wish.valid_from, letter=wish.letter.strip(), entered_at=now, entered_by=actor,
    )  # fmt: skip
    detail = {"attendant": wish.attendant_id, "daily": wish.daily, "from": str(wish.valid_from)}
    record(session, now, actor, "commitment.enter", f"commitment:{made}", detail)
    return store.one(session, made)


def end(session: Session, commitment_id: int, last_day: date, actor: str, now: datetime) -> None:
    """Raises NotFound, BadInput; Conflict if it has an end."""
    of = store.one(session, commitment_id, lock=True)
    if of.ended_on is not None:
        raise Conflict(f"Komitmen ini sudah berakhir {of.ended_on}")
    if last_day < of.valid_from:
        raise BadInput("Tanggal belum benar", {"last_day": f"berlaku dari {of.valid_from}"})
    store.end(session, commitment_id, last_day)
    detail = {"last_day": str(last_day)}
    record(session, now, actor, "commitment.end", f"commitment:{commitment_id}", detail)


def take_back(session: Session, commitment_id: int, actor: str, now: datetime) -> Commitment:
    """A commitment that has not begun never holds; the one before it stays as it ended.

    Raises NotFound, Conflict.
    """
    of = store.one(session, commitment_id, lock=True)
    check_taken_back(of, business_day(now))
    store.end(session, commitment_id, last_day_before(of.valid_from))
    record(session, now, actor, "commitment.take_back", f"commitment:{commitment_id}", {})
    return of


def held(session: Session, first: date, last: date) -> list[Held]:
    """Every commitment of some days beside what was really taken on the days on which it held."""
    found, splits = [], registry.splits(session)
    for of in store.between(session, first, last):
        start, stop = max(first, of.valid_from), min(last, of.ended_on or last)
        taken = store.taken(session, of.attendant_id, start, stop)
        found.append(Held(of, days_of(of, first, last), taken, city_share(taken, splits)))
    return found

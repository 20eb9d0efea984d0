"""Counts of cash (opname kas) as they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from parking.deposits import balance_store, handover_store
from parking.deposits.handover import OFFICE, Holder, Party
from parking.deposits.store import CashCountRow
from parking.money import Rupiah
from parking.shifts.store import ShiftRow


@dataclass(frozen=True, slots=True)
class CashCount:
    id: int
    holder: Holder
    name: str
    counted: Rupiah
    booked: Rupiah
    at: datetime
    actor: str
    witness: str
    document: str
    note: str

    @property
    def difference(self) -> int:
        return self.counted - self.booked


def lock(session: Session, client_key: str) -> None:
    """What is sent with one key goes one after the other, until the end of the transaction."""
    key = func.hashtextextended(f"cash count {client_key}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def by_key(session: Session, client_key: str) -> CashCount | None:
    row = session.scalar(select(CashCountRow).where(CashCountRow.client_key == client_key))
    return None if row is None else _made(session, [row])[0]


def holders(session: Session, now: datetime) -> Sequence[tuple[Holder, str]]:
    """Whose cash may be counted, and their names: the treasurer's office, everybody who
    collects, who has a shift open, and who has cash by the book. Who should have none may
    have some.
    """
    on_duty = select(ShiftRow.attendant_id).where(ShiftRow.closed_at.is_(None))
    found = {balance.holder for balance in balance_store.balances(session, now)}
    found |= {Holder(Party.COLLECTOR, each.id) for each in handover_store.receivers(session)}
    found |= {Holder(Party.ATTENDANT, id_) for id_ in session.scalars(on_duty)}
    names = handover_store.names(session, list(found | {OFFICE}))
    order = [Party.TREASURER, Party.COLLECTOR, Party.ATTENDANT]
    return sorted(names.items(), key=lambda each: (order.index(each[0].party), each[1]))


def add(
    session: Session, client_key: str, holder: Holder, counted: Rupiah, booked: Rupiah,
    at: datetime, actor: str, witness: str, document: str, note: str,
) -> CashCount:  # fmt: skip
    row = session.scalars(
        insert(CashCountRow)
        .values(
            client_key=client_key, holder_kind=holder.party, holder_id=holder.id, counted=counted,
            booked=booked, at=at, actor=actor, witness=witness, document=document, note=note,
        )
        .returning(CashCountRow)
    ).one()  # fmt: skip
    return _made(session, [row])[0]


def everything(session: Session) -> Sequence[CashCount]:
    """All counts, the newest first."""
    rows = session.scalars(select(CashCountRow).order_by(CashCountRow.id.desc())).all()
    return _made(session, rows)


def _made(session: Session, rows: Sequence[CashCountRow]) -> list[CashCount]:
    holders = [Holder(Party(r.holder_kind), r.holder_id) for r in rows]
    names = handover_store.names(session, holders)
    return [
        CashCount(
            r.id, holder, names[holder], Rupiah(r.counted), Rupiah(r.booked), r.at, r.actor,
            r.witness, r.document, r.note,
        )
        for r, holder in zip(rows, holders, strict=True)
    ]  # fmt: skip

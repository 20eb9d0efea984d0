"""Counts of cash (opname kas) as they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from parking.deposits import handover_store
from parking.deposits.handover import Holder, Party
from parking.deposits.store import CashCountRow
from parking.money import Rupiah


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


def add(
    session: Session, holder: Holder, counted: Rupiah, booked: Rupiah, at: datetime, actor: str,
    witness: str, document: str, note: str,
) -> CashCount:  # fmt: skip
    row = session.scalars(
        insert(CashCountRow)
        .values(
            holder_kind=holder.party, holder_id=holder.id, counted=counted, booked=booked, at=at,
            actor=actor, witness=witness, document=document, note=note,
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

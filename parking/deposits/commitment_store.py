"""Commitments of attendants, and what they really took."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from parking.charges.store import ChargeRow
from parking.database.rows import Query
from parking.deposits.commitment import Commitment, Taken
from parking.deposits.store import CommitmentRow
from parking.errors import NotFound
from parking.gateways.protocol import State
from parking.money import Rupiah
from parking.registry.store import AttendantRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow


def between(session: Session, first: date, last: date) -> Sequence[Commitment]:
    """Those that hold on some of these days."""
    row = CommitmentRow
    holds = (row.valid_from <= last) & (row.ended_on.is_(None) | (row.ended_on >= first))
    query = _commitments().where(holds, _stands()).order_by(AttendantRow.badge, row.valid_from)
    return [_made(*found) for found in session.execute(query)]


def ahead(session: Session, today: date) -> Sequence[Commitment]:
    """Those that have not begun."""
    row = CommitmentRow
    query = _commitments().where(row.valid_from > today, _stands())
    return [_made(*found) for found in session.execute(query.order_by(row.valid_from, row.id))]


def newest(session: Session, attendant_id: int) -> Commitment | None:
    """An attendant's newest commitment; no other is entered before this transaction ends."""
    key = func.hashtextextended(f"commitment of {attendant_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    row = CommitmentRow
    query = _commitments().where(row.attendant_id == attendant_id, _stands())
    found = session.execute(query.order_by(row.valid_from.desc()).limit(1)).one_or_none()
    return None if found is None else _made(*found)


def one(session: Session, commitment_id: int, *, lock: bool = False) -> Commitment:
    """A commitment; with `lock`, for this transaction alone. Raises NotFound."""
    query = _commitments().where(CommitmentRow.id == commitment_id)
    if lock:
        query = query.with_for_update(of=CommitmentRow)
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada komitmen nomor {commitment_id}")
    return _made(*found)


def add(session: Session, **values: object) -> int:
    return session.execute(
        insert(CommitmentRow).values(values).returning(CommitmentRow.id)
    ).scalar_one()


def end(session: Session, commitment_id: int, last_day: date) -> None:
    row = CommitmentRow
    session.execute(update(row).where(row.id == commitment_id).values(ended_on=last_day))


def attendants(session: Session) -> Sequence[tuple[int, str]]:
    """Everybody who may promise: id and what people call them."""
    row = AttendantRow
    rows = session.execute(select(row.id, row.name, row.badge).order_by(row.name))
    return [(id_, f"{name} ({badge})") for id_, name, badge in rows]


def taken(session: Session, attendant_id: int, first: date, last: date) -> Sequence[Taken]:
    """What an attendant took on those of these business days on which he had a shift."""
    shift, charge = ShiftRow, ChargeRow
    mine = (shift.attendant_id == attendant_id, shift.business_day.between(first, last))
    served = session.scalars(select(shift.business_day).where(*mine).distinct())
    cash = session.execute(
        select(shift.business_day, func.sum(CashRow.amount))
        .join(shift, shift.id == CashRow.shift_id)
        .outerjoin(CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id)
        .where(*mine, CashCorrectionRow.cash_id.is_(None))
        .group_by(shift.business_day)
    )
    qris = session.execute(
        select(charge.business_day, func.sum(charge.amount))
        .where(
            charge.attendant_id == attendant_id, charge.business_day.between(first, last),
            charge.state == State.PAID,
        )
        .group_by(charge.business_day)
    )  # fmt: skip
    by_cash, by_qris = ({day: int(sum_) for day, sum_ in rows} for rows in (cash, qris))
    return [Taken(day, by_cash.get(day, 0), by_qris.get(day, 0)) for day in sorted(served)]


def _stands() -> ColumnElement[bool]:
    """Whether it was not taken back."""
    row = CommitmentRow
    return row.ended_on.is_(None) | (row.ended_on >= row.valid_from)


def _commitments() -> Query:
    of = AttendantRow
    return select(CommitmentRow, of.name, of.badge).join(of, of.id == CommitmentRow.attendant_id)


def _made(row: CommitmentRow, name: str, badge: str) -> Commitment:
    return Commitment(
        row.id, row.attendant_id, f"{name} ({badge})", Rupiah(row.daily), row.valid_from,
        row.ended_on, row.letter,
    )  # fmt: skip

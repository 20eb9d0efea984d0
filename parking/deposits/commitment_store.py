"""Commitments of attendants, and what they really took and brought."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from parking.charges.store import ChargeRow
from parking.database.rows import Query
from parking.deposits.commitment import Actual, Commitment
from parking.deposits.handover import COUNTED, Party
from parking.deposits.store import CommitmentRow, HandoverRow
from parking.errors import NotFound
from parking.gateways.protocol import State
from parking.money import Rupiah
from parking.registry.store import AttendantRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow


def between(session: Session, first: date, last: date) -> Sequence[Commitment]:
    """Those that hold on some of these days."""
    row = CommitmentRow
    holds = (row.valid_from <= last) & (row.ended_on.is_(None) | (row.ended_on >= first))
    query = _commitments().where(holds).order_by(AttendantRow.badge, row.valid_from)
    return [_made(*found) for found in session.execute(query)]


def newest(session: Session, attendant_id: int) -> Commitment | None:
    """An attendant's newest commitment; no other is entered before this transaction ends."""
    key = func.hashtextextended(f"commitment of {attendant_id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    row = CommitmentRow
    query = _commitments().where(row.attendant_id == attendant_id)
    found = session.execute(query.order_by(row.valid_from.desc()).limit(1)).one_or_none()
    return None if found is None else _made(*found)


def one(session: Session, commitment_id: int) -> Commitment:
    """Raises NotFound."""
    found = session.execute(_commitments().where(CommitmentRow.id == commitment_id)).one_or_none()
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


def actual(session: Session, attendant_id: int, first: date, last: date) -> Actual:
    """What an attendant took and brought on these business days."""
    shift, row = ShiftRow, HandoverRow
    mine = (shift.attendant_id == attendant_id, shift.business_day.between(first, last))
    served = select(func.count(func.distinct(shift.business_day))).where(*mine)
    cash = (
        select(func.coalesce(func.sum(CashRow.amount), 0))
        .join(shift, shift.id == CashRow.shift_id)
        .outerjoin(CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id)
        .where(*mine, CashCorrectionRow.cash_id.is_(None))
    )
    qris = select(func.coalesce(func.sum(ChargeRow.amount), 0)).where(
        ChargeRow.attendant_id == attendant_id, ChargeRow.business_day.between(first, last),
        ChargeRow.state == State.PAID,
    )  # fmt: skip
    counted = select(func.coalesce(func.sum(row.received), 0)).where(
        row.giver_kind == Party.ATTENDANT, row.giver_id == attendant_id,
        row.standing.in_(COUNTED), row.business_day.between(first, last),
    )  # fmt: skip
    return Actual(*(int(session.scalar(query) or 0) for query in (served, cash, qris, counted)))


def _commitments() -> Query:
    of = AttendantRow
    return select(CommitmentRow, of.name, of.badge).join(of, of.id == CommitmentRow.attendant_id)


def _made(row: CommitmentRow, name: str, badge: str) -> Commitment:
    return Commitment(
        row.id, row.attendant_id, f"{name} ({badge})", Rupiah(row.daily), row.valid_from,
        row.ended_on, row.letter,
    )  # fmt: skip

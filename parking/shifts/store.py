"""Who stood where, when, and what cash they took."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.business_day import business_day
from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.errors import Conflict, NotFound
from parking.money import Rupiah
from parking.registry.facts import Vehicle
from parking.shifts.shift import Cash, Declaration, Shift


class ShiftRow(Base):
    """One attendant at one point, from opening to closing."""

    __tablename__ = "shift"
    __table_args__ = (
        # One open shift an attendant: the database decides, so a double tap opens one.
        Index(
            "uq_shift_open_attendant", "attendant_id",
            unique=True, postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("declared_cash >= 0", name="declared_cash"),
        CheckConstraint("declared_qris >= 0", name="declared_qris"),
        Index("ix_shift_business_day", "business_day"),
        Index("ix_shift_attendant_id", "attendant_id", "business_day"),
        updatable("closed_at", "declared_cash", "declared_qris", "remarks"),
    )  # fmt: skip

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("parking_point.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    opened_at: Mapped[datetime]
    business_day: Mapped[date]  # of the opening
    taken_over_from: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    closed_at: Mapped[datetime | None]
    declared_cash: Mapped[RupiahColumn | None]
    declared_qris: Mapped[RupiahColumn | None]  # what the attendant believes came by QRIS
    remarks: Mapped[str | None]


class ShiftEventRow(Base):
    """What happened to a shift: opened, taken over, closed."""

    __tablename__ = "shift_event"
    __table_args__ = append_only()

    id: Mapped[RowId]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    detail: Mapped[dict] = mapped_column(JSONB)


class CashRow(Base):
    """One vehicle paid in cash."""

    __tablename__ = "cash"
    __table_args__ = append_only(
        UniqueConstraint("shift_id", "client_key"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_cash_business_day", "business_day"),
    )

    id: Mapped[RowId]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    client_key: Mapped[str]
    vehicle: Mapped[str]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"))
    amount: Mapped[RupiahColumn]
    at: Mapped[datetime]
    business_day: Mapped[date]
    # The charge whose driver paid cash after all; paid both ways is D10.
    instead_of: Mapped[str | None] = mapped_column(unique=True)


class CashCorrectionRow(Base):
    """A cash tap taken back, once, within the time allowed."""

    __tablename__ = "cash_correction"
    __table_args__ = append_only()

    cash_id: Mapped[int] = mapped_column(ForeignKey("cash.id"), primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new shift begins with."""

    attendant_id: int
    point_id: int
    assignment_id: int
    device_id: int
    at: datetime
    taken_over_from: int | None = None


def add_shift(session: Session, opening: Opening) -> Shift | None:
    """Open a shift; None if the attendant has one open by now, which the database decides."""
    row = session.scalar(
        insert(ShiftRow)
        .values(
            attendant_id=opening.attendant_id, point_id=opening.point_id,
            assignment_id=opening.assignment_id, device_id=opening.device_id,
            opened_at=opening.at, business_day=business_day(opening.at),
            taken_over_from=opening.taken_over_from,
        )
        .on_conflict_do_nothing(
            index_elements=["attendant_id"], index_where=text("closed_at IS NULL")
        )
        .returning(ShiftRow)
    )  # fmt: skip
    return _shift(row) if row is not None else None


def open_shift(session: Session, attendant_id: int) -> Shift | None:
    """The open shift of an attendant, as it stands."""
    row = session.scalar(_open(attendant_id))
    return _shift(row) if row is not None else None


def open_shift_kept(session: Session, attendant_id: int) -> Shift:
    """The open shift, which nobody can close before this transaction ends. Raises Conflict."""
    return _needed(session, _open(attendant_id).with_for_update(read=True))


def open_shift_locked(session: Session, attendant_id: int) -> Shift:
    """The open shift, for this transaction alone. Raises Conflict if there is none."""
    return _needed(session, _open(attendant_id).with_for_update())


def shift(session: Session, shift_id: int) -> Shift:
    """Raises NotFound."""
    row = session.get(ShiftRow, shift_id, populate_existing=True)
    if row is None:
        raise NotFound(f"Tidak ada giliran nomor {shift_id}")
    return _shift(row)


def shifts_of(session: Session, attendant_id: int, day: date) -> Sequence[Shift]:
    """The shifts that an attendant opened on a day, and the one that is open still."""
    rows = session.scalars(
        select(ShiftRow)
        .where(
            ShiftRow.attendant_id == attendant_id,
            or_(ShiftRow.business_day == day, ShiftRow.closed_at.is_(None)),
        )
        .order_by(ShiftRow.id)
    )
    return [_shift(row) for row in rows]


def anybody_at_work(session: Session, first: date, last: date) -> bool:
    """Whether there is a shift on one of these days."""
    of_days = select(ShiftRow.id).where(ShiftRow.business_day.between(first, last))
    return session.scalar(of_days.limit(1)) is not None


def close_shift(session: Session, shift_id: int, said: Declaration, at: datetime) -> Shift:
    """Close a shift that this transaction has locked."""
    row = session.scalars(
        update(ShiftRow)
        .where(ShiftRow.id == shift_id)
        .values(
            closed_at=at, declared_cash=said.cash, declared_qris=said.qris,
            remarks=said.remarks,
        )
        .returning(ShiftRow)
    ).one()  # fmt: skip
    return _shift(row)


def add_event(
    session: Session, shift_id: int, kind: str, at: datetime, actor: str, detail: dict[str, Any]
) -> None:
    """Note what happened to a shift."""
    session.execute(
        insert(ShiftEventRow).values(
            shift_id=shift_id, kind=kind, at=at, actor=actor, detail=detail
        )
    )


def closed_with(session: Session, shift_id: int) -> dict[str, Any]:
    """What was noted when a shift was closed."""
    row = ShiftEventRow
    noted = select(row.detail).where(row.shift_id == shift_id, row.kind == "closed")
    return session.scalars(noted).one()


def add_cash(session: Session, taken: Cash) -> Cash:
    """Store one cash tap of a locked shift, and give it with its id.

    Raises Conflict if cash was taken before instead of the same charge.
    """
    row = session.scalar(
        insert(CashRow)
        .values(
            shift_id=taken.shift_id, client_key=taken.client_key, vehicle=taken.vehicle,
            tariff_id=taken.tariff_id, amount=taken.amount, at=taken.at,
            business_day=business_day(taken.at), instead_of=taken.instead_of,
        )
        .on_conflict_do_nothing(index_elements=["instead_of"])
        .returning(CashRow)
    )  # fmt: skip
    if row is None:
        raise Conflict(f"Tunai pengganti {taken.instead_of} sudah dicatat")
    return _cash(row, corrected=False)


def cash_by_key(session: Session, attendant_id: int, client_key: str, since: date) -> Cash | None:
    """The tap that an attendant sent under a key, in a shift opened on or after a day."""
    found = session.execute(
        _cash_rows()
        .join(ShiftRow, ShiftRow.id == CashRow.shift_id)
        .where(
            ShiftRow.attendant_id == attendant_id,
            ShiftRow.business_day >= since,
            CashRow.client_key == client_key,
        )
    ).first()
    return _cash(found[0], corrected=found[1]) if found else None


def cash(session: Session, cash_id: int, attendant_id: int) -> Cash:
    """One of an attendant's own taps. Raises NotFound, also for another's."""
    found = session.execute(
        _cash_rows()
        .join(ShiftRow, ShiftRow.id == CashRow.shift_id)
        .where(CashRow.id == cash_id, ShiftRow.attendant_id == attendant_id)
    ).first()
    if found is None:
        raise NotFound(f"Tidak ada catatan tunai nomor {cash_id}")
    return _cash(found[0], corrected=found[1])


def last_cash(session: Session, shift_id: int) -> Cash | None:
    """The newest tap of a shift, corrected or not."""
    found = session.execute(
        _cash_rows().where(CashRow.shift_id == shift_id).order_by(CashRow.id.desc()).limit(1)
    ).first()
    return _cash(found[0], corrected=found[1]) if found else None


def cash_kept(session: Session, shift_ids: Collection[int]) -> Sequence[tuple[Rupiah, date, int]]:
    """Amount, business day and number of the taps of shifts that were not taken back."""
    rows = session.execute(
        select(CashRow.amount, CashRow.business_day, func.count())
        .outerjoin(CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id)
        .where(CashRow.shift_id.in_(shift_ids), CashCorrectionRow.cash_id.is_(None))
        .group_by(CashRow.amount, CashRow.business_day)
    )
    return [(Rupiah(amount), day, count) for amount, day, count in rows]


def add_correction(session: Session, cash_id: int, at: datetime) -> None:
    """Take one cash tap of a locked shift back."""
    session.execute(insert(CashCorrectionRow).values(cash_id=cash_id, at=at))


def _open(attendant_id: int) -> Select[ShiftRow]:
    return (
        select(ShiftRow)
        .where(ShiftRow.attendant_id == attendant_id, ShiftRow.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )


def _needed(session: Session, query: Select[ShiftRow]) -> Shift:
    row = session.scalar(query)
    if row is None:
        raise Conflict("Buka giliran dulu")
    return _shift(row)


def _cash_rows() -> Select[CashRow, bool]:
    return select(CashRow, CashCorrectionRow.cash_id.is_not(None)).outerjoin(
        CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id
    )


def _shift(row: ShiftRow) -> Shift:
    return Shift(
        row.id, row.attendant_id, row.point_id, row.assignment_id, row.device_id, row.opened_at,
        row.business_day, row.taken_over_from, row.closed_at, _money(row.declared_cash),
        _money(row.declared_qris), row.remarks,
    )  # fmt: skip


def _cash(row: CashRow, *, corrected: bool) -> Cash:
    return Cash(
        row.id, row.shift_id, row.client_key, Vehicle(row.vehicle), row.tariff_id,
        Rupiah(row.amount), row.at, row.instead_of, corrected,
    )  # fmt: skip


def _money(amount: int | None) -> Rupiah | None:
    return Rupiah(amount) if amount is not None else None

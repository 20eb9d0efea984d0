"""Who stood where, when, and what cash they took."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


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
        CheckConstraint("ticket_last >= ticket_first", name="tickets"),
        Index("ix_shift_business_day", "business_day"),
        updatable(
            "closed_at", "declared_cash", "declared_qris", "ticket_first", "ticket_last", "remarks"
        ),
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
    ticket_first: Mapped[int | None]
    ticket_last: Mapped[int | None]
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

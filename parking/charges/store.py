"""Charges: what attendants asked drivers to pay, and everything that happened to each."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class ChargeRow(Base):
    """One dynamic QR for one vehicle. `state` is a projection of the charge's events (M5)."""

    __tablename__ = "charge"
    __table_args__ = (
        # A repeated tap carries the same key and finds the first charge.
        UniqueConstraint("attendant_id", "client_key"),
        CheckConstraint("amount BETWEEN 1 AND 10000000", name="amount"),
        Index("ix_charge_business_day", "business_day"),
        Index("ix_charge_shift_id", "shift_id"),
        Index("ix_charge_due", "inquire_at", postgresql_where=text("inquire_at IS NOT NULL")),
        updatable("state", "late", "theirs", "payload", "expires_at", "paid_at", "inquire_at",
                  "inquiries", "confirmed_at"),
    )  # fmt: skip

    id: Mapped[RowId]
    ours: Mapped[str] = mapped_column(unique=True)
    gateway: Mapped[str]
    account: Mapped[str]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("parking_point.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    client_key: Mapped[str]
    vehicle: Mapped[str]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"))
    amount: Mapped[RupiahColumn]
    city_bps: Mapped[int]  # the split that held when it was asked
    created_at: Mapped[datetime]
    business_day: Mapped[date]  # of created_at
    replaces: Mapped[str | None]  # the charge of the same vehicle that this one follows
    # Projections, written by charges and payments alone:
    state: Mapped[str]
    late: Mapped[bool]  # paid after it had ended
    theirs: Mapped[str | None] = mapped_column(index=True)
    payload: Mapped[str | None]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    inquire_at: Mapped[datetime | None]  # when the gateway is to be asked next; None: never
    inquiries: Mapped[int]
    confirmed_at: Mapped[datetime | None]  # the gateway itself said PAID when asked


class ChargeEventRow(Base):
    """One step of a charge. Replaying them gives its state."""

    __tablename__ = "charge_event"
    __table_args__ = append_only(Index("ix_charge_event_charge_id", "charge_id"))

    id: Mapped[RowId]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"))
    at: Mapped[datetime]
    from_state: Mapped[str]  # empty for the first
    to_state: Mapped[str]  # equal to from_state where something was noted and nothing moved
    cause: Mapped[str]  # "asked", "answered", "evidence", "cancelled", "stale", …
    actor: Mapped[str]
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    note: Mapped[str]

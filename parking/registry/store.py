"""The city's facts, all dated: who, where, for how much, and through which account."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class AttendantRow(Base):
    """A person who collects. Ended, never deleted."""

    __tablename__ = "attendant"
    __table_args__ = updatable("ended_on")

    id: Mapped[RowId]
    badge: Mapped[str] = mapped_column(unique=True)  # "JBI-0001", printed on the vest
    name: Mapped[str]
    joined_on: Mapped[date]
    ended_on: Mapped[date | None]  # the last day


class PointRow(Base):
    """The smallest place where one parks and pays."""

    __tablename__ = "parking_point"
    __table_args__ = (
        CheckConstraint("area_type IN ('street', 'market', 'special')", name="area_type"),
        updatable("ended_on"),
    )

    id: Mapped[RowId]
    code: Mapped[str] = mapped_column(unique=True)  # "PSR-01"; shown to payers as terminal
    name: Mapped[str]
    road: Mapped[str]
    zone: Mapped[str] = mapped_column(index=True)
    area_type: Mapped[str]
    has_qris: Mapped[bool]
    opened_on: Mapped[date]
    ended_on: Mapped[date | None]


class AssignmentRow(Base):
    """An assignment letter (SPT): who may collect where, from and to."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        Index("ix_assignment_attendant_id", "attendant_id"),
        Index("ix_assignment_point_id", "point_id"),
        updatable("ended_at", "ended_reason"),
    )

    id: Mapped[RowId]
    letter: Mapped[str] = mapped_column(unique=True)
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("parking_point.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the last day; open when none
    ended_at: Mapped[datetime | None]  # revoked before its time, from this moment
    ended_reason: Mapped[str | None]


class TariffRow(Base):
    """A price from a day on, for a vehicle type, in one zone or (zone empty) in all others."""

    __tablename__ = "tariff"
    __table_args__ = append_only(
        CheckConstraint("vehicle IN ('motorcycle', 'car', 'truck_bus')", name="vehicle"),
        CheckConstraint("amount BETWEEN 1 AND 10000000", name="amount"),
        UniqueConstraint("vehicle", "zone", "valid_from", "entered_at"),
    )

    id: Mapped[RowId]
    vehicle: Mapped[str]
    zone: Mapped[str]  # empty: every zone that has no tariff of its own
    amount: Mapped[RupiahColumn]
    valid_from: Mapped[date]  # from its first moment, 00.00 WIB
    decree: Mapped[str]  # "Perda 2/2024"
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class SplitRow(Base):
    """How a levy is shared from a day on; the attendant has what is not the city's."""

    __tablename__ = "revenue_split"
    __table_args__ = append_only(
        CheckConstraint("city_bps BETWEEN 0 AND 10000", name="city_bps"),
        UniqueConstraint("valid_from", "entered_at"),
    )

    id: Mapped[RowId]
    city_bps: Mapped[int]
    valid_from: Mapped[date]
    decree: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class MerchantAccountRow(Base):
    """Our account at a gateway. Its keys are in the environment, under GATEWAY_KEY_<key_name>."""

    __tablename__ = "merchant_account"
    __table_args__ = (
        UniqueConstraint("gateway", "account"),
        CheckConstraint("environment IN ('sandbox', 'production')", name="environment"),
        updatable("ended_on"),
    )

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    merchant_id: Mapped[str]
    nmid: Mapped[str]
    pan: Mapped[str]
    name: Mapped[str]
    city: Mapped[str]
    environment: Mapped[str]
    key_name: Mapped[str]
    valid_from: Mapped[date]
    ended_on: Mapped[date | None]


class FeeRow(Base):
    """What the acquirer may keep of a payment (MDR), from a day on, by contract."""

    __tablename__ = "fee_term"
    __table_args__ = append_only(UniqueConstraint("merchant_account_id", "valid_from"))

    id: Mapped[RowId]
    merchant_account_id: Mapped[int] = mapped_column(ForeignKey("merchant_account.id"))
    fee_bps: Mapped[int]
    valid_from: Mapped[date]
    contract: Mapped[str]


class CollectiveLeaveRow(Base):
    """A day on which offices are closed by joint decree though it is no public holiday."""

    __tablename__ = "collective_leave"
    __table_args__ = append_only()

    day: Mapped[date] = mapped_column(primary_key=True)
    decree: Mapped[str]

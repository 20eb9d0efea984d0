"""The city's facts, all dated: who, where, for how much, and through which account."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.errors import NotFound
from parking.gateways.protocol import Merchant
from parking.money import Rupiah
from parking.registry.facts import (
    Assignment,
    Attendant,
    MerchantAccount,
    Point,
    Split,
    Tariff,
    Vehicle,
)

T = TypeVar("T", bound=Base)


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


def _attendant(row: AttendantRow) -> Attendant:
    return Attendant(row.id, row.badge, row.name, row.joined_on, row.ended_on)


def _point(row: PointRow) -> Point:
    return Point(
        row.id, row.code, row.name, row.road, row.zone, row.area_type, row.has_qris,
        row.opened_on, row.ended_on,
    )  # fmt: skip


def _assignment(row: AssignmentRow) -> Assignment:
    return Assignment(
        row.id, row.letter, row.attendant_id, row.point_id, row.valid_from, row.valid_to,
        row.ended_at, row.ended_reason,
    )  # fmt: skip


def _account(row: MerchantAccountRow) -> MerchantAccount:
    merchant = Merchant(
        row.gateway, row.account, row.merchant_id, row.nmid, row.pan, row.name, row.city,
        row.environment,
    )  # fmt: skip
    return MerchantAccount(merchant, row.key_name, row.valid_from, row.ended_on)


def attendant(session: Session, attendant_id: int) -> Attendant:
    """Raises NotFound."""
    return _attendant(_get(session, AttendantRow, attendant_id, "juru parkir"))


def attendant_by_badge(session: Session, badge: str) -> Attendant:
    """Raises NotFound."""
    row = session.scalar(select(AttendantRow).where(AttendantRow.badge == badge))
    if row is None:
        raise NotFound(f"Juru parkir {badge} tidak ada")
    return _attendant(row)


def point(session: Session, point_id: int) -> Point:
    """Raises NotFound."""
    return _point(_get(session, PointRow, point_id, "titik parkir"))


def assignments_of(session: Session, attendant_id: int) -> Sequence[Assignment]:
    """All assignment letters of an attendant, the newest first."""
    rows = session.scalars(
        select(AssignmentRow)
        .where(AssignmentRow.attendant_id == attendant_id)
        .order_by(AssignmentRow.valid_from.desc(), AssignmentRow.id.desc())
    )
    return [_assignment(row) for row in rows]


def tariffs(session: Session) -> Sequence[Tariff]:
    """Every tariff there ever was; `facts.tariff_for` says which holds."""
    rows = session.scalars(select(TariffRow).order_by(TariffRow.id))
    return [
        Tariff(r.id, Vehicle(r.vehicle), r.zone, Rupiah(r.amount), r.valid_from, r.decree,
               r.entered_at)
        for r in rows
    ]  # fmt: skip


def splits(session: Session) -> Sequence[Split]:
    """Every revenue split there ever was; `facts.split_for` says which holds."""
    rows = session.scalars(select(SplitRow).order_by(SplitRow.id))
    return [Split(r.city_bps, r.valid_from, r.decree, r.entered_at) for r in rows]


def merchant_account(session: Session, gateway: str, account: str) -> MerchantAccount | None:
    """An account of ours at a gateway, also one that has ended."""
    row = session.scalar(
        select(MerchantAccountRow).where(
            MerchantAccountRow.gateway == gateway, MerchantAccountRow.account == account
        )
    )
    return _account(row) if row is not None else None


def merchant_accounts(session: Session, day: date) -> Sequence[MerchantAccount]:
    """The accounts in use on a day, in the order they were entered."""
    row = MerchantAccountRow
    rows = session.scalars(
        select(row)
        .where(row.valid_from <= day, or_(row.ended_on.is_(None), row.ended_on >= day))
        .order_by(row.id)
    )
    return [_account(r) for r in rows]


def collective_leave(session: Session) -> frozenset[date]:
    """The days on which offices are closed by decree."""
    return frozenset(session.scalars(select(CollectiveLeaveRow.day)))


def _get(session: Session, table: type[T], row_id: int, what: str) -> T:
    row = session.get(table, row_id)
    if row is None:
        raise NotFound(f"Tidak ada {what} nomor {row_id}")
    return row

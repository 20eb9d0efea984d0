"""The city's facts, all dated: who, where, for how much, and through which account."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import among
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
from parking.registry.routing import Route

T = TypeVar("T", bound=Base)

LOCK = 7_523_001


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
    """What the acquirer may keep of a payment (MDR), and when it pays the rest out, from a day on,
    by contract.
    """

    __tablename__ = "fee_term"
    __table_args__ = append_only(
        UniqueConstraint("merchant_account_id", "valid_from"),
        CheckConstraint("settles_in BETWEEN 0 AND 10", name="settles_in"),
    )

    id: Mapped[RowId]
    merchant_account_id: Mapped[int] = mapped_column(ForeignKey("merchant_account.id"))
    fee_bps: Mapped[int]
    settles_in: Mapped[int]  # working days from the payment to the pay-out, at most
    valid_from: Mapped[date]
    contract: Mapped[str]


class RouteRow(Base):
    """A merchant account serves a point, or the whole city, from a day on."""

    __tablename__ = "route"
    __table_args__ = (
        CheckConstraint("rank BETWEEN 1 AND 9", name="rank"),
        CheckConstraint("ended_on IS NULL OR ended_on >= valid_from", name="period"),
        updatable("ended_on"),
    )

    id: Mapped[RowId]
    merchant_account_id: Mapped[int] = mapped_column(ForeignKey("merchant_account.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("parking_point.id"))  # None: the city
    rank: Mapped[int]  # 1 is asked first
    valid_from: Mapped[date]
    ended_on: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class RevenueCodeRow(Base):
    """The account of the budget under which a kind of place is booked (domain.md 4.8), dated."""

    __tablename__ = "revenue_code"
    __table_args__ = append_only(
        UniqueConstraint("area_type", "valid_from"),
        CheckConstraint("area_type IN ('street', 'market', 'special')", name="area_type"),
    )

    id: Mapped[RowId]
    area_type: Mapped[str]
    code: Mapped[str]  # "4.1.02.01.04"
    name: Mapped[str]
    valid_from: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


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


def points_by_id(session: Session, ids: Collection[int]) -> dict[int, Point]:
    """Those of these points that there are, in the order of their ids."""
    rows = session.scalars(select(PointRow).where(among(PointRow.id, ids)).order_by(PointRow.id))
    return {row.id: _point(row) for row in rows}


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


def routes(session: Session) -> Sequence[Route]:
    """Every route there ever was; `routing.serving` says which hold."""
    row, account = RouteRow, MerchantAccountRow
    rows = session.execute(
        select(
            row.id, account.gateway, account.account, row.point_id, row.rank, row.valid_from,
            row.ended_on,
        )
        .join(account, account.id == row.merchant_account_id)
        .order_by(row.id)
    )  # fmt: skip
    return [Route(*each) for each in rows]


def route(session: Session, route_id: int) -> Route:
    """Raises NotFound."""
    for found in routes(session):
        if found.id == route_id:
            return found
    raise NotFound(f"Tidak ada jalur nomor {route_id}")


def settling_days(session: Session, day: date) -> dict[tuple[str, str], int]:
    """In how many working days each account pays out, by the terms of a day."""
    account, fee = MerchantAccountRow, FeeRow
    terms = session.execute(
        select(account.gateway, account.account, fee.settles_in)
        .join(fee, fee.merchant_account_id == account.id)
        .where(fee.valid_from <= day)
        .order_by(fee.valid_from)
    )
    return {(gateway, name): days for gateway, name, days in terms}


def collective_leave(session: Session) -> frozenset[date]:
    """The days on which offices are closed by decree."""
    return frozenset(session.scalars(select(CollectiveLeaveRow.day)))


def _get(session: Session, table: type[T], row_id: int, what: str) -> T:
    row = session.get(table, row_id)
    if row is None:
        raise NotFound(f"Tidak ada {what} nomor {row_id}")
    return row


def lock(session: Session) -> None:
    """Changes of the registry happen one after the other, until the end of the transaction.

    So what a rule saw is still so when the row is written: two letters entered at the
    same moment cannot overlap.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def add(session: Session, table: type[Base], **values: object) -> int:
    """Insert one row; its id."""
    key = next(iter(table.__table__.primary_key))
    return session.execute(insert(table).values(values).returning(key)).scalar_one()


def end(session: Session, table: type[Base], row_id: int, **values: object) -> None:
    """Write the dated end of a row: the only columns that may change."""
    session.execute(update(table).where(table.__table__.c.id == row_id).values(values))


def has_city(session: Session) -> bool:
    """Whether anything of a city is there: an attendant, a point, a price or an account."""
    tables = (AttendantRow, PointRow, TariffRow, SplitRow, MerchantAccountRow)
    return any(session.scalar(select(select(table).exists())) for table in tables)


def is_taken(session: Session, column: Any, value: str) -> bool:
    """Whether a row has a value that only one may have."""
    return session.scalar(select(select(column).where(column == value).exists())) or False


def zones(session: Session) -> Sequence[str]:
    """The zones that have points."""
    return session.scalars(select(PointRow.zone).distinct().order_by(PointRow.zone)).all()


def assignment(session: Session, assignment_id: int) -> Assignment:
    """Raises NotFound."""
    return _assignment(_get(session, AssignmentRow, assignment_id, "SPT"))


def assignments_beyond(
    session: Session, day: date, over: datetime, **where: int
) -> Sequence[Assignment]:
    """Letters that hold after a day, whose end is the moment `over`; `where` by column."""
    row = AssignmentRow
    rows = session.scalars(
        select(row)
        .filter_by(**where)
        .where(
            or_(row.valid_to.is_(None), row.valid_to > day),
            or_(row.ended_at.is_(None), row.ended_at > over),
        )
        .order_by(row.id)
    )
    return [_assignment(r) for r in rows]


def account_by_id(session: Session, account_id: int) -> MerchantAccount:
    """Raises NotFound."""
    return _account(_get(session, MerchantAccountRow, account_id, "akun merchant"))


def fee_days(session: Session, account_id: int) -> Sequence[date]:
    """The days from which an account has a fee."""
    fee = FeeRow
    return session.scalars(
        select(fee.valid_from).where(fee.merchant_account_id == account_id)
    ).all()

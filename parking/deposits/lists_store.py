"""The lists of the treasurer's desk: handovers, receipts and deposit slips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from parking.access.store import UserRow
from parking.business_day import business_day, day_starts
from parking.database.rows import Query, Rows
from parking.deposits.deadlines import days_late, deposit_due
from parking.deposits.handover import Party, Standing
from parking.deposits.store import HandoverItemRow, HandoverRow, StsRow, StsTbpRow, TbpRow
from parking.deposits.sts import Standing as StsStanding
from parking.deposits.words import STANDING_TEXT, STS_TEXT
from parking.money import Rupiah
from parking.registry.store import AssignmentRow, AttendantRow, PointRow
from parking.shifts.store import ShiftRow

Giver = aliased(UserRow)
Receiver = aliased(UserRow)
ISSUED = (StsStanding.ISSUED, StsStanding.PAID_IN, StsStanding.VALIDATED)
WITHOUT_LETTER = "tanpa SPT"  # D25


@dataclass(frozen=True, slots=True)
class Ask:
    """Which rows, and in which order."""

    state: str = ""
    first: date | None = None
    last: date | None = None
    paid_on: date | None = None  # of slips: the day of the bank's own
    search: str = ""
    sort: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class HandoverLine:
    id: int
    given_at: datetime
    giver: str
    receiver: str
    given: Rupiah
    received: Rupiah | None
    letter: str  # that the giver had; a collector needs none
    standing: Standing

    @property
    def difference(self) -> int | None:
        return None if self.received is None else self.received - self.given

    @property
    def standing_text(self) -> str:
        return STANDING_TEXT[self.standing]


@dataclass(frozen=True, slots=True)
class TbpLine:
    id: int
    number: str
    received_on: date
    giver: str
    amount: Rupiah
    in_slips: Rupiah  # that were issued
    left: Rupiah  # in no slip
    due: date
    late: int | None  # working days: of what is not paid in to this day, of the rest as it was


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A receipt that was not paid in by the end of a day."""

    id: int
    number: str
    received_on: date
    left: Rupiah


@dataclass(frozen=True, slots=True)
class StsLine:
    id: int
    number: str
    dated: date
    amount: Rupiah
    paid_in: Rupiah | None
    paid_in_at: datetime | None
    bank_reference: str
    received_on: date  # the oldest of its receipts
    late: int | None
    standing: StsStanding

    @property
    def difference(self) -> int | None:
        return None if self.paid_in is None else self.paid_in - self.amount

    @property
    def standing_text(self) -> str:
        return STS_TEXT[self.standing]


@dataclass(frozen=True, slots=True)
class Source:
    """A shift whose cash is in a handover, or in one that the collector received."""

    shift_id: int
    business_day: date
    point: str
    attendant: str
    amount: Rupiah


def handovers(ask: Ask) -> Rows[HandoverLine]:
    row, of = HandoverRow, AttendantRow
    query: Query = _with_giver(
        select(row, of.name, of.badge, Giver.display_name, Receiver.display_name,
               AssignmentRow.letter)
    ).outerjoin(Receiver, Receiver.id == row.receiver_id)  # fmt: skip
    query = query.outerjoin(AssignmentRow, AssignmentRow.id == row.assignment_id)
    where = _between(row.business_day, ask)
    if ask.state:
        where.append(row.standing == ask.state)
    if ask.search:
        where.append(_names(ask.search))
    sorts = {
        "given_at": row.given_at, "given": row.given, "received": row.received,
        "standing_text": row.standing,
    }  # fmt: skip
    return Rows(_ordered(query.where(*where), sorts, "given_at", row.id, ask), _handover)


def _handover(found: Any) -> HandoverLine:
    row, name, badge, giver, receiver, letter = found
    is_attendant = row.giver_kind == Party.ATTENDANT
    return HandoverLine(
        row.id, row.given_at, f"{name} ({badge})" if is_attendant else giver,
        receiver or "Kas bendahara", Rupiah(row.given),
        None if row.received is None else Rupiah(row.received),
        (letter or WITHOUT_LETTER) if is_attendant else "", Standing(row.standing),
    )  # fmt: skip


def tbps(ask: Ask, today: date, leave: frozenset[date]) -> Rows[TbpLine]:
    """Receipts; state "open" are those of which something is in no slip."""
    row, of = TbpRow, AttendantRow
    in_slips = _parts(StsRow.standing != StsStanding.VOID)
    in_issued = _parts(StsRow.standing.in_(ISSUED))
    paid_in = (
        select(func.max(StsRow.paid_in_at))
        .join(StsTbpRow, StsTbpRow.sts_id == StsRow.id)
        .where(StsTbpRow.tbp_id == row.id)
        .correlate(row)
        .scalar_subquery()
    )
    not_paid = row.amount > _parts(StsRow.paid_in.is_not(None))
    query: Query = _with_giver(
        select(
            row, of.name, of.badge, Giver.display_name, in_issued, row.amount - in_slips, paid_in,
            not_paid,
        )
        .join(HandoverRow, HandoverRow.id == row.handover_id)
    )  # fmt: skip
    where = _between(row.received_on, ask)
    if ask.state == "open":
        where.append(row.amount > in_slips)
    if ask.search:
        where.append(or_(row.number.contains(ask.search, autoescape=True), _names(ask.search)))
    sorts = {"number": row.id, "received_on": row.received_on, "amount": row.amount}

    def line(found: Any) -> TbpLine:
        it, name, badge, giver, issued, left, at, is_open = found
        due = deposit_due(it.received_on, leave)
        done = today if is_open or at is None else business_day(at)
        return TbpLine(
            it.id, it.number, it.received_on, f"{name} ({badge})" if name else giver,
            Rupiah(it.amount), Rupiah(int(issued)), Rupiah(int(left)), due,
            days_late(due, done, leave) or None,
        )  # fmt: skip

    return Rows(_ordered(query.where(*where), sorts, "received_on", row.id, ask), line)


def unpaid_at(session: Session, day: date) -> Sequence[Unpaid]:
    """Receipts up to a day of which something was not paid in by its end, the oldest first."""
    row = TbpRow
    by_then = StsRow.paid_in_at < day_starts(day + timedelta(days=1))
    left = row.amount - _parts(by_then)
    rows = session.execute(
        select(row.id, row.number, row.received_on, left)
        .where(row.received_on <= day, left > 0)
        .order_by(row.received_on, row.id)
    )
    return [Unpaid(*r[:3], Rupiah(int(r[3]))) for r in rows]


def slips(ask: Ask, today: date, leave: frozenset[date]) -> Rows[StsLine]:
    """Deposit slips; state "open" are those that the bank has not confirmed, "in_force" those
    that were issued and are not void.
    """
    row = StsRow
    oldest = (
        select(func.min(TbpRow.received_on))
        .join(StsTbpRow, StsTbpRow.tbp_id == TbpRow.id)
        .where(StsTbpRow.sts_id == row.id)
        .correlate(row)
        .scalar_subquery()
    )
    query: Query = select(row, oldest)
    where = _between(row.dated, ask)
    if ask.state == "open":
        where.append(row.standing.in_([StsStanding.DRAFT, StsStanding.ISSUED, StsStanding.PAID_IN]))
    elif ask.state == "in_force":
        where.append(row.standing.in_(ISSUED))
    elif ask.state:
        where.append(row.standing == ask.state)
    if ask.paid_on:
        where += [row.paid_in_at >= day_starts(ask.paid_on),
                  row.paid_in_at < day_starts(ask.paid_on + timedelta(days=1))]  # fmt: skip
    if ask.search:
        text = [column.contains(ask.search, autoescape=True)
                for column in (row.number, row.bank_reference, row.note)]  # fmt: skip
        where.append(or_(*text))
    sorts = {
        "name": row.id, "dated": row.dated, "amount": row.amount, "paid_in": row.paid_in,
        "paid_in_at": row.paid_in_at, "standing_text": row.standing,
    }  # fmt: skip

    def line(found: Any) -> StsLine:
        it, received_on = found
        due = deposit_due(received_on, leave)
        done = business_day(it.paid_in_at) if it.paid_in_at else today
        is_late = it.standing != StsStanding.VOID and days_late(due, done, leave)
        return StsLine(
            it.id, it.number or f"draf {it.id}", it.dated, Rupiah(it.amount),
            None if it.paid_in is None else Rupiah(it.paid_in), it.paid_in_at, it.bank_reference,
            received_on, is_late or None, StsStanding(it.standing),
        )  # fmt: skip

    return Rows(_ordered(query.where(*where), sorts, "dated", row.id, ask), line)


def sources(session: Session, handover_id: int) -> Sequence[Source]:
    """The shifts whose cash is in a handover, through the collector's hands too."""
    item, inner = HandoverItemRow, aliased(HandoverItemRow)
    shift = func.coalesce(item.shift_id, inner.shift_id)
    rows = session.execute(
        select(
            ShiftRow.id, ShiftRow.business_day, PointRow.code, AttendantRow.name,
            AttendantRow.badge, func.coalesce(inner.amount, item.amount),
        )
        .select_from(item)
        .outerjoin(inner, inner.handover_id == item.part_id)
        .join(ShiftRow, ShiftRow.id == shift)
        .join(PointRow, PointRow.id == ShiftRow.point_id)
        .join(AttendantRow, AttendantRow.id == ShiftRow.attendant_id)
        .where(item.handover_id == handover_id)
        .order_by(ShiftRow.id)
    )  # fmt: skip
    return [Source(r[0], r[1], r[2], f"{r[3]} ({r[4]})", Rupiah(int(r[5]))) for r in rows]


def _with_giver(query: Query) -> Query:
    row = HandoverRow
    is_attendant = row.giver_kind == Party.ATTENDANT
    return query.outerjoin(
        AttendantRow, and_(is_attendant, AttendantRow.id == row.giver_id)
    ).outerjoin(Giver, and_(~is_attendant, Giver.id == row.giver_id))


def _names(search: str) -> ColumnElement[bool]:
    columns = (AttendantRow.name, AttendantRow.badge, Giver.display_name)
    return or_(*(column.icontains(search, autoescape=True) for column in columns))


def _parts(where: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.coalesce(func.sum(StsTbpRow.part), 0))
        .join(StsRow, StsRow.id == StsTbpRow.sts_id)
        .where(StsTbpRow.tbp_id == TbpRow.id, where)
        .correlate(TbpRow)
        .scalar_subquery()
    )


def _between(day: Any, ask: Ask) -> list[ColumnElement[bool]]:
    found = []
    if ask.first:
        found.append(day >= ask.first)
    if ask.last:
        found.append(day <= ask.last)
    return found


def _ordered(query: Query, sorts: dict[str, Any], usual: str, id_: Any, ask: Ask) -> Query:
    by = sorts.get(ask.sort, sorts[usual])
    return query.order_by(by.desc() if ask.descending else by, id_)

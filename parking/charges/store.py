"""Charges: what attendants asked drivers to pay, and everything that happened to each."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    Subquery,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.business_day import business_day
from parking.charges.charge import (
    MOST_OF_A_TAP,
    OPEN,
    PATIENCE,
    Asked,
    Charge,
    ChargeState,
    Step,
    Taken,
    key_of,
    may_move,
    tap_of,
    was_shown,
)
from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import add_rows, among, change_rows
from parking.errors import Conflict, NotFound
from parking.money import Rupiah
from parking.registry.facts import Vehicle
from parking.registry.store import AttendantRow, PointRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow

# Causes of events: the gateway was asked to end it and did not, or cannot at all.
END_ASKED, WITHDRAWN = "end_asked", "withdrawn"

# What `move` may write beside the state.
PROJECTIONS = (
    "state", "late", "theirs", "payload", "expires_at", "paid_at", "inquire_at", "inquiries",
    "confirmed_at",
)  # fmt: skip


class ChargeRow(Base):
    """One dynamic QR for one vehicle. `state` is a projection of the charge's events (M5)."""

    __tablename__ = "charge"
    __table_args__ = (
        # A repeated tap carries the same key and finds the first charge.
        UniqueConstraint("attendant_id", "client_key"),
        CheckConstraint("amount BETWEEN 1 AND 10000000", name="amount"),
        Index("ix_charge_business_day", "business_day"),
        Index("ix_charge_shift_id", "shift_id"),
        Index("ix_charge_replaces", "replaces", postgresql_where=text("replaces IS NOT NULL")),
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


def add(session: Session, asked: Asked) -> Charge | None:
    """Store a charge with its first event; None if its key or its name is taken already."""
    row = session.scalar(
        insert(ChargeRow)
        .values(
            **asdict(asked),
            business_day=business_day(asked.created_at),
            state=ChargeState.CREATING, late=False, inquiries=0,
            inquire_at=asked.created_at + PATIENCE,
        )
        .on_conflict_do_nothing()
        .returning(ChargeRow)
    )  # fmt: skip
    if row is None:
        return None
    actor = f"attendant:{asked.attendant_id}"
    add_steps(session, [Step(row.id, None, ChargeState.CREATING, asked.created_at, "asked", actor)])
    return _charge(row)


def of_tap(session: Session, attendant_id: int, client_key: str) -> Sequence[Charge]:
    """The charges that one tap came to, in order: more than one when an account did not answer
    and the next was asked. Empty when there was no such tap.
    """
    keys = [key_of(client_key, nth) for nth in range(1, MOST_OF_A_TAP + 1)]
    rows = session.scalars(
        select(ChargeRow)
        .where(ChargeRow.attendant_id == attendant_id, ChargeRow.client_key.in_(keys))
        .order_by(ChargeRow.id)
    )
    return [_charge(row) for row in rows]


def newest_of_tap(session: Session, charge: Charge) -> Charge:
    """The charge itself, or the one that the same tap came to after its account did not answer."""
    if was_shown(charge):
        return charge
    return of_tap(session, charge.attendant_id, tap_of(charge))[-1]


def own(session: Session, ours: str, attendant_id: int) -> Charge:
    """One of an attendant's own charges. Raises NotFound, also for another's."""
    query = select(ChargeRow).where(ChargeRow.ours == ours, ChargeRow.attendant_id == attendant_id)
    return _one(session, query, ours)


def is_replaced(session: Session, ours: str) -> bool:
    """Whether another charge for the same vehicle is being asked, shown or was paid."""
    alive = (*OPEN, ChargeState.PAID)
    query = select(ChargeRow.id).where(ChargeRow.replaces == ours, ChargeRow.state.in_(alive))
    return session.scalar(query.limit(1)) is not None


def newest(session: Session, shift_id: int) -> Charge | None:
    """The charge that was asked last in a shift."""
    row = session.scalar(
        select(ChargeRow)
        .where(ChargeRow.shift_id == shift_id)
        .order_by(ChargeRow.id.desc())
        .limit(1)
    )
    return _charge(row) if row is not None else None


def paid_in(session: Session, shift_ids: Collection[int]) -> Sequence[Taken]:
    """What was paid of the charges asked in shifts, by amount and split."""
    rows = session.execute(
        select(ChargeRow.amount, ChargeRow.city_bps, func.count())
        .where(ChargeRow.shift_id.in_(shift_ids), ChargeRow.state == ChargeState.PAID)
        .group_by(ChargeRow.amount, ChargeRow.city_bps)
    )
    return [Taken(Rupiah(amount), city_bps, count) for amount, city_bps, count in rows]


def claim(session: Session, charge_id: int, now: datetime, until: datetime) -> bool:
    """Whether the caller may ask the gateway about a charge now; nobody else may until then.

    Somebody waits at a phone, so what the sweep has planned for later is brought forward.
    """
    found = session.scalar(
        update(ChargeRow)
        .where(
            ChargeRow.id == charge_id,
            or_(ChargeRow.inquire_at <= now, ChargeRow.inquire_at > until),
        )
        .values(inquire_at=until)
        .returning(ChargeRow.id)
    )
    return found is not None


def over(session: Session, now: datetime, again_after: timedelta, limit: int) -> Sequence[Charge]:
    """Open charges whose time is over, the longest over first.

    One whose gateway was asked to end it and did not is among them again only
    `again_after` then.
    """
    asked = select(ChargeEventRow.id).where(
        ChargeEventRow.charge_id == ChargeRow.id,
        ChargeEventRow.cause.in_((END_ASKED, WITHDRAWN)),
        ChargeEventRow.at > now - again_after,
    )
    rows = session.scalars(
        select(ChargeRow)
        .where(
            ChargeRow.inquire_at.is_not(None),  # so for every open charge, and indexed
            ChargeRow.state.in_(OPEN),
            ChargeRow.expires_at <= now,
            ~asked.exists(),
        )
        .order_by(ChargeRow.expires_at)
        .limit(limit)
    )
    return [_charge(row) for row in rows]


def last_cause(session: Session, charge_id: int) -> str:
    """Why the last event of a charge was noted."""
    event = ChargeEventRow
    query = select(event.cause).where(event.charge_id == charge_id).order_by(event.id.desc())
    return session.scalars(query.limit(1)).one()


def withdrawn(session: Session, charges: Collection[Charge]) -> set[str]:
    """Which of some charges an attendant has cancelled where the gateway cancels nothing, by our
    name for them.
    """
    ours = {charge.id: charge.ours for charge in charges}
    event = ChargeEventRow
    query = select(event.charge_id).where(among(event.charge_id, ours), event.cause == WITHDRAWN)
    return {ours[charge_id] for charge_id in session.scalars(query)} if ours else set()


def by_ours(session: Session, ours: str) -> Charge:
    """A charge as it stands, not locked. Raises NotFound."""
    return _one(session, select(ChargeRow).where(ChargeRow.ours == ours), ours)


def named_by_them(session: Session, gateway: str, account: str, theirs: str) -> str | None:
    """Our name of the charge that a gateway calls so; None if there is none."""
    row = ChargeRow
    query = select(row.ours).where(
        row.theirs == theirs, row.gateway == gateway, row.account == account
    )
    return session.scalar(query.order_by(row.id.desc()).limit(1))


def locked(session: Session, ours: str) -> Charge:
    """A charge, locked until this transaction ends. Raises NotFound."""
    query = select(ChargeRow).where(ChargeRow.ours == ours).with_for_update()
    return _one(session, query, ours)


def locked_all(session: Session, ours: Collection[str]) -> dict[str, Charge]:
    """Those of the named charges that exist, locked, by our name for them.

    Everybody who locks several does it here, in the order of their ids, so that two
    can wait for each other but never in a circle.
    """
    query = select(ChargeRow).where(among(ChargeRow.ours, ours)).order_by(ChargeRow.id)
    rows = session.scalars(_fresh(query.with_for_update()))
    return {row.ours: _charge(row) for row in rows}


def move(
    session: Session,
    charge_id: int,
    to_state: ChargeState,
    *,
    at: datetime,
    cause: str,
    actor: str,
    evidence_id: int | None = None,
    note: str = "",
    **projections: Any,
) -> Charge:
    """Bring a charge into a state, with the event that says why; the charge after it.

    The charge is locked first. The state it is in already may be named: then the
    event is noted and only the projections change. Raises NotFound; Conflict if the
    state cannot be reached from where the charge is by now.
    """
    before = _one(
        session, select(ChargeRow).where(ChargeRow.id == charge_id).with_for_update(), charge_id
    )
    if to_state is not before.state and not may_move(before.state, to_state):
        raise Conflict(f"QR {before.ours} sudah {before.state}: tidak bisa menjadi {to_state}")
    step = Step(charge_id, before.state, to_state, at, cause, actor, evidence_id, note)
    after = replace(before, state=to_state, **projections)
    add_steps(session, [step])
    project(session, [after])
    return after


def ask_at(session: Session, charge_id: int, moment: datetime) -> None:
    """Have the gateway asked about a charge at a moment: now, if somebody is waiting.

    The sweep of payments.inquire does the asking; what it learns goes through
    payments.apply, as everything does.
    """
    change_rows(session, ChargeRow, ["id"], [{"id": charge_id, "inquire_at": moment}])


def add_steps(session: Session, steps: Sequence[Step]) -> None:
    """Store events. Whoever adds one that moves also projects the charge it moved."""
    add_rows(
        session,
        ChargeEventRow,
        [
            {
                "charge_id": step.charge_id, "at": step.at, "from_state": step.before or "",
                "to_state": step.after, "cause": step.cause, "actor": step.actor,
                "evidence_id": step.evidence_id, "note": step.note,
            }
            for step in steps
        ],
    )  # fmt: skip


def project(session: Session, charges: Sequence[Charge]) -> None:
    """Write the projections of locked charges as these values have them."""
    rows = [{name: getattr(charge, name) for name in ("id", *PROJECTIONS)} for charge in charges]
    change_rows(session, ChargeRow, ["id"], rows)


def _one(session: Session, query: Select[Any], name: object) -> Charge:
    row = session.scalar(_fresh(query))
    if row is None:
        raise NotFound(f"Tidak ada QR {name}")
    return _charge(row)


def _fresh(query: Select[Any]) -> Select[Any]:
    """A row that this session has read before is read again: it may have moved since."""
    return query.execution_options(populate_existing=True)


def _charge(row: ChargeRow) -> Charge:
    return Charge(
        row.id, row.ours, row.gateway, row.account, row.shift_id, row.attendant_id, row.point_id,
        row.device_id, row.client_key, Vehicle(row.vehicle), row.tariff_id, Rupiah(row.amount),
        row.city_bps, row.created_at, row.business_day, row.replaces, ChargeState(row.state),
        row.late, row.theirs, row.payload, row.expires_at, row.paid_at, row.inquire_at,
        row.inquiries, row.confirmed_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift with who and where, and what came in it: gross, cash taken back left out."""

    shift_id: int
    badge: str
    name: str
    point: str
    zone: str
    opened_at: datetime
    closed_at: datetime | None
    declared_cash: Rupiah | None
    qris_count: int
    qris_sum: Rupiah
    cash_count: int
    cash_sum: Rupiah


def shift_lines(session: Session, day: date) -> list[ShiftLine]:
    """The shifts opened on a day, each with its sums; those without a sum have zeros."""
    shift, who, where = ShiftRow, AttendantRow, PointRow
    qris, cash = _paid_by_shift(day), _cash_by_shift(day)
    rows = session.execute(
        select(
            shift.id, who.badge, who.name, where.code, where.zone, shift.opened_at,
            shift.closed_at, shift.declared_cash,
            *(func.coalesce(each, 0) for each in (qris.c.n, qris.c.s, cash.c.n, cash.c.s)),
        )
        .join(who, who.id == shift.attendant_id)
        .join(where, where.id == shift.point_id)
        .outerjoin(qris, qris.c.shift_id == shift.id)
        .outerjoin(cash, cash.c.shift_id == shift.id)
        .where(shift.business_day == day)
    )  # fmt: skip
    return [
        ShiftLine(
            id_, badge, name, code, zone, opened, closed,
            None if said is None else Rupiah(said), qn, Rupiah(int(qs)), cn, Rupiah(int(cs)),
        )
        for id_, badge, name, code, zone, opened, closed, said, qn, qs, cn, cs in rows
    ]  # fmt: skip


def _paid_by_shift(day: date) -> Subquery:
    return (
        select(ChargeRow.shift_id, func.count().label("n"), func.sum(ChargeRow.amount).label("s"))
        .join(ShiftRow, ShiftRow.id == ChargeRow.shift_id)
        .where(ShiftRow.business_day == day, ChargeRow.state == ChargeState.PAID)
        .group_by(ChargeRow.shift_id)
        .subquery()
    )


def _cash_by_shift(day: date) -> Subquery:
    corrected = select(CashCorrectionRow.cash_id).where(CashCorrectionRow.cash_id == CashRow.id)
    return (
        select(CashRow.shift_id, func.count().label("n"), func.sum(CashRow.amount).label("s"))
        .join(ShiftRow, ShiftRow.id == CashRow.shift_id)
        .where(ShiftRow.business_day == day, ~corrected.exists())
        .group_by(CashRow.shift_id)
        .subquery()
    )

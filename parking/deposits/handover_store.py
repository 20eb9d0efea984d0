"""Handovers of cash: what each holder can give, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from parking.access.policy import Role
from parking.access.store import UserRow
from parking.business_day import business_day
from parking.database.bulk import add_rows, among, change_rows
from parking.deposits.handover import COUNTED, Handover, Holder, Item, Party, Standing, Wish
from parking.deposits.store import HandoverEventRow, HandoverItemRow, HandoverRow
from parking.errors import NotFound
from parking.ledger.store import PostingRow
from parking.money import Rupiah
from parking.registry.store import AttendantRow, PointRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow

PROJECTIONS = (
    "receiver_id", "standing", "received", "received_at", "receiver_note", "acknowledged_at",
    "giver_note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShiftCash:
    """A closed shift whose cash was not handed on."""

    id: int
    point_id: int
    point: str
    business_day: date
    closed_at: datetime | None
    amount: Rupiah  # by the book


@dataclass(frozen=True, slots=True)
class PartCash:
    """A handover that a collector received and has not handed on."""

    id: int
    giver: str
    received_at: datetime | None
    amount: Rupiah


@dataclass(frozen=True, slots=True)
class Receiver:
    id: int
    name: str


def lock(session: Session, holder: Holder) -> None:
    """What a holder gives goes one after the other, until the end of the transaction."""
    account, id_ = holder.place
    key = func.hashtextextended(f"cash of {account} {id_ or ''}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def held(session: Session, holder: Holder) -> int:
    """What a holder can give now by the book, in rupiah: the cash of an open shift is not
    among it, for its last tap may yet be taken back.
    """
    account, id_ = holder.place
    owned = PostingRow.holder.is_(None) if id_ is None else PostingRow.holder == id_
    booked = select(func.coalesce(func.sum(PostingRow.amount), 0)).where(
        PostingRow.account == account, owned
    )
    if holder.party is not Party.ATTENDANT:
        return int(session.scalar(booked) or 0)
    # In one statement, so over one snapshot: a tap in between is in both or in neither.
    return int(session.scalar(select(booked.scalar_subquery() - _in_open_shift(id_))) or 0)


def _in_open_shift(attendant_id: int | None) -> ScalarSelect[Any]:
    return (
        select(func.coalesce(func.sum(CashRow.amount), 0))
        .join(ShiftRow, ShiftRow.id == CashRow.shift_id)
        .outerjoin(CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id)
        .where(
            ShiftRow.attendant_id == attendant_id, ShiftRow.closed_at.is_(None),
            CashCorrectionRow.cash_id.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip


def shifts_to_give(session: Session, attendant_id: int) -> Sequence[ShiftCash]:
    """An attendant's closed shifts with cash that no handover is of, the oldest first."""
    rows = session.execute(
        select(
            ShiftRow.id, PointRow.id, PointRow.code, ShiftRow.business_day, ShiftRow.closed_at,
            func.sum(CashRow.amount),
        )
        .join(PointRow, PointRow.id == ShiftRow.point_id)
        .join(CashRow, CashRow.shift_id == ShiftRow.id)
        .outerjoin(CashCorrectionRow, CashCorrectionRow.cash_id == CashRow.id)
        .where(
            ShiftRow.attendant_id == attendant_id, ShiftRow.closed_at.is_not(None),
            CashCorrectionRow.cash_id.is_(None),
            ~_given(HandoverItemRow.shift_id == ShiftRow.id),
        )
        .group_by(ShiftRow.id, PointRow.id)
        .order_by(ShiftRow.id)
    )  # fmt: skip
    return [ShiftCash(*row[:5], Rupiah(int(row[5]))) for row in rows]


def points_of(session: Session, shift_ids: Sequence[int]) -> frozenset[int]:
    """The points of shifts."""
    query = select(ShiftRow.point_id).where(among(ShiftRow.id, shift_ids))
    return frozenset(session.scalars(query))


def parts_to_give(session: Session, collector_id: int) -> Sequence[PartCash]:
    """What a collector received and no handover of his is of, the oldest first."""
    row = HandoverRow
    rows = session.execute(
        select(row.id, AttendantRow.name, AttendantRow.badge, row.received_at, row.received)
        .join(AttendantRow, AttendantRow.id == row.giver_id)
        .where(
            row.receiver_kind == Party.COLLECTOR, row.receiver_id == collector_id,
            row.standing.in_(COUNTED), row.received > 0,
            ~_given(HandoverItemRow.part_id == row.id),
        )
        .order_by(row.id)
    )  # fmt: skip
    return [PartCash(r[0], f"{r[1]} ({r[2]})", r[3], Rupiah(r[4] or 0)) for r in rows]


def _given(of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a handover that was not withdrawn is of it."""
    whole = HandoverRow.__table__.alias("whole")
    return (
        select(HandoverItemRow.id)
        .join(whole, whole.c.id == HandoverItemRow.handover_id)
        .where(of, whole.c.standing != Standing.WITHDRAWN)
        .correlate(ShiftRow, HandoverRow)
        .exists()
    )


def offered_sum(session: Session, giver: Holder) -> int:
    """What a giver says he gives in handovers that nobody has counted."""
    query = select(func.coalesce(func.sum(HandoverRow.given), 0)).where(
        *_of_giver(giver), HandoverRow.standing == Standing.OFFERED
    )
    return int(session.scalar(query) or 0)


def receivers(session: Session) -> Sequence[Receiver]:
    """The people who collect."""
    query = select(UserRow.id, UserRow.display_name).where(
        UserRow.role == Role.COLLECTOR, UserRow.ended_at.is_(None)
    )
    return [Receiver(*row) for row in session.execute(query.order_by(UserRow.display_name))]


def add(
    session: Session, wish: Wish, items: Sequence[Item], letter: int | None, actor: str,
    now: datetime,
) -> Handover:  # fmt: skip
    row = session.scalars(
        insert(HandoverRow)
        .values(
            client_key=wish.client_key, giver_kind=wish.giver.party, giver_id=wish.giver.id,
            receiver_kind=wish.receiver.party, receiver_id=wish.receiver.id, given=wish.given,
            given_at=now, business_day=business_day(now), assignment_id=letter,
            standing=Standing.OFFERED, receiver_note="", giver_note="",
        )
        .returning(HandoverRow)
    ).one()  # fmt: skip
    add_rows(
        session,
        HandoverItemRow,
        [
            {"handover_id": row.id, "shift_id": i.shift_id, "part_id": i.part_id,
             "amount": i.amount}
            for i in items
        ],
    )  # fmt: skip
    _add_event(session, row.id, "", Standing.OFFERED, actor, Rupiah(wish.given), "", now)
    return _handover(row)


def by_key(session: Session, giver: Holder, client_key: str) -> Handover | None:
    query = select(HandoverRow).where(*_of_giver(giver), HandoverRow.client_key == client_key)
    row = session.scalar(query)
    return _handover(row) if row is not None else None


def of_giver(session: Session, handover_id: int, giver: Holder, *, lock: bool = False) -> Handover:
    """Raises NotFound, also for another's."""
    return _one(session, handover_id, _of_giver(giver), lock=lock)


def for_receiver(
    session: Session, handover_id: int, receiver: Holder, *, lock: bool = False
) -> Handover:
    """A handover that is, or was, this receiver's to count. Raises NotFound, also for another's.

    What is meant for the treasurer's office may be counted by whoever sits there.
    """
    return _one(session, handover_id, _of_receiver(receiver), lock=lock)


def one(session: Session, handover_id: int) -> Handover:
    """Raises NotFound."""
    return _one(session, handover_id, [], lock=False)


def waiting(session: Session, receiver: Holder) -> Sequence[Handover]:
    """What is offered to a receiver, the oldest first."""
    where = [*_of_receiver(receiver), HandoverRow.standing == Standing.OFFERED]
    return _many(session, select(HandoverRow).where(*where).order_by(HandoverRow.id))


def latest(session: Session, giver: Holder, limit: int) -> Sequence[Handover]:
    """A giver's handovers, the newest first; those that wait for an answer before all."""
    row = HandoverRow
    waits = row.standing.in_([Standing.DIFFERS, Standing.OFFERED])
    query = select(row).where(*_of_giver(giver)).order_by(waits.desc(), row.id.desc())
    return _many(session, query.limit(limit))


def received(session: Session, receiver: Holder, limit: int) -> Sequence[Handover]:
    """What a receiver has counted, the newest first."""
    where = [*_of_receiver(receiver), HandoverRow.standing.in_(COUNTED)]
    query = select(HandoverRow).where(*where).order_by(HandoverRow.received_at.desc())
    return _many(session, query.limit(limit))


def items(session: Session, handover_id: int) -> Sequence[Item]:
    row = HandoverItemRow
    rows = session.scalars(select(row).where(row.handover_id == handover_id).order_by(row.id))
    return [Item(r.shift_id, r.part_id, Rupiah(r.amount)) for r in rows]


def events(session: Session, handover_id: int) -> Sequence[HandoverEventRow]:
    row = HandoverEventRow
    return session.scalars(select(row).where(row.handover_id == handover_id).order_by(row.id)).all()


def move(
    session: Session, of: Handover, to: Standing, actor: str, amount: Rupiah, now: datetime,
    note: str = "", receiver: Holder | None = None, **projections: Any,
) -> Handover:  # fmt: skip
    """Bring a locked handover somewhere, with the event that says so."""
    after = replace(of, standing=to, receiver=receiver or of.receiver, **projections)
    told = {name: getattr(after, name) for name in PROJECTIONS if name != "receiver_id"}
    row = {"id": after.id, "receiver_id": after.receiver.id, **told}
    change_rows(session, HandoverRow, ["id"], [row])
    _add_event(session, of.id, of.standing, to, actor, amount, note, now)
    return after


def names(session: Session, holders: Sequence[Holder]) -> dict[Holder, str]:
    """What people call holders of cash."""
    said: dict[Holder, str] = {}
    for party, table, name in (
        (Party.ATTENDANT, AttendantRow, AttendantRow.name + " (" + AttendantRow.badge + ")"),
        (Party.COLLECTOR, UserRow, UserRow.display_name),
        (Party.TREASURER, UserRow, UserRow.display_name),
    ):
        ids = {h.id for h in holders if h.party is party and h.id is not None}
        found = session.execute(select(table.id, name).where(among(table.id, ids)))
        said |= {Holder(party, id_): text for id_, text in found}
    return {h: said.get(h, "Kas bendahara") for h in holders}


def _of_giver(giver: Holder) -> list[ColumnElement[bool]]:
    return [HandoverRow.giver_kind == giver.party, HandoverRow.giver_id == giver.id]


def _of_receiver(receiver: Holder) -> list[ColumnElement[bool]]:
    is_kind = HandoverRow.receiver_kind == receiver.party
    if receiver.party is Party.TREASURER:
        return [is_kind]
    return [is_kind, HandoverRow.receiver_id == receiver.id]


def _one(
    session: Session, handover_id: int, where: Sequence[ColumnElement[bool]], *, lock: bool
) -> Handover:
    query: Select[HandoverRow] = select(HandoverRow).where(HandoverRow.id == handover_id, *where)
    if lock:
        query = query.with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"Tidak ada serah terima nomor {handover_id}")
    return _handover(row)


def _many(session: Session, query: Select[HandoverRow]) -> Sequence[Handover]:
    return [_handover(row) for row in session.scalars(query)]


def _add_event(
    session: Session, handover_id: int, before: str, to: Standing, actor: str, amount: Rupiah,
    note: str, now: datetime,
) -> None:  # fmt: skip
    session.execute(
        insert(HandoverEventRow).values(
            handover_id=handover_id, at=now, from_standing=before, to_standing=to, actor=actor,
            amount=amount, note=note,
        )
    )  # fmt: skip


def _handover(row: HandoverRow) -> Handover:
    return Handover(
        row.id, row.client_key, Holder(Party(row.giver_kind), row.giver_id),
        Holder(Party(row.receiver_kind), row.receiver_id), Rupiah(row.given), row.given_at,
        row.business_day, row.assignment_id, Standing(row.standing),
        None if row.received is None else Rupiah(row.received), row.received_at,
        row.receiver_note, row.acknowledged_at, row.giver_note,
    )  # fmt: skip

"""The treasurer's papers: receipts (TBP) and deposit slips (STS), numbered without a gap."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from parking.business_day import business_day
from parking.database.bulk import add_rows, change_rows
from parking.deposits.store import NumberRow, StsEventRow, StsRow, StsTbpRow, TbpRow
from parking.deposits.sts import Standing, Sts, Tbp, number_of, series_of
from parking.errors import NotFound
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah

PROJECTIONS = (
    "number", "standing", "issued_at", "issued_by", "paid_in", "paid_in_at", "paid_in_by",
    "bank_reference", "validated_at", "validated_by", "void_reason",
)  # fmt: skip


# The account of the budget that the points of a handover's cash are of; none of several (D30).
CODE = """
WITH RECURSIVE down AS (
    SELECT CAST(:handover_id AS bigint) AS of
    UNION
    SELECT i.part_id FROM down d JOIN handover_item i ON i.handover_id = d.of
    WHERE i.part_id IS NOT NULL
)
SELECT CASE WHEN count(DISTINCT c.code) = 1 THEN min(c.code) END
FROM down d
JOIN handover_item i ON i.handover_id = d.of
JOIN shift w ON w.id = i.shift_id
JOIN parking_point n ON n.id = w.point_id
JOIN LATERAL (
    SELECT r.code FROM revenue_code r WHERE r.area_type = n.area_type AND r.valid_from <= :day
    ORDER BY r.valid_from DESC, r.id DESC LIMIT 1
) c ON true
"""

IS_CLOSED = "SELECT EXISTS (SELECT FROM closed_day WHERE business_day = :day)"


def is_closed(session: Session, day: date) -> bool:
    """Whether two persons have signed a day: no document is dated into it anew."""
    return bool(session.scalar(text(IS_CLOSED), {"day": day}))


def next_number(session: Session, kind: str, dated: date) -> str:
    """The next number of a kind of document of a day; given back when the transaction fails.

    Who asks next waits for this one's end, so that none is skipped.
    """
    row = NumberRow
    added = insert(row).values(series=series_of(kind, dated), last=1)
    last = session.scalar(
        added.on_conflict_do_update(
            index_elements=["series"], set_={"last": row.last + 1}
        ).returning(row.last)
    )
    return number_of(kind, last or 1, dated)


def add_tbp(session: Session, handover_id: int, amount: Rupiah, actor: str, now: datetime) -> int:
    """The receipt for a handover that the treasurer counted, under the account of the budget
    that its points are of; its id.
    """
    day = business_day(now)
    code = session.scalar(text(CODE), {"handover_id": handover_id, "day": day})
    return session.execute(
        insert(TbpRow)
        .values(
            number=next_number(session, "TBP", day), handover_id=handover_id, amount=amount,
            revenue_code=code, received_on=day, issued_at=now, issued_by=actor,
        )
        .returning(TbpRow.id)
    ).scalar_one()  # fmt: skip


def tbp(session: Session, tbp_id: int) -> Tbp:
    """Raises NotFound."""
    return _tbp(session, TbpRow.id == tbp_id, f"Tidak ada TBP nomor {tbp_id}")


def tbp_of(session: Session, handover_id: int) -> Tbp | None:
    """The receipt for a handover, if it has one."""
    row = session.execute(_tbps().where(TbpRow.handover_id == handover_id)).one_or_none()
    return _made(row) if row is not None else None


def open_tbps(session: Session) -> Sequence[Tbp]:
    """Receipts of which something is in no slip, the oldest first."""
    left = TbpRow.amount - _in_slips()
    rows = session.execute(_tbps().where(left > 0).order_by(TbpRow.received_on, TbpRow.id))
    return [_made(row) for row in rows]


def under_way(session: Session) -> Sequence[Sts]:
    """Slips that the bank has not confirmed, the oldest first."""
    open_ones = [Standing.DRAFT, Standing.ISSUED, Standing.PAID_IN]
    rows = session.scalars(select(StsRow).where(StsRow.standing.in_(open_ones)).order_by(StsRow.id))
    return [sts_of(row) for row in rows]


def tbps_locked(session: Session, ids: Collection[int]) -> Sequence[Tbp]:
    """Receipts that no other slip can take a part of before this transaction ends."""
    key = func.hashtextextended("parts of receipts", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    return [_made(row) for row in session.execute(_tbps().where(TbpRow.id.in_(ids)))]


def parts(session: Session, sts_id: int) -> Sequence[tuple[Tbp, Rupiah]]:
    """The receipts of a slip, and how much of each it pays in."""
    query = (
        _tbps()
        .add_columns(StsTbpRow.part)
        .join(StsTbpRow, StsTbpRow.tbp_id == TbpRow.id)
        .where(StsTbpRow.sts_id == sts_id)
        .order_by(TbpRow.id)
    )
    return [(_made(row), Rupiah(row[2])) for row in session.execute(query)]


def slips_of(session: Session, tbp_id: int) -> Sequence[tuple[Sts, Rupiah]]:
    """The slips that pay a receipt in, void ones too, and how much each does."""
    query = (
        select(StsRow, StsTbpRow.part)
        .join(StsTbpRow, StsTbpRow.sts_id == StsRow.id)
        .where(StsTbpRow.tbp_id == tbp_id)
        .order_by(StsRow.id)
    )
    return [(sts_of(row), Rupiah(part)) for row, part in session.execute(query)]


def add(
    session: Session, account_code: str, dated: date, of: Mapping[int, int], note: str,
    actor: str, now: datetime,
) -> Sts:  # fmt: skip
    """A draft that pays in these parts of receipts, by their ids."""
    row = session.scalars(
        insert(StsRow)
        .values(
            account_code=account_code, dated=dated, amount=sum(of.values()), note=note,
            drafted_at=now, drafted_by=actor, standing=Standing.DRAFT, bank_reference="",
            void_reason="",
        )
        .returning(StsRow)
    ).one()  # fmt: skip
    add_rows(
        session, StsTbpRow,
        [{"sts_id": row.id, "tbp_id": tbp_id, "part": part} for tbp_id, part in of.items()],
    )  # fmt: skip
    _add_event(session, row.id, "", Standing.DRAFT, actor, note, now)
    return sts_of(row)


def one(session: Session, sts_id: int, *, lock: bool = False) -> Sts:
    """A slip; with `lock`, for this transaction alone. Raises NotFound."""
    query: Select[StsRow] = select(StsRow).where(StsRow.id == sts_id)
    if lock:
        query = query.with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"Tidak ada STS nomor {sts_id}")
    return sts_of(row)


def move(
    session: Session, sts: Sts, to: Standing, actor: str, now: datetime, note: str = "",
    **projections: Any,
) -> Sts:  # fmt: skip
    """Bring a locked slip somewhere, with the event that says so."""
    after = replace(sts, standing=to, **projections)
    names = ("id", *PROJECTIONS)
    change_rows(session, StsRow, ["id"], [{name: getattr(after, name) for name in names}])
    _add_event(session, sts.id, sts.standing, to, actor, note, now)
    return after


def events(session: Session, sts_id: int) -> Sequence[StsEventRow]:
    row = StsEventRow
    return session.scalars(select(row).where(row.sts_id == sts_id).order_by(row.id)).all()


def with_treasurer(session: Session, day: date) -> int:
    """The least that the treasurer's office holds by the book at the end of a day or later.

    What is paid in on an earlier day cannot have been cash that came after it.
    """
    by_day = (
        select(EntryRow.effective_on.label("day"), func.sum(PostingRow.amount).label("amount"))
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(PostingRow.account == Account.CASH_WITH_TREASURER)
        .group_by(EntryRow.effective_on)
        .subquery()
    )
    order = by_day.c.day
    running = select(
        func.sum(by_day.c.amount).over(order_by=order).label("amount"),
        func.lead(by_day.c.day).over(order_by=order).label("next"),
    ).subquery()
    least = select(func.min(running.c.amount)).where(
        running.c.next.is_(None) | (running.c.next > day)
    )
    return int(session.scalar(least) or 0)


def sts_of(row: StsRow) -> Sts:
    return Sts(
        row.id, row.number, row.account_code, row.dated, Rupiah(row.amount), row.note,
        row.drafted_at, row.drafted_by, Standing(row.standing), row.issued_at, row.issued_by,
        None if row.paid_in is None else Rupiah(row.paid_in), row.paid_in_at, row.paid_in_by,
        row.bank_reference, row.validated_at, row.validated_by, row.void_reason,
    )  # fmt: skip


def _in_slips() -> ColumnElement[int]:
    """How much of a receipt is in slips that are not void."""
    part = StsTbpRow
    return (
        select(func.coalesce(func.sum(part.part), 0))
        .join(StsRow, StsRow.id == part.sts_id)
        .where(part.tbp_id == TbpRow.id, StsRow.standing != Standing.VOID)
        .correlate(TbpRow)
        .scalar_subquery()
    )


def _tbps() -> Select[TbpRow, int]:
    return select(TbpRow, _in_slips())


def _tbp(session: Session, where: ColumnElement[bool], else_say: str) -> Tbp:
    row = session.execute(_tbps().where(where)).one_or_none()
    if row is None:
        raise NotFound(else_say)
    return _made(row)


def _made(row: Any) -> Tbp:
    it = row[0]
    return Tbp(
        it.id, it.number, it.handover_id, Rupiah(it.amount), it.received_on, it.issued_at,
        it.issued_by, Rupiah(int(it.amount - row[1])),
    )  # fmt: skip


def _add_event(
    session: Session, sts_id: int, before: str, to: Standing, actor: str, note: str, now: datetime
) -> None:
    session.execute(
        insert(StsEventRow).values(
            sts_id=sts_id, at=now, from_standing=before, to_standing=to, actor=actor, note=note
        )
    )

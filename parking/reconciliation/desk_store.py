"""The figures of the auditor's desk for one business day.

Each figure counts the rows of a list in `lists_store`, by the same condition: a
number on the screen is the number of rows that its link shows.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parking.charges.store import ChargeRow
from parking.money import Rupiah
from parking.payments.store import CallbackRepeatRow, CallbackRow, PaymentRow
from parking.reconciliation import lists_store as lists
from parking.reconciliation.cases.case import CaseState
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.figures import CodeFigure, DayFigures, Hour, Run, Sum
from parking.reconciliation.lists_store import ENDED_STATES, OPEN_STATES
from parking.reconciliation.store import DiscrepancyRow, RunRow
from parking.shifts.store import CashRow, ShiftRow
from parking.statements.store import ImportRow, SettlementLineRow


def latest_day(session: Session) -> date | None:
    """The newest day that was reconciled."""
    return session.scalar(select(func.max(RunRow.business_day)))


def run_of(session: Session, day: date) -> Run | None:
    """The newest run of a day; None when it was never reconciled."""
    row = session.scalar(
        select(RunRow).where(RunRow.business_day == day).order_by(RunRow.id.desc()).limit(1)
    )
    if row is None:
        return None
    return Run(row.as_of, row.finished_at, row.result_hash, row.summary.get("equations", ()))


def last_import(session: Session) -> datetime | None:
    """When a settlement file was last taken in."""
    return session.scalar(select(func.max(ImportRow.at)).where(ImportRow.outcome == "accepted"))


def day_figures(session: Session, day: date) -> DayFigures:
    """The figures of one business day."""
    states = _charges_by_state(session, day)
    settled, fee = _settled(session, day)
    repeats = select(CallbackRepeatRow.id).join(CallbackRow)
    return DayFigures(
        charges=_together(states.values()),
        open=_together(states[s] for s in OPEN_STATES if s in states),
        ended=_together(states[s] for s in ENDED_STATES if s in states),
        paid=_sum(session, PaymentRow.amount, lists.receipts_of(day)),
        late=_sum(session, PaymentRow.amount, lists.receipts_of(day), PaymentRow.late).count,
        cash=_sum(session, CashRow.amount, CashRow.business_day == day, lists.is_not_taken_back()),
        callbacks=_count(session, select(CallbackRow.id).where(lists.received_on(day))),
        repeats=_count(session, repeats.where(lists.received_on(day))),
        stuck_callbacks=_count(session, lists.stuck(select(CallbackRow.id), day)),
        settled=settled,
        fee=fee,
        unsettled=_sum(
            session, PaymentRow.amount, lists.receipts_of(day), lists.waits_for_settlement()
        ),
        shifts=_count(session, select(ShiftRow.id).where(ShiftRow.business_day == day)),
        open_shifts=_count(
            session,
            select(ShiftRow.id).where(ShiftRow.business_day == day, ShiftRow.closed_at.is_(None)),
        ),
    )


def hours(session: Session, day: date) -> list[Hour]:
    """The hours of a day in which anything happened, from the first to the last of them."""
    paid = _by_hour(session, PaymentRow.paid_at, lists.receipts_of(day))
    cash = _by_hour(session, CashRow.at, CashRow.business_day == day, lists.is_not_taken_back())
    unpaid = _by_hour(
        session,
        ChargeRow.created_at,
        ChargeRow.business_day == day,
        ChargeRow.state.in_((*OPEN_STATES, *ENDED_STATES)),
    )
    seen = sorted({*paid, *cash, *unpaid})
    if not seen:
        return []
    return [
        Hour(hour, paid.get(hour, 0), cash.get(hour, 0), unpaid.get(hour, 0))
        for hour in range(seen[0], seen[-1] + 1)
    ]


def codes_of(session: Session, day: date) -> Sequence[CodeFigure]:
    """The discrepancies of a day by code and status, the gravest first."""
    row = DiscrepancyRow
    rows = session.execute(
        select(
            row.code, row.status, row.severity, func.count(), func.sum(row.amount),
            func.min(row.due_on),
            func.count().filter(lists.case_of(row, CaseRow.state) == CaseState.TRACING),
        )
        .where(lists.holds(), row.business_day == day)
        .group_by(row.code, row.status, row.severity)
        .order_by(lists.RANK, row.code)
    )  # fmt: skip
    return [
        CodeFigure(code, status, severity, count, Rupiah(int(amount)), due, open_cases)
        for code, status, severity, count, amount, due, open_cases in rows
    ]


def _charges_by_state(session: Session, day: date) -> dict[str, Sum]:
    row = ChargeRow
    rows = session.execute(
        select(row.state, func.count(), func.sum(row.amount))
        .where(row.business_day == day)
        .group_by(row.state)
    )
    return {state: Sum(count, Rupiah(int(amount))) for state, count, amount in rows}


def _settled(session: Session, day: date) -> tuple[Sum, Rupiah]:
    row = SettlementLineRow
    query = select(
        func.count(),
        func.coalesce(func.sum(row.gross), 0),
        func.coalesce(func.sum(row.fee), 0),
    ).where(row.paid_on == day, row.kind == "payment", lists.is_in_force())
    count, gross, fee = session.execute(query).one()
    return Sum(count, Rupiah(int(gross))), Rupiah(int(fee))


def _sum(session: Session, amount: Any, *where: Any) -> Sum:
    query = select(func.count(), func.coalesce(func.sum(amount), 0)).where(*where)
    count, total = session.execute(query).one()
    return Sum(count, Rupiah(int(total)))


def _count(session: Session, query: Any) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _by_hour(session: Session, moment: Any, *where: Any) -> dict[int, int]:
    hour = func.date_part("hour", func.timezone("Asia/Jakarta", moment))
    rows = session.execute(select(hour, func.count()).where(*where).group_by(hour))
    return {int(found): count for found, count in rows}


def _together(sums: Iterable[Sum]) -> Sum:
    found = list(sums)
    return Sum(sum(s.count for s in found), Rupiah(sum(s.amount for s in found)))

"""Outages as the desk shows them: how long, how many taps failed, and what was taken in cash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.orm import Session

from parking.business_day import day_starts
from parking.charges.store import ChargeRow
from parking.gateways.outage import Noticed
from parking.gateways.store import OutageRow
from parking.money import Rupiah
from parking.shifts.store import CashCorrectionRow, CashRow

MOST = 1_000  # the newest; nobody looks through more


@dataclass(frozen=True, slots=True)
class OutageLine:
    id: int
    account: str
    began_at: datetime
    ended_at: datetime | None
    noticed: Noticed
    reason: str
    noted_by: str
    failed: int  # taps that were shown no QR
    cash_count: int  # vehicles that paid cash instead
    cash_sum: Rupiah

    def lasts(self, now: datetime) -> bool:
        return self.began_at <= now and (self.ended_at is None or now < self.ended_at)

    def duration(self, now: datetime) -> timedelta:
        return max(min(self.ended_at or now, now) - self.began_at, timedelta(0))


def lines(session: Session, since: date | None, until: date | None) -> Sequence[OutageLine]:
    """The outages of a period of days, the newest first; None: from the first, to the last."""
    row, missed = OutageRow, _missed()
    query = (
        select(row, func.coalesce(missed.c.failed, 0), func.coalesce(missed.c.cash, 0),
               func.coalesce(missed.c.cash_sum, 0))
        .outerjoin(missed, missed.c.id == row.id)
        .order_by(row.began_at.desc(), row.id.desc())
        .limit(MOST)
    )  # fmt: skip
    if since is not None:
        query = query.where(or_(row.ended_at.is_(None), row.ended_at > day_starts(since)))
    if until is not None:
        query = query.where(row.began_at < day_starts(until + timedelta(days=1)))
    return [
        OutageLine(
            o.id, f"{o.gateway}/{o.account}", o.began_at, o.ended_at, Noticed(o.noticed),
            o.reason, o.noted_by, failed, cash, Rupiah(int(cash_sum)),
        )
        for o, failed, cash, cash_sum in session.execute(query)
    ]  # fmt: skip


def _missed() -> Subquery:
    """By outage: the taps at its account that were shown no QR, and the cash taken instead."""
    row, charge, cash = OutageRow, ChargeRow, CashRow
    taken_back = select(CashCorrectionRow.cash_id).where(CashCorrectionRow.cash_id == cash.id)
    return (
        select(
            row.id, func.count(charge.id.distinct()).label("failed"),
            func.count(cash.id).label("cash"), func.sum(cash.amount).label("cash_sum"),
        )
        .join(
            charge,
            (charge.gateway == row.gateway) & (charge.account == row.account)
            & (charge.created_at >= row.began_at)
            & or_(row.ended_at.is_(None), charge.created_at < row.ended_at)
            # For the index: days hold all moments of theirs, and one more is no harm.
            & (charge.business_day >= func.date(row.began_at) - 1)
            & charge.payload.is_(None) & charge.paid_at.is_(None),
        )
        .outerjoin(cash, (cash.instead_of == charge.ours) & ~taken_back.exists())
        .group_by(row.id)
        .subquery()
    )  # fmt: skip

"""What the bank paid out to attendants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, insert, or_, select
from sqlalchemy.orm import Session

from parking.database.bulk import among
from parking.database.rows import Query, Rows
from parking.deposits.payout import STANDING_TEXT, Payout, Standing
from parking.deposits.store import PayoutRow
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah
from parking.registry.store import AttendantRow

Known = dict[tuple[str, Standing], Payout]
OfDays = dict[tuple[str, date], int]  # rupiah by badge and business day


@dataclass(frozen=True, slots=True)
class PayoutLine:
    paid_on: date
    attendant: str
    earned_on: date
    amount: Rupiah
    reference: str
    standing: Standing

    @property
    def standing_text(self) -> str:
        return STANDING_TEXT[self.standing]


def lock(session: Session) -> None:
    """Tables are taken in one after the other."""
    key = func.hashtextextended("payouts of shares", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def attendants(session: Session, badges: Collection[str]) -> dict[str, int]:
    row = AttendantRow
    found = session.execute(select(row.badge, row.id).where(row.badge.in_(badges)))
    return {row[0]: row[1] for row in found}


def known(session: Session, references: Collection[str]) -> Known:
    """Payouts with one of these references."""
    row = PayoutRow
    rows = session.execute(
        select(row, AttendantRow.badge)
        .join(AttendantRow, AttendantRow.id == row.attendant_id)
        .where(row.reference.in_(references))
    )
    return {
        (r.reference, Standing(r.standing)): Payout(
            badge, r.earned_on, Rupiah(r.amount), r.paid_on, r.reference, Standing(r.standing)
        )
        for r, badge in rows
    }


def shares(session: Session, badges: Mapping[int, str], days: Collection[date]) -> OfDays:
    """What the book gives attendants of these days, whatever was paid of it; nothing for a
    day of which it has no share of theirs. `badges` by the attendants' ids.
    """
    of, entry = PostingRow, EntryRow
    rows = session.execute(
        select(of.holder, entry.effective_on, -func.sum(of.amount))
        .join(entry, entry.id == of.entry_id)
        .where(
            of.account == Account.ATTENDANT_SHARE, among(of.holder, badges.keys()),
            among(entry.effective_on, days), entry.payout_id.is_(None),
        )
        .group_by(of.holder, entry.effective_on)
    )  # fmt: skip
    return {(badges[int(holder or 0)], day): int(amount) for holder, day, amount in rows}


def paid(session: Session, badges: Mapping[int, str], days: Collection[date]) -> OfDays:
    """What the bank paid attendants of these days, less what came back."""
    row = PayoutRow
    signed = case((row.standing == Standing.PAID, row.amount), else_=-row.amount)
    rows = session.execute(
        select(row.attendant_id, row.earned_on, func.sum(signed))
        .where(among(row.attendant_id, badges.keys()), among(row.earned_on, days))
        .group_by(row.attendant_id, row.earned_on)
    )
    return {(badges[id_], day): int(amount) for id_, day, amount in rows}


def add(
    session: Session, new: Sequence[Payout], of: Mapping[str, int], actor: str, now: datetime
) -> Sequence[int]:
    """Their ids, in the order in which they are given."""
    if not new:
        return []
    rows = [
        {"attendant_id": of[each.badge], "earned_on": each.earned_on, "amount": each.amount,
         "paid_on": each.paid_on, "reference": each.reference, "standing": each.standing,
         "at": now, "actor": actor}
        for each in new
    ]  # fmt: skip
    added = insert(PayoutRow).returning(PayoutRow.id, sort_by_parameter_order=True)
    return session.scalars(added, rows).all()


def payouts(
    first: date | None, last: date | None, search: str, sort: str, *, descending: bool
) -> Rows[PayoutLine]:
    row, of = PayoutRow, AttendantRow
    query: Query = select(row, of.name, of.badge).join(of, of.id == row.attendant_id)
    if first:
        query = query.where(row.paid_on >= first)
    if last:
        query = query.where(row.paid_on <= last)
    if search:
        columns = (of.name, of.badge, row.reference)
        query = query.where(or_(*(c.icontains(search, autoescape=True) for c in columns)))
    sorts = {"paid_on": row.paid_on, "earned_on": row.earned_on, "amount": row.amount}
    by = sorts.get(sort, row.paid_on)
    return Rows(
        query.order_by(by.desc() if descending else by, row.id),
        lambda r: PayoutLine(
            r[0].paid_on, f"{r[1]} ({r[2]})", r[0].earned_on, Rupiah(r[0].amount), r[0].reference,
            Standing(r[0].standing),
        ),
    )  # fmt: skip

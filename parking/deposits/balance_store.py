"""What each holder has by the book, at any hour; and how a day's cash came and went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from parking.deposits import handover_store
from parking.deposits.handover import ACCOUNT, Holder, Party
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah

PARTY = {account: party for party, account in ACCOUNT.items()}


# What came first goes first: a holder has the newest of what came, back to the day on which
# all that came since is as much as he has.
HELD = """
WITH a_day AS (
    SELECT p.account, p.holder, e.effective_on AS day, sum(p.amount) AS net,
           sum(greatest(p.amount, 0)) AS came
    FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
    WHERE p.account = ANY(:accounts) AND e.posted_at <= :at
    GROUP BY p.account, p.holder, e.effective_on
), running AS (
    SELECT account, holder, day, sum(net) OVER (PARTITION BY account, holder) AS amount,
           sum(came) OVER (PARTITION BY account, holder ORDER BY day DESC) AS newer
    FROM a_day
)
SELECT account, holder, amount, coalesce(max(day) FILTER (WHERE newer >= amount), min(day))
FROM running WHERE amount <> 0 GROUP BY account, holder, amount
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a holder has at a moment; `since` is the business day of the oldest of it."""

    holder: Holder
    name: str
    amount: Rupiah
    since: date


@dataclass(frozen=True, slots=True)
class Flow:
    """A holder's day: opening + received - passed_on = closing (M17)."""

    holder: Holder
    name: str
    opening: int
    received: int
    passed_on: int

    @property
    def closing(self) -> int:
        return self.opening + self.received - self.passed_on


def balances(session: Session, at: datetime) -> Sequence[Balance]:
    """The cash of every holder that has any, as it was booked by a moment."""
    rows = session.execute(text(HELD), {"at": at, "accounts": list(PARTY)}).all()
    holders = [Holder(PARTY[account], id_) for account, id_, _, _ in rows]
    names = handover_store.names(session, holders)
    return sorted(
        (
            Balance(holder, names[holder], Rupiah(int(amount)), since)
            for holder, (_, _, amount, since) in zip(holders, rows, strict=True)
        ),
        key=lambda b: (list(Party).index(b.holder.party), b.name),
    )


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Cash that at the end of a day is not in the treasury's account, in rupiah (C12)."""

    with_attendants: int
    with_collectors: int
    with_treasurer: int  # "kas di bendahara penerimaan"
    in_transit: int  # paid in at the bank, and not matched with its credit


def booked(session: Session, holder: Holder) -> Rupiah:
    """What a holder has by the book now, that of an open shift too: what he must show."""
    account, id_ = holder.place
    owned = PostingRow.holder.is_(None) if id_ is None else PostingRow.holder == id_
    amount = select(func.sum(PostingRow.amount)).where(PostingRow.account == account, owned)
    return Rupiah(int(session.scalar(amount) or 0))


def carried_over(session: Session, day: date) -> CarriedOver:
    """Where cash stands at the end of a day, as it is carried over into the next."""
    accounts = (*PARTY, Account.CASH_IN_TRANSIT)
    rows = session.execute(
        select(PostingRow.account, func.sum(PostingRow.amount))
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(PostingRow.account.in_(accounts), EntryRow.effective_on <= day)
        .group_by(PostingRow.account)
    )
    found = {account: int(amount) for account, amount in rows}
    return CarriedOver(*(found.get(account, 0) for account in accounts))


def flows(session: Session, day: date) -> Sequence[Flow]:
    """The day of every holder who began it with cash, or had some come or go."""
    posting, on = PostingRow, EntryRow.effective_on
    before = func.sum(case((on < day, posting.amount), else_=0))
    came = func.sum(case(((on == day) & (posting.amount > 0), posting.amount), else_=0))
    went = func.sum(case(((on == day) & (posting.amount < 0), -posting.amount), else_=0))
    rows = session.execute(
        select(posting.account, posting.holder, before, came, went)
        .join(EntryRow, EntryRow.id == posting.entry_id)
        .where(posting.account.in_(PARTY), on <= day)
        .group_by(posting.account, posting.holder)
        .having((before != 0) | (came != 0) | (went != 0))
    ).all()
    holders = [Holder(PARTY[account], id_) for account, id_, *_ in rows]
    names = handover_store.names(session, holders)
    return [
        Flow(holder, names[holder], *(int(figure) for figure in row[2:]))
        for holder, row in zip(holders, rows, strict=True)
    ]

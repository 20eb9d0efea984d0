"""What the book says of a day, and the names that a report shows."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parking.ledger.store import EntryRow, PostingRow
from parking.registry import store as registry
from parking.registry.facts import Attendant, Point
from parking.registry.store import AttendantRow, PointRow
from parking.reports.report import Booked


def booked_on(session: Session, day: date) -> Sequence[Booked]:
    """The sums of a business day in the ledger, by kind of entry, account and holder."""
    entry, posting = EntryRow, PostingRow
    sums = session.execute(
        select(entry.kind, posting.account, posting.holder, func.sum(posting.amount))
        .join(posting, posting.entry_id == entry.id)
        .where(entry.effective_on == day)
        .group_by(entry.kind, posting.account, posting.holder)
        .order_by(entry.kind, posting.account, posting.holder)
    )
    return [Booked(kind, account, holder, int(total)) for kind, account, holder, total in sums]


def points(session: Session) -> Mapping[int, Point]:
    """Every point there ever was, by id."""
    rows = session.scalars(select(PointRow)).all()  # read at once: each is then at hand
    return {row.id: registry.point(session, row.id) for row in rows}


def attendants(session: Session) -> Mapping[int, Attendant]:
    """Everybody who ever collected, by id."""
    rows = session.scalars(select(AttendantRow)).all()
    return {row.id: registry.attendant(session, row.id) for row in rows}

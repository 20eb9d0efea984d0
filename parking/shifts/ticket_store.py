"""Tickets (karcis): the books that were printed, who has which numbers, and what a shift used."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only
from parking.database.bulk import add_rows
from parking.errors import NotFound
from parking.money import Rupiah
from parking.shifts.store import ShiftRow
from parking.shifts.tickets import (
    Book,
    Move,
    Moved,
    Stock,
    Stub,
    Tickets,
    meet,
    stock_of,
    stubs,
)


class TicketBookRow(Base):
    """A book of printed tickets (karcis): one denomination, one series, running numbers."""

    __tablename__ = "ticket_book"
    __table_args__ = append_only(
        UniqueConstraint("series", "first"),
        CheckConstraint("first > 0 AND last >= first", name="numbers"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[RowId]
    series: Mapped[str]  # "A-2026"
    year: Mapped[int]
    vehicle: Mapped[str]
    amount: Mapped[RupiahColumn]  # printed on each
    first: Mapped[int]
    last: Mapped[int]
    received_on: Mapped[date]
    document: Mapped[str]  # of its perforation and delivery
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class TicketMoveRow(Base):
    """Tickets of a book that go out to an attendant, come back, are spoiled or lost."""

    __tablename__ = "ticket_move"
    __table_args__ = append_only(
        CheckConstraint("kind IN ('issued', 'returned', 'spoiled', 'lost')", name="kind"),
        CheckConstraint("last >= first", name="numbers"),
        Index("ix_ticket_move_attendant_id", "attendant_id"),
    )

    id: Mapped[RowId]
    book_id: Mapped[int] = mapped_column(ForeignKey("ticket_book.id"), index=True)
    kind: Mapped[str]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    first: Mapped[int]
    last: Mapped[int]
    moved_on: Mapped[date]
    document: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]


class ShiftTicketRow(Base):
    """Tickets torn off in a shift, as its attendant says when it closes; one row a range."""

    __tablename__ = "shift_ticket"
    __table_args__ = append_only(
        CheckConstraint("last >= first", name="numbers"),
        Index("ix_shift_ticket_series", "series", "first"),
    )

    id: Mapped[RowId]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    series: Mapped[str]
    first: Mapped[int]
    last: Mapped[int]
    spoiled: Mapped[int]  # of them, torn and not given out


def add_tickets(session: Session, shift_id: int, tickets: Sequence[Tickets]) -> None:
    """Keep what was torn off in a shift, as its attendant says."""
    add_rows(
        session,
        ShiftTicketRow,
        [
            {"shift_id": shift_id, "series": t.series, "first": t.first, "last": t.last,
             "spoiled": t.spoiled}
            for t in tickets
        ],
    )  # fmt: skip


def tickets_of(session: Session, shift_id: int) -> Sequence[Tickets]:
    row = ShiftTicketRow
    rows = session.scalars(select(row).where(row.shift_id == shift_id).order_by(row.id))
    return [_tickets(r) for r in rows]


def torn_elsewhere(session: Session, tickets: Sequence[Tickets], but: int) -> Sequence[Tickets]:
    """Tickets of other shifts that have a number of these."""
    row = ShiftTicketRow
    meets = [
        and_(row.series == t.series, row.first <= t.last, row.last >= t.first) for t in tickets
    ]
    rows = session.scalars(select(row).where(or_(*meets), row.shift_id != but).order_by(row.id))
    return [_tickets(r) for r in rows]


def torn_of(session: Session, book: Book) -> Sequence[Tickets]:
    """What shifts tore off of a book."""
    whole = Tickets(book.series, book.first, book.last)
    return torn_elsewhere(session, [whole], but=0)


def stocks(session: Session) -> Sequence[Stock]:
    """Where the tickets of every book are."""
    every, torn = moves(session), session.scalars(select(ShiftTicketRow)).all()
    of_series = defaultdict(list)
    for row in torn:
        of_series[row.series].append(_tickets(row))
    of_book = defaultdict(list)
    for move in every:
        of_book[move.book_id].append(move)
    return [
        stock_of(
            of, of_book[of.id], [t for t in of_series[of.series] if meet(t.numbers, of.numbers)]
        )
        for of in books(session)
    ]


def with_attendant(session: Session, attendant_id: int) -> Sequence[Stub]:
    """The tickets that an attendant has and has not torn off."""
    mine = moves(session, attendant_id=attendant_id)
    of = [book(session, book_id) for book_id in sorted({move.book_id for move in mine})]
    row = ShiftTicketRow
    torn = session.scalars(
        select(row)
        .join(ShiftRow, ShiftRow.id == row.shift_id)
        .where(ShiftRow.attendant_id == attendant_id, row.series.in_({b.series for b in of}))
        .order_by(row.id)
    )
    return stubs(of, mine, [_tickets(r) for r in torn])


def books(session: Session, series: Collection[str] = ()) -> Sequence[Book]:
    """All books, or those of some series."""
    row = TicketBookRow
    query = select(row).order_by(row.series, row.first)
    if series:
        query = query.where(row.series.in_(series))
    return [_book(r) for r in session.scalars(query)]


def book(session: Session, book_id: int, *, lock: bool = False) -> Book:
    """A book; with `lock`, no other move of it happens meanwhile. Raises NotFound."""
    if lock:
        key = func.hashtextextended(f"ticket book {book_id}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
    row = session.get(TicketBookRow, book_id)
    if row is None:
        raise NotFound(f"Tidak ada buku karcis nomor {book_id}")
    return _book(row)


def lock_stock(session: Session) -> None:
    """Books come into stock one after the other."""
    key = func.hashtextextended("ticket stock", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def moves(session: Session, **where: int) -> Sequence[Moved]:
    """Moves of tickets in their order; `where` by column."""
    row = TicketMoveRow
    rows = session.scalars(select(row).filter_by(**where).order_by(row.id))
    return [Moved(r.book_id, Move(r.kind), r.attendant_id, r.first, r.last) for r in rows]


def add(session: Session, table: type[Base], **values: object) -> int:
    """Insert one row; its id."""
    key = next(iter(table.__table__.primary_key))
    return session.execute(insert(table).values(values).returning(key)).scalar_one()


def _tickets(row: ShiftTicketRow) -> Tickets:
    return Tickets(row.series, row.first, row.last, row.spoiled)


def _book(row: TicketBookRow) -> Book:
    return Book(
        row.id, row.series, row.year, row.vehicle, Rupiah(row.amount), row.first, row.last,
        row.received_on, row.document,
    )  # fmt: skip

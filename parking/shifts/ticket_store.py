"""Tickets (karcis): the books that were printed, who has which numbers, and what a shift used."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only


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

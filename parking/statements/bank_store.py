"""Bank statements: the accounts, every attempt to take a statement in, and its lines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class BankAccountRow(Base):
    """An account whose statements we read: the treasury's (RKUD), or one that holds for it."""

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("kind IN ('treasury', 'holding')", name="kind"),
        updatable("ended_on"),
    )

    id: Mapped[RowId]
    code: Mapped[str] = mapped_column(unique=True)  # "rkud"
    bank: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)  # as statements name it
    name: Mapped[str]
    kind: Mapped[str]
    # Statements come every working day from then on; an absent one blocks the day's closing.
    valid_from: Mapped[date]
    ended_on: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class StatementRow(Base):
    """One attempt to take in a statement, whatever became of it."""

    __tablename__ = "bank_statement"
    __table_args__ = append_only(
        CheckConstraint("outcome IN ('accepted', 'duplicate', 'rejected')", name="outcome"),
        Index("ix_bank_statement_sha256", "sha256"),
        Index("ix_bank_statement_to_day", "account_id", "to_day"),
    )

    id: Mapped[RowId]
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    format: Mapped[str]  # csv, xlsx, mt940, camt053
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    actor: Mapped[str]
    outcome: Mapped[str]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    opening: Mapped[RupiahColumn | None]
    closing: Mapped[RupiahColumn | None]
    line_count: Mapped[int]
    added: Mapped[int]  # lines that no earlier statement had
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("bank_statement.id"))
    problems: Mapped[list] = mapped_column(JSONB)


class StatementLineRow(Base):
    """One movement on an account. The same line in two files is one row; true twins are two."""

    __tablename__ = "statement_line"
    __table_args__ = append_only(
        UniqueConstraint("account_id", "line_key"),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_statement_line_booked_on", "booked_on"),
    )

    id: Mapped[RowId]
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    number: Mapped[int]  # in its file
    line_key: Mapped[str]  # of what it says, and its place among lines that say the same
    booked_on: Mapped[date]
    value_on: Mapped[date]
    amount: Mapped[RupiahColumn]  # credit positive, debit negative
    balance: Mapped[RupiahColumn | None]
    text: Mapped[str]
    reference: Mapped[str]


class AbsenceRow(Base):
    """Why a file that was expected for a day has not come, and need not be waited for."""

    __tablename__ = "file_absence"
    __table_args__ = append_only(
        UniqueConstraint("source", "day"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[RowId]
    source: Mapped[str]  # "settlement:midtrans/jambi", "statement:rkud"
    day: Mapped[date]
    reason: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]

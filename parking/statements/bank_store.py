"""Bank statements: the accounts, every attempt to take a statement in, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import add_rows
from parking.errors import NotFound
from parking.money import Rupiah
from parking.statements.joining import Chain, Held
from parking.statements.statement import Line


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


@dataclass(frozen=True, slots=True)
class BankAccount:
    id: int
    code: str
    bank: str
    number: str
    name: str
    kind: str
    valid_from: date
    ended_on: date | None

    @property
    def source(self) -> str:
        """How an absence, or whoever waits for its files, names it."""
        return f"statement:{self.code}"


@dataclass(frozen=True, slots=True)
class Taken:
    """One attempt to take in a statement, as it ended."""

    id: int
    account_id: int
    format: str
    file_name: str
    sha256: str
    at: datetime
    actor: str
    outcome: str  # "accepted", "duplicate" or "rejected"
    from_day: date | None
    to_day: date | None
    opening: Rupiah | None
    closing: Rupiah | None
    line_count: int
    added: int
    duplicate_of: int | None
    problems: Sequence[str]


def lock_account(session: Session, code: str) -> None:
    """Let one statement of an account in at a time, until this transaction ends."""
    key = f"statement {code}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def accounts(session: Session) -> list[BankAccount]:
    """Every account, by its code."""
    rows = session.scalars(select(BankAccountRow).order_by(BankAccountRow.code))
    return [_account(row) for row in rows]


def account(session: Session, code: str) -> BankAccount:
    """Raises NotFound."""
    row = session.scalar(select(BankAccountRow).where(BankAccountRow.code == code))
    if row is None:
        raise NotFound(f"Tidak ada rekening bank {code[:40]!r}; tambahkan di /admin/bank-accounts")
    return _account(row)


def account_by_id(session: Session, account_id: int) -> BankAccount:
    return _account(session.get_one(BankAccountRow, account_id))


def add_account(session: Session, **values: Any) -> int:
    return session.scalars(
        insert(BankAccountRow).values(**values).returning(BankAccountRow.id)
    ).one()


def end_account(session: Session, account_id: int, last_day: date) -> None:
    session.execute(
        update(BankAccountRow).where(BankAccountRow.id == account_id).values(ended_on=last_day)
    )


def accepted_file(session: Session, account_id: int, sha256: str) -> Taken | None:
    """The statement that was taken in from exactly these bytes."""
    row = StatementRow
    return _newest(
        session,
        row.account_id == account_id, row.sha256 == sha256, row.outcome == "accepted",
    )  # fmt: skip


def last_attempt(session: Session, account_id: int, file_name: str) -> Taken | None:
    """The latest attempt to take in a file of this name."""
    return _newest(
        session, StatementRow.account_id == account_id, StatementRow.file_name == file_name
    )


def statement(session: Session, statement_id: int) -> Taken:
    """Raises NotFound."""
    found = _newest(session, StatementRow.id == statement_id)
    if found is None:
        raise NotFound("Rekening koran tidak ditemukan")
    return found


def _newest(session: Session, *where: ColumnElement[bool]) -> Taken | None:
    row = session.scalar(
        select(StatementRow)
        .options(defer(StatementRow.content))
        .where(*where)
        .order_by(StatementRow.id.desc())
        .limit(1)
    )
    return _taken(row) if row is not None else None


def chain(session: Session, account_id: int, from_day: date) -> Chain | None:
    """What is in of an account, with its lines from a day on; None when nothing is."""
    row, moves = StatementRow, StatementLineRow
    accepted = (row.account_id == account_id, row.outcome == "accepted")
    first = session.scalar(
        select(row).options(defer(row.content)).where(*accepted).order_by(row.from_day, row.id)
        .limit(1)
    )  # fmt: skip
    last = session.scalar(
        select(row).options(defer(row.content)).where(*accepted)
        .order_by(row.to_day.desc(), row.id).limit(1)
    )  # fmt: skip
    if first is None or last is None:
        return None
    moved = session.scalar(
        select(func.coalesce(func.sum(moves.amount), 0)).where(moves.account_id == account_id)
    )
    rows = session.scalars(
        select(moves).where(moves.account_id == account_id, moves.booked_on >= from_day)
        .order_by(moves.booked_on, moves.id)
    )  # fmt: skip
    return Chain(
        first.from_day, last.to_day, last.id, _rupiah(first.opening),  # type: ignore[arg-type]
        None if first.opening is None else Rupiah(first.opening + int(moved or 0)),
        [Held(r.statement_id, line_of(r)) for r in rows],
    )  # fmt: skip


def line_of(row: StatementLineRow) -> Line:
    return Line(
        row.number, row.booked_on, row.value_on, Rupiah(row.amount), row.text, row.reference,
        _rupiah(row.balance),
    )  # fmt: skip


def line(session: Session, line_id: int) -> Held:
    """A line, with the statement that brought it. Raises NotFound."""
    row = session.get(StatementLineRow, line_id)
    if row is None:
        raise NotFound("Tidak ada baris rekening koran dengan nomor ini")
    return Held(row.statement_id, line_of(row))


def add_statement(session: Session, **values: Any) -> Taken:
    """Record an attempt."""
    row_id = session.scalars(insert(StatementRow).values(**values).returning(StatementRow.id)).one()
    return statement(session, row_id)


def add_lines(
    session: Session, taken: Taken, lines: Sequence[tuple[str, Line]]
) -> list[tuple[int, Line]]:
    """Store lines under their keys; each with its id."""
    ids = add_rows(
        session,
        StatementLineRow,
        [
            {
                "statement_id": taken.id, "account_id": taken.account_id, "number": line.number,
                "line_key": key, "booked_on": line.booked_on, "value_on": line.value_on,
                "amount": line.amount, "balance": line.balance, "text": line.text,
                "reference": line.reference,
            }
            for key, line in lines
        ],
    )  # fmt: skip
    return [(row_id, line) for row_id, (_, line) in zip(ids, lines, strict=True)]


def covered_days(session: Session, account_id: int, first: date, last: date) -> set[date]:
    """The days of which an accepted statement tells."""
    row = StatementRow
    spans = session.execute(
        select(row.from_day, row.to_day).where(
            row.account_id == account_id, row.outcome == "accepted",
            row.from_day <= last, row.to_day >= first,
        )
    )  # fmt: skip
    return {
        begun + timedelta(days=n)
        for begun, ended in spans
        if begun is not None and ended is not None
        for n in range((ended - begun).days + 1)
    }


def absences(session: Session, source: str, first: date, last: date) -> dict[date, str]:
    """Why files of a source that were expected for some days need not be waited for."""
    row = AbsenceRow
    rows = session.execute(
        select(row.day, row.reason).where(row.source == source, row.day.between(first, last))
    )
    return dict(rows.all())


def _account(row: BankAccountRow) -> BankAccount:
    return BankAccount(
        row.id, row.code, row.bank, row.number, row.name, row.kind, row.valid_from, row.ended_on
    )


def _taken(row: StatementRow) -> Taken:
    return Taken(
        row.id, row.account_id, row.format, row.file_name, row.sha256, row.at, row.actor,
        row.outcome, row.from_day, row.to_day, _rupiah(row.opening), _rupiah(row.closing),
        row.line_count, row.added, row.duplicate_of, tuple(row.problems),
    )  # fmt: skip


def _rupiah(amount: int | None) -> Rupiah | None:
    return None if amount is None else Rupiah(amount)

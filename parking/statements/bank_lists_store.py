"""The lists of bank statements: attempts to take one in, and the lines that one added."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from parking.database.rows import Query, Rows
from parking.money import Rupiah
from parking.statements.bank_store import BankAccountRow, StatementLineRow, StatementRow
from parking.statements.words import OUTCOME_TEXT


@dataclass(frozen=True, slots=True)
class StatementItem:
    """One attempt in the list."""

    id: int
    at: datetime
    account: str
    file_name: str
    format: str
    from_day: date | None
    to_day: date | None
    closing: Rupiah | None
    outcome: str
    line_count: int
    added: int
    actor: str

    @property
    def outcome_text(self) -> str:
        return OUTCOME_TEXT[self.outcome]


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line that a statement added."""

    id: int
    number: int
    booked_on: date
    text: str
    reference: str
    amount: Rupiah
    balance: Rupiah | None


def attempts(account: str, outcome: str, day: date | None) -> Rows[StatementItem]:
    """Attempts to take in a statement, the newest first; those that tell of a day, if one is given.

    `account` is a code; empty: of every account.
    """
    row, of = StatementRow, BankAccountRow
    query: Query = (
        select(row, of.code).join(of, of.id == row.account_id)
        .options(defer(row.content), defer(row.problems)).order_by(row.id.desc())
    )  # fmt: skip
    if account:
        query = query.where(of.code == account)
    if outcome:
        query = query.where(row.outcome == outcome)
    if day is not None:
        query = query.where(row.from_day <= day, row.to_day >= day)
    return Rows(
        query,
        lambda r: StatementItem(
            r[0].id, r[0].at, r[1], r[0].file_name, r[0].format, r[0].from_day, r[0].to_day,
            r[0].closing, r[0].outcome, r[0].line_count, r[0].added, r[0].actor,
        ),
    )  # fmt: skip


def lines_of(statement_id: int) -> Rows[LineItem]:
    """The lines that a statement added, as they stand in it."""
    row = StatementLineRow
    query: Query = select(row).where(row.statement_id == statement_id).order_by(row.number, row.id)
    return Rows(
        query,
        lambda r: LineItem(
            r[0].id, r[0].number, r[0].booked_on, r[0].text, r[0].reference,
            Rupiah(r[0].amount), r[0].balance,
        ),
    )  # fmt: skip


def content(session: Session, statement_id: int) -> bytes | None:
    """The file as it came."""
    return session.scalar(select(StatementRow.content).where(StatementRow.id == statement_id))

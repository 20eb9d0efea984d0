"""Take in a bank statement: all of it or nothing, once, and with every attempt on record."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.business_day import business_day, is_working_day
from parking.database.engine import ALREADY_THERE, retried
from parking.errors import FileRefused
from parking.gateways.mapped_report import Wrong
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.statement_mapping import StatementMapping
from parking.ledger.entry import Entry, Source, bank_line
from parking.ledger.post import post_all
from parking.registry.store import collective_leave
from parking.statements import bank_store as store
from parking.statements.bank_store import BankAccount, Taken
from parking.statements.joining import Joined, join
from parking.statements.read_statement import LARGEST, read_statement
from parking.statements.statement import Line, Statement, keyed

ENTRY = "statement_line"  # what the book calls it


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement that somebody wants taken in."""

    account: BankAccount
    format: str
    file_name: str
    content: bytes
    actor: str
    at: datetime

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of a statement."""

    outcome: str  # "accepted", "duplicate" or "rejected"
    joined: Joined = Joined()
    duplicate_of: int | None = None


def take_in(
    sessions: sessionmaker[Session],
    attempt: Attempt,
    mapping: NamedMapping[StatementMapping] | None = None,
) -> Taken:
    """Store what a statement adds and book each new line, in one transaction.

    The outcome is on record whatever it is: "accepted", also when it adds nothing because
    all its lines are in; "duplicate" when the very same file is in; "rejected" with what is
    wrong, and then nothing of it is added. It is rejected too when it does not go on from
    what is in, or says something else of a day that is in (`joining`), or tells of a day
    that has not come.
    """
    try:
        reading = read_statement(
            attempt.content, attempt.format, mapping, attempt.file_name, attempt.account.number
        )
    except FileRefused as error:
        return reject(sessions, attempt, [str(error), *error.problems])
    statement = reading.statement
    if statement is None:
        return reject(sessions, attempt, [str(problem) for problem in reading.problems])
    read_by = f"{mapping.name} {mapping.sha256}" if mapping is not None else attempt.format
    return retried(
        sessions,
        lambda session: _take_in(session, attempt, statement, read_by),
        also=ALREADY_THERE,
    )


def reject(sessions: sessionmaker[Session], attempt: Attempt, problems: Sequence[str]) -> Taken:
    """Record that a statement was not taken in, and why."""
    with sessions.begin() as session:
        return _record(session, attempt, "rejected", problems=problems)


def foresee(session: Session, attempt: Attempt, statement: Statement) -> Foreseen:
    """What becomes of a statement, decided against what is in by now."""
    same = store.accepted_file(session, attempt.account.id, attempt.sha256)
    if same is not None:
        return Foreseen("duplicate", duplicate_of=same.id)
    today = business_day(attempt.at)
    if statement.to_day > today:
        return Foreseen("rejected", Joined(problems=[_not_yet(statement, today)]))
    chain = store.chain(session, attempt.account.id, statement.from_day)
    leave = collective_leave(session)
    joined = join(chain, statement, lambda day: is_working_day(day, leave))
    return Foreseen("rejected" if joined.problems else "accepted", joined)


def _not_yet(statement: Statement, today: date) -> Wrong:
    """Days that are still to come would close the account to the true statements of them."""
    late = next((line for line in statement.lines if line.booked_on > today), None)
    day = late.booked_on if late is not None else statement.to_day
    why = (
        f"memuat hari {day}, padahal hari ini {today}: hari yang belum tiba tidak dapat diterima;"
        f" ekspor lagi paling jauh sampai {today}, atau tanyakan kepada bank bila tanggalnya salah"
    )
    return Wrong(late.number if late is not None else None, "", "", why)


def _take_in(session: Session, attempt: Attempt, statement: Statement, read_by: str) -> Taken:
    store.lock_account(session, attempt.account.code)
    foreseen = foresee(session, attempt, statement)
    taken = _record(
        session, attempt, foreseen.outcome, statement, len(foreseen.joined.added), read_by,
        duplicate_of=foreseen.duplicate_of,
        problems=[str(problem) for problem in foreseen.joined.problems],
    )  # fmt: skip
    if foreseen.joined.added:
        _book(session, attempt, taken, foreseen.joined.added)
    return taken


def _book(session: Session, attempt: Attempt, taken: Taken, added: Sequence[Line]) -> None:
    chain = store.chain(session, attempt.account.id, min(line.booked_on for line in added))
    held = [each.line for each in chain.lines] if chain is not None else []
    stored = store.add_lines(session, taken, keyed(added, held))
    post_all(session, [_entry(line_id, line) for line_id, line in stored], attempt.at)


def _entry(line_id: int, line: Line) -> Entry:
    source = Source(statement_line_id=line_id)
    return Entry(ENTRY, str(line_id), line.booked_on, bank_line(line.amount), source)


def _record(
    session: Session,
    attempt: Attempt,
    outcome: str,
    statement: Statement | None = None,
    added: int = 0,
    read_by: str = "",
    *,
    duplicate_of: int | None = None,
    problems: Sequence[str] = (),
) -> Taken:
    taken = store.add_statement(
        session,
        account_id=attempt.account.id, format=attempt.format, file_name=attempt.file_name,
        sha256=attempt.sha256, content=attempt.content[:LARGEST], at=attempt.at,
        actor=attempt.actor, outcome=outcome, duplicate_of=duplicate_of, added=added,
        line_count=len(statement.lines) if statement else 0, problems=list(problems),
        from_day=statement.from_day if statement else None,
        to_day=statement.to_day if statement else None,
        opening=statement.opening if statement else None,
        closing=statement.closing if statement else None,
    )  # fmt: skip
    detail = {
        "file": attempt.file_name, "sha256": attempt.sha256, "added": added,
        "read_by": read_by or attempt.format,
    }  # fmt: skip
    what = f"statement:{taken.id}"
    record(session, attempt.at, attempt.actor, f"statement.{outcome}", what, detail)
    return taken

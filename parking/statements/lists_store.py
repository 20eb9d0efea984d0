"""The lists of the finance desk: attempts to take in files, and the lines of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, defer

from parking.database.rows import Query, Rows
from parking.money import Rupiah
from parking.registry.store import MerchantAccountRow
from parking.statements.store import ImportRow, SettlementLineRow
from parking.statements.words import KIND_TEXT, OUTCOME_TEXT


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One attempt in the list."""

    id: int
    at: datetime
    door: str
    file_name: str
    report_day: date | None
    version: int
    outcome: str
    superseded_by: int | None
    line_count: int
    gross: Rupiah
    fee: Rupiah
    net: Rupiah
    actor: str

    @property
    def outcome_text(self) -> str:
        return "Digantikan" if self.superseded_by else OUTCOME_TEXT[self.outcome]


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file that was taken in."""

    number: int
    kind_text: str
    ours: str
    payment_ref: str
    gross: Rupiah
    fee: Rupiah
    net: Rupiah
    paid_at: datetime
    settled_on: date


def attempts(day: date | None, outcome: str) -> Rows[ImportLine]:
    """Attempts to take in a file, the newest first; of the report of one day if it is given."""
    row, newer = ImportRow, aliased(ImportRow)
    query: Query = (
        select(row, newer.id)
        .outerjoin(newer, newer.supersedes == row.id)
        .options(defer(row.content), defer(row.problems))
        .order_by(row.id.desc())
    )
    if day is not None:
        query = query.where(row.report_day == day)
    if outcome:
        query = query.where(row.outcome == outcome)
    return Rows(
        query,
        lambda r: ImportLine(
            r[0].id, r[0].at, f"{r[0].gateway}/{r[0].account}", r[0].file_name, r[0].report_day,
            r[0].version, r[0].outcome, r[1], r[0].line_count, Rupiah(r[0].gross),
            Rupiah(r[0].fee), Rupiah(r[0].net), r[0].actor,
        ),
    )  # fmt: skip


def lines_of(import_id: int) -> Rows[FileLine]:
    """The lines of a file, as they stand in it."""
    row = SettlementLineRow
    query: Query = select(row).where(row.import_id == import_id).order_by(row.number)
    return Rows(
        query,
        lambda r: FileLine(
            r[0].number, KIND_TEXT[r[0].kind], r[0].ours, r[0].payment_ref, Rupiah(r[0].gross),
            Rupiah(r[0].fee), Rupiah(r[0].net), r[0].paid_at, r[0].settled_on,
        ),
    )  # fmt: skip


def superseded_by(session: Session, import_id: int) -> int | None:
    """The newer version of a report, if one was taken in."""
    return session.scalar(select(ImportRow.id).where(ImportRow.supersedes == import_id))


def content(session: Session, import_id: int) -> bytes | None:
    """The file as it came."""
    return session.scalar(select(ImportRow.content).where(ImportRow.id == import_id))


def accounts(session: Session) -> Sequence[tuple[str, str]]:
    """The merchant accounts whose files may be taken in, also of those that have ended."""
    row = MerchantAccountRow
    rows = session.execute(select(row.gateway, row.account, row.name).order_by(row.id))
    return [(f"{where}/{account}", f"{where}/{account}, {name}") for where, account, name in rows]

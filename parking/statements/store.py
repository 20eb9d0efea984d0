"""Files from gateways: every attempt to take one in, and the lines of those taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, aliased, defer, mapped_column

from parking.business_day import business_day
from parking.charges.store import ChargeRow
from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import add_rows
from parking.errors import Conflict, NotFound
from parking.gateways.protocol import ReportLine
from parking.money import Rupiah

DRAFT_LASTS = timedelta(hours=1)
DRAFTS = 5  # of one person; a sixth takes the place of the first


class ImportRow(Base):
    """One attempt to take in a file. Superseding is said by the newer one, never written back."""

    __tablename__ = "import_batch"
    __table_args__ = append_only(
        CheckConstraint("outcome IN ('accepted', 'duplicate', 'rejected')", name="outcome"),
        UniqueConstraint("supersedes"),
        Index("ix_import_batch_sha256", "sha256"),
        Index("ix_import_batch_report_day", "report_day"),
    )

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]  # empty when the file could not say
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    actor: Mapped[str]
    outcome: Mapped[str]
    report_day: Mapped[date | None]  # the business day it reports; None when unreadable
    version: Mapped[int]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    line_count: Mapped[int]
    gross: Mapped[RupiahColumn]
    fee: Mapped[RupiahColumn]
    net: Mapped[RupiahColumn]
    problems: Mapped[list] = mapped_column(JSONB)  # texts, each naming its line


class SettlementLineRow(Base):
    """One row of a settlement report that was taken in."""

    __tablename__ = "settlement_line"
    __table_args__ = append_only(
        UniqueConstraint("import_id", "number"),
        UniqueConstraint("import_id", "line_key"),
        CheckConstraint("kind IN ('payment', 'refund')", name="kind"),
        CheckConstraint("net = gross - fee", name="net"),
        Index("ix_settlement_line_payment_ref", "payment_ref"),
        Index("ix_settlement_line_paid_on", "paid_on"),
    )

    id: Mapped[RowId]
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    line_key: Mapped[str]
    kind: Mapped[str]
    gateway: Mapped[str]
    account: Mapped[str]
    ours: Mapped[str]
    payment_ref: Mapped[str]
    gross: Mapped[RupiahColumn]
    fee: Mapped[RupiahColumn]
    net: Mapped[RupiahColumn]
    paid_at: Mapped[datetime]
    paid_on: Mapped[date]  # business day of paid_at
    settled_on: Mapped[date]


class SettlementPartRow(Base):
    """What one insertion of lines adds to a batch: the database sums them as they come.

    A batch, which the bank pays out at once, is a gateway's account and the day of its pay-out.
    """

    __tablename__ = "settlement_part"
    __table_args__ = append_only(
        CheckConstraint("net = gross - refunds - fee", name="net"),
        Index("ix_settlement_part_settled_on", "settled_on"),
    )

    id: Mapped[RowId]
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    gateway: Mapped[str]
    account: Mapped[str]
    settled_on: Mapped[date]
    lines: Mapped[int] = mapped_column(BigInteger)
    gross: Mapped[RupiahColumn]  # of payments
    refunds: Mapped[RupiahColumn]  # taken back, positive
    fee: Mapped[RupiahColumn]  # less what of it came back
    net: Mapped[RupiahColumn]


class DraftRow(Base):
    """A file that somebody looks at before it is taken in; thrown away soon, taken in or not."""

    __tablename__ = "import_draft"
    __table_args__ = (Index("ix_import_draft_actor", "actor"), updatable(deletable=True))

    id: Mapped[RowId]
    gateway: Mapped[str]  # "statement": it is a bank's, and the account is one at a bank
    account: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    actor: Mapped[str]  # who alone may see it


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    gateway: str
    account: str
    file_name: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Import:
    """One attempt to take in a file, as it ended."""

    id: int
    gateway: str
    account: str
    file_name: str
    sha256: str
    at: datetime
    actor: str
    outcome: str  # "accepted", "duplicate" or "rejected"
    report_day: date | None
    version: int
    supersedes: int | None
    duplicate_of: int | None
    line_count: int
    gross: Rupiah
    fee: Rupiah
    net: Rupiah
    problems: Sequence[str]


def lock_account(session: Session, gateway: str, account: str) -> None:
    """Let one file of an account in at a time, until this transaction ends."""
    key = f"import {gateway}/{account}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def accepted_file(
    session: Session, gateway: str, account: str, day: date, sha256: str
) -> Import | None:
    """The latest import that took in exactly these bytes for the report of a day."""
    row = ImportRow
    newest = session.scalar(
        select(func.max(row.id)).where(
            row.sha256 == sha256, row.gateway == gateway, row.account == account,
            row.report_day == day, row.outcome == "accepted",
        )
    )  # fmt: skip
    return import_by_id(session, newest) if newest is not None else None


def report_in_force(session: Session, gateway: str, account: str, day: date) -> Import | None:
    """The import whose lines hold for a business day: accepted, and superseded by none."""
    row, newer = ImportRow, aliased(ImportRow)
    return _first(
        session,
        select(row).where(
            row.gateway == gateway, row.account == account, row.report_day == day,
            row.outcome == "accepted",
            ~select(newer.id).where(newer.supersedes == row.id).exists(),
        ),
    )  # fmt: skip


def last_import(session: Session, gateway: str, account: str, file_name: str) -> Import | None:
    """The latest attempt to take in a file of this name."""
    row = ImportRow
    newest = session.scalar(
        select(func.max(row.id)).where(
            row.gateway == gateway, row.account == account, row.file_name == file_name
        )
    )
    return import_by_id(session, newest) if newest is not None else None


def add_import(session: Session, **values: Any) -> Import:
    """Record an attempt."""
    row_id = session.scalars(insert(ImportRow).values(**values).returning(ImportRow.id)).one()
    return import_by_id(session, row_id)


def import_by_id(session: Session, import_id: int) -> Import:
    """Raises NotFound."""
    found = _first(session, select(ImportRow).where(ImportRow.id == import_id))
    if found is None:
        raise NotFound(f"Tidak ada impor nomor {import_id}")
    return found


def imports(session: Session, limit: int = 200) -> Sequence[Import]:
    """The latest attempts, the newest first."""
    newest = select(ImportRow).order_by(ImportRow.id.desc()).limit(limit)
    rows = session.scalars(newest.options(defer(ImportRow.content)))
    return [_import(row) for row in rows]


def imports_of_report(session: Session, day: date) -> Sequence[Import]:
    """Every attempt to take in a report of a business day, in order."""
    of_day = select(ImportRow).where(ImportRow.report_day == day).order_by(ImportRow.id)
    rows = session.scalars(of_day.options(defer(ImportRow.content)))
    return [_import(row) for row in rows]


def add_lines(
    session: Session, import_id: int, gateway: str, account: str, lines: Sequence[ReportLine]
) -> list[tuple[int, ReportLine]]:
    """Store a report's lines; each with its id."""
    ids = add_rows(
        session,
        SettlementLineRow,
        [
            {
                "import_id": import_id, "number": line.number, "line_key": line.line_key,
                "kind": line.kind, "gateway": gateway, "account": account, "ours": line.ours,
                "payment_ref": line.payment_ref, "gross": line.gross, "fee": line.fee,
                "net": line.net, "paid_at": line.paid_at,
                "paid_on": business_day(line.paid_at), "settled_on": line.settled_on,
            }
            for line in lines
        ],
    )  # fmt: skip
    return list(zip(ids, lines, strict=True))


def charges_named(session: Session, ours: Collection[str]) -> set[str]:
    """Those of these references that are charges of ours."""
    return set(session.scalars(select(ChargeRow.ours).where(ChargeRow.ours.in_(ours))))


def lines_of(session: Session, import_id: int) -> list[tuple[int, ReportLine]]:
    """The lines of a report as they were taken in, each with its id."""
    row = SettlementLineRow
    rows = session.scalars(select(row).where(row.import_id == import_id).order_by(row.number))
    return [(r.id, _line(r)) for r in rows]


def keep_draft(session: Session, at: datetime, actor: str, **values: Any) -> int:
    """Keep a file to look at, and throw away those that nobody looks at any more; its id."""
    row = DraftRow
    newest = select(row.id).where(row.actor == actor).order_by(row.id.desc()).limit(DRAFTS - 1)
    session.execute(delete(row).where(row.at < at - DRAFT_LASTS))
    session.execute(delete(row).where(row.actor == actor, row.id.not_in(newest)))
    return session.scalars(insert(row).values(at=at, actor=actor, **values).returning(row.id)).one()


def draft(session: Session, draft_id: int, actor: str, now: datetime) -> Draft:
    """Raises Conflict when it is there no more, or is somebody else's."""
    row = session.scalar(
        select(DraftRow).where(
            DraftRow.id == draft_id, DraftRow.actor == actor, DraftRow.at >= now - DRAFT_LASTS
        )
    )
    if row is None:
        raise Conflict("Pratinjau ini sudah diterima atau sudah lewat satu jam; pilih berkas lagi")
    return Draft(row.id, row.gateway, row.account, row.file_name, row.sha256, row.content)


def drop_draft(session: Session, draft_id: int) -> None:
    session.execute(delete(DraftRow).where(DraftRow.id == draft_id))


def _line(row: SettlementLineRow) -> ReportLine:
    return ReportLine(
        row.number, row.line_key, row.kind, row.ours, row.payment_ref, Rupiah(row.gross),
        Rupiah(row.fee), Rupiah(row.net), row.paid_at, row.settled_on,
    )  # fmt: skip


def _first(session: Session, query: Select[ImportRow]) -> Import | None:
    row = session.scalar(query.options(defer(ImportRow.content)).order_by(ImportRow.id).limit(1))
    return _import(row) if row is not None else None


def _import(row: ImportRow) -> Import:
    return Import(
        row.id, row.gateway, row.account, row.file_name, row.sha256, row.at, row.actor,
        row.outcome, row.report_day, row.version, row.supersedes, row.duplicate_of,
        row.line_count, Rupiah(row.gross), Rupiah(row.fee), Rupiah(row.net), tuple(row.problems),
    )  # fmt: skip

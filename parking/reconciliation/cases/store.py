"""Cases: disagreements with an owner until a person, or the late line itself, ends them."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import add_rows, among, change_rows
from parking.errors import NotFound
from parking.money import Rupiah
from parking.reconciliation.cases.case import PROJECTED, Case, CaseState, Event, Step

# The columns that steps change: what events say, and where the newest discrepancy is.
PROJECTIONS = (*PROJECTED, "discrepancy_id")


class CaseRow(Base):
    """One disagreement, the same over all runs: known by its code and its subject.

    Ended and found again on a later business day, it is another case; found again on a
    day that it covered, it stays as a person left it, unless the amount is another.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("code", "subject", "first_day"),
        Index(
            "ix_case_file_open", "code", "subject",
            unique=True, postgresql_where=text("state = 'tracing'"),
        ),
        Index("ix_case_file_due_on", "due_on", postgresql_where=text("state = 'tracing'")),
        Index("ix_case_file_first_day", "first_day"),
        Index("ix_case_file_subject", "subject"),
        CheckConstraint("state IN ('tracing', 'resolved', 'written_off')", name="state"),
        updatable(*PROJECTIONS),
    )  # fmt: skip

    id: Mapped[RowId]
    code: Mapped[str]
    subject: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[str]  # shown as Ditelusuri, Selesai, Dihapuskan
    owner: Mapped[str]  # role that acts first
    assignee: Mapped[str | None]  # username
    severity: Mapped[str]
    amount: Mapped[RupiahColumn]
    ours: Mapped[str]
    gateway: Mapped[str]
    attendant_id: Mapped[int | None] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("parking_point.id"))
    explanation: Mapped[str]
    discrepancy_id: Mapped[int | None] = mapped_column(ForeignKey("discrepancy.id"))  # the newest
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    level: Mapped[int]  # how often it was escalated
    escalated_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    reason: Mapped[str]
    document: Mapped[str]
    note: Mapped[str]


class CaseEventRow(Base):
    """One thing that happened to a case. Its state is what these add up to (M5)."""

    __tablename__ = "case_event"
    __table_args__ = append_only(Index("ix_case_event_case_id", "case_id"))

    id: Mapped[RowId]
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    note: Mapped[str]
    detail: Mapped[dict] = mapped_column(JSONB)


class CaseEvidenceRow(Base):
    """A paper or picture that somebody put to a case."""

    __tablename__ = "case_evidence"
    __table_args__ = append_only(UniqueConstraint("case_id", "sha256"))

    id: Mapped[RowId]
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    title: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProposalRow(Base):
    """A write-off, re-attribution or correction that one proposes and another approves (M14)."""

    __tablename__ = "case_proposal"
    __table_args__ = (
        CheckConstraint("decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("decided_in <> proposed_in", name="two_sessions"),
        CheckConstraint(
            "kind IN ('write_off', 're_attribution', 'correction')", name="kind"
        ),
        Index("ix_case_proposal_case_id", "case_id"),
        Index(
            "ix_case_proposal_open", "case_id",
            unique=True, postgresql_where=text("standing = 'proposed'"),
        ),
        updatable("standing", "decided_by", "decided_at", "decided_in", "why"),
    )  # fmt: skip

    id: Mapped[RowId]
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str]
    terms: Mapped[dict] = mapped_column(JSONB)
    reason: Mapped[str]
    document: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_in: Mapped[str]  # the hash of the session: who decides sits at another browser
    standing: Mapped[str]  # proposed, approved, rejected, withdrawn
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_in: Mapped[str | None]
    why: Mapped[str]


class WarningRow(Base):
    """A warning letter (SP1 to SP3) that a rule proposes and a person issues (domain.md 1.8)."""

    __tablename__ = "warning"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        UniqueConstraint("attendant_id", "basis"),
        updatable("standing", "number", "decided_by", "decided_at", "why"),
    )

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    level: Mapped[int]
    rule: Mapped[str]  # in words
    basis: Mapped[str]  # what it rests on, so that it is proposed once
    proposed_on: Mapped[date]
    standing: Mapped[str]  # proposed, issued, dropped
    number: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    why: Mapped[str]


def lock(session: Session) -> None:
    """Whoever follows a run waits for who does so now: of one disagreement there is one case."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("cases", 0))))


def add_all(session: Session, cases: Sequence[tuple[Case, Sequence[Event]]]) -> None:
    """Store new cases with their events."""
    names = [field.name for field in fields(Case) if field.name != "id"]
    rows = [{name: getattr(case, name) for name in names} for case, _ in cases]
    ids = add_rows(session, CaseRow, rows)
    _add_events(
        session, [(i, e) for i, (_, events) in zip(ids, cases, strict=True) for e in events]
    )


def change_all(session: Session, cases: Sequence[tuple[Case, Sequence[Event]]]) -> None:
    """Store what steps made of locked cases, with the events that tell of them."""
    rows = [{"id": c.id, **{n: getattr(c, n) for n in PROJECTIONS}} for c, _ in cases]
    change_rows(session, CaseRow, ["id"], rows)
    _add_events(session, [(case.id, event) for case, events in cases for event in events])


def locked(session: Session, ids: Collection[int]) -> list[Case]:
    """Cases in the order of their numbers, locked until this transaction ends. Raises NotFound."""
    query = select(CaseRow).where(among(CaseRow.id, ids)).order_by(CaseRow.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise NotFound(f"Tidak ada kasus nomor {min(missing)}")
    return [case_of(row) for row in rows]


def events(session: Session, case_id: int) -> list[Event]:
    row = CaseEventRow
    found = session.scalars(select(row).where(row.case_id == case_id).order_by(row.id))
    return [_event(each) for each in found]


def last_event(session: Session, case_id: int) -> Event:
    row = CaseEventRow
    newest = select(row).where(row.case_id == case_id).order_by(row.id.desc()).limit(1)
    return _event(session.scalars(newest).one())


def add_evidence(
    session: Session, case_id: int, title: str, media_type: str, sha256: str, content: bytes,
    actor: str, at: datetime,
) -> int | None:  # fmt: skip
    """Its number; None when the very same file is there already."""
    row = CaseEvidenceRow
    same = select(row.id).where(row.case_id == case_id, row.sha256 == sha256)
    if session.scalar(same) is not None:
        return None
    added = insert(row).values(
        case_id=case_id, at=at, actor=actor, title=title, media_type=media_type, sha256=sha256,
        content=content,
    )  # fmt: skip
    return session.scalar(added.returning(row.id))


def evidence_of(session: Session, case_id: int) -> Sequence[CaseEvidenceRow]:
    """Without the files themselves."""
    row = CaseEvidenceRow
    query = select(row).options(defer(row.content, raiseload=True))
    return session.scalars(query.where(row.case_id == case_id).order_by(row.id)).all()


def evidence(session: Session, case_id: int, number: int) -> CaseEvidenceRow:
    """Raises NotFound."""
    row = session.get(CaseEvidenceRow, number)
    if row is None or row.case_id != case_id:
        raise NotFound(f"Tidak ada bukti nomor {number} pada kasus {case_id}")
    return row


def by_id(session: Session, number: int) -> Case:
    """Raises NotFound."""
    row = session.get(CaseRow, number)
    if row is None:
        raise NotFound(f"Tidak ada kasus nomor {number}")
    return case_of(row)


def others_of(session: Session, case: Case) -> Sequence[Case]:
    """Other cases of the same thing, the newest first."""
    row = CaseRow
    query = select(row).where(row.subject == case.subject, row.id != case.id)
    return [case_of(found) for found in session.scalars(query.order_by(row.id.desc()).limit(20))]


def warnings_of_case(session: Session, case: Case) -> Sequence[WarningRow]:
    """The warnings that a rule proposed because of a case."""
    row = WarningRow
    bases = [f"case:{case.id}:{level}" for level in (1, 2, 3)]
    is_of_it = or_(row.basis.in_(bases), row.basis.regexp_match(rf"^cases:(.*,)?{case.id}(,|$)"))
    query = select(row).where(is_of_it, row.attendant_id == case.attendant_id)
    return session.scalars(query.order_by(row.id)).all()


def newest_of(session: Session, code: str, subject: str) -> Sequence[Case]:
    """The newest case of a disagreement, locked: one, or none."""
    row = CaseRow
    query = select(row).where(row.code == code, row.subject == subject).order_by(row.id.desc())
    return [case_of(found) for found in session.scalars(query.limit(1).with_for_update())]


def open_about(session: Session, subjects: Collection[str]) -> Sequence[Case]:
    """The open cases about any of these, locked."""
    row = CaseRow
    query = select(row).where(among(row.subject, subjects), row.state == CaseState.TRACING)
    return [case_of(found) for found in session.scalars(query.order_by(row.id).with_for_update())]


def is_open_elsewhere(session: Session, case: Case) -> bool:
    """Whether another case of the same disagreement is open."""
    row = CaseRow
    query = select(row.id).where(
        row.code == case.code, row.subject == case.subject, row.id != case.id,
        row.state == CaseState.TRACING,
    )  # fmt: skip
    return session.scalar(query) is not None


def with_open_proposal(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these cases wait for a second person."""
    row = ProposalRow
    query = select(row.case_id).where(among(row.case_id, ids), row.standing == "proposed")
    return set(session.scalars(query))


def _add_events(session: Session, added: Sequence[tuple[int, Event]]) -> None:
    add_rows(
        session,
        CaseEventRow,
        [
            {
                "case_id": case_id, "at": e.at, "actor": e.actor, "kind": e.kind,
                "from_state": e.from_state, "to_state": e.to_state, "note": e.note,
                "detail": dict(e.detail),
            }
            for case_id, e in added
        ],
    )  # fmt: skip


def case_of(row: CaseRow) -> Case:
    values: dict[str, Any] = {name: getattr(row, name) for name in Case.__slots__}
    values |= {"state": CaseState(row.state), "amount": Rupiah(row.amount)}
    return Case(**values)


def _event(row: CaseEventRow) -> Event:
    return Event(
        row.at, row.actor, Step(row.kind), row.from_state, CaseState(row.to_state), row.note,
        row.detail, row.id,
    )  # fmt: skip

"""Cases: disagreements with an owner until a person, or the late line itself, ends them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class CaseRow(Base):
    """One disagreement, the same over all runs: known by its code and its subject.

    Closed and found again on a later business day, it is another case; found again on a
    day that it covered, it stays as a person left it.
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
        CheckConstraint("state IN ('tracing', 'resolved', 'written_off')", name="state"),
        updatable(
            "last_day", "state", "owner", "assignee", "severity", "amount", "due_on", "level",
            "escalated_on", "explanation", "discrepancy_id", "ended_at", "ended_by", "reason",
            "document", "note", "attendant_id", "point_id",
        ),
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
        CheckConstraint(
            "kind IN ('write_off', 're_attribution', 'correction')", name="kind"
        ),
        Index("ix_case_proposal_case_id", "case_id"),
        Index(
            "ix_case_proposal_open", "case_id",
            unique=True, postgresql_where=text("standing = 'proposed'"),
        ),
        updatable("standing", "decided_by", "decided_at", "why"),
    )  # fmt: skip

    id: Mapped[RowId]
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str]
    terms: Mapped[dict] = mapped_column(JSONB)
    reason: Mapped[str]
    document: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    standing: Mapped[str]  # proposed, approved, rejected, withdrawn
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
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

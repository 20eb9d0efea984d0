"""Closed days: frozen with a hash that two persons signed (reliability.md 5.3, M6)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, append_only


class CloseProposalRow(Base):
    """One person says that a day is ready: the hash is of what he saw."""

    __tablename__ = "close_proposal"
    __table_args__ = append_only()

    id: Mapped[RowId]
    business_day: Mapped[date] = mapped_column(index=True)
    hash: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]


class ClosedDayRow(Base):
    """A day that is closed: there is no way back."""

    __tablename__ = "closed_day"
    __table_args__ = append_only(CheckConstraint("signed_by <> prepared_by", name="two_persons"))

    business_day: Mapped[date] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("reconciliation_run.id"))
    hash: Mapped[str]
    snapshot: Mapped[dict] = mapped_column(JSONB)  # what was signed: figures, equations, matches
    prepared_by: Mapped[str]
    prepared_at: Mapped[datetime]
    signed_by: Mapped[str]
    closed_at: Mapped[datetime]

"""Reconciliation runs and the discrepancies each of them found."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only


class RunRow(Base):
    """One reconciliation of one business day, keyed by what it saw (M8)."""

    __tablename__ = "reconciliation_run"
    __table_args__ = append_only(UniqueConstraint("business_day", "input_hash"))

    id: Mapped[RowId]
    business_day: Mapped[date]
    as_of: Mapped[datetime]
    input_hash: Mapped[str]
    result_hash: Mapped[str]
    finished_at: Mapped[datetime]
    summary: Mapped[dict] = mapped_column(JSONB)  # counts and sums, by point, attendant, gateway


class DiscrepancyRow(Base):
    """One break in a chain, found by a run. The newest run of a day is what holds."""

    __tablename__ = "discrepancy"
    __table_args__ = append_only(
        UniqueConstraint("run_id", "code", "subject"),
        Index("ix_discrepancy_business_day", "business_day", "code"),
    )

    id: Mapped[RowId]
    run_id: Mapped[int] = mapped_column(ForeignKey("reconciliation_run.id"))
    business_day: Mapped[date]
    code: Mapped[str]  # "D05"
    # Stable over re-runs: "payment:midtrans/uuid", "charge:PKR…", "shift:12", "import:3", …
    subject: Mapped[str]
    status: Mapped[str]  # "selisih", "beda_waktu", "selesai" (cleared by the system itself)
    severity: Mapped[str]  # "kritis", "tinggi", "sedang", "rendah"
    owner: Mapped[str]  # role that acts first
    due_on: Mapped[date]
    amount: Mapped[RupiahColumn]  # what is in question
    ours: Mapped[str]  # charge reference, empty when none
    attendant_id: Mapped[int | None] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("parking_point.id"))
    gateway: Mapped[str]
    explanation: Mapped[str]  # one sentence in Indonesian, with the figures
    evidence: Mapped[dict] = mapped_column(JSONB)  # what it rests on, by name

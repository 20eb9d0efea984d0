"""Leases, runs and heart-beats of the jobs process."""

from datetime import date, datetime

from parking.database.base import Base, RowId, updatable
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column


class LeaseRow(Base):
    """Who may run the jobs now. Each new holder raises the epoch, which fences the old one off."""

    __tablename__ = "job_lease"
    __table_args__ = updatable("holder", "epoch", "expires_at")

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    epoch: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]  # by the database's clock


class JobRunRow(Base):
    """One run of one job, for one business day where it has one."""

    __tablename__ = "job_run"
    __table_args__ = (
        Index(
            "uq_job_run_ok", "job", "business_day",
            unique=True, postgresql_where=text("state = 'OK' AND business_day IS NOT NULL"),
        ),
        Index("ix_job_run_job", "job", "started_at"),
        updatable("state", "finished_at", "result", "error"),
    )  # fmt: skip

    id: Mapped[RowId]
    job: Mapped[str]
    business_day: Mapped[date | None]
    epoch: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]  # RUNNING, OK, FAILED, LOST
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None]
    error: Mapped[str | None]


class BeatRow(Base):
    """How each look of the timetable goes. Moments are of the database's clock, as the lease's."""

    __tablename__ = "job_beat"
    __table_args__ = (
        CheckConstraint("failures >= 0 AND (failures > 0) = (failure IS NOT NULL)", name="failure"),
        updatable(
            "epoch", "late_after_s", "last_ok_at", "failures", "failing_since", "failed_at",
            "failure", "needs_person",
        ),
    )  # fmt: skip

    look: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(
        BigInteger
    )  # a look of an older one is in the timetable no more
    late_after_s: Mapped[int]  # silent for longer than this, somebody is called
    expected_since: Mapped[datetime]  # for one that has never ended well
    last_ok_at: Mapped[datetime | None]
    failures: Mapped[int]  # in a row
    failing_since: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # the last of them
    failure: Mapped[str | None]  # in its words
    needs_person: Mapped[bool]  # no later look will mend it

"""The record of each run: what ran for which day, how it ended, and what is still due."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parking.clock import Clock
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from jobs.store import JobRunRow


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a job that ended well."""

    job: str
    business_day: date | None
    finished_at: datetime


@contextmanager
def recorded(
    sessions: sessionmaker[Session], clock: Clock, job: str, day: date | None, epoch: int
) -> Iterator[Callable[[str], None]]:
    """Keep a record of what the block does: OK with the result it gives, or FAILED and why.

    A run that is killed leaves RUNNING behind; the next holder of the lease marks
    it LOST and does the day again.
    """
    with sessions.begin() as session:
        added = insert(JobRunRow).values(
            job=job, business_day=day, epoch=epoch, state="RUNNING", started_at=clock.now()
        )
        run = session.scalar(added.returning(JobRunRow.id))
    result = ""

    def ended_with(text: str) -> None:
        nonlocal result
        result = text

    def end(**values: object) -> None:
        with sessions.begin() as session:
            ended = update(JobRunRow).where(JobRunRow.id == run)
            session.execute(ended.values(finished_at=clock.now(), **values))

    try:
        yield ended_with
    except BaseException as error:
        end(state="FAILED", error=f"{type(error).__name__}: {error}"[:2000])
        raise
    end(state="OK", result=result)


def done(session: Session, job: str, day: date) -> bool:
    """Whether a job has ended well for a day."""
    row = JobRunRow
    found = select(row.id).where(row.job == job, row.business_day == day, row.state == "OK")
    return session.scalar(found) is not None


def unfinished(session: Session, job: str, before: date) -> set[date]:
    """The days before another for which a job was begun and has never ended well."""
    row = JobRunRow
    of_job = select(row.business_day).where(row.job == job, row.business_day < before)
    begun = session.scalars(of_job.except_(of_job.where(row.state == "OK")))
    return {day for day in begun if day is not None}


def days_without(session: Session, job: str, last: date) -> list[date]:
    """The days up to `last` on which a job has not ended well, from the first on which it did;
    of one that never did, only the last.
    """
    row = JobRunRow
    ended_well = select(row.business_day).where(row.job == job, row.state == "OK")
    had = {day for day in session.scalars(ended_well) if day is not None}
    first = min(had, default=last)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in had]


def last_runs(session: Session) -> list[LastRun]:
    """Of each job, the last run that ended well: silence shows by its age."""
    row = JobRunRow
    newest = select(func.max(row.id)).where(row.state == "OK").group_by(row.job)
    rows = session.scalars(select(row).where(row.id.in_(newest)).order_by(row.job))
    return [LastRun(r.job, r.business_day, r.finished_at) for r in rows if r.finished_at]

"""Read what should have happened and did not."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import column, exists, func, select, table, tuple_
from sqlalchemy.orm import Session, sessionmaker

from parking.business_day import add_working_days, business_day, day_starts
from parking.clock import Clock
from parking.health.alarms import TOLD_FOR, Alarm, Beat, FileMissing, Silence, alarms
from parking.reconciliation import store as reconciled
from parking.reconciliation.night import first_day_not_due, late_run
from parking.registry import store as registry
from parking.statements.expected_store import ExpectedFile, expected_files
from parking.statements.store import SettlementLineRow

# The jobs stand outside; of their tables, only what a watcher reads.
RUN = table("job_run", *map(column, ("job", "state", "business_day", "started_at", "finished_at")))
LEASE = table("job_lease", column("epoch"), column("expires_at"))
BEAT = table(
    "job_beat",
    *map(column, (
        "look", "epoch", "late_after_s", "expected_since", "last_ok_at", "failures",
        "failing_since", "failure", "needs_person",
    )),
)  # fmt: skip

LOOKED_BACK = timedelta(days=14)
FILE_BY = timedelta(hours=12)  # noon of the day on which the account pays out, or the bank reports


def silence(session: Session, now: datetime) -> Silence:
    """What did not run or come by now."""
    return Silence(
        lease_left_s=_lease_left(session),
        beats=beats(session),
        days_overdue=_days_overdue(session, now),
        days_late=_days_late(session, now),
        files_missing=_files_missing(session, now),
    )


def beats(session: Session) -> list[Beat]:
    """The looks of the present timetable, by the database's clock as they were written."""
    beat, clock = BEAT.c, func.clock_timestamp()
    silent = func.extract("epoch", clock - func.coalesce(beat.last_ok_at, beat.expected_since))
    failing = func.extract("epoch", clock - beat.failing_since)
    newest = select(func.max(LEASE.c.epoch)).scalar_subquery()
    rows = session.execute(
        select(
            beat.look, silent, beat.late_after_s, beat.failures, failing, beat.failure,
            beat.needs_person,
        )
        .where(beat.epoch == newest)
        .order_by(beat.look)
    )  # fmt: skip
    return [
        Beat(look, float(silent), late, count, float(failing or 0), words or "", needs_person)
        for look, silent, late, count, failing, words, needs_person in rows
    ]


def _lease_left(session: Session) -> float | None:
    left = func.extract("epoch", func.max(LEASE.c.expires_at) - func.clock_timestamp())
    left_s = session.scalar(select(left))
    return float(left_s) if left_s is not None else None


def _days_overdue(session: Session, now: datetime) -> Sequence[date]:
    days = reconciled.days_without_run(session, first_day_not_due(now))
    return [day for day in days if late_run(day, now)]


def _days_late(session: Session, now: datetime) -> Sequence[date]:
    """Those whose first run that ended well was late, and is not long ago."""
    run = RUN.c
    rows = session.execute(
        select(run.business_day, run.finished_at)
        .where(run.job == "reconcile", run.state == "OK", run.started_at >= now - TOLD_FOR)
        .order_by(run.business_day)
    )
    return [day for day, finished_at in rows if late_run(day, finished_at)]


def _files_missing(session: Session, now: datetime) -> Sequence[FileMissing]:
    """The files of the last two weeks that should have come by now, and whose absence nobody
    has explained.
    """
    today, leave = business_day(now), registry.collective_leave(session)
    days = [today - timedelta(days=n) for n in range(LOOKED_BACK.days, -1, -1)]
    settles_in = registry.settling_days(session, today)

    def is_due(file: ExpectedFile) -> bool:
        name = _account_of(file)
        comes_in = settles_in.get(name, 1) if name else 1  # a statement: the next working day
        return now >= day_starts(add_working_days(file.day, comes_in, leave)) + FILE_BY

    return [
        FileMissing(file.source, file.day)
        for file in expected_files(session, days, leave)
        if file.is_missing and is_due(file) and not _is_told_of(session, file)
    ]


def _account_of(file: ExpectedFile) -> tuple[str, str] | None:
    """The merchant account whose settlement it is; None for a bank's statement."""
    kind, _, whose = file.source.partition(":")
    gateway, _, account = whose.partition("/")
    return (gateway, account) if kind == "settlement" else None


def _is_told_of(session: Session, file: ExpectedFile) -> bool:
    """A report may be named by another day than that of its payments: its lines tell."""
    account, line = _account_of(file), SettlementLineRow
    if account is None:
        return False
    settled = exists().where(
        line.paid_on == file.day, tuple_(line.gateway, line.account) == account
    )
    return bool(session.scalar(select(settled)))


class Watch:
    """The alarms for every page of a desk, read anew every few seconds by each process."""

    EVERY_S = 5.0

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock
        self._lock = threading.Lock()
        self._read_at = -self.EVERY_S
        self._alarms: Sequence[Alarm] = ()

    def alarms(self) -> Sequence[Alarm]:
        with self._lock:
            if time.monotonic() >= self._read_at + self.EVERY_S:
                with self._sessions() as session:
                    self._alarms = alarms(silence(session, self._clock.now()))
                self._read_at = time.monotonic()
            return self._alarms

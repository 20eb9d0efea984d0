"""Read what should have happened and did not."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import and_, column, exists, func, not_, select, table
from sqlalchemy.orm import Session, sessionmaker

from parking.business_day import add_working_days, business_day, day_starts
from parking.clock import Clock
from parking.health.alarms import TOLD_FOR, Alarm, Beat, FileMissing, Silence, alarms
from parking.payments.store import PaymentRow
from parking.reconciliation import store as reconciled
from parking.reconciliation.night import first_day_not_due, late_run
from parking.registry import store as registry
from parking.statements.store import ImportRow, SettlementLineRow

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
FILE_BY = timedelta(hours=12)  # noon of the day on which the account pays out


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
    """Of the last two weeks, the days of which an account took money and no file speaks,
    though it should have paid out by now.
    """
    today, leave = business_day(now), registry.collective_leave(session)
    first = today - LOOKED_BACK
    settles_in, reported = registry.settling_days(session, today), _reported(session, first)
    found = []
    for gateway, account in _accounts(session, first, today):
        for day in (first + timedelta(days=n) for n in range(LOOKED_BACK.days + 1)):
            settles = add_working_days(day, settles_in.get((gateway, account), 1), leave)
            if now < day_starts(settles) + FILE_BY or (gateway, account, day) in reported:
                continue
            if _is_missing(session, gateway, account, day):
                found.append(FileMissing(gateway, account, day))
    return found


def _accounts(session: Session, *days: date) -> list[tuple[str, str]]:
    found = {
        (known.merchant.gateway, known.merchant.account)
        for day in days
        for known in registry.merchant_accounts(session, day)
    }
    return sorted(found)


def _reported(session: Session, first: date) -> set[tuple[str, str, date]]:
    row = ImportRow
    rows = session.execute(
        select(row.gateway, row.account, row.report_day)
        .where(row.outcome == "accepted", row.report_day >= first)
        .distinct()
    )
    return {(gateway, account, day) for gateway, account, day in rows if day is not None}


def _is_missing(session: Session, gateway: str, account: str, day: date) -> bool:
    """A report may be named by another day than that of its payments: its lines tell."""
    line, payment = SettlementLineRow, PaymentRow
    settled = exists().where(
        line.paid_on == day, line.gateway == gateway, line.account == account
    )  # fmt: skip
    paid = exists().where(
        payment.business_day == day, payment.gateway == gateway, payment.account == account,
        payment.effect == "receipt",
    )  # fmt: skip
    return bool(session.scalar(select(and_(paid, not_(settled)))))


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

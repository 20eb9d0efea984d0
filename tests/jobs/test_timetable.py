"""What is due is read from our own tables: a machine that slept finds all of it."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from jobs import lease, runs
from jobs.store import JobRunRow
from jobs.timetable import (
    MOST_IN_DEMO,
    TIMETABLE,
    Looking,
    at_days_to_reconcile,
    at_idle_attendants,
    pause,
    warn_of_idle,
)
from parking.invariants.check import check_all
from parking.reconciliation.store import latest_run
from sqlalchemy import event, insert, select

from tests.jobs.nights import FRIDAY


def reconciled_days(parts):
    with parts.sessions() as session:
        row = JobRunRow
        done = select(row.business_day).where(row.job == "reconcile", row.state == "OK")
        return list(session.scalars(done.order_by(row.id)))


@pytest.mark.fault("F54")
def test_a_machine_that_was_down_for_three_days_does_three_in_order(parts, three_days):
    at_days_to_reconcile(Looking(parts, epoch=1))  # Monday noon

    assert reconciled_days(parts) == three_days
    with parts.sessions() as session:
        assert all(latest_run(session, day) for day in three_days)
    assert len(list(parts.settings.reports.glob("report-*.xlsx"))) == 3


@pytest.mark.fault("F54")
def test_looking_again_does_nothing_twice(parts, three_days):
    at_days_to_reconcile(Looking(parts, epoch=1))
    at_days_to_reconcile(Looking(parts, epoch=1))

    assert reconciled_days(parts) == three_days


def test_a_day_is_left_alone_until_its_night_has_come(parts, three_days, clock):
    clock.moment = datetime(2026, 11, 22, 18, 59, tzinfo=UTC)  # Monday, 01.59 WIB

    at_days_to_reconcile(Looking(parts, epoch=1))

    assert reconciled_days(parts) == three_days[:2]


@pytest.mark.fault("F52")
def test_a_run_that_was_killed_is_done_again_with_the_same_result(parts, three_days):
    at_days_to_reconcile(Looking(parts, epoch=1))
    with parts.sessions() as session:
        before = latest_run(session, FRIDAY)
    with parts.sessions.begin() as session:
        session.execute(
            insert(JobRunRow).values(
                job="reconcile", business_day=FRIDAY, epoch=1, state="RUNNING",
                started_at=parts.clock.now(),
            )
        )  # fmt: skip

    at_days_to_reconcile(Looking(parts, epoch=2))

    with parts.sessions() as session:
        assert latest_run(session, FRIDAY) == before


def test_a_day_that_fails_holds_up_no_other(parts, three_days):
    in_the_way = parts.settings.reports / f"report-{FRIDAY}.xlsx"
    in_the_way.mkdir(parents=True)

    with pytest.raises(ExceptionGroup, match="days"):
        at_days_to_reconcile(Looking(parts, epoch=1))
    assert reconciled_days(parts) == three_days[1:]

    in_the_way.rmdir()
    at_days_to_reconcile(Looking(parts, epoch=1))
    assert sorted(reconciled_days(parts)) == three_days
    assert in_the_way.is_file()


def idle_days(parts):
    with parts.sessions() as session:
        row = JobRunRow
        done = select(row.business_day).where(row.job == "inactivity", row.state == "OK")
        return list(session.scalars(done.order_by(row.id)))


@pytest.mark.fault("F54")
def test_days_on_which_nobody_looked_for_the_idle_are_made_up_in_order(parts, clock):
    """Ten months after the last one, among days on which nobody was at work."""
    last = date(2026, 11, 20)
    warn_of_idle(Looking(parts, epoch=1), last - timedelta(days=2))
    warn_of_idle(Looking(parts, epoch=1), last)
    clock.moment = datetime(2027, 9, 21, 3, 0, tzinfo=UTC)
    begun = time.monotonic()

    at_idle_attendants(Looking(parts, epoch=1))
    took_s = time.monotonic() - begun
    at_idle_attendants(Looking(parts, epoch=1))

    made_up = [last - timedelta(days=1), *(last + timedelta(days=n) for n in range(1, 305))]
    assert idle_days(parts)[2:] == made_up
    assert made_up[-1] == date(2027, 9, 20)
    assert took_s < 30  # some three on an idle machine
    with parts.sessions() as session:
        (m13,) = [v for v in check_all(session, clock.now()) if v.code == "M13"]
    assert m13.outcome == "holds"


def test_one_that_never_looked_for_the_idle_begins_with_yesterday(parts):
    at_idle_attendants(Looking(parts, epoch=1))

    assert idle_days(parts) == [date(2026, 11, 22)]


@pytest.mark.fault("F37")
def test_a_lease_that_is_renewed_while_the_idle_are_looked_for_disturbs_nothing(parts, three_days):
    with parts.sessions.begin() as session:
        epoch = lease.take(session, "us")
    fenced = replace(parts, sessions=lease.fenced(parts.sessions, epoch))
    renewed = []

    def renew(conn, cursor, statement, parameters, context, executemany):
        if "pg_export_snapshot" in statement:
            renewed.append(statement)
            with parts.sessions.begin() as session:
                lease.renew(session, epoch)

    event.listen(parts.engine, "after_cursor_execute", renew)
    warn_of_idle(Looking(fenced, epoch), FRIDAY)
    event.remove(parts.engine, "after_cursor_execute", renew)

    assert len(renewed) == 1
    assert idle_days(parts) == [FRIDAY]


def test_a_run_that_fails_says_why_and_is_no_run(parts):
    with (
        pytest.raises(ZeroDivisionError),
        runs.recorded(parts.sessions, parts.clock, "reconcile", FRIDAY, 1),
    ):
        raise ZeroDivisionError("what went wrong")

    with parts.sessions() as session:
        assert not runs.done(session, "reconcile", FRIDAY)
        assert "what went wrong" in session.scalar(select(JobRunRow.error))


def test_the_demo_looks_more_often_and_nobody_else():
    assert all(pause(look, is_demo=True) <= MOST_IN_DEMO for look in TIMETABLE)
    assert [pause(look, is_demo=False) for look in TIMETABLE] == [look.every for look in TIMETABLE]

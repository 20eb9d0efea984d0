"""Who may run the jobs, and what happens to one that slept too long."""

from datetime import timedelta

import pytest
from jobs import lease
from jobs.store import JobRunRow, LeaseRow
from sqlalchemy import func, select, update


def take(parts, holder):
    with parts.sessions.begin() as session:
        return lease.take(session, holder)


def let_it_expire(parts):
    with parts.sessions.begin() as session:
        session.execute(update(LeaseRow).values(expires_at=func.now() - timedelta(seconds=1)))


@pytest.mark.fault("F51")
def test_of_two_processes_one_runs(parts):
    assert take(parts, "first") == 1
    assert take(parts, "second") is None


def test_a_lease_given_back_is_taken_at_once_with_a_higher_epoch(parts):
    first = take(parts, "first")
    with parts.sessions.begin() as session:
        assert lease.release(session, first)

    assert take(parts, "second") == first + 1


@pytest.mark.fault("F47")
def test_where_the_databases_clock_was_set_back_nobody_waits_until_it_is_as_late_again(parts):
    first = take(parts, "killed")
    with parts.sessions.begin() as session:
        session.execute(update(LeaseRow).values(expires_at=func.now() + timedelta(hours=1)))

    assert take(parts, "successor") == first + 1


def test_a_renewal_that_a_taker_waited_for_keeps_the_lease(parts):
    first, took = take(parts, "holder"), []
    with parts.sessions.begin() as taker:
        taker.scalar(select(func.now()))  # its transaction is older than the renewal
        with parts.sessions.begin() as session:
            lease.renew(session, first)
        took.append(lease.take(taker, "taker"))

    assert took == [None]


@pytest.mark.fault("F53")
def test_a_sleeper_cannot_write_after_another_took_over(parts):
    slept = take(parts, "sleeper")
    sessions = lease.fenced(parts.sessions, slept)
    let_it_expire(parts)
    take(parts, "successor")

    with pytest.raises(lease.LeaseLost), sessions.begin() as session:
        session.add(JobRunRow(job="x", epoch=slept, state="RUNNING", started_at=parts.clock.now()))

    with parts.sessions() as session:
        assert session.scalar(select(func.count()).select_from(JobRunRow)) == 0


def test_the_holder_writes_as_before(parts):
    sessions = lease.fenced(parts.sessions, take(parts, "holder"))

    with sessions.begin() as session:
        session.add(JobRunRow(job="x", epoch=1, state="RUNNING", started_at=parts.clock.now()))

    with parts.sessions() as session:
        assert session.scalar(select(func.count()).select_from(JobRunRow)) == 1


def test_a_lost_lease_cannot_be_renewed(parts):
    slept = take(parts, "sleeper")
    let_it_expire(parts)
    take(parts, "successor")

    with pytest.raises(lease.LeaseLost), parts.sessions.begin() as session:
        lease.renew(session, slept)


@pytest.mark.fault("F52")
def test_a_run_left_open_by_a_killed_process_is_marked_lost(parts):
    epoch = take(parts, "killed")
    with parts.sessions.begin() as session:
        session.add(
            JobRunRow(
                job="reconcile", epoch=epoch, state="RUNNING", started_at=parts.clock.now()
            )
        )  # fmt: skip
    let_it_expire(parts)
    take(parts, "successor")

    with parts.sessions() as session:
        assert session.scalar(select(JobRunRow.state)) == "LOST"

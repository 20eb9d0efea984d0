"""What the process does with its looks while it holds the lease: real threads, a real lease."""

import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import jobs.__main__ as process
import pytest
from jobs import lease
from jobs.__main__ import hold, look_again, scheduled
from jobs.beats import Beats
from jobs.store import LeaseRow
from jobs.timetable import Look, Looking
from parking.business_day import WIB
from parking.health.alarms import alarms
from parking.health.silence import silence
from sqlalchemy import select

from tests.jobs_process import until
from tests.payments.test_crashes import away

OFTEN = timedelta(seconds=0.05)


@pytest.fixture(autouse=True)
def renewed_often(monkeypatch):
    monkeypatch.setattr(process, "RENEW_S", 0.1)


@contextmanager
def holding(parts, *looks):
    """A process that holds the lease and looks."""
    stop, codes = threading.Event(), []
    thread = threading.Thread(target=lambda: codes.append(hold(parts, stop, looks)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert codes == [0]


def told(parts):
    with parts.sessions() as session:
        return [alarm.name for alarm in alarms(silence(session, parts.clock.now()))]


@pytest.mark.fault("F57")
def test_a_look_that_hangs_is_an_alarm_while_the_others_go_on_and_the_lease_is_kept(parts):
    goes_on, seen = threading.Event(), []
    stuck = Look("stuck", lambda _: goes_on.wait(20), OFTEN, timedelta(seconds=1))
    well = Look("well", lambda _: seen.append(1), OFTEN, timedelta(seconds=1))

    with holding(parts, stuck, well):
        until(lambda: told(parts) == ["late:stuck"])
        before = len(seen)
        until(lambda: len(seen) > before)
        goes_on.set()
        until(lambda: told(parts) == [])


@pytest.mark.fault("F57")
def test_a_look_that_fails_each_time_is_an_alarm_with_its_words_and_goes_when_it_is_mended(
    parts, monkeypatch
):
    monkeypatch.setattr("parking.health.alarms.FOR_S", 0.2)
    is_broken = [True]

    def work(_):
        if is_broken[0]:
            raise ValueError("port 1 refused")

    with holding(parts, Look("import", work, OFTEN)):
        until(lambda: told(parts) == ["failing:import"])
        with parts.sessions() as session:
            (alarm,) = alarms(silence(session, parts.clock.now()))
        assert alarm.words == "ValueError: port 1 refused"
        is_broken[0] = False
        until(lambda: told(parts) == [])


@pytest.mark.fault("F55")
def test_a_look_that_takes_longer_than_its_pause_never_runs_twice_at_a_time(parts):
    lock, at_once, most, ended = threading.Lock(), [0], [0], []

    def work(_):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.3)
        with lock:
            at_once[0] -= 1
        ended.append(1)

    with holding(parts, Look("slow", work, OFTEN), Look("other", lambda _: None, OFTEN)):
        until(lambda: len(ended) >= 4)

    assert most == [1]
    assert at_once == [0]  # what had begun was finished before the lease was given back


@pytest.mark.fault("F47")
def test_a_wall_clock_set_back_an_hour_holds_no_look_up(parts):
    seen = []
    look = Look("inbox", lambda _: seen.append(1), OFTEN)
    scheduler = scheduled(Looking(parts, epoch=1), [look], Beats({"inbox": timedelta(minutes=5)}))
    scheduler.start()
    try:
        until(lambda: seen)
        for job in scheduler.get_jobs():  # as it counts after the clock was set back
            job.modify(next_run_time=datetime.now(WIB) + timedelta(hours=1))
        before = len(seen)
        time.sleep(0.3)
        assert len(seen) <= before + 1

        look_again(scheduler)
        until(lambda: len(seen) > before + 1)
    finally:
        scheduler.shutdown(wait=True)


@contextmanager
def locked(parts, _):
    """The lease's row held by somebody who fell asleep in the middle of a transaction."""
    with parts.sessions.begin() as sleeper:
        sleeper.execute(select(LeaseRow.epoch).with_for_update())
        yield


@pytest.mark.parametrize("hindered", [locked, lambda _, url: away(url)], ids=["locked", "away"])
def test_who_waits_for_the_lease_waits_on_and_takes_it_when_it_is_to_be_had(
    parts, database_url, hindered
):
    with parts.sessions.begin() as session:
        lease.release(session, lease.take(session, "before"))
    seen, stop = [], threading.Event()
    look = Look("inbox", lambda _: seen.append(1), OFTEN)
    waiter = threading.Thread(target=hold, args=(parts, stop, [look]))
    with hindered(parts, database_url):
        waiter.start()
        time.sleep(2.5)  # longer than it waits for a lock
        assert waiter.is_alive()
        assert seen == []

    until(lambda: seen)
    stop.set()
    waiter.join(20)

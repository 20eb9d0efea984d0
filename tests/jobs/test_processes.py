"""Real processes of the jobs: two at a time, asleep, killed at any moment (kill -9)."""

import hashlib
import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from jobs.store import JobRunRow, LeaseRow
from parking.app import create_app
from parking.http_errors import answer_errors
from parking.invariants.check import check_all
from parking.payments.routes import callbacks
from parking.payments.store import CallbackWorkRow, PaymentRow
from parking.reconciliation import day_store
from parking.reconciliation.run import judge, result_hash
from parking.reconciliation.store import days_due, latest_run
from parking.statements.store import ImportRow
from sqlalchemy import func, make_url, select, update

from tests.builders import PATH
from tests.jobs_process import running, until
from tests.payments.messages import notification
from tests.payments.scenes import a_charge
from tests.payments.test_crashes import admin
from tests.reconciliation.scenes import Scene
from tests.sshd import Bank
from tests.statements.report_csv import Row, report

MONDAY = date(2026, 11, 23)
DAYS = [MONDAY - timedelta(days=n) for n in (3, 2, 1)]
CHARGES = 30  # of each day
KILLS, FETCH_KILLS = 6, 4
# What the database does itself after a minute in which a transaction asked for nothing.
END_WHO_SLEEPS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '0.5 s'"
    " AND datname = '{}'"
)


class ThreeDays:
    """Three past days of charges, and what the gateway says of each: nothing is worked on yet."""

    def __init__(self, parts, city, clock):
        self.parts, self.clock = parts, clock
        self.app = Flask(__name__)
        answer_errors(self.app)
        self.app.register_blueprint(callbacks(parts))
        self.ours = {day: self._charged(city, day) for day in DAYS}

    def _charged(self, city, day):
        shift = Scene(self.parts, city, day).shift(declared_cash=0, declared_qris=0)
        ours = [f"PKR-{day:%d}-{n:03}" for n in range(CHARGES)]
        with self.parts.sessions.begin() as session:
            for n, name in enumerate(ours):
                a_charge(session, city, shift, name, self._at(day, n))
        return ours

    def _at(self, day, minutes):
        return datetime(day.year, day.month, day.day, 2, tzinfo=UTC) + timedelta(minutes=minutes)

    def tell(self, day, part=slice(None)):
        """The gateway's callbacks of a day, or of part of it, twice each."""
        for n, name in list(enumerate(self.ours[day]))[part]:
            body = notification(name, self._at(day, n))
            for _ in range(2):
                answer = self.app.test_client().post(
                    PATH, data=body, content_type="application/json"
                )
                assert answer.status_code == 200

    def lay_down_report(self, day):
        folder = self.parts.settings.watched / "midtrans" / "jambi"
        folder.mkdir(parents=True, exist_ok=True)
        rows = [Row(name, self._at(day, n)) for n, name in enumerate(self.ours[day])]
        (folder / f"{day}.csv").write_bytes(report(*rows, day=day))

    def booked(self):
        """How many payments the book holds."""
        with self.parts.sessions() as session:
            return session.scalar(select(func.count()).select_from(PaymentRow))

    def is_done(self):
        """Nothing waits: no callback, no file, no day."""
        with self.parts.sessions() as session:
            waiting = session.scalar(
                select(func.count())
                .select_from(CallbackWorkRow)
                .where(CallbackWorkRow.state == "RECEIVED")
            )
            due = days_due(session, MONDAY, self.clock.now())
            ran = session.scalars(
                select(JobRunRow.business_day).where(
                    JobRunRow.job == "reconcile", JobRunRow.state == "OK"
                )
            ).all()
        lying = list((self.parts.settings.watched / "midtrans" / "jambi").glob("*.csv"))
        return not waiting and not due and not lying and set(DAYS) <= set(ran)


def seeded():
    """Other moments in each run; a run that fails shows by which seed to have them again."""
    seed = time.time_ns()
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def days(parts, city, clock):
    return ThreeDays(parts, city, clock)


@pytest.fixture
def machine(parts, environment, tmp_path):
    with running(parts, environment, tmp_path) as made:
        yield made


def assert_as_if_nothing_had_happened(days, machine, reports=DAYS):
    """Each payment once, each file once, each day's run that of its facts, every invariant kept."""
    parts = days.parts
    with parts.sessions() as session:
        row = PaymentRow
        booked = session.execute(select(row.ours, row.effect, row.business_day)).all()
        files = session.execute(select(ImportRow.file_name, ImportRow.outcome)).all()
        runs = {day: latest_run(session, day) for day in DAYS}
        judged = {
            day: result_hash(*judge(day_store.read_day(session, day, run.as_of)))
            for day, run in runs.items()
        }
        ok = Counter(
            session.scalars(
                select(JobRunRow.business_day).where(
                    JobRunRow.state == "OK", JobRunRow.job == "reconcile"
                )
            )
        )
    wanted = [(ours, "receipt", day) for day in DAYS for ours in days.ours[day]]
    assert sorted(booked) == sorted(wanted)
    assert sorted(files) == [(f"{day}.csv", "accepted") for day in reports]
    assert {day: run.result_hash for day, run in runs.items()} == judged
    assert all(ok[day] == 1 for day in DAYS)
    assert len(list(parts.settings.reports.glob("report-*.xlsx"))) == 3
    with parts.sessions() as session:
        assert [v for v in check_all(session, days.clock.now()) if v.outcome == "broken"] == []


@pytest.mark.fault("F52")
def test_killed_at_any_moment_it_comes_to_the_same(days, machine):
    """Work comes in all the time; each process is killed within two seconds of its first look."""
    moments = seeded()
    for n in range(KILLS):
        days.tell(DAYS[n % 3], slice(n // 3, None, 2))
        if n < 3:
            days.lay_down_report(DAYS[n])
        before = machine.epoch()
        process = machine.start()
        until(lambda: machine.epoch() > before)  # noqa: B023
        time.sleep(moments.uniform(0, 2))
        process.kill()
        machine.let_the_lease_expire()

    machine.start()
    until(days.is_done)

    assert_as_if_nothing_had_happened(days, machine)


@pytest.mark.fault("F52")
def test_killed_while_it_fetches_each_file_still_comes_once_and_whole(parts, city, machine, bank):
    """Files that are no reports: each is refused, once, which is what can be counted."""
    moments, laid = seeded(), {}
    for n in range(FETCH_KILLS):
        for m in range(8):
            content = moments.randbytes(200_000)
            laid[hashlib.sha256(content).hexdigest()] = f"laporan-{n}{m}"
            bank.lay_out(f"laporan-{n}{m}.csv", content)
        before = machine.epoch()
        process = machine.start(SFTP_BANK=bank.setting())
        until(lambda: machine.epoch() > before)  # noqa: B023
        time.sleep(moments.uniform(0, 2))
        process.kill()
        machine.let_the_lease_expire()

    machine.start(SFTP_BANK=bank.setting())
    until(lambda: len(refused(parts)) >= len(laid))
    time.sleep(1)  # for what might come twice

    assert sorted(refused(parts)) == sorted(
        (f"{name}.{sha256[:12]}.csv", sha256, "rejected") for sha256, name in laid.items()
    )
    assert list((parts.settings.var / "fetching" / "bank").iterdir()) == []
    assert len(list(bank.out.iterdir())) == len(laid)  # nothing is deleted there


@pytest.fixture
def bank(tmp_path):
    (tmp_path / "bank").mkdir()
    made = Bank(tmp_path / "bank")
    yield made
    made.stop()


def refused(parts):
    with parts.sessions() as session:
        row = ImportRow
        return [
            tuple(each) for each in session.execute(select(row.file_name, row.sha256, row.outcome))
        ]


@pytest.mark.fault("F47")
@pytest.mark.parametrize("jump", ["-3600", "+7200"])
def test_a_clock_that_jumps_while_it_runs_stops_nothing_and_doubles_nothing(
    days, machine, clock, tmp_path, jump
):
    """The machine's clock, by which the scheduler counts, and ours with it.

    Without files: what moves the clock (libfaketime 0.9.10) breaks the pause before they are read.
    """
    jumps_to = tmp_path / "wall"
    jumps_to.write_text("+0")
    machine.start(**faked_by(jumps_to))
    until(machine.epoch)
    days.tell(DAYS[0])
    until(lambda: days.booked() == CHARGES)

    jumps_to.write_text(jump)
    machine.drive(clock.forward(seconds=int(jump)))
    for day in DAYS[1:]:
        days.tell(day)
    until(days.is_done)

    assert_as_if_nothing_had_happened(days, machine, reports=())
    until(lambda: "clock jumped" in machine.words())


def faked_by(file):
    """The environment in which a process reads a wall clock that a file moves."""
    found = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
    if not found:
        pytest.skip("needs a clock that can be moved: apt-get install faketime")
    return {
        "LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",  # seconds; else the file is read at every look at a clock
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


@pytest.mark.fault("F51")
def test_of_two_processes_one_works_and_the_other_when_that_ends(days, machine, clock):
    lay_down(days, DAYS)
    both = [machine.start(), machine.start()]
    until(days.is_done)
    first = machine.holder()
    (waiter,) = (process for process in both if process.pid != first)

    assert {run.epoch for run in machine.runs()} == {1}
    assert_as_if_nothing_had_happened(days, machine)
    (holder,) = (process for process in both if process.pid == first)
    assert holder.end() == 0
    until(lambda: machine.holder() == waiter.pid)
    assert machine.epoch() == 2


@pytest.mark.fault("F53")
def test_one_that_sleeps_at_any_moment_writes_nothing_when_it_wakes(days, machine, database_url):
    lay_down(days, DAYS)
    sleeper = machine.start()
    until(machine.epoch)
    time.sleep(seeded().uniform(0, 1.5))
    sleeper.sleep()
    machine.start()
    time.sleep(1)
    admin(database_url, END_WHO_SLEEPS.format(make_url(database_url).database))
    machine.let_the_lease_expire()
    until(lambda: machine.epoch() == 2)
    until(days.is_done)
    before = machine.runs()

    sleeper.wake()

    assert sleeper.ended() == 1
    assert machine.runs() == before
    assert_as_if_nothing_had_happened(days, machine)


@pytest.mark.fault("F57")
def test_one_that_was_killed_is_an_alarm_until_the_next_has_come(parts, city, machine):
    probe = create_app(parts).test_client()
    process = machine.start()
    until(machine.epoch)
    assert probe.get("/health/jobs").status_code == 200

    process.kill()
    with parts.sessions.begin() as session:
        session.execute(update(LeaseRow).values(expires_at=func.now() - timedelta(minutes=2)))
    answer = probe.get("/health/jobs")
    assert (answer.status_code, list(answer.json["alarms"])) == (503, ["jobs"])

    machine.start()
    until(lambda: probe.get("/health/jobs").status_code == 200)


def lay_down(days, of):
    for day in of:
        days.tell(day)
        days.lay_down_report(day)

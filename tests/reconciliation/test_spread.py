"""Days on a real Dask cluster of two processes are the days that one process makes."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from distributed import LocalCluster
from jobs.timetable import Looking, at_days_to_reconcile, reconcile
from parking.cli.main import parking
from parking.clock import DrivenClock
from parking.errors import BadInput, ParkingError
from parking.reconciliation import day_store, spread, store
from parking.reconciliation.result import Wanted
from parking.reconciliation.run import judge, result_hash
from parking.reconciliation.spread import reconciling

from tests.reconciliation.scenes import DAY, THURSDAY, TUESDAY, WEDNESDAY, at, night_after

DAYS = [DAY, TUESDAY, WEDNESDAY]
NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture(scope="module")
def scheduler():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def three_days(scene):
    """A sale on each day, on the first two with something wrong."""
    for day in DAYS:
        scene.day = day
        ours = scene.charge(scene.shift(opened_at=at(8, 0, day)), created_at=at(9, 0, day))
        scene.payment(ours, paid_at=at(9, 1, day), amount=2_500 if day == DAY else 2_000)
    scene.payment("LAIN-1", paid_at=at(12, 0, TUESDAY))
    return scene


def over(scene, scheduler, days=DAYS, now=None):
    url = scene.parts.settings.database_url
    now = now or night_after(WEDNESDAY)
    return reconciling(scene.parts.sessions, days, now, url=url, scheduler=scheduler)


def alone(scene, day):
    """The hash of a day's result, computed here."""
    with scene.parts.sessions() as session:
        return result_hash(*judge(day_store.read_day(session, day, night_after(WEDNESDAY))))


def with_cluster(parts, scheduler):
    return replace(parts, settings=replace(parts.settings, dask_scheduler=scheduler))


def test_a_cluster_gives_the_same_results_and_stores_them(three_days, scheduler):
    with over(three_days, scheduler) as run_of:
        runs = [run_of(day) for day in DAYS]

    assert [run.result_hash for run in runs] == [alone(three_days, day) for day in DAYS]
    with three_days.parts.sessions() as session:
        assert [store.latest_run(session, day) for day in DAYS] == runs
        found = store.discrepancies(session, Wanted(DAY, WEDNESDAY))
    assert [(d.business_day, d.what.code) for d in found] == [
        (DAY, "D05"), (DAY, "D06"), (TUESDAY, "D03"),
    ]  # fmt: skip


@pytest.mark.fault("F56")
def test_here_or_on_a_cluster_a_day_over_the_same_facts_is_one_run(three_days, scheduler):
    with over(three_days, "") as run_of:
        here = [run_of(day) for day in DAYS]
    with over(three_days, scheduler) as run_of:
        there = [run_of(day) for day in DAYS]

    assert here == there


def test_a_day_that_fails_says_why_and_the_others_are_there(three_days, scheduler):
    with over(three_days, scheduler, [WEDNESDAY, TUESDAY], night_after(TUESDAY)) as run_of:
        with pytest.raises(BadInput, match="belum selesai"):
            run_of(WEDNESDAY)
        assert run_of(TUESDAY).business_day == TUESDAY


def test_nobody_who_answers_is_said_and_nothing_is_done(three_days, monkeypatch):
    monkeypatch.setattr(spread, "ANSWERS_WITHIN_S", 0.2)

    with (
        pytest.raises(ParkingError, match=f"no Dask scheduler answers at {NOBODY}"),
        over(three_days, NOBODY),
    ):
        pass


@pytest.mark.fault("F54")
def test_three_days_down_are_spread_and_reported(three_days, clock, scheduler):
    clock.moment = at(3, 0, THURSDAY)
    parts = with_cluster(three_days.parts, scheduler)

    at_days_to_reconcile(Looking(parts, epoch=1))

    with parts.sessions() as session:
        assert all(store.latest_run(session, day) for day in DAYS)
        assert store.days_due(session, THURSDAY, clock.now()) == []
    assert len(list(parts.settings.reports.glob("report-*.xlsx"))) == 3


def test_a_look_at_nothing_asks_no_cluster(parts):
    at_days_to_reconcile(Looking(with_cluster(parts, NOBODY), epoch=1))


def test_one_day_by_hand_goes_the_same_way(three_days, scheduler, clock):
    clock.moment = night_after(WEDNESDAY)
    parts = with_cluster(three_days.parts, scheduler)

    reconcile(Looking(parts, epoch=0), TUESDAY)

    assert (parts.settings.reports / f"report-{TUESDAY}.xlsx").exists()


def test_the_shell_spreads_what_it_is_told(three_days, scheduler, environment, tmp_path):
    clock = tmp_path / "clock"
    DrivenClock(clock).drive(night_after(WEDNESDAY) + timedelta(hours=1))
    environment |= {"PARKING_ENV": "demo", "CLOCK_FILE": str(clock), "DASK_SCHEDULER": scheduler}
    command = ["reconcile", "--from", str(DAY), "--to", str(WEDNESDAY)]

    answer = CliRunner().invoke(parking, command, env=environment)

    assert answer.exit_code == 0
    assert [line.split()[0] for line in answer.stdout.splitlines()] == [str(day) for day in DAYS]


def test_without_the_setting_nothing_imports_dask():
    program = (
        "import sys, jobs.__main__, parking.app, parking.cli.reconcile, parking.cli.bench\n"
        "print(*sorted({'dask', 'distributed'} & set(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (told.returncode, told.stdout.strip()) == (0, "")

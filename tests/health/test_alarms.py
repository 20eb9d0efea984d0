"""What a person is called for, and what not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from parking.health.alarms import Beat, FileMissing, Silence, alarms

WELL = Beat("inbox", 1.0, 300.0, 0, 0.0, "", False)
ALL_WELL = Silence(10.0, [WELL])
DAY = date(2026, 11, 20)


def names(silence):
    return [alarm.name for alarm in alarms(silence)]


def of(**beat):
    return names(Silence(10.0, [replace(WELL, **beat)]))


def test_when_everything_runs_nobody_is_called():
    assert names(ALL_WELL) == []


@pytest.mark.fault("F57")
@pytest.mark.parametrize("left_s", [None, -61.0, -86_400.0 * 3])
def test_no_jobs_process_is_one_alarm_and_not_one_for_each_look(left_s):
    silence = Silence(
        left_s, [replace(WELL, silent_s=1e6), replace(WELL, look="seal", silent_s=1e6)]
    )

    assert names(silence) == ["jobs"]


def test_a_restart_is_no_alarm():
    assert names(replace(ALL_WELL, lease_left_s=-20.0)) == []


@pytest.mark.fault("F57")
def test_a_look_that_hangs_is_an_alarm_though_the_lease_is_kept():
    assert of(silent_s=300.0) == []
    assert of(silent_s=301.0) == ["late:inbox"]


@pytest.mark.fault("F57")
def test_failing_in_a_row_is_an_alarm_once_it_is_no_hiccup():
    assert of(failures=2, failing_s=1e4, failure="x") == []
    assert of(failures=500, failing_s=59.0, failure="x") == []
    assert of(failures=3, failing_s=60.0, failure="x") == ["failing:inbox"]
    assert of(failures=1, failing_s=0.0, failure="x", needs_person=True) == ["failing:inbox"]


@pytest.mark.fault("F54")
def test_days_without_their_run_and_days_that_had_it_late():
    days = [DAY + timedelta(days=n) for n in range(7)]

    overdue, late = alarms(replace(ALL_WELL, days_overdue=days, days_late=days[:1]))

    assert (overdue.name, late.name) == ("overdue", "were-late")
    assert "2026-11-24 (+2)" in overdue.says
    assert "--date 2026-11-20" in overdue.do


def test_files_that_did_not_come_are_one_alarm_for_each_account():
    files = [FileMissing("settlement:midtrans/jambi", DAY + timedelta(days=n)) for n in range(2)]
    found = alarms(replace(ALL_WELL, files_missing=[*files, FileMissing("statement:rkud", DAY)]))

    assert [alarm.name for alarm in found] == [
        "file:settlement:midtrans/jambi",
        "file:statement:rkud",
    ]
    assert "2026-11-20, 2026-11-21" in found[0].says


@pytest.mark.parametrize(
    ("look", "where"),
    [("fetch statement bank", "/finance/statements"), ("fetch settlement x", "/finance/imports")],
)
def test_a_source_that_fails_says_where_its_files_are_uploaded_by_hand(look, where):
    (found,) = alarms(replace(ALL_WELL, beats=[replace(WELL, look=look, failures=9,
                                                       failing_s=99.0)]))  # fmt: skip

    assert where in found.do


def test_every_alarm_says_what_to_do():
    silence = Silence(
        10.0,
        [
            replace(WELL, silent_s=1e6),
            replace(WELL, look="fetch statement bank", failures=9, failing_s=99.0),
        ],
        [DAY], [DAY], [FileMissing("settlement:midtrans/jambi", DAY)],
    )  # fmt: skip

    assert all(a.says and a.english and a.do for a in [*alarms(silence), *alarms(Silence(None))])
    assert len(alarms(silence)) == 5

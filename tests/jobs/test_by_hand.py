"""`python -m jobs NAME DAY`: one job by hand."""

import os
import subprocess
import sys

from parking.reconciliation.store import latest_run

from tests.jobs.nights import FRIDAY


def run(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "jobs", *arguments], env={**os.environ, **environment},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_one_day_is_reconciled_by_hand(parts, environment, three_days):
    done = run(environment, "reconcile", FRIDAY.isoformat())

    assert (done.returncode, done.stderr) == (0, "")
    with parts.sessions() as session:
        assert latest_run(session, FRIDAY)


def test_what_is_no_job_or_no_day_is_told_in_one_line(environment):
    wrong = [run(environment, *words) for words in (["tidy", "2026-11-20"], ["reconcile", "20/11"])]

    assert [each.returncode for each in wrong] == [2, 2]
    assert wrong[0].stderr.startswith("usage: python -m jobs")
    assert wrong[1].stderr == "'20/11' is not a day: write it as 2026-11-23\n"

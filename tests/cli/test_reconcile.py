"""`parking import` and `parking reconcile`, as a shell sees them."""

import json

import pytest
from click.testing import CliRunner
from parking.cli.main import parking
from parking.clock import DrivenClock
from parking.errors import ParkingError

from tests.reconciliation.scenes import DAY, Scene, at, night_after
from tests.statements.report_csv import Row, report


@pytest.fixture
def scene(parts, city):
    return Scene(parts, city)


@pytest.fixture
def run(environment, tmp_path):
    """Runs a command in the night after the day."""
    clock = tmp_path / "clock"
    DrivenClock(clock).drive(night_after(DAY))
    environment |= {"PARKING_ENV": "demo", "CLOCK_FILE": str(clock)}

    def command(*words):
        return CliRunner().invoke(parking, words, env=environment)

    return command


@pytest.fixture
def file(scene, tmp_path):
    path = tmp_path / "settlement.csv"
    path.write_bytes(report(Row(scene.charge(scene.shift()), at(12)), day=DAY))
    return path


def test_a_file_is_taken_in_and_told_as_one_object(run, file):
    answer = run("import", "settlement", "--gateway", "midtrans", "--json", str(file))

    told = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert (told["outcome"], told["line_count"], told["gross"]) == ("accepted", 1, 2_000)


def test_a_file_twice_is_no_failure(run, file):
    words = ("import", "settlement", "--gateway", "midtrans", "--account", "jambi", str(file))
    run(*words)

    again = run(*words)

    assert again.exit_code == 0
    assert "duplicate" in again.stdout


def test_a_refused_file_is_exit_code_1_with_its_lines_on_standard_error(run, file):
    file.write_bytes(file.read_bytes().replace(b"2000.00", b"2.000", 1))

    answer = run("import", "settlement", "--gateway", "midtrans", str(file))

    assert answer.exit_code == 1
    assert "rejected" in answer.stdout
    assert "baris 3: amount" in answer.stderr


def test_a_gateway_that_we_have_not_is_an_error(run, file):
    answer = run("import", "settlement", "--gateway", "xendit", str(file))

    assert isinstance(answer.exception, ParkingError)
    assert "xendit" in str(answer.exception)


def test_days_are_reconciled_in_order_and_their_reports_written(run, scene, environment):
    scene.sale(scene.shift())
    scene.payment("LAIN-1")

    answer = run("reconcile", "--from", "2026-11-22", "--to", "2026-11-23", "--json")

    told = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert [day["date"] for day in told] == ["2026-11-22", "2026-11-23"]
    assert [day["discrepancies"] for day in told] == [{}, {"D03": 1}]
    assert (scene.parts.settings.reports / "report-2026-11-23.xlsx").exists()
    again = run("reconcile", "--date", "2026-11-23", "--json")
    assert json.loads(again.stdout)[0] == told[1]


def test_what_the_report_and_the_ledger_do_not_share_is_said_on_standard_error(run, scene):
    scene.sale(scene.shift())

    answer = run("reconcile", "--date", "2026-11-23")

    assert "menurut buku Rp0" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-11-22"),
        ("--date", "2999-01-01"),
        ("--from", "2026-11-23", "--to", "2026-11-22"),
        ("--date", "23/11/2026"),
    ],
)
def test_days_that_make_no_sense_are_a_usage_error(run, scene, words):
    assert run("reconcile", *words).exit_code == 2


def test_the_shell_says_what_holds_a_day_up(run, scene, clock):
    clock.moment = night_after(DAY)
    scene.sale(scene.shift(closed_at=None))
    scene.run()

    answer = run("close", "--date", "2026-11-23", "--json")

    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert told["standing"] == "blocked"
    assert "1 giliran belum ditutup" in told["in_the_way"]
    assert told["files"] == {"settlement:midtrans/jambi": "here"}
    assert "giliran" in run("close", "--date", "2026-11-23").stdout

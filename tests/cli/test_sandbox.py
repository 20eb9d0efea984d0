"""`parking sandbox` at the shell."""

import json
import subprocess
import sys

import pytest

MERCHANT = {
    "account": "jambi", "merchant_id": "G000000001", "server_key": "SB-Mid-server-1",
    "nmid": "ID1020000000012", "pan": "936001150000000123", "name": "PEMKOT JAMBI PARKIR",
    "city": "KOTA JAMBI",
}  # fmt: skip


def run(tmp_path, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "parking.cli.main", "sandbox", *arguments],
        env={"PATH": "", "VAR_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
        | environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_help_shows_an_example(tmp_path):
    told = run(tmp_path, "--help")

    assert told.returncode == 0
    assert "Example: parking sandbox" in told.stdout


@pytest.mark.parametrize(
    ("merchants", "words"),
    [
        ("[", "Expecting value"),
        ([], "at least one merchant"),
        ([MERCHANT, MERCHANT], "share one account"),
        ([MERCHANT | {"colour": "red"}], "merchant 1"),
    ],
)
def test_merchants_that_cannot_be_used_are_refused(tmp_path, merchants, words):
    file = tmp_path / "merchants.json"
    file.write_text(merchants if isinstance(merchants, str) else json.dumps(merchants))

    told = run(tmp_path, "--merchants", str(file), "--port", "0")

    assert (told.returncode, told.stdout) == (1, "")
    assert words in told.stderr
    assert "Traceback" not in told.stderr


def test_it_does_not_run_on_a_production_machine(tmp_path):
    told = run(tmp_path, "--port", "0", PARKING_ENV="production")

    assert (told.returncode, told.stdout) == (1, "")
    assert "play money" in told.stderr

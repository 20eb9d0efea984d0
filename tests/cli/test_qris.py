"""`parking qris`, as a shell sees it."""

import json

import pytest
from click.testing import CliRunner
from parking.cli.main import parking
from parking.qris import symbol

from tests.qris.examples import DYNAMIC, PARTS, STATIC

FOREIGN = "00020101021129370016A000000677010111021301234567890125802TH530376463040CBD"


def run(*words, given=""):
    return CliRunner().invoke(parking, ["qris", *words], input=given)


def options(parts):
    return [word for name, text in parts.items() for word in (f"--{name.replace('_', '-')}", text)]


def test_one_payload_gets_one_line_and_exit_code_0():
    answer = run("inspect", DYNAMIC)

    assert answer.exit_code == 0
    assert answer.stdout.startswith("ok  qris-dynamic; merchant_name='DISHUB KOTA JAMBI PARKIR'")
    assert answer.stdout.count("\n") == 1


def test_every_line_of_standard_input_gets_one_object_and_one_bad_line_exit_code_1():
    lines = [STATIC.encode() + b"\r", b"", FOREIGN.encode(), b"\x80", DYNAMIC.encode()]

    answer = run("inspect", "--json", "-", given=b"\n".join(lines))

    verdicts = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 1
    assert [verdict["kind"] for verdict in verdicts] == [
        "qris-static", "malformed", "emv-other", "malformed", "qris-dynamic",
    ]  # fmt: skip
    assert list(verdicts[0]) == ["ok", "kind", "crc_ok", "errors", "warnings", "fields"]
    assert verdicts[4]["fields"]["bill_number"] == "JBI261124000123"


def test_nothing_to_judge_is_a_usage_error():
    assert run("inspect", given="").exit_code == 2


def test_a_picture_of_a_code_is_judged_too(tmp_path):
    (tmp_path / "code.png").write_bytes(symbol.png(STATIC))
    (tmp_path / "text.png").write_text("no picture")

    answer = run("inspect", "--image", str(tmp_path / "code.png"), "--json")

    assert json.loads(answer.stdout)["kind"] == "qris-static"
    assert run("inspect", "--image", str(tmp_path / "text.png")).exit_code == 2


def test_build_prints_the_payload_alone():
    answer = run("build", *options(PARTS), "--amount", "2000", "--bill-number", "JBI261124000123")

    assert (answer.exit_code, answer.stdout) == (0, DYNAMIC + "\n")


def test_build_names_everything_that_is_wrong():
    answer = run("build", *options(PARTS | {"city": "X" * 16, "nmid": "ID1"}), "--amount", "0")

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert all(word in answer.stderr for word in ("city", "nmid", "amount"))


@pytest.mark.parametrize("command", ["inspect", "build"])
def test_help_shows_an_example(command):
    answer = run(command, "--help")

    assert "Example" in answer.stdout
    assert f"parking qris {command}" in answer.stdout

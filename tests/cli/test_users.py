"""`parking users`: the first administrator, and phones, from the shell."""

import json

import pytest
from click.testing import CliRunner
from parking.access import sign_in, store
from parking.cli.users import users_group

from tests.people import PASSWORD


@pytest.fixture
def run(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*words, input=None):
        return CliRunner().invoke(users_group, words, input=input)

    return run


def test_the_first_administrator_signs_in_with_what_was_printed(run, parts, clock, pepper_of):
    told = run("add", "sri", "--role", "admin", "--name", "Sri Contoh", "--json")

    made = json.loads(told.stdout)
    found = sign_in.check_password(
        parts.sessions, "sri", made["password"], pepper_of, "127.0.0.1", clock.now()
    )
    assert (found.name, found.has_totp) == ("Sri Contoh", True)
    assert made["totp_uri"].startswith("otpauth://totp/")


@pytest.fixture
def pepper_of(parts):
    return parts.settings.pepper


def test_a_password_from_standard_input_is_not_printed(run):
    told = run("add", "adi", "--role", "leadership", "--password-stdin", input=PASSWORD + "\n")

    assert told.exit_code == 0
    assert PASSWORD not in told.output


def test_the_qr_of_the_second_factor_is_drawn_on_stderr(run):
    told = run("add", "sri", "--role", "admin")

    assert "█" in told.stderr
    assert "█" not in told.stdout


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["add", "Sri Contoh", "--role", "admin"], None),
        (["add", "sri", "--role", "admin", "--password-stdin"], "pendek\n"),
        (["add", "sri", "--role", "admin", "--password-stdin"], ""),
        (["end", "nobody"], None),
        (["reset-password", "nobody"], None),
        (["enrol", "JBI-9999"], None),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_left(run, parts, words, given):
    told = run(*words, input=given)

    assert told.exit_code == 1
    with parts.sessions() as session:
        assert store.users(session) == []


def test_a_name_is_taken_for_good(run):
    run("add", "sri", "--role", "admin")
    run("add", "adi", "--role", "auditor")
    run("end", "adi", "--reason", "pindah")

    assert run("add", "adi", "--role", "auditor").exit_code == 1
    assert run("reset-password", "adi").exit_code == 1
    listed = run("list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in listed] == [["adi", "auditor"], ["sri", "admin"]]
    assert "ended" in listed[0]


def test_the_last_administrator_stays(run):
    run("add", "sri", "--role", "admin")

    assert run("end", "sri").exit_code == 1


def test_a_code_for_a_phone_is_printed_with_its_address(run, city):
    told = run("enrol", "JBI-0001", "--json")

    made = json.loads(told.stdout)
    assert made["url"].endswith(f"/attendant/enrol#{made['code']}")
    assert len(made["code"]) == 10

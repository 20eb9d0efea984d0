"""`parking gateways check`, as a shell sees it."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from parking.cli.gateways import check_all
from parking.cli.main import parking
from parking.errors import ParkingError
from parking.parts import assemble
from parking.registry.store import MerchantAccountRow
from sqlalchemy import update

from tests.builders import LONG_AGO, MERCHANT, SECOND, add_account
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.usefixtures("city", "sandbox")


@pytest.fixture
def run(environment):
    def command(*words, **changed):
        return CliRunner().invoke(parking, ["gateways", *words], env=environment | changed)

    return command


def one(result):
    (account,) = json.loads(result.stdout)["accounts"]
    return account


def test_an_account_that_answers_and_knows_us_is_good(run, sandbox):
    result = run("check", "--json")

    account = one(result)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["ok"]
    assert (account["account"], account["outcome"], account["says"]) == (
        "midtrans/jambi", "good", "",
    )  # fmt: skip
    assert account["address"] == sandbox.midtrans_url
    assert account["took_ms"] >= 0
    assert sandbox.transactions() == []


@pytest.mark.parametrize(
    ("what", "changed", "outcome", "says"),
    [
        ("no key", {"GATEWAY_KEY_MIDTRANS_JAMBI": ""}, "cannot be used", "no key"),
        (
            "another key", {"GATEWAY_KEY_MIDTRANS_JAMBI": "SB-Mid-server-ANOTHER"},
            "unauthorised", "401",
        ),
        (
            "nobody there", {"GATEWAY_URL_MIDTRANS": "http://127.0.0.1:9"},
            "unreachable", "tidak dapat dihubungi",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(run, what, changed, outcome, says):
    result = run("check", "--json", **changed)

    account = one(result)
    assert result.exit_code == 1, what
    assert account["outcome"] == outcome
    assert says in account["says"]


@pytest.mark.fault("F30")
def test_a_certificate_that_nobody_signed_is_named(run, tmp_path):
    secret = SandboxProcess(tmp_path, tls=True)
    try:
        result = run("check", "--json", GATEWAY_URL_MIDTRANS=secret.midtrans_url)
    finally:
        secret.stop()

    assert one(result)["outcome"] == "bad certificate"


def test_a_gateway_that_is_out_is_told_in_words_and_the_others_with_it(run, sandbox, parts):
    with parts.sessions.begin() as session:
        add_account(session, SECOND, "XENDIT_JAMBI")
    sandbox.outage("midtrans", how="503")

    result = run("check")

    first, why, second = result.stdout.splitlines()
    assert result.exit_code == 1
    assert first.split()[:2] == ["midtrans/jambi", "unreachable"]
    assert "HTTP 503" in why
    assert second.split()[:2] == ["xendit/jambi", "good"]


@pytest.mark.fault("F107")
@pytest.mark.parametrize(
    ("machine", "account"), [("production", "sandbox"), ("development", "production")]
)
def test_play_money_and_money_are_kept_apart(settings, clock, parts, machine, account):
    with parts.sessions.begin() as session:
        odd = replace(MERCHANT, account="lain", environment=account)
        add_account(session, odd, "MIDTRANS_JAMBI")
    made = assemble(replace(settings, environment=machine), clock=clock)

    with pytest.raises(ParkingError, match=f"of the {account} environment"):
        made.gateways.find("midtrans", "lain")
    found = {each.account: each for each in check_all(made)}["midtrans/lain"]
    made.engine.dispose()

    assert found.outcome == "cannot be used"
    assert account in found.says


def test_without_an_account_nothing_is_good(run, parts):
    with parts.sessions.begin() as session:
        session.execute(update(MerchantAccountRow).values(ended_on=LONG_AGO))

    result = run("check")

    assert result.exit_code == 1
    assert "no merchant account is in use" in result.stdout

"""What a machine is told by its environment, and what production refuses to start with."""

import pytest
from config.settings import RUNNING, load_settings
from parking.clock import SystemClock
from parking.gateways.protocol import Access
from parking.parts import access
from parking.registry.facts import MerchantAccount

from tests.builders import LONG_AGO, MERCHANT

SAFE = {
    "PARKING_ENV": "production",
    "DATABASE_URL": "postgresql://db.internal/parking",
    "SECRET_KEY": "s" * 48,
    "PEPPER": "p" * 48,
    "PUBLIC_URL": "https://parkir.example.go.id",
    "TRUSTED_HOSTS": "parkir.example.go.id",
    "PROXY_COUNT": "1",
    "METRICS_TOKEN": "m" * 48,
}
ACCOUNT = MerchantAccount(MERCHANT, "BANK_JAMBI", LONG_AGO, None)


@pytest.mark.fault("F107")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_KEY_MIDTRANS_JAMBI", "SB-Mid-server-x"),
        ("GATEWAY_KEY_XENDIT_JAMBI", "xnd_production_new xnd_development_old"),
        ("GATEWAY_URL_MIDTRANS", "https://api.sandbox.midtrans.com"),
        ("GATEWAY_URL_BANK_JAMBI", "http://api.bank.example"),
        ("GATEWAY_PROFILE_BANK_JAMBI", "bri"),
        ("CHARGE_VALIDITY_S", "30"),
        ("DASK_SCHEDULER", "tcp://10.0.0.5:8786"),
    ],
)
def test_production_refuses_what_is_not_safe_and_names_it(name, value):
    load_settings(SAFE)

    with pytest.raises(SystemExit, match=name):
        load_settings(SAFE | {name: value})


@pytest.mark.fault("F107")
def test_everything_that_is_missing_is_named_at_once():
    with pytest.raises(SystemExit) as told:
        load_settings({"PARKING_ENV": "production"})

    assert all(name in str(told.value) for name in SAFE if name != "PARKING_ENV")


def test_an_account_is_reached_as_its_key_name_says_or_else_its_gateway():
    settings = load_settings(
        SAFE
        | {
            "GATEWAY_KEY_BANK_JAMBI": "new old",
            "GATEWAY_KEY_BANK_JAMBI__CALLBACK": "token",
            "GATEWAY_URL_MIDTRANS": "https://api.example/midtrans/",
            "GATEWAY_PROFILE_BANK_JAMBI": "profile=bri client_id=c-1",
        }
    )

    assert access(ACCOUNT, settings, SystemClock()) == Access(
        url="https://api.example/midtrans",
        keys=("new", "old"),
        further={"CALLBACK": ("token",)},
        profile={"profile": "bri", "client_id": "c-1"},
        callback_url="https://parkir.example.go.id/callbacks/midtrans/jambi",
        token_secret=f"gateway token {'s' * 48}".encode(),
    )


def test_the_secrets_of_an_account_are_not_shown():
    settings = load_settings(SAFE | {"GATEWAY_KEY_BANK_JAMBI": "Mid-server-x"})

    assert "Mid-server-x" not in repr(settings)
    assert "Mid-server-x" not in repr(access(ACCOUNT, settings, SystemClock()))


def test_beside_a_running_demo_a_shell_knows_the_addresses_of_its_gateways(tmp_path):
    """Unless it is told others; production reads nothing of it."""
    shell = {"VAR_DIR": str(tmp_path), "DATABASE_URL": "postgresql://db.internal/parking"}
    (tmp_path / RUNNING).write_text("GATEWAY_URL_SNAP=http://127.0.0.1:8010/snap/jambi\n")

    assert load_settings(shell).gateway_urls == {"SNAP": "http://127.0.0.1:8010/snap/jambi"}
    other = shell | {"GATEWAY_URL_SNAP": "http://127.0.0.1:9"}
    assert load_settings(other).gateway_urls == {"SNAP": "http://127.0.0.1:9"}
    assert load_settings(SAFE | {"VAR_DIR": str(tmp_path)}).gateway_urls == {}

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


HOST_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
BANK = (
    f"host=sftp.bank.example user=parkir key=/etc/parking/sftp.key host_key={HOST_KEY}"
    " folder=/keluar/ files=settlement:snap/jambi"
)


def test_files_are_fetched_from_where_the_environment_says():
    (source,) = load_settings(SAFE | {"SFTP_BANK_JAMBI": BANK}).sources

    assert (source.name, source.host, source.port) == ("bank_jambi", "sftp.bank.example", 22)
    assert (source.folder, source.pattern, str(source.into)) == (
        "/keluar", "*", "settlement/snap/jambi",
    )  # fmt: skip
    assert len(source.host_keys[0]) == 51


@pytest.mark.fault("F107")
@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("user=parkir", "", "user= is missing"),
        ("user=parkir", "user=parkir port=0", "port=0 is no port"),
        ("user=parkir", "user=parkir port=ssh", "port=ssh is no port"),
        ("user=parkir", "user=parkir password=x", "password= is not known here"),
        ("user=parkir", "user", "not of the form name=value"),
        (HOST_KEY, "any", "host_key= is not"),
        (HOST_KEY, HOST_KEY[:-1], "host_key= is not"),
        ("settlement:snap/jambi", "settlement:../etc", "files= is"),
        ("settlement:snap/jambi", "statement:a/b", "files= is"),
    ],
)
def test_a_source_that_cannot_be_used_is_named_with_what_is_wrong(right, wrong, told):
    with pytest.raises(SystemExit) as refused:
        load_settings(SAFE | {"SFTP_BANK_JAMBI": BANK.replace(right, wrong)})

    assert "SFTP_BANK_JAMBI" in str(refused.value)
    assert told in str(refused.value)


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

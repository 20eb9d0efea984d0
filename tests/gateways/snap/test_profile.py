"""How an account says how its bank speaks, and what is refused (gateways.md 3.9, 3.10)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from parking.errors import ParkingError
from parking.gateways.connect import connect
from parking.gateways.snap_profile import PROFILES, WORDS, read_profile

from tests.gateways.snap.samples import BANKX, access, account
from tests.snap_keys import BANKS, OURS

TOLD = {"client_id": "c-1", "channel_id": "95221", "terminal_id": "T1"}


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_needs_no_more_than_the_bank_gives(name):
    profile = read_profile(TOLD | {"profile": name}, "here")

    assert profile.client_id == profile.partner == "c-1"
    assert profile.url == PROFILES[name].url


@pytest.mark.parametrize("word", WORDS)
def test_every_word_can_be_told_otherwise(word):
    told = {
        "external": "ours", "signing": "asymmetric", "hmac": "hex", "times": "ms", "notify": "D",
        "cancel": "yes", "refund": "yes", "status_05": "expired", "channel_id": "H2H",
        "service_code": "17", "channel_header": "X-CHANNEL-ID",
        "external_header": "X-EXTRENAL-ID",
    }.get(word, "/other/path" if word.endswith(("_path", "prefix")) else "other")  # fmt: skip

    profile = read_profile(TOLD | {word: told}, "here")

    assert getattr(profile, word) == told


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"profile": "bca"}, "profile=bca: use one of plain, doku, bri, dana, midtrans"),
        ({"hmca": "hex"}, "hmca= is unknown: use profile, client_id"),
        ({"url": "https://x"}, "url= is unknown"),
        ({"hmac": "base32"}, "hmac=base32: use base64 or hex"),
        ({"notify": "a"}, "notify=a: use A or B or C or D"),
        ({"cancel": "true"}, "cancel=true: use yes or no"),
        ({"prefix": "snap"}, "prefix=snap: a path like"),
        ({"query_path": "/a?b=c"}, "query_path=/a"),
        ({"channel_id": "123456"}, "channel_id=123456: at most 5"),
        ({"channel_header": "A:B"}, "channel_header=A:B"),
        ({"client_id": "é"}, "client_id=é"),
        ({"terminal_id": "T" * 17}, "at most 16"),
    ],
)
def test_a_word_that_cannot_be_used_is_refused_and_named(words, named):
    with pytest.raises(ParkingError, match="GATEWAY_PROFILE of snap/bankx") as told:
        account(words=words)

    assert named in str(told.value)


def test_all_that_is_wrong_or_missing_is_named_at_once():
    with pytest.raises(ParkingError) as told:
        read_profile({"profile": "bri", "hmac": "x", "odd": "1"}, "here")

    for word in ("hmac=x", "odd=", "client_id= is missing", "channel_id=", "terminal_id="):
        assert word in str(told.value)


def test_a_prefix_is_signed_unless_it_is_said_how_far():
    path = "/v1.0/qr/qr-mpm-query"

    assert read_profile(TOLD | {"prefix": "/snap"}, "").signed(path) == f"/snap{path}"
    both = TOLD | {"prefix": "/gw/snap", "signed_prefix": "/snap"}
    assert read_profile(both, "").signed(path) == f"/snap{path}"
    assert read_profile(TOLD | {"prefix": "/snap", "signed_prefix": "/"}, "").signed(path) == path
    assert read_profile(TOLD | {"profile": "doku", "prefix": "/"}, "").signed(path) == path


@pytest.mark.fault("F107")
@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"further": {"PROVIDER": [BANKS.public]}}, "__PRIVATE of snap/bankx is not set"),
        ({"further": {"PRIVATE": [OURS.private]}}, "__PROVIDER of snap/bankx is not set"),
        ({"url": ""}, "GATEWAY_URL of snap/bankx is not set"),
        ({"keys": []}, "no key in the environment for snap/bankx"),
        ({"words": {"notify": "B"}, "token_secret": b""}, "SECRET_KEY"),
    ],
)
def test_what_is_missing_is_named_and_taken_from_nowhere_else(other, named):
    with pytest.raises(ParkingError) as told:
        account(**other)

    assert named in str(told.value)


def _der(key):
    raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(raw).decode()


@pytest.mark.fault("F107")
@pytest.mark.parametrize(
    "odd",
    [
        "x", "AAAA", "é", "/nowhere/key.pem", BANKS.public,
        _der(rsa.generate_private_key(65537, 1024)), _der(ec.generate_private_key(ec.SECP256R1())),
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_named_and_not_shown(odd):
    with pytest.raises(ParkingError, match="__PRIVATE of snap/bankx") as told:
        account(further={"PRIVATE": [odd], "PROVIDER": [BANKS.public]})

    assert odd not in str(told.value) or odd == "x"
    with pytest.raises(ParkingError, match="__PROVIDER of snap/bankx"):
        account(further={"PRIVATE": [OURS.private], "PROVIDER": ["x"]})


def test_keys_may_lie_in_pem_files(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    private, public = tmp_path / "ours.pem", tmp_path / "bank.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )

    assert account(further={"PRIVATE": [str(private)], "PROVIDER": [str(public)]})


@pytest.mark.fault("F91")
def test_no_secret_is_shown_by_an_account():
    told = access()

    shown = repr(told) + repr(connect(BANKX, told))

    assert OURS.private not in shown
    assert told.keys[0] not in shown

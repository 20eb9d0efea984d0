"""A SNAP account of ours that talks to nobody, and messages as banks would send them to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from config.rsa_pair import new_pair
from parking.gateways.connect import connect
from parking.gateways.protocol import Access, Callback, Merchant
from parking.gateways.snap_keys import private_key
from parking.gateways.snap_signature import (
    asymmetric,
    digest,
    hmac_signed,
    of_client,
    rsa_signed,
    symmetric,
)

from tests.builders import MERCHANT
from tests.snap_keys import BANKS, OURS, SECRET

CLIENT = "TESTCLIENT-JAMBI-0001"
BANKX = replace(MERCHANT, gateway="snap", account="bankx", merchant_id="00007100010926")
BANK = private_key(BANKS.private, "test")
OLD_BANK_PAIR = new_pair()
REGISTERED = "/callbacks/snap/bankx"
SPEC = "/v1.0/qr/qr-mpm-notify"
AT = datetime(2026, 2, 14, 1, 16, 2, tzinfo=UTC)
STAMP = "2026-02-14T08:16:02+07:00"


def access(**other) -> Access:
    profile = {"profile": "plain", "client_id": CLIENT, "channel_id": "95221"}
    told = {
        "url": "http://127.0.0.1:9",
        "keys": [SECRET],
        "further": {"PRIVATE": [OURS.private], "PROVIDER": [BANKS.public]},
        "profile": profile | other.pop("words", {}),
        "callback_url": f"https://parkir.example{REGISTERED}",
        "token_secret": b"gateway token",
    }
    return Access(**told | other)


def account(merchant: Merchant = BANKX, **other):
    """An account; `words` are those of its profile."""
    return connect(merchant, access(**other))


def body(**other) -> bytes:
    told = {
        "originalReferenceNo": "REF0000000000000001",
        "originalPartnerReferenceNo": "PKR20260214000123",
        "merchantId": BANKX.merchant_id,
        "latestTransactionStatus": "00",
        "amount": {"value": "2000.00", "currency": "IDR"},
        "additionalInfo": {"issuer": "TEST BANK"},
    } | other
    return json.dumps({k: v for k, v in told.items() if v is not None}).encode()


def notified(content: bytes, signature: str, stamp: str = STAMP, at=AT, **headers) -> Callback:
    told = {"X-TIMESTAMP": stamp, "X-SIGNATURE": signature, "X-EXTERNAL-ID": "7"} | headers
    return Callback(REGISTERED + SPEC, told, content, at)


def by_key(content: bytes, path: str = SPEC, stamp: str = STAMP, key=BANK, **how) -> Callback:
    """Variant A."""
    signature = rsa_signed(key, asymmetric("POST", path, digest(content), stamp))
    return notified(content, signature, stamp, **how)


def by_secret(
    content: bytes, token: str, path: str = SPEC, encoding: str = "base64", secret: str = SECRET
) -> Callback:
    """Variant B, or D with no token."""
    text = symmetric("POST", path, token, digest(content), STAMP)
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return notified(content, hmac_signed(secret, text, encoding), **bearer)


def by_client(content: bytes, token: str, stamp: str = STAMP) -> Callback:
    """Variant C: the body is not signed."""
    signature = rsa_signed(BANK, of_client(CLIENT, stamp))
    return notified(content, signature, stamp, Authorization=f"Bearer {token}")


def asks_token(stamp: str = STAMP, at=AT, key=BANK, client: str = CLIENT, **other) -> Callback:
    """How a bank asks us for a token."""
    headers = {
        "X-CLIENT-KEY": client,
        "X-TIMESTAMP": stamp,
        "X-SIGNATURE": rsa_signed(key, of_client(client, stamp)),
    }
    content = other.get("content", b'{"grantType":"client_credentials"}')
    return Callback(REGISTERED + "/v1.0/access-token/b2b", headers, content, at)


def token_from(gateway, at=AT, stamp: str = STAMP) -> str:
    return json.loads(gateway.serve(asks_token(stamp, at)).body)["accessToken"]

"""The second factor: a six-digit code of an authenticator app (RFC 6238), used once."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_S = 30
ISSUER = "Parkir Kota Jambi"


def new_seed() -> str:
    """What the database keeps; without the pepper it opens nothing."""
    return secrets.token_hex(16)


def authenticator(seed: str, pepper: str) -> pyotp.TOTP:
    """The authenticator of a user, its secret made from the kept seed and the pepper."""
    secret = hmac.digest(pepper.encode(), b"totp:" + seed.encode(), "sha256")[:20]
    return pyotp.TOTP(base64.b32encode(secret).decode(), interval=STEP_S)


def uri(seed: str, pepper: str, username: str) -> str:
    """What an authenticator app reads from a QR."""
    return authenticator(seed, pepper).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(code: str, seed: str, pepper: str, now: datetime) -> int | None:
    """The step a code belongs to: this one, or one before or after for clocks that differ.

    None if it is the code of none of them.
    """
    here = int(now.timestamp()) // STEP_S
    made = authenticator(seed, pepper)
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(made.generate_otp(step).encode(), code.encode()):
            return step
    return None

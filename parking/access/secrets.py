"""Passwords, PINs and tokens: made, hashed and compared.

What people choose is hashed with argon2id over HMAC(pepper, secret): without the
pepper, which is not in the database, the million PINs of a stolen table cannot be
tried (reliability.md 11). What we draw ourselves has 256 bits, so a plain SHA-256
of it is kept.
"""

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# OWASP's smallest argon2id: 19 MiB, two passes, one lane. Five hundred attendants sign in
# within the same half hour on two cores, so we stay at it; the pepper carries the rest.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# No 0/O, 1/I/L, U: a code is read aloud across a street.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10


def _peppered(secret: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), secret.encode(), "sha256")


def hash_secret(secret: str, pepper: str) -> str:
    """What to keep of a password or PIN."""
    return _HASHER.hash(_peppered(secret, pepper))


def is_secret(secret: str, kept: str | None, pepper: str) -> bool:
    """Whether a password or PIN is the one kept. Takes as long when nothing is kept (F83)."""
    try:
        _HASHER.verify(kept or _NOBODYS, _peppered(secret, pepper))
    except VerifyMismatchError:
        return False
    return kept is not None


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What to keep of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_code() -> str:
    """A one-time code that a person can type: 49 random bits, as in "7K3MQ9XT2B"."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def new_password() -> str:
    """A first password for a user who was given none: 96 random bits."""
    return secrets.token_urlsafe(12)


_NOBODYS = _HASHER.hash(secrets.token_bytes(32))

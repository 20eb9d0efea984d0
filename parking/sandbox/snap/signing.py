"""The bank's half of SNAP BI's signatures (gateways.md 3.4): verifies calls, signs notifications.

Written for itself, and not with the adapter's code, so that an error there shows.
"""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from parking.sandbox.config import SandboxMerchant


def call_text(method: str, path: str, token: str | None, body: bytes, timestamp: str) -> str:
    """What signs a call or a notification; without a token its part is left out."""
    parts = [method, path, *([] if token is None else [token])]
    return ":".join([*parts, hashlib.sha256(body).hexdigest().lower(), timestamp])


def by_secret(secret: str, text: str, encoding: str) -> str:
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha512)
    return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()


def by_key(key: RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def is_by_merchant(merchant: SandboxMerchant, text: str, signature: str) -> bool:
    """Whether the merchant's private key made it. False too if it has registered none."""
    own = merchant.secrets.get("PRIVATE")
    if not own:
        return False
    try:
        raw = base64.b64decode(signature, validate=True)
        _key(own).public_key().verify(raw, text.encode(), PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def bank_key(merchant: SandboxMerchant) -> RSAPrivateKey:
    """The bank's own, of which the merchant has the public half."""
    own = merchant.secrets.get("PROVIDER_PRIVATE")
    return _key(own) if own else stranger_key()


@cache
def stranger_key() -> RSAPrivateKey:
    """A key that nobody has registered."""
    return generate_private_key(65537, 2048)


@cache
def _key(told: str) -> RSAPrivateKey:
    key = load_der_private_key(base64.b64decode(told), None)
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 - our own settings
    return key

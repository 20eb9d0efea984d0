"""What is signed in SNAP BI, and how (gateways.md 3.4). Pure.

A body is signed as its bytes stand: it is stripped of blanks outside of strings at most, and
never read and written anew, for that changes escapes and order.
"""

import base64
import binascii
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

HEX, BASE64 = "hex", "base64"

# A string is one token, closed or cut off by the end, so that no blank in it counts.
_TOKEN = re.compile(rb'("(?:[^"\\]+|\\.)*+(?:"|\\?\Z))|[ \t\r\n]+', re.DOTALL)


def minified(body: bytes) -> bytes:
    """The same JSON without blanks outside of its strings; order and escapes stay.

    >>> minified(b'{"a": "b \\\\" c",  "d":[1, 2]}')
    b'{"a":"b \\\\" c","d":[1,2]}'
    """
    return _TOKEN.sub(lambda token: token[1] or b"", body)


def digest(body: bytes) -> str:
    """SHA-256 of the bytes as they are, in lower-case hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def symmetric(method: str, path: str, token: str, body_digest: str, timestamp: str) -> str:
    """What a shared secret signs; `path` has its query and no host."""
    return f"{method}:{path}:{token}:{body_digest}:{timestamp}"


def asymmetric(method: str, path: str, body_digest: str, timestamp: str) -> str:
    """What a private key signs where there is no token."""
    return f"{method}:{path}:{body_digest}:{timestamp}"


def of_client(client_id: str, timestamp: str) -> str:
    """What is signed to get a token; in notifications of variant C too, which leaves the body
    unsigned."""
    return f"{client_id}|{timestamp}"


def hmac_signed(secret: str, text: str, encoding: str = BASE64) -> str:
    """HMAC-SHA512 in base64 or lower-case hexadecimal."""
    made = _hmac(secret, text)
    return made.hex() if encoding == HEX else base64.b64encode(made).decode()


def hmac_fits(secret: str, text: str, given: str) -> bool:
    """Whether it is signed so, in either encoding; the time taken does not tell how nearly."""
    made, told = _hmac(secret, text), given.encode()
    as_hex = hmac.compare_digest(made.hex().encode(), told.lower())
    return hmac.compare_digest(base64.b64encode(made), told) | as_hex


def rsa_signed(key: RSAPrivateKey, text: str) -> str:
    """PKCS#1 v1.5 with SHA-256, in base64."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def rsa_fits(key: RSAPublicKey, text: str, given: str) -> bool:
    try:
        signature = base64.b64decode(given, validate=True)
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _hmac(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).digest()

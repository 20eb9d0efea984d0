"""DOKU's signature, made for the sandbox by itself: sharing it would hide an error (8.4)."""

import hashlib
import hmac
from base64 import b64encode


def signed(
    secret: str, client: str, request_id: str, stamp: str, target: str, body: bytes | None
) -> str:
    """The value of the header Signature; no body, no digest line."""
    text = (
        f"Client-Id:{client}\nRequest-Id:{request_id}\nRequest-Timestamp:{stamp}\n"
        f"Request-Target:{target}"
    )
    if body is not None:
        text += "\nDigest:" + b64encode(hashlib.sha256(body).digest()).decode("ascii")
    mac = hmac.digest(secret.encode("utf-8"), text.encode("utf-8"), "sha256")
    return "HMACSHA256=" + b64encode(mac).decode("ascii")

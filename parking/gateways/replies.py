"""What adapters share at the door: plain replies, and names for what proves nothing."""

import hashlib

from parking.gateways.protocol import Receipt, Reply

# Money facts are ours to sort out, so what is kept is answered 200.
STATUS = {
    Receipt.KEPT: 200,
    Receipt.REPEATED: 200,
    Receipt.TURNED_AWAY: 401,
    Receipt.UNREADABLE: 400,
    Receipt.TOO_MANY: 429,
}


def plain_reply(receipt: Receipt) -> Reply:
    """For a gateway that only looks at the HTTP status (reliability.md 4.2)."""
    body = f'{{"status":"{receipt}"}}'.encode()
    return Reply(STATUS[receipt], body, {"Content-Type": "application/json"})


def body_key(kind: str, body: bytes) -> str:
    """The natural key of a message that could not be believed or read: the body itself."""
    return f"{kind}:{hashlib.sha256(body).hexdigest()}"

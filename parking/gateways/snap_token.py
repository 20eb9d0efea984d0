"""Tokens of SNAP BI: the one they give us, and those we give them (gateways.md 3.2, 3.9)."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.errors import GatewayUnavailable
from parking.gateways.http import Limits, reading
from parking.gateways.snap_answers import Said

EARLY_S = 60.0  # renewed so long before it ends
SHORTEST_S = 1.0  # a token that ends sooner than that cannot be used early
LIFE = timedelta(minutes=15)  # of one that we give

_TOKEN = re.compile(r"[!-~]{1,2048}", re.ASCII)
_WIDE = 8 + 16 + 32  # bytes of ours: when it ends, what makes it unlike others, proof


@dataclass(frozen=True, slots=True)
class _Held:
    token: str
    until: float  # of time.monotonic()


class TheirToken:
    """The token for our calls, kept until it is about to end.

    Of several threads that need one at once, one asks and the others wait for it, no
    longer than their own limits.
    """

    def __init__(self, ask: Callable[[Limits], Said]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def get(self, limits: Limits) -> str:
        """Raises GatewayUnavailable, GatewayUnreadable and what asking raises."""
        if (held := self._current()) is not None:
            return held.token
        if not self._lock.acquire(timeout=limits.total_s):
            raise GatewayUnavailable("snap: token belum diberikan")
        try:
            if (held := self._current()) is None:
                held = self._held = _read(self._ask(limits))
            return held.token
        finally:
            self._lock.release()

    def drop(self, token: str) -> None:
        """They do not accept it any more. One that came meanwhile is kept."""
        with self._lock:
            if self._held is not None and self._held.token == token:
                self._held = None

    def _current(self) -> _Held | None:
        held = self._held
        return held if held is not None and time.monotonic() < held.until else None


def _read(said: Said) -> _Held:
    """Their answer; `expiresIn` is a text or a number, the type "Bearer" or "BearerToken"."""
    asked = time.monotonic()
    with reading(said.what):
        token, told = said.fields["accessToken"], said.fields["expiresIn"]
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ValueError("accessToken is no token")
        if str(said.fields.get("tokenType", "Bearer")).lower() not in ("bearer", "bearertoken"):
            raise ValueError(f"tokenType {said.fields['tokenType']!r}")
        if isinstance(told, bool) or not re.fullmatch(r"[1-9][0-9]{0,8}", str(told)):
            raise ValueError(f"expiresIn {told!r}")
        return _Held(token, asked + max(int(told) - EARLY_S, SHORTEST_S))


class OurTokens:
    """Tokens that we give to one provider for one account.

    Nothing is stored: a token says when it ends and proves that we made it, for this account
    and this client alone.
    """

    def __init__(self, secret: bytes, account: str, client_id: str) -> None:
        self._key = hmac.digest(secret, f"snap {account}|{client_id}".encode(), hashlib.sha256)

    def issue(self, now: datetime) -> str:
        ends = int((now + LIFE).timestamp())
        said = ends.to_bytes(8, "big") + secrets.token_bytes(16)
        return base64.urlsafe_b64encode(said + self._proof(said)).decode().rstrip("=")

    def is_valid(self, token: str, at: datetime) -> bool:
        """Whether we made it and it had not ended at a moment."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(raw) != _WIDE:
            return False
        said, proof = raw[:-32], raw[-32:]
        is_ours = hmac.compare_digest(proof, self._proof(said))
        return is_ours and at.timestamp() < int.from_bytes(said[:8], "big")

    def _proof(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, hashlib.sha256)

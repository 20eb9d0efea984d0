"""Tokens that the bank gives: unguessable, short-lived, forgotten when it starts anew."""

import secrets
import threading
from datetime import datetime, timedelta


class Tokens:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[str, tuple[str, datetime]] = {}  # token → account, its end

    def give(self, account: str, now: datetime, lasts: timedelta) -> str:
        token = secrets.token_urlsafe(30)
        with self._lock:
            self._given = {t: held for t, held in self._given.items() if held[1] > now}
            self._given[token] = account, now + lasts
        return token

    def is_valid(self, token: str, account: str, now: datetime) -> bool:
        with self._lock:
            whose, until = self._given.get(token, ("", now))
        return whose == account and now < until

    def forget(self, account: str) -> None:
        with self._lock:
            self._given = {t: held for t, held in self._given.items() if held[0] != account}

"""The hash chain over the audit log: each seal holds an event and the seal before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64  # what the first seal follows


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Seal:
    seq: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the log is not what was sealed, and how one can tell."""

    seq: int
    why: str


def canonical(event: Event) -> bytes:
    """The bytes that are hashed: JSON, keys in order, time in UTC to the microsecond."""
    told = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "object": event.object,
        "detail": event.detail,
        "reason": event.reason,
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_after(previous: str, event: Event) -> str:
    """SHA-256 over the hash before and the event."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(event)).hexdigest()


def sealed(previous: str, events: Iterable[Event]) -> Iterator[Seal]:
    """The seals of events in their order, after the seal whose hash is `previous`."""
    for event in events:
        seal = Seal(event.seq, previous, hash_after(previous, event))
        yield seal
        previous = seal.hash


class Walk:
    """Goes along the log from its beginning and stops at the first break.

    What it cannot see is a log cut off at its end, events and seals together: only a
    hash that was written down elsewhere shows that (`anchor`).
    """

    def __init__(self, anchor: str | None = None) -> None:
        self.head = GENESIS
        self.sealed = 0
        self.unsealed = 0
        self._anchor = anchor
        self._first_unsealed: int | None = None
        self._anchor_seen = anchor in (None, GENESIS)

    def step(self, event: Event | None, seal: Seal | None) -> Broken | None:
        """Take the next row of the log, with the seal it has; either may be missing."""
        if seal is None:
            self.unsealed += 1
            if event is not None and self._first_unsealed is None:
                self._first_unsealed = event.seq
            return None
        if self._first_unsealed is not None:
            return Broken(self._first_unsealed, "added after later events were sealed")
        return self._follow(event, seal)

    def _follow(self, event: Event | None, seal: Seal) -> Broken | None:
        if seal.previous != self.head:
            return Broken(seal.seq, "does not follow the seal before it: one is missing or moved")
        if event is None:
            return Broken(seal.seq, "the event is gone, its seal is still there")
        if hash_after(self.head, event) != seal.hash:
            return Broken(seal.seq, "is not what was sealed")
        self.head = seal.hash
        self.sealed += 1
        self._anchor_seen = self._anchor_seen or seal.hash == self._anchor
        return None

    def at_the_end(self) -> Broken | None:
        """What only the whole log shows: a hash written down earlier that is not in it."""
        if self._anchor_seen:
            return None
        return Broken(0, f"no seal has the hash {self._anchor}: the log was cut or rewritten")

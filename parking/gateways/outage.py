"""Outages: the times in which a merchant account could not be used. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Noticed(StrEnum):
    """Who noticed it."""

    BREAKER = "breaker"  # calls went unanswered
    HAND = "hand"  # somebody was told: "bank closed on Sunday from 08.00 to 17.00"


@dataclass(frozen=True, slots=True)
class Window:
    """From a moment on until before another; None: it is not over."""

    began_at: datetime
    ended_at: datetime | None

    def covers(self, moment: datetime) -> bool:
        return self.began_at <= moment and (self.ended_at is None or moment < self.ended_at)

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether it shares a moment with a period."""
        return self.began_at < until and (self.ended_at is None or since < self.ended_at)


@dataclass(frozen=True, slots=True)
class Outage:
    id: int
    gateway: str
    account: str
    began_at: datetime
    ended_at: datetime | None
    noticed: Noticed
    reason: str
    noted_by: str
    retry_at: datetime | None  # a breaker's: nobody asks them before

    @property
    def name(self) -> str:
        return f"{self.gateway}/{self.account}"

    @property
    def window(self) -> Window:
        return Window(self.began_at, self.ended_at)


def merged(windows: Iterable[Window]) -> list[Window]:
    """The same times in order, each moment in one window: what overlaps or touches is one.

    began ──────┐     and    ┌───── ended
                └── began ───┴── ended        is began ─────────────── ended
    """
    found: list[Window] = []
    for window in sorted(windows, key=lambda each: each.began_at):
        last = found[-1] if found else None
        if last is None or (last.ended_at is not None and last.ended_at < window.began_at):
            found.append(window)
        elif last.ended_at is not None:
            later = window.ended_at and max(last.ended_at, window.ended_at)
            found[-1] = Window(last.began_at, later)
    return found


def length(windows: Iterable[Window], since: datetime, until: datetime) -> timedelta:
    """How long an account was out between two moments; a time told twice counts once."""
    parts = (
        min(window.ended_at or until, until) - max(window.began_at, since)
        for window in merged(windows)
    )
    return sum((part for part in parts if part > timedelta(0)), timedelta(0))


def covering(windows: Sequence[Window], moment: datetime) -> Window | None:
    """The window in which a moment lies."""
    return next((window for window in windows if window.covers(moment)), None)

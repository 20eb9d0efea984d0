"""When a gateway that does not answer is left alone, and when it is tried again. Pure.

    closed ── three calls in a row without an answer, or one "not authorised" ──► open
    open   ── its pause is over: one call may go ──► half open
    half open ── answered ──► closed        ── not answered ──► open, for longer

No answer is what GatewayUnavailable says: a time-out, a cut line, a 5xx, a 429. A refusal is
an answer. An answer that makes no sense is neither: it opens nothing, for a person must look,
and it closes nothing, for it does not prove that they work.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

IN_A_ROW = 3
# Every driver of a pause pays cash, and a look costs one inquiry: so nobody who is back is left
# alone for more than a minute, however long they were out, and who is out is asked once a minute.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(seconds=60)
PROBE_LASTS = timedelta(seconds=15)  # longer than a call: by then its end is known here
SAME = timedelta(
    minutes=5
)  # what comes back within this is the same outage, and its pauses grow on


class Heard(StrEnum):
    """What came of a call."""

    ANSWER = "answer"
    NONSENSE = "nonsense"
    NOTHING = "nothing"
    NOT_AUTHORISED = "not_authorised"


class Standing(StrEnum):
    """Whether an account is worth a call."""

    WELL = "well"
    DOUBTFUL = "doubtful"  # out until now, and its pause is over
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Open:
    """Left alone."""

    since: datetime
    retry_at: datetime  # one call may go from then on


@dataclass(frozen=True, slots=True)
class Breaker:
    """Of one merchant account, in one process."""

    failures: int = 0  # calls in a row without an answer
    open: Open | None = None


def standing(breaker: Breaker, now: datetime) -> Standing:
    if breaker.open is None:
        return Standing.WELL
    return Standing.OUT if now < breaker.open.retry_at else Standing.DOUBTFUL


def let_through(breaker: Breaker, now: datetime) -> Breaker | None:
    """The breaker when a call goes out now; None: it must not.

    While one call probes an account that is out, no other goes.
    """
    if breaker.open is None:
        return breaker
    if now < breaker.open.retry_at:
        return None
    return replace(breaker, open=replace(breaker.open, retry_at=now + PROBE_LASTS))


def after(breaker: Breaker, heard: Heard, now: datetime, *, is_probe: bool) -> Breaker:
    """The breaker when a call came back; `is_probe` if it went out although they were out.

    What was under way before it opened makes it no longer out than it is.
    """
    if heard is Heard.ANSWER:
        return Breaker() if breaker.failures or breaker.open else breaker
    if breaker.open is not None:
        return replace(breaker, open=opened(breaker.open.since, now)) if is_probe else breaker
    if heard is Heard.NONSENSE:
        return breaker
    failures = breaker.failures + 1
    is_out = failures >= IN_A_ROW or heard is Heard.NOT_AUTHORISED
    return Breaker(failures, opened(now, now) if is_out else None)


def opened(since: datetime, now: datetime) -> Open:
    """Out since a moment, and tried again after a pause that grows with the time it lasts."""
    return Open(since, now + min(max(now - since, FIRST_PAUSE), LONGEST_PAUSE))


def told(breaker: Breaker, known: Open | None) -> Breaker:
    """The breaker when another process has written that the account is out, or works again."""
    if known is None:
        return Breaker() if breaker.open is not None else breaker
    if breaker.open is None or breaker.open.retry_at < known.retry_at:
        return Breaker(IN_A_ROW, known)
    return replace(breaker, open=replace(breaker.open, since=known.since))

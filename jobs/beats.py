"""How each look goes: kept in memory, and written down with every renewal of the lease.

A look that comes four times a second would otherwise write four times a second. What fails
the same way again is counted, and told in the log once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType

import structlog
from parking.errors import NeedsPerson, ParkingError
from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from jobs.store import BeatRow

log = structlog.get_logger()

LONGEST_WORDS = 500
LONGEST_REST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pulse:
    """One look. Times are of a clock that nobody sets, in seconds."""

    ok_at: float | None = None
    failures: int = 0  # in a row
    failing_since: float | None = None
    failed_at: float | None = None
    kind: tuple[str, ...] = field(default=())  # what fails, and where: the same again is no news
    words: str | None = None
    needs_person: bool = False


def after_success(pulse: Pulse, at: float) -> Pulse:
    return Pulse(ok_at=at)


def after_failure(pulse: Pulse, error: BaseException, at: float) -> Pulse:
    return Pulse(
        ok_at=pulse.ok_at,
        failures=pulse.failures + 1,
        failing_since=pulse.failing_since if pulse.failures else at,
        failed_at=at,
        kind=kind_of(error),
        words=words_of(error),
        needs_person=needs_person(error),
    )


def kind_of(error: BaseException) -> tuple[str, ...]:
    """What failed and where, without the numbers and moments that differ each time."""
    inner = [k for e in _inside(error) for k in kind_of(e)]
    return (f"{type(error).__qualname__} at {_where(error.__traceback__)}", *inner)


def words_of(error: BaseException) -> str:
    told = [_words(each) for each in _inside(error) or [error]]
    return "; ".join(told).replace("\0", "")[:LONGEST_WORDS]


def _words(error: BaseException) -> str:
    """Our own errors are sentences; of others the kind says more than the words."""
    return str(error) if isinstance(error, ParkingError) else f"{type(error).__name__}: {error}"


def needs_person(error: BaseException) -> bool:
    return isinstance(error, NeedsPerson) or any(needs_person(e) for e in _inside(error))


def rest(every: timedelta, failures: int) -> timedelta:
    """How long to leave alone what failed so many times in a row."""
    return min(every * 2 ** min(failures, 16), LONGEST_REST)


def _inside(error: BaseException) -> Sequence[BaseException]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _where(traceback: TracebackType | None) -> str:
    if traceback is None:
        return "?"
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_qualname}:{traceback.tb_lineno}"


class Beats:
    """The pulses of all looks of this process; its looks come from several threads."""

    def __init__(
        self, late_after: dict[str, timedelta], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._late_after = late_after
        self._clock = clock
        self._lock = threading.Lock()
        self._pulses = {name: Pulse() for name in late_after}

    def went_well(self, look: str) -> None:
        before = self._note(look, after_success)
        if before.failures:
            log.warning("look is well again", job=look, failures=before.failures)

    def failed(self, look: str, error: BaseException) -> None:
        before = self._note(look, lambda pulse, at: after_failure(pulse, error, at))
        if before.kind != kind_of(error):
            log.error("look failed", job=look, exc_info=error)

    def rests(self, look: str, every: timedelta) -> bool:
        """Whether what failed is to be left alone for now: the longer, the more often it did."""
        with self._lock:
            pulse = self._pulses[look]
        if pulse.failed_at is None:
            return False
        return self._clock() < pulse.failed_at + rest(every, pulse.failures).total_seconds()

    def _note(self, look: str, change: Callable[[Pulse, float], Pulse]) -> Pulse:
        with self._lock:
            before = self._pulses[look]
            self._pulses[look] = change(before, self._clock())
        return before

    def announce(self, session: Session, epoch: int) -> None:
        """Write down what will be looked at from now on; how it went before stays there."""
        rows = [
            {
                "look": look, "epoch": epoch, "late_after_s": int(late.total_seconds()),
                "expected_since": func.clock_timestamp(), "failures": 0, "needs_person": False,
            }
            for look, late in self._late_after.items()
        ]  # fmt: skip
        _write(session, rows, ("epoch", "late_after_s"))

    def write(self, session: Session, epoch: int) -> None:
        """Write down the looks that have ended, well or not, since the process began."""
        with self._lock:
            now, pulses = self._clock(), dict(self._pulses)
        rows = [
            self._row(look, epoch, pulse, now) for look, pulse in pulses.items() if pulse != Pulse()
        ]
        if rows:
            _write(session, rows, sorted(set(rows[0]) - {"look", "expected_since", "last_ok_at"}))

    def _row(self, look: str, epoch: int, pulse: Pulse, now: float) -> dict[str, object]:
        def moment(at: float | None) -> ColumnElement[object] | None:
            if at is None:
                return None
            return func.clock_timestamp() - timedelta(seconds=now - at)

        return {
            "look": look, "epoch": epoch,
            "late_after_s": int(self._late_after[look].total_seconds()),
            "expected_since": func.clock_timestamp(), "last_ok_at": moment(pulse.ok_at),
            "failures": pulse.failures, "failing_since": moment(pulse.failing_since),
            "failed_at": moment(pulse.failed_at), "failure": pulse.words,
            "needs_person": pulse.needs_person,
        }  # fmt: skip


def _write(session: Session, rows: Sequence[dict[str, object]], changed: Sequence[str]) -> None:
    added = upsert(BeatRow).values(rows)
    new = added.excluded
    session.execute(
        added.on_conflict_do_update(
            index_elements=["look"],
            set_={
                **{name: new[name] for name in changed},
                # One that has not ended well in this process may have in the one before.
                "last_ok_at": func.coalesce(new.last_ok_at, BeatRow.last_ok_at),
            },
        )
    )

"""How long one waits after wrong tries: the more of them, the longer."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # until somebody with the right to unlocks


@dataclass(frozen=True, slots=True)
class Rule:
    """Locks by number of failures, the smallest first; None locks until it is lifted."""

    locks: tuple[tuple[int, timedelta | None], ...]
    forgotten_after: timedelta  # without a further failure


# reliability.md 11: five wrong, one minute; ten, a quarter of an hour; fifteen, the supervisor.
PIN = Rule(
    ((5, timedelta(minutes=1)), (10, timedelta(minutes=15)), (15, None)), timedelta(hours=12)
)
# A stranger may try a user's name: never lock for good, or he could keep the owner out.
USER = Rule(
    ((5, timedelta(minutes=1)), (10, timedelta(minutes=15)), (15, timedelta(hours=1))),
    timedelta(hours=12),
)
# Behind one address of a mobile operator stand many phones.
NETWORK = Rule(((100, timedelta(minutes=1)), (200, timedelta(minutes=15))), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong tries of one subject so far."""

    failures: int
    last_failed_at: datetime
    locked_until: datetime | None

    def failed(self, rule: Rule, now: datetime) -> "Attempts":
        """These and one more."""
        forgotten = now - self.last_failed_at > rule.forgotten_after
        failures = 1 if forgotten else self.failures + 1
        return Attempts(failures, now, _locked_until(failures, rule, now))

    def forgiven_one(self) -> "Attempts":
        """These without the last: it was right after all."""
        return replace(self, failures=max(0, self.failures - 1), locked_until=None)


def _locked_until(failures: int, rule: Rule, now: datetime) -> datetime | None:
    """A lock falls at each named count, and from the last of them on at every failure."""
    last, longest = rule.locks[-1]
    lock = longest if failures >= last else dict(rule.locks).get(failures, timedelta())
    if lock is None:
        return NEVER
    return now + lock if lock else None

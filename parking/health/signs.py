"""The signs by which one sees whether the service is well, and what each should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parking.health.alarms import Alarm, Beat

INBOX_LATE_S = 600  # reliability.md 16: somebody is called
LEAST_DISK_SHARE = 0.10
MOST_SKEW_S = 60


@dataclass(frozen=True, slots=True)
class Signs:
    """Read from the tables, so every process of the service says the same."""

    inbox_waiting: int
    inbox_oldest_s: float  # how long the oldest callback has waited; 0 when none does
    inbox_dead: int  # callbacks that were given up and need a person
    charges_unknown: int  # whose QR may exist at the gateway though we never saw it
    suspense_balance: int  # rupiah received that are nobody's yet
    ledger_imbalance: int  # rupiah; of today's entries, and always 0
    imports_rejected: int  # today
    unsealed_events: int  # audit events that the chain does not cover yet
    lease_epoch: int  # of the jobs process; 0 before the first
    lease_left_s: float  # negative when nobody holds it
    clock_skew_s: float  # the database's clock less ours
    callbacks: Mapping[tuple[str, ...], int]  # today, by gateway and level
    receipts: Mapping[str, int]  # payments booked for today, by what proved them first
    charges: Mapping[str, int]  # today, by state
    last_ok_age_s: Mapping[str, float]  # by job
    gateways_out: Mapping[tuple[str, ...], bool]  # merchant accounts in use, by gateway and name
    beats: Sequence[Beat] = ()  # of the looks of the jobs process
    alarms: Sequence[Alarm] = ()  # what did not run or come

    @property
    def names_out(self) -> str:
        return ", ".join("/".join(name) for name, is_out in self.gateways_out.items() if is_out)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    is_well: bool
    stops: bool  # whether this process should get no requests while it is not well
    says: str


def checks(signs: Signs, *, schema_is_current: bool, disk_share: float) -> list[Check]:
    """What a probe is told. Late work is told and stops nothing: callbacks must still come in."""
    return [
        Check("database", True, True, "ok"),
        _check("schema", schema_is_current, True, "run `parking db upgrade`"),
        _check("disk", disk_share >= LEAST_DISK_SHARE, True, f"{disk_share:.0%} free"),
        _check(
            "clock", abs(signs.clock_skew_s) <= MOST_SKEW_S, False,
            f"{signs.clock_skew_s:.0f} s off the database's",
        ),
        _check(
            "inbox", signs.inbox_oldest_s <= INBOX_LATE_S, False,
            f"oldest callback waits {signs.inbox_oldest_s:.0f} s",
        ),
        _check("jobs", signs.lease_left_s > 0, False, "no jobs process is running"),
        # The probes of the jobs themselves look at /health/jobs.
        _check(
            "silence", not signs.alarms, False,
            "; ".join(alarm.english for alarm in signs.alarms),
        ),
        # Cash goes on, and callbacks of the others come in.
        _check("gateways", not signs.names_out, False, f"out: {signs.names_out}"),
        _check(
            "ledger", signs.ledger_imbalance == 0, False,
            f"out of balance by {signs.ledger_imbalance} rupiah",
        ),
    ]  # fmt: skip


def _check(name: str, is_well: bool, stops: bool, otherwise: str) -> Check:
    return Check(name, is_well, stops, "ok" if is_well else otherwise)

"""What a reconciliation leaves behind: a run, its discrepancies, and how to ask for them. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from parking.reconciliation.discrepancy import Discrepancy


@dataclass(frozen=True, slots=True)
class Run:
    """A reconciliation of a day. The newest run of a day is what holds."""

    id: int
    business_day: date
    as_of: datetime
    input_hash: str
    result_hash: str
    finished_at: datetime
    summary: dict[str, Any]
    bank_digest: str = ""  # of what the day has to do with the bank; empty: nothing
    look_again: date | None = None  # the day on which time alone may change the result


@dataclass(frozen=True, slots=True)
class Stored:
    """A discrepancy with the day and the run that found it."""

    id: int
    run_id: int
    business_day: date
    what: Discrepancy


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which discrepancies are asked for; empty means all."""

    from_day: date
    to_day: date
    codes: Collection[str] = ()
    owners: Collection[str] = ()
    severities: Collection[str] = ()
    statuses: Collection[str] = ()
    attendants: Collection[int] = ()
    points: Collection[int] = ()
    ours: str = field(default="")

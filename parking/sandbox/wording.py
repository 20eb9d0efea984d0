"""Answers that are worded otherwise than usual, by a fault; each dialect asks here.

A dialect honours these where it answers an inquiry: `money`, `time`, `further`, and
"status_unknown", which it words itself.
"""

from datetime import UTC, datetime
from typing import Any

from parking.business_day import wib
from parking.sandbox.parts import SandboxParts


def money(parts: SandboxParts, order: str, usual: Any) -> Any:
    """The amount as it stands in an answer."""
    fault = parts.faults.holds("answer_money", order)
    return usual if fault is None else fault.value


def time(parts: SandboxParts, order: str, moment: datetime, usual: str) -> str:
    """A time as it stands in an answer."""
    fault = parts.faults.holds("answer_times", order)
    utc = moment.astimezone(UTC)
    return {
        "naive": f"{wib(moment):%Y-%m-%d %H:%M:%S}",
        "wib": f"{wib(moment):%Y-%m-%dT%H:%M:%S}+07:00",
        "utc": f"{utc:%Y-%m-%dT%H:%M:%S}Z",
        "fraction": f"{utc:%Y-%m-%dT%H:%M:%S.%f}Z",
        "broken": "kemarin sore",
    }.get(str(fault.value) if fault else "", usual)


def further(parts: SandboxParts, order: str) -> dict[str, Any]:
    """Fields that nobody has announced."""
    holds = parts.faults.holds("answer_extra_fields", order)
    return {"loyalty": {"points": 3}, "schemaVersion": None, "x_new": ["a"]} if holds else {}

"""Is a closed day still what two persons signed? (M6)"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.reconciliation.closing import store
from parking.reconciliation.closing.close import hash_of

EVERY = timedelta(hours=24)
AT_ONCE = 10  # days in one look
FIGURES = ("totals", "equations")  # of the run, that are signed

log = structlog.get_logger()


def fault_of(session: Session, day: date) -> str:
    """What is not as it was signed; empty when all is. The day must be closed.

    What was booked later has a later posting time and is told apart by it: it is a
    correction, and no change.
    """
    kept = store.closed_row(session, day)
    assert kept is not None  # noqa: S101 - the callers take closed days
    signed = kept.snapshot
    run = store.run(session, kept.run_id)
    now = store.booked(session, day, kept.closed_at)
    for what, differs in (
        ("the snapshot itself", hash_of(signed) != kept.hash),
        (
            "the run",
            {"id": run.id, "input": run.input_hash, "result": run.result_hash} != signed["run"],
        ),
        ("the run's figures", _differs(run.summary, signed)),
        ("the ledger", now != signed["ledger"]),
        ("what its closing booked", store.settled(session, day) != signed.get("settles", [])),
        ("a bank line", any(_is_other(session, match) for match in signed.get("matches", ()))),
        ("the cases", store.followed(session, kept.run_id) != signed["cases"]),
    ):
        if differs:
            return f"{what} of {day} is not what was signed"
    return ""


def _differs(summary: Mapping[str, Any], signed: Mapping[str, Any]) -> bool:
    """Days that were closed before equations were kept have none."""
    return any(summary.get(name, []) != signed[name] for name in FIGURES if name in signed)


def _is_other(session: Session, match: Mapping[str, Any]) -> bool:
    """Whether the bank lines of a frozen match have come to another amount."""
    lines = [int(ref) for kind, ref in match["sides"] if kind == "line"]
    return store.credited(session, lines) != match["credited"]


def faults(session: Session) -> Sequence[str]:
    """What has changed in any closed day: there must be none."""
    found = (fault_of(session, day) for day in store.closed_days(session))
    return [fault for fault in found if fault]


def check_due(sessions: sessionmaker[Session], now: datetime) -> None:
    """Compare closed days that were not compared for a day, some at once; a change is an alarm."""
    with sessions() as session:
        due = store.unchecked(session, now - EVERY, AT_ONCE)
    for day in due:
        with sessions.begin() as session:
            fault = fault_of(session, day)
            store.note_check(session, day, now, fault)
            if fault:
                record(session, now, "job:closed-days", "day.changed", f"day:{day}", reason=fault)
                log.error("a closed day has changed", day=day.isoformat(), fault=fault)

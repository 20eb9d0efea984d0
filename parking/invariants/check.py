"""Check every invariant of money, over one snapshot of the tables."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.audit.verify import verify
from parking.invariants import cash_store as cash
from parking.invariants import flow_store as flow
from parking.invariants import money_store as money
from parking.invariants.invariant import Invariant, Verdict, told, verdict
from parking.reconciliation.closing.verify import faults

M6 = Invariant("M6", "a closed day is what two persons signed")
M12 = Invariant("M12", "the audit chain verifies from its beginning")
M15 = Invariant(
    "M15", "every object shown is inside its user's scope",
    why="no table shows it: the tests try every route with another's objects",
)  # fmt: skip
M18 = Invariant(
    "M18", "what is refused changes nothing",
    why="no table shows it: the tests compare the tables before and after",
)  # fmt: skip
M19 = Invariant(
    "M19", "exports add up to the ledger",
    why="files are outside: the tests read them back and compare",
)  # fmt: skip
M20 = Invariant(
    "M20", "erasing personal data leaves every total as it is", why="nothing is erased yet"
)

INVARIANTS: Sequence[Invariant] = (
    money.M1, money.M2, flow.M3, money.M4, flow.M5, M6, money.M7, flow.M8, money.M9, money.M10,
    flow.M11, M12, flow.M13, money.M14, M15, flow.M16, cash.M17, M18, M19, M20, money.M21,
    cash.M22,
)  # fmt: skip


def check_all(
    session: Session, now: datetime, tell: Callable[[int], object] = lambda count: None
) -> list[Verdict]:
    """A verdict on each invariant, in order; the session's transaction must be its first use.

    All are judged over the same snapshot, so work that goes on meanwhile disturbs
    nothing. `tell` is called after each.
    """
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    verdicts = []
    for invariant in INVARIANTS:
        verdicts.append(_judge(session, invariant, now))
        tell(1)
    return verdicts


def _judge(session: Session, invariant: Invariant, now: datetime) -> Verdict:
    if invariant is M6:
        return told(M6, faults(session))
    return _chain(session) if invariant is M12 else _check(session, invariant, now)


def _check(session: Session, invariant: Invariant, now: datetime) -> Verdict:
    at_fault: list[str] = []
    for query in invariant.queries:
        values = {"now": now} if ":now" in query else {}
        at_fault += session.scalars(text(query), values)
    return verdict(invariant, at_fault)


def _chain(session: Session) -> Verdict:
    broken = verify(session).broken
    if broken is None:
        return told(M12, ())
    return told(M12, (f"event {broken.seq}: {broken.why}" if broken.seq else broken.why,))
